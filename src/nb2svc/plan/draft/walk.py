"""Walk the served statements in order: where few values made of many rows are used by what has rows, and where rows are lost."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from nb2svc.analysis.index import Index, root_name
from nb2svc.ir.outline import Outline
from nb2svc.plan.draft.aligned import aligned_at
from nb2svc.plan.draft.found import Found
from nb2svc.plan.draft.kinds import Kinds
from nb2svc.plan.draft.places import node_at
from nb2svc.plan.draft.selecting import guards, operands_of
from nb2svc.plan.draft.syntax import fits_a_name, made_with, named_in_query, pairs
from nb2svc.plan.draft.values import ARRAY, FRAME, NOWHERE, PLAIN, SPLITTING, Function, Site, Value, called, joined, texts


def walk(index: Index, outline: Outline, *, main: frozenset[str]) -> Found:
    """What the source says of the statements that make the raw values, the model input and the answer."""
    walker = _Walk(index, outline, main)
    for number, part in outline.parts:
        if part in ("prelude", "load", "fit_path", "answer") and number != outline.model.fit:
            walker.top(number, part)
        elif number == outline.model.fit:
            walker.fit(number)
    return walker.found


class _Walk:
    def __init__(self, index: Index, outline: Outline, main: frozenset[str]) -> None:
        self.index, self.outline, self.main = index, outline, main
        self.kinds = Kinds(index, main, self._called)
        self.found = Found()
        self.functions: dict[str, tuple[int, Function]] = {}
        self.site = Site(0, NOWHERE)
        self.returned: list[Value] = []
        self._active: list[str] = []
        # Whether something else calls the function that is walked through, perhaps for each row.
        self._row_by_row = False
        # Functions of the author's that lose rows of what they are given.
        self._losing: set[str] = set()
        self._results: dict[tuple[str, tuple[Value, ...]], Value] = {}
        self._raws: dict[int, list[str]] = {}
        for raw in outline.raws:
            self._raws.setdefault(raw.statement, []).append(raw.name)
        # Where nothing says what is loaded, a notebook with pandas has a frame.
        self._usual = FRAME if "pandas" in {path.partition(".")[0] for path in index.imports.values()} else ""
        self._skipped = set(_predicted_on(index, outline))

    # Statements of the notebook

    def top(self, number: int, part: str) -> None:
        """One statement of the notebook; what loads a raw value is not served, and says only what it is."""
        parsed = self.index.parsed(number)
        if parsed is None:
            return
        self.site = Site(number, NOWHERE)
        kept = self.found
        if part == "load":
            self.found = Found()
        try:
            self.statement(parsed.node)
        except RecursionError:
            # An expression of hundreds of parts: whatever it is, a run will tell.
            kept.unread.append(number)
        self.found = kept
        for name in self.index.statement(number).defines:
            known = self.kinds.env.get(name, PLAIN)
            if known.kind == "rows" and known.type:
                self.found.types[number, name] = known.type
        for name in self._raws.get(number, ()):
            known = self.kinds.env.get(name, PLAIN)
            kind = known.type or self._usual
            self.kinds.env[name] = Value("rows", kind, frozenset({name}))
            self.found.loaded[name] = kind
            self.kinds.forget()

    def fit(self, number: int) -> None:
        """Of the statement that fits only what it is given is served."""
        self.site = Site(number, NOWHERE)
        span = self.outline.model.fit_input
        node = node_at(self.index, number, span) if span else None
        if node is not None:
            self.visit(node)

    # Statements

    def body(self, statements: Iterable[ast.stmt]) -> None:
        for each in statements:
            self.statement(each)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.functions[node.name] = (self.site.statement, node)
                self._each(made_with(node))
            case ast.ClassDef():
                # No edit is made in there: what it reads is kept where its name is bound.
                self._named(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            case ast.Import() | ast.ImportFrom():
                return
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value)
            case ast.AugAssign(target=target, value=value):
                self.visit(value)
                self._stored(target, self.of(value))
            case ast.Expr(value=value):
                self._alone(value)
            case ast.Return(value=value):
                self._return(value)
            case _:
                self._compound(node)
        self.kinds.forget()

    def _compound(self, node: ast.stmt) -> None:
        match node:
            case ast.For(target=target, iter=iterated, body=body, orelse=orelse):
                self.visit(iterated)
                self._loop(target, body)
                self.body(orelse)
            case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
                self.visit(test)
                self._branches([body, orelse])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                self._branches([body, [each for handler in handlers for each in handler.body]])
                self.body([*orelse, *final])
            case ast.With(items=items, body=body):
                for item in items:
                    self.visit(item.context_expr)
                self.body(body)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.visit(child)

    def _loop(self, target: ast.expr, body: Sequence[ast.stmt]) -> None:
        names = tuple(each.id for each in ast.walk(target) if isinstance(each, ast.Name))
        for name in names:
            self.kinds.env[name] = PLAIN
        self.kinds.forget()
        outside = self.site
        self.site = replace(outside, keys=(*outside.keys, *names))
        self.body(body)
        if not outside.keys:
            # What the first round left, the second one reads; inner loops are come to twice by that.
            self.body(body)
        self.site = outside

    def _branches(self, bodies: Sequence[Sequence[ast.stmt]]) -> None:
        start = dict(self.kinds.env)
        ends = []
        for body in bodies:
            self.kinds.env = dict(start)
            self.kinds.forget()
            self.body(body)
            ends.append(self.kinds.env)
        names = dict.fromkeys(name for end in ends for name in end)
        self.kinds.env = {name: _either([end[name] for end in ends if name in end]) for name in names}
        self.kinds.forget()

    def _return(self, value: ast.expr | None) -> None:
        given = self.of(value) if value is not None else PLAIN
        self.returned.append(given)
        if value is not None and (given.kind != "state" or self._row_by_row):
            self.visit(value)

    def _alone(self, value: ast.expr) -> None:
        """An expression for what it does: a selection in place, a fit."""
        if self.of(value).kind != "state":
            self.visit(value)
        elif called(value) in ("fit", "partial_fit"):
            self._freeze(value)
        else:
            self._children(value)

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        parted = pairs(target, value)
        for part, of_part in parted:
            self.assign(part, of_part)
        if parted:
            return
        given = self.of(value)
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        named = all(isinstance(part, ast.Name) for part in parts)
        if given.kind == "state" and named and not fits_a_name(value):
            for part in parts:
                self._bind(part, given)
            return
        if given.kind == "state":
            self._freeze(value)
            given = PLAIN
        else:
            self.visit(value, target=target)
        for part, own in zip(parts, self._parts(value, given, count=len(parts)), strict=True):
            self._bind(part, own)

    def _parts(self, value: ast.expr, given: Value, *, count: int) -> list[Value]:
        """What each target of an assignment gets: a split gives two parts of each argument."""
        if count == 1:
            return [given]
        if isinstance(value, ast.Call) and called(value) in SPLITTING and count == 2 * len(value.args):
            return [self.of(each) for each in value.args for _ in range(2)]
        return [given if given.type == ARRAY else given.of_type("")] * count

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.kinds.env[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List | ast.Starred):
            for part in getattr(target, "elts", [getattr(target, "value", None)]):
                self._bind(part, value.of_type(""))
        else:
            self._stored(target, value)
        self.kinds.forget()

    def _stored(self, target: ast.expr, value: Value) -> None:
        """What is stored into a table: a column of it, which is no raw column from here on."""
        for child in ast.iter_child_nodes(target):
            if isinstance(child, ast.expr):
                self.visit(child)
        if isinstance(target, ast.Subscript):
            self.found.assigned.update(texts(target.slice) or ())
        name = root_name(target)
        if name is not None and not isinstance(target, ast.Name) and value.kind == "rows":
            held = self.kinds.env.get(name, PLAIN)
            self.kinds.env[name] = held if held.kind == "rows" else Value("rows", held.type, value.tables)

    # Expressions

    def of(self, node: ast.expr) -> Value:
        return self.kinds.of(node, self.site)

    def visit(self, node: ast.expr, *, target: ast.expr | None = None) -> None:
        """Something that is not state-kind uses this expression."""
        if id(node) in self._skipped:
            return
        selecting = operands_of(node, self.kinds, self.site, main=self.main, target=target)
        if selecting is not None:
            if guards(selecting, self.found.assigned):
                selecting = replace(selecting, guards=True)
                self._children(node)
            self._bounds(node)
            self.found.selections.setdefault(id(node), selecting)
            for operand in dict.fromkeys(selecting.operands):
                self.visit(operand)
            return
        if self.of(node).kind == "state":
            self._freeze(node)
            return
        if self.of(node).kind == "rows" and isinstance(node, ast.Call) and called(node) in self._losing:
            self.found.selecting.setdefault(id(node), replace(self.site, node=node))
        if called(node) == "concat" and self.of(node).kind == "rows" and self.of(node).type != FRAME:
            self.found.selecting.setdefault(id(node), replace(self.site, node=node))
        for site in aligned_at(node, self.kinds, self.site, self.functions):
            self.found.aligned.setdefault(id(site.node), site)
        self._children(node)

    def _bounds(self, node: ast.expr) -> None:
        """What a selection compares with is kept where a request is compared, too: only a run can tell."""
        names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)] + named_in_query(node)
        for name in names:
            for site in self.kinds.env.get(name, PLAIN).sites:
                self.found.bounds.setdefault(id(site.node), site)

    def _children(self, node: ast.expr) -> None:
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            self._comprehension(node)
            return
        if isinstance(node, ast.Lambda):
            self._each(made_with(node))
        takes_table = called(node) in ("assign", "pipe")
        for child in ast.iter_child_nodes(node):
            inner = child.value if isinstance(child, ast.keyword) else child
            if isinstance(inner, ast.Lambda):
                table = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and takes_table
                self._lambda(inner, self.of(node.func.value) if table else PLAIN)  # type: ignore[attr-defined]
            elif isinstance(inner, ast.Name) and inner.id in self.functions and inner is not getattr(node, "func", None):
                self._handed_over(inner.id)
            elif isinstance(inner, ast.expr):
                self.visit(inner)
        self._named(named_in_query(node))

    def _each(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self.visit(node)

    def _named(self, names: Iterable[str]) -> None:
        """Keep state-kind values that are read by their names."""
        for name in names:
            for site in self.kinds.env.get(name, PLAIN).sites:
                self.found.freeze(site)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        names = {each.id: PLAIN for one in node.generators for each in ast.walk(one.target) if isinstance(each, ast.Name)}
        for one in node.generators:
            self.visit(one.iter)
        with self._scope({**self.kinds.env, **names}, replace(self.site, keys=(*self.site.keys, *names), within=True)):
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.visit(part)

    def _lambda(self, node: ast.Lambda, given: Value) -> None:
        self._each(made_with(node))
        names = dict.fromkeys((each.arg for each in node.args.args), given)
        with self._scope({**self.kinds.env, **names}, replace(self.site, within=True)):
            self.visit(node.body)

    @contextmanager
    def _scope(self, env: Mapping[str, Value], site: Site) -> Iterator[None]:
        outside, self.site = self.site, site
        with self.kinds.scope(env):
            yield
        self.site = outside

    def _freeze(self, node: ast.expr) -> None:
        """Keep a state-kind value where it is made."""
        for site in self.of(node).sites:
            self.found.freeze(site)

    # Functions of the author's

    def _handed_over(self, name: str) -> None:
        """A function that something else calls, with values that the source does not tell."""
        key = (name, ())
        if key not in self._results and name not in self._active:
            self._results[key] = PLAIN
            number, function = self.functions[name]
            env = {**self.kinds.env, **{each.arg: PLAIN for each in ast.walk(function.args) if isinstance(each, ast.arg)}}
            self._active.append(name)
            outside, self._row_by_row = self._row_by_row, True
            with self._scope(env, Site(number, NOWHERE, within=True)):
                self.body(function.body)
            self._row_by_row = outside
            self._active.pop()

    def _called(self, node: ast.Call, name: str, given: list[Value]) -> Value:
        """What a function of the author's gives for such arguments; what it freezes on the way is found."""
        if name not in self.functions or name in self._active or all(value.kind == "plain" for value in given):
            return joined(given).of_type("")
        key = (name, tuple(given))
        if key not in self._results:
            self._results[key] = self._run(node, name, given)
        return self._results[key]

    def _run(self, node: ast.Call, name: str, given: list[Value]) -> Value:
        number, function = self.functions[name]
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        values = dict(zip(parameters, given, strict=False))
        values |= {each.arg: value for each, value in zip(node.keywords, given[len(node.args) :], strict=False) if each.arg}
        plain = tuple(each for each in parameters if values.get(each, PLAIN).kind == "plain") if self.site.keys else ()
        kept, self.found = self.found, Found(assigned=self.found.assigned)
        outer, self.returned = self.returned, []
        self._active.append(name)
        env = {**self.kinds.env, **dict.fromkeys(parameters, PLAIN), **values}
        with self._scope(env, Site(number, NOWHERE, plain, within=True)):
            self.body(function.body)
        self._active.pop()
        inside, self.found = self.found, kept
        results, self.returned = self.returned, outer
        value = _either(results) if results else PLAIN
        if value.kind == "state":
            return replace(value, sites=())
        self.found.add(inside)
        if inside.selections or inside.selecting:
            self._losing.add(name)
        return value


def _predicted_on(index: Index, outline: Outline) -> Iterator[int]:
    """The arguments of predictions: what was fitted stands for them."""
    for each in outline.model.feeds:
        node = node_at(index, each.predict, each.predict_input)
        if node is not None:
            yield id(node)


def _either(values: Sequence[Value]) -> Value:
    """What a name holds after one branch or the other."""
    return values[0] if len(set(values)) == 1 else joined(values)
