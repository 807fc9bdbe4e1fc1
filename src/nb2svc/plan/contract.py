"""What a service would promise: as the last run saw it where that still fits, else as far as the source tells it."""

import ast
import json
from collections.abc import Iterable, Mapping
from typing import Any

from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.positions import text_at
from nb2svc.ir.capture import Capture
from nb2svc.ir.contract import Contract, PromisedAnswer, PromisedColumn, PromisedState, PromisedTable
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Categories, Column, Learn, Observation, Part, Rewrite, Table
from nb2svc.ir.outline import Outline
from nb2svc.plan.choices import choices
from nb2svc.plan.draft.draft import make_draft
from nb2svc.plan.naming import state_names

# So many categories of a column are named; the schema has all of them.
_SOME = 12
_LONGEST = 40


def contract_of(
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    *,
    seen: tuple[Capture, Observation] | None,
    captured: str = "",
    note: str = "",
) -> Contract:
    """The contract; `seen` is the capture that fits, taken at `captured`, and `note` says why there is none."""
    index = make_index(notebook, dataflow)
    observation = seen[1] if seen else make_draft(notebook, dataflow, outline).observation
    return Contract(
        captured=captured,
        note=note,
        tables=tuple(_tables(index, outline, observation, run=seen is not None)),
        features=observation.answer.columns if seen else (),
        feature_text=_text(index, outline.model.fit, outline.model.fit_input),
        state=tuple(_state(index, observation)),
        estimator_type=_estimator_type(seen[0], outline) if seen else _made_as(index, outline.model.estimator, outline.model.fit),
        answer=_answer(observation) if seen else PromisedAnswer(),
        target=observation.target if seen else outline.target_hint,
        choices=choices(index, outline, observation if seen else None),
    )


def _text(index: Index, number: int, span: Any) -> str:
    return text_at(index.statement(number), span) if span is not None else ""


def _tables(index: Index, outline: Outline, observation: Observation, *, run: bool) -> Iterable[PromisedTable]:
    places = {raw.name: index.statement(raw.statement).span for raw in outline.raws}
    for table in observation.tables:
        if table.name in places:
            yield PromisedTable(
                name=table.name,
                role=table.role,
                kind=table.kind,
                span=places[table.name],
                columns=tuple(_column(each, table) for each in table.columns) if run else (),
            )


def _column(column: Column, table: Table) -> PromisedColumn:
    carried = table.role != "lookup" and column.use == "read"
    return PromisedColumn(
        name=column.name,
        kind=column.kind,
        dtype=column.dtype or table.dtype,
        use=column.use,
        optional=carried and column.nullable,
        low=column.low,
        high=column.high,
        categories=len(column.values),
        seen=column.values[:_SOME] if carried else (),
    )


def _state(index: Index, observation: Observation) -> Iterable[PromisedState]:
    """One for each name, where it is learned first; what it holds is told where that is short."""
    names = state_names(observation.rewrites)
    learned: dict[str, list[str]] = {}
    for each in observation.learned:
        learned.setdefault(each.slot, []).append("" if each.file else each.value)
    told: set[str] = set()
    for rewrite in observation.rewrites:
        for slot in _slots(rewrite):
            name = names.get(slot, "")
            if name and name not in told:
                told.add(name)
                value, entries = _told(learned.get(slot, []))
                text = _first_line(_text(index, rewrite.statement, rewrite.span))
                yield PromisedState(name=name, text=text, span=rewrite.span, value=value, entries=entries)


def _slots(rewrite: Rewrite) -> Iterable[str]:
    parts: Iterable[Part] = (*(part for line in rewrite.before for part in line), *rewrite.parts)
    for part in parts:
        if isinstance(part, Learn):
            yield part.slot
        elif isinstance(part, Categories):
            yield from part.slots


def _told(values: list[str]) -> tuple[str, int]:
    """A learned value in a few characters, and how many entries it has; a table is told by its size only."""
    if len(values) != 1:
        return "", len(values)
    try:
        value = json.loads(values[0])
    except ValueError:
        return "", 1
    if isinstance(value, Mapping):
        # `{"$type": "Timestamp", "value": "2025-06-30T…"}`: the codec's way to write one value.
        if isinstance(value.get("value"), str | int | float):
            return _shortened(str(value["value"])), 1
        inner = next((each for each in value.values() if isinstance(each, list)), [])
        return "", max(len(inner), 1)
    if isinstance(value, list):
        text = ", ".join(map(str, value))
        plain = all(isinstance(each, str | int | float | bool) for each in value)
        return (text if plain and len(text) <= _LONGEST else ""), len(value)
    return _shortened(str(value)), 1


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _first_line(text: str) -> str:
    first, _, more = text.strip().partition("\n")
    return f"{first} …" if more else first


def _estimator_type(capture: Capture, outline: Outline) -> str:
    kept = capture.find("estimator", outline.model.estimator)
    return kept.type if kept else ""


def _made_as(index: Index, name: str, before: int) -> str:
    """The class that the source names where the estimator is made: `model = Ridge()` → sklearn.linear_model.Ridge."""
    for number in reversed([one for one in index.definers.get(name, ()) if one <= before]):
        for call in index.calls(number):
            path = index.path(call.func)
            if path.rpartition(".")[2][:1].isupper() and isinstance(call.func, ast.Name | ast.Attribute):
                return path
    return ""


def _answer(observation: Observation) -> PromisedAnswer:
    answer = observation.answer
    return PromisedAnswer(kind=answer.kind, dtype=answer.dtype, classes=answer.classes[:_SOME], names=answer.names)
