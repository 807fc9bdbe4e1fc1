"""The part of a validation's page about segments: each metric by the segments of a column, with rows, checks and the worst."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from nb2svc.ir.judgement import CheckCount, JudgedMetric, JudgedSegment, Judgement, LevelMean, WorstSegment
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.reports.multiples import Multiples, Panel
from nb2svc.reports.pictures import Column, Point, picture, span_of
from nb2svc.validate.judge import ended_runs, label, varying


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A segment with what each check came to on it; None where it has none."""

    segment: JudgedSegment
    checks: tuple[CheckCount | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPart:
    """What the page says of segments."""

    multiples: tuple[Multiples, ...]
    checks: tuple[str, ...]
    rows: tuple[Row, ...]
    found: tuple[tuple[str, str], ...]
    untouched: tuple[str, ...]
    untold: tuple[tuple[str, str], ...]


def segment_part(validation: Validation, judgement: Judgement) -> SegmentPart | None:
    """The part; None where there are no segments."""
    if not judgement.segments:
        return None
    divided = [run.segments for run in validation.runs if run.segments is not None]
    counts = {(check.count.name, check.count.segment): check.count for check in judgement.checks if check.count.segment}
    checks = tuple(dict.fromkeys(name for name, _ in counts))
    rows = tuple(Row(segment=one, checks=tuple(counts.get((name, one.segment)) for name in checks)) for one in judgement.segments)
    return SegmentPart(
        multiples=tuple(_multiples(validation, judgement)),
        checks=checks,
        rows=rows,
        found=tuple(dict.fromkeys(pair for one in divided for pair in one.found)),
        untouched=tuple(dict.fromkeys(name for one in divided for name in one.untouched)),
        untold=tuple(dict.fromkeys(_untold(validation))),
    )


def _multiples(validation: Validation, judgement: Judgement) -> Iterator[Multiples]:
    worst = {one.metric: one for one in judgement.worst}
    of_all = {one.summary.name: one.summary.mean for one in judgement.metrics if not one.summary.segment}
    for name in dict.fromkeys(one.summary.name for one in judgement.metrics if one.summary.segment):
        told = [one for one in judgement.metrics if one.summary.name == name and one.summary.segment]
        whole = of_all.get(name)
        found = worst.get(name)
        panels = tuple(_panels(name, told, validation, whole=whole, worst=found.segment if found else ""))
        if panels:
            yield Multiples(title=name, told=_worst(found), panels=panels, note="", baseline=None)


def _worst(one: WorstSegment | None) -> str:
    if one is None:
        return "no segment has a number"
    if not one.runs:
        return "which segment is worst can't be told: no run has a number of each"
    whole = f"; on all held-out rows {one.whole:.4g}" if one.whole is not None else ""
    whole += f"; over the {one.runs} of {one.of} runs with a number of each segment" if one.runs < one.of else ""
    if not one.segment or one.mean is None:
        return f"lowest in {one.lowest}, highest in {one.highest}{whole}; which is better is not known"
    interval = f", with 95 % confidence between {one.interval.low:.4g} and {one.interval.high:.4g}" if one.interval else ""
    return f"worst in {one.segment}: mean {one.mean:.4g}{interval}{whole}"


def _panels(
    name: str, told: Sequence[JudgedMetric], validation: Validation, *, whole: float | None, worst: str
) -> Iterator[Panel]:
    runs, names = ended_runs(validation), varying(run.spec for run in validation.runs)
    points = {one.summary.segment: tuple(_points(runs, name, one.summary.segment, names)) for one in told}
    ends = [end for one in told if one.interval for end in (one.interval.low, one.interval.high)]
    span = span_of(
        [*(point.value for each in points.values() for point in each), *([whole] if whole is not None else [])], about=ends
    )
    for column in validation.segments:
        own = [one for one in told if one.summary.segment.startswith(f"{column}=")]
        if not any(points[one.summary.segment] for one in own):
            continue
        columns = [
            Column(
                label=one.summary.segment.removeprefix(f"{column}="),
                points=points[one.summary.segment],
                mean=one.summary.mean,
                interval=one.interval,
                marked=one.summary.segment == worst,
            )
            for one in own
        ]
        title = f"{name} by the segments of {column}; the table beside it has the numbers"
        svg = picture(columns, title=title, axis=column, span=span, baseline=whole)
        levels = tuple(
            LevelMean(value=each.label, count=len(each.points), mean=each.mean, interval=each.interval) for each in columns
        )
        least = next((each.label for each in columns if each.marked), "")
        # The picture escapes what it was given.
        yield Panel(parameter=column, share=None, svg=Markup(svg), levels=levels, worst=least)  # noqa: S704


def _points(runs: Sequence[RunResult], name: str, segment: str, names: frozenset[str]) -> Iterator[Point]:
    for run in runs:
        metric = run.metric(name, segment)
        if metric is not None and metric.value is not None:
            well = not any(check.outcome in ("fail", "error") for check in run.checks if check.segment == segment)
            yield Point(value=metric.value, well=well, label=label(run.spec, names))


def _untold(validation: Validation) -> Iterator[tuple[str, str]]:
    """What is not known of a segment, and why; the same of many runs once."""
    for run in validation.runs:
        for check in run.checks:
            if check.segment and check.outcome == "not_reached":
                yield f"{check.name} [{check.segment}]", check.message
        for metric in run.metrics:
            if metric.segment and metric.note:
                yield f"{metric.name} [{metric.segment}]", metric.note
