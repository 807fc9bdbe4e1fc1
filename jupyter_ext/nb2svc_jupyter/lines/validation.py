"""The document of a validation → what the notebook shows of it: the verdict, then checks, metrics and runs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nb2svc_jupyter.lines.parts import Part, Row, Told, told

if TYPE_CHECKING:
    from nb2svc.ir.judgement import CheckCount, Judgement, MetricSummary
    from nb2svc.ir.validation import RunResult, RunStatus, Validation

_MOST = 40
_WORDS: "Mapping[RunStatus, tuple[str, str]]" = {
    "ok": ("good", "ok"),
    "failed": ("bad", "failed a check"),
    "error": ("bad", "broke"),
    "timeout": ("bad", "took too long"),
    "died": ("bad", "died"),
    "not_run": ("open", "not run"),
}
_OUTCOMES = {
    "pass": ("good", "It passes."),
    "warn": ("warning", "It passes, with a warning."),
    "fail": ("bad", "It does not pass."),
    "open": ("open", "It can't be told."),
}


def validation_told(document: Mapping[str, Any], cells: Mapping[int, str]) -> Told:
    """What all runs say together first; each run is folded."""
    from nb2svc.ir.codec import from_json
    from nb2svc.ir.validation import Validation
    from nb2svc.validate.judge import check_counts, metric_summaries

    validation = from_json(Validation, document["validation"])
    parts = [
        *(_verdict(validation.judgement) if validation.judgement else ()),
        Part(title="Checks", rows=tuple(_check(count) for count in check_counts(validation))),
        Part(title="Metrics", rows=tuple(_metric(summary) for summary in metric_summaries(validation))),
        Part(title="Runs", rows=tuple(_runs(validation)), folded=all(run.status == "ok" for run in validation.runs)),
    ]
    end = Part(title="", rows=(Row(head="wrote", text="", code=document["output"]),))
    return told([_headline(validation)], [*parts, end], cells=cells)


def _headline(validation: "Validation") -> str:
    counts, total = validation.counts(), len(validation.runs)
    said = ", ".join(f"{counts[status]} {word}" for status, (_, word) in _WORDS.items() if counts.get(status))
    stopped = ". Interrupted: the same line goes on from there" if validation.interrupted else ""
    return f"{total} run{'s' if total != 1 else ''}: {said}{stopped}."


def _verdict(judgement: "Judgement") -> Iterator[Part]:
    state, sentence = _OUTCOMES[judgement.outcome]
    yield Part(title="Verdict", rows=(Row(state=state, text=sentence), *(Row(text=reason) for reason in judgement.reasons)))


def _check(count: "CheckCount") -> Row:
    told_of = [(count.failed, "failed"), (count.errors, "could not be evaluated"), (count.not_reached, "not reached")]
    said = [
        f"cell {count.cell}: {count.passed} of {count.runs} passed",
        *(f"{number} {word}" for number, word in told_of if number),
    ]
    bad, seen = count.failed or count.errors, count.passed == count.runs
    return Row(state="bad" if bad else "good" if seen else "open", head=count.name, text=", ".join(said))


def _metric(summary: "MetricSummary") -> Row:
    name = f"{summary.name} [{summary.segment}]" if summary.segment else summary.name
    if summary.mean is None:
        return Row(state="open", head=name, text="no number")
    spread = f", spread {summary.spread:.4g}, from {summary.low:.4g} to {summary.high:.4g}" if summary.spread is not None else ""
    odd = [f"{summary.special} not finite"] if summary.special else []
    odd += [f"{summary.missing} without it"] if summary.missing else []
    return Row(head=name, text="; ".join([f"mean {summary.mean:.4g}{spread}, in {summary.count}", *odd]))


def _runs(validation: "Validation") -> Iterator[Row]:
    from nb2svc.validate.judge import label, varying

    names = varying(run.spec for run in validation.runs)
    # Those that are not well are looked for.
    ordered = sorted(validation.runs, key=lambda run: run.status == "ok")
    for run in ordered[:_MOST]:
        state, word = _WORDS[run.status]
        yield Row(state=state, head=label(run.spec, names), text=word, below="; ".join(_why(run)))
    if len(ordered) > _MOST:
        yield Row(text=f"… and {len(ordered) - _MOST} more in validation.json")


def _why(run: "RunResult") -> Iterator[str]:
    for check in run.checks:
        if check.outcome in ("fail", "error"):
            line = f", line {check.line}" if check.line else ""
            values = f" ({', '.join(f'{text} = {value}' for text, value in check.values)})" if check.values else ""
            yield f"cell {check.cell}{line}, {check.name}: {check.message}{values}"
    if run.failure is not None:
        yield run.failure.what
