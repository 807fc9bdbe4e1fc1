"""Which values are raw: what crosses into the first feature statement, and what is loaded on the way."""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import (
    DATASET_PREFIXES,
    FITTED_METHODS,
    KNOWN_LIBRARIES,
    REDUCTIONS,
    SPLITTING_CALLS,
    STORED_OBJECTS,
)
from nb2svc.analysis.outline_tags import Tags, cell_span, did_you_mean
from nb2svc.analysis.prelude import is_definition
from nb2svc.analysis.slicing import definitions
from nb2svc.ir.finding import Finding
from nb2svc.ir.outline import RawBinding

_MAKERS = frozenset(
    """DataFrame Series array arange linspace rand randn randint normal uniform choice random make_classification
    make_regression make_blobs make_moons make_circles date_range integers standard_normal""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raws:
    """The raw values, in the order of their statements; `loading` are the statements that make them and other data."""

    bindings: tuple[RawBinding, ...]
    loading: frozenset[int]
    findings: tuple[Finding, ...] = ()


def find_raws(index: Index, tags: Tags, *, needed: Collection[int], prelude: Collection[int]) -> Raws:
    """The raw values of the statements that the serving slice needs back to the very first load."""
    first = min((number for number in needed if index.role(number) == "feature"), default=None)
    sources = _sources(index, needed=needed, prelude=prelude)
    data = index.forward(sources, inside=needed)
    # A class or function that reads data is code, which no request carries: it belongs to the step that uses it.
    loading = {number for number in data if first is not None and number < first and not _defines_code(index, number)}
    loading |= _loads_after(index, sources, data, loading)
    forced: tuple[RawBinding, ...] = ()
    if tags.raw:
        binding, findings = _forced(index, tags, tags.raw, needed=needed, first=first)
        if binding is None:
            return Raws(bindings=(), loading=frozenset(), findings=findings)
        forced = (binding,)
        leading = index.closure([binding.statement])
        after = index.forward([binding.statement], inside=needed) - leading
        loading = ((loading | (leading & (data | {binding.statement}))) - after) | {binding.statement}
    loading, bindings = _settle(index, loading, needed=needed, data=data, kept=forced)
    findings = (*_clashes(index, bindings), *_holders(index, bindings))
    return Raws(bindings=bindings, loading=frozenset(loading), findings=findings)


def _sources(index: Index, *, needed: Collection[int], prelude: Collection[int]) -> set[int]:
    """The statements where data comes in: files, data sets, calls of libraries that nobody knows."""
    found = {number for number in needed if number not in prelude and _is_source(index, number)}
    if found:
        return found
    # Data written into the notebook itself, or drawn at random.
    return {number for number in needed if _makes_data(index, number)}


def _defines_code(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    return parsed is not None and is_definition(parsed.node)


def _is_source(index: Index, number: int) -> bool:
    statement, parsed = index.statement(number), index.parsed(number)
    if not (statement.defines or statement.mutates) or parsed is None or statement.kind in ("import", "function", "class"):
        return False
    if any(effect.kind in ("file_read", "network") for effect in statement.effects):
        return True
    return any(_is_foreign(index.path(call.func)) for call in index.calls(number))


def _is_foreign(path: str) -> bool:
    """A function of an unknown library, but no class of one."""
    last = path.rpartition(".")[2]
    return bool(path) and path.partition(".")[0] not in KNOWN_LIBRARIES and not last[:1].isupper()


def _makes_data(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    if parsed is None or not index.statement(number).defines or index.statement(number).kind not in ("assign", "compound"):
        return False
    return any(_last_name(call.func) in _MAKERS for call in index.calls(number))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _loads_after(index: Index, sources: set[int], data: set[int], loading: set[int]) -> set[int]:
    """The loads from the first feature statement on that depend on no other data, and what unpacks a Bunch."""
    found: set[int] = set()
    bunches: set[int] = {number for number in loading & sources if _is_bunch(index, number)}
    for number in sorted(data - loading):
        uses = index.sources(number) & data
        if number in sources and not uses and not _asks_a_service(index, number):
            found.add(number)
            if _is_bunch(index, number):
                bunches.add(number)
        elif uses & bunches and uses <= (bunches | found | loading) and not _splits(index, number):
            found.add(number)
    return found


def _asks_a_service(index: Index, number: int) -> bool:
    """A plain request among the features (`requests.get`) is no table that is loaded: it is refused there."""
    return any(
        effect.kind == "network" and effect.detail.startswith(("requests.", "urllib.", "socket."))
        for effect in index.statement(number).effects
    )


def _is_bunch(index: Index, number: int) -> bool:
    parsed = index.parsed(number)
    for node in index.calls(number):
        if index.path(node.func).startswith(DATASET_PREFIXES[0]):
            return not any(keyword.arg == "return_X_y" for keyword in node.keywords) and not _picked(
                parsed.node if parsed else node, node
            )
    return False


def _picked(statement: ast.AST, call: ast.Call) -> bool:
    """`load_diabetes(as_frame=True).frame`: what is bound is already a part of the Bunch."""
    return any(isinstance(node, ast.Attribute | ast.Subscript) and node.value is call for node in ast.walk(statement))


def _splits(index: Index, number: int) -> bool:
    return any(_last_name(call.func) in SPLITTING_CALLS for call in index.calls(number))


def _settle(
    index: Index, loading: set[int], *, needed: Collection[int], data: set[int], kept: tuple[RawBinding, ...]
) -> tuple[set[int], tuple[RawBinding, ...]]:
    """Take out of the loading what can be computed from the other raw values: it is an ordinary statement then.

    `df = read(); y = df["t"]`, both read by features → only `df` is raw.
    """
    while True:
        bindings = _crossing(index, loading, needed=needed)
        known = {(binding.name, binding.statement) for binding in bindings}
        demoted = {
            binding.statement
            for binding in bindings
            if binding not in kept and _follows_from(index, binding.statement, known, data=data)
        }
        if not demoted:
            break
        loading = loading - demoted
    named = tuple(b for b in bindings if b in kept or not (_is_reduction(index, b.statement) or _is_fitted(index, b)))
    tables = tuple(b for b in named if b in kept or not _is_stored_object(index, b.statement))
    named = tables or named
    return loading, tuple(sorted(dict.fromkeys((*kept, *(b for b in named if b.name not in {k.name for k in kept}))), key=_place))


def _place(binding: RawBinding) -> tuple[int, str]:
    return binding.statement, ""


def _crossing(index: Index, loading: set[int], *, needed: Collection[int]) -> tuple[RawBinding, ...]:
    """The names that leave the loading: each as it stands after the last statement of the loading that makes or changes it."""
    found: dict[tuple[str, int], None] = {}
    for number in sorted(loading):
        last: dict[str, int] = {}
        for edge in index.out_of.get(number, ()):
            if edge.target in needed and edge.target not in loading and "." not in edge.name and ":" not in edge.name:
                last[edge.name] = number
        order = [name for name in index.statement(number).defines if name in last]
        found.update(dict.fromkeys((name, number) for name in dict.fromkeys((*order, *last))))
    # Of two statements that one use may see, the later one completes the value.
    latest = {
        (name, number)
        for name, number in found
        if not any(other == name and later > number and _same_use(index, name, number, later) for other, later in found)
    }
    return tuple(RawBinding(name=name, statement=number) for name, number in found if (name, number) in latest)


def _same_use(index: Index, name: str, earlier: int, later: int) -> bool:
    uses = {edge.target for edge in index.out_of.get(earlier, ()) if edge.name == name}
    return any(edge.target in uses for edge in index.out_of.get(later, ()) if edge.name == name)


def _follows_from(index: Index, number: int, raws: set[tuple[str, int]], *, data: set[int]) -> bool:
    """Whether a statement's data all comes from raw values as they cross, or is made by a class or function of the author's."""
    uses = [edge for edge in index.into.get(number, ()) if edge.source in data]
    effects = {effect.kind for effect in index.statement(number).effects}
    known = all((edge.name, edge.source) in raws or _defines_code(index, edge.source) for edge in uses)
    return bool(uses) and not effects & {"file_read", "network"} and known


def _is_reduction(index: Index, number: int) -> bool:
    """A value of few numbers made from many rows: `df["x"].mean()`; it is given, not asked for in a request."""
    parsed = index.parsed(number)
    value = parsed.node.value if parsed and isinstance(parsed.node, ast.Assign) else None
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return isinstance(value, ast.Call) and _last_name(value.func) in REDUCTIONS


def _is_fitted(index: Index, binding: RawBinding) -> bool:
    """A fitted object that was loaded and is used as one: `scaler = joblib.load(…)`, then `scaler.transform(X)`."""
    uses = [edge.target for edge in index.out_of.get(binding.statement, ()) if edge.name == binding.name]
    return any(
        isinstance(call.func, ast.Attribute) and call.func.attr in FITTED_METHODS and root_name(call.func) == binding.name
        for number in uses
        for call in index.calls(number)
    )


def _is_stored_object(index: Index, number: int) -> bool:
    """What was saved as an object, not as a table: beside a table it is the list of columns or the settings, which are given."""
    return any(index.path(call.func) in STORED_OBJECTS for call in index.calls(number))


def _forced(
    index: Index, tags: Tags, name: str, *, needed: Collection[int], first: int | None
) -> tuple[RawBinding | None, tuple[Finding, ...]]:
    """The binding that `raw=` names: as it enters the first feature statement, else where it is made first."""
    makers = [number for number in index.definers.get(name, ()) if number in needed]
    if not makers:
        return None, (_unknown_raw(index, tags, name),)
    if first is not None:
        entering = [one for one in definitions(index.dataflow, first - 1, name) if one in needed]
        if entering:
            return RawBinding(name=name, statement=max(entering)), ()
    return RawBinding(name=name, statement=makers[0]), ()


def _unknown_raw(index: Index, tags: Tags, name: str) -> Finding:
    exists = name in index.definers
    return Finding(
        code="NB208",
        severity="refusal",
        message=f"`raw={name}` names a variable that the answer does not depend on."
        if exists
        else f"`raw={name}` names a variable that no cell makes.{did_you_mean(name, list(index.definers))}",
        remedy="Name the variable that holds the data before the features are computed, or leave `raw=` out.",
        span=tags.span_of("raw"),
        fixes=(() if exists else tags.renaming("raw", list(index.definers))) or tags.leaving_out("raw"),
    )


def _clashes(index: Index, bindings: tuple[RawBinding, ...]) -> tuple[Finding, ...]:
    first: dict[str, RawBinding] = {}
    found = []
    for binding in bindings:
        other = first.setdefault(binding.name, binding)
        if other is not binding:
            found.append(
                Finding(
                    code="NB209",
                    severity="refusal",
                    message=f"`{binding.name}` stands for two different data sets: "
                    f"the one of {index.statement(other.statement).span} and this one; a request could not tell them apart.",
                    remedy="Give the second one a name of its own.",
                    span=index.statement(binding.statement).span,
                )
            )
    return tuple(found)


def _holders(index: Index, bindings: tuple[RawBinding, ...]) -> tuple[Finding, ...]:
    """Raw values that hold tables and are none, where no other raw value has rows."""
    if not all(_is_bunch(index, binding.statement) for binding in bindings):
        return ()
    return tuple(_holder(index, binding.name, binding.statement) for binding in bindings)


def _holder(index: Index, name: str, statement: int) -> Finding:
    return Finding(
        code="NB219",
        severity="refusal",
        message=f"`{name}` holds the data and the target and is no table; a request can't carry it.",
        remedy="Give its parts names above the features, each in a statement of its own: "
        f"`X = {name}.data` and `y = {name}.target`.",
        span=index.statement(statement).span,
    )


def nothing_enters(index: Index, tags: Tags, *, needed: Collection[int]) -> Finding:
    """Why there is no raw value: nothing loads data, or the model takes its rows straight out of a Bunch."""
    bunch = next((number for number in sorted(needed) if _is_bunch(index, number)), None)
    if bunch is not None and index.statement(bunch).defines:
        return _holder(index, index.statement(bunch).defines[-1], bunch)
    return Finding(
        code="NB241",
        severity="refusal",
        message="Nothing on the way to the model is known to bring in data, so nothing says what a request carries.",
        remedy="Load the data into a variable in a cell above (`loans = pd.read_csv(…)`), "
        "or name the one that holds it: `raw=NAME` in the feature tag.",
        span=tags.model.directive.span if tags.model.directive else cell_span(tags.model),
    )
