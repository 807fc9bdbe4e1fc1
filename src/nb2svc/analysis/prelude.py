"""Which statements are prelude: imports, functions, classes and constants, which need nothing that the notebook computes."""

import ast
from collections.abc import Collection, Iterable, Iterator

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.knowledge import ANSWER_CHANGING_STATE, DISPLAY_OPTIONS, KNOWN_LIBRARIES, STATE_SETTERS
from nb2svc.analysis.scopes import bound_names
from nb2svc.analysis.trees import own_nodes

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PLAIN = (
    ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp,
    ast.BoolOp, ast.Compare, ast.IfExp, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Call, ast.keyword, ast.Starred,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context, ast.Lambda, ast.ListComp, ast.DictComp, ast.SetComp,
    ast.comprehension,
)  # fmt: skip
_CONSTANT_BUILTINS = frozenset(
    "list tuple set dict frozenset range int float str bool len sorted zip sum min max round abs enumerate map bytes".split()
)


def prelude_of(index: Index, needed: Collection[int], *, never: Collection[int] = ()) -> set[int]:
    """Those of the needed statements that are prelude; `never` are none (raw values, say), whatever they look like."""
    found = {number for number in needed if number not in never and _may_be(index, number)}
    while True:
        # A function that reads what a step computes belongs to that step, and so does what is built from it.
        wrong = {number for number in found if not _stands_alone(index, number, found, needed)}
        if not wrong:
            return found
        found -= wrong


def _may_be(index: Index, number: int) -> bool:
    statement, parsed = index.statement(number), index.parsed(number)
    if parsed is None:
        return False
    if is_definition(parsed.node) or sets_answering_state(index, number) or _patches_import(index, number):
        return True
    if index.role(number) == "keep":
        return True
    return index.role(number) not in ("feature", "model") and is_constant(index, number) and not statement.effects


def is_definition(node: ast.stmt) -> bool:
    """An import, function or class; or a compound statement of these and of plain values: `try: import a … except: a = None`."""
    if isinstance(node, _DEFINITIONS):
        return True
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return True
    if not isinstance(node, ast.If | ast.Try):
        return False
    inner = list(_blocks(node))
    defines = any(isinstance(one, _DEFINITIONS) for one in inner)
    return defines and all(is_definition(one) or _is_plain_assignment(one) or isinstance(one, ast.Pass) for one in inner)


def _blocks(node: ast.If | ast.Try) -> Iterator[ast.stmt]:
    yield from (*node.body, *node.orelse)
    if isinstance(node, ast.Try):
        yield from node.finalbody
        for handler in node.handlers:
            yield from handler.body


def _is_plain_assignment(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Lambda)


def is_constant(index: Index, number: int) -> bool:
    """An assignment of a literal, or of what constants and imports give, whose names are bound once and never changed."""
    statement, parsed = index.statement(number), index.parsed(number)
    if parsed is None or not isinstance(parsed.node, ast.Assign | ast.AnnAssign) or parsed.node.value is None:
        return False
    if not statement.defines or statement.mutates:
        return False
    if any(len(index.definers[name]) > 1 for name in statement.defines):
        return False
    targets = parsed.node.targets if isinstance(parsed.node, ast.Assign) else [parsed.node.target]
    if set(bound_names(targets)) != set(statement.defines):
        return False
    nodes = own_nodes(parsed.node.value)
    return all(isinstance(node, _PLAIN) for node in nodes) and all(
        _calls_nothing_of_ours(index, node) for node in nodes if isinstance(node, ast.Call)
    )


def _calls_nothing_of_ours(index: Index, call: ast.Call) -> bool:
    path = index.path(call.func)
    if path:
        return path.partition(".")[0] in KNOWN_LIBRARIES
    if isinstance(call.func, ast.Name):
        return call.func.id in _CONSTANT_BUILTINS and call.func.id not in index.definers
    # A method of a constant: `"a b".split()`, `[*TOWNS].index("x")`.
    return isinstance(call.func, ast.Attribute)


def _stands_alone(index: Index, number: int, prelude: Collection[int], needed: Collection[int]) -> bool:
    if not all(edge.source in prelude for edge in index.into.get(number, ())):
        return False
    deferred = index.statement(number).defers
    return all(one in prelude for name in deferred for one in index.definers.get(name, ()) if one in needed)


def sets_answering_state(index: Index, number: int) -> bool:
    """Whether a statement sets library state that can change an answer: `sklearn.set_config(…)`, `pd.set_option("mode.…")`."""
    effects = [effect for effect in index.statement(number).effects if effect.kind == "library_state"]
    return any(
        effect.detail == "os.environ"
        or (STATE_SETTERS.get(effect.detail) in ANSWER_CHANGING_STATE and not _only_display(index, number))
        for effect in effects
    )


def _only_display(index: Index, number: int) -> bool:
    texts = [node.value for node in index.nodes(number) if isinstance(node, ast.Constant)]
    names = [text for text in texts if isinstance(text, str)]
    return bool(names) and any(text.split(".")[0] in DISPLAY_OPTIONS for text in names)


def _patches_import(index: Index, number: int) -> bool:
    """Whether a statement gives something imported another attribute: `pd.DataFrame.clean = clean`."""
    parsed = index.parsed(number)
    if parsed is None or not isinstance(parsed.node, ast.Assign):
        return False
    return all(isinstance(target, ast.Attribute) and root_name(target) in index.imports for target in parsed.node.targets)


def state_setters(index: Index, *, before: int) -> Iterable[int]:
    """The statements up to `before` that set library state, or patch a library, so that an answer can change."""
    return [
        statement.number
        for statement in index.dataflow.statements
        if statement.number <= before
        and (sets_answering_state(index, statement.number) or _patches_import(index, statement.number))
    ]
