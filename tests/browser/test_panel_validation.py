"""Validations from the panel, in a real JupyterLab: counted and checked before, told as runs end, opened at the failing cell."""

import json
import os
import re
import subprocess
import sys

import pytest

from browser.accessible import accessible_everywhere, set_width
from browser.jupyter_lab import ROOT, run
from browser.notebook_page import watched_page
from browser.test_panel_build import at_line
from nb2svc.ir.codec import to_json
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.read.notebook import parse_notebook
from served_example import NAME

pytestmark = pytest.mark.browser

PARAMETERS = "seed = 1\nrate = 0.5\nlabel = 'a'\nrows = 10\nhalf = rows / 2"
SCORE = "import time\nfrom nb2svc import metric\nscore = 10 - seed\nmetric('score', score)\nif seed > 10:\n    time.sleep(600)"
CHECK = "# nb2svc: check good\nassert score != 7, 'the score is seven'"
CELLS = (PARAMETERS, SCORE, CHECK)
TAGS = {1: ["parameters"]}
SCORES = (MetricValue(name="score", value=9.0),)


def validation(page):
    return page.get_by_role("region", name="Validation", exact=True)


def asked(page, *, before: bool = False, first: str = "seed whole number"):
    """The section with its form, ready to be filled in; `before` says that there is something to see, which folds the form."""
    run(page, "nb2svc:validate")
    section = validation(page)
    if before:
        section.locator(".nb2svc-Run").first.wait_for()
        section.get_by_text("What to run it with").click()
    section.get_by_label(first).wait_for()
    return section


def row(section, label: str):
    return section.locator(f'.nb2svc-Run[data-run="{label}"]')


def planned(section, text: str) -> None:
    from playwright.sync_api import expect

    expect(section.locator(".nb2svc-Planned")).to_have_text(text)


def test_a_wrong_value_is_told_at_its_field_before_anything_starts(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    section = asked(page)
    planned(section, "That makes 1 run.")
    seed, rate = section.get_by_label("seed whole number"), section.get_by_label("rate number")
    expect(seed).to_have_attribute("placeholder", "1 (as it is)")
    expect(section).to_contain_text("is 10; the cell computes with it")
    rate.fill("high")
    wrong = section.locator('[data-parameter="rate"] .nb2svc-Wrong')
    expect(wrong).to_contain_text("rate is a number in the notebook. Its default is 0.5. Give a number")
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(section.get_by_role("button", name="Validate", exact=True)).to_be_disabled()
    seed.fill("1..20000")
    expect(section.get_by_label("seed: one value or many")).to_have_value("grid")
    planned(section, "2 fields are wrong.")
    rate.fill("0.7")
    seed.fill("1..8")
    planned(section, "That makes 8 runs.")
    section.get_by_label("label: one value or many").select_option("grid")
    section.get_by_label("label text").fill("lr, gb")
    expect(section.locator('[data-parameter="label"] .nb2svc-Wrong')).to_contain_text('--grid \'label=["lr", "gb"]\'')
    section.get_by_label("label text").fill('["lr", "gb"]')
    section.get_by_text("How they are run").click()
    section.get_by_label("Stop a run after").fill("soon")
    expect(section.locator("#nb2svc-validation-timeout-wrong")).to_contain_text("is no time. Write 30m, 90s or 1h30m")
    section.get_by_label("Stop a run after").fill("30s")
    section.get_by_label("Repeat each").fill("3")
    planned(section, "That makes 48 runs.")
    section.get_by_text("What they are compared with").click()
    section.get_by_label("Baseline").select_option("last")
    expect(section.locator("#nb2svc-baseline-wrong")).to_contain_text("There is no last validation")
    section.get_by_label("Baseline").select_option("")
    line = f'nb2svc validate {page.file.name} -p rate=0.7 --grid seed=1..8 --grid \'label=["lr", "gb"]\' --repeat=3 --timeout=30s'
    expect(section.locator(".nb2svc-CommandLine code")).to_have_text(line)
    accessible_everywhere(page, "#nb2svc-panel")


def test_sets_of_a_file_a_gate_and_the_service_are_asked_for(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    cases = lab.root / "cases.yaml"
    cases.write_text("small: {rate: 0.1}\nlarge: {rate: hgh}\n")
    champion = Validation(
        notebook=page.file.name,
        notebook_digest="d",
        runs=(RunResult(key="1", spec=RunSpec(key="1"), status="ok", metrics=SCORES),),
    )
    (lab.root / "champion.json").write_text(json.dumps(to_json(champion)))
    section = asked(page)
    section.get_by_label("Sets of parameters from a file").select_option("cases.yaml")
    wrong = section.locator("#nb2svc-validation-matrix-wrong")
    expect(wrong).to_contain_text("large")
    expect(section.get_by_role("button", name="Validate", exact=True)).to_be_disabled()
    cases.write_text("small: {rate: 0.1}\nlarge: {rate: 0.9}\n")
    section.get_by_label("seed whole number").fill("1..3")
    planned(section, "That makes 6 runs.")
    section.get_by_label("Sets of parameters from a file").select_option(label="another YAML file")
    section.get_by_label("YAML file", exact=True).fill("case.yaml")
    expect(wrong).to_contain_text("There is no file case.yaml")
    section.get_by_label("YAML file", exact=True).fill("../cases.yaml")
    expect(wrong).to_contain_text("There is no file ../cases.yaml")
    section.get_by_label("YAML file", exact=True).fill("cases.yaml")
    planned(section, "That makes 6 runs.")
    section.get_by_text("What they are compared with").click()
    gate = section.get_by_label("Gate: no worse than the champion")
    gate.select_option("champion.json")
    expect(section.locator("#nb2svc-validation-champion-wrong")).to_contain_text(
        "Nothing is declared that the gate could decide by"
    )
    section.get_by_label("A metric may be worse by, one a line").fill("score=0.5")
    expect(section.locator("#nb2svc-validation-champion-wrong")).to_contain_text("Add --higher-is-better score")
    section.get_by_label("Of these metrics more is better, one a line").fill("score")
    planned(section, "That makes 6 runs.")
    section.get_by_label("The champion may have been validated on other files").check()
    service = section.get_by_label("The built service, trained with each run")
    expect(service).to_be_disabled()
    expect(section.locator("#nb2svc-service-note")).to_contain_text("The notebook was not built yet: build it first")
    accessible_everywhere(page, "#nb2svc-panel")
    project = built(lab.root / "below" / "service", page.file, digest="another")
    section.get_by_label("seed whole number").fill("1..2")
    expect(section.locator("#nb2svc-service-note")).to_contain_text("below/service was built from another state of the notebook")
    built(project, page.file, digest=parse_notebook(page.file.read_bytes(), path=page.file.name)[0].digest)
    section.get_by_label("seed whole number").fill("1..4")
    expect(service).to_be_enabled()
    service.focus()
    page.keyboard.press("Space")
    planned(section, "That makes 8 runs.")
    line = (
        f"nb2svc validate {page.file.name} --grid seed=1..4 --matrix=cases.yaml --margin=score=0.5 --higher-is-better=score"
        " --gate champion=champion.json --other-data --service"
    )
    expect(section.locator(".nb2svc-CommandLine code")).to_have_text(line)
    set_width(page, 250)
    panel = page.locator("#nb2svc-panel")
    assert panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0
    accessible_everywhere(page, "#nb2svc-panel")


def built(project, notebook, *, digest: str):
    """What a build of a notebook leaves that says where it came from."""
    runtime = project / "service" / "_nb2svc"
    runtime.mkdir(parents=True, exist_ok=True)
    (project / "readiness.json").write_text("{}")
    (runtime / "origin.json").write_text(json.dumps({"notebook": notebook.name, "notebook_digest": digest}))
    return project


def test_runs_come_one_by_one_and_a_failed_one_opens_at_its_cell(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    section = asked(page)
    section.get_by_label("seed whole number").fill("1..4")
    planned(section, "That makes 4 runs.")
    section.get_by_role("button", name="Validate", exact=True).click()
    expect(section.get_by_role("button", name="Cancel the validation")).to_be_visible()
    # At each frame: an expectation looks once a second, and it may be over by then.
    page.wait_for_function("document.querySelector('[data-run=\"seed=1\"][data-status=running]')", timeout=60_000)
    expect(section.locator(".nb2svc-Progress-words")).to_contain_text("of 4 runs")
    expect(row(section, "seed=3")).to_have_attribute("data-status", "failed", timeout=120_000)
    expect(section.locator("[data-verdict]")).to_have_attribute("data-verdict", "fail", timeout=60_000)
    expect(section.locator('.nb2svc-Run[data-status="ok"]')).to_have_count(3)
    expect(row(section, "seed=2")).to_contain_text("8")
    expect(section.locator("[data-verdict]")).to_contain_text("check good does not pass in 1 of 4")
    expect(section.locator("[data-verdict]")).to_contain_text("mean 7.5 in 4 runs")
    # Whoever opens the failed one is led to the assertion, and told what it compared.
    link = row(section, "seed=3").get_by_role("button", name="seed=3")
    link.press("Enter")
    expect(link).to_have_attribute("aria-expanded", "true")
    at_line(page, 3, 2)
    told = section.get_by_role("group", name="What the run said")
    expect(told).to_contain_text("Check good failed: the score is seven")
    expect(told.locator("dd code")).to_have_text("7")
    page.evaluate(
        "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells).content.activeCellIndex = 0"
    )
    told.get_by_role("button", name="cell 3, line 2").click()
    at_line(page, 3, 2)
    accessible_everywhere(page, "#nb2svc-panel")
    with page.expect_popup() as opened:
        told.get_by_role("link", name="Open its executed notebook").click()
    executed = opened.value
    expect(executed.locator("body")).to_contain_text("AssertionError: the score is seven")
    assert executed.url.endswith("#cell-id=cell-3")
    executed.close()
    with page.expect_popup() as opened:
        section.get_by_role("link", name="Open the report").click()
    expect(opened.value.get_by_role("heading", name="score", exact=True).first).to_be_visible()
    opened.value.close()
    # Narrow, nothing is cut off but what scrolls by itself.
    set_width(page, 250)
    section.locator("details:not([open]) > summary").evaluate_all("all => all.forEach(each => each.click())")
    panel = page.locator("#nb2svc-panel")
    assert panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0
    accessible_everywhere(page, "#nb2svc-panel")
    # In another tab, or after a reload, it is there again, and its form, too.
    lab.open(page, page.file.name)
    section = asked(page, before=True)
    expect(section.get_by_label("seed whole number")).to_have_value("1..4")
    expect(row(section, "seed=3")).to_have_attribute("data-status", "failed")


def test_a_validation_is_cancelled_and_what_was_finished_is_kept(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    section = asked(page)
    section.get_by_label("seed whole number").fill("[1, 11]")
    section.get_by_text("How they are run").click()
    section.get_by_label("At the same time").fill("1")
    planned(section, "That makes 2 runs.")
    section.get_by_role("button", name="Validate", exact=True).click()
    expect(row(section, "seed=11")).to_contain_text("cell 2 of 3", timeout=60_000)
    # Another tab finds it while it runs.
    lab.open(page, page.file.name)
    run(page, "nb2svc:validate")
    section = validation(page)
    expect(row(section, "seed=1")).to_have_attribute("data-status", "ok")
    expect(row(section, "seed=11")).to_contain_text("cell 2 of 3")
    run(page, "nb2svc:cancel-validation")
    expect(section.locator('[data-outcome="cancelled"]')).to_be_visible(timeout=60_000)
    expect(section).to_contain_text("1 run was not made.")
    expect(row(section, "seed=11")).to_have_attribute("data-status", "not_run")
    expect(section.locator("[data-verdict]")).to_have_attribute("data-verdict", "open")
    accessible_everywhere(page, "#nb2svc-panel")


def test_one_that_was_made_in_a_terminal_is_shown_too_and_what_is_refused_says_why(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS, tags=TAGS)
    command = [
        sys.executable,
        "-m",
        "nb2svc",
        "validate",
        page.file.name,
        "--grid",
        "seed=3..4",
        "--jobs",
        "2",
        "--progress",
        "none",
    ]
    assert subprocess.run(command, cwd=lab.root, capture_output=True, check=False, timeout=120).returncode == 1
    section = asked(page, before=True)
    expect(section).to_contain_text(re.compile("The last validation, of "))
    row(section, "seed=3").get_by_role("button", name="seed=3").click()
    at_line(page, 3, 2)
    section.get_by_label("seed whole number").fill("3..4")
    section.get_by_text("What they are compared with").click()
    section.get_by_label("Baseline").select_option("last")
    section.get_by_label("A metric may be worse by, one a line").fill("scor=0.1")
    expect(section.locator("#nb2svc-validation-margins-wrong")).to_contain_text("did you mean score?")
    section.get_by_label("A metric may be worse by, one a line").fill("score=0.5")
    section.get_by_label("Of these metrics more is better, one a line").fill("score")
    planned(section, "That makes 2 runs.")
    section.get_by_role("button", name="Validate", exact=True).click()
    # All of them are known; they are compared, pair by pair.
    expect(section.locator("[data-verdict]")).to_contain_text("score no worse: 6.5, was 6.5; margin 0.5", timeout=60_000)
    expect(section.locator("[data-verdict]")).to_contain_text("Compared with last, 2 runs")
    expect(row(section, "seed=3")).to_contain_text("made before")
    # The same runs may take the place of a champion that is no better.
    last = lab.root / ".nb2svc" / page.file.stem / "validation" / "validation.json"
    (lab.root / "kept.json").write_bytes(last.read_bytes())
    section.get_by_text("What to run it with").click()
    section.get_by_text("What they are compared with").click()
    section.get_by_label("Baseline").select_option("")
    section.get_by_label("Gate: no worse than the champion").select_option(label="another file, or one in a revision of git")
    section.get_by_label("Validation of the champion").fill("kept.json")
    planned(section, "That makes 2 runs.")
    section.get_by_role("button", name="Validate again").click()
    expect(section.locator("[data-gate]")).to_have_text("✓ The gate is open.", timeout=60_000)
    expect(section.locator("[data-verdict]")).to_contain_text("Gate: against the champion kept.json, 2 runs")
    accessible_everywhere(page, "#nb2svc-panel")
    # A secret is known to the command only, which says so at the field.
    section.get_by_text("What to run it with").click()
    section.get_by_label("seed whole number").fill("")
    section.get_by_label("label text").fill("env:NOBODY_SET_THIS")
    planned(section, "That makes 1 run.")
    section.get_by_role("button", name="Validate again").click()
    wrong = section.locator('[data-parameter="label"] .nb2svc-Wrong')
    expect(wrong).to_contain_text("There is no secret NOBODY_SET_THIS", timeout=60_000)
    expect(section.locator('[data-outcome="failed"]')).to_contain_text("export NOBODY_SET_THIS=")


@pytest.fixture
def plain(browser, lab):
    """A page of the Lab; what it complains of fails the test."""
    with watched_page(browser) as page:
        yield page


def test_the_built_service_is_trained_with_each_run_and_what_differs_is_opened_at_its_cell(plain, lab) -> None:
    from playwright.sync_api import expect

    folder = lab.root / "served"
    folder.mkdir()
    # In a process of its own: a notebook that is run here would wait for the loop of the browser's driver.
    made = [sys.executable, "-m", "served_example", str(folder)]
    subprocess.run(made, check=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")})
    page = plain
    lab.open(page, f"served/{NAME}.ipynb")
    section = asked(page, first="split whole number")
    section.get_by_label("limit whole number").fill("[60, 10]")
    section.get_by_text("What they are compared with").click()
    section.get_by_label("The built service, trained with each run").check()
    planned(section, "That makes 2 runs.")
    expect(section.locator(".nb2svc-CommandLine code")).to_contain_text("--service")
    section.get_by_role("button", name="Validate", exact=True).click()
    # The first is shown at its end, while the other is still to be made.
    first = row(section, "limit=60")
    expect(first).to_have_attribute("data-status", "ok", timeout=120_000)
    expect(section.get_by_role("button", name="Cancel the validation")).to_be_visible()
    verdict = section.locator("[data-verdict]")
    expect(verdict).to_have_attribute("data-verdict", "fail", timeout=180_000)
    expect(verdict).to_contain_text("answers alike in 2 of 2 runs")
    row(section, "limit=10").get_by_role("button", name="limit=10").click()
    at_line(page, 9, 3)
    told = section.get_by_role("group", name="What the run said")
    expect(told).to_contain_text("442 of 442 rows identical")
    accessible_everywhere(page, "#nb2svc-panel")
    # Another feature in the service is another answer, at the line that it comes from.
    features = folder / NAME / NAME / "features.py"
    text = features.read_text()
    assert text.count('visits["hdl"] / visits["cholesterol"]') == 1
    features.write_text(text.replace('visits["hdl"] / visits["cholesterol"]', 'visits["hdl"] / (visits["cholesterol"] + 1)'))
    section.get_by_text("What to run it with").click()
    section.get_by_label("limit whole number").fill("[60]")
    planned(section, "That makes 1 run.")
    section.get_by_role("button", name="Validate again").click()
    expect(verdict).to_contain_text("the service does not answer as the notebook in 1 of 1 runs", timeout=120_000)
    differing = section.locator("tr.nb2svc-Run").first
    expect(differing).to_contain_text("the service differs")
    differing.get_by_role("button").first.click()
    at_line(page, 5, 4)
    expect(told).to_contain_text("hdl_share")
    accessible_everywhere(page, "#nb2svc-panel")
