"""The runs of a session: one validation makes all sets of a notebook that the session wants, whichever test or worker asks first.

They lie in pytest's cache (`.pytest_cache/d/nb2svc/`), never beside the notebook. Each session makes its own.
"""

import os
import tempfile
import time
import uuid
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nb2svc.errors import EnvironmentProblem, Nb2svcError
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.pytest_plugin.asked import OneSet, Wishes
from nb2svc.system.digests import digest_of
from nb2svc.system.files import disk_errors
from nb2svc.system.lock import locked

if TYPE_CHECKING:
    from nb2svc.pytest_plugin.making import Making, Wanted

_MAKING = ".making"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A run, and the folder that `result.folder` is seen from."""

    result: RunResult
    folder: Path


@dataclass(slots=True, kw_only=True)
class _Notebook:
    """What a session knows of one notebook: the places of the sets that it wants, in the order of their tests, and their runs.

    `whole` are the tests that tell why a run broke, by the places of its set.
    """

    places: list[int] = field(default_factory=list)
    wanted: "Wanted | None" = None
    making: "Making | None" = None
    made: dict[int, Made] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)
    error: Nb2svcError | None = None


class Runs:
    """All runs of a session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        # All workers of xdist have the same one.
        self._session = getattr(config, "workerinput", {}).get("testrunuid") or uuid.uuid4().hex
        self._home: Path | None = None
        self._notebooks: dict[Path, _Notebook] = {}

    def want(self, path: Path, one: OneSet, *, whole: str) -> None:
        """A test of the session is about this set; `whole` is its name where it is the one that tells why a run broke."""
        known = self._notebooks.setdefault(path, _Notebook())
        known.places += [one.place] if one.place not in known.places else []
        if whole:
            known.whole[one.place] = whole

    def told_by(self, path: Path, one: OneSet) -> str:
        """The test that tells why the run of this set broke; "" where the session has it not."""
        return self._notebooks[path].whole.get(one.place, "")

    def made(self, content: bytes, notebook: Notebook, path: Path, *, one: OneSet, wishes: Wishes) -> Made:
        """The run of a notebook with one set of parameters.

        Raises:
            Nb2svcError: it could not be made.
            KeyboardInterrupt: a person ended it.
        """
        known = self._notebooks.setdefault(path, _Notebook(places=[one.place]))
        if known.error:
            raise known.error
        try:
            if one.place not in known.made:
                known.made[one.place] = self._made(known, content, notebook, path, one=one, wishes=wishes)
        except Nb2svcError as error:
            known.error = error
            raise
        return known.made[one.place]

    def end(self, *, early: bool) -> None:
        """Nobody here asks for a run any more; `early` says that the session was stopped. What another worker waits for is made
        all the same.
        """
        from nb2svc.pytest_plugin.making import somebody_waits

        for known in self._notebooks.values():
            making, wanted = known.making, known.wanted
            if making is None or wanted is None:
                continue
            folder = Path(str(wanted.options.output))
            while not (early or making.ended) and somebody_waits(folder):
                time.sleep(0.1)
            making.stop()

    def _made(self, known: _Notebook, content: bytes, notebook: Notebook, path: Path, *, one: OneSet, wishes: Wishes) -> Made:
        from nb2svc.pytest_plugin.making import begin, of_session, read_run, waiting

        if known.wanted is None:
            known.wanted = self._wanted(content, notebook, path, wishes=wishes)
        spec, folder = known.wanted.specs[one.place], Path(str(known.wanted.options.output))
        with waiting(folder), known.making.asked() if known.making else nullcontext():
            while True:
                found = read_run(folder, spec) if of_session(folder, self._session) else None
                if found is not None:
                    return Made(result=found, folder=folder)
                if known.making is not None and known.making.ended:
                    return Made(result=_of_ended(known.making, spec), folder=folder)
                # Another worker may be making it.
                if known.making is None and (held := _lock(folder)) is not None:
                    begin(folder, self._session)
                    self._begin(known, held, folder=folder, first=one.place)
                time.sleep(0.02)

    def _begin(self, known: _Notebook, held: ExitStack, *, folder: Path, first: int) -> None:
        from nb2svc.pytest_plugin.making import Making, read_run

        assert known.wanted is not None
        specs = known.wanted.specs
        there = {place for place in known.places if read_run(folder, specs[place]) is not None}
        # Whoever asks first waits the least; what another worker has made already is not made again.
        places = dict.fromkeys([first, *(place for place in known.places if place not in there)])
        careful = bool(self._config.getoption("maxfail", 0)) and not hasattr(self._config, "workerinput")
        known.making = Making(known.wanted, list(places), held=held, careful=careful)

    def _wanted(self, content: bytes, notebook: Notebook, path: Path, *, wishes: Wishes) -> "Wanted":
        from nb2svc.capture.driver import kernel_to_run
        from nb2svc.pytest_plugin.making import Wanted
        from nb2svc.validate.driver import ValidateOptions
        from nb2svc.validate.keys import run_specs
        from nb2svc.validate.sets import default_parameters, parameter_sets

        folder = self._folder() / f"{path.stem}-{digest_of(str(path))[:12]}"
        with disk_errors("keep the runs", where=folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = ValidateOptions(
            notebook=path,
            asked=wishes.asked,
            output=str(folder),
            kernel=wishes.kernel,
            timeout=wishes.timeout,
            # As many at a time as there are workers of xdist: `-n` is how pytest is told.
            jobs=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
        )
        kernel, defaults = kernel_to_run(notebook, wishes.kernel), default_parameters(notebook)
        sets = parameter_sets(notebook, wishes.asked)
        specs = {place: run_specs(notebook, [one], defaults=defaults, kernel=kernel)[0] for place, one in enumerate(sets)}
        return Wanted(content=content, options=options, specs=specs)

    def _folder(self) -> Path:
        if self._home is None:
            cache = getattr(self._config, "cache", None)
            self._home = cache.mkdir("nb2svc") if cache is not None else Path(tempfile.mkdtemp(prefix="nb2svc-pytest-"))
        return self._home


def _lock(folder: Path) -> ExitStack | None:
    """The lock of whoever makes the runs, or None where another process has it."""
    held = ExitStack()
    try:
        held.enter_context(locked(folder / _MAKING, what=f"{folder.name} is being run"))
    except EnvironmentProblem:
        return None
    return held


def _of_ended(making: "Making", spec: RunSpec) -> RunResult:
    """A run of a validation that ended and did not keep it.

    Raises:
        Nb2svcError: it could not be made.
    """
    if making.error is not None:
        raise making.error
    if spec.key in making.made:
        return making.made[spec.key]
    raise EnvironmentProblem(
        "the run is gone", where=spec.shown, why="another session of pytest made its own in the same cache", fix="run this again"
    )
