"""`jupyter nbconvert --to nb2svc` in nbconvert's own program."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import get_exporter

from conftest import EXAMPLES
from nb2svc.pipeline import analyze
from nb2svc.showing import show
from nb2svc_jupyter.exporter import ModulesExporter, NotExported

MODULES = {"features.py", "model.py", "training.py", "schema.py"}


def nbconvert(*arguments: str, cwd: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbconvert", "--to", "nb2svc", *arguments]
    return subprocess.run(command, cwd=cwd, input=given or "", capture_output=True, text=True, timeout=300, check=False)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_notebook_becomes_a_folder_of_modules_whatever_preprocessors_say(workspace: Callable[[str], Path]) -> None:
    notebook = workspace("digits")
    before = notebook.read_bytes()
    done = nbconvert(notebook.name, "--execute", "--TagRemovePreprocessor.remove_cell_tags=nb2svc:model", cwd=notebook.parent)
    assert done.returncode == 0, done.stderr
    assert "a draft: from the source alone, nothing was run" in done.stderr
    assert names(notebook.parent) == {notebook.name, "digits_modules"}
    assert names(notebook.parent / "digits_modules") == MODULES
    shown = show(analyze(notebook), draft=True)
    for module in shown.modules:
        place = notebook.parent / "digits_modules" / f"{module.name}.py"
        assert not place.exists() or place.read_text() == module.text
    assert notebook.read_bytes() == before


def test_a_folder_and_a_name_can_be_given_and_a_notebook_from_standard_input(workspace: Callable[[str], Path]) -> None:
    notebook = workspace("digits")
    folder = notebook.parent
    assert nbconvert(notebook.name, "--output-dir", "out", "--output", "pixels", cwd=folder).returncode == 0
    assert names(folder / "out") == {"pixels"}
    assert names(folder / "out" / "pixels") == MODULES
    assert nbconvert("--stdin", "--output-dir", "in", cwd=folder, given=notebook.read_text()).returncode == 0
    assert names(folder / "in" / "notebook_modules") == MODULES


def test_all_modules_come_on_standard_output(workspace: Callable[[str], Path]) -> None:
    notebook = workspace("diabetes_progression")
    done = nbconvert(notebook.name, "--stdout", cwd=notebook.parent)
    headings = [line for line in done.stdout.split("\n") if line.startswith("# ---- ")]
    assert headings == [f"# ---- diabetes_progression/{name}.py ----" for name in ("features", "model", "training", "schema")]
    assert names(notebook.parent) == {notebook.name}


def test_a_refusal_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("# nb2svc: model\nmodel = 1")])
    (tmp_path / "bad.ipynb").write_text(nbformat.writes(notebook))
    done = nbconvert("bad.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert "refusal NB2" in done.stderr
    assert "do this:" in done.stderr
    assert names(tmp_path) == {"bad.ipynb"}


def test_it_is_found_by_its_name() -> None:
    assert get_exporter("nb2svc") is ModulesExporter


def test_a_notebook_in_memory_keeps_its_name() -> None:
    """As JupyterLab's server asks: a node, and the notebook's name."""
    notebook = nbformat.reads((EXAMPLES / "digits.ipynb").read_text(), as_version=4)
    text, resources = ModulesExporter().from_notebook_node(notebook, resources={"metadata": {"name": "My Digits"}})
    assert '"""Features of My Digits.ipynb: images become' in text
    assert set(resources["outputs"]) == {f"My Digits_modules/{name}" for name in MODULES}
    assert resources["output_extension"] == ".py"


def test_a_notebook_in_memory_is_its_file_where_both_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "digits.ipynb"
    path.write_text((EXAMPLES / "digits.ipynb").read_text())
    notebook = nbformat.reads(path.read_text(), as_version=4)
    given = {"metadata": {"name": "digits", "path": str(tmp_path)}}
    asked: list[str] = []

    class Asked(ModulesExporter):
        def from_filename(self, filename, resources=None, **more):
            asked.append(filename)
            return super().from_filename(filename, resources, **more)

    text, _ = Asked().from_notebook_node(notebook, resources=given)
    assert asked == [str(path)]
    notebook.cells[0].source += "\nspare = 1"
    assert Asked().from_notebook_node(notebook, resources=given)[0] == text
    assert asked == [str(path)]


@pytest.mark.parametrize(("text", "said"), [("{", "not valid JSON"), (json.dumps({"cells": [], "nbformat": 4}), "error: ")])
def test_what_is_no_notebook_is_told_in_its_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(NotExported, match=said):
        ModulesExporter().from_filename(str(path))
