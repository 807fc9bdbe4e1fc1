"""What a validation prints at its end: runs, checks, metrics, and where it failed.

runs     4: 2 ok, 2 failed a check      floor=0.9 in all
           seed=1 model='lr'  failed   auc 0.865   40 s
checks     good_auc  2 of 4 passed
metrics    auc  mean 0.8911  spread 0.0262  from 0.865 to 0.9151  in 4 runs
failed     seed=1 model='lr'  cell 6 "good_auc", line 2: the model is too weak (roc_auc_score(y_test, p) = 0.865, floor = 0.9)
"""

import ast
from collections.abc import Iterator, Mapping

from nb2svc.cli.by_segment import segment_blocks
from nb2svc.cli.judgement import judgement_blocks, verdict_block
from nb2svc.cli.serviced import service_block, service_failure, service_word
from nb2svc.cli.table import first_line, section
from nb2svc.ir.judgement import CheckCount, MetricSummary
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import CheckOutcome, MetricValue, RunResult, RunStatus, Validation
from nb2svc.system.clock import readable
from nb2svc.validate.folder import VALIDATION
from nb2svc.validate.judge import check_counts, label, metric_summaries, varying
from nb2svc.validate.paths import told_paths
from nb2svc.validate.segments.judging import failed_only_in
from nb2svc.validate.service.outcome import differs_only

_WORDS: Mapping[RunStatus, str] = {
    "ok": "ok",
    "failed": "failed a check",
    "error": "broke",
    "timeout": "took too long",
    "died": "died",
    "not_run": "not run",
}
_OTHERWISE = "with another answer of the service"
_IN_A_SEGMENT = "failed in a segment"
_MOST = 40
_FAILURES = 12
_WIDEST = 200


def render_validation(validation: Validation, notebook: Notebook, *, folder: str) -> str:
    """The summary as text; `folder` is where the runs lie, as a person would type it."""
    names = varying(run.spec for run in validation.runs)
    blocks = [
        _headline(validation, names),
        _runs(validation, names),
        section("checks", [_check(count, notebook) for count in check_counts(validation) if not count.segment]),
        section("metrics", [_metric(summary) for summary in metric_summaries(validation) if not summary.segment]),
        *(segment_blocks(validation, validation.judgement) if validation.judgement else ()),
        service_block(validation),
        *(judgement_blocks(validation.judgement) if validation.judgement else ()),
        _failures(validation, notebook, names),
        verdict_block(validation.judgement) if validation.judgement else "",
        _end(validation, notebook, folder),
    ]
    return "\n\n".join(block for block in blocks if block)


def _headline(validation: Validation, names: frozenset[str]) -> str:
    ended = [_ended(run) for run in validation.runs]
    # Each run has its segments beside it; here it counts that there are some.
    words = [_IN_A_SEGMENT if failed_only_in(run) else word for run, word in zip(validation.runs, ended, strict=True)]
    told = ", ".join(f"{words.count(word)} {word}" for word in (*_WORDS.values(), _IN_A_SEGMENT, _OTHERWISE) if word in words)
    total = len(validation.runs)
    reused = sum(run.reused for run in validation.runs)
    head = f"{validation.notebook}: {total} run{'s' if total != 1 else ''}, {told}"
    head += f" ({reused} of them made before)" if reused else ""
    first = validation.runs[0].spec
    common = [f"{each.name}={each.shown}" for each in first.parameters if each.name not in names]
    return head + (f"\nin all runs: {' '.join(common)}" if common else "")


def _runs(validation: Validation, names: frozenset[str]) -> str:
    metrics = [summary.name for summary in metric_summaries(validation) if not summary.segment][:4]
    asked = any(run.service is not None for run in validation.runs)
    rows = [
        (
            label(run.spec, names),
            _ended(run),
            *(_value(run.metric(name)) for name in metrics),
            *((service_word(run),) if asked else ()),
            readable(run.seconds) if run.seconds else "",
            f"{run.memory / 2**20:.0f} MB" if run.memory else "",
            run.folder,
        )
        for run in validation.runs
    ]
    more = f"\n  … and {len(rows) - _MOST} more in {VALIDATION}" if len(rows) > _MOST else ""
    heads = [("", "", *metrics, *(("",) if asked else ()), "", "", "")] if metrics else []
    return section("runs", [*heads, *rows[:_MOST]]) + more


def _ended(run: RunResult) -> str:
    if segments := failed_only_in(run):
        return f"failed in {segments}"
    return _OTHERWISE if differs_only(run) else _WORDS[run.status]


def _check(count: CheckCount, notebook: Notebook) -> tuple[str, ...]:
    told = [f"{count.passed} of {count.runs} passed"]
    told += [f"{count.failed} failed"] if count.failed else []
    told += [f"{count.errors} could not be evaluated"] if count.errors else []
    told += [f"{count.not_reached} not reached"] if count.not_reached else []
    return (count.name, f"cell {notebook.cell(count.cell).number}", ", ".join(told))


def _metric(summary: MetricSummary) -> tuple[str, ...]:
    odd = [f"{summary.special} not finite"] if summary.special else []
    odd += [f"{summary.missing} without it"] if summary.missing else []
    counted = f"in {summary.count} run{'s' if summary.count != 1 else ''}" + (f" ({', '.join(odd)})" if odd else "")
    name = summary.name
    if summary.mean is None:
        return (name, "no number", "", "", counted)
    spread = f"spread {summary.spread:.4g}" if summary.spread is not None else ""
    span = f"from {summary.low:.4g} to {summary.high:.4g}" if summary.count > 1 else ""
    return (name, f"mean {summary.mean:.4g}", spread, span, counted)


def _value(metric: MetricValue | None) -> str:
    if metric is None or (metric.value is None and not metric.special):
        return "-"
    return f"{metric.value:.4g}" if metric.value is not None else metric.special


def _failures(validation: Validation, notebook: Notebook, names: frozenset[str]) -> str:
    told: dict[str, list[str]] = {}
    fixes: dict[str, str] = {}
    for run in validation.runs:
        for text in failure_lines(run, notebook):
            told.setdefault(text, []).append(label(run.spec, names))
            # What stopped the run comes last.
            fixes[text] = run.failure.fix if run.failure else ""
    rows = []
    for text, labels in list(told.items())[:_FAILURES]:
        rows.append((labels[0] + (f" and {len(labels) - 1} more" if labels[1:] else ""), text))
        rows += [("", f"do this: {fixes[text]}")] if fixes[text] else []
    more = f"\n  … and {len(told) - _FAILURES} more in {VALIDATION}" if len(told) > _FAILURES else ""
    return section("not well", rows) + more


def failure_lines(run: RunResult, notebook: Notebook) -> Iterator[str]:
    """Why a run is not well, a line each: its failed checks, then what stopped it."""
    for check in run.checks:
        if check.outcome in ("fail", "error"):
            yield f"{check_place(check, notebook)}: {first_line(check.message)}{_compared(check)}"
    if differs := service_failure(run, notebook):
        yield differs
    if run.failure is not None:
        # What stopped it names its cell already.
        line = f", line {run.failure.line}" if run.failure.line else ""
        tries = f"; tried {run.attempts} times" if run.attempts > 1 else ""
        what = " ".join(run.failure.what.split())
        yield what[:_WIDEST] + ("…" if len(what) > _WIDEST else "") + (f" ({line.lstrip(', ')}{tries})" if line else tries)


def check_place(check: CheckOutcome, notebook: Notebook) -> str:
    """`cell 6 "good_auc", line 2`, with its segment where it is of one."""
    line = f", line {check.line}" if check.line else ""
    return f"{notebook.cell(check.cell).title}{line}" + (f" [{check.segment}]" if check.segment else "")


def _compared(check: CheckOutcome) -> str:
    return f" ({', '.join(f'{text} = {value}' for text, value in check.values)})" if check.values else ""


def _end(validation: Validation, notebook: Notebook, folder: str) -> str:
    lines = list(validation.notes)
    if not any(run.checks or run.metrics for run in validation.runs):
        lines.append(_unjudged(notebook))
    if validation.interrupted:
        lines.append("interrupted: what was finished is kept, and the same command goes on from there")
    lines += [paths] if (paths := told_paths(validation)) else []
    first = next((run for run in validation.runs if run.status not in ("ok", "not_run") and run.folder), None)
    if first is not None:
        lines.append(f"the first that is not well: {folder}/{first.folder}/executed.ipynb")
    lines.append(f"wrote {folder}/{VALIDATION}")
    return "\n".join(lines)


def _unjudged(notebook: Notebook) -> str:
    """What to do where no run said anything: the cell that asserts something already is nearest to a check."""
    cell = next((cell for cell in notebook.cells if cell.role is None and _asserts(cell.code)), None)
    check = f"tag {cell.title}, which has an assertion," if cell else "tag a cell with an assertion"
    return f"nothing was judged: {check} `# nb2svc: check NAME`, or tell a number with nb2svc.metric(name, value)"


def _asserts(code: str) -> bool:
    try:
        return any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code)))
    except SyntaxError:
        return False
