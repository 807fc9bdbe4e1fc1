"""Five hundred runs that end quickly, in a real JupyterLab: what is drawn and read aloud stays bounded, what is not well comes first."""

import re

import pytest

from browser.accessible import accessible_everywhere
from browser.test_panel_validation import CELLS, TAGS, asked

pytestmark = pytest.mark.browser

RUNS = 500
AT_ONCE = 25
JOB = "0123456789abcdef"
# How often the section says something else aloud, and how many rows are drawn at most.
WATCH = """() => {
  const watched = window.watched = { aloud: [], drawn: 0 };
  const said = () => document.querySelector('.nb2svc-Validation > .nb2svc-Aloud')?.textContent ?? '';
  new MutationObserver(() => {
    if (watched.aloud.at(-1) !== said()) { watched.aloud.push(said()); }
    watched.drawn = Math.max(watched.drawn, document.querySelectorAll('.nb2svc-Run[data-run]').length);
  }).observe(document.querySelector('#nb2svc-panel'), { subtree: true, childList: true, characterData: true });
}"""


class Stub:
    """The server's side of one job: each question hears of the next runs, of which each tenth fails."""

    def __init__(self, path: str) -> None:
        self.path, self.told, self.began = path, 0, False

    def __call__(self, route) -> None:
        request = route.request
        if request.method == "POST":
            self.began = True
            route.fulfill(status=201, json=self._job())
        elif f"/jobs/{JOB}" in request.url:
            route.fulfill(json=self._news(int(re.search(r"after=(\d+)", request.url)[1])))
        else:
            route.fulfill(json={"jobs": []})

    def _job(self) -> dict:
        ended = self.told >= RUNS
        return {
            "id": JOB, "command": "validate", "path": self.path, "options": {"grid": {"seed": f"1..{RUNS}"}}, "command_line": "…",
            "state": "done" if ended else "running", "position": 0, "exit_code": 1 if ended else None, "created": "", "started": "",
            "ended": "2026-11-27T10:00:00" if ended else None, "seconds": 1.0, "document": None,
        }  # fmt: skip

    def _news(self, after: int) -> dict:
        self.told = min(RUNS, self.told + AT_ONCE)
        events = [self._event(number) for number in range(1, self.told + 1) if number > after]
        return {**self._job(), "events": events, "last": self.told, "dropped": 0}

    def _event(self, number: int) -> dict:
        failed = number % 10 == 0
        check = {"name": "good", "cell": 3, "outcome": "fail", "message": "no", "line": 2, "values": [], "segment": ""}
        run = {
            "key": f"{number:016x}", "number": number, "label": f"seed={number}", "status": "failed" if failed else "ok", "values": [],
            "cells": 3, "seconds": 0.1, "path": "fork", "path_note": "", "reused": False, "checks": 1,
            "failed": [check] if failed else [], "metrics": [{"name": "score", "value": number, "cell": 2, "segment": "", "special": "",
            "note": ""}], "failure": None,
        }  # fmt: skip
        return {"n": number, "seconds": 1.0, "stage": "run", "done": number, "total": RUNS, "left": 1.0, "run": run}


def test_many_runs_that_end_quickly_leave_the_panel_usable(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    stub = Stub(page.file.name)
    section = asked(page)
    page.route("**/nb2svc/jobs**", stub)
    page.evaluate(WATCH)
    section.get_by_role("button", name="Validate", exact=True).click()
    expect(section.get_by_label("Show")).to_contain_text(f"all runs ({RUNS})", timeout=120_000)
    expect(section.locator(".nb2svc-Runs-group")).to_have_text([f"failed a check ({RUNS // 10})", f"ok ({RUNS - RUNS // 10})"])
    watched = page.evaluate("window.watched")
    said = [text for text in watched["aloud"] if text]
    assert 2 <= len(said) <= 10, said
    assert said[-1] == "The validation has ended."
    assert sum(text.startswith("At least") for text in said) >= 2, said
    rows = section.locator(".nb2svc-Run[data-run]")
    # Fifty of each state, and at no time more: what is drawn for each answer does not grow with the runs.
    assert rows.count() == 100
    assert watched["drawn"] == 100
    assert rows.first.get_attribute("data-run") == "seed=10"
    accessible_everywhere(page, "#nb2svc-panel")
    section.get_by_label("Show").select_option("bad")
    expect(rows).to_have_count(RUNS // 10)
    section.get_by_label("Show").select_option("all")
    section.get_by_role("button", name=f"Show 100 more of {RUNS - RUNS // 10}").press("Enter")
    expect(rows).to_have_count(200)
    rows.first.get_by_role("button").press("Enter")
    expect(section.get_by_role("group", name="What the run said")).to_contain_text("Check good failed: no")
