"""Findings where they stand: underlined in the cell, told on hover and by key, mended by mouse and by key, explained in the panel."""

import re

import pytest

from browser.jupyter_lab import run
from browser.notebook_page import FEATURE, LOAD, MODEL, saved, status

pytestmark = pytest.mark.browser

SPLIT = (
    "# nb2svc: model\nfrom sklearn.model_selection import train_test_split\n\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, loans['paid'])\n"
    "model = Ridge().fit(X_train, y_train)\npaid = model.predict(X_test)"
)
SEEDED = SPLIT.replace("loans['paid'])", "loans['paid'], random_state=0)")
TAGGED = f"# nb2svc: feature\n{FEATURE}"


def cell(page, index: int):
    return page.locator(".jp-Notebook .jp-Cell").nth(index)


def source(page, index: int) -> str:
    return page.evaluate(
        "index => [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.widgets[index].model.sharedModel.getSource()",
        index,
    )


def has_source(page, index: int, text: str) -> None:
    page.wait_for_function(
        "([index, text]) => [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.widgets[index].model.sharedModel.getSource() === text",
        arg=[index, text],
    )


def marked(page, index: int, kind: str):
    return cell(page, index).locator(f".cm-lintRange-{kind}")


def edit(page, index: int, line: int) -> None:
    """Put the cursor at the start of a line of a cell, from 1."""
    cell(page, index).locator(".cm-line").nth(line - 1).click(position={"x": 2, "y": 5})
    page.keyboard.press("Home")


def test_a_finding_is_underlined_and_its_fix_is_made_on_hover_in_one_step(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, SPLIT)
    expect(marked(page, 2, "warning").first).to_contain_text("train_test_split")
    expect(marked(page, 1, "error")).to_have_count(0)
    marked(page, 2, "warning").first.hover()
    told = page.locator(".cm-tooltip-lint")
    expect(told).to_contain_text("warning NB225")
    expect(told).to_contain_text("draws at random and is given no seed")
    told.get_by_role("button", name="Fix: Add `random_state=0`").click()
    has_source(page, 2, SEEDED)
    expect(marked(page, 2, "warning")).to_have_count(0)
    expect(page.locator(".nb2svc-Finding")).to_have_count(0)
    status(page, "This notebook can be built.")
    page.keyboard.press("Control+z")
    has_source(page, 2, SPLIT)
    expect(marked(page, 2, "warning").first).to_contain_text("train_test_split")


def test_by_key_one_goes_to_a_finding_fixes_it_and_finds_it_in_the_panel(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, SPLIT)
    expect(marked(page, 2, "warning").first).to_be_visible()
    edit(page, 2, 1)
    page.keyboard.press("F8")
    expect(page.locator(".cm-focused > .cm-announced")).to_contain_text("NB225")
    page.keyboard.press("Control+.")
    has_source(page, 2, SEEDED)
    page.keyboard.press("Control+z")
    has_source(page, 2, SPLIT)
    expect(marked(page, 2, "warning").first).to_be_visible()
    page.keyboard.press("Control+Shift+M")
    finding = page.locator(".nb2svc-Finding").filter(has_text="NB225")
    expect(finding.locator("pre").first).to_be_visible()
    expect(finding.locator("summary")).to_be_focused()
    finding.get_by_role("button", name="Fix NB225").press("Enter")
    has_source(page, 2, SEEDED)
    # The last finding is gone: who uses the keyboard is told how it stands now, not put at the page's beginning.
    expect(page.locator(".nb2svc-Finding")).to_have_count(0)
    expect(page.locator(".nb2svc-Panel-status")).to_be_focused()


def test_what_is_typed_moves_a_finding_and_the_next_analysis_takes_it_away(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, SPLIT)
    expect(marked(page, 2, "warning").first).to_be_visible()
    edit(page, 2, 2)
    page.keyboard.type("# of 2024 😀\n")
    expect(marked(page, 2, "warning").first).to_contain_text("train_test_split")
    page.locator(".nb2svc-Finding").filter(has_text="NB225").get_by_role("button", name="cell 3, line 5").wait_for()
    expect(marked(page, 2, "warning").first).to_contain_text("train_test_split")
    edit(page, 1, 2)
    page.keyboard.type("x = (\n")
    expect(marked(page, 1, "error").first).to_be_visible()
    page.keyboard.press("Control+z")
    expect(marked(page, 1, "error")).to_have_count(0)


def test_a_tag_is_mended_from_the_panel_and_undone_as_one_step(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, MODEL, tags={3: ["slow", "nb2svc:modell"]})
    finding = page.locator(".nb2svc-Finding").filter(has_text="NB101")
    finding.get_by_role("button", name="Fix NB101: Write the tag as nb2svc:model").press("Enter")
    status(page, "This notebook can be built.")
    assert saved(page)[2]["metadata"]["tags"] == ["slow", "nb2svc:model"]
    run(page, "notebook:undo-cell-action")
    expect(finding).to_be_visible()
    assert saved(page)[2]["metadata"]["tags"] == ["slow", "nb2svc:modell"]


def test_all_are_mended_at_once_and_the_command_line_says_so(notebook) -> None:
    from playwright.sync_api import expect

    broken = "# nb2svc: featuer\nloans['age'].fillna(0, inplace=True)\nX = loans[['age']] / 100"
    page = notebook(LOAD, broken, SPLIT)
    section = page.get_by_role("region", name="Findings")
    expect(section.locator("code", has_text="nb2svc analyze")).to_have_text(re.compile(r"^nb2svc analyze \S+\.ipynb --fix$"))
    section.get_by_role("button", name=re.compile(r"Fix all")).click()
    has_source(page, 1, "# nb2svc: feature\nloans['age'] = loans['age'].fillna(0)\nX = loans[['age']] / 100")
    has_source(page, 2, SEEDED)
    status(page, "This notebook can be built.")
    run(page, "notebook:undo-cell-action")
    has_source(page, 1, broken)
    has_source(page, 2, SPLIT)


def test_a_finding_is_explained_in_the_panel_from_there_and_from_the_cell(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, SPLIT)
    finding = page.locator(".nb2svc-Finding").filter(has_text="NB225")
    finding.get_by_text("What NB225 means").click()
    expect(finding.locator("details")).to_contain_text("training again gives another model", ignore_case=True)
    expect(finding.locator("pre").nth(1)).to_contain_text("random_state=0")
    finding.get_by_text("What NB225 means").click()
    expect(finding.locator("pre")).to_have_count(0)
    marked(page, 2, "warning").first.hover()
    page.locator(".cm-tooltip-lint").get_by_role("button", name="What NB225 means").click()
    expect(finding.locator("pre").first).to_be_visible()


def test_a_cell_out_of_sight_shows_its_finding_once_it_is_there_and_keeps_it_when_it_moves(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, *(f"a{number} = 1\n" + "\n" * 12 for number in range(60)), SPLIT)
    page.locator(".nb2svc-Finding").filter(has_text="NB225").get_by_role("button", name=re.compile("cell 63")).click()
    expect(page.locator(".cm-lintRange-warning").first).to_contain_text("train_test_split")
    run(page, "notebook:move-cell-up")
    page.locator(".nb2svc-Finding").filter(has_text="NB225").get_by_role("button", name=re.compile("cell 62")).wait_for()
    expect(page.locator(".cm-lintRange-warning").first).to_contain_text("train_test_split")


def test_names_in_a_finding_are_code_and_one_that_comes_again_leaves_the_focus(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, TAGGED, SPLIT)
    finding = page.locator(".nb2svc-Finding").filter(has_text="NB225")
    expect(finding.locator("p code").first).to_be_visible()
    expect(finding.get_by_role("button", name="Fix NB225").locator("code")).to_have_text("random_state=0")
    assert "`" not in finding.inner_text()
    marked(page, 2, "warning").first.hover()
    expect(page.locator(".cm-tooltip-lint .nb2svc-Inline code").first).to_be_visible()
    edit(page, 2, 1)
    page.keyboard.press("Control+Shift+M")
    expect(finding.locator("summary")).to_be_focused()
    edit(page, 1, 2)
    page.keyboard.press("Control+/")
    page.keyboard.press("Home")
    page.keyboard.type("x = (\n")
    expect(finding).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(finding).to_be_visible()
    expect(cell(page, 1).locator(".cm-content")).to_be_focused()
