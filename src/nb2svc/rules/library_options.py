"""NB228 (info): an option of a library is kept.

What it finds: `set_option`, `set_config`, `np.seterr` and the like, and values stored in `os.environ`, where they can change
what the model answers. Options that only change how things are shown are not meant.

Why it matters: they hold for the whole process. The service sets them when it starts, as the notebook does.

Example:

    import sklearn

    sklearn.set_config(transform_output="pandas")

Fix: nothing, if it is meant; else remove the line, and say it where it is needed.

    from sklearn.preprocessing import StandardScaler
    # %%
    # nb2svc: feature loans
    scaler = StandardScaler().set_output(transform="pandas")
    X, y = scaler.fit_transform(loans[["age", "score"]]), loans["rate"]
"""

from collections.abc import Iterator

from nb2svc.analysis.prelude import sets_answering_state
from nb2svc.ir.finding import Finding
from nb2svc.rules.context import Context

CODE = "NB228"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each option that the service keeps."""
    for statement, effect in context.effects("library_state"):
        if sets_answering_state(context.index, statement.number):
            yield Finding(
                code=CODE,
                severity="info",
                message=f"`{effect.detail}` can change what the model answers, so the service sets it when it starts.",
                remedy="Remove the line if the answer does not need it.",
                span=effect.span,
            )
