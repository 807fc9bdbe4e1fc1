"""A place that needs an edit, with what a rewrite may ask of it: texts, captured values, names and keys."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Set

import pandas as pd

from .edits import Edit, Part, categories, compose, identifier, learn, owner_of
from .instrument import number_of
from .probing import Probing
from .program import Program, node_text
from .training import Record, SeriesName

REDUCTION_LENGTH = 40


class Candidate:
    """A rewrite to try: the parts that replace the expression, lines before it, and one expression that checks it alone."""

    def __init__(
        self, rule: str, parts: List[Part], *, before: Optional[List[List[Part]]] = None, check: Optional[List[Part]] = None
    ) -> None:
        self.rule, self.parts = rule, parts
        self.before = before or []
        self.check = check if check is not None else parts


class Site:
    """One expression to be replaced."""

    def __init__(
        self, program: Program, found: Probing, records: Dict[int, List[Record]], number: int, edits: Dict[int, Edit]
    ) -> None:
        self.program, self.found, self.number = program, found, number
        self.records = records
        self.expr = program.exprs[number]
        self.node: Any = self.expr.node
        self.statement = program.request.statement(self.expr.statement)
        self.edits = edits
        self._slots = 0

    @property
    def compound(self) -> bool:
        """Whether the statement has a body, so that a line before it would stand in the wrong place."""
        return isinstance(self.statement.tree.body[0], (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.FunctionDef)) or (
            self.expr.called or self.expr.in_comprehension
        )

    def text(self, node: ast.AST) -> str:
        """The author's text of a node."""
        return node_text(owner_of(self.program, node), node)

    def compose(self, node: ast.AST) -> List[Part]:
        """A node's text with the edits inside it."""
        return compose(self.program, node, self.edits, but=self.number)

    def value(self, node: ast.AST) -> Any:
        """The training value of a part; None where it was not seen."""
        if isinstance(node, ast.Constant):
            return node.value
        number = number_of(node)
        records = self.records.get(number, []) if number is not None else []
        if not records and number in self.found.training.alone:
            return self.found.training.alone[number].value
        return records[0].value if records else None

    def values(self, node: ast.AST) -> List[Any]:
        """The training values of a part, one an evaluation."""
        number = number_of(node)
        records = self.records.get(number, []) if number is not None else []
        return [record.value for record in records] or [self.value(node)]

    def key_named(self, wanted: List[Any]) -> Optional[str]:
        """The loop variable or argument around this place that had these values, one an evaluation."""
        records = [record for record in self.records.get(self.number, []) if not record.error]
        for place, name in enumerate(self.expr.keys):
            if len(records) == len(wanted) and all(place < len(record.keys) for record in records):
                if [record.keys[place] for record in records] == wanted:
                    return name
        return None

    def slot(self) -> str:
        """A new slot of this expression."""
        self._slots += 1
        return "s{}".format(self.number) if self._slots == 1 else "s{}_{}".format(self.number, self._slots)

    def learn(self, hint: str, how: str) -> Part:
        """A learned value with this place's key."""
        return learn(self.slot(), identifier(hint), how, key_text(self))

    def categories(self, columns: List[Any], frame: str, *, wanted: str = "") -> Part:
        """Learned categories of columns."""
        return categories("__" + self.slot(), columns, frame, wanted=wanted)


def target_name(site: Site) -> Optional[str]:
    """The variable that the whole expression is given to: `m = df.x.mean()` → m; names of a tuple joined."""
    for node in ast.walk(site.statement.tree):
        if isinstance(node, ast.Assign) and node.value is site.node:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                return target.id
            if isinstance(target, ast.Tuple) and all(isinstance(part, ast.Name) for part in target.elts):
                return "_".join(getattr(part, "id", "") for part in target.elts)
    return None


def column_in(node: ast.AST) -> Optional[str]:
    """The column that an expression reads: `df["income"].mean()` → income."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
            return part.slice.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and not hasattr(pd.DataFrame, node.attr):
        return node.attr
    chain = node
    while isinstance(chain, (ast.Call, ast.Attribute, ast.Subscript)):
        inner: Any = chain.func if isinstance(chain, ast.Call) else chain.value
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and isinstance(chain, ast.Attribute):
            return inner.attr
        chain = inner
    return None


def reduction_in(node: ast.AST) -> Optional[str]:
    """The outermost method of an expression: `df["income"].mean().round(2)` → mean."""
    found = None
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                found = node.func.attr
                inner = node.func.value
                if isinstance(inner, ast.Call) and found in ("round", "item", "tolist", "to_dict", "astype"):
                    node = inner
                    continue
                return found
            return node.func.id if isinstance(node.func, ast.Name) else found
        node = node.value
    return found


def hint_of(site: Site) -> str:
    """The name wished for: the author's variable, else column and reduction, else the object's."""
    name = target_name(site)
    if name:
        return name
    if isinstance(site.node, ast.Name):
        return site.node.id
    column, reduction = column_in(site.node), reduction_in(site.node)
    if column and reduction:
        return "{}_{}".format(column, reduction)
    if reduction in ("fit", "fit_transform"):
        return receiver_hint(site.node)
    if column and not isinstance(site.node, (ast.Call, ast.Attribute, ast.Subscript)):
        inner = next((reduction_in(part) for part in ast.walk(site.node) if isinstance(part, ast.Call)), None)
        return "{}_{}".format(column, inner) if inner else column
    if reduction or column:
        owner = _receiver_of(site.node)
        return "{}_{}".format(owner, reduction) if owner and reduction else str(reduction or column)
    names = [part.id for part in ast.walk(site.node) if isinstance(part, ast.Name)]
    return "_".join(dict.fromkeys(names))[:REDUCTION_LENGTH] or "value"


def _receiver_of(node: ast.AST) -> Optional[str]:
    """`pixels` of `pixels.mean()`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else None


def receiver_hint(node: Any) -> str:
    """`scaler` of `scaler.fit(X)` and of `StandardScaler().fit(X)`."""
    inner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    if isinstance(inner, ast.Name):
        return inner.id
    if isinstance(inner, ast.Call):
        name = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "fitted")
        return identifier(name).split("_")[-1]
    return inner.attr if isinstance(inner, ast.Attribute) else "fitted"


def key_text(site: Site) -> Optional[str]:
    """The loop variable or argument that tells evaluations apart; None where it is evaluated once."""
    records = [record for record in site.records.get(site.number, []) if not record.error]
    names = site.expr.keys
    if len(records) < 2 or not names:
        return None
    used: Set[str] = {node.id for node in ast.walk(site.node) if isinstance(node, ast.Name)}
    candidates = sorted(range(len(names)), key=lambda i: (names[i] not in used, -i))
    for place in candidates:
        values = [record.keys[place] if place < len(record.keys) else None for record in records]
        if None not in values and len(set(values)) == len(values):
            return _key(names[place], values)
    good = [i for i in candidates if all(i < len(record.keys) and record.keys[i] is not None for record in records)]
    if len({tuple(record.keys[i] for i in good) for record in records}) == len(records) and good:
        return "({})".format(", ".join(_key(names[i], [record.keys[i] for record in records]) for i in sorted(good)))
    return None


def _key(name: str, values: List[Any]) -> str:
    return name + ".name" if all(isinstance(value, SeriesName) for value in values) else name
