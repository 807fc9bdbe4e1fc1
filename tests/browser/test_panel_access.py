"""The panel for everyone: by keyboard, read aloud, in light and dark, and narrow."""

import pytest

from browser.notebook_page import FEATURE, LOAD, MODEL, status

pytestmark = pytest.mark.browser


def test_a_section_is_closed_by_keyboard_and_stays_so(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    heading = page.get_by_role("heading", name="Cells 2 tagged", level=3).get_by_role("button")
    expect(heading).to_have_attribute("aria-expanded", "true")
    with page.expect_request("**/api/workspaces/*", timeout=30_000):
        heading.press("Enter")
        expect(heading).to_have_attribute("aria-expanded", "false")
        expect(page.get_by_label("Role of cell 2", exact=True)).to_have_count(0)
    page.goto(page.url.replace("?reset", ""))
    expect(heading).to_have_attribute("aria-expanded", "false")
    # A chip leads to the row of its cell, wherever that is.
    page.locator(".nb2svc-Chip").first.click()
    expect(page.get_by_label("Role of cell 2", exact=True)).to_be_focused()
