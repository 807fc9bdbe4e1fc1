"""Where in the notebook an exception came from, and its traceback without what it says of values."""

import json
import logging
import traceback
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .version import content_version

_log = logging.getLogger("nb2svc")
# A recursion without end has a thousand frames: the first few and the last ones tell it.
_FIRST, _LAST = 15, 35
# So many different failures of one request are told.
_MOST = 20
_BETWEEN = {
    "cause": "\nThe above exception was the direct cause of the following exception:\n",
    "context": "\nDuring handling of the above exception, another exception occurred:\n",
}


class Origins:
    """The line map of the project that a folder `_nb2svc` lies in; read when it is first asked, and never a reason to fail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: Optional[Dict[Tuple[str, int], Dict[str, Any]]] = None
        self._origin: Dict[str, Any] = {}
        self._build = ""

    def place(self, error: BaseException) -> "Optional[Place]":
        """The author's line that was running, of all that the exception came through the last; None where there is none."""
        lines = self._read()
        home = self._folder.parent
        for each, _ in reversed(list(_chain(error))) if lines else ():
            for frame in reversed(traceback.extract_tb(each.__traceback__)):
                path = Path(frame.filename)
                found = lines.get((path.name, frame.lineno or 0))
                if found and path.resolve().parent == home:
                    return Place(found, self._origin)
        return None

    def build(self) -> str:
        """Which build this is, for whoever reads the log later: `loans 1a2b3c4d5e6f, notebook 9a8b7c6d5e4f`."""
        self._read()
        return self._build

    def _read(self) -> Dict[Tuple[str, int], Dict[str, Any]]:
        if self._lines is None:
            lines = {}
            try:
                lines = {(Path(each["file"]).name, each["line"]): each for each in _json(self._folder / "line_map.json") or ()}
                self._origin = _json(self._folder / "origin.json") or {}
                self._build = self._named()
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                _log.warning("the line map can't be read: %s", type(error).__name__)
            self._lines = lines
        return self._lines

    def _named(self) -> str:
        package = self._folder.parent
        digest = str(self._origin.get("notebook_digest", ""))[:12]
        return "{} {}, notebook {}".format(package.name, content_version(package), digest or "unknown")


class Place:
    """One of the author's lines: `cell` and `line` from 1, the notebook's name, the cell's title and the line's text."""

    def __init__(self, record: Dict[str, Any], origin: Dict[str, Any]) -> None:
        self.cell = record["cell"]
        self.line = record["cell_line"]
        self.text = str(record.get("text", "")).strip()
        self.notebook = str(origin.get("notebook", "the notebook"))
        cell = origin.get("cells", {}).get(str(self.cell), {})
        self.title = cell.get("title", "cell {}".format(self.cell))
        first = cell.get("file_line", 0)
        self.in_file = " ({}:{})".format(self.notebook, first + self.line - 1) if first else ""

    def __str__(self) -> str:
        """Such as `loans.ipynb, cell 3 "applicant", line 2: loans = loans.merge(regions)`."""
        said = "{}, {}, line {}{}".format(self.notebook, self.title, self.line, self.in_file)
        return "{}: {}".format(said, self.text) if self.text else said


class Faults:
    """What the rows of one request failed with: each place once, with the number of rows, however many there are."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._seen: Dict[Tuple[str, str], List[Any]] = {}

    def add(self, error: BaseException) -> None:
        """Count one row's exception; nothing of it is kept but text that holds no value."""
        key = (_name(error), str(self._origins.place(error) or ""))
        if key in self._seen:
            self._seen[key][0] += 1
        elif len(self._seen) < _MOST:
            self._seen[key] = [1, told(error)]

    def tell(self, request_id: str, rows: int) -> None:
        """One record a place: its first line names the author's line and the build, below it is the traceback."""
        for (kind, place), (count, text) in self._seen.items():
            facts = {"exception": kind, "place": place, "rows": count, "request_id": request_id, "build": self._origins.build()}
            _log.warning(
                "%d of %d rows of request %s could not be computed: %s%s [%s]\n%s",
                count, rows, request_id or "-", kind, place and " in " + place, self._origins.build(), text,
                extra={"nb2svc": facts},
            )  # fmt: skip


def told(error: BaseException) -> str:
    """A traceback as Python writes it, but for the exceptions' messages: these can hold what a caller sent."""
    parts = []
    for each, link in _chain(error):
        frames = traceback.extract_tb(each.__traceback__)
        if len(frames) > _FIRST + _LAST:
            left = "  … {} frames left out\n".format(len(frames) - _FIRST - _LAST)
            shown = [*_format(frames[:_FIRST]), left, *_format(frames[-_LAST:])]
        else:
            shown = _format(frames)
        parts.append("{}Traceback (most recent call last):\n{}{}".format(link, "".join(shown), _name(each)))
    return "\n".join(parts)


def _format(frames: Any) -> List[str]:
    return traceback.StackSummary.from_list(frames).format()


def _chain(error: BaseException) -> Iterator[Tuple[BaseException, str]]:
    """An exception with those that led to it, the first of all first, and what Python writes between two."""
    found: List[Tuple[BaseException, str]] = []
    link = ""
    current: Optional[BaseException] = error
    while current is not None and len(found) < _MOST and all(current is not each for each, _ in found):
        if current.__cause__ is not None:
            earlier, link = current.__cause__, _BETWEEN["cause"]
        else:
            earlier = None if current.__suppress_context__ else current.__context__  # type: ignore[assignment]
            link = _BETWEEN["context"] if earlier is not None else ""
        found.append((current, link))
        current = earlier
    return reversed(found)


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else kind.__module__ + "." + kind.__qualname__


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


# The project's own: this file lies in its `_nb2svc`.
ORIGINS = Origins(Path(__file__).resolve().parent)

__all__ = ["Faults", "ORIGINS", "Origins", "Place", "told"]
