"""BIZ-05 and GOV-07 on held-out rows: models that beat simpler ones and models that don't, segments that are there and that are not."""

import importlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from nb2svc.ir.judgement import JudgedCheck
from nb2svc.ir.validation import BySegment
from nb2svc.readiness.assess import assess
from nb2svc.readiness.checks.outcome import Outcome
from nb2svc.readiness.checks.segments import FoundSegment, SegmentCheck, Segments, judge_segments
from nb2svc.readiness.checks.simpler_models import Gain, SimplerModels, judge_simpler_models
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence.segments import observe_segments
from nb2svc.readiness.evidence.simpler_models import observe_simpler_models
from nb2svc.readiness.harness.found_segments import searched, try_found_segments
from nb2svc.readiness.harness.held_out import Unknown, held_out
from nb2svc.readiness.harness.simpler_models import try_simpler_models
from unit.readiness.worlds import TRIED

RANDOM = np.random.RandomState(5)
COUNT, FITTED = 1000, 500
ROWS = pd.DataFrame({"age": RANDOM.randint(18, 80, COUNT), "income": RANDOM.normal(3000, 800, COUNT)})
ROWS["region"] = RANDOM.choice(["north", "south"], COUNT)
CURVED = ((ROWS["age"] - 50).abs() > 15).astype(int)
STRAIGHT = (ROWS["age"] + RANDOM.normal(scale=8, size=COUNT) > 50).astype(int)
NUMBER = np.exp(0.03 * ROWS["age"] + RANDOM.normal(scale=0.1, size=COUNT))
NUMBERS = ["age", "income"]


class Captured:
    """What a run left: all rows are predicted, the first half was learned from."""

    def __init__(self, model, labels, *, fit_target=None, columns=NUMBERS, in_table=True, turned_back=None) -> None:
        self.table = ROWS.assign(late=labels) if in_table else ROWS
        self.columns, self.turned_back = columns, turned_back
        target = labels if fit_target is None else fit_target
        self.kept = {"fit_input": self.table[columns][:FITTED], "fit_target": target[:FITTED], "y_test": labels}
        self._predictor = SimpleNamespace(model=model.fit(self.kept["fit_input"], self.kept["fit_target"]))
        columns_ = [{"name": name, "use": "target" if name == "late" else "read"} for name in self.table.columns]
        tables = [{"name": "loans", "role": "main", "columns": columns_}]
        self.observation = {"target": "late" if in_table else None, "tables": tables}

    @property
    def predictor(self):
        return self._predictor

    def value(self, kind: str, label: str | None = None):
        return self.kept[label or kind]

    def _rows(self, name: str):
        return list(range(FITTED)) if name == "fit_rows" else list(range(COUNT))

    def predictions(self):
        return self._rows("predict_rows"), None

    def _main_table(self, _: str):
        return self.table

    def inputs(self, rows):
        return self.table.iloc[rows][self.columns]

    def tables(self, rows):
        return {"loans": self.table.iloc[rows]}

    def answer(self, rows):
        return self.turned_back(self._predictor.model.predict(self.inputs(rows)))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch):
    def ask(function, captured, *, labels=()):
        held_out.cache_clear()
        module = SimpleNamespace(find_capture=lambda _: captured)
        real = importlib.import_module
        monkeypatch.setattr(
            importlib, "import_module", lambda name, package=None: module if name.startswith("loans.") else real(name)
        )
        return function({"package": "loans", "seconds": 60, "labels": list(labels)})

    yield ask
    held_out.cache_clear()


def simpler(answer: dict):
    return observe_simpler_models(SimpleNamespace(tried=lambda _: answer))


FOREST = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)


def test_a_forest_that_sees_a_curve_is_better_than_a_constant_and_than_a_line(asked) -> None:
    answer = asked(try_simpler_models, Captured(FOREST, CURVED))
    assert (answer["measure"], answer["rows"], answer["linear"]) == ("AUC", 500, False)
    outcome = judge_simpler_models(simpler(answer))
    assert outcome.status == "pass"
    assert "better than a constant answer on 500 held-out rows: AUC 1, not 0.5" in outcome.sentence


def test_a_forest_where_a_line_would_do_warns_and_a_line_needs_no_line(asked) -> None:
    outcome = judge_simpler_models(simpler(asked(try_simpler_models, Captured(FOREST, STRAIGHT))))
    assert (outcome.status, "not shown to be better than a linear model" in outcome.sentence) == ("warn", True)
    line = make_pipeline(StandardScaler(), LogisticRegression())
    answer = asked(try_simpler_models, Captured(line, STRAIGHT))
    assert list(answer["against"]) == ["constant", "rule"]
    assert judge_simpler_models(simpler(answer)).sentence.endswith("; it is a linear model itself.")


def test_a_forest_that_tells_no_more_than_one_column_warns(asked) -> None:
    column = (ROWS["age"] > 50).astype(int)
    outcome = judge_simpler_models(simpler(asked(try_simpler_models, Captured(FOREST, column))))
    assert (outcome.status, "not shown to be better than a rule of one line" in outcome.sentence) == ("warn", True)


def test_a_model_that_learned_nothing_fails_and_so_does_the_constant_answer_against_itself(asked) -> None:
    noise = pd.Series(RANDOM.permutation(STRAIGHT.to_numpy()))
    answer = asked(try_simpler_models, Captured(FOREST, noise))
    assert judge_simpler_models(simpler(answer)).status == "fail"
    assert (answer["itself"]["low"], answer["itself"]["high"]) == (0.0, 0.0)
    answer = asked(try_simpler_models, Captured(DummyClassifier(), STRAIGHT))
    assert judge_simpler_models(simpler(answer)).status == "fail"


def test_words_are_taken_by_the_line_and_labels_by_other_words_are_known(asked) -> None:
    words = STRAIGHT.map({0: "good", 1: "bad"})
    answer = asked(try_simpler_models, Captured(FOREST, words, fit_target=STRAIGHT))
    assert answer["model"] > 0.9
    answer = asked(try_simpler_models, Captured(FOREST, STRAIGHT, in_table=False), labels=["y_test"])
    assert answer["model"] > 0.9
    assert "nor read by a check" in asked(try_simpler_models, Captured(FOREST, STRAIGHT, in_table=False))["problem"]


def test_labels_that_were_transformed_are_compared_as_answers(asked) -> None:
    captured = Captured(Ridge(), NUMBER, fit_target=np.log(NUMBER), turned_back=np.exp)
    answer = asked(try_simpler_models, captured)
    assert (answer["measure"], answer["linear"]) == ("mean absolute error", True)
    error = np.abs(np.exp(captured.predictor.model.predict(ROWS[NUMBERS][FITTED:])) - NUMBER[FITTED:]).mean()
    assert -answer["model"] == pytest.approx(error)
    assert judge_simpler_models(simpler(answer)).status == "pass"
    tree = asked(try_simpler_models, Captured(DecisionTreeRegressor(max_depth=2), NUMBER))
    assert set(tree["against"]) == {"constant", "rule", "linear"}


def test_what_has_no_held_out_rows_or_no_labels_is_not_evaluated(asked) -> None:
    captured = Captured(FOREST, STRAIGHT)
    captured._rows = lambda name: list(range(COUNT - 10 if name == "fit_rows" else COUNT))
    problem = asked(try_simpler_models, captured)["problem"]
    assert problem == "fewer than 40 rows were held out"
    assert judge_simpler_models(simpler({"problem": problem})).status == "not_evaluated"
    assert "no classifier or regressor" in asked(try_simpler_models, Captured(KMeans(2), STRAIGHT))["problem"]


GAIN = Gain(name="constant", score=0.5, gain=0.3, low=0.2, high=0.4)
GOOD_MODEL = SimplerModels(measure="AUC", rows=300, model=0.8, gains=(GAIN, replace(GAIN, name="linear", score=0.7, low=0.05)))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "pass"),
        ({"gains": (replace(GAIN, low=-0.01),)}, "fail"),
        ({"gains": (replace(GAIN, low=0.0),)}, "fail"),
        ({"gains": (GAIN, replace(GAIN, name="linear", low=-0.01))}, "warn"),
        ({"gains": (GAIN, replace(GAIN, name="rule", low=0.0), replace(GAIN, name="linear"))}, "warn"),
        ({"gains": (GAIN, replace(GAIN, name="rule"), replace(GAIN, name="linear"))}, "pass"),
        ({"gains": (GAIN, replace(GAIN, name="rule", low=0.0)), "linear": True}, "warn"),
        ({"gains": (GAIN,), "left": ("note",)}, "warn"),
        ({"gains": (GAIN,), "linear": True}, "pass"),
        ({"problem": "the labels have several columns"}, "not_evaluated"),
    ],
)
def test_a_model_must_be_shown_to_be_better(changes: dict, status: str) -> None:
    outcome = judge_simpler_models(replace(GOOD_MODEL, **changes))
    assert outcome.status == status
    assert bool(outcome.next_action) == (status != "pass")


# --- segments


def found_in(errors) -> dict:
    names = ["age", "income", "region\0north"]
    table = np.stack([ROWS["age"], ROWS["income"], ROWS["region"] == "north"], axis=1).astype(float)
    return searched(names, table, errors)


def test_a_segment_in_which_the_model_errs_is_found_and_named() -> None:
    inside = (ROWS["age"] > 60) & (ROWS["region"] == "north")
    errors = (RANDOM.uniform(size=COUNT) < np.where(inside, 0.6, 0.1)).astype(float)
    answer = found_in(errors)
    assert answer["worst"]["chance"] == 0.001
    assert "region is north" in answer["worst"]["text"]
    assert "age > " in answer["worst"]["text"]
    assert answer["worst"]["low"] > answer["worst"]["others"]


def test_errors_that_were_dealt_out_at_random_are_no_segment() -> None:
    answers = [found_in((np.random.RandomState(seed).uniform(size=COUNT) < 0.2).astype(float)) for seed in range(5)]
    assert sum(answer["worst"] is not None and answer["worst"]["chance"] <= 0.01 for answer in answers) == 0
    assert all(answer["random"] <= 2 and answer["tries"] == 20 for answer in answers)
    with pytest.raises(Unknown, match="fewer than 200 rows"):
        searched(["age"], np.ones((50, 1)), np.ones(50))


def test_a_model_that_is_weak_somewhere_is_told_from_the_captured_rows(asked) -> None:
    noisy = STRAIGHT.where(ROWS["income"] < 3500, pd.Series(RANDOM.permutation(STRAIGHT.to_numpy())))
    answer = asked(try_found_segments, Captured(FOREST, noisy))
    assert "income > " in answer["worst"]["text"]
    assert answer["worst"]["chance"] <= 0.01
    none = asked(try_found_segments, Captured(KMeans(2), STRAIGHT))
    assert "problem" in none


FOUND = FoundSegment(text="age > 60", rows=60, error=0.4, low=0.3, high=0.5, others=0.1, chance=0.001)
NORTH = SegmentCheck(check="good", segment="region=north", passed=5, failed=0, unknown=0, fewest=80)
HELD = Segments(declared=(NORTH, replace(NORTH, segment="region=south")), tries=20, kind="classifier", searched=500)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, "pass", "good holds in 2 segments. Its errors on 500 held-out rows show no other."),
        (
            {"declared": (NORTH, replace(NORTH, segment="region=south", passed=3, failed=2))},
            "fail",
            "in region=south in 2 of 5 runs",
        ),
        ({"found": FOUND}, "warn", "errs more where age > 60: 40% of its answers are wrong in 60 rows"),
        ({"found": replace(FOUND, chance=0.02)}, "pass", "show no other"),
        ({"found": FOUND, "random": 3}, "pass", "show no other"),
        ({"found": FOUND, "declared": ()}, "warn", "The model errs more where age > 60"),
        ({"declared": (), "undeclared": "its last validation named no segments"}, "not_evaluated", "named no segments"),
        ({"declared": (NORTH, replace(NORTH, segment="region=east", passed=0, unknown=5))}, "warn", "evaluated in region=east"),
        ({"unsearched": "fewer than 200 rows were held out"}, "pass", "No other was looked for: fewer than 200 rows"),
    ],
)
def test_each_segment_needs_its_floor(changes: dict, status: str, said: str) -> None:
    outcome = judge_segments(replace(HELD, **changes))
    assert outcome.status == status
    assert said in outcome.sentence


def assessed(inputs, identifier: str, **changes: object):
    only = tuple(replace(each, **changes) for each in EVALUATORS if each.id == identifier)
    return next(item for item in assess(inputs, only).items if item.id == identifier)


def test_segments_of_a_validation_that_does_not_count_are_none(world) -> None:
    assert assessed(world.inputs, "GOV-07").status == "pass"
    old = replace(world.inputs.validation, notebook_digest="another")
    item = assessed(world.but(validation=old), "GOV-07")
    assert item.status == "not_evaluated"
    assert "another state of the notebook" in item.sentence
    unnamed = assessed(world.but(validation=replace(world.inputs.validation, segments=())), "GOV-07")
    assert "named no segments" in unnamed.sentence


def test_a_segment_that_fails_in_a_validation_fails_the_item(world) -> None:
    validation = world.inputs.validation
    bad = JudgedCheck(count=replace(validation.judgement.checks[-1].count, passed=3, failed=2), failing=None, flaky=True)
    judged = replace(validation.judgement, checks=(*validation.judgement.checks[:-1], bad))
    item = assessed(world.but(validation=replace(validation, judgement=judged)), "GOV-07")
    assert (item.status, "fails in region=north in 2 of 5 runs" in item.sentence) == ("fail", True)


def test_a_check_that_reads_no_held_out_row_is_no_floor_of_a_segment(world) -> None:
    validation = world.inputs.validation
    runs = tuple(replace(run, segments=BySegment(untouched=("good",))) for run in validation.runs)
    seen = observe_segments(world.but(validation=replace(validation, runs=runs)))
    assert (seen.declared, seen.undeclared) == ((), "no check reads held-out rows")


@pytest.mark.parametrize("identifier", ["BIZ-05", "GOV-07"])
def test_both_have_a_control_that_fires_and_a_check_that_looks_at_nothing_is_broken(world, identifier: str) -> None:
    good = assessed(world.inputs, identifier)
    assert (good.status, good.evidence.control.fired) == ("pass", True)
    broken = assessed(world.inputs, identifier, judge=lambda _: Outcome(status="pass", sentence="All is well."))
    assert (broken.status, "NOT caught" in broken.sentence) == ("broken", True)
    silent = assessed(world.but(trials=lambda: {**TRIED, "simpler": {"problem": "x"}, "segments": {"problem": "x"}}), identifier)
    assert silent.status == ("not_evaluated" if identifier == "BIZ-05" else "pass")
