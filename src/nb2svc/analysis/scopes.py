"""Python's scopes: which names a block binds, and which global names a function reads when it is called."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator

from nb2svc.analysis.knowledge import STRING_NAME_CALLS
from nb2svc.analysis.trees import all_nodes, children

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_AT_NAME = re.compile(r"@([^\W\d]\w*)")


def bound_names(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    """The names that a block binds in its own scope, each once, in order; nested functions and classes keep theirs.

    `for i in r: n = (m := i)` → i, n, m
    """
    return tuple(dict.fromkeys(name for node in nodes for name in _bindings(node)))


def _bindings(node: ast.AST) -> Iterator[str]:
    handler = _BINDINGS.get(type(node))
    if handler is not None:
        yield from handler(node)
    else:
        for child in children(node):
            yield from _bindings(child)


def _of_name(node: ast.Name) -> Iterator[str]:
    if not isinstance(node.ctx, ast.Load):
        yield node.id


def _of_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    yield node.name
    yield from _of_lambda(node)


def _of_lambda(node: Function | ast.ClassDef) -> Iterator[str]:
    for child in evaluated_at_definition(node):
        yield from _bindings(child)


def _of_import(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    yield from (imported_name(alias) for alias in node.names if alias.name != "*")


def _of_named(node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> Iterator[str]:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name:
        yield name
    for child in children(node):
        yield from _bindings(child)


def _of_comprehension(node: Comprehension) -> Iterator[str]:
    yield from (named.target.id for named in all_nodes([node]) if isinstance(named, ast.NamedExpr))


def imported_name(alias: ast.alias) -> str:
    """The name that one import binds: `a.b as c` → c, `a.b` → a."""
    return alias.asname or alias.name.partition(".")[0]


def evaluated_at_definition(node: ast.AST) -> list[ast.AST]:
    """Decorators, defaults, annotations, bases: what a definition evaluates when it runs itself."""
    parts: list[ast.AST | None] = [*getattr(node, "decorator_list", [])]
    if isinstance(node, ast.ClassDef):
        parts += [*node.bases, *node.keywords]
    elif isinstance(node, _FUNCTIONS):
        arguments = node.args
        parts += [*arguments.defaults, *arguments.kw_defaults]
        parts += [argument.annotation for argument in parameters(node)]
        parts += [getattr(node, "returns", None)]
    return [part for part in parts if part is not None]


def parameters(function: Function) -> list[ast.arg]:
    """All parameters of a function: positional, `*args`, keyword-only, `**kwargs`."""
    arguments = function.args
    extra = [arguments.vararg] if arguments.vararg else []
    last = [arguments.kwarg] if arguments.kwarg else []
    return [*arguments.posonlyargs, *arguments.args, *extra, *arguments.kwonlyargs, *last]


def body_of(function: Function) -> list[ast.AST]:
    """The statements of a function, or a lambda's expression."""
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


def local_names(function: Function) -> frozenset[str]:
    """The names local to a function: its parameters and what it binds, less what it declares global or nonlocal."""
    names = {argument.arg for argument in parameters(function)}
    names.update(bound_names(body_of(function)))
    return frozenset(names - declared(function, ast.Global) - declared(function, ast.Nonlocal))


def declared(function: Function, kind: type[ast.Global] | type[ast.Nonlocal]) -> frozenset[str]:
    """The names that a function declares global (or nonlocal) in its own scope."""
    return frozenset(name for node in own_nodes_of(body_of(function)) if isinstance(node, kind) for name in node.names)


def own_nodes_of(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """These nodes and what is below them, without what is inside functions and classes."""
    for node in nodes:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield from own_nodes_of(children(node))


def free_names(node: Function | ast.ClassDef) -> tuple[str, ...]:
    """The global names that a function reads when it is called (for a class: when its methods are), in order.

    `def f(a, b=k): return a * g(lambda c: c + h)` → g, h     (`k` is read by the definition itself)
    """
    found: dict[str, None] = {}
    if isinstance(node, ast.ClassDef):
        for function in _deferred_in(node.body):
            _collect_function(function, frozenset(), found)
    else:
        _collect_function(node, frozenset(), found)
    return tuple(found)


def _deferred_in(nodes: Iterable[ast.AST]) -> Iterator[Function]:
    for node in nodes:
        if isinstance(node, _FUNCTIONS):
            yield node
        else:
            yield from _deferred_in(children(node))


def _collect_function(function: Function, enclosing: frozenset[str], found: dict[str, None]) -> None:
    hidden = (enclosing | local_names(function)) - declared(function, ast.Global)
    for node in body_of(function):
        _collect(node, hidden, found)


def _collect(node: ast.AST, hidden: frozenset[str], found: dict[str, None]) -> None:
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Store) and node.id not in hidden:
            found[node.id] = None
    elif isinstance(node, _FUNCTIONS):
        for part in evaluated_at_definition(node):
            _collect(part, hidden, found)
        _collect_function(node, hidden, found)
    elif isinstance(node, ast.ClassDef):
        _collect_class(node, hidden, found)
    elif isinstance(node, _COMPREHENSIONS):
        _collect_comprehension(node, hidden, found)
    else:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id not in hidden:
            found[node.target.id] = None
        if isinstance(node, ast.Call):
            found.update(dict.fromkeys(name for name in string_names(node) if name not in hidden))
        # An annotation of a local variable is never evaluated.
        skip = node.annotation if isinstance(node, ast.AnnAssign) else None
        for child in children(node):
            if child is not skip:
                _collect(child, hidden, found)


def _collect_class(node: ast.ClassDef, hidden: frozenset[str], found: dict[str, None]) -> None:
    for part in evaluated_at_definition(node):
        _collect(part, hidden, found)
    # Names of a class body are seen by its statements, not by its methods.
    inside = hidden | frozenset(bound_names(node.body))
    for statement in node.body:
        if isinstance(statement, _FUNCTIONS):
            _collect(statement, hidden, found)
        else:
            _collect(statement, inside, found)


def _collect_comprehension(node: Comprehension, hidden: frozenset[str], found: dict[str, None]) -> None:
    _collect(node.generators[0].iter, hidden, found)
    inside = hidden | comprehension_targets(node)
    for index, generator in enumerate(node.generators):
        for part in ([] if index == 0 else [generator.iter]) + generator.ifs:
            _collect(part, inside, found)
    for part in comprehension_results(node):
        _collect(part, inside, found)


def comprehension_targets(node: Comprehension) -> frozenset[str]:
    """The loop variables of a comprehension, which live in it alone."""
    return frozenset(name for generator in node.generators for name in bound_names([generator.target]))


def comprehension_results(node: Comprehension) -> list[ast.expr]:
    """What a comprehension computes for each item: its element, or key and value."""
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]


def late_names(node: ast.GeneratorExp) -> tuple[str, ...]:
    """The names that a generator expression looks up only when it is consumed: all but its first iterable's."""
    parts: list[ast.expr] = [node.elt, *(test for generator in node.generators for test in generator.ifs)]
    parts += [generator.iter for generator in node.generators[1:]]
    found: dict[str, None] = {}
    for part in parts:
        _collect(part, comprehension_targets(node) | frozenset(bound_names([node])), found)
    return tuple(found)


def string_names(call: ast.Call) -> tuple[str, ...]:
    """The Python names inside the string literals of a `query` or `eval` call.

    `df.query("a > @k")` → k        `eval("a + b")` → a, b        `df.eval("c = a + @k")` → k
    """
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in STRING_NAME_CALLS:
        return ()
    texts = [node.value for argument in call.args[:1] for node in ast.walk(argument) if isinstance(node, ast.Constant)]
    found: dict[str, None] = {}
    for text in texts:
        if isinstance(text, str):
            found.update(dict.fromkeys(_AT_NAME.findall(text)))
            if isinstance(function, ast.Name):
                found.update(dict.fromkeys(_expression_names(text)))
    return tuple(found)


def _expression_names(text: str) -> list[str]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


_BINDINGS: dict[type, Callable[..., Iterator[str]]] = {
    ast.Name: _of_name,
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), _of_definition),
    ast.Lambda: _of_lambda,
    ast.Import: _of_import,
    ast.ImportFrom: _of_import,
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping), _of_named),
    **dict.fromkeys(_COMPREHENSIONS, _of_comprehension),
}
