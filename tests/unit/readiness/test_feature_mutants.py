"""Feature code made wrong in five ways, and which of its mutants are tried."""

import ast

from nb2svc.readiness.evidence.coverage import branches, statements
from nb2svc.readiness.evidence.feature_tests import emptied
from nb2svc.readiness.mutants.feature import KINDS, chosen, feature_mutants

SOURCE = '''"""Features."""

import pandas as pd

LIMIT = 40


class Ratio:
    def transform(self, rows):
        return rows["debt"] / 12


# loans.ipynb, cell 2
def ages(loans, state):
    """Doc."""
    loans = loans[loans["age"] >= 18] if state.learning else loans
    loans["z"] = (loans["age"] - state.age_mean(lambda: loans["age"].mean())) / 30
    loans = loans.rename(columns={"debt": "owed"})
    loans["cash"] = loans["kind"] == "cash"
    X = pd.get_dummies(state.categories(loans, ["region"]), columns=["region"])
    return X
'''
LINES = range(1, 100)


def mutants(source=SOURCE, state=("age_mean", "region_categories"), lines=LINES):
    return feature_mutants(source, state=state, lines=lines)


def told(kind):
    return [(mutant.line, mutant.what) for mutant in mutants() if mutant.kind == kind]


def test_constants_of_functions_methods_and_the_module_are_made_others() -> None:
    assert told("constant") == [
        (5, "40 → 81"),
        (10, "12 → 12.012"),
        (16, "18 → 37"),
        (17, "30 → 30.03"),
        (19, '"cash" → "cash?"'),
    ]


def test_comparisons_become_their_neighbours() -> None:
    assert told("comparison") == [
        (16, 'loans["age"] >= 18 → loans["age"] > 18'),
        (19, 'loans["kind"] == "cash" → loans["kind"] != "cash"'),
    ]


def test_a_column_that_is_read_becomes_another_and_one_that_is_made_stays() -> None:
    assert (10, '"debt" → "debt?"') in told("column")
    assert (16, '"age" → "kind"') in told("column")
    assert (20, '"region" → "age"') in told("column")
    assert not any(what.startswith('"z"') for _, what in told("column"))


def test_statements_are_left_out_but_not_docstrings_and_returns() -> None:
    assert [line for line, _ in told("dropped")] == [16, 17, 18, 19, 20]


def test_each_learned_value_is_made_another_once() -> None:
    assert told("state") == [
        (17, "the learned value age_mean is another"),
        (20, "the learned value region_categories is another"),
    ]


def test_every_mutant_can_be_read_and_differs_in_its_line_only() -> None:
    for mutant in mutants():
        ast.parse(mutant.source)
        differing = [
            number
            for number, (one, two) in enumerate(zip(SOURCE.split("\n"), mutant.source.split("\n"), strict=True), start=1)
            if one != two
        ]
        assert differing == ([] if mutant.kind == "state" else [mutant.line])


def test_only_lines_of_the_authors_are_made_wrong() -> None:
    assert {mutant.line for mutant in mutants(lines=[16]) if mutant.kind != "state"} == {16}


def test_a_choice_takes_from_every_function_and_kind_and_is_the_same_each_time() -> None:
    few = chosen(mutants(), 9)
    assert len(few) == 9
    assert {mutant.kind for mutant in few} == set(KINDS)
    assert {mutant.function for mutant in few} >= {"", "Ratio.transform", "ages"}
    assert few == chosen(mutants(), 9)
    assert len(chosen(mutants(), 1000)) == len(mutants())


def test_text_outside_ascii_does_not_shift_an_edit() -> None:
    source = 'def ages(rows, state):\n    return rows["größe"] * 2 + rows["größe"] / 30\n'
    assert 'rows["größe"] / 30.03' in next(m for m in mutants(source, state=()) if m.what == "30 → 30.03").source


BRANCHING = """def ages(rows, state):
    if state.learning:
        rows = rows[::2]
    for row in rows:
        row += 1
    return rows
"""


def test_statements_and_branches_are_counted_on_the_tree() -> None:
    assert statements(BRANCHING, {2, 4, 6}) == (3, 5)
    assert branches(BRANCHING, {(2, 4), (4, 6), (6, -1)}) == (2, 4)
    assert branches(BRANCHING, {(2, 3), (3, 4), (4, 5), (5, 4), (4, 6), (2, 4), (6, -1)}) == (4, 4)


def test_an_if_that_ends_a_function_has_two_ways_out() -> None:
    source = "def f(a):\n    if a:\n        a.go()\n"
    assert branches(source, {(2, 3), (3, -1)}) == (1, 2)
    assert branches(source, {(2, -1)}) == (1, 2)


def test_an_emptied_test_module_keeps_its_tests_names() -> None:
    bare = emptied("import x\n\ndef test_a(capture):\n    assert capture.ok\n\ndef helper():\n    return 1\n")
    assert bare == "import x\n\ndef test_a(capture):\n    pass\n\ndef helper():\n    return 1"
