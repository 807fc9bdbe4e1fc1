"""What libraries found out before a kernel was forked is handed on while nothing was installed or searched since."""

import functools
import importlib.metadata
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from nb2svc.validate.forking.side import known


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the search path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def module_of(*answers: str) -> types.ModuleType:
    """A module that asks for something once, and gets these answers, were it to ask again."""
    module, left = types.ModuleType("asks"), list(answers)

    @functools.cache
    def find() -> str:
        return left.pop(0)

    module.find = find  # type: ignore[attr-defined]
    known._find_out(module, "find")
    return module


def test_what_was_found_out_is_handed_on(place: Path):
    module = module_of("before")
    assert [module.find(), module.find()] == ["before", "before"]
    (place / "later.dist-info").mkdir()
    # A library keeps its first answer, too.
    assert module.find() == "before"
    assert module.find.cache_info().currsize == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / "new.dist-info").mkdir(),
        lambda place: sys.path.insert(0, str(place.parent)),
        lambda place: sys.path.remove(str(place)),
        lambda place: place.rename(place.with_name("gone")),
    ],
    ids=["installed", "searched", "not searched", "gone"],
)
def test_it_is_asked_again_when_something_else_may_be_found(place: Path, change: Callable[[Path], None]):
    module = module_of("before", "after")
    change(place)
    assert [module.find(), module.find()] == ["after", "after"]


def test_what_can_not_be_found_out_is_left_to_the_kernel():
    module = types.ModuleType("asks")

    @functools.cache
    def find() -> str:
        raise OSError("not now")

    module.find = find  # type: ignore[attr-defined]
    known._find_out(module, "find")
    assert module.find is find
    known._find_out(None, "find")
    known._find_out(types.ModuleType("another"), "find")


def test_the_functions_that_are_known_are_there():
    plugins = pytest.importorskip("narwhals.plugins")
    for name, function in known._FOUND_OUT:
        assert name == plugins.__name__
        assert list(getattr(plugins, function)()) == list(importlib.metadata.entry_points(group="narwhals.plugins"))
