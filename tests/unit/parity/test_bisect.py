"""A failure is led back to the statement, column, cell and line where service and notebook first part."""

import json
from collections.abc import Callable

import pytest

from nb2svc.ir.verdict import Divergence
from nb2svc.parity.bisect import locate
from unit.parity.conftest import Edit, answer_of
from unit.parity.loans import Loans

Changed = Callable[..., Loans]


def _found(copy: Loans, *modes: str, statements: bool = True) -> Divergence | None:
    answer = answer_of(copy, *modes)
    known = copy.statements if statements else ()
    return locate(answer["parting"], copy.observation, package_dir=copy.project / "loans", statements=known)


WHERE = {
    "a constant": (("features.py", "> 30).astype", "> 60).astype"), 3, 10, "stale"),
    "an order": (
        ("features.py", 'n=("amount", "size"), total=("amount", "sum")', 'total=("amount", "sum"), n=("amount", "size")'),
        2,
        3,
        "n",
    ),
    "an error": (("features.py", 'loans["debt"] /', 'loans["dept"] /'), 3, 12, "dept"),
    "the answer": (("model.py", "risk > 0.4", "risk > 0.7"), 4, 5, "decision"),
    "a child table": (
        ("model.py", "history(transactions, visits, state)", "history(visits, transactions, state)"),
        2,
        3,
        "history",
    ),
}


@pytest.mark.parametrize("what", WHERE)
def test_the_first_statement_and_column_are_named(what: str, changed: Changed) -> None:
    edit, cell, line, column = WHERE[what]

    found = _found(changed(edit), "predictions", "inputs")

    assert found is not None
    assert (found.span.cell, found.span.line, found.column) == (cell, line, column)


def test_the_text_is_the_authors(changed: Changed) -> None:
    edit: Edit = ("features.py", 'state.income_mean(lambda: loans["income"].mean())', "0")

    found = _found(changed(edit), "inputs")

    assert found is not None
    assert found.text == 'loans["income"] = loans["income"].fillna(loans["income"].mean())'


def test_without_statements_the_line_map_says_where(changed: Changed) -> None:
    found = _found(changed(("features.py", "> 30).astype", "> 60).astype")), "inputs", statements=False)

    assert found is not None
    assert (found.span.cell, found.span.line, found.text) == (3, 10, 'loans["stale"] = (loans["days_since"] > 60).astype(int)')


def test_a_statement_that_the_project_never_had_is_named(changed: Changed) -> None:
    copy = changed(("features.py", '    loans["n_large"] = loans["n_large"].fillna(0)\n', "    pass\n"))
    path = copy.project / "loans/_nb2svc/line_map.json"
    records = json.loads(path.read_text())
    path.write_text(json.dumps([record for record in records if (record["cell"], record["cell_line"]) != (3, 8)]))

    found = _found(copy, "inputs")

    assert found is not None
    assert (found.span.cell, found.span.line, found.column) == (3, 8, "n_large")


def test_what_only_one_row_shows_is_found_with_that_row(changed: Changed) -> None:
    edit: Edit = (
        "features.py",
        'state.income_mean(lambda: loans["income"].mean())',
        'applicants["income"][applicants["age"] >= 18].mean()',
    )

    found = _found(changed(edit), "inputs", "alone")

    assert found is not None
    assert (found.span.cell, found.span.line, found.column) == (3, 11, "income")


def test_what_only_the_request_shows_is_found_in_its_own_frames(changed: Changed) -> None:
    found = _found(
        changed(("schema.py", "'income': 'float64', 'debt': 'float64'", "'debt': 'float64', 'income': 'float64'")),
        "inputs",
        "json",
    )

    assert found is not None
    assert (found.span.cell, found.span.line, found.column) == (3, 2, "income")


def test_a_row_that_the_schema_refuses_is_led_to_the_filter_or_the_first_use(changed: Changed) -> None:
    found = _found(changed(("schema.py", '"age", ">=", 18', '"age", ">=", 30')), "json")

    assert found is not None
    assert (found.span.cell, found.span.line, found.column) == (3, 2, "age")


def test_nothing_is_located_where_nothing_failed(loans: Loans) -> None:
    assert _found(loans, "inputs") is None
