"""Each check cell in full: what it reads, which statements lead there, and whether build and service can evaluate it."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.knowledge import BUILTINS, SPLITTING_CALLS
from nb2svc.analysis.outline_reasons import reasons
from nb2svc.analysis.positions import text_at
from nb2svc.ir.checks import CheckAccount, CheckRead, ReadKind
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Masked, Notebook
from nb2svc.ir.outline import CheckUse, Outline

_DEFINITIONS = frozenset({"import", "function", "class"})
# What a request must not wait for, and a service does not have.
LOADS = frozenset({"file_read", "network"})
_IN_PYTHON = "Write it in plain Python."
_SERVED = frozenset({"prelude", "fit_path", "twin", "answer"})


def check_accounts(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> tuple[CheckAccount, ...]:
    """An account of each check, in the notebook's order."""
    index = make_index(notebook, dataflow)
    target = _target_names(index, outline)
    return tuple(_account(index, outline, check, target) for check in outline.checks)


def _account(index: Index, outline: Outline, check: CheckUse, target: frozenset[str]) -> CheckAccount:
    parts, trained = dict(outline.parts), set(outline.training.statements)
    served = {number for number, part in outline.parts if part in _SERVED}
    own = [number for number in check.slice.statements if number not in parts]
    told = {one.statement: one for one in check.slice.reasons}
    between = {one.statement: one for one in reasons(index, (*check.slice.statements, *check.statements), outline.model)}
    direct = {edge.source for one in check.statements for edge in index.into.get(one, ())}
    shared = (
        ("serving", sum(number in served for number in check.slice.statements)),
        ("training", sum(number in trained - served for number in check.slice.statements)),
    )
    reads = _reads(index, outline, check, target)
    why, remedy = _unevaluated(index, check, reads)
    request_why, request_remedy = _no_request(index, check, reads, target)
    return CheckAccount(
        cell=check.cell,
        name=check.name,
        asked=check.serve,
        reads=reads,
        own=tuple(told[number] if number in direct else between[number] for number in own),
        shared=tuple((name, count) for name, count in shared if count),
        evaluated=not why,
        why=why,
        remedy=remedy,
        request=not (why or request_why),
        request_why=request_why,
        request_remedy=request_remedy,
    )


def _reads(index: Index, outline: Outline, check: CheckUse, target: frozenset[str]) -> tuple[CheckRead, ...]:
    """What the cell's statements read and do not make, the last maker of each name."""
    always = {fitted.name for fitted in outline.model.fitted} | {raw.name for raw in outline.raws} | _predicted_on(index, outline)
    request = _Request(index=index, outline=outline, target=target, always=frozenset(always), known={})
    inside, found, made = set(check.statements), dict[str, CheckRead](), _made_of_answer(index, outline, check)
    for number in check.statements:
        makers = {edge.name: edge.source for edge in index.into.get(number, ()) if edge.source not in inside}
        within = {edge.name for edge in index.into.get(number, ()) if edge.source in inside}
        for name in dict.fromkeys((*index.statement(number).reads, *index.statement(number).defers)):
            if name in within or name in found or (name not in makers and name in BUILTINS):
                continue
            source = makers.get(name)
            kind: ReadKind = "undefined" if source is None else _kind(index, outline, name, source, made)
            kind = "target" if name in target and kind in ("feature", "training", "other") else kind
            has = source is not None and request.has(name, source)
            found[name] = CheckRead(name=name, kind=kind, statement=source, request=has)
    return tuple(found.values())


def _made_of_answer(index: Index, outline: Outline, check: CheckUse) -> set[int]:
    """The statements of a check's slice that the build runs again, since they read what the service answers."""
    after = {name for number, part in outline.parts if part == "answer" for name in index.statement(number).defines}
    answers, again = set(after), set[int]()
    for number in check.slice.statements:
        statement = index.statement(number)
        if statement.kind not in _DEFINITIONS and set(statement.reads) & after and not set(statement.defines) & answers:
            again.add(number)
            after |= set(statement.defines)
    return again


def _kind(index: Index, outline: Outline, name: str, source: int, made: set[int]) -> ReadKind:
    if index.statement(source).kind in _DEFINITIONS:
        return "definition"
    if source in made:
        return "made_of_answer"
    if any(fitted.name == name for fitted in outline.model.fitted):
        return "model"
    if any(raw.name == name and raw.statement == source for raw in outline.raws):
        return "raw"
    match outline.part(source):
        case "answer":
            return "answer"
        case "fit_path" | "twin":
            return "feature"
        case "training" | "load":
            return "training"
    return "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """Whether a request has a value: what is served makes it and uses it, or lines that only checks need can compute it.

    `known` are the answers so far: the ways to one statement are many.
    """

    index: Index
    outline: Outline
    target: frozenset[str]
    always: frozenset[str]
    known: dict[tuple[str, int], bool]

    def has(self, name: str, source: int) -> bool:
        """Whether it has `name` as statement `source` leaves it."""
        if (name, source) not in self.known:
            self.known[name, source] = False  # a value that is made of itself, in a loop of mutations
            self.known[name, source] = self._has(name, source)
        return self.known[name, source]

    def _has(self, name: str, source: int) -> bool:
        statement, part = self.index.statement(source), self.outline.part(source)
        if statement.kind in _DEFINITIONS:
            return True
        if name in self.target:
            return False
        if name in self.always or part in ("answer", "prelude"):
            return True
        if part is None:
            loads = any(effect.kind in LOADS for effect in statement.effects)
            return not loads and all(self.has(edge.name, edge.source) for edge in self.index.into.get(source, ()))
        if part not in ("fit_path", "twin"):
            return False
        _, origin = _split(self.index, source, name)
        if origin is not None:
            return all(self.has(origin, edge.source) for edge in self.index.into.get(source, ()) if edge.name == origin)
        onward = (edge.target for edge in self.index.out_of.get(source, ()) if edge.name == name)
        return any(self.outline.part(number) in ("fit_path", "twin", "answer") for number in onward)


def _predicted_on(index: Index, outline: Outline) -> set[str]:
    """The names of what `predict` is given: a request's rows stand there."""
    return {text_at(index.statement(feed.predict), feed.predict_input) for feed in outline.model.feeds}


def _target_names(index: Index, outline: Outline) -> frozenset[str]:
    """The names that hold the target: what `fit` is given second, what that was split from, and its other part."""
    span, number = outline.model.fit_target, outline.model.fit
    if span is None:
        return frozenset()
    found: dict[str, None] = {}
    name: str | None = text_at(index.statement(number), span)
    while name and name.isidentifier() and name not in found:
        found[name] = None
        source = next((edge.source for edge in index.into.get(number, ()) if edge.name == name), None)
        if source is None:
            break
        parts, origin = _split(index, source, name)
        found |= dict.fromkeys(parts - {origin})
        name, number = origin, source
    return frozenset(found)


def _split(index: Index, number: int, name: str) -> tuple[set[str], str | None]:
    """`X_train, X_test, y_train, y_test = train_test_split(X, y)`, for `y_train`: its pair, and `y` that it was split from."""
    parsed = index.parsed(number)
    match parsed.node if parsed else None:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call(func=called, args=given)):
            place = next((at for at, each in enumerate(names) if isinstance(each, ast.Name) and each.id == name), None)
            if place is None or _called(called) not in SPLITTING_CALLS or place // 2 >= len(given):
                return set(), None
            first, origin = place - place % 2, given[place // 2]
            pair = {each.id for each in names[first : first + 2] if isinstance(each, ast.Name)}
            return pair, origin.id if isinstance(origin, ast.Name) else None
    return set(), None


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _unevaluated(index: Index, check: CheckUse, reads: Sequence[CheckRead]) -> tuple[str, str]:
    """Why no build can evaluate a check, and what to do."""
    if not check.statements:
        return "the cell has no statement", "Assert something in it, or remove the tag."
    unknown = [read.name for read in reads if read.kind == "undefined"]
    if unknown:
        for piece in (piece for cell in index.notebook.cells for piece in cell.masked if unknown[0] in piece.defines):
            return f"`{unknown[0]}` comes from `{_line(piece)}`, which only IPython can run", _IN_PYTHON
        return f"`{unknown[0]}` is made nowhere above", f"Make `{unknown[0]}` in this cell or in one above it."
    spans = [index.statement(number).span for number in (*check.slice.statements, *check.statements)]
    for cell in index.notebook.cells:
        for piece in cell.masked:
            if piece.treatment == "refused" and any(span.contains(piece.span) for span in spans):
                return f"it needs `{_line(piece)}`, which only IPython can run", _IN_PYTHON
    if check.idle:
        return "it asserts nothing, so it can't fail", "Add an `assert` that says what must hold."
    return "", ""


def _line(piece: Masked) -> str:
    return piece.text.strip().split("\n", 1)[0]


def _no_request(index: Index, check: CheckUse, reads: Sequence[CheckRead], target: frozenset[str]) -> tuple[str, str]:
    """Why a check can't hold for each request, and what to do."""
    remedy = "Leave out serve=true, or assert only what is made of a request's rows." if check.serve else ""
    loads = [effect.detail for number in check.statements for effect in index.statement(number).effects if effect.kind in LOADS]
    if loads:
        return f"it loads `{loads[0]}`, which a service does not have", remedy
    lacking = [read.name for read in reads if not read.request and read.kind != "undefined"]
    if not lacking:
        return "", ""
    name = lacking[0]
    whole = next(read for read in reads if read.name == name)
    used = {edge.name for edge in index.into.get(whole.statement or 0, ())}
    if name in target:
        what = "the target"
    elif whole.kind in ("other", "made_of_answer") and used & target:
        what = "made with the target"
    else:
        what = "made of the notebook's other rows"
    more = f" (nor {', '.join(f'`{other}`' for other in lacking[1:])})" if lacking[1:] else ""
    return f"no request has `{name}`{more}: it is {what}", remedy
