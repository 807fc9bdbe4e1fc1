"""One JupyterLab and one Chromium for each file of tests that opens the panel."""

import json
import re
import shutil
from collections.abc import Iterator

import pytest

from browser.jupyter_lab import Lab, running_lab
from browser.notebook_page import document, watched_page

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program is not None, "these tests need Chromium: apt-get install chromium"
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def notebook(browser, lab, request) -> Iterator:
    """A function that opens a notebook of these cells; what the page complains of fails the test."""
    name = re.sub(r"\W+", "_", request.node.name) + ".ipynb"

    def opened(*cells: str, tags: dict | None = None):
        path = lab.root / name
        path.write_text(json.dumps(document(*cells, tags=tags or {})))
        lab.open(page, name)
        page.file = path
        return page

    with watched_page(browser) as page:
        yield opened
