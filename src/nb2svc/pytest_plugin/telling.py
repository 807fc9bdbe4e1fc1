"""What a test says where it is not green: the cell, the line and what was compared, as `nb2svc validate` tells them.

loans.ipynb, cell 6 "ranks_well", line 2, with seed=3

      1  # nb2svc: check ranks_well
    > 2  assert roc_auc_score(y_test, p) > floor, "the model is too weak"

the model is too weak
  roc_auc_score(y_test, p) = 0.795
  floor = 0.8
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nb2svc.errors import Nb2svcError, RefusalError
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.source import split_lines
from nb2svc.ir.validation import CheckOutcome, Failure, RunResult
from nb2svc.pytest_plugin.runs import Made
from nb2svc.validate.folder import EXECUTED

if TYPE_CHECKING:
    from _pytest._code.code import ReprExceptionInfo

_ABOVE = 8
# What the messages of `nb2svc validate` call its options is called otherwise here.
_OPTION = re.compile(r"(?<![\w-])(?:-p\b|--(?:grid|matrix|timeout|kernel)\b)")
_CLOSED = "a check before it failed, and a cell that it needs writes files, asks the network or starts a program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A failure: `text` for the list of failures, `summary` for the short one; `path` and `line` of the file."""

    text: str
    summary: str
    path: str = ""
    line: int = 1

    def at(self, path: str, line: int) -> "Told":
        """The same, with its place in a file."""
        return replace(self, path=path, line=line)


class ToldError(Exception):
    """What a test is not green for, all told already."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.summary)
        self.told = told


def as_report(told: Told) -> "ReprExceptionInfo":
    """A failure in pytest's own form, which xdist sends from a worker whole."""
    from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

    place = ReprFileLocation(path=told.path, lineno=told.line, message=told.summary)
    entry = ReprEntryNative([f"{told.text.rstrip()}\n"])
    return ReprExceptionInfo(reprtraceback=ReprTraceback([entry], None, "native"), reprcrash=place)


def check_failed(made: Made, name: str, notebook: Notebook, *, shown: str) -> Told | None:
    """A check that failed or raised something; None where it passed."""
    check = made.result.check(name)
    if check is None or check.outcome not in ("fail", "error"):
        return None
    compared = [f"{text} = {value}" for text, value in check.values]
    place = _place(notebook, check.cell, check.line)
    lines = [
        _head(notebook, place, shown),
        "",
        *_excerpt(notebook, check.cell, check.line),
        "",
        *_said(check),
        *(f"  {each}" for each in compared),
        *_executed(made),
    ]
    at = f"cell {check.cell}" + (f", line {check.line}" if check.line else "")
    summary = f"{at}: {_first(check.message)}" + (f" ({', '.join(compared)})" if compared else "")
    return Told(text="\n".join(lines), summary=summary)


def unreached(made: Made, name: str, notebook: Notebook, *, shown: str, whole: str) -> Told | None:
    """A check that the run did not come to, and why; None where it did. `whole` is the test that tells all of it, or ""."""
    check, failure = made.result.check(name), made.result.failure
    if check is not None and check.outcome != "not_reached":
        return None
    why = _first(failure.what) if failure else _CLOSED
    title = notebook.cell(check.cell).title if check else name
    summary = f"the run did not come to {title}: {why}" + (_in_line(failure, notebook) if failure else "")
    told = [f"  see      {whole}"] if whole and failure else [*(_parts(failure) if failure else ()), *_executed(made)]
    return Told(text="\n".join([_head(notebook, title, shown), "", summary, *told]), summary=summary)


def broken(made: Made, notebook: Notebook, *, shown: str) -> Told | None:
    """A run that did not come to its end for another reason than a failed check; None where it did."""
    failure = made.result.failure
    if failure is None:
        return None
    summary = _first(failure.what) + _in_line(failure, notebook)
    lines = [
        _head(notebook, _failed_at(failure, notebook) or "its run", shown),
        "",
        failure.what,
        *_parts(failure),
        *_executed(made),
    ]
    return Told(text="\n".join(lines), summary=summary)


def stopped(error: Nb2svcError, *, path: str) -> Told:
    """An error that lets nothing run: the notebook can't be read, a parameter or the disk is not right."""
    lines = [_option(error.what)]
    if isinstance(error, RefusalError):
        for finding in error.findings:
            at = f"cell {finding.span.cell}, line {finding.span.line}: " if finding.span else ""
            lines += ["", f"{finding.code}  {at}{finding.message}", f"  do this  {finding.remedy}"]
    else:
        lines += _labelled(where=error.where, why=error.why, fix=error.fix, details=error.details)
    first = error.findings[0] if isinstance(error, RefusalError) else None
    at = f"cell {first.span.cell}, line {first.span.line}: " if first and first.span else ""
    return Told(text="\n".join(lines), summary=f"{at}{first.message}" if first else lines[0], path=path)


def _head(notebook: Notebook, place: str, shown: str) -> str:
    return f"{notebook.name}, {place}" + (f", with {shown}" if shown else "")


def _place(notebook: Notebook, cell: int, line: int) -> str:
    return notebook.cell(cell).title + (f", line {line}" if line else "")


def _failed_at(failure: Failure, notebook: Notebook) -> str:
    return _place(notebook, failure.cell, failure.line) if 0 < failure.cell <= len(notebook.cells) else ""


def _in_line(failure: Failure, notebook: Notebook) -> str:
    """Where it failed, as far as its first line does not say so."""
    place = _failed_at(failure, notebook)
    named = bool(place) and notebook.cell(failure.cell).title in failure.what
    told = (f"line {failure.line}" if failure.line else "") if named else place
    return f" ({told})" if told else ""


def _excerpt(notebook: Notebook, cell: int, line: int) -> Iterator[str]:
    """The cell down to the line, which is marked."""
    lines = split_lines(notebook.cell(cell).source)
    last = line or min(len(lines), _ABOVE)
    width = len(str(last))
    for number in range(max(1, last - _ABOVE), last + 1):
        mark = ">" if number == line else " "
        yield f"  {mark} {number:>{width}}  {lines[number - 1]}".rstrip()


def _said(check: CheckOutcome) -> Iterator[str]:
    yield from check.message.splitlines()


def _parts(failure: Failure) -> Iterator[str]:
    # Its details end with the place of the executed notebook as a run's folder sees it: that is told below, whole.
    details = failure.details.partition("\n\nwhole traceback: ")[0].partition("\n\nwhat ran until then: ")[0]
    yield from _labelled(where=failure.where, why=failure.why, fix=failure.fix, details=details)


def _labelled(*, where: str, why: str, fix: str, details: str) -> Iterator[str]:
    for label, text in (("where", where), ("why", why), ("do this", fix)):
        if text:
            yield f"  {label:<7}  " + _option(text).replace("\n", "\n           ")
    if details:
        yield ""
        yield from details.splitlines()


def _executed(made: Made) -> Iterator[str]:
    run: RunResult = made.result
    executed = made.folder / run.folder / EXECUTED
    if run.folder and executed.is_file():
        yield ""
        yield f"the run's notebook: {executed}"


def _first(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else ""


def _option(text: str) -> str:
    """A message with our names: `did you mean --grid seed=…?` → `did you mean --nb2svc-grid seed=…?`."""
    return _OPTION.sub(lambda found: f"--nb2svc-{found[0].lstrip('-')}", text)
