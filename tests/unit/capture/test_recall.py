"""What lies in a notebook's cache is given whole, or not at all."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.capture import cache
from nb2svc.capture.recall import latest
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.codec import to_json
from nb2svc.ir.observation import Answer, Observation, Oracles, Table

SHA = hashlib.sha256(b"x").hexdigest()
OBSERVATION = Observation(
    tables=(Table(name="loans", role="main", kind="frame", rows=3),), target=None, rewrites=(), selections=(), learned=(),
    answer=Answer(kind="number", dtype="float64", container="array"), estimator_rows=3,
    oracles=Oracles(fit_rows="f.pkl", predict_rows="f.pkl", checkpoints="f.pkl", sha256=tuple((field, SHA) for field in ("fit_rows", "predict_rows", "checkpoints"))),
)  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "loans.ipynb"
    path.write_bytes(b"{}")
    return path


def keep(notebook: Path, name: str, *, at: int = 1000) -> Capture:
    with cache.run_folder(notebook) as folder:
        (folder / "kept.pkl").write_bytes(b"x")
        (folder / "f.pkl").write_bytes(b"x")
        (folder / "observation.json").write_text(json.dumps(to_json(OBSERVATION)))
        capture = Capture(
            folder=str(folder.with_name(name)), digest=name, notebook_digest="n", parameters=(), interpreter="python",
            python="3.11.7", versions=(), modules=(), inputs=(), metrics=(), seconds=1.0,
            kept=(Kept(kind="raw", label="x", file="kept.pkl", sha256=SHA, type="builtins.int"),),
        )  # fmt: skip
        cache.commit(folder, capture)
    os.utime(Path(capture.folder) / "manifest.json", (at, at))
    return capture


def test_the_newest_is_given_with_its_observation(notebook: Path) -> None:
    newest = keep(notebook, "new", at=2000)
    keep(notebook, "old", at=1000)
    assert latest(notebook) == (newest, OBSERVATION)


def test_there_is_none_and_nothing_is_made(notebook: Path) -> None:
    assert latest(notebook) is None
    assert [entry.name for entry in notebook.parent.iterdir()] == [notebook.name]


@pytest.mark.parametrize("name", ["kept.pkl", "f.pkl", "observation.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_one_is_passed_over(notebook: Path, name: str, damage: str) -> None:
    older = keep(notebook, "old", at=1000)
    place = Path(keep(notebook, "new", at=2000).folder) / name
    {"changed": lambda: place.write_bytes(b"{}"), "cut": lambda: place.write_bytes(b""), "gone": place.unlink}[damage]()
    assert latest(notebook) == (older, OBSERVATION)


def test_a_folder_that_moved_with_its_notebook_is_found_where_it_is(notebook: Path) -> None:
    capture = keep(notebook, "new")
    moved = notebook.parent.rename(notebook.parent.with_name("moved"))
    found = latest(moved / notebook.name)
    assert found == (replace(capture, folder=str(moved / ".nb2svc" / "loans" / "new")), OBSERVATION)
