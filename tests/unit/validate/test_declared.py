import pytest

from nb2svc.errors import RefusalError
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.validate.declared import declared, together
from nb2svc.validate.keys import run_specs
from nb2svc.validate.sets import Asked, parameter_sets
from nb2svc.validate.verdict import judge
from unit.capture.made import made

CELLS = (
    "auc = cost = 1",
    "# nb2svc: model metrics=auc margin=auc:0.01\nx = 1",
    "# nb2svc: check good metrics=cost margin=cost:2 lower=cost higher=auc\nassert auc",
)


def test_tags_declare_and_say_where():
    assert declared(*made(*CELLS)) == Criteria(
        margins=(("auc", 0.01), ("cost", 2.0)),
        lower=("cost",),
        higher=("auc",),
        places=(("auc", "cell 2 (x = 1)"), ("cost", 'cell 3 "good"')),
    )


def test_a_misspelt_metric_is_refused_at_its_cell():
    with pytest.raises(RefusalError) as caught:
        declared(*made(*CELLS[:2], CELLS[2].replace("margin=cost", "margin=cots")))
    (finding,) = caught.value.findings
    assert (finding.span.cell, finding.span.line, finding.remedy) == (3, 1, "Did you mean `cost`?")


def test_the_command_line_wins():
    said = Criteria(margins=(("auc", 0.5),), higher=("cost",))
    whole = together(said, declared(*made(*CELLS)))
    assert whole == Criteria(
        margins=(("auc", 0.5), ("cost", 2.0)), lower=(), higher=("cost", "auc"), places=(("cost", 'cell 3 "good"'),)
    )
    assert (whole.place("auc"), whole.place("cost")) == ("--margin auc=…", 'cell 3 "good"')


def told(**metrics: float) -> Validation:
    runs = tuple(
        RunResult(
            key=str(seed),
            spec=RunSpec(key=str(seed), seed=str(seed)),
            status="ok",
            metrics=tuple(MetricValue(name=name, value=value + seed / 1000) for name, value in metrics.items()),
        )
        for seed in range(3)
    )
    return Validation(notebook="a.ipynb", notebook_digest="", runs=runs)


def test_a_margin_of_a_tag_decides_and_is_told_with_its_cell():
    tags = declared(*made(*CELLS))
    worse = judge(told(auc=0.8, cost=1), criteria=tags, baseline=told(auc=0.9, cost=1))
    assert (worse.outcome, [one.declared_in for one in worse.comparisons]) == ("fail", ["cell 2 (x = 1)", 'cell 3 "good"'])
    assert worse.reasons[0].startswith("auc: it is 0.1 worse")


def test_a_metric_that_the_baseline_has_not_yet_only_warns_where_a_tag_declares_it():
    tags = declared(*made(*CELLS))
    new = judge(told(auc=0.9, cost=1), criteria=tags, baseline=told(auc=0.9))
    assert new.outcome == "warn"
    assert new.reasons == ('cost: the baseline does not have it, so its margin (cell 3 "good") decides nothing yet',)
    # A slip on the command line must not pass.
    said = judge(told(auc=0.9), criteria=Criteria(margins=(("cots", 1.0),)), baseline=told(auc=0.9))
    assert said.outcome == "fail"


def test_how_it_is_judged_makes_no_other_run():
    def keys(*cells: str) -> list[str]:
        notebook = made(*cells)[0]
        return [spec.key for spec in run_specs(notebook, parameter_sets(notebook, Asked()), defaults=(), kernel="python3")]

    plain = (CELLS[0], "# nb2svc: model metrics=auc\nx = 1", "# nb2svc: check good metrics=cost\nassert auc")
    assert keys(*CELLS) == keys(*plain)
    assert keys(*CELLS) != keys(*CELLS[:2], CELLS[2].replace("metrics=cost", "metrics=auc"))
