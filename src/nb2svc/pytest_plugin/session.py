"""A session of pytest that has notebooks: which files are ours, and how their failures are told."""

import os
import sys
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from nb2svc.pytest_plugin.asked import Named, Wishes, notebooks_named, wishes_of
from nb2svc.pytest_plugin.nodes import NotebookFile, NotebookTest
from nb2svc.pytest_plugin.runs import Runs
from nb2svc.pytest_plugin.telling import ToldError, as_report

_INI = "nb2svc_notebooks"
_OLD = pytest.version_tuple < (9,)


class NotebookTests:
    """The hooks of a session that has notebooks."""

    def __init__(self, notebooks: Mapping[Path, bool], wishes: Wishes, runs: Runs, *, expected: frozenset[Path]) -> None:
        self._notebooks = notebooks
        self._missing = set(expected)
        self._wishes = wishes
        self._runs = runs

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """A notebook that is asked for is ours alone: as a module a script with cells would be run to be collected."""
        found = yield
        explicit = self._notebooks.get(file_path)
        if explicit is None:
            return found
        self._missing.discard(file_path)
        return [
            NotebookFile.from_parent(parent, path=file_path, explicit=explicit, wishes=self._wishes, runs=self._runs)
        ]  # fmt: skip

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is wanted is known; a notebook that was named and not looked at must not pass for one that is fine.

        Raises:
            pytest.UsageError: there is one.
        """
        # Where the collection is being broken off, that is what has to be told.
        if self._missing and sys.exc_info()[0] is None:
            names = ", ".join(sorted(map(str, self._missing)))
            raise pytest.UsageError(
                f"not collected: {names}; pytest leaves out its folder (norecursedirs): name it as a path, too"
            )

        for item in session.items:
            if isinstance(item, NotebookTest):
                self._runs.want(item.path, item.one, whole=item.nodeid if item.is_run else "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Leave no run behind that nobody waits for."""
        early = exitstatus == pytest.ExitCode.INTERRUPTED or bool(session.shouldstop or session.shouldfail)
        self._runs.end(early=early)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What a check said, in the author's lines, in place of a traceback through nb2svc."""
        report = yield
        if isinstance(item, NotebookTest) and call.excinfo is not None and isinstance(call.excinfo.value, ToldError):
            report.longrepr = as_report(call.excinfo.value.told)
        return report


def take_part(config: pytest.Config) -> None:
    """Collect the notebooks of the options and of the configuration.

    Named on the command line without any other path they are all that is collected; elsewhere they come on top. Those of the
    configuration are collected where pytest takes its `testpaths`, and wherever they are named.

    Raises:
        pytest.UsageError: an option is wrong, or there is no such notebook.
    """
    wishes = wishes_of(config)
    home = config.inipath.parent if config.inipath else config.rootpath
    configured = notebooks_named(config.getini(_INI), home, option=_INI)
    given = notebooks_named(config.getoption("--nb2svc"), config.invocation_params.dir, option="--nb2svc")
    known: dict[Path, bool] = {}
    for named in (*configured, *given):
        known[named.path] = named.explicit or known.get(named.path, False)
    expected = _collect(config, configured=configured, given=given)
    config.pluginmanager.register(NotebookTests(known, wishes, Runs(config), expected=expected), "nb2svc-notebooks")


def _collect(config: pytest.Config, *, configured: tuple[Named, ...], given: tuple[Named, ...]) -> frozenset[Path]:
    """Add the notebooks to what pytest collects: those that have to come."""
    chosen = config.args_source is config.ArgsSource.ARGS
    # As with `testpaths`: in a folder below, that folder is meant.
    at_home = config.invocation_params.dir == config.rootpath
    said = any(argument.partition("=")[0] == "--nb2svc" for argument in config.invocation_params.args)
    before: list[str] = [] if said and not chosen else config.args
    # Who names one check of it does not mean all of them.
    there = {os.path.abspath(argument.partition("::")[0]) for argument in before}  # noqa: PTH100 - a link stays a link
    wanted = [
        named for named in (*given, *(configured if at_home and not (chosen or said) else ())) if str(named.path) not in there
    ]
    # Of a folder and a file in it pytest 8 collects the file alone, and would lose the folder's other tests.
    added = [named for named in wanted if not (_OLD and there & set(map(str, named.path.parents)))]
    config.args = list(dict.fromkeys([*before, *(named.argument for named in added)]))
    if said and not chosen:
        # The header would name the folders that are not looked into.
        config.args_source = config.ArgsSource.ARGS
    return frozenset(named.path for named in wanted)
