"""A validation as a page to keep: the verdict, metrics and time by parameter, what each check said in each run.

It loads nothing and runs nothing. Each picture has its table; what went badly is a word and a shape, never a colour alone.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from nb2svc.ir.judgement import Comparison, Interval, JudgedMetric, Judgement, LevelMean, ParameterEffect
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.reports.failures import failures
from nb2svc.reports.multiples import Multiples, Panel
from nb2svc.reports.pictures import INTERVALS, Column, Point, picture, span_of
from nb2svc.reports.segment_page import segment_part
from nb2svc.validate.checking import failing_words
from nb2svc.validate.compared import metric_name
from nb2svc.validate.judge import ended_runs, finite, label, varying
from nb2svc.validate.moves import effects, given
from nb2svc.validate.paths import told_paths
from nb2svc.validate.ranges import range_of
from nb2svc.validate.segments.judging import failed_only_in
from nb2svc.validate.service.outcome import differs_only, said
from nb2svc.validate.units import interval_of
from nb2svc.validate.verdict import judge

Number = Callable[[RunResult], float | None]

MOST_RUNS = 500
_SECONDS = Interval(low=0.0, high=math.inf)
SIGNS = {"pass": "✓", "fail": "✗", "error": "!", "not_reached": "-"}
WORDS = {"pass": "pass", "fail": "failed", "error": "error", "not_reached": "not reached"}
ENDS = {
    "ok": "✓ ok",
    "failed": "✗ failed a check",
    "error": "! broke",
    "timeout": "! took too long",
    "died": "! died",
    "not_run": "- not run",
}
SERVICES = {
    "pass": "✓ answers alike",
    "warn": "! alike but for knife edges",
    "fail": "✗ differs",
    "not_evaluated": "- not compared",
}
VERDICTS = {"pass": "✓ pass", "warn": "! pass, with a warning", "fail": "✗ fail", "open": "- can't be told"}
GATES = {"pass": "✓ open", "warn": "! open, with a warning", "fail": "✗ closed", "open": "- can't be told"}
COMPARED = {"no_worse": "✓ no worse", "worse": "✗ worse", "open": "- can't be told"}


def validation_page(validation: Validation, notebook: Notebook) -> str:
    """The page, as HTML."""
    judgement = validation.judgement or judge(validation)
    names = varying(run.spec for run in validation.runs)
    services = [(label(run.spec, names), run.service) for run in validation.runs[:MOST_RUNS] if run.service is not None]
    page: str = (
        _environment()
        .get_template("validation_page.html.j2")
        .render(
            validation=validation,
            judgement=judgement,
            metrics=[_metric(metric, validation, judgement) for metric in judgement.metrics if not metric.summary.segment],
            segments=segment_part(validation, judgement),
            timing=_timing(validation),
            checks=[check for check in judgement.checks if not check.count.segment],
            runs=[(label(run.spec, names), run) for run in validation.runs[:MOST_RUNS]],
            services=services,
            left=max(0, len(validation.runs) - MOST_RUNS),
            failures=failures(validation, notebook, names),
            paths=told_paths(validation),
            reused=sum(run.reused for run in validation.runs),
            cell=lambda number: notebook.cell(number).title,
        )
    )
    return page


def _metric(metric: JudgedMetric, validation: Validation, judgement: Judgement) -> Multiples:
    summary = metric.summary
    title = summary.name

    def number(run: RunResult) -> float | None:
        told = run.metric(summary.name)
        return told.value if told is not None else None

    compared = _compared(judgement, metric)
    values = (value for run in ended_runs(validation) if (value := number(run)) is not None)
    baseline = compared.baseline_mean if compared else None
    return Multiples(
        title=title,
        told=_told(metric),
        panels=tuple(
            _panels(title, number, validation, effects=metric.parameters, baseline=baseline, limits=range_of(title, values))
        ),
        note=metric.shares_note,
        baseline=baseline,
    )


def _compared(judgement: Judgement, metric: JudgedMetric) -> Comparison | None:
    own = (metric.summary.name, metric.summary.segment)
    return next((one for one in judgement.comparisons if (one.metric, one.segment) == own), None)


def _told(metric: JudgedMetric) -> str:
    summary = metric.summary
    if summary.mean is None:
        return "no run told a number"
    parts = [f"mean {summary.mean:.4g}"]
    if metric.interval is not None:
        parts.append(f"with 95 % confidence between {metric.interval.low:.4g} and {metric.interval.high:.4g}")
    parts += [metric.interval_note] if metric.interval_note else []
    parts += [f"spread {summary.spread:.4g}"] if summary.spread is not None else []
    parts += [f"from {summary.low:.4g} to {summary.high:.4g}"] if summary.count > 1 else []
    parts.append(f"in {summary.count} run{'s' if summary.count != 1 else ''}")
    parts += [f"{summary.special} not finite"] if summary.special else []
    parts += [f"{summary.missing} without it"] if summary.missing else []
    return ", ".join(parts)


def _timing(validation: Validation) -> Multiples | None:
    """How long the runs took; those that an earlier command made tell their own time."""
    runs = ended_runs(validation)
    told = [(run, run.seconds) for run in runs if run.seconds > 0]
    if not told:
        return None
    found, note = effects(told, runs, validation.defaults, limits=_SECONDS)
    panels = _panels("seconds", lambda run: run.seconds or None, validation, effects=found, baseline=None, limits=_SECONDS)
    total = sum(seconds for _, seconds in told)
    slowest = max(seconds for _, seconds in told)
    text = f"{total:.0f} s in all runs together, at most {slowest:.1f} s in one"
    return Multiples(title="time", told=text, panels=tuple(panels), note=note, baseline=None)


def _panels(
    title: str,
    number: Number,
    validation: Validation,
    *,
    effects: Sequence[ParameterEffect],
    baseline: float | None,
    limits: Interval | None,
) -> Iterator[Panel]:
    told = [(run, value) for run in ended_runs(validation) if (value := number(run)) is not None]
    # Of one run the number itself says all.
    if len(told) < 2:
        return
    names = varying(run.spec for run in validation.runs)
    own = {each.name: each.shown for each in validation.defaults}
    # One scale for all parameters: how far each moves the number is seen side by side.
    # What moves it most comes first.
    ranked = sorted(effects, key=lambda effect: -(effect.share or 0.0))
    shown = ranked or [_all_runs([(run.spec, value) for run, value in told], limits)]
    drawn = [level for effect in shown if len(effect.levels) <= INTERVALS for level in effect.levels]
    ends = [end for level in drawn if level.interval for end in (level.interval.low, level.interval.high)]
    span = span_of([*(value for _, value in told), *([baseline] if baseline is not None else [])], about=ends)
    for effect in shown:
        groups: dict[str, list[Point]] = {}
        for run, value in told:
            key = given(run, effect.parameter, own) if effects else effect.levels[0].value
            groups.setdefault(key, []).append(Point(value=value, well=run.status == "ok", label=label(run.spec, names)))
        columns = [
            Column(label=level.value, points=tuple(groups.get(level.value, ())), mean=level.mean, interval=level.interval)
            for level in effect.levels
        ]
        by = f"{title} by {effect.parameter}" if effects else f"{title} in all runs"
        svg = picture(
            columns, title=f"{by}; the table beside it has the numbers", axis=effect.parameter, span=span, baseline=baseline
        )
        # The picture escapes what it was given.
        yield Panel(parameter=effect.parameter, share=effect.share, svg=Markup(svg), levels=effect.levels)  # noqa: S704


def _all_runs(told: Sequence[tuple[RunSpec, float]], limits: Interval | None) -> ParameterEffect:
    mean = finite(statistics.fmean, [value for _, value in told])
    whole = LevelMean(value="all runs", count=len(told), mean=mean, interval=interval_of(told, limits=limits))
    return ParameterEffect(parameter="", share=None, levels=(whole,))


def _ended(run: RunResult) -> str:
    if segments := failed_only_in(run):
        return f"✗ failed in {segments}"
    return "✗ its service differs" if differs_only(run) else ENDS[run.status]


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("nb2svc", "reports"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        serviced=SERVICES,
        said=said,
        ended=_ended,
        signs=SIGNS,
        words=WORDS,
        verdicts=VERDICTS,
        compared=COMPARED,
        gates=GATES,
        failing=failing_words,
        named=metric_name,
    )
    # A long name breaks between its words.
    environment.filters["parts"] = lambda name: Markup("_<wbr>").join(name.split("_"))
    environment.filters["short"] = lambda value: "-" if value is None else f"{value:.4g}"
    return environment
