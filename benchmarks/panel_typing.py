"""Typing in a notebook in Chromium: how long until the panel shows what the compiler says, and whether a key has to wait."""

import shutil
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import sync_playwright

from browser.jupyter_lab import Lab

# What the panel waits for before it asks (labextension/src/wiring/session.ts).
PAUSE = 120
TYPED = 60
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
# From a key until the frame after the one in which the panel's status line says something else than that it waits.
WATCH = """() => {
  const status = () => document.querySelector('.nb2svc-Panel-status').textContent;
  const watched = window.watched = { key: 0, shown: 0, waits: [], tasks: [] };
  document.addEventListener('keydown', event => {
    const key = watched.key = performance.now();
    watched.shown = 0;
    requestAnimationFrame(() => setTimeout(() => watched.waits.push(performance.now() - key)));
  }, true);
  let hasWaited = false;
  new MutationObserver(() => {
    if (status().includes('…')) {
      hasWaited = true;
    } else if (hasWaited) {
      hasWaited = false;
      requestAnimationFrame(() => setTimeout(() => { watched.shown = performance.now(); }));
    }
  }).observe(document.querySelector('#nb2svc-panel'), { subtree: true, childList: true, characterData: true });
  const tasks = new PerformanceObserver(list => watched.tasks.push(...list.getEntries().map(each => each.duration)));
  tasks.observe({ type: 'longtask' });
}"""
SHOWN = "window.watched.shown > window.watched.key && window.watched.key > 0"
STEPS = """() => {
  const { key, shown } = window.watched;
  const asked = performance.getEntriesByType('resource').filter(each => each.name.includes('nb2svc/analyze')).at(-1);
  performance.clearResourceTimings();
  return { total: shown - key, before: asked.startTime - key, server: asked.responseEnd - asked.startTime,
    after: shown - asked.responseEnd, size: asked.decodedBodySize };
}"""
TOLD = """() => {
  const { waits, tasks } = window.watched;
  window.watched.waits = [];
  window.watched.tasks = [];
  return { waits, tasks };
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was measured in one notebook, in milliseconds."""

    cells: int
    totals: list[float]
    before: list[float]
    server: list[float]
    after: list[float]
    size: int
    script: float
    layout: float
    waits: list[float]
    tasks: list[float]


def typed(lab: Lab, cells: int, *, keys: int) -> Typed:
    """Open the notebook of so many cells and type in it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program is not None, "this needs Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(120_000)
        lab.open(page, f"of_{cells}.ipynb")
        page.locator(".nb2svc-Panel-status", has_text="This notebook can be built.").wait_for()
        page.locator(".jp-Cell").nth(1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.evaluate(WATCH)
        page.keyboard.type("\n# 0")
        page.wait_for_function(SHOWN)
        page.evaluate(STEPS)
        steps, script, layout = _answered(page, keys)
        waits, tasks = _without_pause(page)
        browser.close()
    return Typed(
        cells=cells,
        totals=[each["total"] for each in steps],
        before=[each["before"] - PAUSE for each in steps],
        server=[each["server"] for each in steps],
        after=[each["after"] for each in steps],
        size=int(steps[-1]["size"]),
        script=script,
        layout=layout,
        waits=waits,
        tasks=tasks,
    )


def _answered(page: Any, keys: int) -> tuple[list[dict[str, float]], float, float]:
    """One key after the other, each after the answer; with the page's time in scripts and in layout for each."""
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    before = _metrics(metrics)
    steps = []
    for number in range(keys):
        page.keyboard.type(str(number % 10))
        page.wait_for_function(SHOWN)
        steps.append(page.evaluate(STEPS))
    after = _metrics(metrics)
    script, layout = ((after[name] - before[name]) * 1000 / keys for name in ("ScriptDuration", "LayoutDuration"))
    return steps, script, layout + (after["RecalcStyleDuration"] - before["RecalcStyleDuration"]) * 1000 / keys


def _metrics(session: Any) -> dict[str, float]:
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}


def _without_pause(page: Any) -> tuple[list[float], list[float]]:
    """A line of code typed faster than the panel's pause, twice with a pause in between; each key's wait, and the long tasks."""
    page.evaluate(TOLD)
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.type("wide = patients.describe() * 2"[: TYPED // 2], delay=70)
        page.wait_for_function(SHOWN)
    told = page.evaluate(TOLD)
    return told["waits"], told["tasks"]


def print_head() -> None:
    """What the columns are."""
    print(
        "\nFrom a key to the frame that shows the answer, in ms (median, worst), and what it is made of (medians); then, typing"
    )
    print(
        "without a pause, how long a key waits for its frame (median, 95 %, worst), and the tasks over 50 ms (number, sum, worst)"
    )
    names = ("cells", "in all", "worst", "pause", "before", "server", "after", "script", "layout", "kB", "key", "95 %", "worst")
    print("".join(f"{name:>8}" for name in (*names, "tasks", "sum", "worst")))


def print_typed(measured: Typed) -> None:
    """The row of a notebook."""
    parts = [statistics.median(part) for part in (measured.before, measured.server, measured.after)]
    waits = sorted(measured.waits)
    tasks = (len(measured.tasks), sum(measured.tasks), max(measured.tasks, default=0))
    columns = (
        *(measured.cells, statistics.median(measured.totals), max(measured.totals), PAUSE, *parts),
        *(measured.script, measured.layout, measured.size / 1000),
        *(statistics.median(waits), waits[int(len(waits) * 0.95)], waits[-1], *tasks),
    )
    print("".join(f"{column:>8.0f}" for column in columns), flush=True)
