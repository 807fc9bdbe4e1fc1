"""The worker's side of cells that many runs share: they are run in a child of the fork server, and kernels are forked from it.

driver ──▸ worker ──▸ fork server ──▸ warm process (the cells have run) ──▸ the kernel of each run, or a process that needs none
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nb2svc.system import clock
from nb2svc.validate.forking.command import interpreter_of
from nb2svc.validate.forking.host import THREADS, Forked, ForkServer, ForkTroubleError, Host, Wanted

_STARTING = 20.0
_ALWAYS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCell:
    """A cell to run once: `source` as it runs; `injected` where it sets the parameters that all runs have alike.

    `words` is how a report calls the cells down to it.
    """

    id: str
    title: str
    source: str
    check: bool = False
    metrics: tuple[str, ...] = ()
    injected: bool = False
    words: str = "cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the cells showed: by id their execution count, outputs and the metrics that were read by name.

    `seconds` is what they took, once; `contents` are digests of what they left, by name; `language` is the notebook's, as a
    kernel tells it.
    """

    counts: Mapping[str, int]
    outputs: Mapping[str, Sequence[Mapping[str, Any]]]
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]]
    seconds: float
    contents: Mapping[str, str]
    language: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Adoption:
    """What a kernel that has shared cells behind it is told of its run: `source` sets its parameters, if they are among what is
    shared, `shown` is the text of that cell.

    `origin` is where the cells were run first; `compares` says that the namespace is to be looked at; `unlike` is the
    first name in it that holds something else, then.
    """

    source: str
    shown: str
    origin: str
    compares: bool = False
    unlike: str = field(default="")


class _CellTroubleError(ForkTroubleError):
    """A cell can't be shared; those before it can be."""

    def __init__(self, why: str, cell: str) -> None:
        super().__init__(why)
        self.cell = cell


class _Warm(ForkServer):
    """The process in which the cells have run; it ends with the fork server that it comes from."""

    def __init__(self, link: socket.socket, parent: ForkServer, wanted: Wanted) -> None:
        self.key = wanted.key
        self.parent = parent
        self.left_out = parent.left_out
        self._kernel = None
        self._unreaped = None
        self._link = link
        self._log = parent._log  # noqa: SLF001 - of its own kind

    def end(self) -> float:
        """Let it go; the fork server accounts for it."""
        if self._kernel is not None and self._kernel.returncode is None:
            self._kernel.returncode = -9
        self._link.close()
        return 0.0

    def kill(self) -> None:
        """End it at once, with the fork server."""
        self.parent.kill()

    def told(self, patience: float) -> Told:
        """Wait until the cells have run.

        Raises:
            ForkTroubleError: they can't be shared.
        """
        found = self._heard(patience)
        if not found:
            raise ForkTroubleError("the process that ran them is gone" if found is None else "they did not end in time")
        if found.get("cell"):
            raise _CellTroubleError(found["problem"], found["cell"])
        if "problem" in found:
            raise ForkTroubleError(found["problem"])
        shared = found["shared"]
        cells = {cell["id"]: cell for cell in shared["cells"]}
        return Told(
            counts={name: cell["count"] for name, cell in cells.items()},
            outputs={name: cell["outputs"] for name, cell in cells.items()},
            metrics={name: cell["metrics"] for name, cell in cells.items()},
            seconds=shared["seconds"],
            contents=shared["contents"],
            language=shared["language"],
        )

    def bare(self, environment: Mapping[str, str], streams: Sequence[int]) -> tuple[Forked, socket.socket]:
        """A process that goes on after the cells without a kernel, and the link to it."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return self.fork({"do": "bare", "env": dict(environment)}, [theirs.fileno(), *streams]), ours
        except ForkTroubleError:
            ours.close()
            raise


@dataclass(slots=True, kw_only=True)
class Share:
    """The cells of one notebook that its runs share, in this worker; `words` is how a report calls them.

    `ended` says why the next cell is none of them, where that was seen when it ran. `refused` says why nothing is shared after
    all, and `unequal` why the runs are even made plainly: what came of sharing was not what a plain run said. `compared` says
    that a run was made both ways, and was equal. `hidden` are the parameters that tell the runs apart: no cell finds them.
    `needs_kernel` says why the other cells of a run need a kernel ("": they need none).
    """

    words: str
    cells: tuple[SharedCell, ...]
    seeded: tuple[str, ...]
    modules: tuple[str, ...]
    patience: float | None
    origin: str
    hidden: tuple[str, ...] = ()
    needs_kernel: str = ""
    compared: bool = False
    ended: str = ""
    refused: str = ""
    unequal: str = ""
    told: Told | None = None
    _warm: _Warm | None = field(default=None, repr=False)

    def kernel(self, host: Host, wanted: Wanted, streams: Sequence[int], *, scratch: str) -> Forked:
        """A kernel that is forked after the cells, which are run when the first is asked for.

        Raises:
            ForkTroubleError: there is none.
        """
        with self._warmed(host, wanted, scratch) as warm:
            return warm.kernel(wanted, streams)

    def bare(
        self, host: Host, wanted: Wanted, environment: Mapping[str, str], streams: Sequence[int], *, scratch: str
    ) -> tuple[Forked, socket.socket]:
        """A process that is forked after the cells and is no kernel, and the link to it (side/bare.py).

        `wanted` is a kernel that could go on after them; `environment` is what differs from its.

        Raises:
            ForkTroubleError: there is none.
        """
        with self._warmed(host, wanted, scratch) as warm:
            return warm.bare(environment, streams)

    @contextmanager
    def _warmed(self, host: Host, wanted: Wanted, scratch: str) -> Iterator[_Warm]:
        """The process in which the cells have run; where something is wrong with it nothing is shared from then on."""
        if self.refused:
            raise ForkTroubleError(self.refused)
        try:
            begin = clock.seconds()
            try:
                self.warm(host, wanted, scratch)
            finally:
                host.seconds += clock.seconds() - begin
            assert self._warm is not None
            yield self._warm
        except ForkTroubleError as trouble:
            self.refuse(str(trouble))
            raise

    def refuse(self, why: str) -> None:
        """Share nothing from now on."""
        self.refused = self.refused or why
        warm, self._warm = self._warm, None
        if warm is not None:
            warm.end()

    def warm(self, host: Host, wanted: Wanted, scratch: str) -> Told:
        """Have the cells run, unless they have; what they showed.

        Raises:
            ForkTroubleError: they can't be shared.
        """
        server = host.warmed(wanted)
        if self.told is not None and self._warm is not None and self._warm.parent is server and self._warm.key == wanted.key:
            return self.told
        if self._warm is not None:
            raise ForkTroubleError("their surroundings differ from run to run")
        self.told = self._run(server, wanted, scratch)
        return self.told

    def _run(self, server: ForkServer, wanted: Wanted, scratch: str) -> Told:
        """Have the cells run; down to the one that can't be shared, where there is one."""
        ours, theirs = socket.socketpair()
        self._warm = _Warm(ours, server, wanted)
        with theirs:
            server.ask(self._request(wanted, scratch), [theirs.fileno()], _STARTING)
        try:
            return self._warm.told(self.patience or _ALWAYS)
        except _CellTroubleError as trouble:
            place = [cell.id for cell in self.cells].index(trouble.cell)
            if not place:
                raise
            self._warm.end()
            self.cells, self.ended = self.cells[:place], str(trouble)
            self.words = self.cells[-1].words
        # What the cell has done is not undone: it is begun anew.
        return self._run(server, wanted, scratch)

    def _request(self, wanted: Wanted, scratch: str) -> dict[str, Any]:
        _, _, module, arguments = interpreter_of(wanted.command)
        cells = [
            {
                "id": cell.id,
                "title": cell.title,
                "source": cell.source,
                "check": cell.check,
                "metrics": list(cell.metrics),
                "injected": cell.injected,
            }
            for cell in self.cells
        ]
        return {
            "do": "share",
            "module": module,
            "argv": list(arguments),
            "env": dict(wanted.environment),
            "cwd": wanted.cwd,
            "cells": cells,
            "seeded": list(self.seeded),
            "hidden": list(self.hidden),
            "threads": list(THREADS),
            "config": {"folder": scratch, "points": [], "modules": list(self.modules), "measures": []},
        }
