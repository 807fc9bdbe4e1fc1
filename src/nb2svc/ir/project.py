"""The generated tree, in memory until it is written."""

from dataclasses import dataclass

from nb2svc.ir.draft import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """One file: POSIX path relative to the project's root, and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOrigin:
    """Where a generated line came from: file, line (from 1), and the notebook's cell, line and statement number."""

    file: str
    line: int
    cell: int
    cell_line: int
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A generated project: `package` is its import name; files sorted by path; the line map of the author's lines.

    `marks` are the comments of a draft; a project that is written has none.
    """

    package: str
    files: tuple[ProjectFile, ...]
    lines: tuple[LineOrigin, ...]
    marks: tuple[Mark, ...] = ()

    def file(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            KeyError: no such path in the project.
        """
        for entry in self.files:
            if entry.path == path:
                return entry.content
        raise KeyError(path)
