"""Lines as Python's parser counts them: `str.splitlines` would also split at form feeds and Unicode separators."""

import re

_ENDING = re.compile(r"(\r\n|\r|\n)")


def split_lines(text: str) -> tuple[list[str], list[str]]:
    r"""Split a text into its lines and the line ends between them (always one fewer).

    "a\r\nb" → (["a", "b"], ["\r\n"])
    """
    pieces = _ENDING.split(text)
    return pieces[::2], pieces[1::2]


def join_lines(lines: list[str], ends: list[str]) -> str:
    """Put lines and line ends together again; the inverse of `split_lines`."""
    return "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))
