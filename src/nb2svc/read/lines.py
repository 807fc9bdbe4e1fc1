"""Lines as Python's parser counts them: `str.splitlines` would also split at form feeds and Unicode separators."""

import re
from collections.abc import Sequence

_ENDING = re.compile(r"(\r\n|\r|\n)")
_TOKEN = re.compile(r"""#.*|(?P<triple>\"{3}|'{3})|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")


def split_lines(text: str) -> tuple[list[str], list[str]]:
    r"""Split a text into its lines and the line ends between them (always one fewer).

    "a\r\nb" → (["a", "b"], ["\r\n"])
    """
    pieces = _ENDING.split(text)
    return pieces[::2], pieces[1::2]


def join_lines(lines: list[str], ends: list[str]) -> str:
    """Put lines and line ends together again; the inverse of `split_lines`."""
    return "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))


def lines_in_strings(lines: Sequence[str]) -> list[bool]:
    """For each line of a script whether it begins inside a string of three quotes.

    Python's own tokens can't say it: the lines may hold IPython syntax.
    """
    inside: list[bool] = []
    quote = ""
    for line in lines:
        inside.append(bool(quote))
        position = 0
        while position < len(line):
            if quote:
                end = re.compile(rf"(?:\\.|[^\\])*?{quote}").match(line, position)
                if end is None:
                    break
                position, quote = end.end(), ""
                continue
            token = _TOKEN.search(line, position)
            if token is None:
                break
            position, quote = token.end(), token["triple"] or ""
    return inside
