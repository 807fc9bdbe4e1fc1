"""`nb2svc_jupyter.readiness()`: a view with filters, and beside it a table that shows wherever a notebook is looked at."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from small_project import notebook_document, write_project

WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
CELLS = {
    "view": "import nb2svc_jupyter\nview = nb2svc_jupyter.readiness()\nview",
    "filter": "step, status, _, said = view._live.widget.children[0].children\nstep.value = 4\nsaid.value",
    "both": "status.value = 'fail'\nsaid.value",
    "named": "repr(nb2svc_jupyter.readiness('loans'))[:40]",
    "missing": "nb2svc_jupyter.readiness('lonas')",
    "refreshed": "text = open('loans.ipynb').read()\nopen('loans.ipynb', 'w').write(text.replace('import', 'import os,'))\n"
    "view.refresh()\n(status.value, [name for name, _ in status.options])",
    "gone": "import shutil; shutil.rmtree('loans')\nview._live.widget.children[0].children[2].click()\nsaid.value",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory) -> nbformat.NotebookNode:
    """The notebook after a run in a real kernel, as it is saved then."""
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("notebooks")
    write_project(folder)
    notebook = nbformat.from_dict(notebook_document(CELLS))
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.resources = {"metadata": {"path": str(folder)}}
    client.execute(env={**os.environ, "JPY_SESSION_NAME": str(folder / "loans.ipynb")})
    return notebook


def value(notebook, name: str) -> str:
    (output,) = next(cell for cell in notebook.cells if cell.id == name).outputs
    return output.evalue if output.output_type == "error" else output.data["text/plain"]


def only_static(notebook) -> nbformat.NotebookNode:
    """The notebook as it is saved without the state of its widgets, which is what JupyterLab does unless it is told to."""
    kept = nbformat.from_dict(json.loads(json.dumps(notebook)))
    kept.metadata.pop("widgets", None)
    return kept


@pytest.mark.kernel
def test_it_is_a_widget_and_a_table(executed) -> None:
    live, table = executed.cells[0].outputs
    state = executed.metadata.widgets[STATE]["state"]
    assert state[live.data[WIDGET]["model_id"]]["model_name"] == "VBoxModel"
    assert set(table.data) == {"text/html", "text/plain"}
    assert table.data["text/plain"].startswith("loans, built from loans.ipynb\n1 fail, ")
    assert "OPS-02" in table.data["text/html"]


@pytest.mark.kernel
def test_the_filters_choose_items_and_count_them(executed) -> None:
    assert "11 of 61 items" in value(executed, "filter")
    assert "1 of 61 items" in value(executed, "both")


@pytest.mark.kernel
def test_a_project_can_be_named_and_a_wrong_name_says_what_to_do(executed) -> None:
    assert "loans, built from loans.ipynb" in value(executed, "named")
    assert value(executed, "missing") == "there is no project lonas. name the folder that nb2svc build wrote"


@pytest.mark.kernel
def test_a_refresh_compares_again_and_keeps_the_filter(executed) -> None:
    assert value(executed, "refreshed") == "('fail', ['all', '✖ fail (1)', '◔ stale (1)', '◌ not evaluated (59)'])"
    # The table in the notebook is the refreshed one: what is saved is what was seen.
    assert "stale" in executed.cells[0].outputs[1].data["text/plain"]
    assert 'role="alert">there is no project loans' in value(executed, "gone")


@pytest.mark.kernel
def test_the_table_is_in_the_page_that_nbconvert_makes(executed) -> None:
    from nbconvert import HTMLExporter

    for notebook in (executed, only_static(executed)):
        page, _ = HTMLExporter().from_notebook_node(notebook)
        assert page.count("OPS-02 ") >= 1
        assert "Give cell 3 a random_state." in page
        assert "Error displaying widget" not in page


def test_without_ipywidgets_it_is_a_table(tmp_path: Path, monkeypatch) -> None:
    import IPython.display

    from nb2svc_jupyter import readiness, widgets

    write_project(tmp_path)
    shown: list[dict] = []
    monkeypatch.setattr(widgets, "find_spec", lambda _: None)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, **_: shown.append(bundle))
    readiness(str(tmp_path / "loans"))._ipython_display_()
    assert [set(bundle) for bundle in shown] == [{"text/html", "text/plain"}]


def test_outside_a_notebook_it_asks_for_a_name() -> None:
    from nb2svc_jupyter import readiness

    with pytest.raises(Exception, match=r'name the project: readiness\("loans"\)'):
        readiness()


def test_in_the_run_of_a_build_there_is_none_to_show(monkeypatch) -> None:
    from nb2svc.system.processes import MARK
    from nb2svc_jupyter import readiness

    monkeypatch.setenv(MARK, "a build")
    assert readiness() is None
