"""What each statement does: bindings, branches and loops."""

import ast
from collections.abc import Sequence

from nb2svc.analysis.knowledge import VIEW_ATTRIBUTES
from nb2svc.analysis.objects.functions import apply_function, make_class, make_function
from nb2svc.analysis.objects.heap import NONE, NOTHING, Value
from nb2svc.analysis.objects.state import State, element, evaluate, execute, executes, materialise, union
from nb2svc.analysis.scopes import bound_names, imported_name

# What parts of these are is known without their objects: columns of a frame, axes of a figure.
_OF_A_KIND = frozenset({"pandas", "numpy", "drawing"})


def assign(state: State, target: ast.expr, value: Value) -> None:
    """Bind or store a value: a name, an item, an attribute, or several at once."""
    if isinstance(target, ast.Name):
        state.bind(target.id, materialise(state, value))
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(state, target.elts, value)
    elif isinstance(target, ast.Starred):
        assign(state, target.value, state.fresh(element(state, value), kind="list"))
    elif isinstance(target, ast.Subscript | ast.Attribute):
        _store(state, target, value)


def _unpack(state: State, targets: Sequence[ast.expr], value: Value) -> None:
    items = state.heap.items.get(next(iter(value.objects)), ()) if len(value.objects) == 1 else ()
    if len(items) == len(targets) and not any(isinstance(target, ast.Starred) for target in targets):
        for target, item in zip(targets, items, strict=True):
            assign(state, target, item)
        return
    # What a library call has just made is several fresh objects, not one that all targets share.
    fresh = not any(
        state.heap.contents.get(one) or state.heap.names.get(one) or state.heap.holders.get(one) for one in value.objects
    )
    for target in targets:
        one = Value(NONE, value.kind if value.kind in _OF_A_KIND else "") if fresh else element(state, value)
        assign(state, target, one)


def _store(state: State, target: ast.Subscript | ast.Attribute, value: Value) -> None:
    base = evaluate(state, target.value)
    if isinstance(target, ast.Subscript):
        evaluate(state, target.slice)
    through = isinstance(target.value, ast.Attribute) and target.value.attr in VIEW_ATTRIBUTES
    state.change(base.objects, values=through)
    for one in base.objects:
        state.heap.items.pop(one, None)
    if base.kind not in _OF_A_KIND:
        state.heap.hold(base.objects, materialise(state, value).objects)
    if base.kind == "import" and base.path.startswith("os.environ"):
        state.effect("library_state", "os.environ", target)


@executes(ast.Assign)
def _assign(state: State, node: ast.Assign) -> None:
    value = materialise(state, evaluate(state, node.value))
    for target in node.targets:
        assign(state, target, value)


@executes(ast.AnnAssign)
def _annotated(state: State, node: ast.AnnAssign) -> None:
    if state.frame is None:
        evaluate(state, node.annotation)
    if node.value is not None:
        assign(state, node.target, evaluate(state, node.value))


@executes(ast.AugAssign)
def _augmented(state: State, node: ast.AugAssign) -> None:
    value = evaluate(state, node.value)
    if not isinstance(node.target, ast.Name):
        _store(state, node.target, value)
        return
    old = state.lookup(node.target.id)
    if old.kind == "scalar":
        state.bind(node.target.id, materialise(state, value))
        return
    # `xs += [x]` changes the list that other names may share.
    state.change(old.objects)
    state.heap.hold(old.objects, state.heap.elements(value))
    state.bind(node.target.id, old)


@executes(ast.Delete)
def _delete(state: State, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            state.unbind(target.id)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            _store(state, target, NOTHING)


@executes(ast.Import)
def _import(state: State, node: ast.Import) -> None:
    for alias in node.names:
        path = alias.name if alias.asname else alias.name.partition(".")[0]
        state.bind(imported_name(alias), Value(frozenset((state.heap.new(),)), "import", path))


@executes(ast.ImportFrom)
def _import_from(state: State, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name != "*":
            value = Value(frozenset((state.heap.new(),)), "import", f"{module}.{alias.name}")
            state.bind(imported_name(alias), value)


@executes(ast.FunctionDef, ast.AsyncFunctionDef)
def _function(state: State, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    _bind_decorated(state, node, make_function(state, node))


@executes(ast.ClassDef)
def _class(state: State, node: ast.ClassDef) -> None:
    _bind_decorated(state, node, make_class(state, node))


def _bind_decorated(state: State, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, made: Value) -> None:
    for decorator in node.decorator_list:
        wrapper = evaluate(state, decorator)
        if not wrapper.objects.isdisjoint(state.heap.functions):
            made = union(made, apply_function(state, wrapper, [made], {}))
    state.bind(node.name, made)


@executes(ast.Return)
def _return(state: State, node: ast.Return) -> None:
    value = evaluate(state, node.value) if node.value else NOTHING
    if state.frame is not None:
        state.frame.results.append(materialise(state, value))


def _alternatives(state: State, blocks: Sequence[Sequence[ast.AST]]) -> None:
    """Run blocks of which any one may run; a name is then what any of them made it."""
    names = bound_names([node for block in blocks for node in block])
    before = {name: state.lookup(name) for name in names}
    ends: list[dict[str, Value]] = []
    for block in blocks:
        for name, value in before.items():
            if value != NOTHING:
                state.bind_again(name, value)
        execute(state, block)
        ends.append({name: state.lookup(name) for name in names})
    for name in names:
        state.bind_again(name, union(*(end[name] for end in ends)))


@executes(ast.If)
def _if(state: State, node: ast.If) -> None:
    evaluate(state, node.test)
    _alternatives(state, [node.body, node.orelse])


@executes(ast.For, ast.AsyncFor)
def _for(state: State, node: ast.For | ast.AsyncFor) -> None:
    source = evaluate(state, node.iter)
    for _ in state.rounds():
        assign(state, node.target, element(state, source))
        _alternatives(state, [node.body, []])
    execute(state, node.orelse)


@executes(ast.While)
def _while(state: State, node: ast.While) -> None:
    for _ in state.rounds():
        evaluate(state, node.test)
        _alternatives(state, [node.body, []])
    execute(state, node.orelse)


@executes(ast.With, ast.AsyncWith)
def _with(state: State, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        value = evaluate(state, item.context_expr)
        if item.optional_vars is not None:
            assign(state, item.optional_vars, value)
    execute(state, node.body)


@executes(ast.Try, ast.TryStar)
def _try(state: State, node: ast.Try | ast.TryStar) -> None:
    handlers: list[list[ast.AST]] = []
    for handler in node.handlers:
        if handler.type is not None:
            evaluate(state, handler.type)
        if handler.name:
            state.bind(handler.name, NOTHING)
        handlers.append([*node.body, *handler.body])
    _alternatives(state, [[*node.body, *node.orelse], *handlers])
    execute(state, node.finalbody)


@executes(ast.Match)
def _match(state: State, node: ast.Match) -> None:
    subject = evaluate(state, node.subject)
    inside = union(subject, element(state, subject))
    blocks: list[list[ast.AST]] = [[]]
    for case in node.cases:
        for name in bound_names([case.pattern]):
            state.bind(name, inside)
        blocks.append([*([case.guard] if case.guard else []), *case.body])
    _alternatives(state, blocks)


@executes(ast.Global, ast.Nonlocal, ast.Pass, ast.Break, ast.Continue)
def _nothing(state: State, node: ast.stmt) -> None:
    """A declaration, or a jump: every path is taken anyway."""
