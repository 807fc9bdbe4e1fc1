"""Which statement goes where: into a step, or as a line of its own into training and the answer.

Statements of a feature cell make its step. A statement of another cell joins the step that first reads what it defines;
where no step does, the step before it, so that training and serving run one and the same text. A row selection after the
last of them stays a line of `training.py`, and at serving its operand stands for it.
"""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.selecting import is_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """`steps` maps a feature cell to its statements in order; `lines` are statements that stand alone."""

    steps: Mapping[int, tuple[int, ...]]
    lines: tuple[int, ...]

    def position(self, cell: int, dataflow: Dataflow) -> int:
        """Where a step is called: at its first statement that stands in the feature cell itself."""
        return next(number for number in self.steps[cell] if dataflow.statements[number].span.cell == cell)


def place(
    notebook: Notebook, dataflow: Dataflow, outline: Outline, observation: Observation, *, served: Collection[int]
) -> Placement:
    """Place every statement of the fit path, and of training where it stands in a feature cell."""
    own = _own_statements(notebook, dataflow, outline)
    owner = {number: cell for cell, numbers in own.items() for number in numbers}
    selections = {
        statement.number
        for statement in dataflow.statements
        if is_all(statement, [each for each in observation.selections if each.statement == statement.number])
    }
    fit_path = [number for number, part in outline.parts if part == "fit_path"]
    for number in sorted(fit_path, reverse=True):
        statement = dataflow.statements[number]
        if number in owner or number in selections or notebook.cell(statement.span.cell).role is not None:
            continue
        cell = _first_reader(dataflow, number, owner)
        if cell is not None and _can_move(dataflow, outline, statement, own[cell], owner):
            owner[number] = cell
    remembered = {each.statement for each in observation.rewrites}
    training_only = selections | _of_some_rows(dataflow, [number for number in fit_path if number not in {*served, *remembered}])
    _join_step_before(dataflow, outline, owner, training_only=training_only)
    steps: dict[int, list[int]] = {}
    for number, cell in sorted(owner.items()):
        steps.setdefault(cell, []).append(number)
    lines = [number for number, part in outline.parts if part in ("fit_path", "training") and number not in owner]
    return Placement(steps={cell: tuple(numbers) for cell, numbers in sorted(steps.items())}, lines=tuple(sorted(lines)))


# Calls that leave rows out or draw them.
_CHOOSING = frozenset({"sample", "resample", "query", "dropna", "drop_duplicates", "head", "tail", "nlargest", "nsmallest"})


def _of_some_rows(dataflow: Dataflow, numbers: Collection[int]) -> set[int]:
    """Of statements that a request does not run those that choose rows, `paid = df[df["y"] == 0]`, and what is made of them."""
    found: set[int] = set()
    for number in sorted(numbers):
        made_of_some = any(edge.target == number and edge.source in found for edge in dataflow.edges)
        if made_of_some or any(_chooses(node) for node in ast.walk(ast.parse(dataflow.statements[number].source))):
            found.add(number)
    return found


def _chooses(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) in _CHOOSING
    return isinstance(node, ast.Subscript) and any(isinstance(part, ast.Compare) for part in ast.walk(node.slice))


def _join_step_before(dataflow: Dataflow, outline: Outline, owner: dict[int, int], *, training_only: Collection[int]) -> None:
    """Let the features that stand after a feature cell and before the next one join it, as far as they can move there.

    Selections and training's own statements come along only where features after them make it necessary.
    """
    parts = dict(outline.parts)
    positions = sorted(
        {
            min(n for n in owner if owner[n] == cell and dataflow.statements[n].span.cell == cell): cell
            for cell in owner.values()
        }.items()
    )
    for (start, cell), (end, _) in pairwise([*positions, (len(dataflow.statements), 0)]):
        lines = [
            number
            for number, part in parts.items()
            if start < number < end and number not in owner and part in ("fit_path", "training") and number != outline.model.fit
        ]
        joined: list[int] = []
        for number in sorted(lines):
            between = [n for n in parts if start < n < number and owner.get(n) != cell and n not in joined]
            if _is_untouched(dataflow, dataflow.statements[number], (n for n in between if parts[n] not in ("prelude", "twin"))):
                joined.append(number)
        features = [number for number in joined if parts[number] == "fit_path" and number not in training_only]
        for number in joined:
            later = [one for one in features if one > number]
            if later and (parts[number] == "fit_path" or _changed_later(dataflow, dataflow.statements[number], later)):
                owner[number] = cell
        owner.update(dict.fromkeys(features, cell))


def _is_untouched(dataflow: Dataflow, statement: Statement, others: Iterable[int]) -> bool:
    """Whether none of the others touches what a statement reads, or reads what it makes: it can change places with them."""
    made = {*statement.defines, *statement.mutates}
    read = {*statement.reads, *statement.defers}
    return not any(
        {*other.reads, *other.defers} & made or {*other.defines, *other.mutates} & (read | made)
        for other in (dataflow.statements[number] for number in others)
    )


def _own_statements(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> dict[int, tuple[int, ...]]:
    """Each feature cell's statements of the fit path, with the training statements that must run among them."""
    own: dict[int, list[int]] = {}
    for number, part in outline.parts:
        cell = dataflow.statements[number].span.cell
        if part == "fit_path" and notebook.cell(cell).role == "feature":
            own.setdefault(cell, []).append(number)
    for number, part in outline.parts:
        cell = dataflow.statements[number].span.cell
        if part == "training" and cell in own and _changed_later(dataflow, dataflow.statements[number], own[cell]):
            own[cell].append(number)
    return {cell: tuple(sorted(numbers)) for cell, numbers in own.items()}


def _changed_later(dataflow: Dataflow, statement: Statement, step: list[int]) -> bool:
    """Whether a later statement of the step binds anew or changes what this training statement reads."""
    later = [dataflow.statements[number] for number in step if number > statement.number]
    return any(set(statement.reads) & {*other.defines, *other.mutates} for other in later)


def _first_reader(dataflow: Dataflow, number: int, owner: Mapping[int, int]) -> int | None:
    """The step that first reads what a statement defines; None where a line of its own reads it first."""
    readers = sorted(edge.target for edge in dataflow.edges if edge.source == number and edge.target != number)
    return owner.get(readers[0]) if readers else None


def _can_move(
    dataflow: Dataflow, outline: Outline, statement: Statement, step: tuple[int, ...], owner: Mapping[int, int]
) -> bool:
    """Whether nothing between a statement and the step it would join touches what it reads, or reads what it makes."""
    if statement.number > step[0]:
        return False
    between = (
        number
        for number, part in outline.parts
        if statement.number < number < step[0]
        and owner.get(number) != owner.get(step[0])
        and part not in ("prelude", "load", "twin")
    )
    return _is_untouched(dataflow, statement, between)
