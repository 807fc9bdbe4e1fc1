"""The way by which one run comes to its kernel, and what is to be told of it."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import TimeoutExpired
from typing import Any

from nb2svc.capture.outcome import Outcome
from nb2svc.ir.validation import RunPath
from nb2svc.system.processes import MARK
from nb2svc.validate.forking.command import why_not
from nb2svc.validate.forking.host import Forked, ForkTroubleError, Host, Wanted
from nb2svc.validate.forking.imports import Import
from nb2svc.validate.forking.stall import Stall
from nb2svc.validate.forking.warm import Adoption, Share, Told

# What jupyter_client says of a kernel's start; anything else is not understood here.
_KNOWN = frozenset({"env", "cwd", "stdout", "stderr"})
_ENDING = 10.0


@dataclass(slots=True, kw_only=True)
class Way:
    """`imports` are made before the kernel is forked (None: it is not forked).

    `path` is how it went in the end, `note` why not faster; `kernel` is the forked one. `share` are cells that it is to be forked
    after, `adoption` what it is told then, `told` what they showed; `scratch` is a folder of this run, `config` what its recorder
    is told. `bare` says that the run is to need no kernel, then, and `unfit` why it did.
    """

    host: Host
    imports: tuple[Import, ...] | None = None
    path: RunPath = "plain"
    note: str = ""
    kernel: Forked | None = None
    share: Share | None = None
    adoption: Adoption | None = None
    told: Told | None = None
    scratch: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    bare: bool = False
    unfit: str = ""
    stall: Stall = field(init=False)
    _wanted: Wanted | None = None

    def __post_init__(self) -> None:
        self.stall = Stall(self.host.cells)

    def fork(self, command: list[str], **given: Any) -> Forked:
        """Fork a kernel that jupyter_client would start so.

        Raises:
            ForkTroubleError: it can't be.
        """
        reason = why_not(command, given.get("env") or {})
        if not reason and (set(given) != _KNOWN or not given["env"]):
            reason = "its kernel is started in an unusual way"
        if reason:
            raise ForkTroubleError(reason)
        environment, cwd = given["env"], str(given["cwd"])
        imports = self.imports or ()
        self._wanted = Wanted(command=tuple(command), environment=environment, cwd=cwd, imports=imports, config=self.config)
        streams = (given["stdout"], given["stderr"])
        kernel = self._after_cells(streams) or self.host.kernel(self._wanted, streams)
        return self._forked(kernel)

    def _forked(self, kernel: Forked) -> Forked:
        """Go on with a process that was forked."""
        self.kernel = kernel
        self.stall.watch(kernel)
        self.path = "fork" if self.told is None else "reuse"
        notes = [f"{name} is imported by each run: it {why}" for name, why in self.host.left_out().items()]
        self.note = "; ".join(filter(None, [self.note, *notes]))
        return kernel

    def fork_bare(
        self, name: str, environment: Mapping[str, str], cwd: str, streams: tuple[int, int]
    ) -> tuple[Forked, socket.socket]:
        """Fork a process that is no kernel, after the shared cells; with the link to it.

        `name` is the kernel's, `environment` is what it would be given.

        Raises:
            ForkTroubleError: it can't be.
        """
        wanted = self.host.known.get(self._asked(name, environment, cwd))
        if self.share is None or wanted is None:
            raise ForkTroubleError("no kernel like it has been forked before")
        own = {MARK: environment[MARK]} if MARK in environment else {}
        kernel, link = self.share.bare(self.host, wanted, own, streams, scratch=self.scratch)
        self.told = self.share.told
        return self._forked(kernel), link

    def learn(self, name: str, environment: Mapping[str, str], cwd: str) -> None:
        """Note which kernel came of what was asked for."""
        if self._wanted is not None and self.kernel is not None:
            self.host.known[self._asked(name, environment, cwd)] = self._wanted

    def _asked(self, name: str, environment: Mapping[str, str], cwd: str) -> tuple[Any, ...]:
        kept = tuple(sorted((key, value) for key, value in environment.items() if key != MARK))
        return (name, kept, cwd, self.imports)

    def _after_cells(self, streams: tuple[int, int]) -> Forked | None:
        """A kernel that has the cells behind it that runs share; None where there is none."""
        if self.share is None or self._wanted is None:
            return None
        try:
            kernel = self.share.kernel(self.host, self._wanted, streams, scratch=self.scratch)
        except ForkTroubleError as trouble:
            self.note = f"{self.share.words} are not shared: {trouble}"
            return None
        self.told = self.share.told
        return kernel

    def plain(self, why: str) -> None:
        """It is a kernel of its own."""
        self.path, self.note = "plain", why

    def end(self) -> None:
        """The run is over: nothing of its kernel is left, and what it used is known."""
        self.stall.end()
        if self.kernel is not None:
            self.kernel.kill()
            with suppress(TimeoutExpired):
                self.kernel.wait(_ENDING)
            if self.kernel.returncode is None:
                self.host.end()
        self.host.end_strays()

    def trouble(self, outcome: Outcome) -> str:
        """Why a run is to be made again in a kernel of its own: the forked one did not come to its end; "" where it is not."""
        if outcome.over_time:
            return ""
        if self.unfit:
            return self.unfit
        if self.kernel is None:
            return ""
        what = "process" if self.bare else "kernel"
        if self.stall.hung:
            return f"the forked {what} did nothing for long"
        if outcome.start_failed:
            self.host.refuse(self._wanted, "a forked kernel does not start") if self._wanted else None
            return "the forked kernel did not start"
        return f"the forked {what} died" if outcome.died else ""
