"""Filters of warnings that libraries set when they are imported: they come where the notebook's own import would put them.

    import warnings
    warnings.filterwarnings("ignore")    is the last word on numpy's warnings, but not on those of statsmodels
    import statsmodels.api as sm         sets its filters above it

So they are taken out when all is imported, and each import of a cell puts its own back, just before it is made.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import sys
import warnings
from typing import Any, Dict, List, Set

_PUT_BACK = "__nb2svc_filters__"
# Python tells its own modules since 3.10.
_STANDARD = frozenset(getattr(sys, "stdlib_module_names", sys.builtin_module_names))


class Filters(ast.NodeTransformer):
    """What imports added, in their order, by the source of each: `import statsmodels.api`. A shell's transformer of cells."""

    def __init__(self) -> None:
        self._first = list(warnings.filters)
        self._seen = list(self._first)
        self._tops: Set[str] = set()
        self._added: Dict[str, List[Any]] = {}

    def know(self, top: str) -> None:
        """An import of this changes nothing here."""
        self._tops.add(top)

    def note(self, top: str, source: str) -> bool:
        """An import was made; False where it did more to the filters than to add to them."""
        now, before = list(warnings.filters), self._seen
        added = len(now) - len(before)
        if added < 0 or now[added:] != before:
            return False
        self._tops.add(top)
        self._seen = now
        if added:
            self._added[source] = now[:added]
        return True

    def take_out(self) -> None:
        """All is imported: none of it counts yet."""
        warnings.filters[:] = self._first  # type: ignore[index]
        _changed()

    def watch(self, shell: Any) -> None:
        """Have the cells of a shell put them back."""
        setattr(builtins, _PUT_BACK, self.put_back)
        shell.ast_transformers.append(self)

    def put_back(self, *sources: str) -> None:
        """These are imported now; one that was not imported beforehand may bring whatever was."""
        unknown = [source for source in sources if _top(source) not in self._tops and _top(source) not in _STANDARD]
        filters: List[Any] = warnings.filters  # type: ignore[assignment]
        for source in [each for each in self._added if unknown or each in sources]:
            for item in reversed(self._added.pop(source)):
                # As `warnings` does it: none is there twice.
                with contextlib.suppress(ValueError):
                    filters.remove(item)
                filters.insert(0, item)
        _changed()

    def visit(self, node: ast.AST) -> Any:
        """Leave alone what comes when all are put back."""
        return super().visit(node) if self._added else node

    def visit_Import(self, node: ast.Import) -> Any:
        """`import a, b.c`."""
        return self._before(node, ["import " + alias.name for alias in node.names])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        """`from a import b, c`; `from a import *` is `import a`."""
        if node.level or node.module == "__future__":
            return node
        sources = ["from %s import %s" % (node.module, alias.name) for alias in node.names]
        return self._before(node, [*sources, "import %s" % node.module])

    def _before(self, node: ast.stmt, sources: List[str]) -> Any:
        arguments: List[ast.expr] = [ast.Constant(value=source) for source in sources]
        call = ast.Call(func=ast.Name(id=_PUT_BACK, ctx=ast.Load()), args=arguments, keywords=[])
        # An expression could be the cell's last, which is shown.
        put_back = ast.copy_location(ast.If(test=call, body=[ast.Pass()], orelse=[]), node)
        return [ast.fix_missing_locations(put_back), node]


def _top(source: str) -> str:
    return source.split()[1].partition(".")[0]


def _changed() -> None:
    warnings._filters_mutated()  # type: ignore[attr-defined]
