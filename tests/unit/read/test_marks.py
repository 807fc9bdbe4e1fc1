"""Comments at the ends of lines keep or leave out one statement; where that can't be meant, they are refused, never passed over."""

import pytest

from nb2svc.ir.notebook import Cell, StatementMark
from nb2svc.read.notebook import parse_notebook


def read(source: str) -> tuple[Cell, list[tuple[str, str]]]:
    notebook, findings = parse_notebook(f"# %%\n{source}\n".encode(), path="a.py")
    return notebook.cells[0], [(finding.code, finding.message) for finding in findings]


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        ("a = 1\nb = 2  # nb2svc: drop", [(2, "drop")]),
        ("pd.set_option('x', 1)  #|nb2svc:keep", [(1, "keep")]),
        ("a = 1  # a note  # nb2svc: drop", [(1, "drop")]),
        ("a = f(\n    1,\n)  # nb2svc: drop", [(1, "drop")]),
        ("a = f(  # nb2svc: drop\n    1,\n)", [(1, "drop")]),
        ("for a in b:  # nb2svc: drop\n    c = a", [(1, "drop")]),
        ("@wraps(g)  # nb2svc: keep\ndef f(\n    a,\n):\n    return a", [(1, "keep")]),
        ("def f(\n    a,\n):  # nb2svc: keep\n    return a", [(1, "keep")]),
        ("match a:  # nb2svc: drop\n    case 1:\n        b = 2", [(1, "drop")]),
        ("if a: b = 1  # nb2svc: drop", [(1, "drop")]),
        ("# nb2svc: feature ages\na = 1\nb = 2  # nb2svc: drop", [(3, "drop")]),
        ("a = '# nb2svc: drop'", []),
        ('a = """\nb = 1  # nb2svc: drop\n"""', []),
    ],
)
def test_a_mark_belongs_to_the_statement_at_whose_line_it_ends(source, marks) -> None:
    cell, findings = read(source)
    assert cell.marks == tuple(StatementMark(line=line, role=role) for line, role in marks)
    assert findings == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a = 1  # nb2svc: feature ages", "stands beside code, where only `keep` and `drop` count"),
        ("a = 1  # nb2svc: drp", "stands beside code, where only `keep` and `drop` count"),
        ("a = 1  # nb2svc: drop because it is slow", "stands beside code, where only `keep` and `drop` count"),
        ("a = 1; b = 2  # nb2svc: drop", "stands beside 2 statements"),
        ("for a in b:\n    c = a  # nb2svc: drop", "stands inside a block, which is kept or left out as a whole"),
        ("match a:\n    case 1:  # nb2svc: drop\n        b = 2", "stands inside a block"),
        ("# nb2svc: check low\nassert a  # nb2svc: drop", "a statement of a check can't be kept or left out by itself"),
        ("a = f(  # nb2svc: keep\n)  # nb2svc: drop", "this statement is kept and left out"),
    ],
)
def test_a_mark_that_would_not_count_is_refused(source, message) -> None:
    _, findings = read(source)
    assert [code for code, _ in findings] == ["NB107"]
    assert message in findings[0][1]


def test_a_mark_says_more_than_its_cell() -> None:
    cell, _ = read("# nb2svc: drop\na = 1\nimport b  # nb2svc: keep")
    assert [cell.role_at(line) for line in (2, 3)] == ["drop", "keep"]
