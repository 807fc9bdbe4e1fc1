"""Results of earlier builds: recalled where all that they depend on is the same, and never where they were damaged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nb2svc.system.memo import Memo, opened, sealed


class Made:
    """Makes a value, and counts how often."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.times = 0

    def __call__(self) -> Any:
        self.times += 1
        return self.value


@pytest.fixture
def memo(tmp_path: Path) -> Callable[..., Memo]:
    def one(*, fresh: bool = False, **base: object) -> Memo:
        return Memo(folder=tmp_path / "results", fresh=fresh, base={"compiler": "x", **base})

    return one


def test_what_depends_on_the_same_is_made_once(memo: Callable[..., Memo]) -> None:
    make = Made({"rows": [1, 2.5, None]})
    first, second = memo(), memo()
    assert first.stage("proof", {"code": "a"}, make) == second.stage("proof", {"code": "a"}, make) == make.value
    assert make.times == 1
    assert [stage.reused for stage in (*first.ran, *second.ran)] == [False, True]
    assert second.ran[0].made == first.ran[0].made


@pytest.mark.parametrize(
    ("base", "kind", "depends"),
    [({"compiler": "y"}, "proof", {"code": "a"}), ({}, "checks", {"code": "a"}), ({}, "proof", {"code": "b"})],
)
def test_what_depends_on_another_thing_is_made_again(
    memo: Callable[..., Memo], base: dict[str, str], kind: Any, depends: dict[str, str]
) -> None:
    make = Made([1])
    memo().stage("proof", {"code": "a"}, make)
    memo(**base).stage(kind, depends, make)
    assert make.times == 2


def test_fresh_makes_it_again_and_keeps_that(memo: Callable[..., Memo]) -> None:
    memo().recall("proof", {}, Made("old"))
    assert memo(fresh=True).recall("proof", {}, Made("new")) == "new"
    assert memo().recall("proof", {}, Made("never")) == "new"


def test_what_must_not_be_kept_is_not(memo: Callable[..., Memo]) -> None:
    make = Made({"status": "fail"})
    for _ in range(2):
        memo().recall("proof", {}, make, keep=lambda value: value["status"] != "fail")
    assert make.times == 2


def test_without_a_base_nothing_is_recalled(tmp_path: Path) -> None:
    make = Made(1)
    for _ in range(2):
        Memo(folder=tmp_path).recall("proof", {}, make)
    assert make.times == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "empty", "changed", "of another", "no JSON", "another form", "folder"])
def test_a_damaged_result_is_told_and_made_again(memo: Callable[..., Memo], tmp_path: Path, damage: str) -> None:
    memo().recall("proof", {}, Made("good"))
    (path,) = (tmp_path / "results").glob("proof-*.json")
    content = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage == "of another":
        path.write_bytes(sealed({"key": "another", "made": "2026-11-26T00:00:00+00:00", "value": "bad"}))
    else:
        spoiled = {
            "cut": content[:-9],
            "empty": b"",
            "changed": content.replace(b"good", b"evil"),
            "no JSON": b"\xff{",
            "another form": b"[1]",
        }
        path.write_bytes(spoiled[damage])
    told: list[str] = []
    again = memo()
    again.tell = told.append
    assert again.stage("proof", {}, Made("good")) == "good"
    assert len(told) == 1
    assert told[0].startswith(path.name)
    assert again.ran[0].reused is False
    assert again.ran[0].why == told[0]


def test_files_are_recalled_byte_for_byte_and_a_damaged_one_is_made_again(memo: Callable[..., Memo], tmp_path: Path) -> None:
    make = Made({"m/model.skops": b"\x00\xff", "m/state.json": b"{}"})
    for _ in range(2):
        assert dict(memo().files("packing", {}, make)) == make.value
    assert make.times == 1
    for damage in (lambda path: path.write_bytes(b"evil"), lambda path: path.unlink()):
        damage(next((tmp_path / "results" / "files").iterdir()))
        assert dict(memo().files("packing", {}, make)) == make.value
        assert dict(memo().files("packing", {}, make)) == make.value
    assert make.times == 3


def test_files_that_no_result_names_any_more_go(memo: Callable[..., Memo], tmp_path: Path) -> None:
    for number in range(6):
        memo().files("packing", {"number": number}, Made({"model": b"%d" % number, "state": b"{}"}))
    assert len(list((tmp_path / "results").glob("packing-*.json"))) == 3
    assert len(list((tmp_path / "results" / "files").iterdir())) == 4, "three models, and the one state that they share"


def test_results_are_private(memo: Callable[..., Memo], tmp_path: Path) -> None:
    memo().recall("proof", {}, Made(1))
    memo().files("packing", {}, Made({"a": b"x"}))
    for path in (tmp_path / "results").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_only_the_newest_results_of_a_kind_stay(memo: Callable[..., Memo], tmp_path: Path) -> None:
    memo().recall("other", {}, Made(1))
    for number in range(45):
        memo().recall("proof", {"number": number}, Made(number))
    assert len(list((tmp_path / "results").glob("proof-*.json"))) == 40
    assert len(list((tmp_path / "results").glob("other-*.json"))) == 1


def test_a_seal_holds_for_what_was_written_only() -> None:
    assert opened(sealed({"a": [1.5, "ü", None]})) == {"a": [1.5, "ü", None]}
    assert opened(sealed({"a": 1}).replace(b"1}", b"2}")) is None
