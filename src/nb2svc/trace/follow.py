"""The log line by line, with what the line maps say of it, and the failures counted by place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nb2svc.trace.frames import Frame, frames_in
from nb2svc.trace.incidents import Incident, Incidents
from nb2svc.trace.project import Place, Projects, TracedProject
from nb2svc.trace.text import open_line, time_in


@dataclass(slots=True, kw_only=True)
class Failure:
    """What failed alike: the author's line, the exception's type, and how often.

    `module` and `module_line` are the generated line. `stale` says why the line map may be of another build, or "".
    """

    project: TracedProject
    place: Place
    module: str
    module_line: int
    kind: str
    count: int = 0
    first: str = ""
    last: str = ""
    stale: str = ""


@dataclass(slots=True, kw_only=True)
class Traced:
    """All of a log: its lines, its tracebacks, those that came through the author's lines, and the services that it names."""

    lines: int = 0
    tracebacks: int = 0
    failures: dict[tuple[str, str, int, str], Failure] = field(default_factory=dict)
    services: set[str] = field(default_factory=set)

    @property
    def ordered(self) -> list[Failure]:
        """The most frequent first."""
        return sorted(self.failures.values(), key=lambda each: (-each.count, each.module, each.module_line, each.kind))


def follow(
    lines: Iterable[str], projects: Projects, traced: Traced, *, on_line: Callable[[int], None] | None = None
) -> Iterator[str]:
    """Each line as it is, followed by one for each frame of the author's; `traced` is filled meanwhile.

    File "/srv/loans/features.py", line 12, in applicant
      → loans.ipynb, cell 3 "applicant", line 2: loans = loans.merge(regions)
    """
    incidents = Incidents()
    traced.services = incidents.services
    before = ""
    for line in lines:
        traced.lines += 1
        if on_line:
            on_line(len(line))
        yield line if line.endswith("\n") else f"{line}\n"
        # Most lines of a long log are neither in a traceback nor speak of one.
        if not incidents.inside and not any(word in line for word in (".py", "Traceback", ", notebook ")):
            before = line
            continue
        if before:
            incidents.note_time(time_in(before))
            before = ""
        opened = open_line(line.rstrip("\r\n"))
        for text in opened.texts:
            for frame in frames_in(text):
                said = _said(frame, projects, incidents.builds)
                if said:
                    yield f"{' ' * (4 if opened.wrapped else frame.column + 2)}→ {said}\n"
        for incident in incidents.feed(opened):
            _count(incident, projects, traced)
    for incident in incidents.end():
        _count(incident, projects, traced)


def _said(frame: Frame, projects: Projects, builds: Mapping[str, str]) -> str:
    project = projects.of(frame)
    if project is None or frame.module not in project.modules:
        return ""
    place = project.place(frame.module, frame.line)
    said = f"{place}: {place.text}" if place else f"a line that nb2svc wrote, not one of {project.notebook}"
    return (
        f"{said} (or near it: the log is of another build)"
        if builds.get(frame.package, project.version) != project.version
        else said
    )


def _count(incident: Incident, projects: Projects, traced: Traced) -> None:
    traced.tracebacks += 1
    for number in reversed(range(len(incident.frames))):
        frame = incident.frames[number]
        project = projects.of(frame)
        place = project.place(frame.module, frame.line) if project else None
        if project is None or place is None:
            continue
        key = (str(project.package_dir), frame.module, frame.line, incident.kind)
        failure = traced.failures.setdefault(
            key, Failure(project=project, place=place, module=frame.module, module_line=frame.line, kind=incident.kind)
        )
        failure.count += 1
        failure.first = failure.first or incident.time
        failure.last = incident.time or failure.last
        failure.stale = failure.stale or _stale(
            project, frame, build=incident.builds.get(project.package, ""), shown=incident.shown.get(number, "")
        )
        return


def _stale(project: TracedProject, frame: Frame, *, build: str, shown: str) -> str:
    """Why the project at hand is not the one that failed: its version, or the line that the traceback shows."""
    if build and build != project.version:
        return f"the log is of build {build}, the project in {project.package_dir.parent} is {project.version}"
    here = project.source(frame.module, frame.line)
    if shown and here and shown != here:
        return f"the traceback shows `{shown}` there, the project in {project.package_dir.parent} has `{here}`"
    return ""
