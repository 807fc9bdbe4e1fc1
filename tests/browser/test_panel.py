"""The panel in a real JupyterLab and a real Chromium: tag by every means, undo, save; see what would be served and what stands against it."""

import re
import shutil

import pytest

from browser.jupyter_lab import run
from browser.notebook_page import CHECK, FEATURE, LOAD, MODEL, activate, role, saved, status

pytestmark = pytest.mark.browser


def test_a_role_is_set_in_the_panel_and_lies_in_the_file(notebook) -> None:
    page = notebook(LOAD, FEATURE, MODEL, CHECK, tags={2: ["slow"]})
    status(page, "No cell is tagged yet.")
    role(page, 2).select_option("feature")
    role(page, 3).select_option("model")
    status(page, "This notebook can be built.")
    name = page.get_by_label("Name of cell 2 in the service")
    name.fill("ages")
    name.press("Enter")
    page.wait_for_function("document.querySelector('.nb2svc-Chip').textContent === '✓ feature ages'")
    cells = saved(page)
    assert cells[1]["metadata"] == {"tags": ["slow", "nb2svc:feature"], "nb2svc": {"name": "ages"}}
    assert cells[2]["metadata"]["tags"] == ["nb2svc:model"]
    role(page, 2).select_option("")
    assert saved(page)[1]["metadata"] == {"tags": ["slow"]}


def test_commands_keys_and_menus_set_it_too_and_undo_takes_it_back(notebook) -> None:
    page = notebook(LOAD, FEATURE, MODEL, CHECK)

    def tagged(*roles: str) -> None:
        page.wait_for_function(
            "roles => [...document.querySelectorAll('.nb2svc-Chip')].map(chip => chip.textContent.slice(2)).join() === roles",
            arg=",".join(roles),
        )
        # JupyterLab's undo takes back together what came within half a second.
        page.wait_for_timeout(700)

    activate(page, 1)
    run(page, "nb2svc:toggle-feature")
    tagged("feature")
    activate(page, 2)
    page.keyboard.press("Alt+Shift+M")
    tagged("feature", "model")
    page.locator(".jp-Cell").nth(3).click(button="right")
    page.get_by_role("menuitem", name="Tag Cell as check").click()
    tagged("feature", "model", "check")
    run(page, "notebook:undo-cell-action")
    tagged("feature", "model")
    activate(page, 1)
    page.locator(".jp-Cell").nth(1).locator("[data-command='nb2svc:toggle-feature']").click()
    tagged("model")
    assert "tags" not in saved(page)[1]["metadata"]


def test_all_three_spellings_are_in_one_list_and_are_changed_where_they_stand(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"%%nb2svc model\n{MODEL}", CHECK, tags={4: ["nb2svc:check"]})
    status(page, "This notebook can be built.")
    assert [role(page, number).input_value() for number in (1, 2, 3, 4)] == ["", "feature", "model", "check"]
    role(page, 4).select_option("")
    role(page, 2).select_option("")
    cells = saved(page)
    assert "".join(cells[1]["source"]) == FEATURE
    assert "tags" not in cells[3]["metadata"]


def test_a_source_and_a_tag_that_differ_are_flagged(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", f"# nb2svc: model\n{MODEL}", tags={2: ["nb2svc:check"]})
    expect(page.get_by_text("The source and the tags of this cell differ; the source counts.")).to_be_visible()
    expect(page.locator(".nb2svc-Finding")).to_contain_text("NB106")


def test_a_proposal_is_accepted_as_a_whole_or_one_by_one(notebook) -> None:
    page = notebook(LOAD, FEATURE, MODEL, CHECK)
    page.get_by_role("button", name="Suggest tags").click()
    page.get_by_role("button", name="Accept feature for cell 2").click()
    page.wait_for_function("document.querySelectorAll('.nb2svc-Chip').length === 1")
    page.get_by_role("button", name="Accept all").click()
    status(page, "This notebook can be built.")
    tags = [cell["metadata"].get("tags", []) for cell in saved(page)]
    assert tags[1:3] == [["nb2svc:feature"], ["nb2svc:model"]]


def test_a_finding_stands_at_its_cell_and_leads_there(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(
        LOAD, "# nb2svc: feature\nX = loans[['age']].shift(1)\nX['now'] = pd.Timestamp.now().year", f"# nb2svc: model\n{MODEL}"
    )
    warning = page.locator(".nb2svc-Finding").filter(has_text="NB224")
    expect(warning).to_contain_text("asks the clock")
    expect(page.locator(".nb2svc-Chip").first).to_have_class(re.compile("nb2svc-mod-warning"))
    warning.get_by_role("button", name="cell 2, line 3").click()
    page.wait_for_function(
        "() => { const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);"
        " return panel.content.activeCellIndex === 1 && panel.content.activeCell.editor.getCursorPosition().line === 2; }"
    )


def test_what_is_typed_is_analysed(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    page.locator(".jp-Cell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nx = (")
    status(page, re.compile("stands? against a service"))
    page.keyboard.press("Backspace")
    page.keyboard.type("1")
    status(page, "This notebook can be built.")


def test_what_would_be_served_is_shown_with_its_reasons(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", "loans.describe()", f"# nb2svc: model\n{MODEL}")
    service = page.get_by_role("region", name="The service")
    expect(service).to_contain_text("paid = model.predict(…)")
    service.get_by_text("left out").click()
    expect(service.locator("details[open]")).to_contain_text("loans.describe()")


def test_the_modules_stand_beside_the_notebook_and_both_show_the_same_line(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}\nX = X.fillna(X.mean())", f"# nb2svc: model\n{MODEL}")
    page.get_by_role("button", name="Show its modules").click()
    modules = page.locator("#nb2svc-modules")
    expect(modules).to_contain_text("def ages(loans: pd.DataFrame, state: State)")
    expect(modules).to_contain_text("A draft: nothing was run.")
    modules.get_by_text("X.fillna").click()
    page.wait_for_function(
        "() => { const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);"
        " return panel.content.activeCellIndex === 1 && panel.content.activeCell.editor.getCursorPosition().line === 2; }"
    )
    page.locator(".jp-Cell").nth(2).locator(".cm-line").nth(2).click()
    expect(modules.locator("[aria-current]")).to_contain_text("model.predict(")
    assert modules.get_by_role("tab", name="model.py").get_attribute("aria-selected") == "true"
    modules.get_by_role("tab", name="model.py").focus()
    page.keyboard.press("ArrowLeft")
    expect(modules.get_by_role("tabpanel", name="features.py")).to_contain_text("def ages(")
    page.locator(".jp-Cell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nX['old'] = X['age'] > 0.5")
    expect(modules.locator("[aria-current]")).to_contain_text("X['old'] = X['age'] > 0.5")


def test_chips_follow_their_cells(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", MODEL, CHECK, tags={3: ["nb2svc:model"]})
    page.wait_for_function("document.querySelectorAll('.nb2svc-Chip').length === 2")

    chips = (
        "[...document.querySelectorAll('.jp-Cell')].flatMap((cell, at) => cell.querySelector('.nb2svc-Chip') ? [at] : []).join()"
    )

    def placed(*expected: int) -> None:
        page.wait_for_timeout(400)  # one too many may come late
        wanted = ",".join(map(str, expected))
        try:
            page.wait_for_function(f"wanted => {chips} === wanted", arg=wanted)
        except Exception as error:
            raise AssertionError(f"after {command} they are in {page.evaluate(chips)}, not in {wanted}") from error

    activate(page, 2)
    for command, expected in (
        ("notebook:move-cell-down", [1, 3]),
        ("notebook:copy-cell", [1, 3]),
        ("notebook:paste-cell-below", [1, 3, 4]),
        ("notebook:delete-cell", [1, 3]),
        ("notebook:change-cell-to-markdown", [1]),
    ):
        if command == "notebook:change-cell-to-markdown":
            activate(page, 3)
        run(page, command)
        placed(*expected)


def test_the_panel_is_used_by_keyboard_and_read_aloud(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    panel = page.get_by_role("region", name="Notebook to service")
    unnamed = panel.locator("button, select, input").evaluate_all(
        "all => all.filter(each => !(each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length))"
        ".map(each => each.outerHTML)"
    )
    assert unnamed == []
    page.locator(".nb2svc-Chip").first.click()
    page.wait_for_function("document.activeElement.getAttribute('aria-label') === 'Role of cell 2'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Name of cell 2 in the service"


def test_an_answer_that_comes_late_does_not_count_and_a_server_that_was_away_is_asked_again(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    held: list = []
    page.route("**/nb2svc/analyze*", lambda route: held.append(route) if not held else route.continue_())
    page.locator(".jp-Cell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    with page.expect_request("**/nb2svc/analyze*"):
        page.keyboard.type("\nx = (")
    with page.expect_response("**/nb2svc/analyze*"):
        page.keyboard.type("1)")
    status(page, "This notebook can be built.")
    with page.expect_response("**/nb2svc/analyze*"):
        held[0].continue_()
    page.wait_for_timeout(200)
    status(page, "This notebook can be built.")
    page.unroute("**/nb2svc/analyze*")
    page.route("**/nb2svc/analyze*", lambda route: route.abort())
    page.keyboard.type("\ny = 1")
    status(page, "The notebook could not be analysed.")
    page.unroute("**/nb2svc/analyze*")
    status(page, "This notebook can be built.")


def test_a_name_is_typed_without_losing_the_place_and_the_options(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature ages raw=loans\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    name = page.get_by_label("Name of cell 2 in the service")
    for text in ("years", ""):
        name.fill(text)
        name.press("Enter")
        page.wait_for_function(f"document.querySelector('.nb2svc-Chip').textContent.trim().endsWith('{text or 'feature'}')")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Name of cell 2 in the service"
    assert "".join(saved(page)[1]["source"]) == f"# nb2svc: feature raw=loans\n{FEATURE}"


def test_a_wrong_name_is_told_and_not_saved(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    name = page.get_by_label("Name of cell 2 in the service")
    for text, why in (("my ages", "letters, digits and underscores only"), ("class", "“class” is a word of Python")):
        name.fill(text)
        name.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(name).to_have_accessible_description(re.compile(why))
        assert "".join(saved(page)[1]["source"]) == f"# nb2svc: feature ages\n{FEATURE}"
    name.fill("years")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_name_in_quotes_and_what_others_keep_in_the_metadata_stay(notebook) -> None:
    page = notebook(LOAD, f"# nb2svc: feature 'ages' raw=loans\n{FEATURE}", MODEL, tags={3: ["nb2svc:model"]})
    page.evaluate(
        "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.model.cells.get(2).setMetadata('nb2svc', { name: 'risk', theirs: [1] })"
    )
    name = page.get_by_label("Name of cell 2 in the service")
    assert name.input_value() == "ages"
    name.fill("years")
    name.press("Enter")
    page.wait_for_function("document.querySelector('.nb2svc-Chip').textContent.trim().endsWith('feature years')")
    role(page, 3).select_option("check")
    cells = saved(page)
    assert "".join(cells[1]["source"]) == f"# nb2svc: feature years raw=loans\n{FEATURE}"
    assert cells[2]["metadata"] == {"tags": ["nb2svc:check"], "nb2svc": {"name": "risk", "theirs": [1]}}


def test_the_cursor_is_followed_into_a_cell_that_was_not_drawn_yet(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(
        LOAD, f"# nb2svc: feature ages\n{FEATURE}", *(f"a{at} = 1" + "\n" * 20 for at in range(60)), f"# nb2svc: model\n{MODEL}"
    )
    status(page, "This notebook can be built.")
    page.get_by_role("button", name="Show its modules").click()
    modules = page.locator("#nb2svc-modules")
    expect(modules).to_contain_text("def ages(")
    assert page.evaluate(
        "() => { const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);"
        " const isDrawn = panel.content.widgets[62].editor !== null;"
        " panel.content.activeCellIndex = 62; void panel.content.scrollToItem(62); return !isDrawn; }"
    ), "the cell must be out of sight for this test"
    page.wait_for_function(
        "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells).content.activeCell.editor !== null"
    )
    page.evaluate(
        "[...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells)"
        ".content.activeCell.editor.setCursorPosition({ line: 2, column: 0 })"
    )
    expect(modules.locator("[aria-current]")).to_contain_text("model.predict(")


def open_beside(page, name: str) -> None:
    """Open another notebook in the same JupyterLab, and go to it."""
    page.evaluate(
        "async path => { const { commands, shell } = window.jupyterapp;"
        " const opened = await commands.execute('docmanager:open', { path, factory: 'Notebook' });"
        " await opened.context.ready; shell.activateById(opened.id); }",
        name,
    )


def test_what_was_asked_of_another_notebook_is_not_shown_in_this_one(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, FEATURE, MODEL)
    status(page, "No cell is tagged yet.")
    copy = page.file.with_name("copy_without_proposal.ipynb")
    shutil.copy(page.file, copy)
    held: list = []
    page.route("**/nb2svc/suggest*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/nb2svc/suggest*"):
        page.get_by_role("button", name="Suggest tags").click()
    open_beside(page, copy.name)
    status(page, "No cell is tagged yet.")
    with page.expect_response("**/nb2svc/suggest*"):
        held[0].continue_()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.get_by_role("button", name="Accept all")).to_have_count(0)
    expect(page.get_by_role("button", name="Suggest tags")).to_be_enabled()


def test_the_modules_of_another_notebook_do_not_come_late(notebook) -> None:
    from playwright.sync_api import expect

    page = notebook(LOAD, f"# nb2svc: feature ages\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
    status(page, "This notebook can be built.")
    other = page.file.with_name("with_years.ipynb")
    other.write_text(page.file.read_text().replace("feature ages", "feature years"))
    held: list = []
    page.route("**/nb2svc/show*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/nb2svc/show*"):
        page.get_by_role("button", name="Show its modules").click()
    modules = page.locator("#nb2svc-modules")
    open_beside(page, other.name)
    page.evaluate("window.jupyterapp.shell.activateById('nb2svc-modules')")
    expect(modules).to_contain_text("def years(")
    with page.expect_response("**/nb2svc/show*"):
        held[0].continue_()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(modules).to_contain_text("def years(")
    expect(modules).not_to_contain_text("def ages(")
