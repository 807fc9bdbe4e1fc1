"""What a command says as headings and rows, written as HTML and as text: a notebook shows either.

Findings
  ! warning NB226  cell 3, line 2
    the split has no random_state
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import indent

from nb2svc.readiness.render.places import Links, linked

# A state as a sign and a word, as in the panel.
SIGNS = {"bad": "✖", "warning": "▲", "good": "●", "open": "◌", "": ""}
_COLOURS = {
    "bad": "var(--jp-error-color1, #b3261e)",
    "warning": "var(--jp-warn-color1, #9a6700)",
    "good": "var(--jp-success-color1, #1a7f37)",
    "open": "inherit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: `state` as a sign, `head` and `text` beside each other, `below` what to do or why; `code` as it is written."""

    text: str
    head: str = ""
    state: str = ""
    below: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows under a heading; `folded` where they are for whoever asks. `html` stands below, as what is no row."""

    title: str
    rows: tuple[Row, ...] = ()
    folded: bool = False
    html: str = ""
    plain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A result as a notebook keeps it."""

    html: str
    text: str

    def bundle(self) -> dict[str, str]:
        """The same for every frontend: whoever can't show one shows the other."""
        return {"text/html": self.html, "text/plain": self.text}


def told(head: Iterable[str], parts: Iterable[Part], *, cells: Mapping[int, str] | None = None) -> Told:
    """Sentences, then parts; `cells` are the ids of code cells by number, for links."""
    sentences, shown = [line for line in head if line], [part for part in parts if part.rows or part.html or part.plain]
    links = Links(cells={number: f"#cell-id={name}" for number, name in (cells or {}).items()})
    html = "".join(f"<p>{linked(line, links)}</p>" for line in sentences) + "".join(_part(part, links) for part in shown)
    text = "\n".join([*sentences, *(_plain(part) for part in shown)])
    return Told(html=f'<div class="nb2svc-told">{html}</div>', text=text)


def _part(part: Part, links: Links) -> str:
    rows = "".join(f"<li>{_row(row, links)}</li>" for row in part.rows)
    body = (f'<ul style="list-style: none; padding-left: 0.5em">{rows}</ul>' if rows else "") + part.html
    title = escape(part.title)
    if part.folded:
        return f"<details><summary><strong>{title}</strong></summary>{body}</details>"
    return (f"<h4>{title}</h4>" if title else "") + body


def _row(row: Row, links: Links) -> str:
    sign = f'<span aria-hidden="true" style="color: {_COLOURS[row.state]}">{SIGNS[row.state]}</span> ' if row.state else ""
    head = f"<strong>{linked(row.head, links)}</strong> " if row.head else ""
    code = f"<pre><code>{escape(row.code)}</code></pre>" if row.code else ""
    below = f"<br>{linked(row.below, links)}" if row.below else ""
    return f"{sign}{head}{linked(row.text, links)}{below}{code}"


def _plain(part: Part) -> str:
    if part.folded:
        return part.title
    lines = [part.title] if part.title else []
    for row in part.rows:
        lines.append("  " + " ".join(filter(None, (SIGNS[row.state], row.head, row.text))))
        lines += [indent(more, "    ") for more in (row.below, row.code) if more]
    return "\n".join([*lines, *([part.plain] if part.plain else [])])
