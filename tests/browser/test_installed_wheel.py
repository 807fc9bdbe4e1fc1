"""The wheel in an environment of its own, beside the oldest JupyterLab and Notebook that it says it works with."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser.jupyter_lab import READY, ROOT, TOKEN, Lab, run, running_lab
from browser.notebook_page import CHECK, FEATURE, LOAD, MODEL, activate, document, role, saved, status

pytestmark = pytest.mark.browser

OLDEST = ("jupyterlab==4.2.*", "notebook==7.2.*")
CELLS = (LOAD, FEATURE, MODEL, CHECK)


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """The folder of the environment's programs."""
    folder = tmp_path_factory.mktemp("installed")
    uv = Path(sys.executable).with_name("uv")
    build = [uv, "build", "--quiet", "--wheel", "--out-dir", folder / "wheel", ROOT]
    make = [uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"]
    for command in (build, make):
        subprocess.run(command, check=True, timeout=300)
    (wheel,) = (folder / "wheel").glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, f"{wheel}[jupyter]", *OLDEST], check=True, timeout=600)
    return python.parent


@pytest.fixture(scope="module")
def lab(environment, tmp_path_factory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), python=str(environment / "python")) as running:
        yield running


def test_jupyter_lists_the_panel_and_the_server_extension_as_ok(environment) -> None:
    def told(*words: str) -> str:
        done = subprocess.run([environment / "jupyter", *words], capture_output=True, text=True, check=True, timeout=120)
        return next(line for line in f"{done.stdout}{done.stderr}".splitlines() if "nb2svc" in line and "OK" in line)

    assert "enabled" in told("labextension", "list")
    assert "nb2svc_jupyter" in told("server", "extension", "list")


def test_the_oldest_jupyterlab_tags_sees_and_undoes(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS)
    assert page.evaluate("window.jupyterapp.version").startswith("4.2.")
    button = page.locator(".jp-Notebook .jp-cell-toolbar [data-jp-item-name=nb2svc-feature]")
    activate(page, 1)
    button.click()
    expect(page.locator(".nb2svc-Chip")).to_have_count(1)
    # JupyterLab's undo takes back together what came within half a second.
    page.wait_for_timeout(700)
    role(page, 3).select_option("model")
    expect(page.locator(".nb2svc-Chip")).to_have_count(2)
    status(page, "This notebook can be built.")
    activate(page, 2)
    run(page, "notebook:undo-cell-action")
    expect(page.locator(".nb2svc-Chip")).to_have_count(1)
    expect(button).to_be_visible()
    activate(page, 2)
    run(page, "nb2svc:toggle-model")
    expect(page.locator(".nb2svc-Chip")).to_have_count(2)
    run(page, "nb2svc:show-modules")
    expect(page.locator("#nb2svc-modules")).to_contain_text("features.py")
    assert [cell["metadata"].get("tags") for cell in saved(page)] == [None, ["nb2svc:feature"], ["nb2svc:model"], None]


def test_the_oldest_notebook_shows_the_panel(browser, lab) -> None:
    from playwright.sync_api import expect

    (lab.root / "loans.ipynb").write_text(json.dumps(document(*CELLS, tags={2: ["nb2svc:feature"], 3: ["nb2svc:model"]})))
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(f"{lab.url}/notebooks/loans.ipynb?token={TOKEN}")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    assert page.evaluate("window.jupyterapp.version").startswith("7.2.")
    page.evaluate(READY)
    run(page, "nb2svc:open-panel")
    status(page, "This notebook can be built.")
    expect(page.locator(".nb2svc-Chip")).to_have_count(2)
    page.close()
