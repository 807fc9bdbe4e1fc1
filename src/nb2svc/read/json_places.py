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
    found = {}
    for key, place in whole_members(text, start).items():
        value = _skip(text, _skip(text, _DECODER.raw_decode(text, place.start)[1]) + 1)
        found[key] = Place(value, place.end)
    return found


def whole_members(text: str, start: int) -> dict[str, Place]:
    """The members of an object as `members` finds them, each from its key's first character on."""
    found: dict[str, Place] = {}
    position = _skip(text, start + 1)
    while text[position] != "}":
        begin = position
        key, position = _DECODER.raw_decode(text, position)
        end = _DECODER.raw_decode(text, _skip(text, _skip(text, position) + 1))[1]
        found[key] = Place(begin, end)
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


def _skip(text: str, position: int) -> int:
    while text[position] in _BLANK:
        position += 1
    return position
