"""Number every load-context expression of a statement, and wrap it so that the recorder sees its value.

    loans["income"].mean()
    →   _nb2svc_value(0, lambda: _nb2svc_value(1, lambda: _nb2svc_value(2, lambda: loans)["income"]).mean())

The thunk lets the recorder catch an exception in a probe. A callee is not wrapped (`df.mean` in `df.mean()`), nor are class
bodies, literals, and expressions that bind a name, wait, or look at their own frame.
"""

from __future__ import annotations

import ast
import copy
import re
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

VALUE = "_nb2svc_value"
ITERATE = "_nb2svc_iterate"
NUMBER = "_nb2svc_number"

# Calls that read the frame they stand in: a thunk would give them another one.
FRAME_READERS = frozenset({"locals", "globals", "vars", "exec", "eval", "super", "dir"})
FRAME_READING_METHODS = frozenset({"query", "eval"})
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Expr:
    """One numbered expression.

    `children` are the numbers of the expressions evaluated directly for it, in order; `function` the innermost `def` around
    it; `called` says that it stands in a function or lambda; `keys` are loop variables and parameters around it.
    """

    __slots__ = ("number", "statement", "node", "parent", "children", "function", "called", "keys", "in_comprehension")

    def __init__(self, number: int, statement: int, node: ast.expr, parent: Optional[int]) -> None:
        self.number = number
        self.statement = statement
        self.node = node
        self.parent = parent
        self.children: List[int] = []
        self.function: Optional[str] = None
        self.called = False
        self.keys: Tuple[str, ...] = ()
        self.in_comprehension = False

    @property
    def is_call(self) -> bool:
        """A call expression."""
        return isinstance(self.node, ast.Call)

    @property
    def is_name(self) -> bool:
        """A bare name."""
        return isinstance(self.node, ast.Name)

    @property
    def method(self) -> str:
        """The called method's or function's name, '' for anything but a call."""
        if not isinstance(self.node, ast.Call):
            return ""
        func = self.node.func
        return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def number_of(node: ast.AST) -> Optional[int]:
    """The number given to an expression, or None."""
    found = getattr(node, NUMBER, None)
    return found if isinstance(found, int) else None


class Numberer:
    """Gives numbers to the expressions of statements, in document order, across statements."""

    def __init__(self) -> None:
        self.exprs: Dict[int, Expr] = {}
        self._next = 0
        self._statement = 0
        self._keys: List[str] = []
        self._function: Optional[str] = None
        self._called = False
        self._comprehension = False

    def statement(self, tree: ast.AST, number: int) -> None:
        """Number one statement's tree in place."""
        self._statement = number
        self._visit(tree, None)

    def _visit(self, node: ast.AST, parent: Optional[int]) -> None:
        if isinstance(node, ast.ClassDef):
            return
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            self._each(made_with(node), parent)
            self._callable(node)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._loop(node, parent)
        elif isinstance(node, ast.AnnAssign):
            self._each([node.target, node.value], parent)
        elif isinstance(node, ast.expr):
            self._expression(node, parent)
        elif isinstance(node, ast.pattern if hasattr(ast, "pattern") else ()):
            return
        else:
            self._each(list(ast.iter_child_nodes(node)), parent)

    def _each(self, nodes: List[Any], parent: Optional[int]) -> None:
        for node in nodes:
            if node is not None:
                self._visit(node, parent)

    def _callable(self, node: Any) -> None:
        saved = self._keys, self._function, self._called
        arguments = node.args
        names = [a.arg for a in list(getattr(arguments, "posonlyargs", [])) + arguments.args + arguments.kwonlyargs]
        self._keys = self._keys + names if isinstance(node, ast.Lambda) else names
        self._called = True
        if isinstance(node, ast.Lambda):
            self._visit(node.body, None)
        else:
            self._function = node.name
            self._each(node.body, None)
        self._keys, self._function, self._called = saved

    def _loop(self, node: Any, parent: Optional[int]) -> None:
        self._visit(node.iter, parent)
        self._each([node.target], parent)
        saved = self._keys
        self._keys = saved + target_names(node.target)
        self._each(node.body, parent)
        self._keys = saved
        self._each(node.orelse, parent)

    def _expression(self, node: ast.expr, parent: Optional[int]) -> None:
        number = parent
        if self._wrappable(node):
            number = self._register(node, parent)
        if isinstance(node, COMPREHENSIONS):
            self._comprehension_of(node, number)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                self._visit(node.func.value, number)
            elif not isinstance(node.func, ast.Name):
                self._visit(node.func, number)
            self._each(list(node.args) + [keyword.value for keyword in node.keywords], number)
        else:
            self._each(list(ast.iter_child_nodes(node)), number)

    def _register(self, node: ast.expr, parent: Optional[int]) -> int:
        expr = Expr(self._next, self._statement, node, parent)
        self._next += 1
        expr.function, expr.called, expr.keys = self._function, self._called, tuple(self._keys)
        expr.in_comprehension = self._comprehension
        setattr(node, NUMBER, expr.number)
        self.exprs[expr.number] = expr
        if parent is not None:
            self.exprs[parent].children.append(expr.number)
        return expr.number

    def _comprehension_of(self, node: Any, number: Optional[int]) -> None:
        saved = self._keys, self._comprehension
        self._comprehension = True
        for generator in node.generators:
            self._visit(generator.iter, number)
            self._keys = self._keys + target_names(generator.target)
            self._each(generator.ifs, number)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._each(elements, number)
        self._keys, self._comprehension = saved

    def _wrappable(self, node: ast.expr) -> bool:
        if isinstance(node, (ast.Constant, ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.Slice, ast.Lambda)):
            return isinstance(node, ast.JoinedStr)
        context = getattr(node, "ctx", None)
        if context is not None and not isinstance(context, ast.Load):
            return False
        if isinstance(node, ast.Tuple) and any(isinstance(part, (ast.Slice, ast.Starred)) for part in node.elts):
            return False
        return not any(self._reads_frame(part) for part in ast.walk(node))

    def _reads_frame(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Name):
            return node.func.id in FRAME_READERS
        # In a function `df.query("x > @limit")` finds `limit` in the frame that calls it: where it is known, it is handed in.
        reads = isinstance(node.func, ast.Attribute) and node.func.attr in FRAME_READING_METHODS
        return self._called and reads and not (node.args and isinstance(node.args[0], ast.Constant))


def query_names(node: ast.AST) -> List[str]:
    """The variables that a query's text reads: `df.query("age > @limit")` → limit; none where the call is given its own."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in FRAME_READING_METHODS:
        return []
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return []
    if any(item.arg == "local_dict" for item in node.keywords):
        return []
    return list(dict.fromkeys(re.findall(r"@([A-Za-z_]\w*)", node.args[0].value)))


def target_names(target: ast.AST) -> List[str]:
    """The names that an assignment or loop target binds."""
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def made_with(node: Any) -> List[ast.expr]:
    """What a function or lambda reads where it stands, once: defaults and decorators."""
    given = [default for default in node.args.kw_defaults if default is not None]
    return [*node.args.defaults, *given, *getattr(node, "decorator_list", ())]


Replacement = Callable[[Dict[int, ast.expr]], ast.expr]


class _Wrapper(ast.NodeTransformer):
    def __init__(self, exprs: Dict[int, Expr], replacements: Dict[int, Replacement]) -> None:
        self.exprs = exprs
        self.replacements = replacements
        self.wrapped: Dict[int, ast.expr] = {}

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit(self, node: ast.AST) -> Any:
        number = number_of(node)
        result = super().visit(node)
        if number is None:
            return result
        self.wrapped[number] = result  # for a replacement that evaluates the expression too
        inner = self.replacements[number](self.wrapped) if number in self.replacements else result
        wrapped = self._wrap(inner, number)
        self.wrapped[number] = wrapped
        return wrapped

    def _wrap(self, node: ast.expr, number: int) -> ast.expr:
        arguments: List[ast.expr] = [ast.Constant(number), _thunk(node)]
        keys = self.exprs[number].keys
        if keys:
            arguments.append(_thunk(ast.Tuple([ast.Name(name, ast.Load()) for name in keys], ast.Load())))
        return ast.copy_location(ast.Call(ast.Name(VALUE, ast.Load()), arguments, []), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        names = query_names(node)
        self.generic_visit(node)
        if names:
            values: List[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
            node.keywords.append(ast.keyword("local_dict", ast.Dict([ast.Constant(name) for name in names], values)))
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        number = number_of(node.iter)
        self.generic_visit(node)
        node.iter = _iterate(node.iter, number)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        number = number_of(node.iter)
        self.generic_visit(node)
        node.iter = _iterate(node.iter, number)
        return node


def _thunk(body: ast.expr) -> ast.Lambda:
    empty = ast.arguments(posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    return ast.Lambda(empty, body)


def _iterate(node: ast.expr, number: Optional[int]) -> ast.expr:
    if number is None:
        return node
    return ast.Call(ast.Name(ITERATE, ast.Load()), [ast.Constant(number), node], [])


def wrap(tree: ast.AST, exprs: Dict[int, Expr], *, replacements: Optional[Dict[int, Replacement]] = None) -> ast.AST:
    """An instrumented copy of a numbered tree; `replacements` write other nodes at some numbers (removed selections)."""
    wrapper = _Wrapper(exprs, replacements or {})
    wrapped: ast.AST = ast.fix_missing_locations(wrapper.visit(copy.deepcopy(tree)))
    return wrapped


def descendants(exprs: Dict[int, Expr], number: int) -> Iterator[int]:
    """All numbered parts of an expression, without itself."""
    for child in exprs[number].children:
        yield child
        yield from descendants(exprs, child)
