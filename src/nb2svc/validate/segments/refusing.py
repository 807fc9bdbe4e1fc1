"""Why what checks and metrics need can't be computed again on a part of the rows: each with its place and a remedy."""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nb2svc.analysis.failing import can_fail
from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import BOOSTER_TRAINERS, KNOWN_LIBRARIES
from nb2svc.analysis.locals import called
from nb2svc.analysis.positions import node_span, within_cell
from nb2svc.analysis.row_knowledge import TRAINING_CALLS
from nb2svc.analysis.row_order import Rows
from nb2svc.ir.dataflow import Edge
from nb2svc.ir.span import Span
from nb2svc.validate.segments.values import DEFINITIONS, Refused

if TYPE_CHECKING:
    from nb2svc.validate.segments.plan import Again

_WORLDLY = {
    "file_write": "writes a file",
    "network": "asks the network",
    "process": "starts a program",
    "input": "waits for somebody to type",
}


def refusals_of(again: "Again") -> tuple[Refused, ...]:
    """All reasons, in the notebook's order."""
    found: dict[tuple[str, Span | None], Refused] = {}
    for number in sorted(again.steps | again.judging):
        reasons = [*_hides(again, number)]
        if number in again.steps:
            reasons += [*_acts(again.index, number), *_chooses(again, number), *_changes(again, number)]
        for one in reasons:
            found.setdefault((one.what, one.span), one)
    return tuple(found.values()) if again.targets or found else (_nothing(again),)


def _nothing(again: "Again") -> Refused:
    first = next(iter(sorted(again.index.cells.get(_first_check(again.index), ()))), None)
    return Refused(
        what="no check and no metric reads a held-out row",
        why="those that the model cell predicts on are the held-out ones",
        fix="compute a check or a metric of the model cell's own rows and predictions",
        span=again.index.statement(first).span if first is not None else None,
    )


def _first_check(index: Index) -> int:
    return next((cell.number for cell in index.notebook.cells if cell.role == "check"), 0)


def _acts(index: Index, number: int) -> Iterator[Refused]:
    """What trains, or acts on the world, is not done again for each segment."""
    statement = index.statement(number)
    for node in index.calls(number):
        if called(node) in TRAINING_CALLS or index.path(node.func) in BOOSTER_TRAINERS:
            fix = "train it in a cell above the check, outside of what is computed of the held-out rows"
            yield Refused(
                what=f"`{called(node)}` trains, and a segment is evaluated without training again",
                why="a check or a metric needs this line, which reads held-out rows or stands in the check cell",
                fix=fix,
                span=_span(index, number, node),
            )
    for call in _unseen(index, number):
        yield Refused(
            what=f"what `{call}` does can't be seen, and it would be done again for each segment",
            why="a check or a metric reads a value that this line is given, and may change",
            fix="move this line below the check, or into a cell of its own",
            span=statement.span,
        )
    for name, line in _training_functions(index, number):
        yield Refused(
            what=f"`{name}` trains, and a segment is evaluated without training again",
            why=f"it calls `{line}`, and a check or a metric needs what it returns",
            fix="train in a cell above, and give the function what was fitted",
            span=statement.span,
        )
    for effect in statement.effects:
        if effect.kind in _WORLDLY:
            yield Refused(
                what=f"this line {_WORLDLY[effect.kind]}, and would do so again for each segment",
                why="a check or a metric needs it",
                fix="move that to a line of its own that no check and no metric needs",
                span=effect.span,
            )


def _unseen(index: Index, number: int) -> Iterator[str]:
    """A call of another library for its own sake: a note to a tracker, say."""
    if index.statement(number).kind != "expression" or can_fail(index, (number,)):
        return
    for node in index.calls(number):
        path = index.path(node.func)
        if path and path.partition(".")[0] not in KNOWN_LIBRARIES | {"nb2svc"}:
            yield ast.unparse(node.func)


def _training_functions(index: Index, number: int) -> Iterator[tuple[str, str]]:
    """The notebook's functions that a statement may call and that train."""
    seen: set[int] = set()
    todo = [edge for edge in index.into.get(number, ()) if index.statement(edge.source).kind == "function"]
    while todo:
        edge = todo.pop()
        if edge.source in seen:
            continue
        seen.add(edge.source)
        parsed = index.parsed(edge.source)
        for node in ast.walk(parsed.node) if parsed else ():
            if isinstance(node, ast.Call) and (called(node) in TRAINING_CALLS or index.path(node.func) in BOOSTER_TRAINERS):
                yield edge.name, called(node)
                break
        todo += [one for one in index.into.get(edge.source, ()) if index.statement(one.source).kind == "function"]


def _chooses(again: "Again", number: int) -> Iterator[Refused]:
    """A step that chooses the held-out rows anew from a whole table would get all of them in each segment."""
    for choice in again.order.choices[number]:
        if choice.by_labels or again.is_held(choice.base) or not _is_whole(again, choice.base):
            continue
        if again.is_held(choice.chosen):
            what, name = f"`{ast.unparse(choice.node)}` chooses the held-out rows again, and would choose all of them", "y_test"
        elif not _names(again, number, choice.node):
            what, name = f"`{ast.unparse(choice.node)}` chooses rows of a table of which the held-out rows are a part", "part"
        else:
            continue
        yield Refused(
            what=what,
            why="a segment is a part of the values that hold the held-out rows: what is chosen from the whole is not cut down",
            fix=f"give it a name above, like `{name} = {ast.unparse(choice.node)}`, where the held-out rows get theirs",
            span=_span(again.index, number, choice.node),
        )


def _is_whole(again: "Again", base: Rows) -> bool:
    """Whether the held-out rows are a part of these."""
    order: object = again.held.order
    while isinstance(order, tuple) and order:
        inner = order[1] if order[0] == "chosen" else order[5] if order[0] == "part" else None
        order = inner
        if isinstance(order, tuple) and again.order.known_as(order) == again.order.known_as(base.order):
            return True
    return base.order[0] == "made" and base.labels is not None and base.labels == again.held.labels


def _names(again: "Again", number: int, node: ast.expr) -> bool:
    """Whether a choice is made by a value that is cut down or made again: `loans.loc[X_test.index]`."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return any(edge.name in names and (again.holds(edge) or again.is_again(edge)) for edge in again.into(number))


def _changes(again: "Again", number: int) -> Iterator[Refused]:
    """A value that is taken as the run left it must still be the one that the step read."""
    for edge in again.into(number):
        read, changed = again.index.statement(edge.source), again.index.statement(again.last_change(edge.name))
        if read.kind in DEFINITIONS or again.is_again(edge) or again.is_final(edge):
            continue
        given = _only_given(again.index, changed.number, edge.name)
        yield Refused(
            what=f"`{edge.name}` may be another one when the run has ended"
            if given
            else f"`{edge.name}` is another one when the run has ended",
            why=(f"what {given} does to it can't be seen" if given else "it is changed here")
            + f", and a check or a metric reads it as {read.span} left it",
            fix=f"call what is known to leave it alone, or give it a copy: `{edge.name}.copy()`"
            if given
            else f"give what is made here a name of its own, or change a copy of `{edge.name}`",
            span=changed.span,
        )


def _only_given(index: Index, number: int, name: str) -> str:
    """The call that may change a value for all that is known: `show(y_test)`; "" where the statement changes it itself."""
    if name in index.statement(number).defines or name in index.statement(number).deletes:
        return ""
    for node in index.calls(number):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(one, ast.Name) and one.id == name for one in given):
            return f"`{ast.unparse(node.func)}`"
    return ""


def _hides(again: "Again", number: int) -> Iterator[Refused]:
    """A function of the notebook that gets a whole table may take the held-out rows out of it unseen."""
    index, functions = again.index, {}
    for edge in again.into(number):
        if index.statement(edge.source).kind == "function":
            functions[edge.name] = edge
    if not functions:
        return
    for edge in again.into(number):
        rows = again.order.after.get((edge.source, edge.name))
        if (
            isinstance(rows, Rows)
            and _is_whole(again, rows)
            and (edge.kind == "deferred" or _given(index, number, edge, functions))
        ):
            yield Refused(
                what=f"a function of the notebook reads `{edge.name}`, of which the held-out rows are a part",
                why="whether it takes these rows out of it can't be seen",
                fix="give the function the values that hold the held-out rows, like `evaluate(y_test, risk)`",
                span=index.statement(number).span,
            )


def _given(index: Index, number: int, edge: Edge, functions: Mapping[str, Edge]) -> bool:
    """Whether a call of a function of the notebook has a name among its arguments."""
    for node in index.calls(number):
        if isinstance(node.func, ast.Name) and node.func.id in functions:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(one, ast.Name) and one.id == edge.name for one in given):
                return True
    return False


def _span(index: Index, number: int, node: ast.AST) -> Span:
    statement, parsed = index.statement(number), index.parsed(number)
    assert parsed is not None
    return within_cell(statement.span, node_span(parsed.lines, node, cell=statement.span.cell))
