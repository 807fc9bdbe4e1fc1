"""What the syntax of an expression or a definition alone says."""

import ast
import re

from nb2svc.plan.draft.values import Function, called


def made_with(node: Function | ast.Lambda) -> list[ast.expr]:
    """What a function or lambda reads where it stands, once: defaults and decorators."""
    given = [default for default in node.args.kw_defaults if default is not None]
    return [*node.args.defaults, *given, *getattr(node, "decorator_list", ())]


def fits_a_name(node: ast.expr) -> bool:
    """`scaler.fit(X)`, which changes what `scaler` names; `StandardScaler().fit(X)` does not."""
    return (
        isinstance(node, ast.Call)
        and called(node) == "fit"
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    )


def pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """`a, b = c, d` as two assignments; [] where it is one."""
    both = isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List)
    if not both or len(target.elts) != len(value.elts):  # type: ignore[attr-defined]
        return []
    return list(zip(target.elts, value.elts, strict=True))  # type: ignore[attr-defined]


def named_in_query(node: ast.AST) -> list[str]:
    """The variables that a text of `query` or `eval` names: `loans.query("age > @low")` → low."""
    if not isinstance(node, ast.Call) or called(node) not in ("query", "eval"):
        return []
    said = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [name for text in said for name in re.findall(r"@(\w+)", text)]
