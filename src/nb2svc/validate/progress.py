"""What a person sees while runs are made: how many are done, what failed, what runs now, and how long is left."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.progress import Progress, ProgressEvent, RunTold
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.system import clock
from nb2svc.validate.judge import label, varying
from nb2svc.validate.service.outcome import failure_of
from nb2svc.validate.slot import Event
from nb2svc.validate.task import RunTask

_WORDS = {"failed": "failed", "error": "broke", "timeout": "took too long", "died": "died"}


class Board:
    """Hears of runs from the executor's threads, and shows one line at a time.

    7 of 24 runs, 1 not well (last: seed=2 failed) · about 2 min left · now seed=3 in cell 5 "Fit" and 1 more
    """

    def __init__(
        self, specs: Iterable[RunSpec], *, notebook: Notebook, jobs: int, known: Mapping[str, RunResult], progress: Progress
    ) -> None:
        asked = tuple(specs)
        self._total = len(asked)
        self._names = varying(asked)
        self._numbers = {spec.key: number for number, spec in enumerate(asked, start=1)}
        self._notebook = notebook
        self.jobs = jobs
        self.notes: list[str] = []
        self._known = len(known)
        self._ended = list(known.values())
        self._now: dict[str, tuple[RunSpec, str]] = {}
        self._progress = progress
        self._begin = clock.seconds()
        self._lock = threading.Lock()
        self._say()
        for result in known.values():
            self._say(run=self._told_ended(result))

    def hear(self, task: RunTask, event: Event) -> None:
        """A run began, came to a cell, or was kept."""
        with self._lock:
            if event["event"] == "kept":
                self._now.pop(task.spec.key, None)
                return
            if event["event"] == "service":
                self._move(task.spec, doing=f" and its service: {event['text']}")
                self._say(run=self._told_running(task.spec))
                return
            cell = event.get("cell", 0) if event.get("state") == "started" else 0
            if event["event"] == "started" or cell:
                self._move(task.spec, doing=f" in {self._notebook.cell(cell).title}" if cell else "")
                self._say(cell or None, run=self._told_running(task.spec))

    def note(self, text: str) -> None:
        """Something that a person should know, now and at the end."""
        with self._lock:
            self.notes.append(text)
            self._progress(ProgressEvent(stage="run", text=text, done=len(self._ended), total=self._total))

    def restart(self, *, jobs: int, why: str) -> None:
        """All runs that were not known are made again, so many at a time."""
        with self._lock:
            del self._ended[self._known :]
            self._now.clear()
            self.jobs, self._begin = jobs, clock.seconds()
        self.note(why)

    def ended(self, result: RunResult) -> None:
        """A run is finished."""
        with self._lock:
            self._ended.append(result)
            self._say(run=self._told_ended(result))

    def _say(self, cell: int | None = None, *, run: RunTold | None = None) -> None:
        left = self._left()
        words = f"about {clock.readable(round(left))} left" if left is not None else ""
        text = " · ".join(filter(None, (self._counted(), words, self._running())))
        self._progress(
            ProgressEvent(stage="run", text=text, cell=cell, done=len(self._ended), total=self._total, run=run, left=left)
        )

    def _told_running(self, spec: RunSpec) -> RunTold:
        return RunTold(
            key=spec.key,
            number=self._numbers[spec.key],
            label=label(spec, self._names),
            status="running",
            values=tuple((each.name, each.shown) for each in spec.parameters if each.name in self._names),
            cells=len(self._notebook.cells),
        )

    def _told_ended(self, result: RunResult) -> RunTold:
        return replace(
            self._told_running(result.spec),
            status=result.status,
            seconds=result.seconds,
            path=result.path,
            path_note=result.path_note,
            reused=result.reused,
            checks=sum(not check.segment for check in result.checks),
            # That few rows can't tell is no failure.
            failed=tuple(
                check for check in result.checks if check.outcome != "pass" and (not check.segment or check.outcome == "fail")
            ),
            metrics=tuple(metric for metric in result.metrics if not metric.segment),
            failure=replace(failure, details="") if (failure := failure_of(result)) else None,
        )

    def _counted(self) -> str:
        bad = [result for result in self._ended if result.status in _WORDS]
        told = f", {len(bad)} not well (last: {label(bad[-1].spec, self._names)} {_WORDS[bad[-1].status]})" if bad else ""
        reused = f", {self._known} of an earlier run" if self._known else ""
        return f"{len(self._ended)} of {self._total} runs{reused}{told}"

    def _running(self) -> str:
        if not self._now:
            return ""
        spec, doing = list(self._now.values())[-1]
        more = f" and {len(self._now) - 1} more" if len(self._now) > 1 else ""
        return f"now {label(spec, self._names)}{doing}{more}"

    def _move(self, spec: RunSpec, *, doing: str) -> None:
        # The last that moved is the one that is shown.
        self._now.pop(spec.key, None)
        self._now[spec.key] = (spec, doing)

    def _left(self) -> float | None:
        made = len(self._ended) - self._known
        if made < self.jobs or len(self._ended) >= self._total:
            return None
        return round((clock.seconds() - self._begin) / made * (self._total - len(self._ended)), 1)
