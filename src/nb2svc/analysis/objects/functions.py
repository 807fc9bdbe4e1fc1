"""Functions and classes of the notebook: each body is run once with symbols for its parameters, and summarised."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from nb2svc.analysis.objects.heap import NOTHING, ClassObject, Frame, FunctionObject, Objects, Value
from nb2svc.analysis.objects.state import State, Summary, evaluate, execute, materialise, union
from nb2svc.analysis.scopes import Function, body_of, bound_names, declared, free_names, local_names, parameters

_DEEPEST = 12


def make_function(state: State, node: Function) -> Value:
    """The function that a `def` or `lambda` makes here."""
    heap = state.heap
    number = heap.new()
    positional = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    pairs += [
        (argument, default) for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default
    ]
    defaults = {argument.arg: materialise(state, evaluate(state, default)) for argument, default in pairs}
    heap.functions[number] = FunctionObject(node, free_names(node), defaults, state.frame)
    for value in defaults.values():
        heap.hold((number,), value.objects)
    heap.carry((number,))
    frame = state.frame
    while frame is not None:
        frame.created.append(number)
        frame = frame.outer
    return Value(frozenset((number,)), "function")


def make_class(state: State, node: ast.ClassDef) -> Value:
    """The class that a `class` statement makes here; its body runs now."""
    heap = state.heap
    number = heap.new()
    bases = [evaluate(state, base) for base in node.bases]
    frame = Frame(frozenset(bound_names(node.body)), {}, outer=state.frame)
    with state.within(frame):
        execute(state, node.body)
    made = ClassObject(free_names(node), {}, bases)
    for name, value in frame.locals.items():
        for one in value.objects:
            if one in heap.functions:
                # A method does not see the names of the class body.
                heap.functions[one].outer = state.frame
                made.methods[name] = one
        heap.hold((number,), value.objects)
    heap.classes[number] = made
    heap.carry((number,))
    return Value(frozenset((number,)), "class")


def find_method(state: State, instance: Value, name: str) -> tuple[int, ...]:
    """The methods of that name that an instance of the notebook's classes may have."""
    found = []
    todo = [one for made in instance.objects for one in state.heap.made_by.get(made, ())]
    for one in todo:
        made_class = state.heap.classes[one]
        if name in made_class.methods:
            found.append(made_class.methods[name])
        else:
            todo += [
                base for value in made_class.bases for base in value.objects if base in state.heap.classes and base not in todo
            ]
    return tuple(found)


def apply_function(state: State, callee: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """Call whatever functions and classes of the notebook a value may be."""
    results = []
    for one in sorted(callee.objects):
        if one in state.heap.functions:
            results.append(_call(state, one, arguments, keywords))
        elif one in state.heap.classes:
            results.append(_construct(state, one, arguments, keywords))
    return union(*results) if results else NOTHING


def _construct(state: State, number: int, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    heap = state.heap
    made = state.fresh()
    instance = next(iter(made.objects))
    heap.instance(instance, of=(number,))
    methods = find_method(state, made, "__init__")
    for method in methods:
        _call(state, method, [made, *arguments], keywords)
    if not methods:
        # A data class, or one with another's `__init__`: it keeps what it was given.
        for value in (*arguments, *keywords.values()):
            heap.hold((instance,), value.objects)
    state.changed.discard(instance)
    return made


def _call(state: State, number: int, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    function = state.heap.functions[number]
    names = [argument.arg for argument in parameters(function.node)]
    given = _match_arguments(state, function, arguments, keywords)
    values = [given.get(name, NOTHING) for name in names]
    if number in state.active or len(state.active) > _DEEPEST:
        return _assume_the_worst(state, values)
    summary = _summarise(state, number, tuple(value.kind for value in values))
    if function.outer is not None and summary.others:
        # It changed what it captured, which nothing but the closure itself still names.
        state.change((number,))
    return _apply_summary(state, summary, values)


def _match_arguments(
    state: State, function: FunctionObject, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> dict[str, Value]:
    node = function.node.args
    positional = [argument.arg for argument in (*node.posonlyargs, *node.args)]
    given = dict(function.defaults)
    given.update(zip(positional, arguments, strict=False))
    if node.vararg and len(arguments) > len(positional):
        given[node.vararg.arg] = state.fresh(*arguments[len(positional) :], known=True)
    named = {*positional, *(argument.arg for argument in node.kwonlyargs)}
    given.update((name, value) for name, value in keywords.items() if name in named)
    rest = [value for name, value in keywords.items() if name not in named]
    if node.kwarg and rest:
        given[node.kwarg.arg] = state.fresh(*rest, known=True)
    elif "**" in keywords or "*" in keywords:
        # Any parameter may be among what was unpacked.
        unpacked = union(keywords.get("*", NOTHING), keywords.get("**", NOTHING))
        given = {argument.arg: union(given.get(argument.arg, NOTHING), unpacked) for argument in parameters(function.node)}
    return given


def _assume_the_worst(state: State, values: Sequence[Value]) -> Value:
    objects = {one for value in values for one in value.objects}
    reached = state.heap.below(objects)
    state.change(reached)
    state.heap.known -= reached
    return Value(frozenset(objects))


def _summarise(state: State, number: int, kinds: tuple[str, ...]) -> Summary:
    known = state.summaries.get((number, kinds))
    if known is not None:
        return known
    heap, function = state.heap, state.heap.functions[number]
    before = heap.count
    names = [argument.arg for argument in parameters(function.node)]
    symbols = tuple(heap.new() for _ in names)
    values = {name: Value(frozenset((symbol,)), kind) for name, symbol, kind in zip(names, symbols, kinds, strict=True)}
    frame = Frame(
        local_names(function.node) - declared(function.node, ast.Nonlocal),
        values,
        function.outer,
        declared(function.node, ast.Global),
        number,
    )
    outer = state.changed, state.defined, state.effects
    state.changed, state.defined, state.effects = set(), set(), []
    state.active.append(number)
    with state.within(frame):
        if isinstance(function.node, ast.Lambda):
            frame.results.append(materialise(state, evaluate(state, function.node.body)))
        else:
            execute(state, body_of(function.node))
    state.active.pop()
    _hold_captured(state, frame)
    summary = _summary(state, symbols, frame, before)
    state.changed, state.defined, state.effects = outer
    if not _depends_on_now(summary, before):
        state.summaries[number, kinds] = summary
    return summary


def _hold_captured(state: State, frame: Frame) -> None:
    """Let the closures made in a body hold the locals that they captured."""
    for number in frame.created:
        for name in _all_names(state.heap.functions[number].node):
            state.heap.hold((number,), frame.locals.get(name, NOTHING).objects)


def _all_names(node: Function) -> set[str]:
    return {child.id for part in body_of(node) for child in ast.walk(part) if isinstance(child, ast.Name)}


def _summary(state: State, symbols: tuple[int, ...], frame: Frame, before: int) -> Summary:
    heap = state.heap
    position = {symbol: index for index, symbol in enumerate(symbols)}
    changed = heap.above(state.changed)
    deep = frozenset(position[one] for one in symbols if one in changed and one not in state.changed)
    stores = tuple(
        (position[symbol], position[held])
        for symbol in symbols
        for held in sorted(heap.below(heap.contents.get(symbol, ())))
        if held in position and held != symbol
    )
    return Summary(
        symbols=symbols,
        changed=frozenset(position[one] for one in symbols if one in state.changed),
        deep=deep,
        stores=stores,
        result=union(*frame.results) if frame.results else NOTHING,
        others=frozenset(one for one in state.changed if one <= before),
        defined=frozenset(state.defined),
        made=range(before + 1, heap.count + 1),
        effects=tuple(dict.fromkeys((kind, detail) for kind, detail, _ in state.effects)),
    )


def _depends_on_now(summary: Summary, before: int) -> bool:
    """Whether a summary speaks of objects that global names stood for when it was made: they may stand for others later."""
    return bool(summary.others) or bool(summary.defined) or any(one <= before for one in summary.result.objects)


def _apply_summary(state: State, summary: Summary, values: Sequence[Value]) -> Value:
    heap = state.heap
    state.change(summary.others)
    for index in summary.changed:
        state.change(values[index].objects)
    for index in summary.deep:
        inside = heap.below(values[index].objects) - values[index].objects
        state.change(inside or values[index].objects)
    # It may have stored what nothing here can name.
    heap.known -= heap.below(one for index in summary.changed | summary.deep for one in values[index].objects)
    for container, held in summary.stores:
        heap.hold(values[container].objects, values[held].objects)
    state.defined |= summary.defined
    for kind, detail in summary.effects:
        state.effects.append((kind, detail, ast.Pass()))
    return _Translation(state, summary, values).value(summary.result)


class _Translation:
    """A result in the caller's terms: its values for the parameters' symbols, fresh objects for those that the body made.

    Two calls of one function give two objects, as the program does.
    """

    __slots__ = ("copies", "heap", "made")

    def __init__(self, state: State, summary: Summary, values: Sequence[Value]) -> None:
        self.heap = state.heap
        self.made = summary.made
        self.copies: dict[int, Objects] = {}
        for symbol, given in zip(summary.symbols, values, strict=True):
            self.copies[symbol] = given.objects
            inner = self.heap.inner_of(symbol)
            if inner is not None:
                self.copies[inner] = self.heap.elements(given)
            for label, part in self.heap.parts.get(symbol, {}).items():
                self.copies[part] = self.heap.part_of(given.objects, label)

    def value(self, value: Value) -> Value:
        """The same value, translated."""
        found: set[int] = set()
        for one in value.objects:
            found |= self.object(one)
        return Value(frozenset(found), value.kind, value.path)

    def object(self, one: int) -> Objects:
        """What an object of the body is for the caller."""
        if one in self.copies:
            return self.copies[one]
        if one not in self.made:
            return frozenset((one,))
        heap = self.heap
        copy = heap.new(known=one in heap.known)
        self.copies[one] = frozenset((copy,))
        tables: tuple[dict[int, Any], ...] = (heap.functions, heap.classes, heap.kinds, heap.lazy)
        for table in tables:
            if one in table:
                table[copy] = table[one]
        heap.hold((copy,), [new for old in heap.contents.get(one, ()) for new in self.object(old)])
        if one in heap.items:
            heap.items[copy] = tuple(self.value(item) for item in heap.items[one])
        heap.instance(copy, of=heap.made_by.get(one, ()))
        if one in heap.carriers:
            heap.carry((copy,))
        return self.copies[one]
