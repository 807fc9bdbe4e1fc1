"""How sure the share of failing runs is, and what a check depends on: of runs whose outcome is a function of their parameters."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

import pytest
from scipy.stats import beta, binomtest

from nb2svc.cli.judgement import judgement_blocks
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.judgement import JudgedCheck
from nb2svc.ir.validation import Parameter, RunResult, Validation
from nb2svc.validate.checking import failing_words
from nb2svc.validate.verdict import judge
from unit.validate.test_verdict import of, run

SEEDS, CUTS = range(1, 9), (0.15, 0.2, 0.25)


def grid(fails: Callable[..., bool], **values: Iterable[object]) -> Validation:
    sets = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    return of(*(run(0.9, check="fail" if fails(**one) else "pass", **one) for one in sets))


def judged(validation: Validation) -> JudgedCheck:
    return judge(validation).checks[0]


def test_a_check_that_a_threshold_explains_is_not_flaky():
    found = judge(grid(lambda seed, cut: cut < 0.2, seed=SEEDS, cut=CUTS))
    (check,) = found.checks
    assert (check.flaky, check.depends, check.sample) == (False, "fails at cut ≤ 0.15, on all 8 seeds", "8 seeds")
    told = (
        "check good does not pass in 8 of 24 (between 7% and 72% is likely, by 8 seeds): it fails at cut ≤ 0.15, on all 8 seeds"
    )
    assert (found.outcome, found.reasons) == ("fail", (told,))
    text = "\n".join(judgement_blocks(found))
    assert "fails in 8 of 24 (between 7% and 72% is likely, by 8 seeds) - it fails at cut ≤ 0.15, on all 8 seeds" in text
    assert from_json(JudgedCheck, to_json(check)) == check


def test_a_check_of_before_there_were_samples_is_read():
    document = to_json(judged(grid(lambda seed: False, seed=SEEDS)))
    del document["depends"], document["sample"]
    assert from_json(JudgedCheck, document).sample == ""


@pytest.mark.parametrize(
    ("fails", "depends"),
    [
        (lambda seed, cut, model: cut >= 0.2, "fails at cut ≥ 0.2, on all 2 seeds"),
        (lambda seed, cut, model: cut <= 0.2, "fails at cut ≤ 0.2, on all 2 seeds"),
        (lambda seed, cut, model: cut == 0.2, "fails at cut=0.2, on all 2 seeds"),
        (lambda seed, cut, model: cut != 0.2, "fails at cut=0.15 and cut=0.25, on all 2 seeds"),
        (lambda seed, cut, model: model == "b", "fails at model=b, on all 2 seeds"),
        (lambda seed, cut, model: model == "b" and cut == 0.2, "fails with cut=0.2 model=b"),
        (
            lambda seed, cut, model: (model == "b") == (cut == 0.2),
            "fails with cut=0.15 model=a, cut=0.2 model=b, cut=0.25 model=a",
        ),
        (
            lambda seed, cut, model: model == "b" or cut == 0.2,
            "fails with cut=0.15 model=b, cut=0.2 model=a, cut=0.2 model=b, 1 more",
        ),
    ],
)
def test_what_a_check_depends_on(fails, depends: str):
    validation = grid(fails, seed=(1, 2), cut=CUTS, model="ab")
    check = judged(validation)
    assert (check.flaky, check.depends) == (False, depends)
    assert judged(of(*reversed(validation.runs))) == check


def test_levels_stand_by_their_size_and_many_are_counted():
    assert judged(grid(lambda seed, n: n > 9, seed=(1, 2), n=(10, 9, 100))).depends == "fails at n ≥ 10, on all 2 seeds"
    odd = judged(grid(lambda seed, n: n % 2 == 0, seed=(1, 2), n=range(1, 10)))
    assert odd.depends == "fails at n=2 and n=4 and n=6 and 1 more, on all 2 seeds"


@pytest.mark.parametrize(
    "validation",
    [
        grid(lambda seed: seed < 3, seed=SEEDS),
        # Also where it always fails at one threshold: at another it does not always.
        grid(lambda seed, cut: cut < 0.2 or (cut == 0.2 and seed == 1), seed=SEEDS, cut=CUTS),
        grid(lambda seed, random_state: seed != random_state, seed=(1, 2), random_state=(1, 2)),
        of(run(0.9), run(0.9, repeat=2, check="fail")),
        of(*(run(0.9, cut=cut, repeat=at, check="fail" if at == cut == 2 else "pass") for cut in (1, 2) for at in (1, 2))),
    ],
)
def test_flaky_is_what_differs_by_seed_or_repeat_alone(validation: Validation):
    found = judge(validation)
    assert (found.checks[0].flaky, found.checks[0].depends) == (True, "")
    assert found.reasons[0].endswith("): it passes in some runs only")


@pytest.mark.parametrize("outcome", ["pass", "fail"])
def test_what_all_runs_say_depends_on_nothing(outcome: str):
    check = judged(grid(lambda seed, cut: outcome == "fail", seed=SEEDS, cut=CUTS))
    assert (check.flaky, check.depends) == (False, "")


def test_an_error_is_no_pass_and_what_was_not_reached_says_nothing():
    runs = [run(0.9, seed=seed, cut=cut, check=("pass", "error", "not_reached")[cut]) for seed in (1, 2) for cut in (0, 1, 2)]
    check = judged(of(*runs))
    assert (check.flaky, check.depends) == (False, "fails at cut ≥ 1, on all 2 seeds")
    assert failing_words(check) == "2 of 4 (between 1% and 99% is likely, by 2 seeds)"


def test_what_was_seen_once_may_be_chance_and_what_differs_with_the_seed_can_t_be_told():
    once = judged(grid(lambda cut: cut > 0.2, cut=CUTS))
    assert once.depends == "fails at cut ≥ 0.25; it was seen once, which may be chance: seeds would tell"
    again = judged(of(*(run(0.9, cut=cut, repeat=at, check="fail" if cut > 0.2 else "pass") for cut in CUTS for at in (1, 2))))
    assert again.depends == "fails at cut ≥ 0.25, each time"
    # Of eight seeds one ran at the threshold that fails.
    some = [run(0.9, seed=seed, cut=cut) for seed in SEEDS for cut in (0.15, 0.2)]
    assert judged(of(*some, run(0.9, seed=1, cut=0.3, check="fail"))).depends.startswith("fails at cut ≥ 0.3; it was seen once")
    twice = [run(0.9, seed=seed, cut=0.3, check="fail") for seed in (1, 2)]
    assert judged(of(*some, *twice)).depends == "fails at cut ≥ 0.3, each time"
    both = judged(of(run(0.9, seed=1, cut=0.2), run(0.9, seed=2, cut=0.3, check="fail")))
    told = "passes in some runs only, which differ in seed and cut at once: which it depends on can't be told"
    assert (both.flaky, both.depends) == (False, told)


def test_parameters_that_go_together_are_both_named():
    runs = [run(0.9, seed=seed, cut=cut, model="ab"[cut], check="fail" if cut else "pass") for seed in (1, 2) for cut in (0, 1)]
    assert judged(of(*runs)).depends == "fails at cut ≥ 1 or model=b (they differ together), on all 2 seeds"


def test_a_value_that_a_run_left_to_the_notebook_is_its_own():
    runs = [run(0.9, seed=seed, check="fail", **more) for seed in (1, 2) for more in ({}, {"cut": 0.7})]
    runs += [run(0.9, seed=seed, cut=0.2) for seed in (1, 2)]
    check = judged(of(*runs, defaults=(Parameter(name="cut", value="0.5"),)))
    assert check.depends == "fails at cut ≥ 0.5, on all 2 seeds"


def test_the_share_of_failing_runs_is_as_sure_as_there_are_seeds():
    check = judged(grid(lambda seed, cut: cut < 0.2, seed=SEEDS, cut=CUTS))
    part = 8 / 3
    low, high = beta.ppf(0.025, part, 8 - part + 1), beta.ppf(0.975, part + 1, 8 - part)
    assert (check.failing.low, check.failing.high) == pytest.approx((low, high))
    # With settings that change nothing it is that of the seeds alone.
    for cuts in ((0.2,), CUTS):
        check = judged(grid(lambda seed, cut: seed == 3, seed=SEEDS, cut=cuts))
        exact = binomtest(1, 8).proportion_ci(confidence_level=0.95, method="exact")
        assert (check.failing.low, check.failing.high) == pytest.approx((exact.low, exact.high))
    all_of_them = judged(grid(lambda seed, cut: True, seed=SEEDS, cut=CUTS)).failing
    assert (all_of_them.low, all_of_them.high) == (pytest.approx(0.025 ** (1 / 8)), 1.0)


@pytest.mark.parametrize("strong", [False, True])
def test_the_share_lies_in_its_interval_as_often_as_it_says(strong: bool):
    """Seeds that move all of their runs, or settings that hardly hang together: 95 of 100 intervals hold the truth, or more."""
    drawn = random.Random(7)
    held = 0
    for _ in range(200):
        levels = {seed: (0.9 if drawn.random() < 0.3 else 0.1) if strong else 0.34 for seed in SEEDS}
        check = judged(grid(lambda seed, cut, levels=levels: drawn.random() < levels[seed], seed=SEEDS, cut=CUTS))
        held += check.failing.low <= 0.34 <= check.failing.high
    assert held >= 190


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (grid(lambda seed: False, seed=SEEDS), "none of 8 (up to 37% is likely)"),
        (grid(lambda seed, cut: False, seed=SEEDS, cut=CUTS), "none of 24 (up to 37% is likely, by 8 seeds)"),
        (grid(lambda cut: False, cut=CUTS), "none of 3 (up to 71% is likely, by 3 sets of parameters)"),
        (of(run(0.9), run(0.9, repeat=2)), "none of 2 (up to 84% is likely)"),
        (of(run(0.9)), "none of 1 (up to 98% is likely)"),
        (of(run(0.9, check="not_reached")), "no run came to it"),
    ],
)
def test_the_share_says_what_it_is_a_sample_of(validation: Validation, words: str):
    assert failing_words(judged(validation)) == words


def test_the_order_of_runs_does_not_show():
    runs: list[RunResult] = list(grid(lambda seed, cut: (seed * cut * 100) % 2 > 0.9, seed=SEEDS, cut=CUTS).runs)
    first = judged(of(*runs))
    random.Random(3).shuffle(runs)
    assert judged(replace(of(*runs))) == first
