"""Calls of which nothing is known: they may change whatever they are given, and return it."""

from collections.abc import Iterable, Mapping, Sequence

from nb2svc.analysis.objects.functions import apply_function
from nb2svc.analysis.objects.heap import Value
from nb2svc.analysis.objects.state import State

_UNTOUCHED = frozenset({"import", "builtin", "scalar", "function", "class"})


def call_unknown(state: State, receiver: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """Call something unknown: receiver and arguments may change, and the result may be or hold any of them."""
    given = [receiver, *arguments, *keywords.values()]
    objects = {one for value in given if value.kind not in _UNTOUCHED for one in value.objects}
    reached = state.heap.below(objects) - state.heap.functions.keys() - state.heap.classes.keys()
    state.change(reached)
    state.heap.known -= reached
    run_callbacks(state, [*arguments, *keywords.values()], [])
    held = Value(frozenset(one for value in given for one in value.objects))
    result = state.fresh(held)
    return Value(result.objects | frozenset(objects))


def run_callbacks(state: State, arguments: Iterable[Value], given: Sequence[Value]) -> Value | None:
    """Call those arguments that are functions of the notebook, as a library would; the result of the last, or None."""
    result = None
    for value in arguments:
        if value.kind == "function" or not value.objects.isdisjoint(state.heap.functions):
            result = apply_function(state, value, given, {})
    return result
