"""What runs are a sample of: intervals and bounds are those of scipy on a value for each seed."""

import statistics

import pytest
from scipy.stats import binomtest, t

from nb2svc.cli.judgement import judgement_blocks
from nb2svc.ir.judgement import UNDECLARED, Criteria
from nb2svc.ir.validation import CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.validate.comparing import comparisons
from nb2svc.validate.units import distinct, interval_of, sample_note, sample_words, unit_means, units
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


CHOSEN = "which were chosen and not drawn by chance: seeds would tell how sure it is"
MODELS = {"a": 0.7, "b": 0.8}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # Without a seed what does not matter makes no new set, wherever its name stands.
        ([(spec(cut=cut, model=model), area) for model, area in MODELS.items() for cut in CUTS], [[0.7] * 3, [0.8] * 3]),
        ([(spec(tree=cut, model=model), area) for model, area in MODELS.items() for cut in CUTS], [[0.7] * 3, [0.8] * 3]),
        ([(spec(cut=cut), 0.7) for cut in CUTS], [[0.7] * 3]),
        # Another number of threads changes the last digits; anything more is another number.
        ([(spec(cut="a"), 0.7), (spec(cut="b"), 0.7 + 1e-12)], [[0.7, 0.7 + 1e-12]]),
        ([(spec(cut="a"), 0.7), (spec(cut="b"), 0.7 + 1e-6)], [[0.7], [0.7 + 1e-6]]),
        ([(spec(cut="a"), (0.7, 0.8)), (spec(cut="b"), (0.7, 0.8))], [[(0.7, 0.8)] * 2]),
        ([(spec(cut="a"), (0.7, 0.8)), (spec(cut="b"), (0.7, 0.9))], [[(0.7, 0.8)], [(0.7, 0.9)]]),
        ([(spec(cut="a"), (0.7, 0.8)), (spec(cut="b"), (0.7, 0.8 + 1e-12))], [[(0.7, 0.8), (0.7, 0.8 + 1e-12)]]),
        ([(spec(cut="a"), 1), (spec(cut="b"), 1)], [[1, 1]]),
        ([(spec(cut="a"), 1), (spec(cut="b"), 2)], [[1], [2]]),
        # Repeats that say the same are no more sets.
        (
            [(spec(cut=cut, model=model, repeat=at), area) for model, area in MODELS.items() for cut in "xy" for at in (1, 2)],
            [[0.7] * 4, [0.8] * 4],
        ),
        # One matters only where the other has a value: both matter.
        (
            [(spec(a="1", b="1"), 1.0), (spec(a="1", b="2"), 1.0), (spec(a="2", b="1"), 1.0), (spec(a="2", b="2"), 2.0)],
            [[1.0], [1.0], [1.0], [2.0]],
        ),
        # Cases that share no setting can't show that one does not matter, unless all say the same.
        ([(spec(a="1", b="1"), 1.0), (spec(a="2", b="2"), 1.0), (spec(a="3", b="3"), 2.0)], [[1.0], [1.0], [2.0]]),
        ([(spec(a="1", b="1"), 1.0), (spec(a="2", b="2"), 1.0)], [[1.0, 1.0]]),
        # Of both, one after the other: with neither all were one set.
        (
            [(spec(a="1", b="1"), 1.0), (spec(a="2", b="1"), 1.0), (spec(a="3", b="3"), 2.0), (spec(a="3", b="4"), 2.0)],
            [[1.0, 1.0], [2.0], [2.0]],
        ),
        # Repeats are chance, also where they say the same.
        ([(spec(cut=cut, repeat=at), float(at)) for cut in "ab" for at in (1, 2)], [[1.0, 1.0], [2.0, 2.0]]),
        ([(spec(cut=cut, repeat=at), 1.0) for cut in "ab" for at in (1, 2)], [[1.0, 1.0], [1.0, 1.0]]),
        ([(spec(repeat=at), 1.0) for at in (1, 2)], [[1.0], [1.0]]),
        ([(spec(cut="a"), 1.0), (spec(cut="a", repeat=2), 3.0), (spec(cut="b"), 1.0)], [[1.0, 1.0], [3.0]]),
        # Seeds are, too.
        ([(spec("1"), 1.0), (spec("2"), 1.0)], [[1.0], [1.0]]),
        (grid(), [[area] * 3 for area in AUC]),
        ([], []),
    ],
)
def test_sets_that_differ_in_nothing_that_matters_are_one(told, expected):
    assert distinct(told) == expected


@pytest.mark.parametrize(
    ("told", "words", "note"),
    [
        (grid(), "4 seeds", ""),
        ([(spec("1"), 1.0)], "", ""),
        ([], "", ""),
        ([(spec(repeat=at), 1.0) for at in (1, 2)], "2 repeats", ""),
        (
            [(spec(cut=cut), 0.7) for cut in CUTS],
            "3 sets of parameters",
            "it is the same with all 3 sets of parameters, so they count as one: seeds would tell how sure it is",
        ),
        (
            [(spec(cut=cut, model=model), area) for model, area in MODELS.items() for cut in CUTS],
            "6 sets of parameters",
            f"it depends on model only, so 6 sets of parameters count as 2, {CHOSEN}",
        ),
        (
            [
                (spec(**dict(zip("dcba", names, strict=True))), int(names[:3], 2) * 0.1)
                for names in map("{:04b}".format, range(16))
            ],
            "16 sets of parameters",
            f"it depends on b and c and d only, so 16 sets of parameters count as 8, {CHOSEN}",
        ),
        (
            [(spec(model=model), area) for model, area in MODELS.items()],
            "2 sets of parameters",
            f"its sample are 2 sets of parameters, {CHOSEN}",
        ),
    ],
)
def test_what_the_sample_is_and_lacks_is_told(told, words: str, note: str):
    assert (sample_words(told), sample_note(told)) == (words, note)


def test_without_a_seed_sets_that_say_the_same_have_no_interval_and_the_verdict_says_why():
    results = [run for run in made((0.7,)).runs if run.spec.seed == "1"]
    bare = of(*(RunResult(**{**_fields(run), "spec": spec(cut=run.spec.value("cut") or "")}) for run in results))
    judged = judge(bare)
    (metric,) = judged.metrics
    assert (metric.summary.count, metric.interval) == (3, None)
    assert metric.interval_note.startswith("it is the same with all 3 sets of parameters")
    assert f"auc   {metric.interval_note}" in "\n".join(judgement_blocks(judged))
    # Nor are they three pairs: a margin of nothing held for sure.
    (found,) = comparisons(bare, bare, Criteria(margins=(("auc", 0.0),)))
    assert (found.count, found.outcome) == (1, "open")
    assert found.reason.startswith("3 sets of parameters that say the same can't say how sure the difference is")
    (alone,) = comparisons(of(bare.runs[0]), of(bare.runs[0]), UNDECLARED)
    assert alone.reason.startswith("one run of a set can't say")


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
    assert unit_means([(spec("1"), 0.8), (spec("2"), 0.7)]) == [0.7, 0.8]
    assert unit_means([(spec("1", cut="a"), 1.7e308), (spec("1", cut="b"), 1.7e308), (spec("2"), 1.0)]) == []


def made(areas: tuple[float, ...], passes: tuple[bool, ...] = (True,) * 4) -> Validation:
    results = []
    for seed, (area, passed) in enumerate(zip(areas, passes, strict=False), start=1):
        for cut in CUTS:
            check = CheckOutcome(name="good", cell=3, outcome="pass" if passed else "fail")
            one = spec(str(seed), cut=cut)
            metrics = (MetricValue(name="auc", value=area),)
            results.append(RunResult(key=one.key, spec=one, status="ok", folder="", checks=(check,), metrics=metrics))
    return of(*results)


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        ("", "", "no run told a number"),
        ("nan", "nan", "no run told a number"),
        ("0.7", "nan", "no number of before can be compared"),
    ],
)
def test_without_a_number_on_one_side_nothing_is_compared(now: str, before: str, reason: str):
    def told(value: str) -> Validation:
        number = float(value) if value and value != "nan" else None
        metric = MetricValue(name="auc", value=number, special="nan" if value == "nan" else "")
        return of(*(RunResult(**{**_fields(run), "metrics": (metric,)}) for run in made(AUC).runs))

    (found,) = comparisons(told(now), told(before), UNDECLARED)
    assert (found.outcome, found.reason, found.difference, found.worse_by) == ("open", reason, None, None)


def test_how_much_worse_is_not_told_where_nobody_knows_what_is_worse():
    named = [
        of(*(RunResult(**{**_fields(run), "metrics": (MetricValue(name="profit", value=value),)}) for run in made(AUC).runs))
        for value in (2.0, 1.0)
    ]
    (found,) = comparisons(named[0], named[1], UNDECLARED)
    assert (found.better, found.difference, found.worse_by, found.outcome) == ("unknown", 1.0, None, "open")


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
