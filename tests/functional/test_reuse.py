"""What a build runs again after each kind of edit, by a real notebook and the real command line: asserted by stage, not by time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import nb2svc

EXAMPLE = "diabetes_progression"


def build(notebook: Path, *options: str) -> tuple[set[str], dict[str, Any]]:
    """The stages that ran, and the whole document."""
    done = nb2svc("build", notebook.name, "--no-bento", "--no-retrain", "--format", "json", *options, cwd=notebook.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    return {stage["stage"] for stage in document["stages"] if not stage["reused"]}, document


def edit(notebook: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    document = json.loads(notebook.read_text(encoding="utf-8"))
    change(document["cells"])
    notebook.write_text(json.dumps(document), encoding="utf-8")


def code(cells: list[dict[str, Any]], text: str) -> dict[str, Any]:
    """The code cell that has a text, its source joined."""
    found = next(cell for cell in cells if cell["cell_type"] == "code" and text in "".join(cell["source"]))
    found["source"] = "".join(found["source"])
    return found


def test_each_edit_runs_what_depends_on_it(workspace: Callable[[str], Path]) -> None:
    notebook = workspace(EXAMPLE)
    ran, first = build(notebook)
    assert {"capture", "observation", "packing", "proof", "checks", "readiness"} <= ran

    ran, document = build(notebook)
    assert ran == set()
    assert document["capture"] == first["capture"]

    edit(
        notebook, lambda cells: cells.insert(0, {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Diabetes"})
    )
    ran, document = build(notebook)
    assert ran == {"readiness"}, "the checklist names the notebook's digest"

    def tighten(cells: list[dict[str, Any]]) -> None:
        cell = code(cells, "assert mae")
        cell["source"] = cell["source"].replace("mae < 50", "mae < 49")

    edit(notebook, tighten)
    ran, document = build(notebook)
    assert ran == {"checks read", "checks", "readiness"}
    assert nb2svc("test", EXAMPLE, cwd=notebook.parent).returncode == 0, "its tests find the capture by the digest it records"

    (kept,) = (notebook.parent / ".nb2svc" / EXAMPLE / "results").glob("proof-*.json")
    kept.write_bytes(kept.read_bytes()[:-20])
    ran, document = build(notebook)
    assert ran == {"proof"}
    assert "damaged" in next(stage["why"] for stage in document["stages"] if stage["stage"] == "proof")

    def other_model(cells: list[dict[str, Any]]) -> None:
        cell = code(cells, "measurements")
        cell["source"] = cell["source"].replace("/ 100", "/ 101")

    edit(notebook, other_model)
    ran, document = build(notebook)
    assert "capture" in ran
    assert "is new or changed" in next(stage["why"] for stage in document["stages"] if stage["stage"] == "capture")
