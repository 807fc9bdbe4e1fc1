"""Known answers: figures by hand, of tables, or of scipy asked in another way."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.capture import InputFile
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.judgement import Criteria, Interval
from nb2svc.ir.validation import CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.validate.comparing import comparisons, direction
from nb2svc.validate.intervals import mean_interval, most_of_difference, most_of_mean, share_interval
from nb2svc.validate.judge import exit_code
from nb2svc.validate.verdict import judge, judged_metrics
from nb2svc.validate.watched import idle_checks
from unit.capture.made import made

OLD = (0.80, 0.84, 0.79, 0.88, 0.83)
NEW = (0.81, 0.84, 0.80, 0.88, 0.84)


def run(value: float | None, *, check: str = "pass", status: str = "ok", name: str = "auc", repeat: int = 1, **given: object):
    spec = RunSpec(
        key=str(given),
        parameters=tuple(Parameter(name=key, value=str(each)) for key, each in given.items()),
        seed=str(given.get("seed", "")),
        repeat=repeat,
    )
    metrics = () if value is None else (MetricValue(name=name, value=value),)
    checks = (CheckOutcome(name="good", cell=2, outcome=check),) if check else ()
    return RunResult(key=spec.key, spec=spec, status=status, metrics=metrics, checks=checks)


def of(*runs: RunResult, **more: object) -> Validation:
    return Validation(notebook="a.ipynb", notebook_digest="", runs=runs, **more)


def seeds(values, **more: object) -> Validation:
    return of(*(run(value, seed=at, **more) for at, value in enumerate(values)))


def declared(**margins: float) -> Criteria:
    return Criteria(margins=tuple(margins.items()))


def test_the_mean_of_few_runs_has_student_s_t():
    found = mean_interval([1.0, 2.0, 3.0])
    assert (found.low, found.high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), rel=1e-6)
    low, high = stats.ttest_1samp(OLD, 0).confidence_interval(0.95)
    assert (mean_interval(OLD).low, mean_interval(OLD).high) == pytest.approx((low, high))
    assert mean_interval([0.5]) is None
    assert mean_interval([]) is None
    assert mean_interval([0.5, 0.5]) == Interval(low=0.5, high=0.5)
    assert mean_interval([1e308, -1e308, 1e308]) is None


def test_a_metric_that_no_run_tells_is_warned_of():
    none = replace(run(None, seed=1), metrics=(MetricValue(name="acu", value=None),))
    found = judge(of(none, replace(none, key="2")))
    assert (found.outcome, found.reasons) == (
        "warn",
        ("metric acu has no number in any run: is that its name where its cell ends?",),
    )
    assert judge(of(none, run(0.8, name="acu", seed=2))).outcome == "pass"


def test_a_share_is_exact():
    # None of ten: 1 - 0.025 ** (1 / 10).
    assert (share_interval(0, 10).low, share_interval(0, 10).high) == pytest.approx((0.0, 0.308497), abs=1e-6)
    assert (share_interval(2, 20).low, share_interval(2, 20).high) == pytest.approx((0.012349, 0.316983), abs=1e-6)
    assert share_interval(0, 0) is None


def test_the_bound_of_a_difference_is_that_of_the_t_tests():
    pairs = [old - new for new, old in zip(NEW, OLD, strict=True)]
    high = stats.ttest_rel(OLD, NEW, alternative="less").confidence_interval(0.95).high
    assert most_of_mean(pairs) == pytest.approx(high)
    high = stats.ttest_ind(OLD, NEW[:4], equal_var=False, alternative="less").confidence_interval(0.95).high
    assert most_of_difference(OLD, NEW[:4]) == pytest.approx(high)
    assert most_of_difference([1.0], NEW) is None
    assert most_of_difference([1.0, 1.0], [0.5, 0.5]) == 0.5


def test_pairs_tell_what_the_spread_of_seeds_hides():
    worse = tuple(value - 0.005 + 0.0002 * at for at, value in enumerate(OLD))
    (paired,) = comparisons(seeds(worse), seeds(OLD), declared(auc=0.01))
    assert (paired.paired, paired.count, paired.outcome) == (True, 5, "no_worse")
    others = of(*(run(value, seed=at + 100) for at, value in enumerate(worse)))
    (unpaired,) = comparisons(others, seeds(OLD), declared(auc=0.01))
    assert (unpaired.paired, unpaired.outcome) == (False, "open")
    assert "more runs would tell" in unpaired.reason


def test_a_metric_that_is_worse_by_more_than_its_margin_rejects_and_an_undeclared_margin_only_warns():
    worse = seeds([value - 0.03 for value in OLD])
    said = judge(worse, criteria=declared(auc=0.01), baseline=seeds(OLD), source="last")
    assert (said.outcome, exit_code(replace(worse, judgement=said))) == ("fail", 1)
    assert said.reasons == ("auc: it is 0.03 worse (up to 0.03 is likely), and the margin is 0.01",)
    said = judge(worse, baseline=seeds(OLD), source="last")
    assert (said.outcome, exit_code(replace(worse, judgement=said))) == ("warn", 0)
    assert said.comparisons[0].margin == pytest.approx(0.01 * sum(OLD) / 5)
    said = judge(seeds(NEW), criteria=declared(auc=0.01), baseline=seeds(OLD), source="last")
    assert (said.outcome, said.reasons) == ("pass", ())


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("auc", "higher"),
        ("roc_auc", "higher"),
        ("RMSE", "lower"),
        ("val loss", "lower"),
        ("profit", "unknown"),
        ("map_loss", "unknown"),
    ],
)
def test_the_direction_is_that_of_a_known_word(name: str, better: str):
    assert direction(name, Criteria()) == better
    assert direction(name, Criteria(lower=(name,))) == "lower"
    assert direction(name, Criteria(higher=(name,))) == "higher"


def test_an_error_that_grew_is_worse_and_a_direction_is_not_guessed():
    grown = seeds([value + 0.1 for value in OLD], name="rmse")
    (one,) = comparisons(grown, seeds(OLD, name="rmse"), declared(rmse=0.05))
    assert (one.better, one.outcome) == ("lower", "worse")
    said = judge(seeds(OLD, name="profit"), criteria=declared(profit=0.05), baseline=seeds(OLD, name="profit"))
    assert said.outcome == "fail"
    assert "which direction is better" in said.reasons[0]
    criteria = Criteria(margins=(("profit", 0.05),), higher=("profit",))
    assert judge(seeds(OLD, name="profit"), criteria=criteria, baseline=seeds(OLD, name="profit")).outcome == "pass"


def test_a_number_that_is_gone_is_worse_and_a_misspelt_metric_does_not_pass():
    gone = of(*(run(value if at else None, seed=at) for at, value in enumerate(OLD)))
    (one,) = comparisons(gone, seeds(OLD), declared(auc=0.5))
    assert (one.outcome, one.reason) == ("worse", "it has no number in 1 run that had one before")
    said = judge(seeds(OLD), criteria=declared(acu=0.1), baseline=seeds(OLD))
    assert (said.outcome, said.reasons) == ("fail", ("the baseline has no metric acu; did you mean auc?",))


def test_one_run_can_t_say_how_sure_it_is():
    (one,) = comparisons(of(run(0.9)), of(run(0.9)), declared(auc=0.01))
    assert (one.outcome, one.worse_by, one.paired) == ("open", None, True)
    (one,) = comparisons(of(run(0.8)), of(run(0.9)), declared(auc=0.01))
    assert (one.outcome, one.difference) == ("worse", pytest.approx(-0.1))


def test_sets_pair_by_their_values_also_where_one_is_the_notebook_s_own():
    before = of(run(0.8), run(0.9, seed=2), defaults=(Parameter(name="seed", value="1"),))
    (one,) = comparisons(of(run(0.9, seed=2), run(0.8, seed=1)), before, Criteria())
    assert (one.paired, one.count, one.difference) == (True, 2, 0.0)


def test_a_check_that_passes_in_some_runs_only_is_flaky():
    said = judge(of(*(run(0.9, seed=at, check="fail" if at < 2 else "pass") for at in range(20))))
    (check,) = said.checks
    assert check.flaky
    assert said.reasons == ("check good does not pass in 2 of 20 (between 1% and 32% is likely): it passes in some runs only",)
    (always,) = judge(of(run(0.9, seed=1, check="fail"), run(0.9, seed=2, check="error"))).checks
    assert not always.flaky
    said = judge(of(run(0.9, check="not_reached")))
    assert (said.outcome, said.reasons) == ("open", ("check good: no run came to it",))


def test_what_can_t_be_told_is_not_passed():
    assert judge(of(run(None, check=""))).outcome == "open"
    assert judge(of(run(0.9), replace(run(0.9, seed=3), status="not_run"))).outcome == "open"
    assert judge(of(run(0.9), run(None, status="died", seed=4))).outcome == "fail"


def test_the_variance_is_divided_among_the_parameters_of_a_full_grid():
    values = {("a", 1): 1.0, ("a", 2): 2.0, ("b", 1): 4.0, ("b", 2): 5.0}
    (metric,) = judged_metrics(of(*(run(value, model=model, seed=seed) for (model, seed), value in values.items())))
    # Between the models 9, between the seeds 1, in all 10.
    assert {each.parameter: each.share for each in metric.parameters} == pytest.approx({"model": 0.9, "seed": 0.1})
    assert [(level.value, level.mean) for level in metric.parameters[0].levels] == [("a", 1.5), ("b", 4.5)]
    (short,) = judged_metrics(of(*(run(value, model=model, seed=seed) for (model, seed), value in list(values.items())[:3])))
    assert [each.share for each in short.parameters] == [None, None]
    assert "no full grid" in short.shares_note
    (single,) = judged_metrics(seeds(OLD))
    assert single.shares_note == "only seed differs among the runs"
    (repeats,) = judged_metrics(of(*(run(float(s + r), seed=s, repeat=r) for s in (1, 2) for r in (1, 2))))
    assert repeats.parameters[0].share == 0.5
    (same,) = judged_metrics(of(*(run(1.0, model=model, seed=seed) for model, seed in values)))
    assert same.shares_note == "it is the same in all runs"
    (gap,) = judged_metrics(
        of(*(run(value if key != ("a", 1) else None, model=key[0], seed=key[1]) for key, value in values.items()))
    )
    assert gap.shares_note == "1 of the grid's 4 runs have no number"


def test_levels_stand_by_their_size():
    (metric,) = judged_metrics(of(*(run(0.5, rate=value) for value in ("10", "9", "'x'", "nan"))))
    assert [level.value for level in metric.parameters[0].levels] == ["nan", "9", "10", "'x'"]


numbers = st.floats(-1e6, 1e6, allow_nan=False)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8), st.integers())
def test_the_order_of_runs_does_not_matter(pairs, seed):
    new, old = seeds([pair[0] for pair in pairs]), seeds([pair[1] for pair in pairs])
    mixed = [list(each.runs) for each in (new, old)]
    for runs in mixed:
        random.Random(seed).shuffle(runs)
    criteria = declared(auc=0.01)
    shuffled = judge(replace(new, runs=tuple(mixed[0])), criteria=criteria, baseline=replace(old, runs=tuple(mixed[1])))
    assert shuffled == judge(new, criteria=criteria, baseline=old)


@settings(deadline=None, max_examples=40)
@given(st.lists(numbers, min_size=2, max_size=8))
def test_equal_runs_differ_by_nothing_and_are_no_worse(values):
    (one,) = comparisons(seeds(values), seeds(values), declared(auc=0.0))
    assert (one.difference, one.worse_by, one.outcome) == (0.0, 0.0, "no_worse")


def test_a_judgement_survives_strict_json():
    judged = replace(seeds(NEW), judgement=judge(seeds(NEW), criteria=declared(auc=0.01), baseline=seeds(OLD), source="last"))
    assert from_json(Validation, json.loads(json.dumps(to_json(judged), allow_nan=False))) == judged


def test_a_check_that_asserts_nothing_is_no_pass():
    told = "check good asserts nothing, so it can't fail: say what must hold, as in `assert auc > 0.7`"
    beside = judge(seeds(OLD), idle=("good",))
    assert (beside.outcome, beside.reasons) == ("warn", (told,))
    alone = judge(of(run(None, seed=1), run(None, seed=2)), idle=("good",))
    assert (alone.outcome, alone.reasons) == ("open", ("no check and no metric judged the runs", told))
    assert judge(seeds(OLD), idle=("other",)).outcome == "pass"


@pytest.mark.parametrize(
    ("source", "idle"),
    [
        ("# nb2svc: check good\nprint(x)", True),
        ("%%nb2svc check good\nx + 1", True),
        ("# nb2svc: check good metrics=auc\nimport nb2svc\nauc = 0.7\nnb2svc.metric('auc', auc)", True),
        ("# nb2svc: check good\n%%time\nassert x", False),
        ("# nb2svc: check good\nif x > 2:\n    raise ValueError", False),
        ("# nb2svc: check good\n!pytest -q", False),
        ("# nb2svc: check good\nholds(x)", False),
    ],
)
def test_which_check_asserts_nothing(source: str, idle: bool):
    notebook, _ = made("x = 1\ndef holds(y):\n    assert y", source)
    assert idle_checks(notebook, build_dataflow(notebook)) == (("good",) if idle else ())


@pytest.mark.parametrize("scale", [1.0, 1e-170, 1e-300, 1e150])
def test_the_difference_of_means_is_as_sure_at_any_scale(scale: float):
    first, second = [0.7, 0.72, 0.8, 0.71], [0.69, 0.75, 0.71]
    found = most_of_difference([value * scale for value in first], [value * scale for value in second])
    bound = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.9).high
    assert found == pytest.approx(bound * scale)
    assert most_of_difference([1.7e308, 1.7e308], [0.0, 1.0]) is None


@pytest.mark.parametrize(
    ("name", "better"),
    [("neg_log_loss", "higher"), ("neg_mean_squared_error", "higher"), ("log_loss", "lower"), ("neg_auc", "unknown")],
)
def test_a_loss_with_its_sign_turned_is_better_where_it_is_higher(name: str, better: str):
    assert direction(name, Criteria()) == better


def test_runs_without_a_number_are_not_dropped_where_nothing_pairs():
    special = (MetricValue(name="auc", value=None, special="nan"),)
    broken = [replace(run(0.9, seed=100 + at), metrics=special) for at in range(3)]
    now = of(*(run(0.9, seed=50 + at) for at in range(3)), *broken)
    found = judge(now, criteria=declared(auc=0.5), baseline=seeds(OLD))
    assert (found.outcome, found.reasons) == ("fail", ("auc: it has no number in 3 runs, more than before",))
    # The baseline was no better.
    assert judge(now, criteria=declared(auc=0.5), baseline=of(*(replace(each, key="b") for each in now.runs))).outcome == "pass"


def test_a_direction_for_a_metric_that_nobody_told_is_warned_of():
    found = judge(seeds(OLD), criteria=Criteria(lower=("aucc",)))
    told = "--lower-is-better aucc: this validation has no metric aucc; did you mean auc?"
    assert (found.outcome, found.reasons) == ("warn", (told,))
    assert judge(seeds(OLD), criteria=Criteria(higher=("auc",))).outcome == "pass"


@pytest.mark.parametrize("before", [seeds(OLD, name="rmse"), of(*(run(0.8, name="rmse", seed=at + 50) for at in range(3)))])
def test_a_baseline_that_nothing_can_be_compared_with_is_told(before: Validation):
    found = judge(seeds(OLD), baseline=before)
    assert found.outcome == "warn"
    assert found.reasons[0] == "nothing could be compared with the baseline: it has rmse, and these runs have auc"
    none = judge(seeds(OLD), baseline=of(run(None, seed=1), run(None, seed=2)))
    assert none.reasons == ("nothing could be compared with the baseline: it has no metric, and these runs have auc",)


def test_a_baseline_of_other_data_is_told():
    def reading(digest: str) -> Validation:
        files = (InputFile(path="loans.csv", sha256=digest, size=1),)
        return of(*(replace(each, inputs=files) for each in seeds(OLD).runs))

    told = "the baseline is of other data (loans.csv is another file): that may be the whole difference"
    assert judge(reading("b"), baseline=reading("a")).reasons == (told,)
    assert judge(reading("a"), baseline=reading("a")).outcome == "pass"
    assert judge(reading("a"), baseline=seeds(OLD)).outcome == "pass"
