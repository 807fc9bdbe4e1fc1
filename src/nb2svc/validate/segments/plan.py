"""A notebook → what to evaluate again on a part of its held-out rows, or why that can't be known. Pure.

The held-out rows are those that the model cell predicts on. Every value that has them row by row (`X_test`, `y_test`, what was
predicted) is cut down to the segment's rows as the run left it: nothing is predicted anew, and no row's answer depends on which
rows are looked at. What is computed of such values up to a check or a metric is computed again; all else stays as it is.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nb2svc.analysis.failing import can_fail
from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.outline_checks import METRIC
from nb2svc.analysis.outline_model import find_model
from nb2svc.analysis.outline_tags import read_tags
from nb2svc.analysis.positions import text_at
from nb2svc.analysis.row_order import Order, RowOrder, Rows, row_order
from nb2svc.capture.copy import cell_id
from nb2svc.ir.dataflow import Dataflow, Edge
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.span import Span
from nb2svc.validate.segments.refusing import refusals_of
from nb2svc.validate.segments.values import AT_THE_END, DEFINITIONS, Named, Refused, SegmentPlan, Step, Table

if TYPE_CHECKING:
    from nb2svc.validate.watched import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, or why there is none; `asked` are pairs `X`, `names` of `X[names]` that only a run can tell."""

    plan: SegmentPlan | None
    refused: tuple[Refused, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()


def plan_segments(notebook: Notebook, dataflow: Dataflow, watched: "Watched", kinds: Mapping[str, str]) -> Planned:
    """The plan for a notebook; `kinds` is what its run saw of `X[names]`: "columns" or "rows", nothing before it ran."""
    tags, findings = read_tags(notebook)
    if tags is None:
        return Planned(plan=None, refused=tuple(_of_finding(one) for one in findings))
    index = make_index(notebook, dataflow)
    model, findings = find_model(index, tags)
    if model is None:
        return Planned(plan=None, refused=tuple(_of_finding(one) for one in findings))
    order = row_order(index, kinds)
    asked = tuple(sorted(order.asked))
    held, span = _held_rows(index, order, model.use.predict, model.use.predict_input, kinds)
    if held is None:
        return Planned(plan=None, refused=(_no_rows(index, model.use.predict, tags.model.number, span),), asked=asked)
    again = Again(index=index, order=order, held=held, watched=watched)
    again.gather()
    refused = refusals_of(again)
    if refused:
        return Planned(plan=None, refused=refused, asked=asked)
    return Planned(plan=_plan(again), asked=asked)


@dataclass(slots=True, kw_only=True, eq=False)
class Again:
    """What runs again: `steps` by number. `judging` are the statements of all checks and metrics, `targets` those that fail or
    tell something of held-out rows, `own` all of the check cells among these.
    """

    index: Index
    order: RowOrder
    held: Rows
    watched: "Watched"
    judging: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    targets: set[int] = field(default_factory=set)
    steps: set[int] = field(default_factory=set)
    named: list[Named] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    _tainted: dict[int, bool] = field(default_factory=dict)
    _fits: dict[str, frozenset[int]] = field(default_factory=dict)

    def is_held(self, rows: object) -> bool:
        """Whether a value has the held-out rows, row by row."""
        return isinstance(rows, Rows) and self.order.known_as(rows.order) == self.order.known_as(self.held.order)

    def holds(self, edge: Edge) -> bool:
        """Whether what a statement takes under a name has the held-out rows."""
        return self.is_held(self.order.after.get((edge.source, edge.name)))

    def is_model(self, edge: Edge) -> bool:
        """Whether it is something fitted: that stays as the run left it, whatever it was fitted with."""
        if edge.name not in self._fits:
            self._fits[edge.name] = _fits(self.index, edge.name)
        return edge.source in self._fits[edge.name]

    def into(self, number: int) -> Iterator[Edge]:
        """What a statement takes by name."""
        return (edge for edge in self.index.into.get(number, ()) if edge.name.isidentifier())

    def tainted(self, number: int) -> bool:
        """Whether what a statement makes depends on which rows are held out."""
        # In order, and not one out of the other: a notebook may be a chain of a thousand statements.
        for one in range(len(self._tainted), number + 1):
            self._tainted[one] = self.chooses_again(one) or any(
                self.holds(edge) or (not self.is_model(edge) and self._tainted.get(edge.source, False)) for edge in self.into(one)
            )
        return self._tainted[number]

    def chooses_again(self, number: int) -> bool:
        """Whether it takes the held-out rows out of a whole table, other than to give them a name."""
        if any(self.is_held(self.order.after.get((number, name))) for name in self.index.statement(number).defines):
            return False
        return any(self.is_held(choice.chosen) and not choice.by_labels for choice in self.order.choices[number])

    def is_final(self, edge: Edge) -> bool:
        """Whether the value that a statement takes is what its name stands for when the run has ended."""
        read = max(one.source for one in self.into(edge.target) if one.name == edge.name)
        return self.last_change(edge.name) <= read

    def last_change(self, name: str) -> int:
        """The last statement that makes, changes or deletes what a name stands for."""
        changing = [one.number for one in self.index.dataflow.statements if name in (*one.defines, *one.mutates, *one.deletes)]
        return max(changing, default=-1)

    def gather(self) -> None:
        """Find the targets, and what leads from held-out values to them."""
        for identifier, numbers in self._checks():
            self.judging |= set(numbers)
            # What else stands there (a plot, a note to a tracker) is not done again for each segment.
            failing = [number for number in numbers if can_fail(self.index, (number,))] or numbers
            if any(self.tainted(number) for number in failing):
                self.touched.add(identifier)
                self.own |= set(numbers)
                self.targets |= set(failing)
        for statement in self.index.dataflow.statements:
            tells = any(self.index.path(call.func) == METRIC for call in self.index.calls(statement.number))
            if tells:
                self.judging.add(statement.number)
                self.targets |= {statement.number} if self.tainted(statement.number) else set()
        for name, number in self._asked_for():
            edge = Edge(source=number, target=number, name=name, kind="binding")
            self.judging.add(number)
            if self.tainted(number) and not self.holds(edge) and not self.is_model(edge):
                self.named.append(Named(name=name, step=number))
                self.targets.add(number)
        todo = list(self.targets)
        while todo:
            number = todo.pop()
            if number not in self.steps:
                self.steps.add(number)
                todo += [edge.source for edge in self.into(number) if self.is_again(edge)]

    def is_again(self, edge: Edge) -> bool:
        """Whether what a step takes is made again."""
        if edge.source in self.own or edge.source in self.targets:
            return True
        if self.is_model(edge) or self.index.statement(edge.source).kind in DEFINITIONS:
            return False
        # A prediction under a name that another one took later is made again, by the model that was fitted.
        return self.tainted(edge.source) and not (self.holds(edge) and self.is_final(edge))

    def _checks(self) -> Iterator[tuple[str, list[int]]]:
        for cell in self.index.notebook.cells:
            if cell_id(cell) in self.watched.checks:
                yield cell_id(cell), self.index.cells.get(cell.number, [])

    def _asked_for(self) -> Iterator[tuple[str, int]]:
        """The variables that tags ask for, with the statement that made them when their cell ended."""
        for cell in self.index.notebook.cells:
            last = max(self.index.cells.get(cell.number, [-1]))
            for name in self.watched.metrics.get(cell_id(cell), ()):
                # A number can't be changed in place, whatever a call that is given it may do.
                made = [
                    one for one in self.index.definers.get(name, ()) if one <= last and name in self.index.statement(one).defines
                ]
                if made:
                    yield name, made[-1]


def _fits(index: Index, name: str) -> frozenset[int]:
    """The statements that leave something fitted under a name."""
    found = set()
    for number in index.definers.get(name, ()):
        for call in index.calls(number):
            fitting = isinstance(call.func, ast.Attribute) and call.func.attr in ("fit", "partial_fit", "fit_transform")
            trains = index.path(call.func) in ("xgboost.train", "lightgbm.train")
            if trains or (fitting and (name in index.statement(number).mutates or _is_value(index, number, call))):
                found.add(number)
    return frozenset(found)


def _is_value(index: Index, number: int, call: ast.Call) -> bool:
    """`model = Ridge().fit(X, y)`: what is assigned is what was fitted."""
    parsed = index.parsed(number)
    fit = isinstance(call.func, ast.Attribute) and call.func.attr in ("fit", "partial_fit")
    return fit and parsed is not None and isinstance(parsed.node, ast.Assign) and parsed.node.value is call


def _held_rows(
    index: Index, order: RowOrder, number: int | None, span: Span | None, kinds: Mapping[str, str]
) -> tuple[Rows | None, Span | None]:
    if number is None or span is None:
        return None, span
    statement, parsed = index.statement(number), index.parsed(number)
    if parsed is None or isinstance(parsed.node, ast.For | ast.While):
        return None, span
    text = text_at(statement, span)
    return order.rows_at(index, number, ast.parse(f"({text})", mode="eval").body, kinds), span


def _no_rows(index: Index, number: int | None, cell: int, span: Span | None) -> Refused:
    if number is None or span is None:
        first = index.cells.get(cell, [0])[0]
        return Refused(
            what="no rows are held out",
            why="the model cell predicts on none",
            fix="predict on the held-out rows in the model cell, like `risk = model.predict(X_test)`",
            span=index.statement(first).span if index.dataflow.statements else None,
        )
    return Refused(
        what="which rows are held out can't be known",
        why=f"the model cell predicts on `{text_at(index.statement(number), span)}`",
        fix="give the rows a name outside of a loop, like `X_test = X[test]`, and predict on it",
        span=span,
    )


def _of_finding(finding: Finding) -> Refused:
    why = "segments are parts of the rows that the model cell predicts on"
    return Refused(what=finding.message[:1].lower() + finding.message[1:], why=why, fix=finding.remedy, span=finding.span)


def _plan(again: Again) -> SegmentPlan:
    held = tuple(name for name, rows in again.order.final.items() if again.is_held(rows))
    return SegmentPlan(
        held=held,
        other=tuple(name for name, rows in again.order.final.items() if _is_other(again, rows)),
        tables=tuple(_tables(again, held)),
        steps=tuple(_step(again, number) for number in sorted(again.steps)),
        named=tuple(again.named),
        untouched=tuple(name for identifier, name in again.watched.checks.items() if identifier not in again.touched),
    )


def _is_other(again: Again, rows: object) -> bool:
    """Whether rows are known to be others: the other part of the split that held them out."""
    if not isinstance(rows, Rows) or again.is_held(rows):
        return False
    own, split = rows.order, again.held.order
    return own[0] == split[0] == "part" and own[1:4] == split[1:4]


def _step(again: Again, number: int) -> Step:
    statement = again.index.statement(number)
    reads: dict[str, int] = {}
    for edge in again.into(number):
        reads[edge.name] = max(reads.get(edge.name, AT_THE_END), edge.source if again.is_again(edge) else AT_THE_END)
    cell = again.index.notebook.cell(statement.span.cell)
    check = cell_id(cell) if cell_id(cell) in again.touched else ""
    return Step(
        number=number,
        cell=cell.number,
        line=statement.span.line,
        source=statement.source,
        reads=tuple(reads.items()),
        makes=tuple(dict.fromkeys((*statement.defines, *statement.mutates))),
        check=check,
    )


def _tables(again: Again, held: Sequence[str]) -> Iterator[Table]:
    """What may have the column: the held-out rows' own values, then the tables that these lead to, the latest first."""
    final, versions = again.order.final, again.order.final_versions
    latest = sorted(final, key=lambda name: -versions.get(name, 0))
    yield from (Table(name=name, how="beside") for name in held)
    anchors: dict[object, list[str]] = {}
    for name in held:
        rows = final[name]
        if isinstance(rows, Rows) and rows.labels is not None:
            anchors.setdefault(rows.labels, []).append(name)
    paths = dict(_paths(again))
    for name in latest:
        rows = final[name]
        if not isinstance(rows, Rows) or name in held:
            continue
        if rows.labels in anchors:
            yield Table(name=name, how="labels", anchors=tuple(anchors[rows.labels]))
        elif again.order.known_as(rows.order) in paths:
            yield Table(name=name, how="positions", path=paths[again.order.known_as(rows.order)])


def _paths(again: Again) -> Iterator[tuple[Order, tuple[str, ...]]]:
    """The orders that the held-out rows were chosen from by position, with what chose them."""
    for rows in (again.held, *(one for one in again.order.final.values() if again.is_held(one))):
        path: tuple[str, ...] = ()
        order = rows.order if isinstance(rows, Rows) else ()
        while order and order[0] == "chosen" and order[2] == "positions" and _stands(again, order[4]):
            path = (str(order[3]), *path)
            order = order[1]  # type: ignore[assignment]
            yield again.order.known_as(order), path


def _stands(again: Again, versions: Iterable[tuple[str, int]] | object) -> bool:
    """Whether names are at the end what they were when they chose."""
    assert isinstance(versions, tuple)
    return all(again.order.final_versions.get(name, -1) == version for name, version in versions)
