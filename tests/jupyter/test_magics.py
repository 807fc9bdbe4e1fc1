"""The magics in real kernels: a tagged cell runs exactly as it would without its tag."""

import json
import re
from pathlib import Path

import pytest

FOREIGN = """
from IPython.core.magic import register_cell_magic

@register_cell_magic
def check(line, cell):
    print("another extension's check:", line, cell)
"""

CELLS = {
    "foreign": FOREIGN,
    "load": "%load_ext nb2svc\n%load_ext nb2svc",
    "value": "%%feature ages raw=loans\nx = 20\nx + 1",
    "blank lines and comments above": "\n\n# Ages\n%%nb2svc feature ages\nx + 2",
    "line numbers": "%%model risk output=y\n\n1 / 0",
    "await": "%%feature ages\nimport asyncio\nawait asyncio.sleep(0)\nx + 3",
    "a magic below": "%%nb2svc feature ages\n%%time\ny = x + 4",
    "after a magic below": "y",
    "capture below": "%%feature ages\n\n%%capture out\nprint('hidden')",
    "after capture": "out.stdout",
    "a line magic below": "%%model\n%time z = 5\nz",
    "a string": "s = '''\n%%feature ages\n'''\ns",
    "a comment": "# nb2svc: feature ages\nx + 5",
    "help": "%%feature?",
    "wrong role": "%%nb2svc featur ages\ntouched = 1",
    "wrong option": "%%feature ages rwa=loans\ntouched = 1",
    "wrong below a comment": "# Ages\n%%model outptu=y\ntouched = 1",
    "two directives": "%%feature ages\n# nb2svc: model\ntouched = 1",
    "not on top": "touched_before = 1\n%%feature ages",
    "nothing was run": "'touched' in globals()",
    "a foreign magic keeps its name": "%%check a b c d\nbody",
    "ours beside the foreign one": "%%nb2svc check auc serve=true\nx + 6",
    "unload": "%unload_ext nb2svc",
    "gone": "%%feature ages\ntouched = 1",
    "the foreign one stays": "%%check still\nthere",
}


@pytest.fixture(scope="module")
def executed() -> dict[str, dict]:
    """One kernel for all cells: name → what came out of it (text, error name and message, streams)."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    return dict(zip(CELLS, map(outcome, notebook.cells), strict=True))


def outcome(cell) -> dict:
    found = {"value": None, "error": None, "trace": "", "stdout": "", "stderr": ""}
    for output in cell.outputs:
        if output.output_type == "execute_result":
            found["value"] = output.data["text/plain"]
        elif output.output_type == "error":
            found["error"], found["trace"] = output.ename, re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))
        elif output.output_type == "stream":
            found[output.name] += output.text
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("value", "21"),
        ("blank lines and comments above", "22"),
        ("await", "23"),
        ("after a magic below", "24"),
        ("after capture", "'hidden\\n'"),
        ("a line magic below", "5"),
        ("a string", "'\\n%%feature ages\\n'"),
        ("a comment", "25"),
        ("ours beside the foreign one", "26"),
        ("nothing was run", "False"),
    ],
)
def test_a_tagged_cell_runs_as_it_is(executed, name, value):
    assert executed[name]["value"] == value
    assert executed[name]["error"] is None


def test_a_time_magic_below_still_times(executed):
    assert "Wall time" in executed["a magic below"]["stdout"]


def test_an_error_is_shown_once_and_at_its_line(executed):
    assert executed["line numbers"]["error"] == "ZeroDivisionError"
    assert re.search(r"line 3\b", executed["line numbers"]["trace"])
    assert executed["line numbers"]["trace"].count("division by zero") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong role", "%%nb2svc featur ages: `featur` is no role. Did you mean `feature`?"),
        ("wrong option", "%%feature ages rwa=loans: `feature` has no option `rwa`. Did you mean `raw`?"),
        ("wrong below a comment", "%%model outptu=y: `model` has no option `outptu`. Did you mean `output`?"),
        ("two directives", "%%feature ages: the cell has a second directive. Keep one directive a cell"),
        ("not on top", "Line magic function `%%feature` not found"),
        ("gone", "Cell magic `%%feature` not found"),
    ],
)
def test_a_wrong_directive_is_a_usage_error(executed, name, message):
    found = executed[name]
    assert f"UsageError: {message}" in found["stderr"] + found["trace"]


def test_help(executed):
    assert executed["help"]["error"] is None


def test_another_extensions_name_is_left_to_it(executed):
    assert executed["a foreign magic keeps its name"]["stdout"] == "another extension's check: a b c d body\n\n"
    assert executed["the foreign one stays"]["stdout"] == "another extension's check: still there\n\n"


def document(*sources: str) -> dict:
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


TAGGED = ("%load_ext nb2svc", "%%feature ages\n\nx = 20", "%%nb2svc model\n%%capture\nprint(x)\ny = x + 1", "y")


def test_papermill_runs_it(tmp_path: Path):
    import papermill

    source, target = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    source.write_text(json.dumps(document(*TAGGED)))
    papermill.execute_notebook(str(source), str(target), progress_bar=False)
    assert json.loads(target.read_text())["cells"][-1]["outputs"][0]["data"]["text/plain"] == ["21"]


def test_papermill_stops_at_a_wrong_directive(tmp_path: Path):
    import papermill
    from papermill.exceptions import PapermillExecutionError

    source, target = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    source.write_text(json.dumps(document("%load_ext nb2svc", "%%feature ages rwa=loans\nx = 20", "x")))
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(str(source), str(target), progress_bar=False)
    assert caught.value.source == "%%feature ages rwa=loans\nx = 20"
    assert "Did you mean `raw`?" in target.read_text()


def test_nbconvert_runs_it(tmp_path: Path):
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    notebook = nbformat.from_dict(document(*TAGGED))
    ExecutePreprocessor(timeout=60, kernel_name="python3").preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "21"
