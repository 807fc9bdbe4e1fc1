"""Edits as the wire has them, and the text that comes of them: parts of a replacement, spliced into the author's source."""

from __future__ import annotations

import ast
import keyword
import re
from typing import Any, Callable, Dict, List, Optional, Sequence

from .program import Program, node_text, offsets, source_lines_joined, spot_of
from .request import Statement

Part = Dict[str, Any]

# What our own runs call the state: the notebook may have a `state` of its own.
STATE = "_nb2svc_state"


def text(value: str) -> Part:
    """Literal source."""
    return {"is": "Text", "text": value}


def learn(slot: str, hint: str, how: str, key: Optional[str] = None) -> Part:
    """`state.NAME(lambda: HOW, KEY)`."""
    return {"is": "Learn", "slot": slot, "hint": hint, "how": how, "key": key}


def categories(mark: str, columns: Sequence[Any], frame: str, *, wanted: str = "") -> Part:
    """`state.categories(FRAME, [COLUMNS])`; one slot a column, named as the runtime names it with the suffix `mark`.

    `wanted` is an expression for the columns where they are others each time.
    """
    slots = ["{}_categories{}".format(column, mark) for column in columns]
    names = [str(column) for column in columns]
    return {"is": "Categories", "slots": slots, "columns": names, "frame": frame, "wanted": wanted}


def slots_of(part: Part) -> List[str]:
    """The slots that a part learns."""
    return list(part["slots"]) if part["is"] == "Categories" else [part["slot"]] if part["is"] == "Learn" else []


class Edit:
    """A replacement of one expression: `parts`, lines `before` its statement, and the rule that made it."""

    def __init__(self, number: int, rule: str, parts: List[Part], *, before: Optional[List[List[Part]]] = None) -> None:
        self.number, self.rule, self.parts = number, rule, parts
        self.before = before or []


def identifier(words: str) -> str:
    """A Python name made of some words: "Marital Status_mean" → "marital_status_mean"."""
    name = re.sub(r"\W+", "_", words).strip("_")
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if not name.isupper() else name.lower()
    if not name or name[0].isdigit():
        name = "n_" + name if name else "value"
    return name + "_" if keyword.iskeyword(name) else name


def render(parts: Sequence[Part]) -> str:
    """The text of parts with slots for names, for our own runs of the edited program."""
    return "".join(_render_part(part) for part in parts)


def _render_part(part: Part) -> str:
    if part["is"] == "Text":
        return str(part["text"])
    if part["is"] == "Learn":
        tail = "" if part["key"] is None else ", " + part["key"]
        return "{}.{}(lambda: ({}){})".format(STATE, part["slot"], part["how"], tail)
    mark = part["slots"][0][len(part["columns"][0]) + len("_categories") :] if part["slots"] else ""
    return "{}.categories({}, {}, {!r})".format(STATE, part["frame"], part["wanted"] or repr(part["columns"]), mark)


def splice(statement: Statement, edits: Sequence[Any]) -> str:
    """The statement's source with (start, end, text) edits applied; they must not overlap."""
    source = source_lines_joined(statement.source)
    for start, end, new in sorted(edits, reverse=True):
        source = source[:start] + new + source[end:]
    return source


def compose(program: Program, node: ast.AST, edits: Dict[int, Edit], *, but: Optional[int] = None) -> List[Part]:
    """A node's text as parts, with the edits inside it (not `but` itself) applied."""
    statement = owner_of(program, node)
    start = offsets(statement, spot_of(statement, node))[0]
    own = node_text(statement, node)
    found: List[Any] = []
    for edit in outermost(program, node, edits, but=but):
        first, last = offsets(statement, spot_of(statement, program.exprs[edit.number].node))
        found.append((first - start, last - start, edit.parts))
    parts: List[Part] = []
    place = 0
    for first, last, inner in sorted(found, key=lambda item: item[0]):
        parts.append(text(own[place:first]))
        parts.extend(inner)
        place = last
    parts.append(text(own[place:]))
    return merge(parts)


def owner_of(program: Program, node: ast.AST) -> Statement:
    """The statement that a node stands in."""
    for statement in program.statements:
        if any(part is node for part in ast.walk(statement.tree)):
            return statement
    raise AssertionError("a node of no statement")


def outermost(program: Program, node: ast.AST, edits: Dict[int, Edit], *, but: Optional[int] = None) -> List[Edit]:
    """The edits inside a node that stand in no other one."""
    from .instrument import number_of

    number = number_of(node)
    if number is not None and number in edits and number != but:
        return [edits[number]]
    found: List[Edit] = []
    for child in ast.iter_child_nodes(node):
        found.extend(outermost(program, child, edits, but=but))
    return found


def merge(parts: Sequence[Part]) -> List[Part]:
    """Neighbouring texts joined, empty ones dropped."""
    found: List[Part] = []
    for part in parts:
        if part["is"] == "Text" and found and found[-1]["is"] == "Text":
            found[-1] = text(found[-1]["text"] + part["text"])
        elif part["is"] != "Text" or part["text"]:
            found.append(part)
    return found


def is_text(parts: Sequence[Part]) -> bool:
    """Whether nothing in it is learned."""
    return all(part["is"] == "Text" for part in parts)


Composer = Callable[[ast.AST], List[Part]]
