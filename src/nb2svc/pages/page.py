"""A finding's page as a value, read from the text that stands beside its rule.

NB229 (warning): a change in place that does not arrive.      code, severity and title

What it finds: …                                     then parts, each a label at the start of a line; a part holds
                                                     paragraphs, and code that is indented by four
Why it matters: …

Example:

    loans["income"].fillna(0, inplace=True)

Fix: …

    loans["income"] = loans["income"].fillna(0)

Quick fix: …                                         what `analyze --fix` and the panel can do; may be left out
Related: NB222, NB236                                may be left out
"""

import re
from dataclasses import dataclass
from textwrap import dedent, indent

FINDS, WHY, EXAMPLE, FIX, QUICK, RELATED = "What it finds", "Why it matters", "Example", "Fix", "Quick fix", "Related"
_HEAD = re.compile(r"(?P<code>NB\d{3}) \((?P<severity>[a-z ]+)\): (?P<title>[^\n]+?)\.?\n")
_LABEL = re.compile(rf"(?m)^({FINDS}|{WHY}|{EXAMPLE}|{FIX}|{QUICK}|{RELATED}):[ \n]")
_CODE = re.compile(r"NB\d{3}")
# What a code's first digit says; the few that are told later than their number say are below.
_STAGES = {"1": "read", "2": "analyze", "3": "run", "4": "pack"}
_AFTER_THE_RUN = frozenset({"NB232", "NB236", "NB240"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a finding is, why it is one, and what to do.

    `severity` is `refusal or warning` where it depends. `example` and `fix` are words, and cells of a notebook that give the
    finding, and the same without it; `quick` is what can be done for the author, "" where nothing can.
    """

    code: str
    severity: str
    title: str
    finds: str
    why: str
    example: str
    fix: str
    quick: str = ""
    related: tuple[str, ...] = ()

    @property
    def stage(self) -> str:
        """When it is told: by `read`, `analyze`, the `run`, or `pack`."""
        return "run" if self.code in _AFTER_THE_RUN else _STAGES[self.code[2]]

    @property
    def summary(self) -> str:
        """What it finds and why that matters, as running text."""
        return " ".join(f"{self.finds} {self.why}".split())

    @property
    def example_cells(self) -> str:
        """The code of the example, with the cells' markers; "" where it is told in words."""
        return _code_in(self.example)

    @property
    def mended_cells(self) -> str:
        """The code of the fix, likewise."""
        return _code_in(self.fix)

    @property
    def text(self) -> str:
        """The page as plain text."""
        told = [f"{label}\n{indent(text, '  ')}" for label, text in self._parts()]
        return "\n\n".join([f"{self.code} ({self.severity}): {self.title}", *told])

    @property
    def markdown(self) -> str:
        """The page as Markdown, its code in fences."""
        head = f"## {self.code}: {self.title}\n\n*{self.severity}*"
        return "\n\n".join([head, *(f"**{label}.**{_below(_fenced(text))}" for label, text in self._parts())])

    def _parts(self) -> list[tuple[str, str]]:
        parts = [
            (FINDS, self.finds),
            (WHY, self.why),
            (EXAMPLE, self.example),
            (FIX, self.fix),
            (QUICK, self.quick),
            (RELATED, ", ".join(self.related)),
        ]
        return [(label, _sentence(text)) for label, text in parts if text]


def read_page(text: str) -> Page:
    """A page's text → the page.

    Raises:
        ValueError: a part is missing, or stands twice; the message says which.
    """
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"a page begins as NB229 (warning): …; this one with {text[:40]!r}")
    _, *pieces = _LABEL.split(text[head.end() :])
    parts = [(label, body.strip("\n").rstrip()) for label, body in zip(pieces[::2], pieces[1::2], strict=True)]
    given = dict(parts)
    missing = [label for label in (FINDS, WHY, EXAMPLE, FIX) if not given.get(label)]
    if missing or len(given) != len(parts):
        raise ValueError(f"{head['code']}: " + (f"has no {', '.join(missing)}" if missing else "has a part twice"))
    return Page(
        code=head["code"],
        severity=head["severity"],
        title=head["title"],
        finds=given[FINDS],
        why=given[WHY],
        example=given[EXAMPLE],
        fix=given[FIX],
        quick=given.get(QUICK, ""),
        related=tuple(_CODE.findall(given.get(RELATED, ""))),
    )


def _code_in(text: str) -> str:
    lines = text.split("\n")
    kept = [line for line in lines if line.startswith("    ") or not line.strip()]
    return dedent("\n".join(kept)).strip("\n")


def _sentence(text: str) -> str:
    """A part begins in the middle of its line; by itself it is a sentence."""
    return text if text.startswith(" ") else text[:1].upper() + text[1:]


def _fenced(text: str) -> str:
    """Indented code → a fence, which a renderer can colour."""
    blocks = re.split(r"(?m)((?:^    .*\n?|^\n(?=    ))+)", text)
    return "".join(_fence(dedent(block).strip()) if place % 2 else block for place, block in enumerate(blocks)).rstrip()


def _below(text: str) -> str:
    """A part goes on behind its label; one that begins with code stands below it."""
    return f"\n{text}" if text.startswith("\n") else f" {text}"


def _fence(code: str) -> str:
    return f"\n```{'json' if code.startswith('{') else 'python'}\n{code}\n```\n"
