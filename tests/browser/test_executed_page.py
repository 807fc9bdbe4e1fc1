"""The executed notebook as a page in a real Chromium: it loads nothing, says nothing, and can be read aloud."""

import shutil
from collections.abc import Iterator

import pytest

from browser.test_api_page import QUIET


@pytest.fixture(scope="module")
def page(built) -> Iterator:
    """The page of the diabetes notebook's run, with what it asked for and complained of."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program is not None, "these tests need Chromium: apt-get install chromium"
    (path,) = (built("diabetes_progression").folder / ".nb2svc").glob("*/*/executed.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        opened = browser.new_page(viewport={"width": 420, "height": 800})
        opened.asked, opened.said = [], []
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.on("console", lambda message: opened.said.append(message.text))
        opened.goto(path.as_uri())
        yield opened
        browser.close()


def test_it_asks_for_nothing_but_itself(page) -> None:
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.said == []


def test_a_script_in_it_would_not_run(page) -> None:
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title = 1\">')")
    page.wait_for_timeout(200)
    assert page.title() == "diabetes_progression.ipynb as it ran"


def test_it_is_told_by_headings_and_fits_a_telephone(page) -> None:
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).first.inner_text() == "diabetes_progression.ipynb"
    assert page.get_by_role("main").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
