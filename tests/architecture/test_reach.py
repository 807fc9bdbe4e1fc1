"""docs/reach.md promises nothing without a case: each row names case files, of what is compiled or of what is refused."""

import re

import pytest

from architecture.source_tree import ROOT

PAGE = ROOT / "docs" / "reach.md"
CASES = {path.stem: path for folder in ("features", "models") for path in (ROOT / "tests" / "cases" / folder).glob("*.txt")}
NAMES = re.compile(r"`(\w+)`")


def rows(text: str) -> list[tuple[str, str, list[str]]]:
    """(heading, what is written, names of cases) of each row of a table whose last column is `cases`."""
    found = []
    for section in re.split(r"(?m)^## ", text)[1:]:
        heading, _, body = section.partition("\n")
        lines = [line.strip().strip("|").split("|") for line in body.splitlines() if line.startswith("|")]
        if lines and lines[0][-1].strip() == "cases":
            found += [(heading, line[0].strip(), NAMES.findall(line[-1])) for line in lines[2:]]
    return found


def refuses(case: str) -> bool:
    """Whether a case expects a refusal: findings where a module would stand."""
    expected = CASES[case].read_text(encoding="utf-8").partition("\n# ---\n")[2]
    return bool(re.match(r"NB\d{3} ", expected))


ROWS = rows(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("heading", "written", "cases"), ROWS, ids=[row[1][:40] for row in ROWS])
def test_a_row_is_backed_by_its_cases(heading: str, written: str, cases: list[str]) -> None:
    assert cases, written
    assert [case for case in cases if case not in CASES] == []
    assert [case for case in cases if refuses(case) != heading.startswith("What is refused")] == []


def test_the_page_has_both_kinds_of_rows() -> None:
    assert {heading.startswith("What is refused") for heading, _, _ in ROWS} == {True, False}


def test_the_table_is_read() -> None:
    text = "# Page\n\n## What is refused\n\n| in | why | cases |\n|---|---|---|\n| `shift` | no row above | `a_case` `b` |\n"
    assert rows(text) == [("What is refused", "`shift`", ["a_case", "b"])]


def test_a_case_of_the_other_kind_is_seen() -> None:
    assert refuses("refused_shift")
    assert not refuses("qcut_codes")
