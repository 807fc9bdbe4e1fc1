"""Feature and model code with one number, word or learned value changed, the most telling edit first."""

import ast
from collections.abc import Iterator

from nb2svc.readiness.mutants.mutant import Mutant, replaced

# Arguments whose number says how, not how much: another one is an error, not another value.
_STRUCTURAL = frozenset({"axis", "level", "random_state", "n_jobs", "verbose", "copy", "ndmin", "levels", "periods"})
_SPLIT = frozenset({"predict", "predict_proba", "decision_function", "predict_log_proba"})


def constant_mutants(file: str, source: str) -> Iterator[Mutant]:
    """Copies of a module with one constant or coefficient perturbed.

    `(loans["age"] - 40) / 30` → `(loans["age"] - 40) / 30.03`; `risk > 0.4` → `risk > 1.8`
    """
    tree = ast.parse(source)
    yield from _numbers(file, source, tree)
    yield from _learned(file, source, tree)
    yield from _words(file, source, tree)


def answer_mutants(file: str, source: str) -> Iterator[Mutant]:
    """Copies with predictions handed to the wrong rows: `model.predict(X)` → `model.predict(X)[::-1]`.

    They run whatever the features are made of; a learned object times 1.01 does not.
    """
    for node in _in_functions(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SPLIT:
            text = ast.get_source_segment(source, node) or ""
            yield _changed(file, source, node, f"{text}[::-1]", shown="the order of the predictions")


def _numbers(file: str, source: str, tree: ast.Module) -> Iterator[Mutant]:
    """Operands of arithmetic (a thousandth more), then those of comparisons and arguments (far off: few rows may be near)."""
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    numbers = [node for node in _in_functions(tree) if isinstance(node, ast.Constant) and _is_number(node.value)]
    numbers = [node for node in numbers if not _is_position(node, parents)]
    arithmetic = [node for node in numbers if isinstance(parents.get(node), ast.BinOp)]
    others = [node for node in numbers if isinstance(parents.get(node), ast.Compare) or _is_plain_argument(node, parents)]
    for node in arithmetic:
        yield _changed(file, source, node, _text(_times(node, 1.001) or 0.001))
    for node in others:
        yield _changed(file, source, node, _text(_times(node, 2) + 1))


def _learned(file: str, source: str, tree: ast.Module) -> Iterator[Mutant]:
    """Learned values: `state.income_mean(lambda: …)` → `(state.income_mean(lambda: …) * 1.01)`."""
    for node in _in_functions(tree):
        if isinstance(node, ast.Call) and _is_state(node.func) and node.args and isinstance(node.args[0], ast.Lambda):
            text = ast.get_source_segment(source, node) or ""
            yield _changed(file, source, node, f"({text} * 1.01)", shown=f"the learned value {ast.unparse(node.func)}")


def _words(file: str, source: str, tree: ast.Module) -> Iterator[Mutant]:
    """Words that are values of a dictionary, so answers or categories rather than columns: "High risk" → "High risk?"."""
    for node in _in_functions(tree):
        if isinstance(node, ast.Dict):
            for value in node.values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield _changed(file, source, value, repr(value.value + "?"))


def _in_functions(tree: ast.Module) -> list[ast.AST]:
    """What stands in function bodies, defaults and annotations left out, in order of the text."""
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    found = [node for function in functions for statement in function.body for node in ast.walk(statement)]
    return sorted(found, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _times(node: ast.Constant, factor: float) -> float:
    assert isinstance(node.value, int | float)
    return node.value * factor


def _is_plain_argument(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    parent = parents.get(node)
    if isinstance(parent, ast.keyword):
        return parent.arg not in _STRUCTURAL
    return isinstance(parent, ast.Call) and node in parent.args


def _is_position(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it stands in a subscript (`[:, n - 1]`): there a number says where."""
    while node in parents and not isinstance(node, ast.stmt):
        above = parents[node]
        if isinstance(above, ast.Subscript) and node is above.slice:
            return True
        node = above
    return False


def _is_state(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "state"


def _text(value: float) -> str:
    return repr(round(value, 12) if isinstance(value, float) else value)


def _changed(file: str, source: str, node: ast.expr, text: str, *, shown: str = "") -> Mutant:
    what = f"{shown} changed" if shown else f"{ast.get_source_segment(source, node)} → {text}"
    return Mutant(file=file, source=replaced(source, node, text), description=f"{what} in {file}, line {node.lineno}")
