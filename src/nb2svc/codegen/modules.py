"""features.py, model.py and training.py as text, with the line map of the author's lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.codegen.context import Context
from nb2svc.codegen.functions import Function, answer_function, loaded_tables, ordered_tables, step_function, train_function
from nb2svc.codegen.imports import import_lines
from nb2svc.codegen.prelude import ModulePrelude, split_prelude, used_names
from nb2svc.codegen.splice import Piece
from nb2svc.ir.project import LineOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A piece where it stands in a module: the offset of its first character."""

    piece: Piece
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A generated module: its text, the pieces of the author's in it, and where their lines came from."""

    name: str
    text: str
    placed: tuple[Placed, ...]
    lines: tuple[LineOrigin, ...]


def author_modules(context: Context) -> tuple[Module, ...]:
    """The modules that hold the author's lines; no `features.py` where nothing belongs there."""
    functions: dict[str, list[Function]] = {
        "features": [step_function(context, step) for step in context.plan.steps],
        "model": [answer_function(context)],
        "training": [train_function(context)],
    }
    used = {name: _used(found) for name, found in functions.items()}
    preludes = split_prelude(context, used)
    names = [name for name in functions if functions[name] or (name in preludes and preludes[name].pieces)]
    return tuple(_module(context, name, preludes[name], functions[name]) for name in names)


def _used(functions: Sequence[Function]) -> set[str]:
    names: set[str] = set()
    for function in functions:
        names |= used_names("\n".join([*function.head, *_body_lines(function)]))
    return names


def _body_lines(function: Function) -> list[str]:
    return [line for entry in function.body for line in ((entry,) if isinstance(entry, str) else entry.lines)]


def _module(context: Context, name: str, prelude: ModulePrelude, functions: Sequence[Function]) -> Module:
    """Docstring, imports, definitions, functions; offsets are kept while the lines are laid down."""
    sheet = _Sheet(context, name)
    sheet.plain(_docstring(context, name))
    local = {module: list(names) for module, names in prelude.local.items()}
    if name in ("model", "training") and context.plan.steps:
        local.setdefault(".", []).append("features" if context.features == "features" else f"features as {context.features}")
    if functions:
        local.setdefault("._nb2svc", []).append("State")
    if name == "training" and loaded_tables(context):
        local.setdefault(".schema", []).append("SCHEMA" if context.schema == "SCHEMA" else f"SCHEMA as {context.schema}")
    imports = import_lines(prelude.imports, local)
    if imports:
        sheet.plain("", *imports)
    previous_kind = ""
    for piece in prelude.pieces:
        kind = (piece.kind or "constant") if piece.body_offset < 0 else context.statement(piece.statement).kind
        big = kind in ("function", "class") or previous_kind in ("function", "class")
        sheet.plain(*([""] * (2 if big else 0 if previous_kind else 1)))
        sheet.piece(piece)
        previous_kind = kind
    for function in functions:
        sheet.plain("", "", *function.head)
        for entry in function.body:
            if isinstance(entry, Piece):
                sheet.piece(entry)
            else:
                sheet.plain(entry)
    if name == "training":
        several = ", several=True" if len(context.plan.estimators) > 1 else ""
        call = f"    {context.main}({context.train}{several}{_parameters(context)})"
        main = "main" if context.main == "main" else f"main as {context.main}"
        sheet.plain("", "", 'if __name__ == "__main__":', f"    from ._nb2svc.training import {main}", "", call)
    return sheet.finished()


def _parameters(context: Context) -> str:
    """The names that `-p` can set in `training.py`: parameters that no other constant was computed from."""
    prelude = [context.statement(number) for number in context.plan.prelude]
    derived_from = {name for statement in prelude if statement.kind == "assign" for name in statement.reads}
    names = [
        name
        for statement in prelude
        if context.cell_of(statement.number).parameters and statement.kind == "assign"
        for name in statement.defines
        if name not in derived_from
    ]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f", parameters=({quoted}{',' if len(names) == 1 else ''})" if names else ""


class _Sheet:
    """A module's lines as they are laid down."""

    def __init__(self, context: Context, name: str) -> None:
        self._context = context
        self._name = name
        self._lines: list[str] = []
        self._offset = 0
        self._placed: list[Placed] = []
        self._origins: list[LineOrigin] = []

    def plain(self, *lines: str) -> None:
        """Lines of ours."""
        for line in lines:
            self._lines.append(line)
            self._offset += len(line) + 1

    def piece(self, piece: Piece) -> None:
        """Lines of the author's."""
        self._placed.append(Placed(piece=piece, offset=self._offset))
        for line, origin in zip(piece.lines, piece.origins, strict=True):
            if origin is not None:
                self._origins.append(
                    LineOrigin(
                        file=f"{self._name}.py",
                        line=len(self._lines) + 1,
                        cell=self._context.statement(piece.statement).span.cell,
                        cell_line=origin,
                        statement=piece.statement,
                    )
                )
            self.plain(line)

    def finished(self) -> Module:
        """The module."""
        text = "\n".join(self._lines) + "\n"
        return Module(name=self._name, text=text, placed=tuple(self._placed), lines=tuple(self._origins))


def _docstring(context: Context, name: str) -> str:
    tables = [table.name for table in ordered_tables(context) if table.role != "lookup"]
    listed = tables[0] if len(tables) == 1 else f"{', '.join(tables[:-1])} and their {tables[-1]}"
    become = "become" if len(tables) > 1 or listed.endswith("s") else "becomes"
    notebook = context.plan.notebook_name
    words = {
        "features": f"Features of {notebook}: {listed} {become} the columns that the model reads.",
        "model": f"The model of {notebook}: {listed} in, {' and '.join(context.plan.results) or 'the answer'} out.",
        "training": f"Trains the model of {notebook} again:  python -m {context.plan.package}.training --data DIR --out DIR",
    }
    return f'"""{words[name]}"""'
