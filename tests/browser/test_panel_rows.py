"""Captured rows in a real JupyterLab: each step beside the notebook's value, an edit beside the nearest row, a failed proof at its line.

One JupyterLab serves all cases; the project is a real one, from a build.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from browser.accessible import accessible_everywhere
from browser.jupyter_lab import READY, TOKEN, Lab, run, running_lab
from browser.notebook_page import watched_page
from conftest import Built

pytestmark = pytest.mark.browser

NAME = "diabetes_progression"
CELL = 'visits["bmi_pressure"] = visits["bmi"] * visits["bp"] / 100'


@pytest.fixture(scope="module")
def lab(built: Callable[[str], Built], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    example = built(NAME)
    with running_lab(tmp_path_factory.mktemp("rows-lab")) as lab:
        shutil.copytree(example.folder, lab.root / "good", symlinks=True)
        shutil.copytree(example.folder, lab.root / "bad", symlinks=True)
        _refuse(lab.root / "bad")
        (lab.root / "new").mkdir()
        shutil.copy(example.notebook, lab.root / "new")
        yield lab


def _refuse(folder: Path) -> None:
    """Leave what a build leaves whose proof failed: the refused tree, and the verdict of a real proof of it."""
    from nb2svc.ir.codec import to_json
    from nb2svc.parity.prove import prove
    from nb2svc.parity.refused import VERDICT, keep_refused
    from nb2svc.rowwise import site_of

    site = site_of(folder / NAME)
    features = folder / NAME / NAME / "features.py"
    features.write_text(features.read_text().replace('visits["bp"] / 100', 'visits["bp"] / 101'))
    scratch = folder / "scratch"
    scratch.mkdir()
    verdict = prove(
        folder / NAME, NAME, site.capture, site.observation, interpreter=site.capture.interpreter, mode="sample",
        scratch=scratch, http=False, retrain=False, modes=("predictions", "inputs"), checks=False,
    )  # fmt: skip
    assert not verdict.passed
    keep_refused(folder / NAME, Path(site.capture.folder))
    Path(site.capture.folder, VERDICT).write_text(json.dumps(to_json(verdict)))
    shutil.rmtree(folder / NAME)
    shutil.rmtree(scratch)


@pytest.fixture
def page(browser):
    with watched_page(browser, width=1500, height=950) as page:
        yield page


def shoot(page, name: str) -> None:
    """A picture for whoever wants to look at it: `NB2SVC_SHOTS` names the folder."""
    if os.environ.get("NB2SVC_SHOTS"):
        page.screenshot(path=f"{os.environ['NB2SVC_SHOTS']}/rows-{name}.png")


def open_rows(page, lab: Lab, folder: str) -> None:
    lab.open(page, f"{folder}/{NAME}.ipynb")
    page.get_by_role("button", name="Show its rows, step by step").click()
    page.locator("#nb2svc-rows").wait_for()


def test_notebook_shows_the_rows_and_the_checklist_too(browser, lab: Lab) -> None:
    from playwright.sync_api import expect

    # Notebook complains of its own doings when it starts.
    page = browser.new_page(viewport={"width": 1500, "height": 950})
    page.goto(f"{lab.url}/notebooks/good/{NAME}.ipynb?token={TOKEN}")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(READY)
    run(page, "nb2svc:open-panel")
    checklist = page.get_by_role("region", name="Readiness")
    if (heading := checklist.get_by_role("button", name="Readiness")).get_attribute("aria-expanded") == "false":
        heading.click()
    expect(checklist.get_by_text("OPS-02").first).to_be_attached()
    page.get_by_role("button", name="Show its rows, step by step").click()
    rows = page.locator("#nb2svc-rows")
    expect(rows.get_by_role("status").first).to_have_text(re.compile(r"Row \d+: nothing differs\."), timeout=120_000)
    expect(page.locator("#nb2svc-panel")).to_be_visible()
    shoot(page, "notebook")
    rows.get_by_role("textbox", name="bmi", exact=True).fill("33.25")
    expect(rows.get_by_role("status").first).to_have_text(re.compile(r"1 field edited: the service answers [\d.]+"))
    page.close()


def test_a_row_is_shown_step_by_step_and_an_edit_changes_what_follows(page, lab: Lab) -> None:
    from playwright.sync_api import expect

    open_rows(page, lab, "good")
    rows = page.locator("#nb2svc-rows")
    expect(rows.get_by_role("status").first).to_have_text(re.compile(r"Row \d+: nothing differs\."), timeout=120_000)
    find = rows.get_by_label("Find rows")
    find.fill("bmi>40")
    expect(rows.get_by_text(re.compile(r"^\d of 442 rows"))).to_be_visible()
    find.fill("")
    expect(rows.get_by_text("442 of 442 rows")).to_be_visible()

    # By keyboard: the list is one stop, arrows move in it.
    listbox = rows.get_by_role("listbox", name="Captured rows")
    listbox.focus()
    first = listbox.get_by_role("option", selected=True).inner_text()
    page.keyboard.press("ArrowDown")
    expect(listbox.get_by_role("option", selected=True)).not_to_have_text(first)
    page.keyboard.press("Home")
    row = listbox.get_by_role("option").first.locator(".nb2svc-Row-number").inner_text()
    expect(rows.get_by_role("status").first).to_have_text(f"Row {row}: nothing differs.")

    pressure = rows.get_by_role("row").filter(has_text="visits.bmi_pressure")
    expect(pressure).to_contain_text("equal")
    shares = rows.get_by_role("row").filter(has_text="visits.hdl_share")
    expect(shares).to_contain_text("equal")
    shoot(page, "light")

    bmi = rows.get_by_role("textbox", name="bmi", exact=True)
    before = bmi.input_value()
    bmi.fill("33.25")
    expect(rows.get_by_text(f"edited, was {before}")).to_be_visible()
    expect(rows.get_by_role("status").first).to_have_text(re.compile(r"1 field edited: the service answers [\d.]+"))
    expect(pressure).to_contain_text("changed")
    expect(shares).not_to_contain_text("changed")
    command = rows.get_by_role("group", name="The same in a terminal").locator("code")
    expect(command).to_have_text(f"nb2svc rows good/{NAME}.ipynb --row {row} --set bmi=33.25")
    shoot(page, "edited")
    accessible_everywhere(page, "#nb2svc-rows")

    # Outside what training saw: the service says so, the steps are shown all the same.
    bmi.fill("99")
    expect(rows.get_by_text("The service refers this row to a person.")).to_be_visible()
    expect(rows.get_by_text("What its code would make of it")).to_be_visible()
    rows.get_by_label("bmi is missing").check()
    expect(rows.locator(".nb2svc-Field-issue")).to_contain_text("missing")
    rows.get_by_role("button", name="Undo the edits").click()
    expect(rows.get_by_role("status").first).to_have_text(f"Row {row}: nothing differs.")

    # A step leads to its cell and line, and to the generated line.
    step = rows.locator(".nb2svc-Step").filter(has_text=CELL)
    step.get_by_role("button", name="cell 4, line 3").click()
    page.wait_for_function(
        """() => { const notebook = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells).content;
        return notebook.activeCellIndex > 0 && notebook.activeCell.editor.getCursorPosition().line === 2; }"""
    )
    step.get_by_role("button", name=re.compile("of features.py")).click()
    expect(page.locator("#nb2svc-modules [aria-current='location']").first).to_contain_text("bmi_pressure", timeout=60_000)


def test_dark_and_narrow(page, lab: Lab) -> None:
    from playwright.sync_api import expect

    open_rows(page, lab, "good")
    rows = page.locator("#nb2svc-rows")
    expect(rows.get_by_role("status").first).to_have_text(re.compile("nothing differs"), timeout=120_000)
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    shoot(page, "dark")
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_function("document.querySelector('#nb2svc-rows').clientWidth < 640")
    expect(rows.locator(".nb2svc-Rows-body")).to_have_css("display", "block")
    shoot(page, "narrow")
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")


def test_a_failed_proof_opens_at_its_statement_and_column(page, lab: Lab) -> None:
    from playwright.sync_api import expect

    lab.open(page, f"bad/{NAME}.ipynb")
    page.wait_for_function("!document.querySelector('.nb2svc-Panel-status').textContent.includes('Analysing')")
    page.evaluate("window.jupyterapp.commands.execute('nb2svc:show-rows', {failed: true})")
    rows = page.locator("#nb2svc-rows")
    alert = rows.get_by_role("alert")
    expect(alert).to_contain_text("First differs in cell 4, line 3, bmi_pressure", timeout=120_000)
    expect(rows.get_by_role("status").first).to_have_text(re.compile(r"Row \d+ differs first in cell 4, line 3 bmi_pressure"))
    step = rows.locator(".nb2svc-Step.nb2svc-mod-parting")
    expect(step).to_contain_text(CELL)
    expect(step.get_by_role("row").filter(has_text="bmi_pressure")).to_contain_text("differs")
    expect(rows.locator(".nb2svc-Step").filter(has_text='visits["hdl_share"]')).not_to_contain_text("differs")
    page.wait_for_function(
        """() => { const notebook = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells).content;
        return notebook.activeCell.model.sharedModel.getSource().includes('bmi_pressure')
          && notebook.activeCell.editor.getCursorPosition().line === 2; }"""
    )
    shoot(page, "failed")


def test_a_notebook_that_was_not_built_offers_it(page, lab: Lab) -> None:
    from playwright.sync_api import expect

    open_rows(page, lab, "new")
    rows = page.locator("#nb2svc-rows")
    expect(rows).to_contain_text("This notebook was not built yet")
    expect(rows.get_by_role("button", name="Build")).to_be_visible()
    shoot(page, "unbuilt")
    run(page, "nb2svc:open-panel")
