"""What runs say of segments, by hand: the worst, what fails, what can't be told, and what is compared."""

from dataclasses import replace

import pytest

from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import BySegment, CheckOutcome, Failure, MetricValue, RunResult, RunSpec, Validation
from nb2svc.validate.judge import exit_code
from nb2svc.validate.segments.telling import with_segments
from nb2svc.validate.verdict import judge
from nb2svc.validate.watched import Watched
from unit.validate.segments.divided import NORTH, SOUTH, of, run


@pytest.mark.parametrize(
    ("name", "criteria", "worst"),
    [
        ("auc", Criteria(), NORTH),
        ("rmse", Criteria(), SOUTH),
        ("profit", Criteria(), ""),
        ("profit", Criteria(higher=("profit",)), NORTH),
        ("auc", Criteria(lower=("auc",)), SOUTH),
    ],
)
def test_the_worst_segment_is_worst_in_the_direction_that_is_known(name: str, criteria: Criteria, worst: str):
    (found,) = judge(of(*(run(seed, name=name) for seed in range(3))), criteria=criteria).worst
    assert (found.metric, found.segment, found.lowest, found.highest) == (name, worst, NORTH, SOUTH)
    assert found.whole == pytest.approx(0.751)
    if worst:
        mean = {NORTH: 0.71, SOUTH: 0.81}[worst]
        assert found.mean == pytest.approx(mean)
        # Student's t of 0, 0.01, 0.02 around its mean: 4.303 · 0.01 / √3.
        assert found.interval is not None
        assert found.interval.high - found.mean == pytest.approx(4.302653 * 0.01 / 3**0.5)


def test_segments_are_compared_over_the_same_runs():
    """North has no number where all numbers are low: over all runs of each, south would look the worse."""
    low = [run(seed, north=None, south=0.4) for seed in range(8)]
    (found,) = judge(of(*(run(seed, north=0.7, south=0.75) for seed in range(8, 12)), *low)).worst
    assert (found.segment, found.runs, found.of) == (NORTH, 4, 12)
    assert (found.mean, found.whole) == pytest.approx((0.795, 0.7595))
    (apart,) = judge(of(run(0, north=None), run(1, south=None))).worst
    assert (apart.segment, apart.lowest, apart.runs, apart.of) == ("", "", 0, 2)


def test_a_check_that_fails_in_one_segment_rejects_and_is_named():
    validation = of(run(0), run(1, check="fail"))
    judgement = judge(validation)
    assert (judgement.outcome, exit_code(replace(validation, judgement=judgement))) == ("fail", 1)
    (reason,) = judgement.reasons
    assert reason.startswith("check good [region=north] does not pass in 1 of 2")
    assert [(one.count.segment, one.count.failed) for one in judgement.checks] == [("", 0), (SOUTH, 0), (NORTH, 1)]
    assert [(one.segment, one.fewest, one.most) for one in judgement.segments] == [(SOUTH, 200, 200), (NORTH, 90, 91)]


def test_what_few_rows_can_t_tell_is_open_with_its_reason():
    judgement = judge(of(run(0, check="not_reached"), run(1, check="not_reached")))
    assert judgement.outcome == "open"
    assert judgement.reasons == ("check good [region=north]: can't be told of its 3 rows",)


def test_a_run_that_can_t_be_divided_is_told():
    problem = BySegment(problem=Failure(what="no column region is known of the held-out rows"))
    judgement = judge(of(run(0), replace(run(1), segments=problem, checks=run(1).checks[:1], metrics=run(1).metrics[:1])))
    assert judgement.outcome == "open"
    assert judgement.reasons == (
        "the held-out rows of 1 of 2 runs can't be divided: no column region is known of the held-out rows",
    )


def test_segments_pair_with_those_of_the_baseline_and_a_margin_holds_for_each():
    before = of(*(run(seed) for seed in range(4)))
    worse = of(*(run(seed, north=0.6) for seed in range(4)))
    judgement = judge(worse, criteria=Criteria(margins=(("auc", 0.05),)), baseline=before)
    told = {one.segment: (one.outcome, one.paired, one.count) for one in judgement.comparisons}
    assert told == {"": ("no_worse", True, 4), SOUTH: ("no_worse", True, 4), NORTH: ("worse", True, 4)}
    assert judgement.outcome == "fail"
    assert judgement.reasons[0].startswith("auc [region=north]")
    # Who does not ask for segments again is not told that they are gone.
    plain = judge(of(*(replace(run(seed), metrics=run(seed).metrics[:1]) for seed in range(4)), columns=()), baseline=before)
    assert [one.segment for one in plain.comparisons] == [""]


def test_a_judgement_of_segments_survives_json():
    validation = of(run(0), run(1, check="fail"))
    whole = replace(validation, judgement=judge(validation))
    assert from_json(Validation, to_json(whole)) == whole


WATCHED = Watched(checks={"cell-4": "good"}, metrics={}, wanted=frozenset())


def told(part: dict, *, whole: dict | None = None, outcome: str = "pass", value: float = 0.75) -> RunResult:
    plain = RunResult(
        key="1", spec=RunSpec(key="1"), status="ok" if outcome == "pass" else "failed",
        checks=(CheckOutcome(name="good", cell=4, outcome=outcome),), metrics=(MetricValue(name="auc", value=value),),
    )  # fmt: skip
    empty = {"checks": {"cell-4": {}}, "metrics": {"auc": {"value": 0.75, "special": ""}}, "problems": {}}
    seen = {
        "from": [["region", "loans"]], "whole": {**empty, **(whole or {})}, "untouched": [],
        "parts": [{"segment": NORTH, "rows": 3, "told": {**empty, **part}}],
    }  # fmt: skip
    return with_segments(plain, seen, watched=WATCHED)


FAILED = {"name": "AssertionError", "message": "weak", "line": 2, "values": [["auc", "0.6"]], "test": "auc > 0.7"}


@pytest.mark.parametrize(
    ("said", "outcome", "message"),
    [
        ({}, "pass", ""),
        (FAILED, "fail", "weak"),
        ({**FAILED, "message": ""}, "fail", "assert auc > 0.7"),
        ({**FAILED, "values": [["auc", "nan"]]}, "not_reached", "can't be told of its 3 rows: auc is not a number"),
        (
            {"name": "ValueError", "message": "Only one class present\nmore", "line": 1, "values": [], "test": ""},
            "not_reached",
            "can't be told of its 3 rows: ValueError: Only one class present",
        ),
        ({"unreached": "`y` was not made"}, "not_reached", "can't be told of its 3 rows: `y` was not made"),
    ],
)
def test_what_a_check_said_of_a_segment(said: dict, outcome: str, message: str):
    result = told({"checks": {"cell-4": said}})
    check = result.check("good", NORTH)
    assert check is not None
    assert (check.outcome, check.message) == (outcome, message)
    assert result.status == ("failed" if outcome == "fail" else "ok")
    assert result.check("good") == CheckOutcome(name="good", cell=4, outcome="pass")


def test_what_is_not_the_same_again_of_all_rows_tells_nothing_of_parts():
    result = told({}, whole={"checks": {"cell-4": FAILED}})
    check = result.check("good", NORTH)
    assert check is not None
    assert check.outcome == "not_reached"
    assert check.message == "it fails when it is computed again of all held-out rows, and passes in the run"
    metric = told({}, value=0.8).metric("auc", NORTH)
    assert metric is not None
    assert (metric.value, metric.note) == (None, "computed again of all held-out rows it is 0.75")


def test_a_metric_that_few_rows_do_not_have_says_why():
    nothing = told({"metrics": {}, "problems": {"auc": "ValueError: one class (cell 4, line 2)"}}).metric("auc", NORTH)
    assert nothing is not None
    assert nothing.note == "can't be told of its 3 rows: ValueError: one class (cell 4, line 2)"
    nan = told({"metrics": {"auc": {"value": None, "special": "nan"}}}).metric("auc", NORTH)
    assert nan is not None
    assert (nan.special, nan.note) == ("nan", "can't be told of its 3 rows: it is not a number")


def test_a_run_that_broke_has_no_segments():
    broken = RunResult(key="1", spec=RunSpec(key="1"), status="error")
    assert with_segments(broken, None, watched=WATCHED) == broken
    silent = with_segments(replace(broken, status="ok"), None, watched=WATCHED).segments
    assert silent is not None
    assert silent.problem is not None
