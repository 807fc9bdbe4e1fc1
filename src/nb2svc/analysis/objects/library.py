"""Calls of functions that the tables know: imported from a library, or built in."""

import ast
import re
from collections.abc import Mapping, Sequence

from nb2svc.analysis import knowledge as known
from nb2svc.analysis.objects.heap import NONE, NOTHING, SCALAR, Value
from nb2svc.analysis.objects.state import State, element, union
from nb2svc.analysis.objects.unknown import call_unknown, run_callbacks
from nb2svc.ir.dataflow import EffectKind

_COPIES_OF_CONTENTS = frozenset(
    """builtins.list builtins.tuple builtins.set builtins.frozenset builtins.sorted builtins.dict copy.copy
    collections.deque""".split()
)
_DRAWING = tuple(prefix for prefix, effect in known.PREFIX_EFFECTS if effect == "plot")
_FILE_MODES_THAT_WRITE = frozenset("wax+")


def call_library(state: State, node: ast.Call, callee: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """Call a function by its qualified name."""
    path = callee.path
    root = path.partition(".")[0]
    note_effects(state, node, path)
    if path in known.IN_PLACE_FUNCTIONS and len(arguments) > known.IN_PLACE_FUNCTIONS[path]:
        changed = arguments[known.IN_PLACE_FUNCTIONS[path]]
        state.change(changed.objects)
        for other in arguments:
            if other is not changed:
                state.heap.hold(changed.objects, other.objects)
    if root != "builtins" and root not in known.KNOWN_LIBRARIES:
        return call_unknown(state, NOTHING, arguments, keywords)
    given = [*arguments, *keywords.values()]
    items = [element(state, value) for value in given if value.kind != "function"]
    returned = run_callbacks(state, given, [union(*items)] if items else [])
    if path == "builtins.exec":
        _run_text(state, node)
    if root == "builtins":
        return _builtin(state, path, arguments, keywords, returned)
    return _result(state, node, path, given)


def _run_text(state: State, node: ast.Call) -> None:
    """`exec` may bind and change every name that its text mentions; where there is no text to be seen, any name at all."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    words = {word for text in texts for word in re.findall(r"[^\W\d]\w*", text)} if texts else set(state.env)
    for name in words & state.env.keys():
        value = state.env[name]
        if value.kind not in ("import", "function", "class"):
            state.defined.add(name)
            state.change(value.objects)


def _builtin(state: State, path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], returned: Value | None) -> Value:
    name = path.rpartition(".")[2]
    given = [*arguments, *keywords.values()]
    if name in known.SCALAR_BUILTINS:
        return SCALAR
    if name == "zip":
        pair = state.fresh(*(element(state, value) for value in arguments), known=True)
        state.heap.items[next(iter(pair.objects))] = tuple(element(state, value) for value in arguments)
        return _iterator(state, arguments, pair)
    if name == "enumerate" and arguments:
        pair = state.fresh(element(state, arguments[0]), known=True)
        state.heap.items[next(iter(pair.objects))] = (SCALAR, element(state, arguments[0]))
        return _iterator(state, arguments, pair)
    if path in _COPIES_OF_CONTENTS:
        held = [element(state, value) for value in arguments] + list(keywords.values())
        if name == "dict":
            # `dict(pairs)` holds what the pairs hold.
            held += [element(state, value) for value in held]
        copied = all(value.objects <= state.heap.known for value in arguments)
        return state.fresh(*held, kind="list" if name in ("list", "sorted") else "", known=copied)
    if name in ("getattr", "next", "max", "min"):
        return union(*(element(state, value) for value in arguments[:1]), *arguments[1:])
    if name in ("map", "filter", "iter", "reversed"):
        held = [element(state, value) for value in arguments] + ([returned] if returned else [])
        functions = [value for value in given if value.kind in ("function", "class")]
        return _iterator(state, given, *held, *functions)
    if name == "open":
        return Value(NONE, "iterator")
    return state.fresh(*given) if name not in ("super", "memoryview") else union(*given)


def _iterator(state: State, sources: Sequence[Value], *held: Value) -> Value:
    """An iterator: it sees what changes in its sources until it is consumed."""
    made = state.fresh(*held, kind="iterator", known=True)
    for source in sources:
        state.heap.watch(made.objects, source.objects)
    return made


def _result(state: State, node: ast.Call, path: str, given: Sequence[Value]) -> Value:
    root, _, name = path.partition(".")[0], "", path.rpartition(".")[2]
    if path in known.SAME_OBJECT_FUNCTIONS and given:
        return Value(given[0].objects, "numpy" if root == "numpy" else given[0].kind)
    if path in known.GENERATOR_FACTORIES:
        made = state.fresh(kind="generator")
        if node.args or node.keywords:
            state.heap.seeded |= made.objects
        return made
    if path in _COPIES_OF_CONTENTS:
        return state.fresh(*(element(state, value) for value in given))
    if path in known.HOLDING_FUNCTIONS or root in ("torch", "keras", "tensorflow", "functools", "itertools", "collections"):
        kind = "estimator" if root in known.SKLEARN_LIKE else "library" if root in ("torch", "keras", "tensorflow") else ""
        return state.fresh(*given, *(element(state, value) for value in given), kind=kind)
    if name in known.SPLITTING_CALLS:
        return Value(NONE, next((value.kind for value in given if value.kind in ("pandas", "numpy")), ""))
    if path.startswith("sklearn.datasets."):
        options = {keyword.arg for keyword in node.keywords}
        content = "pandas" if "as_frame" in options else "numpy"
        if "return_X_y" in options or name.startswith("make_"):
            return Value(NONE, content)
        return state.fresh(state.fresh(kind=content), kind="bunch", known=True)
    return Value(NONE, _result_kind(root, name, path))


def _result_kind(root: str, name: str, path: str) -> str:
    if root == "pandas":
        return "pandas"
    if root in ("numpy", "scipy"):
        return "numpy"
    if root in known.SKLEARN_LIKE:
        return "estimator" if name[:1].isupper() else ""
    if path not in known.FUNCTION_EFFECTS and path.startswith(_DRAWING):
        return "drawing"
    if path.startswith(("json.", "pickle.", "joblib.", "copy.", "seaborn.load_dataset", "glob.", "math.", "os.")):
        return ""
    return "library"


def note_effects(state: State, node: ast.Call, path: str) -> None:
    """Note what calling this function does to the world, or asks of it."""
    name = path.rpartition(".")[2]
    for kind, detail in _effects(node, path, name):
        state.effect(kind, detail, node)


def _effects(node: ast.Call, path: str, name: str) -> list[tuple[EffectKind, str]]:
    found: list[tuple[EffectKind, str]] = []
    if path in known.STATE_SETTERS:
        return [("library_state", path)]
    kind = known.FUNCTION_EFFECTS.get(path)
    if kind is None and path not in known.NO_EFFECT:
        kind = next((effect for prefix, effect in known.PREFIX_EFFECTS if path.startswith(prefix)), None)
    if path == "builtins.open":
        kind = "file_write" if _FILE_MODES_THAT_WRITE & set(_literal(node, 1, "mode") or "r") else "file_read"
    if path in ("builtins.eval", "builtins.compile") and not _literal(node, 0, ""):
        kind = "dynamic"
    if path in ("builtins.exec", "builtins.globals", "builtins.locals"):
        kind = "dynamic"
    if path.startswith("pandas.read_clipboard"):
        kind = "input"
    if kind in ("file_read", "file_write"):
        literal = _literal(node, 1 if path in ("joblib.dump", "pickle.dump") else 0, "filepath_or_buffer")
        remote = bool(literal and literal.startswith(("http://", "https://", "ftp://", "s3://")))
        found.append(("network" if remote and kind == "file_read" else kind, literal or path))
    elif kind is not None:
        found.append((kind, path.removeprefix("builtins.")))
    elif path.startswith(known.DATASET_PREFIXES) and not name.startswith("make_"):
        found.append(("file_read", path))
    argument = known.SEEDED_BY_ARGUMENT.get(name)
    if argument and path.partition(".")[0] in known.SKLEARN_LIKE and not seeded(node, argument):
        found.append(("random", f"{name} without {argument[0]}"))
    return found


def seeded(node: ast.Call, arguments: tuple[str, ...]) -> bool:
    """Whether a call is given one of these arguments, other than None."""
    for keyword in node.keywords:
        if keyword.arg is None or (
            keyword.arg in arguments and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
        ):
            return True
    return False


def _literal(node: ast.Call, position: int, name: str) -> str | None:
    values = [keyword.value for keyword in node.keywords if keyword.arg == name]
    if not values and len(node.args) > position:
        values = [node.args[position]]
    if values and isinstance(values[0], ast.Constant) and isinstance(values[0].value, str):
        return values[0].value
    return None
