"""Tracebacks in a stream of lines, put together from their frames and counted by where they came from."""

import re
from dataclasses import dataclass, field

from nb2svc.trace.frames import Frame, build_in, frames_in, service_in
from nb2svc.trace.text import LogLine

_HEADER = "Traceback (most recent call last)"
_CHAINS = (
    "During handling of the above exception, another exception occurred",
    "The above exception was the direct cause of the following exception",
)
_KIND = re.compile(r"(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?=:\s|:?\s*$|\s\(trace=)")
_LEVELS = frozenset({"DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "NOTE", "TRACE"})
# So many other lines may stand between two of one traceback: several workers write into one log.
_PATIENCE = 20


@dataclass(slots=True, kw_only=True)
class Incident:
    """One exception: its frames with those of the exceptions that led to it, its type, and when.

    `shown` is the source line that the traceback prints below a frame, by the frame's place in `frames`. `builds` are the
    versions that the log named before it, by package.
    """

    frames: list[Frame] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    time: str = ""
    builds: dict[str, str] = field(default_factory=dict)


class Incidents:
    """Reads line by line; `feed` returns the incidents that have ended, `end` the last one.

    `services` are the packages that the log names as services, `builds` the version that it named last for each.
    """

    def __init__(self) -> None:
        self.services: set[str] = set()
        self.builds: dict[str, str] = {}
        self._current: Incident | None = None
        self._column = 0
        self._foreign = 0
        self._chained = False
        self._time = ""

    @property
    def inside(self) -> bool:
        """Whether a traceback may go on in the next line."""
        return self._current is not None

    def note_time(self, time: str) -> None:
        """When the line before was written; a traceback has no time of its own."""
        self._time = time or self._time

    def feed(self, line: LogLine) -> list[Incident]:
        """Take one line of the log."""
        self.note_time(line.time)
        ended = [incident for text in line.texts for incident in self._take(text)]
        # What a JSON record holds does not go on in the next one, unless each is one line of the program's output.
        return ended + self.end() if line.wrapped and len(line.texts) > 1 else ended

    def end(self) -> list[Incident]:
        """The incident that was being read."""
        incident, self._current, self._chained = self._current, None, False
        return [incident] if incident and incident.frames else []

    def _take(self, text: str) -> list[Incident]:
        self._note(text)
        start = text.find(_HEADER)
        if start >= 0:
            return self._begin(start)
        frames = list(frames_in(text))
        if frames:
            return self._frames(frames)
        return self._within(text) if self._current is not None else []

    def _note(self, text: str) -> None:
        build = build_in(text)
        if build:
            self.builds[build.package] = build.version
            self.services.add(build.package)
        service = service_in(text)
        if service:
            self.services.add(service)

    def _begin(self, column: int) -> list[Incident]:
        ended = [] if self._chained else self.end()
        if self._current is None:
            self._current = self._new()
        self._column, self._foreign, self._chained = column, 0, False
        self._current.kind = ""
        return ended

    def _frames(self, frames: list[Frame]) -> list[Incident]:
        ended: list[Incident] = []
        if self._current is not None and self._current.kind:
            ended = self.end()
        if self._current is None:
            if not any(frame.whole for frame in frames):
                return ended  # `features.py:12` alone may be anything: a logger says where it stands, too
            self._current = self._new()
            self._column = max(0, frames[0].column - 2)
        self._current.frames += frames
        self._foreign = 0
        return ended

    def _within(self, text: str) -> list[Incident]:
        """A line below a frame: its source, carets, the exception, or of somebody else."""
        incident = self._current
        assert incident is not None
        if any(words in text for words in _CHAINS):
            self._chained, self._foreign = True, 0
            return []
        rest = text[self._column :]
        if rest[:1].isspace() or not rest:
            last = len(incident.frames) - 1
            if rest.strip() and last >= 0 and not incident.kind:
                incident.shown.setdefault(last, rest.strip())
            return []
        found = _KIND.match(rest) if not incident.kind and incident.frames else None
        if found and found["kind"] not in _LEVELS and ("." in found["kind"] or found["kind"][0].isupper()):
            incident.kind = found["kind"]
            return []
        self._foreign += 1
        return self.end() if self._foreign > _PATIENCE else []

    def _new(self) -> Incident:
        return Incident(time=self._time, builds=dict(self.builds))
