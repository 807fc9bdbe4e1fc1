"""Why a statement is in a slice, and why one is left out, in one clause that a person can read."""

from collections.abc import Collection, Mapping

from nb2svc.analysis.index import Index
from nb2svc.ir.dataflow import Dataflow, Edge, Reason, Statement
from nb2svc.ir.outline import ModelUse, Outline


def reasons(index: Index, numbers: Collection[int], use: ModelUse) -> tuple[Reason, ...]:
    """One reason for each statement of a slice."""
    inside = set(numbers)
    return tuple(Reason(statement=number, text=_reason(index, number, inside, use)) for number in sorted(inside))


def _reason(index: Index, number: int, inside: set[int], use: ModelUse) -> str:
    statement = index.statement(number)
    if number == use.output_statement and use.output:
        return f"makes `{use.output}`, the answer"
    fitted = " and ".join(f"`{one.name}`" for one in use.fitted if one.statement == number)
    if fitted:
        return f"fits {fitted}" if use.fit_input else f"makes {fitted}, the estimator"
    uses = [edge for edge in index.out_of.get(number, ()) if edge.target in inside]
    if not uses and index.role(number) == "keep":
        return "is kept: `keep` says so"
    if not uses:
        return _state_reason(statement)
    edge = min(uses, key=lambda one: one.target)
    return f"{_does(statement, edge)}, which {_place(index, statement, edge.target)} {_verb(edge, statement)}"


def _state_reason(statement: Statement) -> str:
    for effect in statement.effects:
        if effect.kind == "library_state":
            return f"sets {effect.detail}, which can change the answer"
    return "leads to the estimator"


def _does(statement: Statement, edge: Edge) -> str:
    if "." in edge.name or ":" in edge.name:
        what = edge.name.removeprefix("file:")
        return f"writes `{what}`" if edge.name.startswith("file:") else f"sets the state of {what}"
    if edge.kind == "mutation" or edge.name not in statement.defines:
        return f"changes `{edge.name}` in place"
    verbs: Mapping[str, str] = {"import": "imports", "function": "defines", "class": "defines"}
    return f"{verbs.get(statement.kind, 'makes')} `{edge.name}`"


def _verb(edge: Edge, statement: Statement) -> str:
    if statement.kind in ("function", "class"):
        return "calls" if edge.kind != "deferred" else "needs"
    return "uses" if statement.kind == "import" or "." in edge.name else "reads"


def _place(index: Index, statement: Statement, target: int) -> str:
    other = index.statement(target).span
    if other.cell == statement.span.cell:
        return f"line {other.line}"
    label = index.notebook.cell(other.cell).label
    return f'cell {other.cell} "{label}"' if label else f"cell {other.cell}"


def left_out(dataflow: Dataflow, outline: Outline) -> tuple[Reason, ...]:
    """For each statement that is not served, why: only shown, only trained on, only checked, or never used by the answer."""
    served = set(outline.serving.statements)
    parts = dict(outline.parts)
    checks = {number: check.name for check in outline.checks for number in check.statements}
    for_checks = {number: check.name for check in outline.checks for number in check.slice.statements}
    answer = outline.model.output or outline.model.estimator
    dropped = set(outline.dropped)
    found = []
    for statement in dataflow.statements:
        number = statement.number
        if number in served:
            continue
        if number in dropped:
            found.append(Reason(statement=number, text="is left out: `drop` says so"))
            continue
        fitted = " and ".join(f"`{one.name}`" for one in outline.model.fitted if one.statement == number)
        if fitted:
            text = f"fits {fitted}: training only"
        elif parts.get(number) == "load":
            text = "loads what a request brings: training only"
        elif number in parts:
            text = "leads to the fitted estimator: training only"
        elif number in checks:
            text = f"is check {checks[number]}"
        elif number in for_checks:
            text = f"is read by check {for_checks[number]} only"
        else:
            text = _unused(statement, answer)
        found.append(Reason(statement=number, text=text))
    return tuple(found)


def _unused(statement: Statement, answer: str) -> str:
    kinds = {effect.kind for effect in statement.effects}
    makes = (*statement.defines, *statement.mutates)
    if "plot" in kinds:
        return "only plots"
    if "file_write" in kinds:
        return "only writes a file"
    if not makes and "display" in kinds:
        return "only displays"
    if statement.kind == "delete":
        return "only deletes " + ", ".join(f"`{name}`" for name in statement.deletes)
    if statement.kind == "import":
        return "is an import that nothing served uses"
    if makes:
        return ", ".join(f"`{name}`" for name in dict.fromkeys(makes)) + f": never used by `{answer}`"
    return f"has no effect on `{answer}`"
