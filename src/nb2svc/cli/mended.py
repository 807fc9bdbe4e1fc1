"""What `nb2svc analyze --fix` does: the fixes that nobody has to choose, made one after the other until none is left."""

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nb2svc.errors import NotebookError
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.source import split_lines

if TYPE_CHECKING:
    from nb2svc.pipeline import Source

# A refusal of a tag hides what comes after it, so one fix may bring the next to light; no notebook needs more turns.
_TURNS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A fix that was made: the finding that it cured, and where that stood then."""

    code: str
    place: str
    cell: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A notebook's bytes with fixes, `source` the analysis of them; `before` is the notebook as it was."""

    content: bytes
    before: Notebook
    source: "Source"
    made: tuple[Made, ...]


def mend(content: bytes, path: str, *, only: Collection[str] = ()) -> Mended:
    """Make the fixes of a notebook; a fix that is a choice only where its code is asked for, and it is the only one.

    Raises:
        NotebookError: the notebook can't be read.
    """
    from nb2svc.pipeline import analyze_content

    first = source = analyze_content(content, path)
    made: list[Made] = []
    tried: set[tuple[str, str, str]] = set()
    for _ in range(_TURNS):
        wanted = [pair for pair in _wanted(source, only) if _name(*pair) not in tried]
        tried |= {_name(*pair) for pair in wanted}
        after, done = _with_fixes(content, source, wanted)
        if not done:
            break
        made += [_made(finding, fix, source.notebook) for finding, fix in done]
        content, source = after, analyze_content(after, path)
    return Mended(content=content, before=first.notebook, source=source, made=tuple(made))


def render_mended(mended: Mended, *, written: bool) -> str:
    """What was changed, a line a fix."""
    name, count = mended.before.name, len(mended.made)
    if not count:
        return f"{name}: nothing to fix that needs no choice"
    fixes = "1 fix" if count == 1 else f"{count} fixes"
    head = f"mended {name}: {fixes}, and no other byte changed" if written else f"{name}: {fixes} at hand, nothing is written"
    return "\n".join([head, *(f"  {one.code}  {one.place}: {one.title}" for one in mended.made)])


def render_diff(mended: Mended) -> str:
    """What is different in each cell, and what its metadata says then."""
    pairs = zip(mended.before.cells, mended.source.notebook.cells, strict=True)
    return "\n".join(line for before, after in pairs for line in _cell_diff(before, after))


def mended_document(mended: Mended, *, written: bool) -> dict[str, Any]:
    """The fixes that were made as JSON values."""
    made = [{"code": one.code, "cell": one.cell, "title": one.title} for one in mended.made]
    return {"mended": made, "written": written}


def _wanted(source: "Source", only: Collection[str]) -> Iterator[tuple[Finding, Fix]]:
    for finding in source.findings:
        if len(finding.fixes) == 1 and (not only or finding.code in only):
            (fix,) = finding.fixes
            if finding.code in only or not fix.choice:
                yield finding, fix


def _with_fixes(
    content: bytes, source: "Source", wanted: Sequence[tuple[Finding, Fix]]
) -> tuple[bytes, list[tuple[Finding, Fix]]]:
    """The fixes that can be made together; where they can't be written, each that can be by itself."""
    from nb2svc.read.mending import apart, mended

    together = apart([fix for _, fix in wanted])
    done = [(finding, fix) for finding, fix in wanted if any(fix is one for one in together)]
    if not done:
        return content, []
    try:
        return mended(content, source.notebook, together), done
    except NotebookError:
        for pair in done:
            try:
                return mended(content, source.notebook, [pair[1]]), [pair]
            except NotebookError:
                continue
    return content, []


def _name(finding: Finding, fix: Fix) -> tuple[str, str, str]:
    return finding.code, finding.message, f"{finding.span} {fix.title}"


def _made(finding: Finding, fix: Fix, notebook: Notebook) -> Made:
    place = notebook.place(finding.span) if finding.span else notebook.name
    return Made(code=finding.code, place=place, cell=finding.span.cell if finding.span else 0, title=fix.title)


def _cell_diff(before: Cell, after: Cell) -> Iterator[str]:
    lines = difflib.unified_diff(
        split_lines(before.source), split_lines(after.source), before.title, before.title, lineterm="", n=1
    )
    yield from lines
    if before.tags != after.tags:
        yield f"{before.title}: tags {', '.join(before.tags) or 'none'} → {', '.join(after.tags) or 'none'}"
    if before.directive != after.directive and before.source == after.source and before.tags == after.tags:
        yield f"{before.title}: its metadata.nb2svc changes"
