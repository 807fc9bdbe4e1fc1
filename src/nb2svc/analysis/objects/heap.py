"""Abstract objects: numbers, with what each holds and which module-level names stand for it."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

Objects = frozenset[int]
NONE: Objects = frozenset()


class Value(NamedTuple):
    """What an expression may evaluate to: these objects (none: an immutable, or something fresh that nothing else holds).

    `kind` is "" where unknown, else: pandas numpy estimator library drawing generator bunch list keys scalar iterator import
    builtin. A drawing is a figure, its axes, an array of these, or what they drew: it may change, what it is given does not.
    `path` is the qualified name of an import or builtin: `pandas.read_csv`.
    """

    objects: Objects = NONE
    kind: str = ""
    path: str = ""


NOTHING = Value()
SCALAR = Value(NONE, "scalar")


@dataclass(slots=True, eq=False)
class FunctionObject:
    """A function, lambda or method of the notebook; `outer` holds the locals that a closure captured."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    free: tuple[str, ...]
    defaults: dict[str, Value] = field(default_factory=dict)
    outer: "Frame | None" = None


@dataclass(slots=True, eq=False)
class ClassObject:
    """A class of the notebook, its methods, and the values of its bases."""

    free: tuple[str, ...]
    methods: dict[str, int] = field(default_factory=dict)
    bases: list[Value] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Frame:
    """The local names of one function body (or comprehension) while it is run."""

    names: frozenset[str]
    locals: dict[str, Value]
    outer: "Frame | None" = None
    globals: frozenset[str] = frozenset()
    function: int = 0
    results: list[Value] = field(default_factory=list)
    created: list[int] = field(default_factory=list)


class Heap:
    """Every object of one abstract run."""

    def __init__(self) -> None:
        self.count = 0
        self.contents: dict[int, set[int]] = {}
        self.holders: dict[int, set[int]] = {}
        self.items: dict[int, tuple[Value, ...]] = {}
        # Objects whose contents are known in full: what a display (`[a, b]`) made.
        self.known: set[int] = set()
        self.parts: dict[int, dict[str, int]] = {}
        # Objects that are, or hold, a function, a class or an instance of one: reading them may call it.
        self.carriers: set[int] = set()
        self.functions: dict[int, FunctionObject] = {}
        self.classes: dict[int, ClassObject] = {}
        self.kinds: dict[int, str] = {}
        self.made_by: dict[int, set[int]] = {}
        # Generator expressions, and the names that they look up when they are consumed.
        self.lazy: dict[int, tuple[str, ...]] = {}
        self.seeded: set[int] = set()
        self.names: dict[int, set[str]] = {}
        self._inner: dict[int, int] = {}

    def new(self, contents: Iterable[int] = (), *, known: bool = False) -> int:
        """A fresh object that holds these."""
        self.count += 1
        number = self.count
        if known:
            self.known.add(number)
        self.hold((number,), contents)
        return number

    def hold(self, containers: Iterable[int], contents: Iterable[int]) -> None:
        """Let each container hold each of these objects."""
        held = set(contents)
        if not held:
            return
        for container in containers:
            inside = self.contents.setdefault(container, set())
            for one in held - inside:
                if one != container:
                    inside.add(one)
                    self.holders.setdefault(one, set()).add(container)
        if not held.isdisjoint(self.carriers):
            self.carry(containers)

    def carry(self, objects: Iterable[int]) -> None:
        """Note that these objects, and so all that hold them, lead to a function of the notebook."""
        fresh = set(objects) - self.carriers
        if fresh:
            self.carriers |= self.above(fresh)

    def instance(self, number: int, *, of: Iterable[int]) -> None:
        """Note which classes an object is an instance of; a change of the class is one of the instance."""
        for one in of:
            self.made_by.setdefault(number, set()).add(one)
            self.carry((number,))
        self.watch((number,), of)

    def watch(self, watchers: Iterable[int], watched: Iterable[int]) -> None:
        """Let a change of the watched be one of the watchers, which do not hold them: an iterator and its list."""
        for one in watched:
            self.holders.setdefault(one, set()).update(watchers)
            if one in self.carriers:
                self.carry(watchers)

    def part_of(self, whole: Objects, label: str) -> Objects:
        """The part of an object under that label (a column), which shares its memory: changing it changes the whole."""
        found = set()
        for one in whole:
            parts = self.parts.setdefault(one, {})
            if label not in parts:
                parts[label] = self.new()
                self.hold((one,), (parts[label],))
            found.add(parts[label])
        return frozenset(found)

    def elements(self, value: Value) -> Objects:
        """What can be taken out of a value: what it is known to hold, and one object for all that is not."""
        found: set[int] = set()
        for one in value.objects:
            found |= self.contents.get(one, set())
            if one not in self.known:
                found.add(self.inner(one))
        return frozenset(found)

    def inner(self, number: int) -> int:
        """The object that stands for all unknown contents of another; its own contents are itself."""
        if number not in self._inner:
            inside = self.new()
            self._inner[number] = inside
            self._inner[inside] = inside
            self.hold((number,), (inside,))
        return self._inner[number]

    def inner_of(self, number: int) -> int | None:
        """The object for unknown contents, where there is one yet."""
        return self._inner.get(number)

    def below(self, objects: Iterable[int]) -> set[int]:
        """These objects and all that they hold, however deep."""
        return self._closure(objects, self.contents)

    def fitted_with(self, objects: Iterable[int]) -> set[int]:
        """What fitting these changes: them, and the estimators below them, but no functions, classes or plain settings.

        `Pipeline([("fill", Fill(columns=COLUMNS)), …]).fit(X)` fits `Fill`; the list of steps and `COLUMNS` stay what they are.
        """
        own = set(objects)
        settings = self.known | self.functions.keys() | self.classes.keys()
        return own | (self.below(own) - settings)

    def above(self, objects: Iterable[int]) -> set[int]:
        """These objects and all that hold them, however deep."""
        return self._closure(objects, self.holders)

    @staticmethod
    def _closure(objects: Iterable[int], links: dict[int, set[int]]) -> set[int]:
        seen = set(objects)
        todo = list(seen)
        while todo:
            for one in links.get(todo.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
        return seen

    def names_of(self, objects: Iterable[int]) -> set[str]:
        """The module-level names whose value is, or holds, one of these objects."""
        found: set[str] = set()
        for one in self.above(objects):
            found |= self.names.get(one, set())
        return found
