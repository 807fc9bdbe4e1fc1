"""The client of a run whose first cells were run once for many: they are copied, and the kernel goes on after them."""

import json
from typing import Any

from nb2svc.capture.copy import RECORDER
from nb2svc.validate.client import ValidationClient
from nb2svc.validate.document import INJECTED_ID
from nb2svc.validate.forking.warm import Told
from nb2svc.validate.forking.way import Way


class SharedClient(ValidationClient):
    """Where the kernel was not forked after the cells after all, it runs all of them."""

    def __init__(self, *arguments: Any, way: Way, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._way = way

    def start_recorder(self) -> None:
        """The recorder has run since the first cell: it goes on for this run."""
        from nbclient.exceptions import DeadKernelError

        adoption, told = self._way.adoption, self._told
        if self._way.kernel is None:
            super().start_recorder()
            return
        if told is None or adoption is None:
            # It has run since the kernel began.
            return
        folder = self.session.run.config["folder"]
        source = adoption.source if INJECTED_ID in told.counts else ""
        asked = {"folder": folder, "source": source, "shown": adoption.shown, "compares": adoption.compares}
        contents = self.told_json(f"{RECORDER}.shared.adopt({json.dumps(asked)!r})")
        if adoption.compares and contents is not None:
            names = sorted({*contents, *told.contents})
            adoption.unlike = next((name for name in names if contents.get(name) != told.contents.get(name)), "")
        if contents is None or adoption.unlike:
            raise DeadKernelError("the kernel can't go on after the shared cells")

    def start_assertions(self) -> None:
        """In a forked kernel they are watched since the recorder's start."""
        if self._way.kernel is None:
            super().start_assertions()

    def begin_check(self, identifier: str) -> None:
        """A check that has run is not begun."""
        if not self._is_shared(identifier):
            super().begin_check(identifier)

    def execute_cell(self, cell: Any, cell_index: int, *more: Any, **named: Any) -> Any:
        """Run a cell, or say of it what was said when it was run for all."""
        told = self._told
        if told is None or cell.id not in told.counts or self._way.adoption is None:
            return super().execute_cell(cell, cell_index, *more, **named)
        cell.execution_count = told.counts[cell.id]
        cell.outputs = [self._output(output) for output in told.outputs[cell.id]]
        cell.metadata["nb2svc"] = {"reused_from": self._way.adoption.origin}
        self.session.outcome.ended.append(cell.id)
        self.session.run.on_cell(cell.id, "ended")
        return cell

    def measure(self, identifier: str) -> None:
        """Read the metrics of a cell that has run."""
        if self._told is not None and self._is_shared(identifier):
            self._seen.metrics.update(self._told.metrics[identifier])
        else:
            super().measure(identifier)

    @property
    def _told(self) -> Told | None:
        return self._way.told

    def _is_shared(self, identifier: str) -> bool:
        return self._told is not None and identifier in self._told.counts

    @staticmethod
    def _output(output: Any) -> Any:
        import nbformat

        return nbformat.from_dict(json.loads(json.dumps(output)))  # type: ignore[no-untyped-call]
