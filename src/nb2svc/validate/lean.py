"""Imports papermill and what it runs notebooks by, without what both would load beside it and no run ever asks for.

In a worker, which has its interpreter to itself. What is left out takes longer than the rest: jsonschema compiles a grammar of
IRIs to check texts that call themselves one, and papermill loads the clients of the stores that it could write to.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Each is tried, and done without. By jsonschema: for formats that nbformat's schemas do not name.
_FORMATS = (
    *("fqdn", "rfc3986_validator", "rfc3987", "rfc3987_syntax", "rfc3339_validator", "webcolors", "jsonpointer"),
    *("uri_template", "isoduration"),
)
# By papermill: for notebooks at URLs. A run is given its notebook, and what it leaves is written by us.
_STORES = ("boto3", "azure", "gcsfs", "pyarrow", "github")
# Imported by their name only; whoever asks one for something loads it then.
_LATE = ("requests",)


class _Late(ModuleType):
    """Stands for a module until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def import_engine() -> None:
    """Import what makes a run."""
    late: dict[str, ModuleType | None] = {name: _Late(name) for name in _LATE}
    with _unextended(), _in_place_of({**dict.fromkeys((*_FORMATS, *_STORES)), **late}):
        import nb2svc.capture.engine  # noqa: F401
    _write_where_asked()


def _write_where_asked() -> None:
    """Have the text of an executed notebook made only where papermill is to write it: what a run leaves, we write."""
    from papermill import execute

    write = execute.write_ipynb

    def write_ipynb(notebook: Any, path: str | None) -> None:
        if path is not None:
            write(notebook, path)

    execute.write_ipynb = write_ipynb


@contextmanager
def _unextended() -> Iterator[None]:
    """Meanwhile papermill does not read what every installed package says of itself, for engines and stores of others."""
    try:
        entrypoints: Any = importlib.import_module("entrypoints")
    except ImportError:
        yield
        return
    asked, entrypoints.get_group_all = entrypoints.get_group_all, lambda *_, **__: []
    try:
        yield
    finally:
        entrypoints.get_group_all = asked


@contextmanager
def _in_place_of(others: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Meanwhile whoever imports such a module gets the other one, but where it is there already; None is not found."""
    ours = {name: other for name, other in others.items() if name not in sys.modules}
    sys.modules.update(ours)  # type: ignore[arg-type]  # None is what Python itself keeps there
    try:
        yield
    finally:
        for name, other in ours.items():
            if sys.modules.get(name) is other:
                sys.modules.pop(name, None)
