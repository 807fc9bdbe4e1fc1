"""NB230 (warning): a feature is made from the target.

What it finds: on the way to what the model is fitted on, a statement that reads the target's column for something else than
to drop it or to set it aside.

Why it matters: a request does not have the target. A feature made from it is a leak in training, and can't be computed in
the service; the build tries whether the target's value changes the answer, and fails if it does.

Example:

    # nb2svc: feature loans
    loans["regional"] = loans.groupby("region")["rate"].transform("mean")
    X = loans[["age", "regional"]]
    y = loans["rate"]

Fix: make the feature from the other columns, or learn it on the training rows in a `TargetEncoder` inside the model.

    # nb2svc: feature loans
    loans["regional"] = loans.groupby("region")["score"].transform("mean")
    X = loans[["age", "regional"]]
    y = loans["rate"]

Related: NB310
"""

import ast
from collections.abc import Collection, Iterator

from nb2svc.analysis.index import Index, names_in
from nb2svc.analysis.knowledge import SPLITTING_CALLS
from nb2svc.ir.finding import Finding
from nb2svc.ir.outline import Outline
from nb2svc.rules.context import Context

CODE = "NB230"
_SETS_ASIDE = frozenset({"drop", "pop", "dropna", "rename", "astype", "select_dtypes", "difference", "isin", "get_loc", "remove"})
# What may follow a choice of rows: `df[df["y"] > 0].copy()`.
_SAME_ROWS = frozenset({"copy", "reset_index", "sample", "head"})


def check(context: Context) -> Iterator[Finding]:
    """One finding for each statement that reads the target's column on the way to the model's input."""
    outline, index = context.outline, context.index
    if outline is None or outline.model.fit_input is None:
        return
    path = _way_to_features(index, outline, {number for number, part in context.parts.items() if part == "fit_path"})
    for column in sorted(_target_columns(index, outline, path)):
        for number in sorted(path):
            for node in _reads_of(index, number, column):
                yield Finding(
                    code=CODE,
                    severity="warning",
                    message=f'The target "{column}" is read here on the way to the model\'s input: a request does not have it.',
                    remedy="Make this feature without the target, or learn it inside the model (`TargetEncoder`).",
                    span=context.span(index.statement(number), node),
                )


def _way_to_features(index: Index, outline: Outline, fit_path: Collection[int]) -> set[int]:
    """The fit path, but through a split only to what it splits first: `train_test_split(X, y)` leads to X."""
    fit = outline.model.fit
    inside = [node for node in index.nodes(fit) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "fit"]
    names = names_in(inside[-1].args[0]) if inside and inside[-1].args else frozenset()
    todo = [edge.source for edge in index.into.get(fit, ()) if edge.name in names]
    seen: set[int] = set()
    while todo:
        number = todo.pop()
        if number in seen or number not in fit_path:
            continue
        seen.add(number)
        only = _split_first(index, number)
        todo += [edge.source for edge in index.into.get(number, ()) if only is None or edge.name in only]
    return {number for number in seen if _split_first(index, number) is None}


def _split_first(index: Index, number: int) -> frozenset[str] | None:
    """The names of the first argument of a split, or None where the statement is none."""
    for call in index.calls(number):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in SPLITTING_CALLS and call.args:
            return names_in(call.args[0])
    return None


def _target_columns(index: Index, outline: Outline, path: Collection[int]) -> set[str]:
    """The columns that the target is taken from: `loans["defaulted"]` in the fit, the split, or a statement of its own."""
    fit = outline.model.fit
    names = {
        name
        for call in index.calls(fit)
        if getattr(call.func, "attr", "") == "fit"
        for a in call.args[1:2]
        for name in names_in(a)
    }
    found = {column for call in index.calls(fit) for a in call.args[1:2] for column in _columns_of(a)}
    sources = {edge.source for edge in index.into.get(fit, ()) if edge.name in names}
    for number in tuple(sources):
        for call in index.calls(number):
            if _split_first(index, number) is not None:
                found |= {column for a in call.args[1:2] for column in _columns_of(a)}
                wanted = {name for a in call.args[1:2] for name in names_in(a)}
                sources |= {edge.source for edge in index.into.get(number, ()) if edge.name in wanted}
    for number in sources - set(path):
        parsed = index.parsed(number)
        if parsed and isinstance(parsed.node, ast.Assign) and _split_first(index, number) is None:
            # `loans["note"] = …` changes the table that the target is taken from, and takes nothing.
            binds = not any(isinstance(target, ast.Subscript | ast.Attribute) for target in parsed.node.targets)
            found |= _columns_of(parsed.node.value) if binds else set()
    return found


def _columns_of(node: ast.AST) -> set[str]:
    return {n.slice.value for n in ast.walk(node) if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant)
            and isinstance(n.slice.value, str)}  # fmt: skip


def _is_for_training(node: ast.Assign, column: str) -> bool:
    """Whether an assignment writes the target back, `df["y"] = log(df["y"])`, or only chooses rows, `df = df[df["y"] > 0]`."""
    places = [target.slice if isinstance(target, ast.Subscript) else None for target in node.targets]
    if all(isinstance(place, ast.Constant) and place.value == column for place in places):
        return True
    value = node.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _SAME_ROWS:
        value = value.func.value
    mask = value.slice if isinstance(value, ast.Subscript) else None
    return mask is not None and any(isinstance(part, ast.Compare) for part in ast.walk(mask))


def _reads_of(index: Index, number: int, column: str) -> Iterator[ast.AST]:
    """Where a statement takes the column out of a frame, other than to set it aside, to choose rows or to write it back."""
    parsed = index.parsed(number)
    if parsed and isinstance(parsed.node, ast.Assign) and _is_for_training(parsed.node, column):
        return
    aside = {
        id(node)
        for call in index.calls(number)
        if isinstance(call.func, ast.Attribute) and call.func.attr in _SETS_ASIDE
        for argument in (*call.args, *call.keywords)
        for node in ast.walk(argument)
    }
    for node in index.nodes(number):
        if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and isinstance(node.slice, ast.Constant)):
            continue
        if node.slice.value == column and id(node) not in aside:
            yield node
