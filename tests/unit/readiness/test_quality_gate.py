"""OPS-05: floors hold, models that learned nothing are stopped, and the model in service is not replaced by a worse one."""

import importlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import nb2svc_runtime.artifacts
import nb2svc_runtime.state
from nb2svc.ir.checks import CheckAccount, CheckRead
from nb2svc.readiness.assess import assess
from nb2svc.readiness.checks.outcome import Outcome
from nb2svc.readiness.checks.quality_gate import QualityGate, judge_quality_gate
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.harness.quality_gate import try_quality_gate
from nb2svc.readiness.mutants.training import shuffled
from unit.readiness.validated import make_validation
from unit.readiness.worlds import TRIED

ONLY = tuple(each for each in EVALUATORS if each.id == "OPS-05")
FLOOR, LOOSE = (("auc", "fail"),), (("auc", "pass"),)
GOOD = QualityGate(
    checks=(("auc", "pass"),),
    shuffled=(FLOOR, FLOOR, FLOOR),
    compared="pass",
    service="the champion main:champion.json",
    margins=("auc",),
)
RANDOM = np.random.RandomState(3)
ROWS = pd.DataFrame(RANDOM.normal(size=(400, 12)), columns=list("abcdefghijkl"))
LABELS = pd.Series(np.where(ROWS["a"] + RANDOM.normal(scale=0.5, size=400) > 0, "high", "low"))

TRAINING = """
from sklearn.linear_model import LogisticRegression


def train(state):
    model = LogisticRegression().fit(rows(), labels())
    state.level(lambda: 1.0)
    return model
"""
CHECKS = """
import pytest


def test_accuracy(capture):
    assert (capture.served() == capture.value("check_value", "y")).mean() > {floor}


def test_labels(capture):
    assert set(capture.served()) <= {{"high", "low"}}


def test_nothing(capture):
    pytest.skip("the run did not keep it")
"""


def test_a_gate_that_stops_what_learned_nothing_and_what_is_worse_passes() -> None:
    outcome = judge_quality_gate(GOOD)
    assert (outcome.status, outcome.next_action) == ("pass", "")
    assert outcome.sentence == (
        "The model passes 1 check, by which 3 of 3 models trained on shuffled labels are stopped; it is no worse than the champion"
        " main:champion.json by the margins of auc."
    )
    assert outcome.details == (
        ("check auc", "passes; fails on 3 of 3 models trained on shuffled labels"),
        ("against the champion main:champion.json", "no worse in auc"),
    )


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"checks": FLOOR}, "fail", "does not pass auc"),
        ({"shuffled": (FLOOR, LOOSE, FLOOR, FLOOR)}, "pass", "3 of 4 models trained on shuffled labels are stopped"),
        (
            {"shuffled": (FLOOR, LOOSE, LOOSE, FLOOR, LOOSE)},
            "warn",
            "2 of 5 models trained on shuffled labels are stopped: the others",
        ),
        ({"shuffled": (LOOSE,) * 5, "certain": ("auc",)}, "fail", "learned nothing: all 5 trained on shuffled labels pass auc"),
        ({"shuffled": (LOOSE,) * 5}, "not_evaluated", "can't tell a model from one that was trained on shuffled labels"),
        ({"compared": "fail", "reasons": ("auc: it is 0.03 worse",)}, "fail", "not shown to be as good as the champion"),
        ({"compared": "", "uncompared": "the notebook was not validated"}, "warn", "the notebook was not validated"),
        ({"compared": "open", "reasons": ("2 of 5 runs were not made",)}, "warn", "2 of 5 runs were not made"),
        ({"problem": "the notebook has no check cell"}, "not_evaluated", "the notebook has no check cell"),
        ({"checks": (("auc", "skip"),)}, "not_evaluated", "no check could be evaluated"),
    ],
)
def test_what_is_no_gate_is_no_pass(changes: dict, status: str, said: str) -> None:
    outcome = judge_quality_gate(replace(GOOD, **changes))
    assert outcome.status == status
    assert said in outcome.sentence
    assert bool(outcome.next_action) == (status != "pass")


def assessed(inputs):
    return next(item for item in assess(inputs, ONLY).items if item.id == "OPS-05")


def trying(answer: dict):
    return lambda: {**TRIED, "gate": {**TRIED["gate"], **answer}}


def test_without_a_model_trained_on_shuffled_labels_it_is_never_green(world) -> None:
    assert assessed(world.inputs).status == "pass"
    assert assessed(world.but(retrain=False)).status == "not_evaluated"
    slow = assessed(world.but(trials=lambda: {"gate": {"problem": "RuntimeError: it took longer than 120 s"}}))
    assert (slow.status, "took longer than 120 s" in slow.sentence) == ("not_evaluated", True)
    path = world.inputs.package_dir / "training.py"
    path.write_text(path.read_text().replace(', ["low", "high", "low", "high"]', ""))
    assert "fits nothing with labels" in assessed(world.inputs).sentence
    (world.inputs.project_dir / "tests" / "test_checks.py").unlink()
    assert "no check cell" in assessed(world.inputs).sentence


def test_a_floor_below_chance_fails_where_the_source_says_that_it_is_a_floor(world) -> None:
    passing = {"shuffled": [[{"name": "test_good", "status": "pass"}]] * 3}
    assert assessed(world.but(trials=trying(passing))).status == "not_evaluated"
    reads = tuple(CheckRead(name=kind, kind=kind, statement=1, request=False) for kind in ("target", "answer"))
    account = CheckAccount(cell=3, name="Good", asked=False, reads=reads, own=(), shared=(), evaluated=True)
    failed = assessed(world.but(trials=trying(passing), checks=(account,)))
    assert failed.status == "fail"
    assert "all 3 trained on shuffled labels pass good" in failed.sentence


def test_a_challenger_that_is_worse_than_the_champion_fails(world) -> None:
    worse = assessed(world.but(validation=make_validation(world.inputs.notebook, worse=0.05)))
    assert worse.status == "fail"
    assert "auc: it is 0.05 worse" in worse.sentence


def test_a_validation_of_something_else_does_not_count(world) -> None:
    made = make_validation(world.inputs.notebook)
    for validation, said in (
        (None, "the notebook was not validated"),
        (replace(made, notebook_digest="another"), "its last validation is of another state of the notebook"),
        (
            replace(made, runs=tuple(replace(run, inputs=(replace(run.inputs[0], sha256="b"),)) for run in made.runs)),
            "another loans.csv",
        ),
        (replace(made, judgement=replace(made.judgement, gate=None)), "its last validation has no gate"),
        (replace(made, judgement=None), "its last validation has no verdict"),
    ):
        item = assessed(world.but(validation=validation))
        assert item.status == "warn"
        assert said in item.sentence
        assert ("validation" in dict(item.evidence.subjects)) == ("no gate" in said or "no verdict" in said)


def test_a_model_that_learned_nothing_is_the_control_and_a_check_that_passes_all_of_them_is_broken(world) -> None:
    control = assessed(world.inputs).evidence.control
    assert control.fired
    assert control.description == "a model trained on shuffled labels (1)"
    lucky = {"shuffled": [[{"name": "test_good", "status": status}] for status in ("pass", "fail", "fail", "fail")]}
    item = assessed(world.but(trials=trying(lucky)))
    assert (item.status, item.evidence.control.description) == ("pass", "a model trained on shuffled labels (2)")
    broken = tuple(replace(each, judge=lambda _: Outcome(status="pass", sentence="All is well.")) for each in ONLY)
    item = next(item for item in assess(world.inputs, broken).items if item.id == "OPS-05")
    assert (item.status, "NOT caught" in item.sentence) == ("broken", True)


def tried(monkeypatch: pytest.MonkeyPatch, tmp_path, *, floor: float = 0.7, training: str = TRAINING) -> dict:
    model = LogisticRegression().fit(ROWS, LABELS)

    class Predictor:
        def __init__(self, *, package, schema, function, model, state, lookups) -> None:
            self.schema, self.function, self.model, self.state, self.lookups = schema, function, model, state, lookups

    good = Predictor(package="loans", schema="s", function="f", model=model, state=None, lookups={})

    def find_capture(_: str):
        capture = SimpleNamespace(_predictor=good, value=lambda *_: LABELS.to_numpy(), predictor=good)
        capture.served = lambda: capture._predictor.model.predict(ROWS)
        return capture

    parts = {
        "_nb2svc.replay": SimpleNamespace(find_capture=find_capture),
        "_nb2svc.artifacts": nb2svc_runtime.artifacts,
        "_nb2svc.state": nb2svc_runtime.state,
    }
    real = importlib.import_module
    ours = lambda name, package=None: parts[name[6:]] if name.startswith("loans.") else real(name, package)  # noqa: E731
    monkeypatch.setattr(importlib, "import_module", ours)
    (mutant,) = shuffled("training.py", training, call="__nb2svc_shuffled__")
    names = "from unit.readiness.test_quality_gate import LABELS, ROWS\nrows, labels = (lambda: ROWS), (lambda: LABELS)\n"
    return try_quality_gate(
        {
            "package": "loans",
            "data": str(tmp_path),
            "files": {"test_checks.py": CHECKS.format(floor=floor)},
            "training": names + mutant.source,
            "seconds": 60,
        }
    )


def statuses(answer: list[dict]) -> dict[str, str]:
    return {each["name"]: each["status"] for each in answer}


def test_a_real_training_on_shuffled_labels_is_rejected_by_a_floor_and_by_nothing_else(monkeypatch, tmp_path) -> None:
    answer = tried(monkeypatch, tmp_path)
    assert statuses(answer["checks"]) == {"test_accuracy": "pass", "test_labels": "pass", "test_nothing": "skip"}
    assert [statuses(each) for each in answer["shuffled"]] == [
        {"test_accuracy": "fail", "test_labels": "pass", "test_nothing": "skip"}
    ] * 3


def test_a_floor_that_is_too_low_lets_it_through(monkeypatch, tmp_path) -> None:
    answer = tried(monkeypatch, tmp_path, floor=0.1)
    assert [statuses(each)["test_accuracy"] for each in answer["shuffled"]] == ["pass"] * 5


def test_labels_are_shuffled_wherever_something_is_fitted() -> None:
    source = (
        "def train(state):\n"
        "    best = SelectKBest().fit(X, y=np.log(y))\n"
        "    data = xgb.DMatrix(X, label=y)\n"
        "    model = Forest().fit(X, y, sample_weight=w)\n"
        "    scaler = Scaler().fit(X)\n"
    )
    (mutant,) = shuffled("t.py", source, call="S")
    assert mutant.source == (
        source.replace("y=np.log(y)", "y=S(np.log(y))").replace("label=y", "label=S(y)").replace("(X, y, s", "(X, S(y), s")
    )
    assert mutant.description == "labels shuffled in t.py, line 2, 3, 4"
    assert list(shuffled("t.py", "model = Forest().fit(X)\nother = Forest().fit(*both)\n", call="S")) == []
