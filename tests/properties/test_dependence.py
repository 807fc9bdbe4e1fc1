"""What a run depends on: every edit of a statement in a slice counts, and none of what is only shown or checked."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nb2svc.ir.dependence import Dependence
from unit.capture.reusable import CELLS, dependence_of

# Statements that lead to what is served or trained: cell and line, with a gap for a number that is part of them.
SERVED = {
    ("data", 'loans = pd.read_csv("loans.csv")'): 'loans = pd.read_csv("loans.csv", nrows={})',
    ("features", 'loans["income_k"] = loans["income"] / 1000'): 'loans["income_k"] = loans["income"] / (1000 + {})',
    ("features", 'X = loans[["income_k"]]'): 'X = loans[["income_k"]] * {}',
    ("model", "model = LogisticRegression(C=0.5)"): "model = LogisticRegression(C={})",
    ("model", 'model.fit(X, loans["bad"])'): 'model.fit(X, loans["bad"] > {})',
    ("model", "risk = model.predict(X)"): "risk = model.predict(X) * {}",
}
SHOWN = (
    "print({})",
    'loans["income"].hist(bins={})',
    "loans.head({})",
    "X.describe().round({})",
    "len(risk) + {}",
    "# about {}",
    "note = {}",
)
NUMBERS = st.integers(min_value=2, max_value=10**6)


def dependence(cells: dict[str, str]) -> Dependence:
    with tempfile.TemporaryDirectory() as folder:
        return dependence_of(cells, Path(folder))


def codes(found: Dependence) -> list[str]:
    return [text.code for text in found.texts]


@given(place=st.sampled_from(sorted(SERVED)), number=NUMBERS)
def test_each_edit_of_a_statement_in_a_slice_counts(place: tuple[str, str], number: int) -> None:
    cell, line = place
    edited = {**CELLS, cell: CELLS[cell].replace(line, SERVED[place].format(number))}
    assert edited != dict(CELLS)
    assert codes(dependence(edited)) != codes(dependence(dict(CELLS)))


@given(shown=st.sampled_from(SHOWN), number=NUMBERS, before=st.sampled_from(["model", "share", "check", "end"]))
def test_what_is_only_shown_counts_nowhere(shown: str, number: int, before: str) -> None:
    cells: dict[str, str] = {}
    for name, source in [*CELLS.items(), ("end", "")]:
        if name == before:
            cells["shown"] = shown.format(number).replace("len(risk)", "len(risk)" if before != "model" else "len(X)")
        cells[name] = source
    found, base = dependence(cells), dependence(dict(CELLS))
    assert codes(found) == codes(base)
    assert found.points == base.points, "values are known again though their statements' numbers moved"
    assert found.checks == base.checks
    assert found.unknowable == ()


@given(number=NUMBERS)
def test_a_check_counts_as_a_check_only(number: int) -> None:
    edited = dependence({**CELLS, "check": CELLS["check"].replace("top <= 1", f"top <= {number}")})
    base = dependence(dict(CELLS))
    assert codes(edited) == codes(base)
    assert edited.points == base.points
    assert edited.checks != base.checks


@given(url=st.sampled_from(["https://example.org/loans.csv", "s3://bucket/loans.csv"]), number=NUMBERS)
def test_what_comes_from_the_network_is_never_known(url: str, number: int) -> None:
    found = dependence({**CELLS, "data": f'loans = pd.read_csv("{url}", nrows={number})'})
    assert len(found.unknowable) == 1
    assert "cell 2" in found.unknowable[0]
