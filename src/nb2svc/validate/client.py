"""The cells of one validation run: checks are told apart from failures, and metrics are read where their cells end.

A failed check does not hide what other checks say: of the cells after it those run that a check or a metric needs, and no others,
for the author wrote the check to stop them.
"""

import ast
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import RECORDER
from nb2svc.capture.engine import Client, Session
from nb2svc.errors import InternalError
from nb2svc.validate.document import INJECTED_ID
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
# What is asked beside a cell, by the names that its answers have.
_BEGUN, _MEASURED, _LANGUAGE, _ROOM, _TOLD = "begun", "measured", "language", "room", "told"
_ASK_ROOM = f"str({RECORDER}.assertions.room)"
_BEGIN = f"{RECORDER}.assertions.begin()"
# As a kernel tells it that is asked for nothing else (ipykernel's kernel_info_request).
_ASK_LANGUAGE = "__import__('json').dumps(get_ipython().kernel.kernel_info['language_info'])"
_PASSED: Mapping[str, Any] = {}


@dataclass(slots=True, kw_only=True)
class Seen:
    """What came: what each check cell said that ran (nothing where it passed), metrics that were read by name, and what
    both come to by segment. `room` is how many calls its cells could make within each other (0: unknown).
    """

    checks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    segments: Mapping[str, Any] | None = None
    room: int = 0


class ValidationClient(Client):
    """A client that goes on after a failed check.

    A request costs a kernel and its client some milliseconds, as much as a small cell: what can be asked beside a cell, and what
    comes next prepared, is no request of its own. Where its reply does not say (a cell that fails is asked nothing), it is asked.
    """

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
        self._answers: Mapping[str, Any] = {}
        self._language: Mapping[str, Any] | None = None

    def execute(self, **given: Any) -> Any:
        """Run the notebook, as papermill does; what its language is was told with the end of the recorder."""
        self.reset_execution_trackers()
        with self.setup_kernel(**given):
            self.papermill_execute_cells()
            language = self._language or self.wait_for_reply(self.kc.kernel_info())["content"]["language_info"]
            self.nb.metadata["language_info"] = language
            self.set_widgets_metadata()
        return self.nb

    def finish(self, **more: Any) -> Any:
        """Have the recorder write what it saw, and note the notebook's language where it is not known."""
        if self._language is not None:
            return super().finish(**more)
        reply = super().finish(user_expressions={_LANGUAGE: _ASK_LANGUAGE, _ROOM: _ASK_ROOM}, **more)
        self._seen.room = int(_answer(reply.get("user_expressions"), _ROOM) or 0)
        text = _answer(reply.get("user_expressions"), _LANGUAGE)
        self._language = json.loads(text) if text else None
        return reply

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
            # The run's parameters are what it is made with, also where a check above them fails.
            if cell.cell_type != "code" or (stopped and cell.id not in {*self._watched.wanted, INJECTED_ID}):
                continue
            self.nb_man.cell_start(cell, index)
            self._heard(cell.id)
            is_check = cell.id in self._watched.checks
            try:
                if is_check and not self._is_begun():
                    self.begin_check(cell.id)
                with self._asking(self._beside(index, prepares=not stopped)):
                    self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                if not is_check or self.session.outcome.over_time:
                    return False
                stopped = True
                self._seen.checks[cell.id] = self._failed(error.ename, error.evalue)
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            self._heard("")
            self.measure(cell.id)
            if cell.id in self.session.outcome.ended:
                self._seen.checks.setdefault(cell.id, self._passed(cell) if is_check else _PASSED)
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
        self.silently(_BEGIN)

    def _beside(self, index: int, *, prepares: bool) -> Mapping[str, str]:
        """What is asked beside that cell: its metrics, and to prepare a check that comes next."""
        names = self._watched.metrics.get(self.nb.cells[index].id)
        asked = {_MEASURED: _measuring(names)} if names else {}
        following = next((cell for cell in self.nb.cells[index + 1 :] if cell.cell_type == "code"), None)
        if prepares and following is not None and following.id in self._watched.checks:
            asked[_BEGUN] = f"{_BEGIN} or ''"
        return asked

    def _is_begun(self) -> bool:
        """Whether the cell before has prepared this one, a check."""
        return _answer(self._answers, _BEGUN) is not None

    @contextmanager
    def _asking(self, expressions: Mapping[str, str]) -> Iterator[None]:
        """Meanwhile a request asks that, too."""
        kernel, self._answers = self.kc, {}
        kernel.execute = partial(kernel.execute, user_expressions=dict(expressions))
        try:
            yield
        finally:
            del kernel.execute

    def _ended(self, cell: Any, execute_reply: Any, **named: Any) -> None:
        self._answers = execute_reply["content"].get("user_expressions") or {}
        super()._ended(cell, execute_reply, **named)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Note that the kernel is alive."""
        self._heard(cell["id"])
        return super().process_message(msg, cell, cell_index)

    def _passed(self, cell: Any) -> Mapping[str, Any]:
        """Nothing where a check held; one that the run goes on after (tag raises-exception) may have failed all the same."""
        raised = next((output for output in cell.outputs if output.output_type == "error"), None)
        return self._failed(raised.ename, raised.evalue) if raised else _PASSED

    def _failed(self, name: str, message: str) -> Mapping[str, Any]:
        told = self.told_json(f"{RECORDER}.assertions.tell()")
        return told or {"name": name, "message": message, "line": 0, "values": [], "test": ""}

    def measure(self, identifier: str) -> None:
        """Read the metrics that a cell's tag asks for by name."""
        names = self._watched.metrics.get(identifier, ())
        if names:
            text = _answer(self._answers, _MEASURED) or self.told(_measuring(names))
            self._seen.metrics.update(json.loads(text) if text else {})

    def told_json(self, expression: str) -> Any:
        """The JSON value that an expression in the kernel gives as text; None where it gives none."""
        text = self.told(expression)
        return json.loads(text) if text is not None else None

    def told(self, expression: str) -> str | None:
        """The text that an expression in the kernel gives; None where it gives none."""
        return _answer(self.silently("", user_expressions={_TOLD: expression}).get("user_expressions"), _TOLD)


def _measuring(names: Sequence[str]) -> str:
    return f"{RECORDER}.measure({list(names)!r})"


def _answer(answers: Mapping[str, Any] | None, name: str) -> str | None:
    """The text that an expression gave; None where it gave none."""
    found = (answers or {}).get(name, {})
    return str(ast.literal_eval(found["data"]["text/plain"])) if found.get("status") == "ok" else None
