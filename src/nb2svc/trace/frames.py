"""Frames of tracebacks in text, wherever the project was installed and whatever stands before them on the line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# As Python writes them (in a string inside a string the quotes are escaped), and as pytest and rich do.
_FRAME = re.compile(
    r"""File[ ]\\*"(?P<path>[^"\n]+?)\\*",[ ]line[ ](?P<line>\d+)
    |(?P<short>(?:[\w.~@+-]|[\\/]|:(?=[\\/]))+\.py):(?P<short_line>\d+)(?=:|\s|$)""",
    re.VERBOSE,
)
_BUILD = re.compile(r"\[(?P<package>\w+) (?P<version>[0-9a-f]{12}), notebook (?:[0-9a-f]{12}|unknown)\]")
_RUNTIME = re.compile(r"[\\/](?P<package>\w+)[\\/]+_nb2svc[\\/]")
_SEPARATOR = re.compile(r"[\\/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A line of a Python file; `package` is the folder's name, `module` the file's without its suffix.

    `column` is where the frame begins in its text. `whole` is True for a line as Python writes it.
    """

    path: str
    package: str
    module: str
    line: int
    column: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a service's own log says of its build: the package and its version."""

    package: str
    version: str


def frames_in(text: str) -> Iterator[Frame]:
    """The frames that a line of text names.

    '  File "/srv/app/loans/features.py", line 12, in applicant'
    → Frame(path="/srv/app/loans/features.py", package="loans", module="features", line=12, column=2, …)
    """
    if ".py" not in text:
        return
    for found in _FRAME.finditer(text):
        path = found["path"] or found["short"]
        parts = _SEPARATOR.split(path)
        if len(parts) > 1 and path.endswith(".py"):
            line = int(found["line"] or found["short_line"])
            yield Frame(
                path=path, package=parts[-2], module=parts[-1][:-3], line=line, column=found.start(), whole=bool(found["path"])
            )


def build_in(text: str) -> Build | None:
    """The build that a service's record names: `[loans 1a2b3c4d5e6f, notebook 9a8b7c6d5e4f]`."""
    found = _BUILD.search(text) if ", notebook " in text else None
    return Build(package=found["package"], version=found["version"]) if found else None


def service_in(text: str) -> str:
    """The package whose copy of the runtime a line names (`…/loans/_nb2svc/web.py`); "" where it names none."""
    found = _RUNTIME.search(text) if "_nb2svc" in text else None
    return found["package"] if found else ""
