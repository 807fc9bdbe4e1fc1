"""What a person overrules of the dataflow: a cell that is no part of the service (`drop`), one that is (`keep`), a table's role.

    # nb2svc: drop           nothing that this cell does reaches the answer, whatever it looks like
    # nb2svc: keep           what this cell sets up holds in the service, though nothing reads it
    X = f(X)  # nb2svc: drop    the same of one statement
    # nb2svc: feature request=history lookup=rates

Whether that is true the proof says: it replays the notebook, which ran these cells.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from nb2svc.analysis.dataflow import link
from nb2svc.analysis.index import Index
from nb2svc.analysis.outline_tags import Tags, did_you_mean
from nb2svc.analysis.statements import split
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.outline import RawBinding


def statements_of(notebook: Notebook, dataflow: Dataflow, role: str) -> tuple[int, ...]:
    """The statements with a role: of the cells that have it, and those that are marked so one by one."""
    cells = {cell.number for cell in notebook.cells if cell.role == role or any(mark.role == role for mark in cell.marks)}
    said = (one for one in dataflow.statements if one.span.cell in cells)
    return tuple(one.number for one in said if notebook.cell(one.span.cell).role_at(one.span.line) == role)


def without_dropped(notebook: Notebook, dataflow: Dataflow) -> Dataflow:
    """The dataflow as if the statements of dropped cells did nothing; they keep their numbers.

    `X = f(); X = plot_and_return(X); model.fit(X)`, the second in a dropped cell   →  fit reads the X of the first
    """
    dropped = set(statements_of(notebook, dataflow, "drop"))
    if not dropped:
        return dataflow
    return link([_inert(one) if one.number in dropped else one for one in dataflow.statements], inert=dropped)


def _inert(statement: Statement) -> Statement:
    return replace(statement, defines=(), mutates=(), reads=(), defers=(), deletes=(), effects=())


def dropped_maker(notebook: Notebook, name: str) -> tuple[Cell, int] | None:
    """The cell and line of the dropped statement that makes a name, or None."""
    for cell in notebook.cells:
        if cell.role == "drop" or cell.marks:
            for statement in split(cell.code, cell=cell.number):
                if name in statement.defines and cell.role_at(statement.span.line) == "drop":
                    return cell, statement.span.line
    return None


def made_by_dropped(name: str, maker: tuple[Cell, int], reader: Finding) -> Finding:
    """`reader` is the finding that a name is undefined; here the reason is known."""
    cell, line = maker
    place = cell.title_at(line)
    other = "in a cell of its own" if place == cell.title else "in a statement of its own"
    return replace(
        reader,
        code="NB245",
        message=f"`{name}` is made in {place}, which is left out of the service (`drop`), and the answer needs it.",
        remedy=f"Take `drop` from {place}, or make `{name}` {other}.",
    )


def kept_problems(index: Index, kept: Collection[int], prelude: Collection[int]) -> tuple[Finding, ...]:
    """Refusals of kept statements that need what the notebook computes: only a step of the features could run those."""
    return tuple(_not_kept(index, number) for number in sorted(kept) if number not in prelude)


def _not_kept(index: Index, number: int) -> Finding:
    statement = index.statement(number)
    needs = ", ".join(f"`{name}`" for name in dict.fromkeys((*statement.reads, *statement.mutates))) or "what was computed before"
    return Finding(
        code="NB244",
        severity="refusal",
        message=f"This statement can't be kept: what is kept runs once, when the service starts, and this works on {needs}.",
        remedy="Keep only what sets something up without the notebook's data; what rows go through belongs in a feature cell.",
        span=statement.span,
    )


def table_problems(index: Index, tags: Tags, bindings: Sequence[RawBinding]) -> tuple[Finding, ...]:
    """Refusals of `request=` and `lookup=` that name no table of a request, name one twice, or leave no table for a row."""
    names = [binding.name for binding in bindings]
    found = [
        _no_table(index, tags, option, name, names)
        for option, given in (("request", tags.request), ("lookup", tags.lookup))
        for name in given
        if name not in names
    ]
    found += [_both(tags, name) for name in tags.request if name in tags.lookup and name in names]
    if names and set(names) <= set(tags.lookup):
        found.append(_no_row(tags))
    return tuple(found)


def _no_table(index: Index, tags: Tags, option: str, name: str, names: Sequence[str]) -> Finding:
    said = " and ".join(f"`{one}`" for one in names)
    verb = "is" if len(names) == 1 else "are"
    why = f"a request is made of {said}" if names else "no table enters the features"
    exists = name in index.definers
    message = f"`{option}={name}` names a variable that {'is no raw value' if exists else 'no cell makes'}: {why}."
    close = did_you_mean(name, names)
    return Finding(
        code="NB243",
        severity="refusal",
        message=message + close,
        remedy=f"Name a table as it enters the features ({said} {verb} there), or leave `{option}=` out."
        if names
        else f"Leave `{option}=` out.",
        span=tags.span_of(option),
    )


def _both(tags: Tags, name: str) -> Finding:
    return Finding(
        code="NB243",
        severity="refusal",
        message=f"`{name}` is named in `request=` and in `lookup=`: it is sent with a request, or shipped with the service.",
        remedy="Keep one of the two.",
        span=tags.span_of("lookup"),
    )


def _no_row(tags: Tags) -> Finding:
    return Finding(
        code="NB243",
        severity="refusal",
        message="`lookup=` names every raw value, so that a request would carry nothing.",
        remedy="Leave the table whose rows are answered out of `lookup=`.",
        span=tags.span_of("lookup"),
    )
