"""Two builds' answers for the same captured rows → Predictions: how many changed, how, and by which model inputs."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nb2svc.compare.spread import spread
from nb2svc.ir.difference import Answers, Count, Predictions, RowAnswer, RowDifference, Spread
from nb2svc.ir.snapshot import Scalar

TOLERANCE = 1e-9
SHOWN = 5
_CLASSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One row's two answers; `size` is how far they are apart, where both builds answered."""

    row: int
    place: int
    old: RowAnswer
    new: RowAnswer
    changed: bool
    size: float

    @property
    def answered(self) -> bool:
        return self.old.prediction != "null" and self.new.prediction != "null"


def compare_answers(
    old: Answers,
    new: Answers,
    ordinals: Sequence[int],
    *,
    capture: str,
    total: int,
    tolerance: float = TOLERANCE,
    show_values: bool = False,
    as_before: Answers | None = None,
    notes: Sequence[str] = (),
) -> Predictions:
    """The answers of both builds, row by row; `ordinals` are the rows' places in the captured main table."""
    for side, found in (("the old build", old), ("the new build", new)):
        if found.problem:
            note = f"{side} can't answer the captured rows: {found.problem}"
            return Predictions(status="not_evaluated", note=note, capture=capture, total=total, notes=tuple(notes))
    if not ordinals:
        return Predictions(status="not_evaluated", note="the capture has no rows", capture=capture, notes=tuple(notes))
    pairs = [
        _pair(*each, place=place, tolerance=tolerance)
        for place, each in enumerate(zip(ordinals, old.rows, new.rows, strict=True))
    ]
    changed = [pair for pair in pairs if pair.changed]
    differing = _inputs_that_differ(old, new, tolerance)
    if old.columns and new.columns and _unnamed(old, new) and len(old.columns) != len(new.columns):
        notes = [*notes, f"the model received {len(old.columns)} columns without names, and receives {len(new.columns)}"]
    return Predictions(
        status="compared",
        capture=capture,
        rows=len(pairs),
        total=total,
        same=len(pairs) - len(changed),
        changed=len(changed),
        statuses=_counts(f"{pair.old.status} → {pair.new.status}" for pair in pairs if pair.old.status != pair.new.status),
        labels=_labels(pairs),
        reasons=_reasons(pairs),
        numbers=_numbers(pairs, tolerance),
        probabilities=_probabilities(pairs, tolerance),
        probability_lost=sum(bool(pair.old.probability) and not pair.new.probability for pair in pairs if pair.answered),
        probability_gained=sum(bool(pair.new.probability) and not pair.old.probability for pair in pairs if pair.answered),
        inputs_added=_missing_in(old, new),
        inputs_removed=_missing_in(new, old),
        inputs_changed=_counts(name for names in differing.values() for name in names),
        inputs_compared=len(differing),
        largest=_largest(changed, old, new, differing, show_values=show_values),
        as_before=_counts(row.status for row in as_before.rows) if as_before else (),
        as_before_reasons=_before_reasons(as_before, new) if as_before else (),
        notes=tuple(notes),
    )


def _pair(row: int, old: RowAnswer, new: RowAnswer, *, place: int, tolerance: float) -> _Pair:
    one, two = json.loads(old.prediction), json.loads(new.prediction)
    chances = dict(old.probability), dict(new.probability)
    same = old.status == new.status and _same(one, two, tolerance) and _same(chances[0], chances[1], tolerance)
    size = max(_distance(one, two), _distance(chances[0], chances[1])) if "null" not in (old.prediction, new.prediction) else 0.0
    return _Pair(row=row, place=place, old=old, new=new, changed=not same, size=size)


def _same(old: Any, new: Any, tolerance: float) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(old[name], new[name], tolerance) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_same(one, two, tolerance) for one, two in zip(old, new, strict=True))
    if _is_number(old) and _is_number(new):
        return math.isclose(old, new, rel_tol=tolerance, abs_tol=1e-12)
    return type(old) is type(new) and bool(old == new)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _distance(old: Any, new: Any) -> float:
    """How far two predictions are apart: the largest difference of their numbers; 0 for labels."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return max((_distance(old[name], new[name]) for name in old if name in new), default=0.0)
    if isinstance(old, list) and isinstance(new, list):
        return max((_distance(one, two) for one, two in zip(old, new, strict=False)), default=0.0)
    return abs(new - old) if _is_number(old) and _is_number(new) else 0.0


def _counts(names: Iterable[str]) -> tuple[Count, ...]:
    return tuple(Count(name=name, rows=rows) for name, rows in Counter(names).most_common())


def _outputs(prediction: str) -> dict[str, Any]:
    """A prediction by its outputs' names; "" where there is only one."""
    value = json.loads(prediction)
    if isinstance(value, dict):
        return value
    return {f"[{place}]": item for place, item in enumerate(value)} if isinstance(value, list) else {"": value}


def _labels(pairs: Sequence[_Pair]) -> tuple[Count, ...]:
    """Labels that became others: "Low risk" → "High risk"."""
    found = []
    for pair in pairs:
        if pair.answered and pair.old.prediction != pair.new.prediction:
            one, two = _outputs(pair.old.prediction), _outputs(pair.new.prediction)
            for name in one:
                if name in two and not (_is_number_or_same(one[name], two[name])):
                    prefix = f"{name}: " if name else ""
                    found.append(
                        f"{prefix}{json.dumps(one[name], ensure_ascii=False)} → {json.dumps(two[name], ensure_ascii=False)}"
                    )
    return _counts(found)


def _is_number_or_same(old: object, new: object) -> bool:
    whole = isinstance(old, int) and isinstance(new, int)
    return old == new or (_is_number(old) and _is_number(new) and not whole)


def _numbers(pairs: Sequence[_Pair], tolerance: float) -> tuple[Spread, ...]:
    values: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        if pair.answered:
            one, two = _outputs(pair.old.prediction), _outputs(pair.new.prediction)
            for name in one:
                if name in two and _is_number(one[name]) and _is_number(two[name]):
                    values.setdefault(name, []).append((float(one[name]), float(two[name])))
    whole = all(isinstance(value, int) for pair in pairs if pair.answered for value in _outputs(pair.old.prediction).values())
    return () if whole else tuple(spread(name, found, tolerance) for name, found in values.items())


def _probabilities(pairs: Sequence[_Pair], tolerance: float) -> tuple[Spread, ...]:
    """The chances of each class; of two classes only the second, as the first says the same."""
    values: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        after = dict(pair.new.probability)
        for name, chance in pair.old.probability:
            if name in after:
                values.setdefault(name, []).append((chance, after[name]))
    names = list(values)[1:] if len(values) == 2 else list(values)[:_CLASSES]
    return tuple(spread(name, values[name], tolerance) for name in names)


def _reasons(pairs: Sequence[_Pair]) -> tuple[Count, ...]:
    """Why rows have another status: the issues that only one of both answers has."""
    found = []
    for pair in pairs:
        if pair.old.status != pair.new.status:
            come = [issue for issue in pair.new.issues if issue not in pair.old.issues]
            gone = [issue for issue in pair.old.issues if issue not in pair.new.issues]
            found += [f"now {_issue(issue)}" for issue in dict.fromkeys(_whole(come))]
            found += [f"no longer {_issue(issue)}" for issue in dict.fromkeys(_whole(gone))]
    return _counts(found)


def _before_reasons(as_before: Answers, new: Answers) -> tuple[Count, ...]:
    """Why the new build does not answer rows as callers send them today: issues that the whole rows do not have."""
    found = []
    for before, whole in zip(as_before.rows, new.rows, strict=False):
        if before.status != whole.status:
            found += [_issue(issue) for issue in dict.fromkeys(_whole(before.issues)) if issue not in _whole(whole.issues)]
    return _counts(found)


def _whole(issues: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Issues with fields of child rows as the table's: transactions[3].amount → transactions[].amount."""
    found = []
    for field, code in issues:
        table, bracket, rest = field.partition("[")
        found.append((f"{table}[]{rest.partition(']')[2]}" if bracket else field, code))
    return found


def _issue(issue: tuple[str, str]) -> str:
    return f"{issue[1]} {issue[0]}".strip()


def _inputs_that_differ(old: Answers, new: Answers, tolerance: float) -> dict[int, list[str]]:
    """For each row whose model inputs are known on both sides, the columns of both that differ, the largest change first."""
    before, after = ({name: place for place, name in enumerate(each.columns)} for each in (old, new))
    names = [name for name in before if name in after]
    if _unnamed(old, new) and len(before) != len(after):
        return {}
    found = {}
    for place, (one, two) in enumerate(zip(old.inputs, new.inputs, strict=False)):
        if one and two:
            cells = [(name, one[before[name]], two[after[name]]) for name in names]
            differing = [cell for cell in cells if not _same(cell[1], cell[2], tolerance)]
            found[place] = [name for name, _, _ in sorted(differing, key=_share)]
    return found


def _missing_in(one: Answers, other: Answers) -> tuple[str, ...]:
    """Columns of the other's model that this one's does not receive; none where they are not known, or have no names."""
    known = one.columns and other.columns and not _unnamed(one, other)
    return tuple(name for name in other.columns if name not in one.columns) if known else ()


def _unnamed(old: Answers, new: Answers) -> bool:
    """Whether the model receives an array: its columns are only places."""
    return all(name.isdigit() for name in (*old.columns, *new.columns))


def _share(cell: tuple[str, Any, Any]) -> float:
    """To sort by: how large a change is beside the values, as a negative number; what is no number comes first."""
    _, old, new = cell
    if not _is_number(old) or not _is_number(new):
        return -math.inf
    return -float(abs(new - old) / (abs(old) + abs(new)))


def _largest(
    changed: Sequence[_Pair], old: Answers, new: Answers, differing: Mapping[int, list[str]], *, show_values: bool
) -> tuple[RowDifference, ...]:
    """The rows whose answers are furthest apart, with the model inputs that differ; their values only on request."""
    rows = sorted((pair for pair in changed if pair.answered), key=lambda pair: -pair.size)[:SHOWN]
    return tuple(
        RowDifference(
            row=pair.row,
            old=_told(pair.old),
            new=_told(pair.new),
            size=pair.size,
            inputs=tuple(differing.get(pair.place, ())),
            values=tuple(_values(pair.place, old, new, differing)) if show_values else (),
        )
        for pair in rows
    )


def _told(answer: RowAnswer) -> str:
    """A prediction, and the chance of the label: `"High risk" 0.93`."""
    value = json.loads(answer.prediction)
    chance = dict(answer.probability).get(str(value))
    text = f"{value:.6g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    return f"{text} {chance:.3f}" if chance is not None else text


def _values(place: int, old: Answers, new: Answers, differing: Mapping[int, list[str]]) -> Iterable[tuple[str, str, str]]:
    for name in differing.get(place, ()):
        yield name, _cell(old, place, name), _cell(new, place, name)


def _cell(answers: Answers, place: int, name: str) -> str:
    value: Scalar = answers.inputs[place][answers.columns.index(name)]
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
