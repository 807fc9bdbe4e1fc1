"""`nb2svc cache` shows what builds left, and removes what it is asked to; never what a build uses."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from nb2svc.capture import cache
from nb2svc.cli.cache import _bytes
from nb2svc.cli.main import main
from nb2svc.validate.folder import validation_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for notebook in ("loans", "cars"):
        (tmp_path / f"{notebook}.ipynb").write_text("{}")
        for age, name in ((40, "old"), (1, "new")):
            place = tmp_path / ".nb2svc" / notebook / name
            place.mkdir(parents=True)
            (place / "value.pkl").write_bytes(b"x" * 1500)
            manifest = place / "manifest.json"
            manifest.write_text("{}")
            made = manifest.stat().st_mtime - age * 86_400
            os.utime(manifest, (made, made))
    os.link(tmp_path / ".nb2svc" / "loans" / "new" / "value.pkl", tmp_path / ".nb2svc" / "loans" / "old" / "linked.pkl")
    (tmp_path / ".nb2svc" / "loans" / "results").mkdir()
    (tmp_path / ".nb2svc" / "loans" / "failed").mkdir()
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["cache", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def left(folder: Path, notebook: str) -> list[str]:
    home = folder / ".nb2svc" / notebook
    return sorted(entry.name for entry in home.iterdir()) if home.exists() else []


def test_it_lists_what_there_is_and_counts_a_shared_file_once(folder: Path) -> None:
    found = json.loads(run("--format", "json"))
    kinds = [(entry["notebook"], entry["kind"], entry["name"], entry["size"]) for entry in found["entries"]]
    assert kinds[:2] == [("cars", "capture", "new", 1502), ("cars", "capture", "old", 1502)]
    assert sorted(kinds[2:]) == [
        ("loans", "capture", "new", 1502), ("loans", "capture", "old", 1502), ("loans", "failed run", "failed", 0),
        ("loans", "results", "results", 0),
    ]  # fmt: skip
    assert found["size"] == 4 * 1502
    assert "loans" not in run("cars.ipynb")
    assert run("cars.ipynb").splitlines()[-1] == "3.0 kB in all"


def test_looking_changes_nothing_and_an_empty_place_is_said(folder: Path, tmp_path: Path) -> None:
    run()
    assert left(folder, "cars") == ["new", "old"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(str(empty)) == f"no build left anything for {empty}\n"
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "cars", "loans"),
    [
        ((), ["new"], ["new", "results"]),
        (("--keep", "2"), ["new", "old"], ["new", "old", "results"]),
        (("--keep", "0"), [], ["results"]),
        (("--older-than", "30d"), ["new"], ["failed", "new", "results"]),
        (("--all",), [], []),
    ],
)
def test_pruning_removes_what_it_is_asked_to(folder: Path, arguments: tuple[str, ...], cars: list[str], loans: list[str]) -> None:
    run("--prune", *arguments)
    assert (left(folder, "cars"), left(folder, "loans")) == (cars, loans)


def test_what_a_build_uses_is_left_alone(folder: Path) -> None:
    with cache.exclusive(folder / "loans.ipynb"):
        found = json.loads(run("--prune", "--all", "--format", "json"))
    assert found["busy"] == ["loans"]
    assert left(folder, "cars") == []
    assert left(folder, "loans") == ["failed", "new", "old", "results"]


def test_validation_runs_stay_while_they_are_made_and_until_all_goes(folder: Path) -> None:
    place = cache.validation_of(folder / "cars.ipynb")
    with validation_folder(place):
        kinds = {entry["name"]: entry["kind"] for entry in json.loads(run("cars.ipynb", "--format", "json"))["entries"]}
        assert kinds == {"new": "capture", "old": "capture", "validation": "validation"}
        assert json.loads(run("cars.ipynb", "--prune", "--all", "--format", "json"))["busy"] == ["cars"]
        assert (place / "runs").is_dir()
    run("cars.ipynb", "--prune", "--keep", "0")
    assert left(folder, "cars") == ["validation"]
    run("cars.ipynb", "--prune", "--all")
    assert left(folder, "cars") == []


def test_wrong_use_is_told(folder: Path) -> None:
    assert "give --prune with it" in run("--all", code=2)
    assert "give it alone" in run("--prune", "--all", "--keep", "1", code=2)
    assert "is no age" in run("--prune", "--older-than", "soon", code=2)
    assert "there is no notebook or folder none.ipynb" in run("none.ipynb", code=2)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (250_000, "250 kB"), (3_200_000_000, "3.2 GB")]
)
def test_sizes(size: int, text: str) -> None:
    assert _bytes(size) == text
