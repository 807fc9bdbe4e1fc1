"""The main path in Notebook, whose window holds one notebook: the panel is its right sidebar, what is shown beside it its left one."""

import json
import re

import pytest

from browser.accessible import accessible_everywhere
from browser.jupyter_lab import READY, TOKEN, Lab, run
from browser.notebook_page import CHECK, FEATURE, LOAD, activate, document, role, saved, status
from browser.test_panel_build import at_line
from browser.test_panel_validation import CELLS, TAGS, asked, planned, row

pytestmark = pytest.mark.browser

UNSEEDED = (
    "from sklearn.model_selection import train_test_split\n\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, loans['paid'])\n"
    "model = Ridge().fit(X_train, y_train)\npaid = model.predict(X_test)"
)
# Notebook complains of its own doings when it starts, without any extension: only what names us is ours.
OURS = "nb2svc"


@pytest.fixture
def opened(browser, lab: Lab):
    """A function that opens a notebook in a window of Notebook, the panel not shown; a complaint that names us fails the test."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))

    def opened(name: str, *cells: str, tags: dict | None = None):
        page.file = lab.root / name
        page.file.write_text(json.dumps(document(*cells, tags=tags or {})))
        page.goto(f"{lab.url}/notebooks/{name}?token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
        page.evaluate(READY)
        return page

    yield opened
    page.close()
    assert [error for error in errors if OURS in error] == []


def open_from_menu(page) -> None:
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Right Sidebar").hover()  # it has a submenu, and no role
    page.get_by_role("menuitem", name="Show Notebook to service").click()


def test_a_notebook_is_tagged_seen_and_saved_as_in_jupyterlab(opened) -> None:
    from playwright.sync_api import expect

    page = opened("loans.ipynb", LOAD, FEATURE, UNSEEDED, CHECK)
    panel = page.locator("#nb2svc-panel")
    expect(panel).to_be_hidden()
    open_from_menu(page)
    expect(panel).to_be_visible()
    role(page, 2).wait_for()

    role(page, 2).select_option("feature")
    activate(page, 2)
    run(page, "nb2svc:toggle-model")
    expect(page.locator(".nb2svc-Chip")).to_have_count(2)
    status(page, "This notebook can be built.")
    # Build and validation look for their jobs together.
    assert len([url for url in page.asked if "nb2svc/jobs?" in url]) == 1
    expect(page.get_by_role("group", name="A request carries", exact=True)).to_contain_text("loans")
    expect(page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".cm-lintRange-warning").first).to_contain_text(
        "train_test_split"
    )
    expect(page.locator(".nb2svc-Finding")).to_contain_text(["NB225"])
    assert [cell["metadata"].get("tags") for cell in saved(page)] == [None, ["nb2svc:feature"], ["nb2svc:model"], None]

    # What is a tab in JupyterLab may not vanish where there are none.
    run(page, "nb2svc:show-modules")
    expect(page.locator("#nb2svc-modules")).to_contain_text("features.py")
    expect(page.locator("#nb2svc-modules")).to_be_visible()
    expect(panel).to_be_visible()
    run(page, "nb2svc:show-rows")
    expect(page.locator("#nb2svc-rows")).to_be_visible()
    run(page, "nb2svc:show-modules")
    expect(page.locator("#nb2svc-modules")).to_be_visible()


def test_a_notebook_is_validated_as_in_jupyterlab(opened) -> None:
    from playwright.sync_api import expect

    page = opened("validated.ipynb", *CELLS, tags=TAGS)
    section = asked(page)
    seed = section.get_by_label("seed whole number")
    # An earlier question may come to the server after this one, which is dropped for it then.
    dropped = {"status": 409, "content_type": "application/json", "body": '{"message": "a later question came"}'}
    page.route(re.compile(r"/nb2svc/runs"), lambda route: route.fulfill(**dropped), times=1)
    seed.fill("one")
    expect(section.locator('[data-parameter="seed"] .nb2svc-Wrong')).to_contain_text("seed is a whole number in the notebook")
    seed.fill("2..3")
    planned(section, "That makes 2 runs.")
    section.get_by_role("button", name="Validate", exact=True).click()
    expect(row(section, "seed=2")).to_have_attribute("data-status", "ok", timeout=120_000)
    expect(section.locator("[data-verdict]")).to_have_attribute("data-verdict", "fail", timeout=120_000)
    link = row(section, "seed=3").get_by_role("button", name="seed=3")
    link.press("Enter")
    expect(link).to_have_attribute("aria-expanded", "true")
    at_line(page, 3, 2)
    expect(section.get_by_role("group", name="What the run said")).to_contain_text("Check good failed: the score is seven")
    accessible_everywhere(page, "#nb2svc-panel")
    with page.expect_popup() as popup:
        section.get_by_role("link", name="Open the report").click()
    expect(popup.value.get_by_role("heading", name="score", exact=True).first).to_be_visible()
    popup.value.close()
