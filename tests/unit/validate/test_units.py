"""What runs are a sample of: intervals and bounds are those of scipy on a value for each seed."""

import statistics

import pytest
from scipy.stats import binomtest, t

from nb2svc.ir.judgement import UNDECLARED
from nb2svc.ir.validation import CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.units import interval_of, unit_means, units
from nb2svc.validate.verdict import judge
from unit.validate.test_judge import of

AUC = (0.71, 0.74, 0.69, 0.77)
CUTS = ("0.2", "0.3", "0.4")


def spec(seed: str = "", repeat: int = 1, **values: str) -> RunSpec:
    parameters = tuple(
        Parameter(name=name, value=value) for name, value in {**({"seed": seed} if seed else {}), **values}.items()
    )
    return RunSpec(key=f"{seed}{values}{repeat}", parameters=parameters, seed=seed, repeat=repeat)


def grid() -> list[tuple[RunSpec, float]]:
    """The area does not depend on the threshold."""
    return [(spec(str(seed), cut=cut), area) for seed, area in enumerate(AUC, start=1) for cut in CUTS]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(spec("1", cut="a"), 1), (spec("1", cut="b"), 2), (spec("2", cut="a"), 3)], [[1, 2], [3]]),
        ([(spec("1"), 1), (spec("1", repeat=2), 2), (spec("2"), 3)], [[1, 2], [3]]),
        ([(spec("1", cut="a"), 1), (spec("1", cut="b"), 2), (spec("1", cut="b", repeat=2), 3)], [[1], [2, 3]]),
        ([(spec(cut="a"), 1), (spec(cut="b"), 2)], [[1], [2]]),
        ([(spec("1"), 1), (spec("1", repeat=2), 2)], [[1], [2]]),
        ([], []),
    ],
)
def test_units(told: list[tuple[RunSpec, int]], expected: list[list[int]]):
    assert units(told) == expected


def test_settings_that_do_not_matter_make_no_mean_surer():
    found = interval_of(grid())
    error = statistics.stdev(AUC) / len(AUC) ** 0.5
    assert found is not None
    assert (found.low, found.high) == pytest.approx(t.interval(0.95, 3, loc=statistics.fmean(AUC), scale=error))
    once = interval_of([(spec(str(seed)), area) for seed, area in enumerate(AUC)])
    again = [(spec(str(seed), repeat), area) for seed, area in enumerate(AUC) for repeat in (1, 2)]
    assert once is not None
    assert interval_of(again) == pytest.approx(once)


def test_an_interval_is_about_the_mean_that_is_told_also_where_a_seed_has_fewer_runs():
    told = grid()[:-2]
    found = interval_of(told)
    assert found is not None
    assert (found.low + found.high) / 2 == pytest.approx(statistics.fmean(value for _, value in told))


def test_one_seed_alone_or_a_number_too_large_has_no_interval():
    assert interval_of(grid()[:1]) is None
    assert interval_of([]) is None
    assert unit_means([(spec("1", cut="a"), 1.7e308), (spec("1", cut="b"), 1.7e308), (spec("2"), 1.0)]) == []


def made(areas: tuple[float, ...], passes: tuple[bool, ...] = (True,) * 4) -> Validation:
    results = []
    for seed, (area, passed) in enumerate(zip(areas, passes, strict=True), start=1):
        for cut in CUTS:
            check = CheckOutcome(name="good", cell=3, outcome="pass" if passed else "fail")
            one = spec(str(seed), cut=cut)
            metrics = (MetricValue(name="auc", value=area),)
            results.append(RunResult(key=one.key, spec=one, status="ok", folder="", checks=(check,), metrics=metrics))
    return of(*results)


def test_pairs_of_one_seed_are_one_pair():
    now = tuple(area - loss for area, loss in zip(AUC, (0.0, 0.004, 0.001, 0.003), strict=True))
    (found,) = comparisons(made(now), made(AUC), UNDECLARED)
    losses = [old - new for new, old in zip(now, AUC, strict=True)]
    bound = statistics.fmean(losses) + t.ppf(0.95, 3) * statistics.stdev(losses) / 2
    assert (found.paired, found.count, found.worse_by) == (True, 4, pytest.approx(bound))


def test_runs_that_have_no_pair_are_compared_by_seed_too():
    other = [
        RunResult(**{**_fields(run), "spec": spec(f"9{run.spec.seed}", cut=run.spec.value("cut") or "")})
        for run in made(AUC).runs
    ]
    (found,) = comparisons(of(*other), made(AUC), UNDECLARED)
    assert (found.paired, found.count, found.baseline_count) == (False, 4, 4)
    spread = (2 * statistics.variance(AUC) / 4) ** 0.5
    assert found.worse_by == pytest.approx(t.ppf(0.95, 6) * spread)


def test_a_check_that_says_the_same_for_each_seed_is_as_sure_as_there_are_seeds():
    (found,) = judge(made(AUC, (True, True, False, True))).checks
    exact = binomtest(1, 4).proportion_ci(confidence_level=0.95, method="exact")
    assert found.failing is not None
    assert (found.count.failed, found.count.passed) == (3, 9)
    assert (found.failing.low, found.failing.high) == pytest.approx((exact.low, exact.high))


def _fields(one: RunResult) -> dict[str, object]:
    return {name: getattr(one, name) for name in RunResult.__dataclass_fields__}


def test_a_unit_whose_numbers_have_no_sum_has_a_mean():
    (found,) = comparisons(made((1e308, 1.0, 1.0, 1.0)), made((1.0, 1.0, 1.0, 1.0)), UNDECLARED)
    assert (found.paired, found.mean) == (True, pytest.approx(2.5e307))
