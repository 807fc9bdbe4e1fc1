"""What `nb2svc trace` found, as text and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.cli.output import document
from nb2svc.ir.source import split_lines

if TYPE_CHECKING:
    from nb2svc.ir.notebook import Notebook
    from nb2svc.trace.follow import Failure, Traced
    from nb2svc.trace.project import TracedProject

_AROUND = 2


def as_text(traced: "Traced", *, after_log: bool) -> str:
    """The failures, the most frequent first, each with the notebook's lines around it where the notebook lies beside.

    3 times  KeyError  from 2026-11-26T18:40:12 to 2026-11-26T19:02:55
    loans.ipynb, cell 3 "applicant", line 2 (features.py, line 12)
        1 │ loans = loans.copy()
      → 2 │ loans["rate"] = loans["region"].map(rates.loc)
    """
    blocks = [_headline(traced)]
    notebooks: dict[Path, Notebook | None] = {}
    for failure in traced.ordered:
        key = failure.project.package_dir
        if key not in notebooks:
            notebooks[key] = _notebook(failure.project)
        blocks.append("\n".join(_block(failure, notebooks[key])))
    text = "\n\n".join(blocks)
    return f"\n{'─' * 40}\n{text}" if after_log else text


def as_json(traced: "Traced") -> str:
    """The same for programs."""
    return document(
        lines=traced.lines, tracebacks=traced.tracebacks, failures=[_failure_document(each) for each in traced.ordered]
    )


def _failure_document(failure: "Failure") -> dict[str, Any]:
    place = failure.place
    return {
        "exception": failure.kind,
        "count": failure.count,
        "first": failure.first,
        "last": failure.last,
        "notebook": place.notebook,
        "cell": place.cell,
        "title": place.title,
        "line": place.line,
        "text": place.text,
        "file": f"{failure.project.package}/{failure.module}.py",
        "file_line": failure.module_line,
        "stale": failure.stale,
    }


def _headline(traced: "Traced") -> str:
    lines = _counted(traced.lines, "line")
    if not traced.failures:
        services = f" of {', '.join(sorted(traced.services))}" if traced.services else ""
        return f"no exception came through the notebook's code; {_counted(traced.tracebacks, 'traceback')} in {lines}{services}"
    through = sum(failure.count for failure in traced.ordered)
    others = traced.tracebacks - through
    said = f"{_counted(len(traced.failures), 'failure')} of the notebook's code, {_counted(through, 'traceback')} in {lines}"
    return f"{said}; {_counted(others, 'other traceback')}" if others else said


def _block(failure: "Failure", notebook: "Notebook | None") -> Sequence[str]:
    place = failure.place
    times = "once" if failure.count == 1 else f"{failure.count:,} times"
    when = f"  {failure.first}" if failure.first else ""
    if when and failure.last != failure.first:
        when = f"  from {failure.first} to {failure.last}"
    lines = [f"{times}  {failure.kind or 'an exception whose type the log cut off'}{when}"]
    lines.append(f"{place} ({failure.project.package}/{failure.module}.py, line {failure.module_line})")
    lines += _excerpt(split_lines(notebook.cell(place.cell).source), place.line) if notebook else [f"  → {place.text}"]
    if failure.stale:
        lines.append(f"  another build: {failure.stale}; cell and line may be off")
    elif notebook is None:
        lines.append(f"  {place.notebook} is not beside the project as it was built: its line is from the line map")
    return lines


def _excerpt(source: Sequence[str], line: int) -> list[str]:
    first, last = max(1, line - _AROUND), min(len(source), line + _AROUND)
    width = len(str(last))
    return [
        f"  {'→' if number == line else ' '} {number:>{width}} │ {source[number - 1]}".rstrip()
        for number in range(first, last + 1)
    ]


def _notebook(project: "TracedProject") -> "Notebook | None":
    """The notebook beside the project, where it is still the one that was built."""
    from nb2svc.errors import Nb2svcError
    from nb2svc.read.notebook import parse_notebook

    path = project.package_dir.parent.parent / project.notebook
    try:
        notebook, _ = parse_notebook(path.read_bytes(), path=str(path))
    except (OSError, Nb2svcError):
        return None
    return notebook if notebook.digest == project.notebook_digest else None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
