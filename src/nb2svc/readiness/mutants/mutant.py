"""One edit of one generated file."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`source` is the whole file after the edit; `description` says what was changed and in which line."""

    file: str
    source: str
    description: str


def replaced(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """The source with the text of one expression or statement replaced.

    `ast` counts columns in bytes of UTF-8, so the lines are cut as bytes.
    """
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + text.encode() + after).decode()
