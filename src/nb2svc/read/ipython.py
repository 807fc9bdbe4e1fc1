"""IPython syntax masked line for line, so that a line of the masked code is that line of the author's cell.

    import pandas as pd            import pandas as pd
    %matplotlib inline             # %matplotlib inline
    %time y = f(x)             →   pass; y = f(x)
    files = !ls                    # files = !ls
    if debug:                      if debug:
        !ls                            pass  # !ls

Nothing is executed: IPython's transformer only turns text into text.
"""

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import Masked, Treatment
from nb2svc.ir.span import Span
from nb2svc.read.code_fixes import cell_magic_on_top, prints_as_calls
from nb2svc.read.directives import OWN_MAGICS, as_comment, below_code, header_length, marker_in
from nb2svc.read.escapes import Escape, first_escape
from nb2svc.read.lines import join_lines, split_lines
from nb2svc.read.magic_table import CELL_MAGICS, FOREIGN_CELLS, LINE_MAGICS, shell_treatment

_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w[\w.-]*)(?P<text>.*)", re.DOTALL)
# `%%sql frame <<`, `%%R -o frame`, `%%bash --out text`: the ways in which foreign cells hand values back.
_HANDED_BACK = re.compile(r"(?:^|\s)(?:-o|--out|--err|--output)[ =]([A-Za-z_][\w,]*)|^\s*([A-Za-z_]\w*)\s*<<")
# Line magics that run a statement in the notebook, each with its options.
_RUNS = {"time": re.compile(r"%time\b"), "prun": re.compile(r"%prun\b(?:\s+-[rq]\b|\s+-[lsTD]\s*\S+)*")}
_OPTION = re.compile(r"(?:^|\s)--?\S+")
# A cell of more escapes than this is no notebook that a person wrote.
_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedCell:
    """A cell as plain Python: `code` always parses and has the lines of the source."""

    code: str
    masked: tuple[Masked, ...] = ()
    findings: tuple[Finding, ...] = ()


def mask(source: str, *, cell: int = 1) -> MaskedCell:
    """Mask everything in a cell that is not plain Python.

    A cell that still does not parse is masked whole, with a refusal that names line and text.
    """
    lines, ends = split_lines(source)
    work = _mask_header(lines, cell=cell)
    if not _parses(join_lines(work.lines, ends)):
        _mask_escapes(work, lines, cell=cell)
    if "run_cell_magic" in source:
        _mask_cell_calls(work, lines, cell=cell)
    problem = _syntax_problem(join_lines(work.lines, ends), cell=cell)
    if problem:
        work.findings.append(problem)
        work.pieces.append(_piece(lines, 0, len(lines) - 1, "refused", cell=cell))
        work.lines = [_comment(line) for line in lines]
    pieces = sorted(work.pieces, key=lambda piece: piece.span)
    return MaskedCell(code=join_lines(work.lines, ends), masked=tuple(pieces), findings=tuple(work.findings))


@dataclass(slots=True, kw_only=True)
class _Work:
    """A cell while it is masked: `lines` change in place, never their number."""

    lines: list[str]
    pieces: list[Masked]
    findings: list[Finding]


def _mask_header(lines: Sequence[str], *, cell: int) -> _Work:
    """Mask what stands above the code: directives and cell magics. A foreign cell magic takes the whole rest with it."""
    work = _Work(lines=list(lines), pieces=[], findings=[])
    markers = [marker for line in lines[: header_length(lines)] if (marker := marker_in(line))]
    # Where nb2svc's own magic stands its extension puts a cell magic on top; below a plain comment IPython finds none.
    moved_up = any(marker.spelling == "magic" for marker in markers)
    below_comment = False
    for number, line in enumerate(lines):
        marker = marker_in(line)
        if marker:
            work.lines[number] = as_comment(line) if marker.spelling == "magic" else line
            work.pieces.append(_piece(lines, number, number, "dropped", cell=cell))
        elif line.strip() and not line.lstrip().startswith("#"):
            if not _mask_cell_magic(work, lines, number, reachable=moved_up or not below_comment, cell=cell):
                break
            continue
        below_comment = below_comment or bool(line.strip())
    return work


def _mask_cell_magic(work: _Work, lines: Sequence[str], number: int, *, reachable: bool, cell: int) -> bool:
    """Mask the cell magic in a line, if there is one; says whether more header may follow."""
    match = _CELL_MAGIC.match(lines[number])
    if match is None or match["text"].startswith("?"):
        return False
    name, arguments = match["name"], match["text"].strip()
    if not reachable:
        message = f"`%%{name}` stands below a comment; IPython runs it only in a cell's first line"
        span = _span(lines, number, number, cell=cell)
        fixes = cell_magic_on_top(lines, number, cell=cell, name=name)
        work.findings.append(_refusal("NB121", message, f"Move `%%{name}` to the top of the cell.", span, fixes=fixes))
    treatment = CELL_MAGICS.get(name, "refused")
    if treatment == "transparent":
        names = tuple(_OPTION.sub("", arguments).split()) if name == "capture" else ()
        work.lines[number] = as_comment(lines[number])
        work.pieces.append(_piece(lines, number, number, "definitional" if names else treatment, cell=cell, defines=names))
        return True
    body = "\n".join(lines[number + 1 :])
    if name in ("writefile", "file"):
        treatment = _written(arguments, body)
    defines: tuple[str, ...] = ()
    if treatment == "refused":
        # What an unknown magic makes of the text below it may be what Python would.
        defines = (*_handed_back(arguments), *(() if name in FOREIGN_CELLS else _assigned(body)))
    work.pieces.append(_piece(lines, number, len(lines) - 1, treatment, cell=cell, defines=defines))
    work.lines[number:] = [_comment(line) for line in lines[number:]]
    return False


def _mask_cell_calls(work: _Work, lines: Sequence[str], *, cell: int) -> None:
    """Mask `get_ipython().run_cell_magic('time', '', 'y = 1')`, as nbconvert writes a cell magic: its code is in a string."""
    if not _parses("\n".join(work.lines)):
        return
    for node in _compile("\n".join(work.lines)).body:
        match node:
            case ast.Expr(
                ast.Call(func=ast.Attribute(attr="run_cell_magic"), args=[ast.Constant(str(name)), _, ast.Constant(str(body))])
            ):
                shows = CELL_MAGICS.get(name) == "dropped"
                first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
                defines = () if shows else _assigned(body)
                work.pieces.append(_piece(lines, first, last, "dropped" if shows else "refused", cell=cell, defines=defines))
                work.lines[first : last + 1] = [_comment(line) for line in work.lines[first : last + 1]]


def _handed_back(arguments: str) -> tuple[str, ...]:
    found = _HANDED_BACK.findall(arguments)
    return tuple(word for pair in found for group in pair if group for word in group.split(",") if word)


def _written(arguments: str, body: str) -> Treatment:
    """A module that the cell writes is a file like any other, from which a later line imports."""
    return "dropped" if arguments.endswith(".py") and _parses(body) else "refused"


def _mask_escapes(work: _Work, lines: Sequence[str], *, cell: int) -> None:
    for _ in range(_LIMIT):
        escape = first_escape(work.lines)
        if escape is None:
            break
        treatment, defines = _treat(escape)
        unmasked = _without_magic(escape, work.lines) if escape.name in _RUNS else None
        if escape.name in _RUNS and escape.arguments.strip() and unmasked is None:
            treatment, defines = "definitional" if escape.assigns else "refused", escape.defines
        work.pieces.append(_piece(lines, escape.first, escape.last, treatment, cell=cell, defines=defines))
        if escape.name.startswith("%"):
            work.findings.append(_misplaced_magic(escape, lines, cell=cell))
        _replace(work.lines, escape, unmasked)


def _treat(escape: Escape) -> tuple[Treatment, tuple[str, ...]]:
    if escape.kind == "line_magic" and escape.name in _RUNS:
        return "transparent", ()
    if escape.assigns:
        return "definitional", escape.defines
    if escape.kind == "help":
        return "dropped", ()
    if escape.kind == "shell":
        return shell_treatment(escape.arguments), ()
    if escape.kind != "line_magic":
        return "refused", ()
    words = tuple(word for word in re.split(r"[\s,]+", escape.arguments) if word.isidentifier())
    match escape.name:
        case "env" | "set_env":
            return "dropped" if "=" not in escape.arguments and len(words) <= 1 else "refused", ()
        case "pylab":
            return "definitional", ("np", "plt", "numpy", "matplotlib", "pylab", "mlab", "pyplot")
        case "aimport":
            return ("definitional", words) if words else ("dropped", ())
        case "store" if escape.arguments.startswith("-r"):
            return "refused", words
        case name:
            treatment = LINE_MAGICS.get(name, "refused")
            return treatment, _assigned(escape.arguments) if treatment == "refused" or name == "memit" else ()


def _assigned(text: str) -> tuple[str, ...]:
    """The names that some Python binds at its top level; none where it is no Python."""
    try:
        body = _compile(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[str] = []
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found += [alias.asname or alias.name.partition(".")[0] for alias in names]
            case _:
                nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
                found += [node.id for node in nodes if isinstance(node.ctx, ast.Store)]
    return tuple(dict.fromkeys(found))


def _without_magic(escape: Escape, lines: Sequence[str]) -> str | None:
    """The escape's line with the Python that the magic runs, at the author's own columns; None where that is no Python.

    `%time y = f()` → `pass; y = f()`     `y = %time f()` → `y =       f()`
    """
    line = lines[escape.escape_line]
    magic = _RUNS[escape.name].match(line, escape.column)
    # `x = %prun f()` is no result of f.
    if not escape.arguments.strip() or magic is None or (escape.assigns and escape.name != "time"):
        return None
    if _in_function(lines, escape.first) and (escape.name != "time" or _assigned(escape.arguments)):
        return None
    blank = " " * len(magic[0]) if escape.assigns else "pass;".ljust(len(magic[0]))
    unmasked = line[: escape.column] + blank + line[magic.end() :]
    whole = [*lines[escape.first : escape.escape_line], unmasked, *lines[escape.escape_line + 1 : escape.last + 1]]
    return unmasked if _parses("\n".join(whole).lstrip()) else None


def _in_function(lines: Sequence[str], number: int) -> bool:
    """Whether a line stands in a function, where IPython can't assign to the function's own names."""
    indent = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[:number]):
        outer = len(line) - len(line.lstrip())
        if line.strip() and outer < indent:
            if re.match(r"\s*(async\s+)?def\b", line):
                return True
            indent = outer
    return False


def _replace(lines: list[str], escape: Escape, unmasked: str | None) -> None:
    if unmasked is not None:
        lines[escape.escape_line] = unmasked
        return
    first = lines[escape.first]
    indent = first[: len(first) - len(first.lstrip())]
    masked = [_comment(line) for line in lines[escape.first : escape.last + 1]]
    # A block must keep a statement: `if x:` with only a comment below it would not parse.
    lines[escape.first : escape.last + 1] = [f"{indent}pass  {masked[0].lstrip()}" if indent else masked[0], *masked[1:]]


def _misplaced_magic(escape: Escape, lines: Sequence[str], *, cell: int) -> Finding:
    name = escape.name.removeprefix("%")
    span = _span(lines, escape.first, escape.last, cell=cell)
    if name in OWN_MAGICS:
        return below_code(lines[escape.first], span)
    message = f"`%%{name}` stands below code; IPython runs it only in a cell's first line"
    return _refusal("NB121", message, f"Move `%%{name}` to the top of the cell, or split the cell there.", span)


def _syntax_problem(code: str, *, cell: int) -> Finding | None:
    try:
        _compile(code)
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        lines, _ = split_lines(code)
        text = lines[line - 1].strip() if line <= len(lines) else ""
        span = Span(cell, line, column, line, column + 1)
        fixes = prints_as_calls(lines, cell=cell) if "print" in error.msg else ()
        message = f"this is not valid Python: {error.msg}: `{text[:80]}`"
        return _refusal("NB120", message, _syntax_remedy(error.msg), span, fixes=fixes)
    except (ValueError, RecursionError, MemoryError) as error:
        reason = (
            "it is nested too deeply"
            if isinstance(error, RecursionError | MemoryError)
            else "it holds characters that no source may have"
        )
        return _refusal("NB120", f"this is not valid Python: {reason}", "Rewrite the cell.", Span(cell, 1, 0, 1, 1))
    return None


def _syntax_remedy(message: str) -> str:
    if "Missing parentheses in call to" in message or "multiple exception types must be parenthesized" in message:
        return "This is Python 2: convert the notebook to Python 3, and run it there once."
    return "Correct the cell, and run the notebook from top to bottom once."


def _parses(code: str) -> bool:
    try:
        _compile(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _compile(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a string is the author's business
        return ast.parse(code)


def _comment(line: str) -> str:
    # Python's own blanks only: other white space is no blank line to its parser. A blank line keeps what it holds.
    return as_comment(line) if line.strip(" \t\f") else line


def _piece(
    lines: Sequence[str], first: int, last: int, treatment: Treatment, *, cell: int, defines: tuple[str, ...] = ()
) -> Masked:
    text = "\n".join(lines[first : last + 1]).strip()
    return Masked(span=_span(lines, first, last, cell=cell), text=text, treatment=treatment, defines=defines)


def _span(lines: Sequence[str], first: int, last: int, *, cell: int) -> Span:
    start = len(lines[first]) - len(lines[first].lstrip())
    return Span(cell, first + 1, start, last + 1, len(lines[last].rstrip()) if lines[last].strip() else 0)


def _refusal(code: str, message: str, remedy: str, span: Span, *, fixes: tuple[Fix, ...] = ()) -> Finding:
    return Finding(code=code, severity="refusal", message=message, remedy=remedy, span=span, fixes=fixes)
