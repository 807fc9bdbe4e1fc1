"""Notebooks built by hand for the tests of analysis and rules: cells as text, their tag as a first-line comment."""

import hashlib
import re
import textwrap

from nb2svc.ir.notebook import Cell, Directive, Notebook
from nb2svc.ir.span import Span
from nb2svc.read.ipython import mask
from nb2svc.read.marks import statement_marks

_TAG = re.compile(r"# nb2svc: (feature|model|check|keep|drop)\b *(.*)")


def make_cell(source: str, number: int) -> Cell:
    """One code cell; `# nb2svc: feature ages raw=loans` on its first line is its directive."""
    first = source.split("\n", 1)[0]
    tag = _TAG.match(first)
    directive = None
    if tag:
        words = tag[2].split()
        options = tuple((key, value) for key, _, value in (word.partition("=") for word in words if "=" in word))
        name = next((word for word in words if "=" not in word), None)
        directive = Directive(role=tag[1], name=name, options=options, spelling="comment", span=Span(number, 1, 0, 1, len(first)))
    label = (directive.name if directive else None) or ""
    plain = mask(source, cell=number)
    return Cell(
        number=number,
        id=f"c{number}",
        label=label,
        source=source,
        code=plain.code,
        directive=directive,
        masked=tuple(piece for piece in plain.masked if directive is None or piece.span.line != directive.span.line),
        marks=statement_marks(plain.code.split("\n"), cell=number, role=directive.role if directive else None)[0],
    )


def make_notebook(*sources: str) -> Notebook:
    """A notebook of these cells."""
    cells = tuple(make_cell(textwrap.dedent(source).strip("\n"), number) for number, source in enumerate(sources, start=1))
    digest = hashlib.sha256("\0".join(sources).encode()).hexdigest()
    return Notebook(path="loans.ipynb", name="loans.ipynb", digest=digest, kernel="python3", cells=cells)
