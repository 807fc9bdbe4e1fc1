"""Each finding has a page, and a page's example is true: it gives the finding, and mended it does not."""

import ast
import re
from pathlib import Path

import pytest

from case_tables import write_tables
from nb2svc.pages.catalogue import pages
from nb2svc.pages.page import read_page
from page_examples import found_by_building, found_by_reading, stops

SOURCE = Path(__file__).resolve().parents[3] / "src"
CODE = re.compile(r"NB\d{3}")
PAGES = list(pages().values())
# What can't be shown by a notebook that the tests compile, and why.
TOLD_IN_WORDS = {
    "NB236": "the module has to lie elsewhere on the disk",
    "NB301": "the analysis would have to miss something",
    "NB302": "as NB301",
    "NB311": "every expression that depends on the rows is found first: NB304",
    "NB314": "as NB301",
    "NB410": "a project has to be built, edited and built again: tests/unit/upkeep",
    "NB411": "as NB410",
}


def emitted(text: str) -> set[str]:
    """The codes that a module's code names: its strings, but no docstrings and comments."""
    strings = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in strings if isinstance(value, str) and CODE.fullmatch(value)}


def codes_in_source() -> set[str]:
    """Every code that the compiler can give a finding."""
    tables = SOURCE / "nb2svc" / "pages"
    modules = [path for path in SOURCE.rglob("*.py") if not path.is_relative_to(tables)]
    return set().union(*(emitted(path.read_text(encoding="utf-8")) for path in modules))


def test_every_code_has_a_page_and_every_page_its_code() -> None:
    assert codes_in_source() == {page.code for page in PAGES}


def test_a_code_without_a_page_would_be_seen() -> None:
    assert emitted('"""NB999 is no code."""\nfound = Finding(code="NB998")  # NB997') == {"NB998"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_a_page_leads_to_pages(page) -> None:
    assert [code for code in page.related if code not in pages()] == []
    assert page.code not in page.related
    assert [code for code in CODE.findall(page.text) if code not in pages()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_only_what_no_notebook_shows_is_told_in_words(page) -> None:
    assert (page.code in TOLD_IN_WORDS) == (not page.example_cells)


SHOWN = [page for page in PAGES if page.example_cells]


@pytest.mark.parametrize("page", [page for page in SHOWN if page.stage in ("read", "analyze")], ids=lambda page: page.code)
def test_the_example_is_found_by_reading_it(page, tmp_path) -> None:
    found = [finding for finding in found_by_reading(page.example_cells, tmp_path) if finding.code == page.code]
    assert found, "the example does not give the finding"
    assert {finding.severity for finding in found} <= set(page.severity.split(" or "))
    after = found_by_reading(page.mended_cells, tmp_path)
    assert page.code not in {finding.code for finding in after}
    if not page.mended_cells.startswith("{"):
        assert stops(after) == []


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(folder)
    return folder


@pytest.mark.parametrize("page", [page for page in SHOWN if page.stage in ("run", "pack")], ids=lambda page: page.code)
def test_the_example_is_found_by_building_it(page, data, tmp_path) -> None:
    (tmp_path / "example").mkdir()
    found = found_by_building(page.example_cells, tmp_path / "example", data=data)
    mine = [finding for finding in found if finding.code == page.code]
    assert mine, f"the example gives {[f'{finding.code}: {finding.message}' for finding in found]}"
    assert {finding.severity for finding in mine} <= set(page.severity.split(" or "))
    (tmp_path / "mended").mkdir()
    after = found_by_building(page.mended_cells, tmp_path / "mended", data=data)
    assert page.code not in {finding.code for finding in after}
    assert stops(after) == []


WHOLE = """NB229 (warning): a change in place.

What it finds: this.

Why it matters: that.

Example: a line.

    x = 1

Fix: another.
"""


def test_a_page_is_read_in_parts() -> None:
    page = read_page(WHOLE + "\n    x = 2\n    # %%\n    y = 3\n\nRelated: NB230, NB231\n")
    assert (page.code, page.severity, page.title, page.stage) == ("NB229", "warning", "a change in place", "analyze")
    assert (page.finds, page.example_cells, page.mended_cells) == ("this.", "x = 1", "x = 2\n# %%\ny = 3")
    assert page.related == ("NB230", "NB231")
    assert "```python\nx = 1\n```" in page.markdown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (WHOLE.replace("NB229 (warning)", "NB229"), "begins as"),
        (WHOLE.replace("Why it matters: that.\n", ""), "has no Why it matters"),
        (WHOLE + "\nFix: again.\n", "has a part twice"),
        (WHOLE.replace("Example: a line.\n\n    x = 1\n\n", ""), "has no Example"),
    ],
)
def test_a_page_without_a_part_is_none(text, problem) -> None:
    with pytest.raises(ValueError, match=problem):
        read_page(text)
