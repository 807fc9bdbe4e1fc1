"""DAT-04: generated tests that can fail, and a check that sees when they can't."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from nb2svc.readiness.checks.tested_features import FeatureTests, TriedMutant, judge_feature_tests
from nb2svc.readiness.evidence.feature_tests import emptied, observe_feature_tests
from nb2svc.readiness.harness.feature_tests import try_feature_tests
from nb2svc.readiness.harness.other_values import another
from nb2svc.readiness.mutants.feature import feature_mutants
from unit.readiness.worlds import TRIED, caught

FEATURES = """BASE = 1


class Ratio:
    def transform(self, rows):
        return [row / 12 for row in rows]


def ages(rows, state):
    rows = [row for row in rows if row >= 18]
    if not rows:
        rows = [40]
    return [(row - state.mean(lambda: 5)) / 30 for row in rows]


def loops(rows, state):
    while len(rows) > 3:
        rows = rows[1:]
    return rows
"""
REPLAY = """
from types import SimpleNamespace
from . import given

def find_capture(package):
    return given.CAPTURE
"""
TESTS = """
from unittest import SkipTest

from tiny import features

def test_ages_of_a_few(capture):
    assert features.ages([17, 18, 48], capture.predictor.state) == [(18 - 5) / 30, (48 - 5) / 30]

def test_the_served_object_has_the_modules_methods(capture):
    assert capture.held.transform([24]) == [2]

def test_loops_end(capture):
    assert features.loops([1, 2, 3, 4, 5], None) == [3, 4, 5]

def test_nothing_to_see(capture):
    raise SkipTest("nothing")

def test_that_needs_a_server(server):
    assert server
"""


class State:
    def __init__(self) -> None:
        self._entries = {"mean": 5.0}
        self.mean = lambda how: self._entries["mean"]


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A package that can be tried in this process."""
    home = tmp_path / "tiny"
    (home / "_nb2svc").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "features": FEATURES,
        "model": "from .features import BASE\n",
        "training": "",
        "_nb2svc/__init__": "",
        "_nb2svc/given": "CAPTURE = None",
        "_nb2svc/replay": REPLAY,
    }.items():
        (home / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("nb2svc.readiness.harness.feature_tests.LEAST", 0.3)
    import tiny.features  # type: ignore[import-not-found]
    from tiny._nb2svc import given  # type: ignore[import-not-found]

    given.CAPTURE = SimpleNamespace(predictor=SimpleNamespace(state=State()), held=tiny.features.Ratio())
    yield SimpleNamespace(source=(home / "features.py").read_text(), module=tiny.features, capture=given.CAPTURE)
    for name in [name for name in sys.modules if name == "tiny" or name.startswith("tiny.")]:
        del sys.modules[name]


def tried(tiny: SimpleNamespace, *, tests: str = TESTS, seconds: float = 60):
    mutants = feature_mutants(tiny.source, state=["mean"], lines=range(100))
    answer = try_feature_tests(
        {
            "package": "tiny",
            "source": tiny.source,
            "files": {"test_features.py": tests},
            "emptied": {"test_features.py": emptied(tests)},
            "mutants": [{"function": each.function, "source": each.source, "state": each.state} for each in mutants],
            "seconds": seconds,
        }
    )
    return mutants, answer


def test_mutants_are_caught_and_survivors_are_told_apart(tiny: SimpleNamespace) -> None:
    mutants, answer = tried(tiny)
    assert [each["status"] for each in answer["tests"]] == ["pass", "pass", "pass", "skip"]
    by = {(mutant.line, mutant.what): result for mutant, result in zip(mutants, answer["mutants"], strict=True)}
    assert by[10, "row >= 18 → row > 18"] == {"caught": True, "by": "test_ages_of_a_few", "problem": ""}
    assert by[13, "the learned value mean is another"]["caught"]
    assert not by[1, "1 → 3"]["caught"]  # nothing reads it
    assert not by[12, "40 → 81"]["caught"]  # no test has rows of children only
    assert 12 not in answer["lines"]
    assert [11, 13] in [list(arc) for arc in answer["arcs"]]


def test_a_method_of_an_object_that_is_already_there_is_mutated_too(tiny: SimpleNamespace) -> None:
    mutants, answer = tried(tiny)
    place = next(place for place, mutant in enumerate(mutants) if mutant.what == "12 → 12.012")
    assert answer["mutants"][place]["by"] == "test_the_served_object_has_the_modules_methods"


def test_a_mutant_that_never_ends_is_caught(tiny: SimpleNamespace) -> None:
    mutants, answer = tried(tiny)
    place = next(place for place, mutant in enumerate(mutants) if mutant.what == "rows = rows[1:] left out")
    assert answer["mutants"][place] == {"caught": True, "by": "it did not end", "problem": ""}


def test_the_good_code_is_back_afterwards(tiny: SimpleNamespace) -> None:
    tried(tiny)
    assert tiny.module.ages([18], State()) == [(18 - 5) / 30]
    assert tiny.capture.held.transform([24]) == [2]
    assert tiny.capture.predictor.state._entries == {"mean": 5.0}


def test_emptied_tests_catch_nothing(tiny: SimpleNamespace) -> None:
    _, answer = tried(tiny)
    assert not any(each["caught"] for each in answer["emptied"])
    assert any(each["caught"] for each in answer["mutants"])


def test_one_test_emptied_lowers_the_score(tiny: SimpleNamespace) -> None:
    weaker = TESTS.replace(
        "assert features.ages([17, 18, 48], capture.predictor.state) == [(18 - 5) / 30, (48 - 5) / 30]", "pass"
    )
    score = lambda answer: sum(each["caught"] for each in answer["mutants"])  # noqa: E731
    assert score(tried(tiny, tests=weaker)[1]) < score(tried(tiny)[1])


def test_a_test_that_fails_on_good_code_ends_the_trial(tiny: SimpleNamespace) -> None:
    _, answer = tried(tiny, tests="def test_no():\n    assert False\n")
    assert answer["tests"] == [{"name": "test_no", "status": "fail"}]
    assert "mutants" not in answer


def test_mutants_for_which_there_was_no_time_are_not_counted(tiny: SimpleNamespace) -> None:
    _, answer = tried(tiny, seconds=-1)
    assert {each["problem"] for each in answer["mutants"]} == {"the time was over"}


def test_learned_values_become_others_of_their_kind() -> None:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit([[1.0], [2.0]])
    assert another(4.0) == 4.05
    assert another(["a", "b"]) == ["b", "a"]
    assert another({"a": 1.0}) == {"a": 1.02}
    assert another(pd.Timestamp("2025-01-01")) == pd.Timestamp("2025-01-02")
    assert another(dt.date(2025, 1, 1)) == dt.date(2025, 1, 2)
    assert another(np.array([1.0])).tolist() == [1.02]
    assert list(another(pd.CategoricalDtype(["a", "b"])).categories) == ["b", "a"]
    assert another(scaler).mean_.tolist() != scaler.mean_.tolist()
    assert another(pd.DataFrame({"a": [1, 2]}))["a"].tolist() == [2, 1]
    assert another(object()) is None


def run_of(*caught_by: str, **changes: object) -> FeatureTests:
    mutants = tuple(
        TriedMutant(
            kind="constant", where=f"cell {place}, line 1", what="2 → 5", caught_by=by, why="" if by else "no test runs this line"
        )
        for place, by in enumerate(caught_by, start=1)
    )
    given = {"tests": (("test_ages", "pass"),), "mutants": mutants, "possible": 9, "ran": (3, 4), "taken": (1, 2), **changes}
    return FeatureTests(**given)


def test_three_of_five_caught_pass_and_less_does_not() -> None:
    assert judge_feature_tests(run_of("a", "a", "a", "", "")).status == "pass"
    failed = judge_feature_tests(run_of("a", "a", "", "", ""))
    assert failed.status == "fail"
    assert failed.sentence == (
        "The generated tests caught 2 of 5 mutants of features.py (40%); they run 3 of 4 statements and 1 of 2 branches."
    )
    assert failed.next_action.startswith("Add a check cell")


def test_survivors_are_listed_with_their_place_and_what_is_known_of_them() -> None:
    details = judge_feature_tests(run_of("a", "")).details
    assert ("survived cell 2, line 1", "constant: 2 → 5 (no test runs this line)") in details


def test_a_mutant_that_could_not_be_made_does_not_count() -> None:
    unmade = TriedMutant(
        kind="state", where="cell 2, line 1", what="the learned value x is another", caught_by="", problem="unknown"
    )
    run = run_of("a")
    outcome = judge_feature_tests(FeatureTests(tests=run.tests, mutants=(*run.mutants, unmade)))
    assert "1 of 1 mutant " in outcome.sentence
    assert ("not tried cell 2, line 1", "state: the learned value x is another (unknown)") in outcome.details


def test_a_failing_test_and_no_test_at_all_are_no_pass() -> None:
    failing = judge_feature_tests(run_of("a", tests=(("test_ages", "fail"),)))
    assert failing.status == "fail"
    assert "1 test of features.py fails on the code as it is: test_ages" in failing.sentence
    assert judge_feature_tests(FeatureTests(problem="no capture")).status == "not_evaluated"
    assert judge_feature_tests(run_of()).status == "not_evaluated"


def test_without_feature_code_it_does_not_apply(world) -> None:
    (world.inputs.package_dir / "features.py").unlink()
    outcome = judge_feature_tests(observe_feature_tests(world.inputs))
    assert outcome.status == "not_applicable"
    assert "there is no features.py" in outcome.sentence


def test_a_survivor_on_a_line_that_ran_may_be_equivalent(world) -> None:
    def answers(lines: list[int]):
        return lambda: {"tests": {**TRIED["tests"], "mutants": caught(30, by=""), "lines": lines}}

    ran = observe_feature_tests(world.but(trials=answers([6])))
    assert ran.mutants[0].where == "cell 2, line 1"
    assert "may be equivalent" in ran.mutants[0].why
    assert observe_feature_tests(world.but(trials=answers([]))).mutants[0].why == "no test runs this line"


def test_the_harness_that_could_not_start_evaluates_nothing(world) -> None:
    run = observe_feature_tests(world.but(trials=lambda: {"tests": {"problem": "No module named pandas"}}))
    assert "No module named pandas" in judge_feature_tests(run).sentence
