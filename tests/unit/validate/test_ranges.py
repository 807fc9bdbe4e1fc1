"""Intervals end where a metric can't be, and only where its name says so; nothing is decided by that."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nb2svc.cli.judgement import judgement_blocks
from nb2svc.ir.judgement import Criteria, Interval
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.intervals import mean_interval
from nb2svc.validate.ranges import cut_note, range_of, within
from nb2svc.validate.verdict import judge
from unit.validate.test_verdict import of, run, seeds

HIGH = (1.0, 0.99, 0.95)
SHARE, POSITIVE = (0.0, 1.0), (0.0, math.inf)


@pytest.mark.parametrize(
    ("name", "values", "limits"),
    [
        ("accuracy", HIGH, SHARE),
        ("val_accuracy", (0.0, 1.0), SHARE),
        ("roc auc-score", HIGH, SHARE),
        ("F1_macro", HIGH, SHARE),
        ("_auc (val)", HIGH, SHARE),
        ("mcc", (-1.0, 1.0), (-1.0, 1.0)),
        ("r2", (0.3, -4.0), (-math.inf, 1.0)),
        ("RMSE", (3.0, 0.0), POSITIVE),
        ("test_log_loss", (3.0,), POSITIVE),
        ("mean_squared_error", (3.0,), POSITIVE),
        ("root mean absolute error", (3.0,), None),
        ("accuracy", (98.0, 99.0), None),
        ("accuracy", (0.5, -0.1), None),
        ("rmse", (-0.1,), None),
        ("accuracy_gain", HIGH, None),
        ("auc_lr_minus_gb", HIGH, None),
        ("neg_log_loss", (0.5,), None),
        ("f1_rmse", HIGH, None),
        ("score", HIGH, None),
        ("profit", HIGH, None),
        ("", HIGH, None),
    ],
)
def test_a_range_is_known_where_every_word_of_the_name_is_and_no_value_lies_outside(name, values, limits):
    found = range_of(name, values)
    assert (found and (found.low, found.high)) == limits


def test_an_interval_is_that_of_scipy_up_to_the_end_of_the_range_and_says_so():
    (metric,) = judge(seeds(HIGH, name="accuracy")).metrics
    low, high = stats.ttest_1samp(HIGH, 0).confidence_interval(0.95)
    assert high > 1
    assert (metric.interval.low, metric.interval.high) == (pytest.approx(low), 1.0)
    assert metric.interval_note == f"none is above 1 (Student's t alone goes to {high:.4g})"
    (other,) = judge(seeds(HIGH, name="share_of_good")).metrics
    assert (other.interval.low, other.interval.high, other.interval_note) == (pytest.approx(low), pytest.approx(high), "")
    (loss,) = judge(seeds((0.1, 0.2, 3.0), name="rmse")).metrics
    assert (loss.interval.low, loss.interval_note[:15]) == (0.0, "none is below 0")
    assert judge(seeds((0.7, 0.71, 0.72), name="accuracy")).metrics[0].interval_note == ""


def test_the_means_of_a_parameter_s_values_and_of_segments_end_there_too():
    told = of(*(run(value, name="accuracy", model=model, seed=at) for model in "ab" for at, value in enumerate(HIGH)))
    (metric,) = judge(told).metrics
    model = next(each for each in metric.parameters if each.parameter == "model")
    assert [level.interval.high for level in model.levels] == [1.0, 1.0]


def test_what_was_cut_is_printed():
    text = "\n".join(judgement_blocks(judge(seeds(HIGH, name="accuracy"))))
    assert "and 1, with 95 % confidence; none is above 1 (Student's t alone goes to 1.046)" in text


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6),
    st.floats(0, 1),
    st.sampled_from([Interval(low=0.0, high=1.0), Interval(low=-math.inf, high=1.0), Interval(low=0.0, high=math.inf)]),
)
@settings(deadline=None, max_examples=100)
def test_a_cut_interval_holds_every_mean_that_the_whole_one_held(values, mean, limits):
    whole = mean_interval(values)
    cut = within(whole, limits)
    assert (cut.low <= mean <= cut.high) == (whole.low <= mean <= whole.high)
    assert bool(cut_note(whole, limits)) == (cut != whole)


@pytest.mark.parametrize(("margin", "outcome"), [(1.0, "open"), (0.3, "worse"), (2.0, "no_worse")])
def test_no_decision_changes_where_a_range_is_known(margin: float, outcome: str):
    """The bound of how much worse it is goes past 1: it decides as it is, whatever an accuracy can be."""
    before, now = (0.95, 1.0, 0.3), (0.05, 0.1, 0.9)
    criteria = Criteria(margins=(("accuracy", margin), ("goodness", margin)), higher=("goodness",))
    known, unknown = (
        comparisons(seeds(now, name=name), seeds(before, name=name), criteria)[0] for name in ("accuracy", "goodness")
    )
    losses = [old - new for new, old in zip(now, before, strict=True)]
    bound = stats.ttest_1samp(losses, 0).confidence_interval(0.9).high
    assert bound > 1
    assert known.worse_by == unknown.worse_by == pytest.approx(bound)
    assert (known.outcome, unknown.outcome) == (outcome, outcome)
