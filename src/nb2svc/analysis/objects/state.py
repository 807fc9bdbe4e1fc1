"""The state of an abstract run, and the tables that say what runs each kind of syntax."""

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nb2svc.analysis.knowledge import BUILTINS
from nb2svc.analysis.objects.heap import NONE, NOTHING, Frame, Heap, Objects, Value
from nb2svc.analysis.trees import children
from nb2svc.ir.dataflow import EffectKind

# Nested loops of which each is gone through twice in each round of the one around it.
_LOOPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What calling a function of the notebook does, in terms of its parameters (by position in `scopes.parameters`).

    `changed` parameters are changed in place themselves, `deep` are those whose contents are. `stores` are pairs: the first
    parameter holds the second afterwards. `result` may name the parameters' symbolic objects, listed in `symbols`, and
    objects that the body made, those in `made`. `others` are objects of global names that change.
    """

    symbols: tuple[int, ...]
    changed: frozenset[int]
    deep: frozenset[int]
    stores: tuple[tuple[int, int], ...]
    result: Value
    others: Objects
    made: range
    defined: frozenset[str]
    effects: tuple[tuple[EffectKind, str], ...]


@dataclass(slots=True, eq=False)
class State:
    """Everything that the abstract run knows at one moment, and what the statement being run has done so far."""

    heap: Heap = field(default_factory=Heap)
    env: dict[str, Value] = field(default_factory=dict)
    frame: Frame | None = None
    changed: set[int] = field(default_factory=set)
    defined: set[str] = field(default_factory=set)
    effects: list[tuple[EffectKind, str, ast.AST]] = field(default_factory=list)
    active: list[int] = field(default_factory=list)
    summaries: dict[tuple[int, tuple[str, ...]], Summary] = field(default_factory=dict)
    loops: int = 0
    hasty: bool = False

    def lookup(self, name: str) -> Value:
        """The value of a name as seen from the scope being run."""
        frame = self.frame
        while frame is not None:
            if name in frame.names:
                return frame.locals.get(name, NOTHING)
            frame = None if name in frame.globals else frame.outer
        known = self.env.get(name)
        if known is not None:
            return known
        return Value(kind="builtin", path=f"builtins.{name}") if name in BUILTINS else NOTHING

    def env_objects(self, name: str) -> Objects:
        """The objects that a module-level name stands for."""
        return self.env.get(name, NOTHING).objects

    def bind(self, name: str, value: Value) -> None:
        """Bind a name in the scope being run."""
        frame, function = self.frame, 0
        while frame is not None:
            if name in frame.names:
                if function:
                    # A `nonlocal` name: the closure is another one after this call.
                    self.changed.add(function)
                frame.locals[name] = value
                return
            function = frame.function or function
            frame = None if name in frame.globals else frame.outer
        self.bind_global(name, value)
        if self.frame is not None and function:
            self.defined.add(name)

    def bind_global(self, name: str, value: Value) -> None:
        """Bind a module-level name."""
        for one in self.env.get(name, NOTHING).objects:
            self.heap.names[one].discard(name)
        self.env[name] = value
        for one in value.objects:
            self.heap.names.setdefault(one, set()).add(name)

    def bind_again(self, name: str, value: Value) -> None:
        """Set a name where branches meet: no binding of the author's, so it tells nothing about the statement."""
        changed, defined = set(self.changed), set(self.defined)
        self.bind(name, value)
        self.changed, self.defined = changed, defined

    def unbind(self, name: str) -> None:
        """Delete a name of the scope being run."""
        if self.frame is not None and name in self.frame.names:
            self.frame.locals.pop(name, None)
        elif name in self.env:
            self.bind_global(name, NOTHING)
            del self.env[name]

    def change(self, objects: Iterable[int], *, values: bool = False) -> None:
        """Note that objects change in place; with `values`, so do the columns taken out of them."""
        self.changed.update(objects)
        if values:
            for one in tuple(objects):
                self.changed.update(self.heap.parts.get(one, {}).values())

    def effect(self, kind: EffectKind, detail: str, node: ast.AST) -> None:
        """Note an effect of the statement being run."""
        self.effects.append((kind, detail, node))

    def fresh(self, *contents: Value, kind: str = "", known: bool = False) -> Value:
        """A new object that holds these values."""
        held = frozenset(one for value in contents for one in value.objects)
        number = self.heap.new(held, known=known)
        if kind:
            self.heap.kinds[number] = kind
        return Value(frozenset((number,)), kind)

    def rounds(self) -> Iterator[None]:
        """The rounds of a loop. Two: what one stores, the next one finds.

        Two in each of n nested loops are 2ⁿ. From the fifth on, the loops inside are gone through once in the first round, and
        twice in the second only, which is n rounds for n loops.
        """
        loops, hasty = self.loops, self.hasty
        self.loops += 1
        for number in range(1 if hasty else 2):
            self.hasty = hasty or (number == 0 and loops >= _LOOPS)
            yield
        self.loops, self.hasty = loops, hasty

    @contextmanager
    def within(self, frame: Frame | None) -> Iterator[None]:
        """Run what follows in another scope."""
        before = self.frame, self.loops, self.hasty
        # What is learned of a function is kept for all of its calls, also for those outside of loops.
        self.frame, self.loops, self.hasty = frame, 0, False
        try:
            yield
        finally:
            self.frame, self.loops, self.hasty = before


Evaluator = Callable[[State, ast.expr], Value]
Executor = Callable[[State, ast.stmt], None]
EVALUATORS: dict[type, Callable[..., Value]] = {}
EXECUTORS: dict[type, Callable[..., None]] = {}


def evaluates(*kinds: type) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Enter a function into the table of evaluators."""

    def enter(function: Callable[..., Value]) -> Callable[..., Value]:
        EVALUATORS.update(dict.fromkeys(kinds, function))
        return function

    return enter


def executes(*kinds: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Enter a function into the table of executors."""

    def enter(function: Callable[..., None]) -> Callable[..., None]:
        EXECUTORS.update(dict.fromkeys(kinds, function))
        return function

    return enter


def evaluate(state: State, node: ast.AST) -> Value:
    """The value of an expression, and what evaluating it does."""
    evaluator = EVALUATORS.get(type(node))
    if evaluator is not None:
        return evaluator(state, node)
    for child in children(node):
        evaluate(state, child)
    return NOTHING


def execute(state: State, nodes: Iterable[ast.AST]) -> None:
    """Run statements one after another."""
    for node in nodes:
        executor = EXECUTORS.get(type(node))
        if executor is not None:
            executor(state, node)
        else:
            evaluate(state, node)


def union(*values: Value) -> Value:
    """Either of several values."""
    known = [value for value in values if value != NOTHING] or [NOTHING]
    kinds, paths = {value.kind for value in known}, {value.path for value in known}
    objects = frozenset().union(*(value.objects for value in known))
    return Value(objects, kinds.pop() if len(kinds) == 1 else "", paths.pop() if len(paths) == 1 else "")


def materialise(state: State, value: Value) -> Value:
    """The value with an object of its own, so that aliases of it can be followed; immutables need none."""
    if value.objects or value.kind in ("scalar", "builtin"):
        return value
    number = state.heap.new()
    if value.kind:
        state.heap.kinds[number] = value.kind
    return Value(frozenset((number,)), value.kind, value.path)


def element(state: State, value: Value) -> Value:
    """One item of what is iterated over or unpacked."""
    if value.kind in ("pandas", "estimator"):
        return Value(NONE, "pandas" if value.kind == "pandas" else "")
    if value.kind in ("numpy", "drawing"):
        return value
    return of_objects(state, state.heap.elements(value))


def of_objects(state: State, objects: Objects) -> Value:
    """The value that is any of these objects, with their kind where they agree on one."""
    kinds = {state.heap.kinds.get(one, "") for one in objects}
    return Value(objects, kinds.pop() if len(kinds) == 1 else "")
