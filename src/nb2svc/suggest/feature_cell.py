"""Which cell begins to make columns of the data, on the way to a model."""

import ast
from collections.abc import Iterator

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import DATASET_PREFIXES, SPLITTING_CALLS
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline_fits import Fit
from nb2svc.ir.outline import Outline
from nb2svc.suggest.candidates import is_stored_object, reads_data
from nb2svc.suggest.rows import leading_to_rows, makes_target

# What a cell that loads a table does to get it in shape: without a tag the service does it, too.
_TIDYING = frozenset(
    """DataFrame Series drop pop rename set_index reset_index copy concat head sample to_numpy list keys lower upper strip
    replace str set_axis""".split()
)
_READS = ("pandas.read_", *DATASET_PREFIXES)
_MOVING = frozenset({"copy", "deepcopy", "reset_index", *SPLITTING_CALLS})


def feature_cells(index: Index, outline: Outline | None, *, fit: Fit, model_cell: int) -> Iterator[tuple[int, int]]:
    """The cells that change the data on its way to the fit, in order, each with its first statement that does.

    Not those that only copy it, or put rows aside for a test; nor what a cell that loads a table does to get it in shape. Where
    the compiler makes no outline, the way is all that leads to the statement with the fit.
    """
    raws, way = _way(index, outline, fit)
    loading = {index.statement(number).span.cell for number in raws}
    seen = {model_cell}
    for number in sorted(index.forward(raws, inside=way) - raws):
        cell = index.statement(number).span.cell
        idle = _only_moves(index, number) or makes_target(index, number, fit) or (cell in loading and _only_tidies(index, number))
        if cell not in seen and not idle:
            seen.add(cell)
            yield cell, number


def _way(index: Index, outline: Outline | None, fit: Fit) -> tuple[set[int], set[int]]:
    """The statements where the data comes in, and with them those on its way."""
    if outline is None:
        way = index.closure([fit.statement])
        return {number for number in way if reads_data(index, number)}, way
    raws = {raw.statement for raw in outline.raws}
    way = {number for number, part in outline.parts if part == "fit_path"}
    return raws, (way & leading_to_rows(index, fit) if fit.input is not None else way) | raws


def _only_moves(index: Index, number: int) -> bool:
    """`train = raw.copy()`, `a, b = train, test`, `X_train, X_test = train_test_split(X)`, `X = saved["X"]`."""
    parsed = index.parsed(number)
    node = parsed.node if parsed else None
    if not isinstance(node, ast.Assign) or any(not isinstance(target, ast.Name | ast.Tuple) for target in node.targets):
        return False
    return _is_moved(node.value) or _is_taken_out(index, number, node.value)


def _only_tidies(index: Index, number: int) -> bool:
    """Whether a statement calls nothing that computes: `loans = loans.rename(columns=…)`, `X = loans.drop(columns="y")`."""
    computes = any(isinstance(node, ast.BinOp | ast.For) for node in index.nodes(number))
    return not computes and all(
        called(call) in _TIDYING or index.path(call.func).startswith(_READS) for call in index.calls(number)
    )


def _is_moved(value: ast.expr) -> bool:
    match value:
        case ast.Name():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_moved(part) for part in parts)
        case ast.Call():
            return called(value) in _MOVING
    return False


def _is_taken_out(index: Index, number: int, value: ast.expr) -> bool:
    """Whether a part of what was saved as an object gets a name of its own."""
    name = root_name(value) if isinstance(value, ast.Subscript | ast.Attribute) else None
    makers = [edge.source for edge in index.into.get(number, ()) if edge.name == name]
    return bool(makers) and all(is_stored_object(index, maker) for maker in makers)
