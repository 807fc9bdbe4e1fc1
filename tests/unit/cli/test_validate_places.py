"""Where `nb2svc validate` writes is looked at before anything is run: an hour of runs must not end without a report."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nb2svc.cli.main import main


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("nb2svc.cli.main._end_politely", lambda: None)
    monkeypatch.setattr("nb2svc.validate.driver.validate", lambda *_, **__: pytest.fail("a run was begun"))
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}
    path = tmp_path / "loans.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.mark.parametrize("option", ["--html", "--report"])
def test_a_folder_that_is_missing(notebook: Path, option: str):
    place = notebook.parent / "no where" / "runs.html"
    done = CliRunner().invoke(main, ["validate", str(notebook), option, str(place)])
    assert done.exit_code == 5
    assert "error: can't write runs.html" in done.output
    assert f"make the folder first: mkdir -p '{place.parent}'" in done.output
    assert [path.name for path in notebook.parent.iterdir()] == ["loans.ipynb"]


def test_a_file_in_place_of_a_folder(notebook: Path):
    done = CliRunner().invoke(main, ["validate", str(notebook), "--html", str(notebook / "runs.html")])
    assert done.exit_code == 5
    assert "can't write runs.html" in done.output
