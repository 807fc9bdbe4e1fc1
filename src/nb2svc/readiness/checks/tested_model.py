"""OPS-03: the model code learns what can be learned, nothing from labels of other rows, and survives being saved."""

from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome

# Of eight rows that it saw forty times each, an estimator should know so much (share of labels, or R²).
BY_HEART = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTests:
    """New estimators of the served one's kind, fitted on few of the notebook's rows.

    `toy` says whether it fitted and answered, `same` whether it came back from the project's artifacts, `tiny` how much of eight
    rows it learned by heart. `shuffled` and `true` are scores on `apart` rows after fitting `rows` with labels of other rows and
    with their own: the area under the ROC curve, of a regressor R². `bound` is where chance ends.
    `absent` says why there is nothing to fit, `problem` why it could not be tried.
    """

    kind: str = ""
    toy: bool = False
    same: bool = False
    tiny: float = 0.0
    shuffled: float = 0.0
    true: float = 0.0
    bound: float = 0.0
    rows: int = 0
    apart: int = 0
    absent: str = ""
    problem: str = ""


def judge_model_tests(run: ModelTests) -> Outcome:
    """Pass where all four tests hold; a warning where the estimator can't learn even a few rows by heart."""
    if run.absent:
        return Outcome(status="not_applicable", sentence=f"No model code to test: {run.absent}.")
    if run.problem:
        return Outcome(
            status="not_evaluated",
            sentence=f"The model code was not tested: {run.problem}.",
            next_action="Fit the notebook's estimator on a few rows by hand.",
        )
    details = _details(run)
    for wrong, sentence, action in _faults(run):
        if wrong:
            return Outcome(status="fail", sentence=sentence, next_action=action, details=details)
    measure = _measure(run)
    found = (
        f"{measure} {run.shuffled:.2f} with shuffled labels and {run.true:.2f} with their own (chance ends at {run.bound:.2f})"
    )
    if run.tiny < BY_HEART:
        return Outcome(
            status="warn",
            sentence=f"The estimator learns only {run.tiny:.0%} of eight rows by heart; else as it should: {found}.",
            next_action="See whether the model is regularised more than you meant.",
            details=details,
        )
    return Outcome(
        status="pass",
        sentence=f"A new estimator fits a toy set, learns eight rows by heart ({run.tiny:.0%}) and comes back from its file;"
        f" {found}.",
        details=details,
    )


def _faults(run: ModelTests) -> tuple[tuple[bool, str, str], ...]:
    measure, end = _measure(run), f" (chance ends at {run.bound:.2f})"
    return (
        (
            not run.toy,
            "A new estimator fitted on a few rows does not give one answer a row.",
            "Look at what the estimator's predict returns for a few rows.",
        ),
        (
            not run.same,
            "A new estimator answers otherwise after it was saved and loaded.",
            "Look for what the estimator holds outside its fitted attributes.",
        ),
        (
            run.shuffled > run.bound,
            f"Fitted with the labels of other rows, it tells more than chance on rows apart: {measure} {run.shuffled:.2f}{end}.",
            "Look for rows that stand twice, and for an answer that stands among the features.",
        ),
        (
            run.true <= run.bound,
            f"With its own labels it tells no more than chance on {run.apart:,} rows apart: {measure} {run.true:.2f}{end}.",
            "Compare the model with a constant answer before anybody relies on it.",
        ),
    )


def _measure(run: ModelTests) -> str:
    return "AUC" if run.kind == "classifier" else "R²"


def _details(run: ModelTests) -> tuple[tuple[str, str], ...]:
    return (
        ("fit on a toy set", "one answer a row" if run.toy else "failed"),
        ("saved and loaded", "equal answers" if run.same else "other answers"),
        ("eight rows by heart", f"{run.tiny:.2f}"),
        (f"{_measure(run)} with shuffled labels", f"{run.shuffled:.3f} on {run.apart:,} rows apart (at most {run.bound:.3f})"),
        (f"{_measure(run)} with their own labels", f"{run.true:.3f} after {run.rows:,} rows"),
    )
