"""What a call does: to its receiver, to its arguments, to the world; and what its result shares with them."""

import ast

from nb2svc.analysis.objects.functions import apply_function, find_method
from nb2svc.analysis.objects.heap import NOTHING, Value
from nb2svc.analysis.objects.library import call_library
from nb2svc.analysis.objects.methods import call_method
from nb2svc.analysis.objects.state import State, element, evaluate, evaluates, union
from nb2svc.analysis.objects.unknown import call_unknown


@evaluates(ast.Call)
def _call(state: State, node: ast.Call) -> Value:
    if isinstance(node.func, ast.Attribute):
        receiver = evaluate(state, node.func.value)
        if receiver.kind == "import":
            callee = Value(receiver.objects, "import", f"{receiver.path}.{node.func.attr}")
            return call_library(state, node, callee, *_arguments(state, node))
        arguments, keywords = _arguments(state, node)
        methods = find_method(state, receiver, node.func.attr)
        if methods:
            return apply_function(state, Value(frozenset(methods)), [receiver, *arguments], keywords)
        return call_method(state, node, receiver, arguments, keywords)
    callee = evaluate(state, node.func)
    arguments, keywords = _arguments(state, node)
    if callee.kind in ("import", "builtin"):
        return call_library(state, node, callee, arguments, keywords)
    ours = frozenset(one for one in callee.objects if one in state.heap.functions or one in state.heap.classes)
    result = apply_function(state, Value(ours), arguments, keywords) if ours else NOTHING
    if ours == callee.objects and ours:
        return result
    methods = find_method(state, callee, "__call__")
    if methods:
        return apply_function(state, Value(frozenset(methods)), [callee, *arguments], keywords)
    return union(result, call_unknown(state, Value(callee.objects - ours, callee.kind), arguments, keywords))


def _arguments(state: State, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
    """Values of the arguments; what `*` and `**` unpack stands under these two names."""
    arguments: list[Value] = []
    keywords: dict[str, Value] = {}
    for argument in node.args:
        value = evaluate(state, argument)
        if isinstance(argument, ast.Starred):
            keywords["*"] = union(keywords.get("*", NOTHING), element(state, value))
        else:
            arguments.append(value)
    for keyword in node.keywords:
        value = evaluate(state, keyword.value)
        keywords[keyword.arg or "**"] = value if keyword.arg else element(state, value)
    return arguments, keywords
