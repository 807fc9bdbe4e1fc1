"""The YAML header that jupytext writes at the top of a script: which kernel runs it, and which form the script has.

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     name: python3
# ---
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_FENCE = re.compile(r"#\s*---\s*$")
_ABOVE = re.compile(r"#!|#.*coding[=:]")
_ENTRY = re.compile(r"#(?P<indent> +)(?P<key>[\w-]+):\s*(?P<value>.*?)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header says: keys are paths (`kernelspec.name`); `length` counts the file's lines down to its end."""

    length: int = 0
    entries: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """The script's form by its name: percent, light and others."""
        return self.entries.get("jupytext.text_representation.format_name", "")

    @property
    def comments_magics(self) -> bool:
        """Whether jupytext wrote this script, and so each magic in it as a comment."""
        written = self.form in ("percent", "") and any(key.startswith("jupytext.") for key in self.entries)
        return written and self.entries.get("jupytext.comment_magics", "true") != "false"


def read_header(lines: Sequence[str]) -> Header:
    """The header of a script; without one its `length` is 0."""
    start = next((number for number, line in enumerate(lines) if line.strip() and not _ABOVE.match(line)), len(lines))
    if start == len(lines) or not _FENCE.match(lines[start]):
        return Header()
    end = next((number for number in range(start + 1, len(lines)) if _FENCE.match(lines[number])), None)
    if end is None or not all(line.startswith("#") for line in lines[start:end]):
        return Header()
    return Header(length=end + 1, entries=_entries(lines[start + 1 : end]))


def _entries(lines: Sequence[str]) -> dict[str, str]:
    """YAML's nested `key: value` lines, which is all that jupytext writes of interest here; `jupyter.` is left away."""
    found: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in lines:
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        indent = len(entry["indent"])
        path = [(depth, key) for depth, key in path if depth < indent]
        path.append((indent, entry["key"]))
        if entry["value"]:
            found[".".join(key for _, key in path).removeprefix("jupyter.")] = entry["value"].strip("'\"")
    return found
