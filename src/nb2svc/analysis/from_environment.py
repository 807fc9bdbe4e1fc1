"""A text in the code as a variable of the environment: the fix of a secret that is written there."""

import ast
import re

from nb2svc.analysis.code_edits import edits_of, instead_of, text_of
from nb2svc.analysis.index import Index
from nb2svc.ir.fix import Fix, inserted


def from_environment(index: Index, number: int, text: ast.AST, *, name: str) -> tuple[Fix, ...]:
    """`password = "…"` as `password = os.environ["PASSWORD"]`, with the import where the notebook has none yet."""
    variable = re.sub(r"\W+", "_", name).strip("_").upper()
    if not isinstance(text, ast.Constant) or not _is_literal(text_of(index, number, text), text.value):
        return ()
    edits = edits_of(index, number, [instead_of(index, number, text, text=f'os.environ["{variable}"]')])
    if not edits:
        return ()
    if not any(one < number for one in index.definers.get("os", ())):
        first = index.statement(index.cells[index.statement(number).span.cell][0]).span
        edits = (inserted(first.cell, first.line, 0, text="import os\n"), *edits)
    return (Fix(title=f"Read it from the environment variable {variable}", edits=edits, choice=True),)


def _is_literal(written: str, value: object) -> bool:
    """Whether a text is a literal by itself: no piece of an f-string."""
    try:
        return bool(ast.literal_eval(written) == value)
    except (ValueError, SyntaxError):
        return False
