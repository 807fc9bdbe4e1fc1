"""The name that a frozen value would get: the author's variable, else its column and what is made of it.

The probe names by the same rules in `capture/probe/sites.py`, which runs in the kernel and can't be asked from here.
"""

import ast
import re

from nb2svc.plan.draft.values import called

_THROUGH = frozenset({"round", "item", "tolist", "to_dict", "astype"})


def hint_of(statement: ast.AST, node: ast.AST) -> str:
    """The name wished for: `m = df["x"].mean()` → m; `df["income"].fillna(df["income"].median())` → income_median."""
    name = _target(statement, node)
    if name:
        return name
    column, reduction = column_in(node), _reduction_in(node)
    if reduction in ("fit", "fit_transform"):
        return receiver_hint(node)
    if column and reduction:
        return f"{column}_{reduction}"
    if column:
        inner = next((_reduction_in(part) for part in ast.walk(node) if isinstance(part, ast.Call)), None)
        return f"{column}_{inner}" if inner else column
    owner = _owner(node)
    if reduction:
        return f"{owner}_{reduction}" if owner else reduction
    return "_".join(dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name)))[:40] or "value"


def column_in(node: ast.AST) -> str | None:
    """The column that an expression reads: `df["income"].mean()` → income."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
            return part.slice.value
    chain = node
    while isinstance(chain, ast.Call | ast.Attribute | ast.Subscript):
        inner = chain.func if isinstance(chain, ast.Call) else chain.value
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and isinstance(chain, ast.Attribute):
            return inner.attr
        chain = inner
    return None


def receiver_hint(node: ast.AST) -> str:
    """`scaler` of `scaler.fit(X)` and of `StandardScaler().fit(X)`."""
    inner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    if isinstance(inner, ast.Call):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", called(inner) or "fitted").lower()
        return words.split("_")[-1]
    return inner.id if isinstance(inner, ast.Name) else getattr(inner, "attr", "fitted")


def _target(statement: ast.AST, node: ast.AST) -> str | None:
    for part in ast.walk(statement):
        if isinstance(part, ast.Assign) and part.value is node:
            target = part.targets[0]
            if isinstance(target, ast.Name):
                return target.id
            if isinstance(target, ast.Tuple) and all(isinstance(each, ast.Name) for each in target.elts):
                return "_".join(getattr(each, "id", "") for each in target.elts)
    return None


def _reduction_in(node: ast.AST) -> str | None:
    found = None
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Attribute):
                return called(node) or found
            found = node.func.attr
            if not (isinstance(node.func.value, ast.Call) and found in _THROUGH):
                return found
            node = node.func.value
            continue
        node = node.value
    return found


def _owner(node: ast.AST) -> str | None:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else None
