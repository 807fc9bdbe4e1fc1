"""Row selections that can be seen in the source: `loans[loans["age"] >= 18]`, `dropna()`, a split, the first rows."""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from nb2svc.plan.draft.kinds import Kinds
from nb2svc.plan.draft.values import OF_EACH_ROW, SELECTING, SPLITTING, Site, Value, called

_SHUFFLE = "shuffle"


@dataclass(frozen=True, slots=True, eq=False)
class Selecting:
    """A selection at `site`: `operands` stand for it, one a target; `columns` of `df.loc[mask, columns]` stay.

    `guards` says that serving evaluates it, too, to know which rows it would drop.
    """

    site: Site
    operands: tuple[ast.expr, ...]
    targets: tuple[str, ...]
    columns: ast.expr | None = None
    in_place: bool = False
    guards: bool = False


def operands_of(node: ast.expr, kinds: Kinds, site: Site, *, main: frozenset[str], target: ast.expr | None) -> Selecting | None:
    """The selection that an expression is, or None; `target` is what it is assigned to."""
    here = Site(site.statement, node, site.keys, site.within)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        base, columns = _masked(node, kinds, site)
        if base is not None and _of_main(kinds.of(base, site), main):
            return Selecting(here, (base,), _names(target), columns)
        return None
    if not isinstance(node, ast.Call):
        return None
    if called(node) in SPLITTING | {_SHUFFLE} and node.args and not isinstance(node.func, ast.Attribute | ast.Subscript):
        rows = [each for each in node.args if kinds.of(each, site).kind == "rows"]
        if len(rows) == len(node.args) and any(_of_main(kinds.of(each, site), main) for each in rows):
            parts = tuple(each for each in node.args for _ in range(1 if called(node) == _SHUFFLE else 2))
            return Selecting(here, parts, _names(target)) if len(_names(target)) == len(parts) else None
        return None
    if not isinstance(node.func, ast.Attribute) or not _of_main(kinds.of(node.func.value, site), main):
        return None
    if not _selects(node) and not (called(node) == "drop" and node.args and kinds.of(node.args[0], site).kind == "rows"):
        return None
    in_place = any(each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value for each in node.keywords)
    receiver = node.func.value
    names = (receiver.id,) if in_place and isinstance(receiver, ast.Name) else () if in_place else _names(target)
    return Selecting(here, (receiver,), names, in_place=in_place)


def guards(selecting: Selecting, made: Collection[str]) -> bool:
    """Whether a mask reads a column that the notebook made itself: no condition on raw columns says as much."""
    node = selecting.site.node
    if not isinstance(node, ast.Subscript) or isinstance(node.slice, ast.Slice) or selecting.site.within:
        return False
    parts = list(ast.walk(node.slice))
    words = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    return bool((words | {part.attr for part in parts if isinstance(part, ast.Attribute)}) & set(made))


def _of_main(value: Value, main: frozenset[str]) -> bool:
    return value.kind == "rows" and (not main or bool(value.tables & main))


def _masked(node: ast.Subscript, kinds: Kinds, site: Site) -> tuple[ast.expr | None, ast.expr | None]:
    """The table of `table[mask]`, `table.loc[mask, columns]` and `table.iloc[:800]`, with the columns that stay."""
    base, index, columns = node.value, node.slice, None
    located = isinstance(base, ast.Attribute) and base.attr in ("loc", "iloc")
    if isinstance(base, ast.Attribute) and located:
        base = base.value
        if isinstance(index, ast.Tuple) and len(index.elts) == 2:
            index, columns = index.elts
    if isinstance(index, ast.Slice):
        plain = isinstance(base, ast.Name) or located
        return (base if plain and (index.lower or index.upper) else None), columns
    chosen = kinds.of(index, site)
    return (base if chosen.mask or (chosen.kind == "rows" and not isinstance(index, ast.Tuple)) else None), columns


def _selects(node: ast.Call) -> bool:
    name = called(node)
    if name == "drop":
        given = [each.value for each in node.keywords if each.arg in ("index", "labels")] + node.args[:1]
        labels = [part for each in given if isinstance(each, ast.List) for part in each.elts]
        if labels and not any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in labels):
            return not _of_columns(node) and all(isinstance(part, ast.Constant) for part in labels)
        by_index = any(each.arg == "index" for each in node.keywords)
        return by_index or any(
            isinstance(part, ast.Attribute) and part.attr == "index" for each in given for part in ast.walk(each)
        )
    return name in SELECTING and not _of_columns(node)


def _of_columns(node: ast.Call) -> bool:
    along = [each.value for each in node.keywords if each.arg == "axis"]
    return any(isinstance(each, ast.Constant) and each.value in OF_EACH_ROW for each in along)


def _names(target: ast.expr | None) -> tuple[str, ...]:
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target] if target is not None else []
    return tuple(part.id if isinstance(part, ast.Name) else "" for part in parts)
