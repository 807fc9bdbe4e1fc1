"""Which lines of one file ran, and from which line each went on to which: what branch coverage is counted from."""

from __future__ import annotations

import sys
from typing import Any, Dict, Set, Tuple

LEFT = -1  # the line after the last one of a call


class LineTrace:
    """A tracer for one file only; all other code runs at its own speed.

    with LineTrace("features.py") as trace: …
    trace.lines → {8, 9, 11}      trace.arcs → {(8, 9), (9, 11), (11, -1)}
    """

    def __init__(self, file: str) -> None:
        self.lines: Set[int] = set()
        self.arcs: Set[Tuple[int, int]] = set()
        self._file = file
        self._last: Dict[int, int] = {}
        self._before: Any = None

    def __enter__(self) -> "LineTrace":
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: Any, event: str, _argument: Any) -> Any:
        return self._line if event == "call" and frame.f_code.co_filename == self._file else None

    def _line(self, frame: Any, event: str, _argument: Any) -> Any:
        key = id(frame)
        if event == "line":
            self.lines.add(frame.f_lineno)
            if key in self._last:
                self.arcs.add((self._last[key], frame.f_lineno))
            self._last[key] = frame.f_lineno
        elif event == "return" and key in self._last:
            self.arcs.add((self._last.pop(key), LEFT))
        return self._line
