"""A row selection's mask as conditions on raw columns, with bounds as training had them: `age >= 18`."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Tuple

import numpy as np
import pandas as pd

from .columns import scalar
from .instrument import number_of
from .probing import Probing, Trace
from .program import Program
from .rowids import Rows
from .selections import Removal
from .sites import Site
from .training import Record

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}
OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
WITHOUT_MASK = frozenset(
    {"train_test_split", "sample", "shuffle", "head", "tail", "drop_duplicates", "sort_values", "sort_index", "resample"}
)

Condition = Dict[str, Any]


class NotPlain(Exception):
    """The mask is no conjunction of comparisons of raw columns with constants."""


class Masks:
    """Reads the conditions of removed selections."""

    def __init__(self, program: Program, traced: Trace, found: Probing, records: Dict[int, List[Record]]) -> None:
        self.program, self.traced, self.found, self.records = program, traced, found, records

    def of(self, removal: Removal) -> Tuple[List[Condition], bool]:
        """The conditions and whether the selection says more of a row than these do."""
        expr = self.program.exprs[removal.number]
        node = expr.node
        if any(part is not None and self.program.exprs[part].statement != expr.statement for part in removal.operands):
            return [], False  # parts of a table put together again: the statements that made them would say more
        site = Site(self.program, self.found, self.records, removal.number, {})
        try:
            return self._selection(site, node), False
        except NotPlain:
            return [], True

    def _selection(self, site: Site, node: Any) -> List[Condition]:
        if isinstance(node, ast.Subscript):
            index = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            return [] if isinstance(index, ast.Slice) else self.mask(site, index)
        if not isinstance(node, ast.Call):
            raise NotPlain
        method = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if method == "copy" and isinstance(node.func, ast.Attribute):
            return self._selection(site, node.func.value)
        if method in WITHOUT_MASK:
            return []
        if method == "dropna":
            return self._dropna(site, node)
        if method == "query" and node.args and isinstance(node.args[0], ast.Constant):
            return self._query(site, node)
        if method == "drop" and node.args and isinstance(node.args[0], (ast.Constant, ast.List, ast.Tuple)):
            return []  # rows by their labels: no other row has these
        if method == "drop" and node.args and isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "index":
            inner = node.args[0].value
            if isinstance(inner, ast.Subscript):
                conditions = self.mask(site, inner.slice)
                if len(conditions) == 1 and conditions[0]["operator"] in NEGATED:
                    return [dict(conditions[0], operator=NEGATED[conditions[0]["operator"]])]
        raise NotPlain

    def _dropna(self, site: Site, node: ast.Call) -> List[Condition]:
        given = {item.arg: site.value(item.value) for item in node.keywords}
        if given.get("how", "any") != "any" or "thresh" in given or given.get("axis", 0) not in (0, "index"):
            raise NotPlain
        base = site.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if not isinstance(base, pd.DataFrame):
            return []
        subset = given.get("subset")
        names = [subset] if isinstance(subset, str) else list(base.columns if subset is None else subset)
        raw = self.found.tables.values[self.found.tables.main]
        if not all(name in raw.columns for name in names):
            if subset is not None:
                raise NotPlain
            names = [name for name in names if name in raw.columns]
        return [_condition(name, "not null") for name in names if subset is not None or raw[name].isna().any()]

    def _query(self, site: Site, node: ast.Call) -> List[Condition]:
        text = str(node.args[0].value)  # type: ignore[attr-defined]
        try:
            tree = ast.parse(text.replace("@", ""), mode="eval").body
        except SyntaxError:
            raise NotPlain from None
        return self._query_node(tree)

    def _query_node(self, node: Any) -> List[Condition]:
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return [condition for part in node.values for condition in self._query_node(part)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
            return self._query_node(node.left) + self._query_node(node.right)
        raw = self.found.tables.values[self.found.tables.main]
        if (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and isinstance(node.left, ast.Name)
            and node.left.id in raw.columns
        ):
            operator = OPERATORS.get(type(node.ops[0]))
            value = self._query_value(node.comparators[0])
            if operator and isinstance(value, (bool, int, float, str)):
                return [_condition(node.left.id, operator, value)]
        raise NotPlain

    def _query_value(self, node: Any) -> Any:
        """A number or text of a query, or the value of the variable that it names (`@low`)."""
        if isinstance(node, ast.Name):
            known, value = self.constant(self._made(node.id))
            if known:
                return value
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise NotPlain from None

    def mask(self, site: Site, node: Any) -> List[Condition]:
        """The conditions of a mask's node."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
            return self.mask(site, node.left) + self.mask(site, node.right)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
            return self._negated(site, node.operand)
        if isinstance(node, ast.Compare):
            return self._compare(site, node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._method(site, node, node.func)
        if isinstance(node, ast.Name):
            return self._named(node)
        raise NotPlain

    def _negated(self, site: Site, node: Any) -> List[Condition]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("isna", "isnull"):
            return [_condition(self.column(site, node.func.value), "not null")]
        conditions = self.mask(site, node)
        if len(conditions) != 1 or conditions[0]["operator"] not in NEGATED:
            raise NotPlain
        return [dict(conditions[0], operator=NEGATED[conditions[0]["operator"]])]

    def _compare(self, site: Site, node: ast.Compare) -> List[Condition]:
        operator = OPERATORS.get(type(node.ops[0])) if len(node.ops) == 1 else None
        if operator is None:
            raise NotPlain
        left, right = node.left, node.comparators[0]
        known, value = self.constant(right)
        if known:
            return [_condition(self.column(site, left), operator, value)]
        known, value = self.constant(left)
        if known:
            return [_condition(self.column(site, right), FLIPPED[operator], value)]
        raise NotPlain

    def _method(self, site: Site, node: ast.Call, func: ast.Attribute) -> List[Condition]:
        column = self.column(site, func.value)
        if func.attr in ("notna", "notnull"):
            return [_condition(column, "not null")]
        values = [site.value(item) for item in node.args]
        if func.attr == "isin" and values and isinstance(values[0], (list, tuple, set, np.ndarray, pd.Series)):
            return [_condition(column, "in", sorted((scalar(item) for item in values[0]), key=str))]
        if func.attr == "between" and len(node.args) == 2 and not node.keywords:
            bounds = [self.constant(item) for item in node.args]
            if all(known for known, _ in bounds):
                return [_condition(column, ">=", bounds[0][1]), _condition(column, "<=", bounds[1][1])]
        raise NotPlain

    def _named(self, node: ast.Name) -> List[Condition]:
        """A mask that a statement above made: `adults = df["age"] >= 18`."""
        made = self._made(node.id)
        number = number_of(made)
        if number is None:
            raise NotPlain
        return self.mask(Site(self.program, self.found, self.records, number, {}), made)

    def _made(self, name: str) -> Any:
        """The expression that a name was given, where that happens once."""
        made = []
        for statement in self.program.statements:
            for part in statement.tree.body:
                if isinstance(part, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in part.targets):
                    made.append(part.value)
        if len(made) != 1:
            raise NotPlain
        return made[0]

    def constant(self, node: Any) -> Tuple[bool, Any]:
        """(True, value) where a node was one plain value on all rows; bounds that were computed included."""
        if isinstance(node, ast.Constant):
            return True, scalar(node.value)
        number = number_of(node)
        if number in self.traced.scalars:
            return True, scalar(self.traced.scalars[number])
        return False, None

    def column(self, site: Site, node: Any) -> str:
        """The raw column that a node still is: same name, same content at its rows."""
        name: Any = None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            name = node.slice.value
        elif isinstance(node, ast.Attribute):
            name = node.attr
        raw = self.found.tables.values[self.found.tables.main]
        records = self.records.get(number_of(node) or -1, [])
        if name is None or not isinstance(raw, pd.DataFrame) or name not in raw.columns or not records or records[0].rows is None:
            raise NotPlain
        rows: Rows = records[0].rows
        if rows.domain != self.found.tables.main or not _same_content(records[0].value, raw[name], rows):
            raise NotPlain
        return str(name)


def _same_content(value: Any, column: pd.Series, rows: Rows) -> bool:
    from .compare import equal

    return isinstance(value, pd.Series) and bool((rows.ids >= 0).all()) and equal(value, column.iloc[rows.ids], labels=False)


def _condition(column: str, operator: str, value: Any = None) -> Condition:
    return {"column": column, "operator": operator, "value": value}
