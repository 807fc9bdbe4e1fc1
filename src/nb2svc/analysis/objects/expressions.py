"""What each expression evaluates to, other than calls."""

import ast

from nb2svc.analysis.knowledge import VIEW_ATTRIBUTES
from nb2svc.analysis.objects.execution import assign
from nb2svc.analysis.objects.functions import make_function
from nb2svc.analysis.objects.heap import NONE, NOTHING, SCALAR, Frame, Value
from nb2svc.analysis.objects.state import State, element, evaluate, evaluates, materialise, of_objects, union
from nb2svc.analysis.scopes import Comprehension, comprehension_results, comprehension_targets, late_names
from nb2svc.analysis.trees import children

_FANCY_KINDS = frozenset({"list", "pandas", "numpy", "keys"})


@evaluates(ast.Name)
def _name(state: State, node: ast.Name) -> Value:
    value = state.lookup(node.id)
    if value.kind in ("iterator", "generator"):
        # Whoever reads an iterator or a random generator moves it on.
        state.change(value.objects)
    return value


@evaluates(ast.Constant, ast.JoinedStr, ast.FormattedValue)
def _constant(state: State, node: ast.expr) -> Value:
    for child in children(node):
        evaluate(state, child)
    return SCALAR


@evaluates(ast.Attribute)
def _attribute(state: State, node: ast.Attribute) -> Value:
    return attribute(state, evaluate(state, node.value), node.attr)


def attribute(state: State, base: Value, name: str) -> Value:
    """What `base.name` evaluates to."""
    if base.kind == "import":
        return Value(base.objects, "import", f"{base.path}.{name}")
    if base.kind == "pandas":
        if name in VIEW_ATTRIBUTES:
            return Value(base.objects, "numpy" if name in ("values", "array") else "pandas")
        return Value(state.heap.part_of(base.objects, name), "pandas")
    if base.kind == "drawing":
        return base
    if base.kind == "bunch":
        return of_objects(state, state.heap.elements(base))
    if name in VIEW_ATTRIBUTES:
        return Value(base.objects, base.kind)
    return Value(state.heap.elements(base), "numpy" if base.kind == "estimator" else "")


@evaluates(ast.Subscript)
def _subscript(state: State, node: ast.Subscript) -> Value:
    base, index = evaluate(state, node.value), evaluate(state, node.slice)
    heap = state.heap
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.operand, ast.Constant):
        key = -node.slice.operand.value if isinstance(node.slice.operand.value, int) else None
    if base.kind == "pandas":
        column = isinstance(key, str) and not (isinstance(node.value, ast.Attribute) and node.value.attr in VIEW_ATTRIBUTES)
        return Value(heap.part_of(base.objects, str(key)) if column else NONE, "pandas")
    if isinstance(node.slice, ast.Slice) or base.kind == "drawing":
        # A slice of an array is a view; a slice of a list holds what the list holds.
        return base
    fancy = isinstance(node.slice, ast.Compare | ast.BoolOp | ast.List) or index.kind in _FANCY_KINDS
    if fancy:
        return Value(NONE, base.kind if base.kind == "numpy" else "")
    if base.kind == "numpy":
        return base
    if isinstance(key, int) and len(base.objects) == 1:
        items = heap.items.get(next(iter(base.objects)), ())
        if -len(items) <= key < len(items):
            return items[key]
    return of_objects(state, heap.elements(base))


@evaluates(ast.List, ast.Tuple, ast.Set)
def _display(state: State, node: ast.List | ast.Tuple | ast.Set) -> Value:
    values = [materialise(state, evaluate(state, item)) for item in node.elts]
    # `[*xs, y]` holds what `xs` holds.
    starred = [isinstance(item, ast.Starred) for item in node.elts]
    held = [Value(state.heap.elements(v)) if star else v for v, star in zip(values, starred, strict=True)]
    made = state.fresh(*held, kind="list" if isinstance(node, ast.List) else "", known=True)
    if not any(starred) and not isinstance(node, ast.Set):
        state.heap.items[next(iter(made.objects))] = tuple(values)
    return made


@evaluates(ast.Dict)
def _dict(state: State, node: ast.Dict) -> Value:
    held = [evaluate(state, key) for key in node.keys if key is not None]
    for key, item in zip(node.keys, node.values, strict=True):
        value = materialise(state, evaluate(state, item))
        held.append(Value(state.heap.elements(value)) if key is None else value)
    return state.fresh(*held, known=True)


@evaluates(ast.Starred)
def _starred(state: State, node: ast.Starred) -> Value:
    return evaluate(state, node.value)


@evaluates(ast.BinOp)
def _binary(state: State, node: ast.BinOp) -> Value:
    left, right = evaluate(state, node.left), evaluate(state, node.right)
    kinds = {left.kind, right.kind}
    for kind in ("pandas", "numpy"):
        if kind in kinds:
            return Value(NONE, kind)
    if kinds == {"scalar"}:
        return SCALAR
    if not left.objects and not right.objects:
        return NOTHING
    # `[a] + [b]` and `[a] * 3` hold the very same objects.
    held = state.heap.elements(Value(left.objects | right.objects))
    return Value(
        frozenset((state.heap.new(held, known=left.objects | right.objects <= state.heap.known),)),
        "list" if "list" in kinds else "",
    )


@evaluates(ast.Compare)
def _compare(state: State, node: ast.Compare) -> Value:
    values = [evaluate(state, part) for part in (node.left, *node.comparators)]
    return Value(NONE, "pandas" if any(value.kind == "pandas" for value in values) else "keys")


@evaluates(ast.UnaryOp)
def _unary(state: State, node: ast.UnaryOp) -> Value:
    return Value(NONE, evaluate(state, node.operand).kind)


@evaluates(ast.BoolOp)
def _boolean(state: State, node: ast.BoolOp) -> Value:
    return union(*(evaluate(state, part) for part in node.values))


@evaluates(ast.IfExp)
def _conditional(state: State, node: ast.IfExp) -> Value:
    evaluate(state, node.test)
    return union(materialise(state, evaluate(state, node.body)), materialise(state, evaluate(state, node.orelse)))


@evaluates(ast.NamedExpr)
def _walrus(state: State, node: ast.NamedExpr) -> Value:
    value = materialise(state, evaluate(state, node.value))
    assign(state, node.target, value)
    return value


@evaluates(ast.Lambda)
def _lambda(state: State, node: ast.Lambda) -> Value:
    return make_function(state, node)


@evaluates(ast.Await)
def _await(state: State, node: ast.Await) -> Value:
    return evaluate(state, node.value)


@evaluates(ast.Yield, ast.YieldFrom)
def _yield(state: State, node: ast.Yield | ast.YieldFrom) -> Value:
    value = evaluate(state, node.value) if node.value else NOTHING
    if state.frame is not None:
        made = value if isinstance(node, ast.YieldFrom) else state.fresh(value, kind="iterator")
        state.frame.results.append(Value(made.objects, "iterator"))
    return NOTHING


@evaluates(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
def _comprehension(state: State, node: Comprehension) -> Value:
    frame = Frame(comprehension_targets(node), {}, outer=state.frame)
    first = NOTHING
    for index, generator in enumerate(node.generators):
        with state.within(state.frame if index == 0 else frame):
            source = evaluate(state, generator.iter)
            first = source if index == 0 else first
        with state.within(frame):
            assign(state, generator.target, element(state, source))
            for test in generator.ifs:
                evaluate(state, test)
    with state.within(frame):
        values = [evaluate(state, part) for part in comprehension_results(node)]
    kind = "iterator" if isinstance(node, ast.GeneratorExp) else "list" if isinstance(node, ast.ListComp) else ""
    made = state.fresh(*(materialise(state, value) for value in values), kind=kind, known=True)
    if isinstance(node, ast.GeneratorExp):
        number = next(iter(made.objects))
        # It goes over its first iterable when it is consumed, and sees what was changed there until then.
        state.heap.watch(made.objects, first.objects)
        state.heap.lazy[number] = late_names(node)
        state.heap.carry((number,))
    return made
