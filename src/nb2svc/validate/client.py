"""The cells of one validation run: checks are told apart from failures, and metrics are read where their cells end.

A failed check does not hide what other checks say: of the cells after it those run that a check or a metric needs, and no others,
for the author wrote the check to stop them.
"""

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import RECORDER
from nb2svc.capture.engine import Client, Session
from nb2svc.errors import InternalError
from nb2svc.validate.watched import Watched

_KERNEL_SIDE = Path(__file__).with_name("kernel_side.py")
_BOOT = """
def __nb2svc_boot__():
    import builtins, types
    side = types.ModuleType("nb2svc_validate_side")
    exec(compile({side!r}, "nb2svc_validate_side.py", "exec"), side.__dict__)
    side.start(get_ipython(), builtins.{recorder})
__nb2svc_boot__(); del __nb2svc_boot__
"""
_PASSED: Mapping[str, Any] = {}


@dataclass(slots=True, kw_only=True)
class Seen:
    """What came: what each check cell said that ran (nothing where it passed), metrics that were read by name, and what
    both come to by segment.
    """

    checks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    segments: Mapping[str, Any] | None = None


class ValidationClient(Client):
    """A client that goes on after a failed check."""

    def __init__(
        self,
        nb_man: Any,
        session: Session,
        *,
        watched: Watched,
        seen: Seen,
        started: Callable[[int], None],
        heard: Callable[[str], None],
        **traits: Any,
    ) -> None:
        super().__init__(nb_man, session, **traits)
        self._watched = watched
        self._seen = seen
        self._kernel_started = started
        self._heard = heard

    def run_cells(self) -> None:
        """Run the cells in order, then evaluate checks and metrics by segment where the run came to its end."""
        segments = self._watched.segments
        if self._run_down() and segments is not None:
            self._seen.segments = segments.evaluate(self._watched, silently=self.silently, ask=self.told_json)

    def _run_down(self) -> bool:
        """Run the cells, down to the first that fails and is no check; whether there was none."""
        from nbclient.exceptions import CellExecutionError

        self._kernel_started(self.km.provisioner.pid)
        self.start_assertions()
        stopped = False
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code" or (stopped and cell.id not in self._watched.wanted):
                continue
            self.nb_man.cell_start(cell, index)
            self._heard(cell.id)
            is_check = cell.id in self._watched.checks
            try:
                if is_check:
                    self.begin_check(cell.id)
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                if not is_check or self.session.outcome.over_time:
                    return False
                stopped = True
                self._seen.checks[cell.id] = self._failed(error)
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            self._heard("")
            self.measure(cell.id)
            if cell.id in self.session.outcome.ended:
                self._seen.checks.setdefault(cell.id, _PASSED)
            elif cell.id not in self._seen.checks and cell.source.strip():
                # It neither ended nor raised: `sys.exit` was called in it.
                return False
        return True

    def start_assertions(self) -> None:
        """Have the kernel note what failed assertions compared."""
        reply = self.silently(_BOOT.format(side=_KERNEL_SIDE.read_text(encoding="utf-8"), recorder=RECORDER))
        if reply["status"] != "ok":
            raise InternalError("the recorder of checks can't start in the kernel", details=json.dumps(reply, indent=1)[:4000])

    def begin_check(self, identifier: str) -> None:  # noqa: ARG002 - a client that shares cells asks
        """The cell that runs next is a check."""
        self.silently(f"{RECORDER}.assertions.begin()")

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Note that the kernel is alive."""
        self._heard(cell["id"])
        return super().process_message(msg, cell, cell_index)

    def _failed(self, error: Any) -> Mapping[str, Any]:
        told = self.told_json(f"{RECORDER}.assertions.tell()")
        return told or {"name": error.ename, "message": error.evalue, "line": 0, "values": [], "test": ""}

    def measure(self, identifier: str) -> None:
        """Read the metrics that a cell's tag asks for by name."""
        names = self._watched.metrics.get(identifier, ())
        if names:
            self._seen.metrics.update(self.told_json(f"{RECORDER}.measure({list(names)!r})") or {})

    def told_json(self, expression: str) -> Any:
        """The JSON value that an expression in the kernel gives as text; None where it gives none."""
        text = self.told(expression)
        return json.loads(text) if text is not None else None

    def told(self, expression: str) -> str | None:
        """The text that an expression in the kernel gives; None where it gives none."""
        reply = self.silently("", user_expressions={"told": expression})
        found = reply.get("user_expressions", {}).get("told", {})
        if found.get("status") != "ok":
            return None
        return str(ast.literal_eval(found["data"]["text/plain"]))
