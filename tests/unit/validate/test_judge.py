import pytest

from nb2svc.ir.validation import CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.validate.judge import check_counts, exit_code, label, metric_summaries, varying


def spec(key: str, **parameters: str) -> RunSpec:
    return RunSpec(key=key, parameters=tuple(Parameter(name=name, value=value) for name, value in parameters.items()))


def run(key: str, status: str = "ok", *, check: str = "pass", auc: float | None = None, special: str = "") -> RunResult:
    metrics = (MetricValue(name="auc", value=auc, special=special),) if auc is not None or special else ()
    outcomes = (CheckOutcome(name="good", cell=3, outcome=check),)
    return RunResult(key=key, spec=spec(key), status=status, checks=outcomes, metrics=metrics)


def of(*runs: RunResult, **more: bool) -> Validation:
    return Validation(notebook="a.ipynb", notebook_digest="", runs=runs, **more)


def test_checks_are_counted_over_the_runs_that_began():
    not_run = RunResult(key="e", spec=spec("e"), status="not_run")
    found = check_counts(of(run("a"), run("b", check="fail"), run("c", check="error"), run("d", check="not_reached"), not_run))
    assert [(c.name, c.cell, c.passed, c.failed, c.errors, c.not_reached, c.runs) for c in found] == [("good", 3, 1, 1, 1, 1, 4)]


def test_a_metric_is_summed_up_without_what_is_no_number():
    (found,) = metric_summaries(of(run("a", auc=0.5), run("b", auc=0.7), run("c", special="nan"), run("d")))
    assert (found.count, found.special, found.missing) == (2, 1, 1)
    assert found.mean == pytest.approx(0.6)
    assert found.spread == pytest.approx(0.02**0.5)
    assert (found.low, found.high) == (0.5, 0.7)
    (single,) = metric_summaries(of(run("a", auc=0.5)))
    assert single.spread is None
    (none,) = metric_summaries(of(run("a", special="inf")))
    assert (none.mean, none.low, none.count) == (None, None, 0)


@pytest.mark.parametrize(
    ("statuses", "interrupted", "code"),
    [
        (["ok", "ok"], False, 0), (["ok", "failed"], False, 1), (["failed", "died"], False, 4), (["timeout"], False, 4),
        (["error"], False, 4), (["ok", "not_run"], True, 130),
    ],
)  # fmt: skip
def test_the_exit_code_says_the_worst(statuses: list[str], interrupted: bool, code: int):
    assert exit_code(of(*(run(str(i), status) for i, status in enumerate(statuses)), interrupted=interrupted)) == code


def test_a_run_is_told_by_what_tells_it_from_others():
    specs = [spec("a", months="12", seed="1"), spec("b", months="12", seed="2")]
    assert varying(specs) == {"seed"}
    assert label(specs[0], varying(specs)) == "seed=1"
    # A parameter that one case does not set tells them apart, too.
    assert varying([spec("a", noise="1"), spec("b")]) == {"noise"}
    assert label(RunSpec(key="k", repeat=3), frozenset()) == "#3"
    assert label(RunSpec(key="k"), frozenset()) == "#1"
