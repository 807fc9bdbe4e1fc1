"""Training code that must give another model: without its seeds, with half of its rows, or with the labels of other rows."""

import ast
from collections.abc import Iterator

from nb2svc.readiness.mutants.mutant import Mutant, replaced

_SEEDS = frozenset({"random_state", "seed", "random_seed"})
_FITTING = frozenset({"fit", "partial_fit"})
# What boosters learn from.
_DATA_SETS = frozenset({"DMatrix", "QuantileDMatrix", "Dataset", "Pool"})
_SEEDED_CALLS = frozenset({"seed", "default_rng", "RandomState"})


def unseeded(file: str, source: str) -> Iterator[Mutant]:
    """The module without any of its seeds; none where it has none.

    `train_test_split(X, y, random_state=0)` → `train_test_split(X, y, random_state=None)`; `np.random.seed(0)` → `…seed(None)`
    """
    places: list[tuple[ast.expr, str]] = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        places += [(keyword.value, "None") for keyword in node.keywords if keyword.arg in _SEEDS and not _is_none(keyword.value)]
        if _name(node.func) in _SEEDED_CALLS and node.args:
            places.append((node.args[0], "None"))
    if places:
        lines = ", ".join(str(line) for line in sorted({node.lineno for node, _ in places}))
        yield Mutant(file=file, source=_all_replaced(source, places), description=f"seeds removed in {file}, line {lines}")


def halved(file: str, source: str) -> Iterator[Mutant]:
    """The module with every second row left out, one mutant for each `fit`.

    `model.fit(X_train, y_train)` → `model.fit((X_train)[::2], (y_train)[::2])`: a slice of rows in pandas, numpy and lists
    """
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit" and node.args):
            continue
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            continue
        rows = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in ("y", "sample_weight"))]
        places: list[tuple[ast.expr, str]] = [(row, f"({ast.get_source_segment(source, row)})[::2]") for row in rows]
        yield Mutant(
            file=file,
            source=_all_replaced(source, places),
            description=f"every second training row left out in {file}, line {node.lineno}",
        )


def shuffled(file: str, source: str, *, call: str) -> Iterator[Mutant]:
    """The module with `call` about the labels of all that is fitted; none where nothing is given labels.

    `model.fit(X_train, y_train)` → `model.fit(X_train, call(y_train))`; `DMatrix(X, label=y)` → `DMatrix(X, label=call(y))`
    """
    labels = [label for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) for label in _labels(node)]
    places: list[tuple[ast.expr, str]] = [(label, f"{call}({ast.get_source_segment(source, label)})") for label in labels]
    if places:
        lines = ", ".join(str(line) for line in sorted({label.lineno for label in labels}))
        yield Mutant(file=file, source=_all_replaced(source, places), description=f"labels shuffled in {file}, line {lines}")


def _labels(call: ast.Call) -> Iterator[ast.expr]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if _name(call.func) in _FITTING and not any(isinstance(each, ast.Starred) for each in call.args):
        label = named.get("y") or (call.args[1] if len(call.args) > 1 else None)
        if label is not None and not _is_none(label):
            yield label
    elif _name(call.func) in _DATA_SETS and "label" in named:
        yield named["label"]


def _all_replaced(source: str, places: list[tuple[ast.expr, str]]) -> str:
    """From the last to the first, so that earlier positions stay true."""
    for node, text in sorted(places, key=lambda place: (place[0].lineno, place[0].col_offset), reverse=True):
        source = replaced(source, node, text)
    return source


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
