"""The API page in a real Chromium: the first click sends the example, and nothing is fetched from anywhere else."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nb2svc.bento.serve import running

# Chromium looks for updates and suggestions by itself; a closed network would only hear about it.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page(built) -> Iterator:
    """The page of the diabetes service, with what it asked for and complained of."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program is not None, "these tests need Chromium: apt-get install chromium"
    with running(Path(built("diabetes_progression").project)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        opened = browser.new_page()
        opened.asked, opened.said = [], []
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.on("console", lambda message: opened.said.append(message.text))
        opened.goto(f"{server.url}/")
        opened.base = server.url
        yield opened
        browser.close()


def test_the_first_click_sends_the_example(page) -> None:
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .highlight-code code").first
    answer.wait_for()
    results = json.loads(answer.inner_text())["results"]
    assert [result["status"] for result in results] == ["ok", "ok"]
    assert all(isinstance(result["prediction"], float) for result in results)


def test_nothing_comes_from_elsewhere(page) -> None:
    assert [url for url in page.asked if not url.startswith((page.base, "data:"))] == []
    assert page.said == []


def test_the_page_can_be_read_aloud_and_by_keyboard(page) -> None:
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text() == "diabetes_progression"
    assert page.get_by_role("main").count() == 1
    page.keyboard.press("Tab")
    assert page.locator("a.skip").count() == 1
