"""Boosters are asked with a data set of their own; the proof wants the rows that it was made from."""

from __future__ import annotations

import sys
from typing import Any

_MADE = "_nb2svc_made"
_KINDS = ("DMatrix", "QuantileDMatrix")


def remember_rows() -> None:
    """From now on each `xgboost.DMatrix` knows its rows. Call it when the project, and so xgboost, is imported."""
    library = sys.modules.get("xgboost.core")
    for name in _KINDS if library is not None else ():
        kind = getattr(library, name, None)
        if kind is not None and "__init__" in vars(kind) and not hasattr(kind.__init__, _MADE):
            _remember(kind)


def _remember(kind: Any) -> None:
    original = kind.__init__

    def made(self: Any, data: Any, *args: Any, **options: Any) -> None:
        original(self, data, *args, **options)
        vars(self)[_MADE] = (data, args, options)

    setattr(made, _MADE, True)
    kind.__init__ = made


def rows_in(value: Any) -> Any:
    """The rows of a data set; anything else is its own rows."""
    return vars(value)[_MADE][0] if _holds(value) else value


def with_rows(value: Any, rows: Any) -> Any:
    """A data set like `value` of other rows; anything else is replaced by the rows."""
    if not _holds(value):
        return rows
    _, args, options = vars(value)[_MADE]
    return type(value)(rows, *args, **options)


def _holds(value: Any) -> bool:
    return _MADE in getattr(value, "__dict__", {})
