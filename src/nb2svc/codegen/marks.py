"""The comments of a draft: `# not yet observed: …` above each line that a run may make another one.

loans = loans.fillna(state.means(lambda: loans.mean()))
→   # not yet observed: whether this value depends on other rows
    loans = loans.fillna(state.means(lambda: loans.mean()))
"""

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nb2svc.codegen.context import Context
from nb2svc.codegen.modules import Module
from nb2svc.errors import InternalError
from nb2svc.ir.draft import UNSEEN, Draft, Guess, Mark, MarkKind
from nb2svc.ir.project import LineOrigin
from nb2svc.ir.source import CellText

PREFIX = "# not yet observed: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A module's text with its comments, and where all lines are then."""

    file: str
    text: str
    lines: tuple[LineOrigin, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """What is to be marked: the lines `first` to `last` of the text as it was."""

    kind: MarkKind
    first: int
    last: int
    cell: int | None = None
    cell_line: int | None = None


def header(notebook: str) -> tuple[str, ...]:
    """What stands above a drafted module."""
    return (
        f"# A draft from the source of {notebook} alone: nothing was run. `nb2svc build` may write other lines",
        '# below each "not yet observed".',
    )


def marked_module(context: Context, module: Module, draft: Draft | None) -> Marked:
    """An author's module with a comment above each line that a run may make another one; as it is where it is no draft."""
    file = f"{module.name}.py"
    if draft is None:
        return Marked(file=file, text=module.text, lines=module.lines, marks=())
    logical = _logical_lines(module.text)
    places = [place for guess in draft.guesses for place in _of_guess(context, module, guess, logical)]
    places += _ours(context, module, logical, draft)
    return _written(module.text, module.lines, places, file=file, notebook=context.plan.notebook_name)


def marked_schema(context: Context, text: str, draft: Draft | None) -> Marked:
    """schema.py; a draft knows no column of any table."""
    file = "schema.py"
    if draft is None:
        return Marked(file=file, text=text, lines=(), marks=())
    places = [_Place("columns", node.lineno, node.end_lineno or node.lineno) for node in ast.parse(text).body if _is_schema(node)]
    return _written(text, (), places, file=file, notebook=context.plan.notebook_name)


def _is_schema(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef | ast.Assign)


def _written(text: str, lines: Sequence[LineOrigin], places: Sequence[_Place], *, file: str, notebook: str) -> Marked:
    """The text with its comments; several marks of one place share a line."""
    above = header(notebook)
    own = text.split("\n")
    by_line: dict[int, list[_Place]] = {}
    for place in _together(sorted(set(places), key=lambda each: (each.first, each.last, each.kind))):
        by_line.setdefault(place.first, []).append(place)
    starts = sorted(by_line)

    def moved(line: int) -> int:
        return line + len(above) + bisect_right(starts, line)

    marks = []
    for start in starts:
        for place in by_line[start]:
            marks.append(
                Mark(
                    file=file,
                    kind=place.kind,
                    text=UNSEEN[place.kind],
                    line=moved(start) - 1,
                    first=moved(start),
                    last=moved(place.last),
                    cell=place.cell,
                    cell_line=place.cell_line,
                )
            )
    result = [*above]
    for number, line in enumerate(own, start=1):
        if number in by_line:
            said = dict.fromkeys(UNSEEN[place.kind] for place in by_line[number])
            result.append(f"{line[: len(line) - len(line.lstrip())]}{PREFIX}{'; '.join(said)}")
        result.append(line)
    whole = "\n".join(result)
    if ast.dump(ast.parse(whole)) != ast.dump(ast.parse(text)):
        raise InternalError("marking a draft changed its meaning", where=notebook)
    return Marked(file=file, text=whole, lines=tuple(replace(each, line=moved(each.line)) for each in lines), marks=tuple(marks))


def _together(places: Sequence[_Place]) -> list[_Place]:
    """Lines of ours that follow one another and have one mark share it."""
    found: list[_Place] = []
    for place in places:
        last = found[-1] if found else None
        if last and last.kind == place.kind and last.cell is place.cell is None and last.last + 1 == place.first:
            found[-1] = replace(last, last=place.last)
        else:
            found.append(place)
    return found


def _of_guess(context: Context, module: Module, guess: Guess, logical: Sequence[tuple[int, int]]) -> Iterator[_Place]:
    """Where a guess stands in a module: with the lines of ours that were put before its statement."""
    for placed in module.placed:
        piece = placed.piece
        if piece.statement != guess.statement or piece.body_offset < 0:
            continue
        first = module.text.count("\n", 0, placed.offset) + 1
        own = [
            first + index
            for index, (line, origin) in enumerate(zip(piece.lines, piece.origins, strict=True))
            if origin == guess.span.line or (origin is None and not line.lstrip().startswith("#"))
        ]
        if not own:
            own = [first + index for index, origin in enumerate(piece.origins) if origin is not None][:1]
        cell = context.statement(guess.statement).span.cell
        if guess.span == context.statement(guess.statement).span and context.statement(guess.statement).kind == "function":
            # A function that may stand elsewhere: all of it.
            yield _Place(guess.kind, first, first + len(piece.lines) - 1, cell, guess.span.line)
        elif own:
            start, _ = logical[own[0] - 1]
            _, end = logical[own[-1] - 1]
            yield _Place(guess.kind, start, end, cell, guess.span.line)


def _ours(context: Context, module: Module, logical: Sequence[tuple[int, int]], draft: Draft) -> Iterator[_Place]:
    """Lines of ours that depend on what only a run sees: signatures, tables, what only training needs."""
    tree = ast.parse(module.text)
    steps = {step.name for step in context.plan.steps}
    author = {each.line for each in module.lines}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if function.lineno in author:
            continue
        answers = module.name == "model" and function.name == context.plan.function
        if (module.name == "features" and function.name in steps) or answers:
            yield _Place("types", *logical[function.lineno - 1])
            if _lacks_types(context, function):
                yield from _missing_imports(context, tree, logical)
        if answers and not draft.told:
            yield _Place("tables", *logical[function.lineno - 1])
        for node in ast.walk(function):
            if not isinstance(node, ast.stmt) or node.lineno in author:
                continue
            text = ast.unparse(node)
            if isinstance(node, ast.If) and text.startswith(f"if {context.state}.learning:"):
                yield _Place("training", node.lineno, node.end_lineno or node.lineno)
            elif not draft.told and node in function.body and _of_tables(context, module, node, text):
                yield _Place("tables", *logical[node.lineno - 1])
    yield from _imports_of_guesses(context, tree, draft)
    if not draft.told and tree.body and isinstance(tree.body[0], ast.Expr):
        yield _Place("tables", *logical[0])


def _lacks_types(context: Context, function: ast.FunctionDef) -> bool:
    """Whether a signature may get a type that the source does not tell."""
    known = {context.state, *context.plan.estimators}
    bare = any(each.annotation is None and each.arg not in known for each in function.args.args)
    return bare or (function.returns is None and function.name != context.plan.function)


def _of_tables(context: Context, module: Module, node: ast.stmt, text: str) -> bool:
    """Whether a line of ours says which tables a request carries: a copy, a check, what training returns."""
    copied = any(text == f"{name} = {name}.copy()" for name in context.plan.copied) or "_as_loaded = " in text
    returned = module.name == "training" and isinstance(node, ast.Return)
    return copied or returned or text.startswith(f"{context.schema}.require(")


def _imports_of_guesses(context: Context, tree: ast.Module, draft: Draft) -> Iterator[_Place]:
    """`from scipy.stats import zscore` is gone where a run finds other words for `zscore(…)`."""
    guesses = [each for each in draft.guesses if each.kind == "aligned"]
    texts = [CellText(context.notebook.cell(each.span.cell).code).at(each.span) for each in guesses]
    said = {name for text in texts for name in re.findall(r"\w+", text)}
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level:
            continue
        if any(name in said and name.islower() for name in (each.asname or each.name for each in node.names)):
            yield _Place("aligned", node.lineno, node.end_lineno or node.lineno)


def _missing_imports(context: Context, tree: ast.Module, logical: Sequence[tuple[int, int]]) -> Iterator[_Place]:
    """Types that the run may add need imports that are not there yet."""
    sources = [context.statement(number).source for number in context.plan.prelude]
    wanted = {name for name in ("pandas", "numpy") if any(source.startswith(f"import {name} as ") for source in sources)}
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    have = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    if wanted - have and imports:
        yield _Place("types", logical[imports[0].lineno - 1][0], imports[-1].end_lineno or imports[-1].lineno)


def _logical_lines(text: str) -> list[tuple[int, int]]:
    """For each line of a module the first and last line of the statement that it is part of."""
    found = [(number, number) for number in range(1, text.count("\n") + 2)]
    start: int | None = None
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            continue
        if start is None:
            start = token.start[0]
        if token.type == tokenize.NEWLINE:
            for number in range(start, token.start[0] + 1):
                found[number - 1] = (start, token.start[0])
            start = None
    return found
