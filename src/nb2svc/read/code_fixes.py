"""Fixes of code that can't be parsed, or not where it stands: cell magics, and the print statements of Python 2."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from nb2svc.ir.fix import Edit, Fix, inserted, line_changed, line_removed

# What `print` took as a statement: `print a, b`, but neither a comma at its end (no line break) nor `>>` (another file).
_PRINT = re.compile(r"(?P<lead>.*?\bprint)(?P<space>[ \t]+)(?P<what>(?!>>)[^\s#].*?)(?P<rest>\s*;?\s*(?:#[^\"']*)?)$")
_STATEMENT = re.compile(r"[ \t]*(?:[^#\"']*:[ \t]*)?print[ \t]")


def cell_magic_on_top(lines: Sequence[str], number: int, *, cell: int, name: str) -> tuple[Fix, ...]:
    """A cell magic (line from 0) below comments only moves above them."""
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines[:number]):
        return ()
    edits = (inserted(cell, 1, 0, text=f"{lines[number].strip()}\n"), line_removed(cell, number + 1, lines))
    return (Fix(title=f"Move `%%{name}` to the top", edits=edits),)


def prints_as_calls(lines: Sequence[str], *, cell: int) -> tuple[Fix, ...]:
    """Every print statement of the cell as a call, where the cell is Python 3 then."""
    edits = tuple(_prints(lines, cell=cell))
    changed = list(lines)
    for edit in edits:
        line = changed[edit.line - 1]
        changed[edit.line - 1] = line[: edit.column] + edit.text + line[edit.end_column :]
    if not edits or not _is_python("\n".join(changed)):
        return ()
    title = "Write `print` with parentheses" + (f" ({len(edits)} lines)" if len(edits) > 1 else "")
    return (Fix(title=title, edits=edits),)


def _prints(lines: Sequence[str], *, cell: int) -> Iterator[Edit]:
    for number, line in enumerate(lines, start=1):
        match = _PRINT.fullmatch(line) if _STATEMENT.match(line) else None
        if match and not match["what"].endswith(",") and not _is_python(line.strip()) and _is_python(f"print({match['what']})"):
            new = f"{match['lead']}({match['what']}){match['rest']}"
            yield line_changed(cell, number, old=line, new=new)


def _is_python(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
