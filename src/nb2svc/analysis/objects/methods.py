"""Calls of methods: what they do to their receiver and arguments, by the receiver's kind and the method's name."""

import ast
from collections.abc import Mapping, Sequence

from nb2svc.analysis import knowledge as known
from nb2svc.analysis.objects.heap import NONE, SCALAR, Value
from nb2svc.analysis.objects.library import seeded
from nb2svc.analysis.objects.state import State, element, of_objects, union
from nb2svc.analysis.objects.unknown import call_unknown, run_callbacks

_LEAVING_METHODS = known.PURE_METHODS | known.ELEMENT_METHODS | known.VIEW_METHODS | known.RECEIVER_METHODS


def call_method(
    state: State, node: ast.Call, receiver: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    """Call a method of something that is no module and no instance of a class of the notebook."""
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    _note_effects(state, node, receiver, name)
    given = [*arguments, *keywords.values()]
    if _in_place(node):
        state.change(receiver.objects, values=name in known.VALUE_CHANGING_METHODS)
        return SCALAR
    if receiver.kind == "pandas":
        return _pandas(state, receiver, name, given)
    if receiver.kind == "numpy":
        if name in known.NUMPY_MUTATING_METHODS:
            state.change(receiver.objects)
        return receiver if name in known.VIEW_METHODS else Value(NONE, "numpy")
    if receiver.kind == "scalar":
        return _of_scalar(state, name, given)
    if receiver.kind == "drawing":
        return _drawn(state, receiver, given)
    if receiver.kind == "generator":
        if name == "shuffle":
            state.change(one for value in arguments[:1] for one in value.objects)
        return Value(NONE, "numpy")
    return _other(state, receiver, name, arguments, keywords)


def _of_scalar(state: State, name: str, given: Sequence[Value]) -> Value:
    """A method of a string or number; `", ".join(xs)` only reads what it is given."""
    run_callbacks(state, given, [])
    return Value(NONE, "list") if name in ("split", "splitlines") else SCALAR


def _drawn(state: State, receiver: Value, given: Sequence[Value]) -> Value:
    """A method of a figure or of axes: it draws what it is given, which stays as it is."""
    state.change(receiver.objects)
    run_callbacks(state, given, [])
    return Value(receiver.objects, "drawing")


def _in_place(node: ast.Call) -> bool:
    """Whether `inplace=` is given and is not plainly False."""
    for keyword in node.keywords:
        if keyword.arg == "inplace":
            return not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
    return False


def _pandas(state: State, receiver: Value, name: str, given: Sequence[Value]) -> Value:
    if name in known.PANDAS_MUTATING_METHODS:
        state.change(receiver.objects)
    # `pipe` hands the frame itself to the function; the others hand it rows, columns or groups.
    handed = receiver if name == "pipe" else Value(NONE, "pandas")
    returned = run_callbacks(state, given, [handed])
    if name == "pipe" and returned is not None:
        return returned
    if name in known.PANDAS_NOT_FRAMES:
        return Value(NONE, "numpy" if name == "to_numpy" else "list")
    return Value(NONE, "pandas")


def _other(state: State, receiver: Value, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    heap, given = state.heap, [*arguments, *keywords.values()]
    if name in known.MUTATING_METHODS:
        deep = name in known.FITTING_METHODS or name in ("step", "backward", "train")
        state.change(heap.fitted_with(receiver.objects) if deep else receiver.objects)
        for one in receiver.objects:
            heap.items.pop(one, None)
        if name in known.STORING_METHODS:
            for value in given:
                whole = name not in ("extend", "extendleft", "update")
                heap.hold(receiver.objects, value.objects if whole else heap.elements(value))
        run_callbacks(state, given, [element(state, receiver)])
        if name == "fit_transform":
            return Value(NONE, "numpy" if receiver.kind == "estimator" else "")
        return _result(state, receiver, name, given)
    if receiver.kind in ("estimator", "library", "bunch") or name in _LEAVING_METHODS:
        if receiver.kind == "library":
            state.change(receiver.objects)
        run_callbacks(state, given, [element(state, receiver)] if receiver.kind == "" else [Value(NONE, "pandas")])
        return _result(state, receiver, name, given)
    return call_unknown(state, receiver, arguments, keywords)


def _result(state: State, receiver: Value, name: str, given: Sequence[Value]) -> Value:
    heap = state.heap
    if name in known.RECEIVER_METHODS:
        return receiver
    if name == "items":
        pair = state.fresh(element(state, receiver), known=True)
        heap.items[next(iter(pair.objects))] = (SCALAR, element(state, receiver))
        return state.fresh(pair, known=True)
    if name in ("values", "copy"):
        return state.fresh(
            element(state, receiver), known=receiver.objects <= heap.known, kind=receiver.kind if name == "copy" else ""
        )
    if name in known.ELEMENT_METHODS:
        return union(of_objects(state, heap.elements(receiver)), *given)
    if name in known.VIEW_METHODS:
        return receiver
    if receiver.kind == "estimator":
        return Value(NONE, "numpy")
    return Value(NONE, "library" if receiver.kind == "library" else "")


def _note_effects(state: State, node: ast.Call, receiver: Value, name: str) -> None:
    kind = known.METHOD_EFFECTS.get(name)
    # `open(...)` of a path object, and `.sample()` of a frame.
    if kind in ("file_write", "file_read"):
        literal = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        state.effect(kind, literal if isinstance(literal, str) else name, node)
    elif kind is not None:
        state.effect(kind, name, node)
    elif receiver.kind in ("library", "drawing") and name in ("show", "render"):
        state.effect("plot", name, node)
    elif name == "sample" and receiver.kind in ("pandas", "") and not seeded(node, ("random_state",)):
        state.effect("random", "sample without random_state", node)
    elif receiver.kind == "generator" and not receiver.objects <= state.heap.seeded:
        state.effect("random", f"{name} of an unseeded generator", node)
