"""One command that runs, waits or has ended for the panel."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from nb2svc.system import clock
from nb2svc_jupyter.server.jobs.commands import command_line
from nb2svc_jupyter.server.jobs.events import Events

State = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})


class Job:
    """`arguments` are those of a person's command line, as typed in `folder`; `path` is how Jupyter calls what it is about.

    `options` is what the arguments were made of, so that a form can be filled in again.
    """

    def __init__(self, arguments: tuple[str, ...], *, path: str, folder: Path, options: Mapping[str, Any]) -> None:
        self.id = secrets.token_hex(8)
        self.arguments = arguments
        self.path = path
        self.folder = folder
        self.options = options
        self.state: State = "queued"
        self.exit_code: int | None = None
        self.document: Mapping[str, Any] | None = None
        self.events = Events()
        self.cancelled = False
        self._created = clock.now()
        self._begin = 0.0
        self._started: datetime | None = None
        self._ended: datetime | None = None

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return clock.seconds() - self._begin if self._started else 0.0

    def begin(self) -> None:
        """It runs now."""
        self._started, self._begin = clock.now(), clock.seconds()
        self._become("running")

    def finish(self, exit_code: int | None, document: Mapping[str, Any] | None) -> None:
        """It has ended. A verdict that is no, without an error, is a result, too: a red blocker does not undo a build."""
        self.exit_code, self.document = exit_code, document
        self._ended = clock.now()
        told = document is not None and document.get("error") is None
        if exit_code == 0 or (exit_code == 1 and told):
            self._become("done")
        else:
            self._become("cancelled" if self.cancelled else "failed")

    def facts(self, *, position: int = 0, whole: bool = False) -> dict[str, Any]:
        """What is told of it; `position` is its place among those that wait, `whole` says whether its document is wanted."""
        return {
            "id": self.id,
            "command": self.arguments[0],
            "path": self.path,
            "options": self.options,
            "command_line": command_line(self.arguments),
            "state": self.state,
            "position": position,
            "exit_code": self.exit_code,
            "created": self._created.isoformat(),
            "started": self._started.isoformat() if self._started else None,
            "ended": self._ended.isoformat() if self._ended else None,
            "seconds": round(self.seconds, 2) if self.state == "running" else self._took(),
            "document": self.document if whole else None,
        }

    def _took(self) -> float:
        return (self._ended - self._started).total_seconds() if self._ended and self._started else 0.0

    def _become(self, state: State) -> None:
        self.state = state
        self.events.add({"state": state, "seconds": round(self.seconds, 2)})
