import json

import pytest

from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, Parameter, RunResult, RunSpec, Validation

SPEC = RunSpec(
    key="k1", parameters=(Parameter(name="seed", value="3"), Parameter(name="token", value="", secret="API")), repeat=2
)
RESULT = RunResult(
    key="k1",
    spec=SPEC,
    status="failed",
    memory=1 << 28,
    checks=(CheckOutcome(name="good", cell=5, outcome="fail", message="too low", line=2, values=(("auc", "0.61"),)),),
    metrics=(MetricValue(name="auc", value=0.61), MetricValue(name="loss", value=None, special="nan", segment="region=north")),
    failure=Failure(what="check good failed", cell=5, line=2),
    versions=(("scikit-learn", "1.9.1"),),
)
VALIDATION = Validation(notebook="loans.ipynb", notebook_digest="ab", runs=(RESULT, RunResult(key="k2", spec=SPEC, status="ok")))


def test_a_validation_survives_strict_json():
    text = json.dumps(to_json(VALIDATION), allow_nan=False)
    assert from_json(Validation, json.loads(text)) == VALIDATION


def test_a_status_that_is_none_is_refused():
    document = to_json(VALIDATION)
    document["runs"][0]["status"] = "fine"
    with pytest.raises(DecodeError, match=r"\$\.runs\[0\]\.status"):
        from_json(Validation, document)


def test_a_run_is_told_in_a_line_without_its_secret():
    assert SPEC.shown == "seed=3 token=env:API #2"
    assert RunSpec(key="k", case="stress", segment="region=north").shown == "stress region=north"
    assert RunSpec(key="k").shown == "the notebook's own values"


def test_what_a_run_said_is_found_by_name():
    assert RESULT.metric("auc") == MetricValue(name="auc", value=0.61)
    assert RESULT.metric("auc", "region=north") is None
    assert RESULT.check("good").outcome == "fail"
    assert VALIDATION.counts() == {"failed": 1, "ok": 1}
