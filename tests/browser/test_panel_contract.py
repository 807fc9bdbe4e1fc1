"""The contract and the picture: what is inferred is shown, overruled, written to the file and taken back; cells are linked."""

import re

import pytest
from playwright.sync_api import expect

from browser.jupyter_lab import run
from browser.notebook_page import CHECK, FEATURE, LOAD, MODEL, saved, status

pytestmark = pytest.mark.browser

RATES = "rates = pd.read_csv('rates.csv')"
JOINED = "X = loans.merge(rates, on='region')[['age', 'rate']]"
TAGS = {2: ["nb2svc:feature"], 3: ["nb2svc:model"]}


def override(page, key: str):
    return page.locator(f".nb2svc-Override[data-choice='{key}']")


def part(page, name: str):
    return page.get_by_role("group", name=name, exact=True)


def test_an_inference_is_overruled_and_taken_back(notebook) -> None:
    page = notebook(f"{LOAD}\n{RATES}", JOINED, MODEL, tags=TAGS)
    expect(part(page, "A request carries")).to_contain_text("rates ships with the service")

    override(page, "request").get_by_role("button", name="Change tables that come with each row").click()
    override(page, "request").get_by_label("rates").check()
    override(page, "request").get_by_role("button", name="Set").click()
    expect(part(page, "A request carries")).to_contain_text("rates its rows of each request row")
    expect(override(page, "request")).to_contain_text("overruled")
    expect(override(page, "request")).to_contain_text("# nb2svc: feature request=rates")
    assert saved(page)[1]["metadata"] == {"nb2svc": {"options": {"request": "rates"}}, "tags": ["nb2svc:feature"]}

    # The file says the same to the command line.
    from nb2svc.cli.documents import analysis_document

    tables = analysis_document(page.file.read_bytes(), str(page.file))["contract"]["tables"]
    assert [(table["name"], table["role"]) for table in tables] == [("loans", "main"), ("rates", "child")]

    # One step of the notebook's undo, and the same by the way back.
    run(page, "notebook:undo-cell-action")
    expect(part(page, "A request carries")).to_contain_text("rates ships with the service")
    run(page, "notebook:redo-cell-action")
    override(page, "request").get_by_role("button", name="Back to what is inferred").click()
    expect(override(page, "request")).not_to_contain_text("overruled")
    assert saved(page)[1]["metadata"] == {"tags": ["nb2svc:feature"]}


def test_what_the_source_says_is_changed_there_and_a_wrong_one_can_be_taken_back(notebook) -> None:
    two = f"{MODEL}\nrounded = paid.round()"
    page = notebook(LOAD, f"# nb2svc: feature\n{FEATURE}", f"# nb2svc: model output=paid\n{two}")
    expect(override(page, "output")).to_contain_text(re.compile("in the cell.s tag:"))
    override(page, "output").get_by_role("button", name="Change the answer").click()
    override(page, "output").get_by_label("the answer", exact=True).select_option("rounded")
    expect(part(page, "The model and its answer")).to_contain_text("rounded = model.predict(…)")
    assert "".join(saved(page)[2]["source"]) == f"# nb2svc: model output=rounded\n{two}"

    page.evaluate(
        "source => [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells).content.model.sharedModel"
        ".getCell(2).setSource(source)",
        f"# nb2svc: model output=rouned\n{two}",
    )
    status(page, "1 thing stands against a service.")
    expect(page.get_by_text("this is what it was before")).to_be_visible()
    override(page, "output").get_by_role("button", name="Back to what is inferred").click()
    expect(page.get_by_text("this is what it was before")).to_have_count(0)


def test_a_cell_is_left_out_and_another_kept(notebook) -> None:
    page = notebook(LOAD, "print('set up')", "SCALE = 100", FEATURE.replace("100", "SCALE"), MODEL, tags={4: TAGS[2], 5: TAGS[3]})
    served, left = (page.get_by_text(words) for words in ("statements are served", "statements are left out"))
    left.click()
    page.get_by_role("button", name="Keep cell 2 in the service").click()
    expect(page.get_by_label("Role of cell 2", exact=True)).to_have_value("keep")
    served.click()
    expect(page.locator("li", has_text="is kept: keep says so")).to_be_visible()
    page.get_by_role("button", name="Leave cell 3 out of the service").click()
    expect(page.get_by_text("SCALE is made in cell 3 (SCALE = 100), which is left out of the service")).to_be_visible()
    page.get_by_label("Role of cell 3", exact=True).select_option("")
    status(page, "This notebook can be built.")


def test_a_single_statement_is_left_out_by_a_comment_and_taken_back(notebook) -> None:
    shown = f"{FEATURE}\nX = X.round(3)"
    page = notebook(LOAD, shown, MODEL, tags=TAGS)
    page.get_by_text("statements are served").click()
    page.get_by_text("statements are left out").click()
    page.get_by_role("button", name="Leave cell 2, line 2 out of the service").click()
    line = page.locator(".nb2svc-Lines li", has_text="is left out: drop says so")
    expect(line).to_contain_text("X = X.round(3)")
    expect(line).to_contain_text("overruled")
    assert "".join(saved(page)[1]["source"]) == f"{shown}  # nb2svc: drop"
    page.get_by_role("button", name="Back to what is inferred for cell 2, line 2").click()
    expect(line).to_have_count(0)
    assert "".join(saved(page)[1]["source"]) == shown


def test_a_statement_marks_its_line_in_the_notebook(notebook) -> None:
    page = notebook(LOAD, FEATURE, MODEL, tags=TAGS)
    page.get_by_text("statements are served").click()
    page.locator(".nb2svc-Lines li", has_text="X = loans").hover()
    mark = page.locator(".jp-Cell").nth(1).locator(".nb2svc-LineMark")
    expect(mark).to_be_visible()
    assert 10 < mark.bounding_box()["height"] < 30
    page.locator("#nb2svc-panel h2").hover()
    expect(page.locator(".nb2svc-LineMark")).to_have_count(0)


def test_the_picture_links_cells_and_is_gone_through_by_keys(notebook) -> None:
    page = notebook(LOAD, "# a remark", FEATURE, "X.describe()", MODEL, CHECK, tags={3: TAGS[2], 5: TAGS[3], 6: ["nb2svc:check"]})
    expect(page.locator(".nb2svc-Dot")).to_have_count(6)
    # Cells 1, 3 and 5 feed others: a rail each.
    expect(page.locator(".nb2svc-Rail[data-rails='3']")).to_have_count(1)
    for shape in ("feature.nb2svc-mod-served", "model.nb2svc-mod-served", "check.nb2svc-mod-check", "none.nb2svc-mod-out"):
        assert page.locator(f".nb2svc-Dot.nb2svc-mod-{shape}").count() >= 1, shape

    line = page.get_by_role("button", name="Go to cell 5")
    expect(line).to_have_accessible_name(
        "Go to cell 5: model = Ridge().fit(X, loans['paid']); part of the service; "
        "reads loans from cell 1, X from cell 3; feeds paid to cell 6"
    )
    line.focus()
    expect(page.locator(".nb2svc-Rail.nb2svc-mod-strong")).to_have_count(3)
    rows = page.locator(".nb2svc-CellRow")
    expect(rows.nth(2)).to_contain_text("gives X")
    expect(rows.nth(5)).to_contain_text("reads paid")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Go to cell 3")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Go to cell 4")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Go to cell 2")).to_be_focused()


def test_five_hundred_cells_are_drawn(notebook) -> None:
    steps = [f"X['f{number}'] = X['age'] * {number}\nX['f{number}'].head()" for number in range(497)]
    page = notebook(LOAD, FEATURE, *steps, MODEL, tags={2: TAGS[2], 500: TAGS[3]})
    expect(page.locator(".nb2svc-Dot")).to_have_count(500)
    rails = page.locator(".nb2svc-Rail").first
    expect(rails).to_have_attribute("data-rails", "499")
    box, panel = (page.locator(place).bounding_box() for place in (".nb2svc-Picture", "#nb2svc-panel"))
    assert box["width"] < panel["width"] / 4
    page.get_by_role("button", name="Go to cell 500:").focus()
    expect(page.locator(".nb2svc-Rail.nb2svc-mod-strong")).not_to_have_count(0)
