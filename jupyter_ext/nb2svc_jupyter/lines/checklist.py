"""The checklist inside a notebook's output: links lead to cells of the notebook that it stands in."""

from collections.abc import Mapping, Sequence
from typing import Any

from nb2svc.ir.readiness import Checklist
from nb2svc.readiness.render.html import render_fragment
from nb2svc.readiness.render.json import from_document
from nb2svc.readiness.render.places import Links
from nb2svc.readiness.render.steps import render_steps
from nb2svc_jupyter.lines.parts import Part, Told

_WIDTH = 100


def checklist_told(document: Mapping[str, Any]) -> Told:
    """What `nb2svc ready --format json` says; its cells are links while the notebook is as it was built."""
    cells = {int(number): name for number, name in document["cells"].items()}
    part = part_of(from_document(document["readiness"]), cells, notes=document["notes"])
    return Told(html=part.html, text="\n".join([part.plain, *document["notes"]]))


def part_of(checklist: Checklist, cells: Mapping[int, str], *, notes: Sequence[str] = ()) -> Part:
    """A checklist as a part of an answer."""
    html = render_fragment(checklist, links_in(checklist, cells), notes=notes)
    return Part(title="", html=html, plain=render_steps(checklist, width=_WIDTH))


def links_in(checklist: Checklist, cells: Mapping[int, str]) -> Links:
    """The addresses in a notebook: its cells by their ids, and evidence that is not hidden, which no Jupyter server hands out."""
    files = [path for item in checklist.items if item.evidence for path, _ in item.evidence.files]
    seen = {path: path for path in files if not any(part.startswith(".") for part in path.split("/"))}
    return Links(cells={number: f"#cell-id={name}" for number, name in cells.items()}, files=seen)
