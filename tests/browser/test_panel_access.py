"""The panel for everyone: by keyboard, read aloud, in light and dark, and narrow."""

import re

import pytest

from browser.accessible import accessible_everywhere, complaints, set_width
from browser.notebook_page import FEATURE, LOAD, MODEL, role, status

pytestmark = pytest.mark.browser


def keeps_sections(response) -> bool:
    """Whether JupyterLab has kept which sections are open; it keeps its layout now and then, too."""
    return "/api/workspaces/" in response.url and "nb2svc" in (kept := response.request.post_data or "") and ":sections" in kept


def test_a_section_is_closed_by_keyboard_and_stays_so(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    heading = page.get_by_role("heading", name="Cells 2 tagged", level=3).get_by_role("button")
    expect(heading).to_have_attribute("aria-expanded", "true")
    with page.expect_response(keeps_sections, timeout=30_000):
        heading.press("Enter")
        expect(heading).to_have_attribute("aria-expanded", "false")
        expect(page.get_by_label("Role of cell 2", exact=True)).to_have_count(0)
    page.goto(page.url.replace("?reset", ""))
    expect(heading).to_have_attribute("aria-expanded", "false")
    # A chip leads to the row of its cell, wherever that is.
    page.locator(".nb2svc-Chip").first.click()
    expect(page.get_by_label("Role of cell 2", exact=True)).to_be_focused()


NOW = "# nb2svc: feature ages\nX = loans[['age']].shift(1)\nX['now'] = pd.Timestamp.now().year"


def test_every_state_can_be_used_by_everyone(notebook) -> None:
    """Untagged, with a proposal, ready, with a warning, refused; the modules beside it; in both themes."""
    from playwright.sync_api import expect

    page = notebook(LOAD, "X = loans[['age']] / 100", "loans.describe()", MODEL)
    status(page, "No cell is tagged yet.")
    accessible_everywhere(page, "#nb2svc-panel")
    page.get_by_role("button", name="Suggest tags").click()
    page.get_by_role("button", name="Accept all").wait_for()
    accessible_everywhere(page, "#nb2svc-panel")
    page.get_by_role("button", name="Accept all").click()
    status(page, "This notebook can be built.")
    for details in page.locator("#nb2svc-panel details").all():
        details.locator("summary").click()
    accessible_everywhere(page, "#nb2svc-panel")
    page.get_by_role("button", name="Show its modules").click()
    expect(page.locator("#nb2svc-modules")).to_contain_text("A draft: nothing was run.")
    accessible_everywhere(page, "#nb2svc-modules")
    accessible_everywhere(page, ".nb2svc-Chip")
    page.locator(".jp-Cell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nX['now'] = pd.Timestamp.now().year")
    expect(page.locator(".nb2svc-Finding").filter(has_text="NB224")).to_be_visible()
    accessible_everywhere(page, "#nb2svc-panel")
    page.keyboard.type("\nx = (")
    status(page, re.compile("stands? against a service"))
    accessible_everywhere(page, "#nb2svc-panel")


def test_a_narrow_panel_shows_all_of_it(notebook) -> None:
    page = notebook(LOAD, NOW, f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    set_width(page, 250)
    for details in page.locator("#nb2svc-panel details").all():
        details.locator("summary").click()
    wider = page.locator("#nb2svc-panel").evaluate(
        "panel => panel.scrollWidth > panel.clientWidth ? [panel.scrollWidth, panel.clientWidth] : []"
    )
    assert wider == []
    cut = page.locator("#nb2svc-panel :is(button, select, input)").evaluate_all(
        "all => { const right = document.getElementById('nb2svc-panel').getBoundingClientRect().right;"
        " return all.filter(each => each.getBoundingClientRect().right > right).map(each => each.outerHTML); }"
    )
    assert cut == []
    accessible_everywhere(page, "#nb2svc-panel")


def test_what_can_not_be_used_is_found(notebook) -> None:
    page = notebook(LOAD)
    role(page, 1).wait_for()
    page.evaluate(
        "document.querySelector('.nb2svc-Panel-body').insertAdjacentHTML('beforeend',"
        ' \'<button id="bad"></button><p style="color: #ccc; background: #fff">pale</p><input>\')'
    )
    found = {complaint.partition(":")[0] for complaint in complaints(page, "#nb2svc-panel")}
    assert {"button-name", "color-contrast", "label"} <= found
