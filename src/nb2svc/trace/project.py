"""The projects that a log's frames belong to, found by name, by the frames' own paths, or here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nb2svc.errors import UsageError
from nb2svc.trace.frames import Frame
from nb2svc_runtime.version import content_version

_MAP = Path("_nb2svc") / "line_map.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the author's lines; `in_file` is where an editor finds it in a script, or ""."""

    notebook: str
    title: str
    cell: int
    line: int
    text: str
    in_file: str = ""

    def __str__(self) -> str:
        """Such as `loans.ipynb, cell 3 "applicant", line 2`."""
        return f"{self.notebook}, {self.title}, line {self.line}{self.in_file}"


class TracedProject:
    """A built project's line map. `package_dir` is the folder that its modules lie in."""

    def __init__(self, package_dir: Path) -> None:
        self.package_dir = package_dir
        self.package = package_dir.name
        try:
            records = json.loads((package_dir / _MAP).read_bytes())
            origin = json.loads((package_dir / "_nb2svc" / "origin.json").read_bytes())
            self._lines: dict[tuple[str, int], Mapping[str, Any]] = {
                (Path(each["file"]).stem, each["line"]): each for each in records
            }
            self.notebook: str = origin["notebook"]
            self.notebook_digest: str = origin["notebook_digest"]
            self._cells: Mapping[str, Mapping[str, Any]] = origin.get("cells", {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"the line map of {self.package} can't be read",
                where=str(package_dir / _MAP),
                why=f"{type(error).__name__}: {error}",
                fix="build the project again, or name another one with --project",
            ) from error

    @cached_property
    def version(self) -> str:
        """The build's version, as the service says it."""
        return content_version(self.package_dir)

    @property
    def modules(self) -> frozenset[str]:
        """The modules that hold lines of the author's."""
        return frozenset(module for module, _ in self._lines)

    def place(self, module: str, line: int) -> Place | None:
        """Where in the notebook a generated line comes from; None for a line of ours."""
        record = self._lines.get((module, line))
        if record is None:
            return None
        number = int(record["cell"])
        cell = self._cells.get(str(number), {})
        first = cell.get("file_line", 0)
        return Place(
            notebook=self.notebook,
            title=cell.get("title", f"cell {number}"),
            cell=number,
            line=int(record["cell_line"]),
            text=str(record.get("text") or self.source(module, line)).strip(),
            in_file=f" ({self.notebook}:{first + int(record['cell_line']) - 1})" if first else "",
        )

    def source(self, module: str, line: int) -> str:
        """The text of a generated line, without its indentation; "" where there is no such line."""
        lines = self._sources.setdefault(module, _lines(self.package_dir / f"{module}.py"))
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""

    @cached_property
    def _sources(self) -> dict[str, list[str]]:
        return {}


class Projects:
    """Which project a frame belongs to. `given` is the one that a person named, `here` the folder to look in."""

    def __init__(self, *, given: Path | None, here: Path) -> None:
        self._given = TracedProject(_package_dir(given)) if given is not None else None
        self._here = here
        self._known: dict[tuple[str, str], TracedProject | None] = {}

    @property
    def found(self) -> tuple[TracedProject, ...]:
        """The projects that there were frames of, or that was named."""
        projects = (self._given, *self._known.values())
        return tuple({project.package_dir: project for project in projects if project}.values())

    def of(self, frame: Frame) -> TracedProject | None:
        """The project of a frame; None where it is of none that can be found."""
        if self._given is not None and frame.package == self._given.package:
            return self._given
        key = (frame.package, frame.path[: -len(frame.module) - 4])
        if key not in self._known:
            folder = self._folder(frame) if self._given is None else None
            self._known[key] = TracedProject(folder) if folder else None
        return self._known[key]

    def _folder(self, frame: Frame) -> Path | None:
        if not frame.package.isidentifier():
            return None
        beside = Path(frame.path).parent
        near = [self._here / frame.package, *sorted(self._here.glob(f"*/{frame.package}"))]
        return next((folder.resolve() for folder in (beside, *near) if _is_file(folder / _MAP)), None)


def _package_dir(project: Path) -> Path:
    """The package's folder in a project, or in what a bento unpacks to."""
    found = sorted(project.glob(f"*/{_MAP}")) or sorted(project.glob(f"src/*/{_MAP}"))
    if found:
        return found[0].parents[1].resolve()
    why = "nothing lies at that path" if not project.exists() else "it holds no package with a line map"
    raise UsageError(
        f"{project.name} is no built project", where=str(project), why=why, fix="name the folder that nb2svc build wrote"
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return []
