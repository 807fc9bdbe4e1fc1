"""What runs in the kernel beside the recorder while a notebook is validated: it tells what a failed assertion compared.

It is sent to the kernel as text, imports the standard library only, runs on Python 3.9, and never raises into the notebook.

    assert auc > floor(region), "too low"    is run as    assert (_seen_0 := auc) > (_seen_1 := floor(region)), "too low"

so that each side is evaluated once, as the author wrote it, and its value can be told when the assertion fails.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import io
import json
import math
import numbers
import reprlib
import sys
from typing import Any, Dict, List, Optional, Tuple

_SEEN = "__nb2svc_seen_"
_MOST = 8
# Older Pythons would run out of memory for more.
_MOST_CALLS = 3000
_KILL = 9
_PR_SET_PDEATHSIG = 1


class Assertions(ast.NodeTransformer):
    """Names what the assertions of a check cell compare. `active` says whether the running cell is one."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.active = False
        self._count = 0
        self._asserts: Dict[int, Tuple[int, str, List[Tuple[str, str]]]] = {}
        self.failed: Optional[Dict[str, Any]] = None
        self.room = 0
        self.look_for_room("pre_run_cell")
        shell.ast_transformers.append(self)
        shell.events.register("post_run_cell", self._after_cell)

    def look_for_room(self, event: str) -> None:
        """Note at the shell's next event of that kind how many calls can stand within each other there; 0 where they are many."""

        def look(*_: Any) -> None:
            self._shell.events.unregister(event, look)
            self.room = _room(0)

        self._shell.events.register(event, look)

    def begin(self) -> None:
        """The next cell is a check."""
        self.active, self.failed, self._asserts = True, None, {}

    def visit(self, node: ast.AST) -> Any:
        """Leave alone all that is no check; a class's body would get attributes."""
        return node if not self.active or isinstance(node, (ast.ClassDef, ast.Lambda)) else super().visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Name the sides of the comparisons in an assertion."""
        text = _unparse(node.test)
        names: List[Tuple[str, str]] = []
        node.test = self._named(node.test, names)
        if node.lineno not in self._asserts:
            self._asserts[node.lineno] = (node.lineno, text, names)
        return ast.fix_missing_locations(node)

    def _named(self, node: ast.expr, names: List[Tuple[str, str]]) -> ast.expr:
        if isinstance(node, ast.BoolOp):
            node.values = [self._named(value, names) for value in node.values]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self._named(node.operand, names)
        elif isinstance(node, ast.Compare):
            node.left = self._seen(node.left, names)
            node.comparators = [self._seen(side, names) for side in node.comparators]
        elif isinstance(node, ast.Name):
            return self._seen(node, names)
        return node

    def _seen(self, node: ast.expr, names: List[Tuple[str, str]]) -> ast.expr:
        if isinstance(node, (ast.Constant, ast.Starred, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return node
        name = _SEEN + str(self._count)
        self._count += 1
        names.append((_unparse(node), name))
        return ast.copy_location(ast.NamedExpr(target=ast.Name(id=name, ctx=ast.Store()), value=node), node)

    def _after_cell(self, result: Any) -> None:
        with contextlib.suppress(Exception):
            error = getattr(result, "error_in_exec", None)
            if self.active and error is not None:
                self.failed = self.told(error)
        if getattr(getattr(result, "info", None), "store_history", True):
            self.active = False
            for name in [name for name in self._shell.user_ns if name.startswith(_SEEN)]:
                self._shell.user_ns.pop(name, None)

    def told(self, error: BaseException) -> Dict[str, Any]:
        """What an error says, and what the assertion compared that raised it."""
        told: Dict[str, Any] = {"name": type(error).__name__, "message": str(error)[:4000], "line": 0, "values": [], "test": ""}
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_globals is self._shell.user_ns or step.tb_frame.f_globals.get("__name__") == "__main__":
                found = self._asserts.get(step.tb_lineno)
                if found and isinstance(error, AssertionError):
                    space = dict(step.tb_frame.f_globals)
                    space.update(step.tb_frame.f_locals)
                    line, test, names = found
                    values = {text: shown(space[name]) for text, name in names if name in space}
                    pairs = [(text, value) for text, value in values.items() if text != value]
                    told.update(line=line, test=test, values=pairs[:_MOST])
            step = step.tb_next
        return told

    def tell(self) -> str:
        """What failed in the last check, as JSON."""
        return json.dumps(self.failed)


def shown(value: Any) -> str:
    """A value in few words: a number as it is, a table by its shape."""
    with contextlib.suppress(Exception):
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple):
            return type(value).__name__ + " of shape " + " by ".join(map(str, shape))
        short = reprlib.Repr()
        short.maxstring = short.maxother = 120
        return short.repr(value)
    return type(value).__name__


def measured(space: Dict[str, Any], name: str) -> Dict[str, Any]:
    """A scalar of the notebook as a metric: {"value": 0.9, "special": ""}; {} where it is none."""
    try:
        value = space[name]
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        if not isinstance(value, numbers.Real):
            return {}
        number = float(value)
    except Exception:
        return {}
    if math.isfinite(number):
        return {"value": number, "special": ""}
    return {"value": None, "special": "nan" if number != number else "inf" if number > 0 else "-inf"}


def measure(shell: Any, names: List[str]) -> str:
    """The metrics of those names that are scalars, as JSON."""
    # It is asked beside the cell: what a value says when it is looked at is none of its outputs.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return json.dumps({name: measured(shell.user_ns, name) for name in names})


def _room(calls: int) -> int:
    try:
        return _room(calls + 1) if calls < _MOST_CALLS else 0
    except RecursionError:
        return calls


def end_with_parent() -> None:
    """Have the kernel ended when the process that started it is gone, also while it holds the interpreter's lock (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(Exception):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _KILL)


def start(shell: Any, recorder: Any) -> None:
    """Begin to watch, beside a recorder that was started."""
    end_with_parent()
    recorder.assertions = Assertions(shell)
    recorder.measure = lambda names: measure(shell, names)


def _unparse(node: ast.AST) -> str:
    with contextlib.suppress(Exception):
        return ast.unparse(node)
    return ""
