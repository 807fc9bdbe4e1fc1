"""Code, function by function: changed, or only moved to another cell, or only commented otherwise."""

from nb2svc.compare.code import OUTSIDE, code_changes
from nb2svc.ir.snapshot import CellLine, Module

OLD = '''"""The features of loans.ipynb."""

import pandas as pd

LIMIT = 3


# loans.ipynb, cell 2 "Applicant"
def applicant(loans, state):
    loans["n"] = loans["n"].fillna(0)  # none yet
    return loans


# loans.ipynb, cell 3
def history(rows, state):
    return rows.groupby("id").size()
'''


def module(text: str, *, edited: bool = False) -> tuple[Module, ...]:
    return (Module(path="features.py", text=text, edited=edited),)


def statuses(old: str, new: str) -> dict[str, str]:
    return {change.name: change.status for change in code_changes(module(old), module(new))[0]}


def test_the_same_is_the_same() -> None:
    changes, same = code_changes(module(OLD), module(OLD))
    assert changes == ()
    assert same == ("features.py: applicant", "features.py: history", f"features.py: {OUTSIDE}")


def test_a_changed_line_is_shown_with_its_cell() -> None:
    lines = (CellLine(file="features.py", line=10, cell=2), CellLine(file="features.py", line=16, cell=3))
    (change,), _ = code_changes(module(OLD), module(OLD.replace("fillna(0)", "fillna(1)")), lines, lines)
    assert (change.name, change.status, change.old_cells, change.new_cells) == ("applicant", "changed", (2,), (2,))
    assert '-    loans["n"] = loans["n"].fillna(0)  # none yet' in change.diff
    assert '+    loans["n"] = loans["n"].fillna(1)  # none yet' in change.diff
    assert not any(line.startswith(("---", "+++")) for line in change.diff)


def test_another_cell_number_is_a_move() -> None:
    new = OLD.replace("cell 2", "cell 4").replace("cell 3", "cell 5")
    changes, _ = code_changes(module(OLD), module(new))
    assert [(change.name, change.status, change.old_cells, change.new_cells) for change in changes] == [
        ("applicant", "moved", (2,), (4,)),
        ("history", "moved", (3,), (5,)),
    ]
    assert all(change.diff == () for change in changes)


def test_another_title_of_the_cell_is_a_move_too() -> None:
    assert statuses(OLD, OLD.replace('"Applicant"', '"People"')) == {"applicant": "moved"}


def test_another_comment_or_layout_is_no_change_of_code() -> None:
    assert statuses(OLD, OLD.replace("# none yet", "# nobody paid")) == {"applicant": "comments"}
    assert statuses(OLD, OLD.replace("    return loans\n", "\n    return loans\n")) == {"applicant": "comments"}
    assert statuses(OLD, OLD.replace("The features", "All features")) == {OUTSIDE: "comments"}


def test_functions_come_and_go_and_constants_stand_outside() -> None:
    assert statuses(OLD, OLD.replace("def history", "def past")) == {"past": "added", "history": "removed"}
    assert statuses(OLD, OLD.replace("LIMIT = 3", "LIMIT = 4")) == {OUTSIDE: "changed"}
    assert statuses("", OLD) == {"applicant": "added", "history": "added", OUTSIDE: "added"}


def test_a_module_that_is_gone() -> None:
    changes, _ = code_changes(module(OLD), ())
    assert {change.status for change in changes} == {"removed"}


def test_what_a_person_edited_is_marked() -> None:
    (change,), _ = code_changes(module(OLD), module(OLD.replace("size()", "count()"), edited=True))
    assert change.edited


def test_a_module_that_is_no_python_is_compared_as_text() -> None:
    assert statuses("def broken(:\n", "def broken(x:\n") == {OUTSIDE: "changed"}
