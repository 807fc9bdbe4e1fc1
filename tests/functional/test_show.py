"""The modules of a built notebook, from its capture: what was built, to the letter, and a draft where that fits no more."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Built
from nb2svc.pipeline import analyze
from nb2svc.showing import show


def edited(built: Built, folder: Path, edit: Callable[[dict], None]) -> Path:
    """A copy of a built notebook with its captures, with an edit."""
    notebook = folder / built.notebook.name
    shutil.copytree(built.folder / ".nb2svc", folder / ".nb2svc")
    document = json.loads(built.notebook.read_text())
    edit(document)
    notebook.write_text(json.dumps(document))
    return notebook


def code_cells(document: dict) -> list[dict]:
    return [cell for cell in document["cells"] if cell["cell_type"] == "code"]


def append(number: int, text: str) -> Callable[[dict], None]:
    def edit(document: dict) -> None:
        cell = code_cells(document)[number - 1]
        cell["source"] = "".join(cell["source"]) + text

    return edit


def without(number: int, start: str) -> Callable[[dict], None]:
    def edit(document: dict) -> None:
        cell = code_cells(document)[number - 1]
        lines = "".join(cell["source"]).split("\n")
        cell["source"] = "\n".join(line for line in lines if not line.startswith(start))

    return edit


@pytest.mark.parametrize(
    "example", ["credit_risk", "messy_car_price", "breast_cancer_screening", "diabetes_progression", "digits"]
)
def test_from_the_capture_each_module_is_the_built_one(built, example: str) -> None:
    made = built(example)
    shown = show(analyze(made.notebook))
    assert (shown.basis.kind, shown.basis.changed) == ("capture", ())
    assert len(shown.modules) > 7
    for module in shown.modules:
        assert module.text == (made.project / module.path).read_text(), module.path
        assert module.marks == ()


def test_the_command_says_which_capture_and_runs_nothing(built) -> None:
    made = built("diabetes_progression")
    [capture] = [
        entry.name for entry in (made.folder / ".nb2svc" / "diabetes_progression").iterdir() if (entry / "kept").is_dir()
    ]
    done = made.run("show", made.notebook.name, "features")
    assert done.stderr.startswith(f"from the last capture, {capture[:8]} of 20")
    assert done.stderr.endswith("; nothing changed since\n")
    assert done.stdout == (made.project / made.package / "features.py").read_text()
    assert made.run("show", made.notebook.name, "features", "--draft").stdout.startswith("# A draft")


def test_a_change_beside_the_service_is_named_and_makes_no_difference(built, tmp_path: Path) -> None:
    made = built("diabetes_progression")
    plain = show(analyze(made.notebook))
    shown = show(analyze(edited(made, tmp_path, append(5, "\nprint('a plot')"))))
    assert (shown.basis.kind, shown.basis.changed) == ("capture", (5,))
    texts = {module.path: module.text for module in plain.modules}
    assert all(texts[module.path] == module.text for module in shown.modules)


def test_a_cell_put_in_before_moves_what_was_seen(built, tmp_path: Path) -> None:
    def put_in(document: dict) -> None:
        document["cells"].insert(0, {**code_cells(document)[0], "source": "print('a plot')", "id": "new"})
        cell = code_cells(document)[4]
        cell["source"] = "".join(cell["source"]).replace("visits = ", "# a longer comment\n\nvisits = ", 1)

    made = built("diabetes_progression")
    shown = show(analyze(edited(made, tmp_path, put_in)))
    assert (shown.basis.kind, shown.basis.changed) == ("capture", (1, 5))
    features = next(module for module in shown.modules if module.name == "features")
    expected = (made.project / made.package / "features.py").read_text()
    assert features.text.replace("    # a longer comment\n\n", "").replace("cell 5", "cell 4") == expected
    assert {line.cell for line in features.lines} == {5}


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (append(4, "\nvisits['spare'] = visits['bmi'] * 2\nZ_train = Z_train * 2"), "cell 4 changed"),
        (append(1, "\npatients = patients[patients['age'] > 30]"), "cell 1 changed"),
        (without(4, 'visits["hdl_share"]'), "lines of the service or of training were taken out"),
    ],
)
def test_a_change_of_the_service_makes_it_a_draft_and_says_why(built, tmp_path: Path, edit, why: str) -> None:
    shown = show(analyze(edited(built("diabetes_progression"), tmp_path, edit)))
    assert shown.basis.kind == "draft"
    assert "does not fit any more: " in shown.basis.note
    assert why in shown.basis.note


def test_a_folder_that_moved_keeps_its_capture(built, tmp_path: Path) -> None:
    made = built("messy_car_price")
    notebook = edited(made, tmp_path, lambda _: None)
    shutil.copy(made.folder / "used_cars.csv", tmp_path)
    [manifest] = tmp_path.glob(".nb2svc/*/*/manifest.json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "cwd": "/nowhere"}))
    assert show(analyze(notebook)).basis.kind == "capture"


def test_data_that_changed_makes_it_a_draft(built, tmp_path: Path) -> None:
    made = built("messy_car_price")
    notebook = edited(made, tmp_path, lambda _: None)
    [manifest] = tmp_path.glob(".nb2svc/*/*/manifest.json")
    said = json.loads(manifest.read_text())
    [file] = said["inputs"]
    file["sha256"] = "0" * 64
    manifest.write_text(json.dumps(said))
    assert "used_cars.csv changed" in show(analyze(notebook)).basis.note


def test_a_damaged_capture_is_passed_over(built, tmp_path: Path) -> None:
    notebook = edited(built("diabetes_progression"), tmp_path, lambda _: None)
    for observation in tmp_path.glob(".nb2svc/*/*/observation.json"):
        observation.write_text("{")
    assert show(analyze(notebook)).basis.kind == "draft"
