"""BIZ-05: the model is better than a constant answer, a rule of one line and a linear model, on the rows that were held out."""

from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome, counted, listed

_CALLED = {"constant": "constant answer", "rule": "rule of one line", "linear": "linear model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """By how much the model is better than a simpler one of that `name`, with `score`; 95 of 100 draws of rows lie between."""

    name: str
    score: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimplerModels:
    """The model's score on `rows` held-out rows, more is better, and its gains over simpler ones.

    `linear` says that it is a linear model itself; `left` are columns that a linear model could not take. `itself` is the
    constant answer in the model's place. `problem` says why nothing was compared.
    """

    measure: str = ""
    rows: int = 0
    model: float = 0.0
    linear: bool = False
    gains: tuple[Gain, ...] = ()
    itself: Gain | None = None
    left: tuple[str, ...] = ()
    problem: str = ""


def judge_simpler_models(run: SimplerModels) -> Outcome:
    """Pass where it is shown to be better than each; a warning where a linear model may do as well."""
    if run.problem:
        return Outcome(
            status="not_evaluated",
            sentence=f"The model was not compared with simpler ones: {run.problem}.",
            next_action="Compare the model with a constant, a one-line rule and a linear model on the held-out rows.",
        )
    found = {gain.name: gain for gain in run.gains}
    constant, linear = found["constant"], found.get("linear")
    details = _details(run)
    rows = f"on {counted(run.rows, 'held-out row')}"
    if constant.low <= 0:
        sentence = f"The model is not shown to be better than a constant answer {rows}: {_told(run, constant)}."
        return Outcome(status="fail", sentence=sentence, next_action="Hold out more rows, or use no model.", details=details)
    beats = f"The model is better than a constant answer {rows}: {_told(run, constant)}"
    rule = found.get("rule")
    if rule is not None and rule.low <= 0:
        sentence = f"{beats}. It is not shown to be better than a rule of one line: {_told(run, rule)}."
        action = "Look at the one column that tells as much, or hold out more rows."
        return Outcome(status="warn", sentence=sentence, next_action=action, details=details)
    if run.linear:
        return Outcome(status="pass", sentence=f"{beats}; it is a linear model itself.", details=details)
    if linear is None:
        why = f"no linear model could be made of {listed(run.left) or 'its columns'}"
        action = "Compare it with a simpler model by hand."
        return Outcome(status="warn", sentence=f"{beats}; {why}.", next_action=action, details=details)
    if linear.low <= 0:
        sentence = f"{beats}. It is not shown to be better than a linear model: {_told(run, linear)}."
        action = "Try a linear model, which is easier to explain and to keep; or hold out more rows."
        return Outcome(status="warn", sentence=sentence, next_action=action, details=details)
    return Outcome(status="pass", sentence=f"{beats}; than a linear model: {_told(run, linear)}.", details=details)


def _told(run: SimplerModels, gain: Gain) -> str:
    """`AUC 0.81 to 0.50, between 0.25 and 0.37 more`; of an error that is less."""
    model, score, low, high = run.model, gain.score, gain.low, gain.high
    word = "better"
    if run.measure.endswith("error"):
        model, score = -model, -score
    return f"{run.measure} {model:.3g}, not {score:.3g}; {low:.2g} to {high:.2g} {word} is likely"


def _details(run: SimplerModels) -> tuple[tuple[str, str], ...]:
    facts = [(f"against a {_CALLED[gain.name]}", _told(run, gain)) for gain in run.gains]
    facts += [("columns that the linear model leaves out", listed(run.left, most=8))] if run.left and len(run.gains) > 1 else []
    return tuple(facts)
