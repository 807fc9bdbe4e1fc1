"""Why a cell can't be shared by runs: it reads what tells them apart, or who knows what a fork after it would do. Pure.

What a function does counts where it is called, or handed on; what a class does, where it is defined.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from nb2svc.analysis import knowledge as known
from nb2svc.analysis.index import make_index
from nb2svc.analysis.scopes import imported_name
from nb2svc.analysis.statements import parse_statement
from nb2svc.ir.dataflow import Dataflow, Effect, Statement
from nb2svc.ir.notebook import Cell, Masked, Notebook
from nb2svc.validate import prefix_tables as tables

_ASYNC = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)
_ENDING_TAGS = {"raises-exception": "is expected to fail", "skip-execution": "is left out of runs"}
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why runs part before a cell: where in it, and the reason in words."""

    cell: int
    line: int
    text: str

    @property
    def shown(self) -> str:
        """`cell 4, line 2: reads seed, which tells the runs apart`."""
        return f"cell {self.cell}, line {self.line}: {self.text}"


class Ends:
    """Asked cell by cell, from the top, down to the first that ends it. `seeded` are the global generators with a seed by then.

    `names` are the parameters that tell the runs apart, set after the cell with the number `after`. Cells that nothing is forked
    after are a run's own: they may draw and write, ask for the time and keep threads that do not bear a fork.
    """

    def __init__(
        self,
        notebook: Notebook,
        dataflow: Dataflow,
        names: Collection[str],
        *,
        after: int,
        environment: Mapping[str, str],
        forked_after: bool = True,
    ) -> None:
        self._index = make_index(notebook, dataflow)
        self._names = frozenset(names)
        self._after = after
        self._forked_after = forked_after
        self._one_thread = not forked_after or environment.get(tables.OPENMP_THREADS, "").strip() == "1"
        self._imports: dict[str, set[str]] = {}
        self.seeded: frozenset[str] = frozenset()

    def of(self, cell: Cell) -> Ending | None:
        """Why a cell can't be shared; None where it can."""
        before = self.seeded
        first = next(self._reasons(cell), None)
        if first is None:
            return None
        self.seeded = before
        return Ending(cell=cell.number, line=first[0], text=first[1])

    def _reasons(self, cell: Cell) -> Iterator[tuple[int, str]]:
        for tag, why in _ENDING_TAGS.items():
            if tag in cell.tags:
                yield 1, f"the cell {why} (tag {tag})"
        for piece in cell.masked:
            if _runs_unknown(piece):
                yield piece.span.line, f"`{_short(piece.text)}` is not known to leave the same in a kernel that starts later"
        for number in self._index.cells.get(cell.number, ()):
            statement = self._index.statement(number)
            self._learn_imports(statement)
            yield from self._of_statement(statement)
            if statement.kind == "expression":
                # In a loop or a branch it may not have come to it.
                self.seeded |= {known.STATE_SETTERS.get(each.detail, "") for each in statement.effects} & tables.GLOBAL_GENERATORS

    def _learn_imports(self, statement: Statement) -> None:
        parsed = parse_statement(statement.source)
        for node in ast.walk(parsed.node) if parsed else ():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._imports.setdefault(imported_name(alias), set()).add(name)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    path = f"{'.' * node.level}{node.module or ''}.{alias.name}"
                    self._imports.setdefault(imported_name(alias), set()).add(path)

    def _of_statement(self, statement: Statement) -> Iterator[tuple[int, str]]:
        line = statement.span.line
        if statement.span.cell > self._after:
            yield from ((line, text) for text in self._of_names(statement))
        yield from ((effect.span.line, text) for effect in statement.effects if (text := self._of_effect(effect)))
        for node, own in self._nodes(statement):
            text = self._of_node(node)
            if text:
                yield (line + getattr(node, "lineno", 1) - 1 if own else line), text

    def _of_names(self, statement: Statement) -> Iterator[str]:
        """What a statement does with a name that tells the runs apart: reading it, also by a function, or setting it anew."""
        read = self._names.intersection(statement.reads)
        called = self._names & {edge.name for edge in self._index.into.get(statement.number, ()) if edge.kind == "deferred"}
        bound = self._names.intersection((*statement.defines, *statement.mutates, *statement.deletes))
        for name in sorted(read):
            yield f"reads {name}, which tells the runs apart"
        for name in sorted(called):
            yield f"calls what reads {name}, which tells the runs apart"
        for name in sorted(bound):
            yield f"sets {name}, which tells the runs apart"

    def _of_effect(self, effect: Effect) -> str:
        match effect.kind:
            case "random":
                return self._of_draw(effect.detail) if self._forked_after else ""
            case "library_state":
                state = known.STATE_SETTERS.get(effect.detail, effect.detail)
                kept = state in tables.KEPT_STATE and tables.USES.get(effect.detail, tables.FINE) == tables.FINE
                return "" if kept else f"sets {effect.detail}, which a kernel that starts later may set again"
            case "file_write" if effect.detail in tables.RETURNING_WITHOUT_A_PLACE:
                # The call itself says whether it was told where.
                return ""
            case _:
                return self._counting(tables.EFFECTS.get(effect.kind, "")).format(detail=_short(effect.detail))

    def _counting(self, why: str) -> str:
        """What is wrong with a cell, unless it is a run's own and that may be done there."""
        return "" if not self._forked_after and why in tables.OF_A_RUN else why

    def _of_draw(self, detail: str) -> str:
        root = detail.partition(".")[0]
        generator = root if root in ("random", "uuid", "secrets", "os", "torch", "tensorflow") else "numpy.random"
        if "unseeded generator" in detail or generator not in tables.GLOBAL_GENERATORS:
            return f"draws at random ({_short(detail)}): each run has its own draw"
        return "" if generator in self.seeded else f"draws at random ({_short(detail)}) before a seed: each run has its own draw"

    def _nodes(self, statement: Statement) -> Iterator[tuple[ast.AST, bool]]:
        """All that a statement may run, the bodies of functions included that it can call; and whether it stands in it."""
        parsed = parse_statement(statement.source)
        if parsed is None:
            return
        if isinstance(parsed.node, ast.FunctionDef) and not parsed.node.decorator_list:
            yield from ((node, True) for part in _at_definition(parsed.node) for node in _parts(part))
            return
        yield from ((node, True) for node in _parts(parsed.node))
        for number in {edge.source for edge in self._index.into.get(statement.number, ())}:
            called = self._index.parsed(number)
            if called is not None and isinstance(called.node, ast.FunctionDef):
                yield from ((node, False) for node in _parts(called.node))

    def _of_node(self, node: ast.AST) -> str:
        match node:
            case ast.Import(names=aliases):
                return next(filter(None, (_of_import(alias.name) for alias in aliases)), "")
            case ast.ImportFrom(module=module, level=level, names=aliases):
                if any(alias.name == "*" for alias in aliases):
                    return f"`from {module or '.'} import *` hides what is used of it"
                return _of_import(module or "") if not level else "imports a module of its own, which may do anything"
            case ast.Name() | ast.Attribute():
                root = _root(node)
                if isinstance(root, ast.Name) and isinstance(root.ctx, ast.Load) and root.id not in self._index.definers:
                    why = tables.NAMES.get(root.id, "")
                    if why:
                        return f"`{root.id}` {why}"
                return self._of_path(node)
            case ast.Call():
                return self._of_call(node)
            case ast.ExceptHandler(name=str(name)) if name in self._names:
                return f"sets {name}, which tells the runs apart"
            case _ if isinstance(node, _ASYNC):
                return "waits in the kernel's own loop"
        return ""

    def _of_path(self, node: ast.Name | ast.Attribute) -> str:
        for path in self._paths(node):
            why = self._counting(_of_use(path))
            if why:
                return f"uses {path}: {why}"
            if not self._one_thread and path.rpartition(".")[2] in tables.OPENMP_USERS:
                return f"uses {path}, whose threads do not survive a fork unless {tables.OPENMP_THREADS}=1 is set"
        return ""

    def _of_call(self, node: ast.Call) -> str:
        for keyword in node.keywords:
            if keyword.arg in tables.PARALLEL_ARGUMENTS and not _is_one(keyword.value):
                return f"asks for workers ({keyword.arg}={_short(ast.unparse(keyword.value))})"
        match node.func:
            case ast.Attribute(attr=name) if name in tables.METHODS:
                places = [*node.args, *(keyword for keyword in node.keywords if keyword.arg in ("path_or_buf", "buf"))]
                why = self._counting(tables.METHODS[name])
                if why and (places or name not in tables.RETURNING_WITHOUT_A_PLACE):
                    return f"`{name}` {why}"
            case ast.Name(id="open"):
                return "opens a file" if self._forked_after and not _only_reads(node) else ""
        seeds = [path for path in self._paths(node.func) if known.STATE_SETTERS.get(path) in tables.GLOBAL_GENERATORS]
        arguments = (*node.args, *(each.value for each in node.keywords))
        if self._forked_after and seeds and not any(map(_is_given, arguments)):
            return f"`{seeds[0]}` without a number seeds each run anew"
        return ""

    def _paths(self, node: ast.AST) -> list[str]:
        """What an expression may stand for, as far as imports tell: `pd.read_csv` → pandas.read_csv."""
        if isinstance(node, ast.Attribute):
            return [f"{base}.{node.attr}" for base in self._paths(node.value)]
        return sorted(self._imports.get(node.id, ())) if isinstance(node, ast.Name) else []


def _of_use(path: str) -> str:
    """Why a path can't be used: what is said of its longest beginning that is known."""
    parts = path.split(".")
    if parts[0] == "builtins" and len(parts) > 1:
        return tables.NAMES.get(parts[1], tables.FINE)
    for length in range(len(parts), 0, -1):
        found = tables.USES.get(".".join(parts[:length]))
        if found is not None:
            return found
    return "nothing is known of it"


def _of_import(name: str) -> str:
    root = name.partition(".")[0]
    if root in tables.IMPORTED_FREELY:
        return ""
    return f"imports {name}: {tables.USES.get(root) or 'nothing is known of it'}"


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it; of `os.path.join` the whole, for `os` is but on the way to what says what it is."""
    yield node
    if isinstance(node, ast.Attribute) and isinstance(_root(node), ast.Name):
        return
    for child in ast.iter_child_nodes(node):
        if not _lists_an_object(node, child):
            yield from _parts(child)


def _lists_an_object(node: ast.AST, child: ast.AST) -> bool:
    """Whether a name is the `dir` of `dir(x)`, which is about `x`; `dir()` is about all names, and so may `dir(*parts)` be."""
    if not (isinstance(node, ast.Call) and child is node.func and isinstance(child, ast.Name) and child.id == "dir"):
        return False
    return len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)


def _root(node: ast.AST) -> ast.AST:
    """What an attribute is one of, at the very beginning: `os` of `os.path.join`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _at_definition(node: ast.FunctionDef) -> list[ast.expr]:
    """The parts of a function that run where it is defined."""
    arguments = node.args
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]


def _runs_unknown(piece: Masked) -> bool:
    text = piece.text.strip()
    ours = text.startswith("#") or text.lstrip("%").startswith("nb2svc") or "nb2svc" in text.split("\n", 1)[0].split()[1:2]
    return piece.runs and not ours and not text.startswith(tables.KNOWN_MAGICS)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or (node.value == 1 and not isinstance(node.value, bool)))


def _is_given(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and node.value is None)


def _only_reads(node: ast.Call) -> bool:
    mode = next((each.value for each in node.keywords if each.arg == "mode"), node.args[1] if len(node.args) > 1 else None)
    return mode is None or (isinstance(mode, ast.Constant) and isinstance(mode.value, str) and not set(mode.value) & set("wax+"))


def _short(text: str) -> str:
    first = text.strip().split("\n", 1)[0]
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
