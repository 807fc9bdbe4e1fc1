"""Feature code made wrong in one place, in five ways: what the generated tests have to catch.

constant     `(age - 40) / 30` → `(age - 40.04) / 30`; `== "cash"` → `== "cash?"`
comparison   `age >= 18` → `age > 18`
column       `loans["income"]` → `loans["age"]`
dropped      `loans = loans.fillna(means)` → `pass`
state        the learned value `means` is another at serving
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from nb2svc.readiness.mutants.mutant import replaced

FeatureKind = Literal["constant", "comparison", "column", "dropped", "state"]
KINDS: tuple[FeatureKind, ...] = ("constant", "comparison", "column", "dropped", "state")

_NEIGHBOURS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Gt: (">", ">="), ast.GtE: (">=", ">"), ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
# Arguments whose value says how, not how much: another one is an error, not another value.
_STRUCTURAL = frozenset({"axis", "level", "random_state", "n_jobs", "verbose", "copy", "ndmin", "levels", "inplace"})
# Arguments that name columns.
_NAMING = frozenset({"columns", "on", "left_on", "right_on", "by", "subset", "id_vars", "value_vars", "prefix"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMutant:
    """One edit of `features.py`, or (kind `state`) of the learned value `state` while the service remembers it.

    `source` is the whole module after the edit; `line` is where in `features.py`, `function` in which one of it ("" at the top).
    """

    kind: FeatureKind
    function: str
    line: int
    what: str
    source: str
    state: str = ""


def feature_mutants(source: str, *, state: Sequence[str], lines: Collection[int]) -> tuple[FeatureMutant, ...]:
    """Every mutant of the author's `lines` of a module, and one for each learned value named in `state`."""
    tree = ast.parse(source)
    found = [
        mutant
        for name, body in _functions(tree)
        for mutant in (
            *_constants(source, name, body),
            *_comparisons(source, name, body),
            *_columns(source, name, body),
            *_dropped(source, name, body),
        )
        if mutant.line in lines
    ]
    return (*found, *_learned(source, tree, state))


def chosen(mutants: Sequence[FeatureMutant], most: int) -> tuple[FeatureMutant, ...]:
    """At most `most`, in turn from each function and kind, and within one of those from its beginning, middle and end.

    The same mutants give the same choice, in the order of the text.
    """
    piles: dict[tuple[str, str], list[FeatureMutant]] = {}
    for mutant in mutants:
        piles.setdefault((mutant.function, mutant.kind), []).append(mutant)
    ordered = sorted(piles, key=lambda key: KINDS.index(_kind(piles[key])))
    turns = zip_longest(*(_spread(piles[key]) for key in ordered))
    found = [mutant for turn in turns for mutant in turn if mutant is not None][:most]
    return tuple(sorted(found, key=lambda mutant: (mutant.line, KINDS.index(mutant.kind), mutant.what)))


def _kind(pile: list[FeatureMutant]) -> FeatureKind:
    return pile[0].kind


def _spread(pile: list[FeatureMutant]) -> list[FeatureMutant]:
    """First, last, middle, then the middles between: whatever is cut off, all parts of the function are tried.

    [0, 1, 2, 3, 4] → [0, 4, 2, 1, 3]
    """
    order, gaps = [0, len(pile) - 1], [(0, len(pile) - 1)]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        if low < middle < high:
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return [pile[place] for place in dict.fromkeys(order)]


def _functions(tree: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Functions and methods with their bodies, and as "" the constants at the top."""
    yield "", [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.body
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each.body) for each in node.body if isinstance(each, ast.FunctionDef))


def _walk(body: list[ast.stmt]) -> list[ast.AST]:
    found = [node for statement in body for node in ast.walk(statement)]
    return sorted(found, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))


def _parents(body: list[ast.stmt]) -> dict[ast.AST, ast.AST]:
    return {child: parent for statement in body for parent in ast.walk(statement) for child in ast.iter_child_nodes(parent)}


def _constants(source: str, name: str, body: list[ast.stmt]) -> Iterator[FeatureMutant]:
    parents = _parents(body)
    for node in _walk(body):
        if isinstance(node, ast.Constant) and not _is_structural(node, parents):
            text = _another(node.value, parents.get(node))
            if text:
                yield _mutant("constant", name, source, node, text)


def _another(value: object, parent: ast.AST | None) -> str:
    """Another value of the same type: a thousandth more in arithmetic, far off elsewhere; "" where there is none to be had."""
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int | float):
        near = value * 1.001 or 0.001
        return repr(round(near, 12)) if isinstance(parent, ast.BinOp) else repr(value * 2 + 1)
    if isinstance(value, str) and isinstance(parent, ast.Compare | ast.Dict):
        return _quoted(value + "?")
    return ""


def _is_structural(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a constant says where or how: in a subscript, as such an argument, or in an f-string or docstring."""
    above = parents.get(node)
    if isinstance(above, ast.Expr | ast.FormattedValue | ast.JoinedStr) or above is None:
        return True
    while above is not None and not isinstance(above, ast.stmt | ast.Compare | ast.Call):
        if isinstance(above, ast.keyword) and above.arg in (_STRUCTURAL | _NAMING):
            return True
        if isinstance(above, ast.Subscript) and node is above.slice:
            return True
        node, above = above, parents.get(above)
    return False


def _comparisons(source: str, name: str, body: list[ast.stmt]) -> Iterator[FeatureMutant]:
    for node in _walk(body):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _NEIGHBOURS:
            old, new = _NEIGHBOURS[type(node.ops[0])]
            left = ast.get_source_segment(source, node.left)
            right = ast.get_source_segment(source, node.comparators[0])
            text = ast.get_source_segment(source, node)
            if text and left and right and text.startswith(left) and text.endswith(right):
                between = text[len(left) : len(text) - len(right)]
                yield _mutant("comparison", name, source, node, left + between.replace(old, new, 1) + right)


def _columns(source: str, name: str, body: list[ast.stmt]) -> Iterator[FeatureMutant]:
    """A column's name becomes the next one that the function mentions."""
    parents = _parents(body)
    named = [node for node in _walk(body) if isinstance(node, ast.Constant) and _names_a_column(node, parents)]
    words = list(dict.fromkeys(str(node.value) for node in named))
    for node in named:
        following = words[(words.index(str(node.value)) + 1) % len(words)]
        other = following if following != node.value else f"{node.value}?"
        yield _mutant("column", name, source, node, _quoted(other))


def _names_a_column(node: ast.Constant, parents: dict[ast.AST, ast.AST]) -> bool:
    if not isinstance(node.value, str):
        return False
    inner: ast.AST = node
    above = parents.get(inner)
    while isinstance(above, ast.List | ast.Tuple):
        inner, above = above, parents.get(above)
    stored = isinstance(above, ast.Subscript) and isinstance(above.ctx, ast.Store)
    return (isinstance(above, ast.Subscript) and inner is above.slice and not stored) or (
        isinstance(above, ast.keyword) and above.arg in _NAMING
    )


def _dropped(source: str, name: str, body: list[ast.stmt]) -> Iterator[FeatureMutant]:
    """Statements left out; those without which a name would be missing come last, for any test sees that."""
    if not name:
        return
    bound: set[str] = set()
    telling: list[FeatureMutant] = []
    missing: list[FeatureMutant] = []
    for node in sorted((each for each in _walk(body) if isinstance(each, ast.stmt)), key=lambda each: each.lineno):
        targets = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Delete) and not docstring:
            reads = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
            pile = telling if targets <= bound | reads else missing
            pile.append(_mutant("dropped", name, source, node, "pass"))
        bound |= targets
    yield from (*telling, *missing)


def _learned(source: str, tree: ast.Module, names: Sequence[str]) -> Iterator[FeatureMutant]:
    """One mutant for each learned value that the module asks for, where it is first asked for."""
    for function, body in _functions(tree):
        for node in _walk(body):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            asked = [name for name in names if name == node.func.attr]
            if node.func.attr == "categories":
                columns = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
                asked = [name for name in names if name.partition("_categories")[0] in columns]
            for name in asked:
                yield FeatureMutant(
                    kind="state",
                    function=function,
                    line=node.lineno,
                    what=f"the learned value {name} is another",
                    source=source,
                    state=name,
                )


def _quoted(text: str) -> str:
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def _mutant(kind: FeatureKind, name: str, source: str, node: ast.expr | ast.stmt, text: str) -> FeatureMutant:
    shown = " ".join((ast.get_source_segment(source, node) or "").split())
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    changed = f"{shown} left out" if kind == "dropped" else f"{shown} → {text}"
    return FeatureMutant(kind=kind, function=name, line=node.lineno, what=changed, source=replaced(source, node, text))
