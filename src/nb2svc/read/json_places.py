r"""Where the values of a JSON text stand, so that one of them can be edited and every other byte stays.

{"cells": [{"source": ["x = 1\n"]}]}      members(text, 0) → ("cells", 10, 38)
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Place:
    """A value's first and last-but-one character: `text[start:end]`."""

    start: int
    end: int


def members(text: str, start: int) -> dict[str, Place]:
    """The members of the object that begins at `start`; of one key given twice the last, as Python reads it."""
    found: dict[str, Place] = {}
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        value = _skip(text, _skip(text, position) + 1)
        end = _DECODER.raw_decode(text, value)[1]
        found[key] = Place(value, end)
        position = _skip(text, end)
        position = _skip(text, position + 1) if text[position] == "," else position
    return found


def elements(text: str, start: int) -> Iterator[Place]:
    """The elements of the list that begins at `start`."""
    position = _skip(text, start + 1)
    while text[position] != "]":
        end = _DECODER.raw_decode(text, position)[1]
        yield Place(position, end)
        position = _skip(text, end)
        position = _skip(text, position + 1) if text[position] == "," else position


def inside_string(text: str, start: int, count: int) -> int:
    """Where character `count` of the string that begins at `start` stands in the text, escapes counted as they are written."""
    position = start + 1
    for _ in range(count):
        position = _after(text, position)
    return position


def _after(text: str, position: int) -> int:
    """The place behind one character of a string."""
    if text[position] != "\\":
        return position + 1
    if text[position + 1] != "u":
        return position + 2
    low = text[position + 6 : position + 8] == "\\u" and 0xDC00 <= int(text[position + 8 : position + 12], 16) <= 0xDFFF
    pair = 0xD800 <= int(text[position + 2 : position + 6], 16) <= 0xDBFF and low
    return position + (12 if pair else 6)


def _skip(text: str, position: int) -> int:
    while text[position] in _BLANK:
        position += 1
    return position
