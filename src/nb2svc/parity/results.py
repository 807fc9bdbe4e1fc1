"""What the proof's process answered, as nouns."""

from collections.abc import Mapping
from typing import Any

from nb2svc.ir.verdict import Difference, KnifeEdge, Mode


def to_mode(document: Mapping[str, Any]) -> Mode:
    """One mode's result."""
    return Mode(
        name=document["name"],
        status=document["status"],
        compared=document["compared"],
        total=document["total"],
        different=document["different"],
        differences=tuple(
            Difference(row=cell["row"], column=cell["column"], expected=cell["expected"], actual=cell["actual"])
            for cell in document["differences"]
        ),
        note=document["note"],
    )


def to_edges(documents: list[dict[str, Any]]) -> tuple[KnifeEdge, ...]:
    """The knife edges of all modes, one a row."""
    edges: dict[int, KnifeEdge] = {}
    for document in documents:
        for edge in document["edges"]:
            found = KnifeEdge(
                row=edge["row"],
                column=edge["column"],
                threshold=edge["threshold"],
                expected=edge["expected"],
                actual=edge["actual"],
            )
            edges.setdefault(found.row, found)
    return tuple(edges[row] for row in sorted(edges))


def unevaluated(name: str, reason: str) -> Mode:
    """A mode that compared nothing, and why."""
    return Mode(name=name, status="not_evaluated", compared=0, total=0, different=0, note=reason)


def failed(name: str, reason: str) -> Mode:
    """A mode that could not be replayed because the service is broken."""
    difference = Difference(row=-1, column="", expected="a replay", actual=reason)
    return Mode(name=name, status="fail", compared=0, total=0, different=0, differences=(difference,), note=reason)
