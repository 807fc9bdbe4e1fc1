"""NB237 (refusal): a module that the answer needs may be found through `sys.path` only.

What it finds: `sys.path.append("..")` before an import that a feature cell or the answer uses, of no well-known package.

Why it matters: a service has no such folder. The modules that lie beside the notebook go with the project, and are found without.

Example:

    import sys

    sys.path.insert(0, "src")
    from cleaning import tidy
    # %%
    # nb2svc: feature loans
    X, y = tidy(loans[["age", "score"]]), loans["rate"]

Fix: put the module beside the notebook, or install it, and delete the line.

    from cleaning import tidy
    # %%
    # nb2svc: feature loans
    X, y = tidy(loans[["age", "score"]]), loans["rate"]

Related: NB236
"""

from collections.abc import Iterator

from nb2svc.ir.finding import Finding
from nb2svc.rules.context import SERVED, Context

CODE = "NB237"


def check(context: Context) -> Iterator[Finding]:
    """One finding for each line that changes where the modules of the answer are looked for."""
    for _, effect in context.effects("library_state", *SERVED):
        if effect.detail.startswith("sys.path."):
            yield Finding(
                code=CODE,
                severity="refusal",
                message=f"`{effect.detail}(…)` changes where modules are found that the answer needs: "
                "a service has no such folder.",
                remedy="Put the modules into the notebook's folder, which the project takes along, or install them; then delete "
                "this line.",
                span=effect.span,
            )
