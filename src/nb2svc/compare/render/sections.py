"""A difference as sections, in the words that all forms of the report share.

RequestChange(level="breaking", where="tax_code", …)  →  a row of Section("Request", "1 breaking"), and so on
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nb2svc.compare.model import GROUPS, fact_text
from nb2svc.compare.words import Coded, counted, listed, number, pair, relative
from nb2svc.ir.difference import BuildDifference, CodeChange, Count, FactChange, Predictions, RowDifference, Spread

_FACTS = 12
_REASONS = 6
_INPUTS = 5
_CODE = {"changed": "changed", "added": "new", "removed": "gone", "comments": "other comments", "moved": "moved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Bars: how many rows have what."""

    title: str
    bars: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What changed in a text, line by line."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report: `rows` is a table below `columns`; `lines` are sentences, those that begin with a space belong to the
    one above.
    """

    title: str
    summary: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    patches: tuple[Patch, ...] = ()


def headline(difference: BuildDifference) -> str:
    """The whole in one sentence."""
    found = difference.predictions
    answers = _answers_in_short(found)
    if not _differs(difference):
        return f"no difference{'' if difference.same_files else ' that matters'}; {answers}"
    breaking, stricter = len(difference.of_level("breaking")), len(difference.of_level("stricter"))
    parts = [f"{breaking} breaking"] * bool(breaking) + [f"{stricter} stricter"] * bool(stricter)
    if difference.request_problem:
        parts.append("the request was not compared")
    request = (
        f"{' and '.join(parts)} {'change' if breaking + stricter == 1 else 'changes'} of the request"
        if breaking or stricter
        else ""
    )
    return "; ".join([request or "; ".join(parts) or "no change breaks a caller", answers])


def _differs(difference: BuildDifference) -> bool:
    parts = (difference.request, difference.state, difference.code, difference.model, difference.readiness)
    return any(parts) or bool(difference.predictions.changed) or bool(difference.request_problem)


def _answers_in_short(found: Predictions) -> str:
    if found.status == "not_evaluated":
        return "answers not compared"
    if not found.changed:
        return f"the same answers for {counted(found.rows, 'captured row')}"
    return f"{found.changed:,} of {counted(found.rows, 'answer')} changed"


def sections(difference: BuildDifference) -> tuple[Section, ...]:
    """All sections, in the order in which a reviewer needs them."""
    return (
        _request(difference),
        _predictions(difference.predictions),
        _model(difference.model),
        _state(difference),
        _code(difference),
        _readiness(difference),
        *([Section(title="Notes", summary="", lines=difference.notes)] if difference.notes else []),
    )


def _request(difference: BuildDifference) -> Section:
    if difference.request_problem:
        return Section(title="Request", summary="not compared", lines=(difference.request_problem,))
    counts = [(level, len(difference.of_level(level))) for level in ("breaking", "stricter", "compatible")]
    said = ", ".join(f"{count} {level}" for level, count in counts if count)
    rows = tuple((change.level, change.where, change.what, change.do) for change in difference.request)
    columns = ("", "field", "what changed", "what a caller does")
    return Section(title="Request", summary=said or "unchanged", columns=columns if rows else (), rows=rows)


def _predictions(found: Predictions) -> Section:
    if found.status == "not_evaluated":
        return Section(title="Predictions", summary="not evaluated", lines=(found.note, *found.notes))
    rows = (
        counted(found.rows, "captured row")
        if found.rows == found.total
        else f"{found.rows:,} of {counted(found.total, 'captured row')}"
    )
    summary = f"{found.changed:,} of {found.rows:,} answers changed" if found.changed else "unchanged"
    lines = [f"asked about {rows}"]
    lines += [f"{_counts(found.statuses)}", *([f" {_counts(found.reasons)}"] if found.reasons else [])] if found.statuses else []
    lines += [f"labels: {_counts(found.labels)}"] if found.labels else []
    for each in found.numbers:
        lines.append(_spread(each, each.name or "prediction"))
    moved = [each for each in found.probabilities if each.changed]
    lines += [_spread(each, f"probability of {each.name}") for each in moved]
    lines += ["probabilities: the same"] if found.probabilities and not moved else []
    lines += _as_before(found)
    lines += _inputs(found)
    if found.changed and found.largest:
        lines.append("furthest apart:")
        lines += [line for each in found.largest for line in _row(each)]
    pictures = [_picture(each, each.name or "prediction") for each in found.numbers if each.changed]
    pictures += [_picture(each, f"probability of {each.name}") for each in moved]
    return Section(title="Predictions", summary=summary, lines=(*lines, *found.notes), pictures=tuple(pictures))


def _counts(counts: Sequence[Count]) -> str:
    """`ok → refer: 2 rows, refer → ok: 1 row`."""
    shown = [f"{each.name}: {counted(each.rows, 'row')}" for each in counts[:_REASONS]]
    return ", ".join([*shown, *([f"and {len(counts) - _REASONS} more"] if len(counts) > _REASONS else [])])


def _spread(found: Spread, name: str) -> str:
    if not found.changed:
        return f"{name}: the same {counted(found.compared, 'time')}"
    means = pair(found.old_mean, found.new_mean)
    share = relative(found.old_mean, found.new_mean)
    said = (
        f"{name}: {found.changed:,} of {found.compared:,} changed; mean {means[0]} → {means[1]}{f' ({share})' if share else ''}"
    )
    return f"{said}; largest difference {_signed(found.largest)}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(float(f"{value:.3g}"))


def _picture(found: Spread, name: str) -> Picture:
    same = found.compared - found.changed
    bars = [Count(name="unchanged", rows=same)] * bool(same)
    return Picture(title=f"{name}: new less old", bars=(*found.bins, *bars))


def _as_before(found: Predictions) -> Iterator[str]:
    if found.as_before:
        statuses = ", ".join(f"{each.rows:,} {each.name}" for each in found.as_before)
        yield f"sent as callers of the old build do: {statuses}"
        if found.as_before_reasons:
            yield f" {_counts(found.as_before_reasons)}"


def _inputs(found: Predictions) -> Iterator[str]:
    for words, names in (("new", found.inputs_added), ("gone", found.inputs_removed)):
        if names:
            yield f"model inputs {words}: {listed([Coded(name) for name in names])}"
    if found.inputs_changed:
        shown = ", ".join(f"{_input(each.name)} ({each.rows:,})" for each in found.inputs_changed[:_REASONS])
        more = f" and {len(found.inputs_changed) - _REASONS} more" if len(found.inputs_changed) > _REASONS else ""
        yield f"model inputs that differ in {counted(found.inputs_compared, 'row')}: {shown}{more}"
    elif found.inputs_compared:
        yield f"model inputs: the same for {counted(found.inputs_compared, 'row')}"


def _input(name: str) -> str:
    """A model input's name; one without a name is called by its place."""
    return f"column {name}" if name.isdigit() else name


def _row(found: RowDifference) -> Iterator[str]:
    if found.values:
        yield f" row {found.row}: {found.old} → {found.new}"
        shown = [f"{_input(name)} {old} → {new}" for name, old, new in found.values[: 2 * _INPUTS]]
        yield f"  {', '.join(shown)}"
        return
    inputs = (
        f"; inputs that differ: {listed([Coded(_input(name)) for name in found.inputs], most=_INPUTS)}" if found.inputs else ""
    )
    yield f" row {found.row}: {found.old} → {found.new}{inputs}"


def _model(changes: Sequence[FactChange]) -> Section:
    rows = []
    for group in GROUPS:
        mine = [change for change in changes if change.group == group]
        rows += [(group, change.name, fact_text(change)) for change in mine[:_FACTS]]
        if len(mine) > _FACTS:
            rows.append((group, "", f"and {len(mine) - _FACTS} more"))
    summary = ", ".join(
        counted(sum(change.group == group for change in changes), "change") + f" of {group}"
        for group in GROUPS
        if any(change.group == group for change in changes)
    )
    return Section(
        title="Model", summary=summary or "unchanged", columns=("of", "what", "change") if rows else (), rows=tuple(rows)
    )


def _state(difference: BuildDifference) -> Section:
    lines = []
    for change in difference.state:
        role = "" if change.role == "learned" else f" ({'lookup table' if change.role == 'lookup' else 'fitted'})"
        lines += [f"{change.name}{role}: {change.what}", *(f" {detail}" for detail in change.details)]
    same = f"{counted(difference.state_same, 'value')} unchanged" if difference.state_same else ""
    summary = ", ".join(filter(None, [f"{len(difference.state)} changed" if difference.state else "", same]))
    return Section(title="State", summary=summary or "none on either side", lines=tuple(lines))


def _code(difference: BuildDifference) -> Section:
    changes = difference.code
    counts = [(words, sum(change.status == status for change in changes)) for status, words in _CODE.items()]
    summary = ", ".join(f"{count} {words}" for words, count in counts if count)
    same = f"{counted(len(difference.code_same), 'part')} unchanged"
    quiet = [change for change in changes if change.status == "moved"]
    lines = [f"{_code_title(change)}" for change in quiet]
    patches = tuple(Patch(title=_code_title(change), lines=change.diff) for change in changes if change.status != "moved")
    return Section(title="Code", summary=", ".join(filter(None, [summary, same])), lines=tuple(lines), patches=patches)


def _code_title(change: CodeChange) -> str:
    """`features.py, applicant: changed (cell 8)`."""
    old, new = (", ".join(map(str, cells)) for cells in (change.old_cells, change.new_cells))
    where = f"cell {old} → {new}" if old and new and old != new else f"cell {new or old}" if new or old else ""
    edited = "edited by hand" if change.edited else ""
    said = ", ".join(filter(None, [where, edited]))
    return f"{change.module}, {change.name}: {_CODE[change.status]}{f' ({said})' if said else ''}"


def _readiness(difference: BuildDifference) -> Section:
    if "readiness" in difference.unknown:
        return Section(title="Readiness", summary="not compared", lines=("one side has no checklist",))
    changes = difference.readiness
    rows = tuple((change.group, change.name, f"{change.old or 'not there'} → {change.new or 'not there'}") for change in changes)
    summary = f"{counted(len(rows), 'item')} changed" if rows else "unchanged"
    return Section(title="Readiness", summary=summary, columns=("item", "what it asks", "status") if rows else (), rows=rows)
