"""Builds from the panel, in a real JupyterLab: to a green proof, to the line that fails, ended, and found again."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from browser.accessible import accessible_everywhere
from browser.jupyter_lab import READY, TOKEN, run
from browser.notebook_page import FEATURE, MODEL, activate, document, status

pytestmark = pytest.mark.browser

LOAD = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nloans = pd.DataFrame({'age': [20, 30, 40], 'paid': [1, 2, 3]})"
)
TAGGED = (LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
STUBBORN = """import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
open("pid.txt", "w").write(str(os.getpid()))
print("here I am")
time.sleep(600)"""


def building(page):
    return page.get_by_role("region", name="Build", exact=True)


def stage(page, name: str, state: str):
    return page.locator(f'.nb2svc-Stage[data-stage="{name}"][data-state="{state}"]')


def outcome(page, kind: str):
    return page.locator(f'.nb2svc-Result[data-outcome="{kind}"]')


def begin(page) -> None:
    status(page, "This notebook can be built.")
    run_later(page, "nb2svc:build")


def run_later(page, command: str) -> None:
    """Run a command without waiting for what it asks."""
    page.evaluate("command => { void window.jupyterapp.commands.execute(command); }", command)


# The number of the active code cell, and the line of its cursor, both from 1.
CURSOR = """() => {
  const { content } = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);
  const upTo = content.widgets.slice(0, content.activeCellIndex + 1);
  return `${upTo.filter(each => each.model.type === 'code').length}:${content.activeCell.editor?.getCursorPosition().line + 1}`;
}"""


def at_line(page, cell: int, line: int) -> None:
    """The cursor is put there: a cell is shown first, which may take a moment."""
    try:
        page.wait_for_function(f"place => ({CURSOR})() === place", arg=f"{cell}:{line}")
    except Exception as error:
        raise AssertionError(f"the cursor is at {page.evaluate(CURSOR)}, not at {cell}:{line}") from error


@pytest.fixture
def example(browser, lab, built):
    """A function that opens a copy of an example that was built already, so that only what changed has to run."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def opened(name: str, change):
            folder = lab.root / name
            shutil.copytree(built(name).folder, folder)
            change(folder)
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(30_000)
            stack.callback(page.close)
            lab.open(page, f"{name}/{name}.ipynb")
            return page

        yield opened


def test_the_hero_is_built_to_a_green_proof_and_its_modules_follow(example, lab) -> None:
    from playwright.sync_api import expect

    def prove_again(folder: Path) -> None:
        for result in (folder / ".nb2svc").glob("*/results/proof-*.json"):
            result.unlink()
        (folder / ".nb2svc").rename(folder / "aside")

    page = example("credit_risk", prove_again)
    status(page, "This notebook can be built.")
    page.get_by_role("button", name="Show its modules").click()
    basis = page.locator(".nb2svc-Modules-basis")
    expect(basis).to_have_text(re.compile("^A draft"))
    (lab.root / "credit_risk" / "aside").rename(lab.root / "credit_risk" / ".nb2svc")
    run_later(page, "nb2svc:build")
    expect(stage(page, "prove", "running")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="Cancel the build")).to_be_enabled()
    expect(outcome(page, "proved")).to_be_visible(timeout=300_000)
    expect(page.locator('.nb2svc-Stage[data-state="ok"]')).to_have_count(7)
    sentence = page.locator(".nb2svc-Result-sentence")
    expect(sentence).to_contain_text("values frozen")
    expect(sentence).to_contain_text(re.compile(r"\d,\d{3} rows identical\."))
    line = outcome(page, "proved").locator(".nb2svc-CommandLine code")
    expect(line).to_have_text("nb2svc serve credit_risk/credit_risk")
    page.get_by_text("What the build says").click()
    expect(page.locator(".nb2svc-Summary")).to_contain_text("model inputs")
    expect(basis).to_have_text(re.compile("^As the run of"))
    accessible_everywhere(page, "#nb2svc-panel")


def test_a_failed_proof_leads_to_the_first_column_that_differs(example) -> None:
    from playwright.sync_api import expect

    def edit(folder: Path) -> None:
        (module,) = folder.glob("diabetes_progression/diabetes_progression/features.py")
        text = module.read_text()
        assert 'visits["bp"] / 100' in text
        module.write_text(text.replace('visits["bp"] / 100', 'visits["bp"] / 101'))

    page = example("diabetes_progression", edit)
    begin(page)
    expect(outcome(page, "diverged")).to_be_visible(timeout=300_000)
    expect(page.locator(".nb2svc-Divergence")).to_contain_text("column bmi_pressure")
    expect(stage(page, "prove", "failed")).to_be_visible()
    place = page.locator(".nb2svc-Divergence").get_by_role("button").inner_text()
    at_line(page, *(int(number) for number in re.findall(r"\d+", place)))


def test_a_broken_cell_is_saved_built_and_shown_at_its_line(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(*TAGGED)
    status(page, "This notebook can be built.")
    broken = f"{LOAD}\nprint(len(loans), 'rows')\nloans['nobody']"
    page.evaluate(
        "source => [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.model.cells.get(0).sharedModel.setSource(source)",
        broken,
    )
    page.get_by_role("button", name="Build", exact=True).first.click()
    expect(outcome(page, "failed")).to_be_visible(timeout=120_000)
    assert "".join(json.loads(page.file.read_text())["cells"][0]["source"]) == broken, "saved before it was built"
    expect(page.locator(".nb2svc-Error-what")).to_contain_text("KeyError: 'nobody'")
    expect(stage(page, "run", "failed")).to_be_visible()
    expect(page.get_by_role("log")).to_have_text("3 rows")
    at_line(page, 1, 5)
    accessible_everywhere(page, "#nb2svc-panel")
    # The next one begins where the mended cell is.
    activate(page, 1)
    page.locator(".nb2svc-Error").get_by_role("button", name="cell 1, line 5").click()
    at_line(page, 1, 5)


def test_notebook_builds_and_opens_the_failing_cell_too(browser, lab) -> None:
    from playwright.sync_api import expect

    (lab.root / "window.ipynb").write_text(json.dumps(document(*TAGGED, "loans['nobody']", tags={})))
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(f"{lab.url}/notebooks/window.ipynb?token={TOKEN}")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate(READY)
    run(page, "nb2svc:open-panel")
    begin(page)
    expect(outcome(page, "failed")).to_be_visible(timeout=120_000)
    expect(page.locator(".nb2svc-Error-what")).to_contain_text("KeyError: 'nobody'")
    at_line(page, 4, 1)
    expect(building(page).locator(".nb2svc-CommandLine code").first).to_contain_text("nb2svc build window.ipynb")
    page.close()


def test_a_build_waits_its_turn_is_found_again_and_ended(notebook, browser, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(STUBBORN, *TAGGED)
    begin(page)
    expect(page.get_by_role("log")).to_have_text("here I am", timeout=120_000)
    expect(stage(page, "run", "running")).to_contain_text("1 of 4")
    name = page.file.name
    other = lab.root / "waits.ipynb"
    shutil.copy(page.file, other)
    # The tab is closed: another one finds the build, and one more waits behind it.
    page.goto("about:blank")
    lab.open(page, "waits.ipynb")
    begin(page)
    expect(building(page)).to_contain_text("It waits for another build to end.")
    page.get_by_role("button", name="Cancel the build").click()
    expect(outcome(page, "cancelled")).to_be_visible()
    lab.open(page, name)
    expect(page.get_by_role("log")).to_have_text("here I am")
    run(page, "nb2svc:cancel-build")
    expect(outcome(page, "cancelled")).to_be_visible(timeout=60_000)
    expect(stage(page, "run", "stopped")).to_be_visible()
    with pytest.raises(ProcessLookupError):
        os.kill(int((lab.root / "pid.txt").read_text()), 0)


def test_what_cannot_be_saved_is_not_built_and_what_is_refused_says_why(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(
        LOAD, "# nb2svc: feature ages\nloans['at'] = input('when')\nX = loans[['age', 'at']]", f"# nb2svc: model\n{MODEL}"
    )
    page.route("**/api/contents/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    page.evaluate(
        "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.model.cells.get(0).sharedModel.updateSource(0, 0, '# changed\\n')"
    )
    run_later(page, "nb2svc:build")
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(building(page).get_by_role("alert")).to_contain_text("The notebook could not be saved")
    page.unroute("**/api/contents/**")
    run(page, "nb2svc:build")
    expect(outcome(page, "refused")).to_be_visible(timeout=120_000)
    expect(outcome(page, "refused").get_by_role("button", name="cell 2, line 2").first).to_be_visible()
    expect(outcome(page, "refused")).to_contain_text("NB213")
    expect(stage(page, "read", "failed")).to_be_visible()


def test_options_are_in_the_command_line_which_can_be_copied(notebook, browser) -> None:
    from playwright.sync_api import expect

    page = notebook(*TAGGED)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    section = building(page)
    section.get_by_text("Options", exact=True).click()
    section.get_by_label("Parameters, one a line").fill("region=new york")
    section.get_by_label("Put a bento into the store").uncheck()
    line = f"nb2svc build {page.file.name} -p 'region=new york' --no-bento"
    expect(section.get_by_text(line, exact=True)).to_be_visible()
    section.get_by_role("button", name="Copy the command line").click()
    expect(section.get_by_text("copied", exact=True)).to_be_visible()
    section.get_by_label("Parameters, one a line").fill("new york")
    section.locator("button.jp-mod-styled", has_text="Build").click()
    expect(section.get_by_role("alert")).to_contain_text("“new york” is no parameter")
