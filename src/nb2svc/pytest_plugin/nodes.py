"""A notebook among pytest's files, and its tests: that it runs to its end, and each check cell, for each set of parameters.

    loans.ipynb::run[seed=1]   loans.ipynb::ranks_well[seed=1]   loans.ipynb::run[seed=2] …

To collect them nothing of the notebook is run.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nb2svc.errors import Nb2svcError, RefusalError, UsageError
from nb2svc.ir.finding import refusals
from nb2svc.ir.names import unique
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.span import Span
from nb2svc.ir.validation import RunResult
from nb2svc.pytest_plugin.asked import OneSet, Wishes, sets_of
from nb2svc.pytest_plugin.runs import Made, Runs
from nb2svc.pytest_plugin.telling import Told, ToldError, as_report, broken, check_failed, stopped, unreached
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.places import locator
from nb2svc.system.files import read_bytes
from nb2svc.validate.secrets import resolve_secrets
from nb2svc.validate.sets import parameter_sets, secrets_of
from nb2svc.validate.watched import check_names


class NotebookFile(pytest.File):
    """A notebook; one that was found by a glob and has no check cell is passed over."""

    def __init__(self, *, explicit: bool, wishes: Wishes, runs: Runs, **nodes: Any) -> None:
        super().__init__(**nodes)
        self._explicit = explicit
        self.wishes = wishes
        self.runs = runs
        self.content = b""

    def collect(self) -> Iterator["NotebookTest"]:
        """The tests.

        Raises:
            ToldError: the notebook can't be read, has no check cell, or not the parameters that are asked for.
        """
        try:
            self.content = read_bytes(self.path, what="notebook")
            notebook = _parsed(self.content, self.path)
            names = check_names(notebook)
            if not names and not self._explicit:
                return
            if not names:
                raise _without_checks(notebook)
            sets = sets_of(notebook, self.wishes.asked)
            resolve_secrets(secrets_of(parameter_sets(notebook, self.wishes.asked)), os.environ)
        except Nb2svcError as error:
            raise ToldError(stopped(error, path=str(self.path))) from error
        locate = locator(self.content, notebook)
        lines = {number: _line(locate(Span(number, 1, 0, 1, 0))) for number in names}
        for one in sets:
            run = unique("run", tuple(names.values()))
            yield NotebookTest.of(self, run, notebook=notebook, one=one, check=None, line=0)
            for number, name in names.items():
                yield NotebookTest.of(self, name, notebook=notebook, one=one, check=name, line=lines[number])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # as a collector's
        """Why it can't be collected, in plain words."""
        return as_report(excinfo.value.told) if isinstance(excinfo.value, ToldError) else super().repr_failure(excinfo)


class NotebookTest(pytest.Item):
    """One check of one run; `check` is None for the run itself."""

    parent: NotebookFile

    def __init__(self, *, notebook: Notebook, one: OneSet, check: str | None, line: int, **nodes: Any) -> None:
        super().__init__(**nodes)
        self._notebook = notebook
        self.one = one
        self._check = check
        self.is_run = check is None
        self._line = line
        self._made: Made | None = None
        self.add_marker(pytest.mark.nb2svc)
        if self.config.pluginmanager.hasplugin("xdist"):
            # With --dist loadgroup one worker has all tests of a run; otherwise its second worker waits for the first.
            self.add_marker(pytest.mark.xdist_group(f"{self.path.name}[{one.id}]" if one.id else self.path.name))

    @classmethod
    def of(
        cls, parent: NotebookFile, name: str, *, notebook: Notebook, one: OneSet, check: str | None, line: int
    ) -> "NotebookTest":
        """The test of that name, with the id of its set of parameters."""
        whole = f"{name}[{one.id}]" if one.id else name
        # pytest takes an id apart at its bracket, and finds a test of the last session by its parts: not so one made of a name.
        nodeid = f"{parent.nodeid}::{whole}"
        test: NotebookTest = cls.from_parent(
            parent, name=whole, nodeid=nodeid, notebook=notebook, one=one, check=check, line=line
        )
        return test

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the cell stands in the notebook's file."""
        return self.path, self._line, self.name

    def setup(self) -> None:
        """Have the run, made by whichever of its tests comes first.

        Raises:
            ToldError: it could not be made, or did not come to this check.
        """
        file = self.parent
        try:
            self._made = file.runs.made(file.content, self._notebook, self.path, one=self.one, wishes=file.wishes)
        except Nb2svcError as error:
            raise ToldError(stopped(error, path=str(self.path))) from error
        self.user_properties += _metrics(self._made.result)
        if self._check is not None:
            whole = file.runs.told_by(self.path, self.one)
            self._raise(unreached(self._made, self._check, self._notebook, shown=self.one.shown, whole=whole))

    def runtest(self) -> None:
        """What the check said.

        Raises:
            ToldError: it failed, or the run did not come to its end.
        """
        assert self._made is not None
        told = (
            broken(self._made, self._notebook, shown=self.one.shown)
            if self._check is None
            else check_failed(self._made, self._check, self._notebook, shown=self.one.shown)
        )
        self._raise(told)

    def _raise(self, told: Told | None) -> None:
        if told is not None:
            raise ToldError(told.at(str(self.path), self._line + 1))


def _parsed(content: bytes, path: Path) -> Notebook:
    notebook, findings = parse_notebook(content, path=str(path))
    if refusals(findings):
        raise RefusalError(refusals(findings), can_not="be run")
    return notebook


def _without_checks(notebook: Notebook) -> UsageError:
    return UsageError(
        f"{notebook.name} has no check cell, so there is nothing to test",
        where=notebook.path,
        why="a check cell becomes a test; no cell is tagged as one",
        fix="tag a cell with an assertion: # nb2svc: check NAME",
    )


def _line(region: Any) -> int:
    return region.line - 1 if region is not None else 0


def _metrics(run: RunResult) -> list[tuple[str, object]]:
    """What a run told, as properties of a test: JUnit has them."""
    told = [(metric.name, metric.value if metric.value is not None else metric.special) for metric in run.metrics]
    return [(name, value) for name, value in told if value != ""]
