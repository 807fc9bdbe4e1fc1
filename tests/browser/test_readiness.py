"""The checklist in a real JupyterLab and a real Notebook: in a cell's output, live and once its kernel has gone, and in the panel."""

import json
import re

import pytest
from small_project import CELLS, notebook_document, write_project

from browser.jupyter_lab import READY, TOKEN, run
from browser.notebook_page import save

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

SHOW = {"show": "import nb2svc_jupyter\nnb2svc_jupyter.readiness()"}
# In JupyterLab the notebook is one of several things on the screen; in Notebook it is the only one.
PANEL = "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
IDLE = f"""async () => {{
  const panel = {PANEL};
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}}"""


@pytest.fixture(scope="module")
def project(lab):
    """A notebook whose last cell shows the checklist of the project that was built from it; the notebook, as it was built."""
    (lab.root / "loans.ipynb").write_text(text := json.dumps(notebook_document(CELLS | SHOW)))
    write_project(lab.root)
    return text


@pytest.fixture(params=["lab/tree", "notebooks"])
def shown(browser, lab, project, request):
    """The notebook in one of the two applications, its last cell run; what the page complains of fails the test."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.start = f"{lab.url}/{request.param}/loans.ipynb?reset&token={TOKEN}"
    # Whoever came before saved it with its outputs, and it would be another than the one that was built.
    (lab.root / "loans.ipynb").write_text(project)
    opened(page)
    page.evaluate(IDLE)
    page.evaluate(f"() => {{ {PANEL}.content.activeCellIndex = 3; }}")
    run(page, "notebook:run-cell")
    yield page
    page.evaluate(f"async () => await {PANEL}.sessionContext.shutdown()")
    page.close()
    assert [error for error in errors if "nb2svc" in error] == []


def opened(page) -> None:
    page.goto(page.start)
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(READY)


def test_it_is_filtered_followed_to_its_cell_and_a_table_when_its_kernel_has_gone(shown) -> None:
    from playwright.sync_api import expect

    page = shown
    live = page.locator(".nb2svc-live")
    expect(live.get_by_role("heading", name="Readiness of loans")).to_be_visible()
    expect(live.get_by_text("61 of 61 items")).to_be_visible()
    table = page.locator("[class^='nb2svc-table-']")
    expect(table).to_have_count(1)
    expect(table).to_be_hidden()

    live.get_by_label("Status").select_option(label="✖ fail (1)")
    expect(live.get_by_text("1 of 61 items")).to_be_visible()
    items = live.locator(".nb2svc-item")
    expect(items).to_have_count(1)
    evidence = items.locator("summary")
    evidence.press("Enter")
    expect(items.get_by_text("executed.html")).to_be_visible()
    items.get_by_role("link", name="cell 3, line 2").click()
    page.wait_for_function(f"{PANEL}.content.activeCellIndex === 2")

    live.get_by_label("Status").select_option(label="all")
    live.get_by_label("Step").select_option(label="7. Continuous monitoring")
    expect(live.get_by_text(re.compile("^9 of 61 items"))).to_be_visible()
    live.get_by_role("button", name="Refresh").click()
    expect(live.get_by_text(re.compile("^9 of 61 items"))).to_be_visible()

    save(page)
    page.evaluate(f"async () => await {PANEL}.sessionContext.shutdown()")
    opened(page)
    expect(table.get_by_role("heading", name="Readiness of loans")).to_be_visible()
    expect(live).to_have_count(0)
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()


@pytest.fixture
def panel(browser, lab, project):
    """A notebook with its panel, whose section has been opened by keyboard; what the page complains of fails the test."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    write_project(lab.root, name="risk", project="services/risk")
    lab.open(page, "risk.ipynb")
    heading = page.get_by_role("heading", name="Readiness 1 blocker", level=3).get_by_role("button")
    heading.press("Enter")
    yield page
    page.close()
    assert errors == []


def test_the_panel_leads_to_evidence_and_cells_and_knows_what_it_is_about(panel) -> None:
    from playwright.sync_api import expect

    section = panel.get_by_role("region", name="Readiness")
    expect(section.get_by_text("risk is not ready: 1 blocker is red.")).to_be_visible()
    expect(section.get_by_role("heading", level=4)).to_have_count(7)
    expect(section.get_by_text("nb2svc ready services/risk", exact=True)).to_be_visible()
    # Only what is red is unfolded, and a step in which nobody looked at something is never good.
    expect(section.locator("details.nb2svc-ReadinessStep[open]")).to_have_count(1)
    expect(section.locator(".nb2svc-mod-good")).to_have_count(0)

    item = section.get_by_role("listitem").filter(has_text="OPS-02")
    expect(item).to_contain_text("fail OPS-02")
    item.get_by_role("button", name="cell 3, line 2").click()
    panel.wait_for_function(f"{PANEL}.content.activeCellIndex === 2")
    item.locator("summary").press("Enter")
    with panel.context.expect_page() as opening:
        item.get_by_role("link", name="executed.html").click()
    expect(opening.value.get_by_role("heading", name="loans as it ran")).to_be_visible()
    opening.value.close()

    # What is code there is set as code, and is not told with its marks.
    show = section.get_by_label("Show")
    show.select_option("not_evaluated")
    ci = section.get_by_role("listitem").filter(has_text="OPS-04")
    expect(ci.locator("code").filter(has_text=re.compile("^nb2svc (build|test)$"))).to_have_text(["nb2svc build", "nb2svc test"])
    expect(ci).to_contain_text("Add nb2svc build and nb2svc test to")
    expect(section).not_to_contain_text("`")
    show.select_option("pass")
    expect(section.get_by_text("1 of 61 items")).to_be_visible()
    expect(section.get_by_role("listitem")).to_have_count(1)
    section.get_by_role("listitem").locator("summary").press("Enter")
    expect(section.get_by_role("button", name="cell 1, line 3")).to_be_visible()

    panel.evaluate(f"() => {PANEL}.content.model.sharedModel.getCell(0).setSource('x = 1')")
    expect(section.get_by_text("The notebook has changes that are not saved")).to_be_visible()
    expect(section.get_by_role("button", name="cell 1, line 3")).to_have_count(0)
    run(panel, "docmanager:save")
    expect(section.get_by_text("The notebook has changed since this build")).to_be_visible()
    show.select_option("stale")
    expect(section.get_by_role("listitem")).to_contain_text("Its evidence is about another notebook than the one here now.")


def test_a_notebook_that_was_never_built_says_so(browser, lab, project) -> None:
    from playwright.sync_api import expect

    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(60_000)
    (lab.root / "new.ipynb").write_text(json.dumps(notebook_document(CELLS)))
    lab.open(page, "new.ipynb")
    section = page.get_by_role("region", name="Readiness")
    heading = section.get_by_role("button", name="Readiness")
    if heading.get_attribute("aria-expanded") == "false":
        heading.click()
    expect(section.get_by_text("No project was built from this notebook yet")).to_be_visible()
    project_of_it = write_project(lab.root, name="new", project="new")
    section.get_by_role("button", name="Refresh").click()
    expect(section.get_by_text("new is not ready: 1 blocker is red.")).to_be_visible()
    (project_of_it / "readiness.json").write_text("{")
    section.get_by_role("button", name="Refresh").click()
    expect(section.get_by_text("the checklist of new can't be read. build the project again")).to_be_visible()
    page.close()
