"""Every way of replaying fails for its own reason, and only then."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nb2svc.parity.request import IN_PROCESS
from unit.parity.conftest import answer_of, modes_of, without_selections
from unit.parity.loans import Loans, rekept

Changed = Callable[..., Loans]


def test_the_right_project_passes_every_mode(loans: Loans) -> None:
    modes = modes_of(loans)

    assert {name: mode["status"] for name, mode in modes.items()} == dict.fromkeys(IN_PROCESS, "pass")
    assert modes["alone"]["compared"] == 12
    assert modes["inputs"]["compared"] == modes["inputs"]["total"] == modes["json"]["compared"]


POSITIONAL = "        checked = check_rows(self.schema, rows)\n        answered"
# What is broken, how, and in which modes it must show while all rows together still agree.
FAULTS = {
    "alone": [("features.py", 'state.income_mean(lambda: loans["income"].mean())', 'loans["income"].mean()')],
    "shuffled": [
        ("features.py", "> 30).astype(int)", '> 30).astype(int) + int(not loans["applicant_id"].is_monotonic_increasing)')
    ],
    "columns": [
        (
            "_nb2svc/predictor.py",
            POSITIONAL,
            "        rows = [dict(zip([each.name for each in self.schema.main.fields], row.values())) for row in rows]\n"
            + POSITIONAL,
        )
    ],
    "extra": [
        (
            "_nb2svc/predictor.py",
            POSITIONAL,
            "        if any(len(row) > len(self.schema.main.fields) for row in rows):\n            raise ValueError('a field too many')\n"
            + POSITIONAL,
        )
    ],
    "repeat": [
        (
            "features.py",
            "    loans = loans.merge(large",
            '    loans = loans.drop_duplicates(["age", "debt"])\n    loans = loans.merge(large',
        )
    ],
    "unmutated": [("features.py", "    return loans, X\n", '    applicants["income"] = 0.0\n    return loans, X\n')],
    "json": [("schema.py", "'age': 'int64', 'income': 'float64'", "'income': 'float64', 'age': 'int64'")],
    "dropped": [("schema.py", '[Guard("age", ">=", 18, text=\'applicants["age"] >= 18\', where="cell 3")]', "[]")],
}


@pytest.mark.parametrize("mode", FAULTS)
def test_a_mode_fails_for_its_own_reason_where_all_rows_together_agree(mode: str, changed: Changed) -> None:
    modes = modes_of(changed(*FAULTS[mode]), "predictions", "inputs", mode)

    assert modes[mode]["status"] == "fail"
    assert modes[mode]["differences"]
    assert (modes["predictions"]["status"], modes["inputs"]["status"]) == ("pass", "pass")


def test_predictions_fail_where_only_what_follows_predict_differs(changed: Changed) -> None:
    modes = modes_of(changed(("model.py", "risk > 0.4", "risk > 0.7")), "predictions", "inputs")

    assert (modes["predictions"]["status"], modes["inputs"]["status"]) == ("fail", "pass")
    assert {modes["predictions"]["differences"][0][side] for side in ("expected", "actual")} == {"High risk", "Low risk"}


def test_inputs_fail_where_a_column_differs_that_no_prediction_shows(changed: Changed) -> None:
    modes = modes_of(changed(("features.py", ".round(6)", ".round(5)")), "predictions", "inputs")

    assert modes["inputs"]["status"] == "fail"
    assert {cell["column"] for cell in modes["inputs"]["differences"]} == {"burden"}


def test_target_fails_where_the_target_reaches_the_input(loans: Loans, changed: Changed) -> None:
    table = pd.read_csv(loans.folder / "applicants.csv")
    truth = dict(zip(table["applicant_id"].tolist(), table["defaulted"].tolist(), strict=True))
    leak = f'.astype(int) + (loans["defaulted"] != loans["applicant_id"].map({truth}).fillna(loans["defaulted"]))'
    broken = changed(("features.py", '(loans["home"] == "owner").astype(int)', '(loans["home"] == "owner")' + leak))

    modes = modes_of(broken, "inputs", "target")

    assert (modes["inputs"]["status"], modes["target"]["status"]) == ("pass", "fail")
    assert modes["target"]["differences"][0]["column"] == "owner"


def _answers(loans: Loans, path: Path, *, lie: bool) -> str:
    """What a server would send: the predictor's results, one of them another label."""
    from nb2svc.parity.harness.service import Service, forget

    requests = path / "requests.json"
    modes_of(loans, "inputs", requests=str(requests))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(loans.project))
        forget("loans")
        predictor = Service("loans", fallback={}).predictor
        answers = [
            {"status": 200, "body": {"results": predictor.predict(request["rows"])}}
            for request in json.loads(requests.read_text())
        ]
        forget("loans")
    if lie:
        answers[0]["body"]["results"][0]["prediction"] = "No risk"
    (path / "answers.json").write_text(json.dumps(answers))
    return str(path / "answers.json")


def test_http_compares_what_came_back_with_the_notebook(loans: Loans, tmp_path: Path) -> None:
    honest = modes_of(loans, "http", answers=_answers(loans, tmp_path, lie=False))["http"]
    lying = modes_of(loans, "http", answers=_answers(loans, tmp_path, lie=True))["http"]

    assert (honest["status"], honest["compared"]) == ("pass", 12)
    assert (lying["status"], lying["different"], lying["differences"][0]["actual"]) == ("fail", 1, "No risk")


def test_http_fails_where_nothing_came_back(loans: Loans, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(json.dumps([{"status": 500, "body": "sorry"}] * 12))

    mode = modes_of(loans, "http", answers=str(tmp_path / "answers.json"))["http"]

    assert mode["status"] == "fail"
    assert "HTTP 500" in mode["differences"][0]["actual"]


def _noise(loans: Loans) -> Loans:
    """The example with every oracle's values replaced by noise of the same form."""
    chance = np.random.default_rng(0)
    folder = Path(loans.capture.folder)
    values = {}
    for name in ("X_train", "X_test"):
        frame = pickle.loads((folder / f"kept/{name}.pkl").read_bytes())
        values[f"kept/{name}.pkl"] = frame.apply(lambda column: chance.normal(size=len(column)))
    size = len(pd.read_csv(loans.folder / "applicants.csv"))
    for name in ("fit_rows", "predict_rows"):
        rows = pickle.loads((folder / f"oracles/{name}.pkl").read_bytes())
        values[f"oracles/{name}.pkl"] = chance.choice(size, len(rows), replace=False)
    output = pickle.loads((folder / "kept/decision.pkl").read_bytes())
    values["kept/decision.pkl"] = pd.Series([f"noise {chance.random()}" for _ in output])
    values["oracles/checkpoints.pkl"] = {}
    return rekept(loans, values)


def test_noise_for_oracles_fails_every_mode(loans: Loans, changed: Changed, tmp_path: Path) -> None:
    answers = _answers(loans, tmp_path, lie=False)

    modes = modes_of(_noise(changed()), *IN_PROCESS, "retrain", "http", answers=answers)

    assert {name: mode["status"] for name, mode in modes.items()} == dict.fromkeys((*IN_PROCESS, "retrain", "http"), "fail")


def test_a_file_that_changed_since_the_run_fails_every_mode(changed: Changed) -> None:
    copy = changed()
    (Path(copy.capture.folder) / "kept/X_test.pkl").write_bytes(b"noise")

    modes = modes_of(copy)

    assert {mode["status"] for mode in modes.values()} == {"fail"}
    assert "X_test.pkl changed since the notebook ran" in modes["alone"]["note"]


def test_a_project_that_cannot_be_imported_fails_every_mode(changed: Changed) -> None:
    modes = modes_of(changed(("model.py", "import pandas as pd", "import pandas as pd, no_such_module")))

    assert {mode["status"] for mode in modes.values()} == {"fail"}
    assert "no_such_module" in modes["json"]["note"]


def test_a_mode_that_compared_nothing_is_not_evaluated(changed: Changed) -> None:
    copy = changed()
    rows = {
        f"oracles/{name}.pkl": pickle.loads((Path(copy.capture.folder) / f"oracles/{name}.pkl").read_bytes())
        for name in ("fit_rows", "predict_rows")
    }
    nothing = without_selections(rekept(copy, {file: np.full(len(value), -1) for file, value in rows.items()}))

    modes = modes_of(nothing, *IN_PROCESS, "retrain")

    assert {mode["status"] for mode in modes.values()} == {"not_evaluated"}
    assert all(mode["note"] and not mode["compared"] for mode in modes.values())


ONLY_FITS = ("model.py", "return risk, decision", "return model.predict(X)")


def _only_fits(copy: Loans) -> Loans:
    """The notebook as if it never asked its model for anything."""
    capture = replace(
        copy.capture, kept=tuple(kept for kept in copy.capture.kept if kept.kind not in ("predict_input", "output"))
    )
    return replace(copy, capture=capture)


def test_a_notebook_that_predicts_nothing_is_compared_with_what_its_estimator_answers(changed: Changed) -> None:
    modes = modes_of(_only_fits(changed(ONLY_FITS)), *IN_PROCESS, "retrain")

    assert modes["predictions"]["compared"] == modes["retrain"]["compared"] == modes["inputs"]["compared"] > 0
    assert {mode["status"] for mode in modes.values()} == {"pass"}


@pytest.mark.parametrize("wrong", ["model.predict(X)[::-1]", "1 - model.predict(X)"])
def test_another_answer_than_its_estimator_gives_is_seen(changed: Changed, wrong: str) -> None:
    copy = _only_fits(changed((*ONLY_FITS[:2], f"return {wrong}")))

    assert {modes_of(copy, name)[name]["status"] for name in ("predictions", "retrain")} == {"fail"}


def test_rows_dropped_by_statements_without_a_guard_are_not_evaluated(loans: Loans) -> None:
    mode = modes_of(without_selections(loans), "dropped")["dropped"]

    assert mode["status"] == "not_evaluated"
    assert "statements that give no guard" in mode["note"]


def _prepared_otherwise(copy: Loans) -> Loans:
    """The notebook halved one column of the rows that it predicted, and predicted from that."""
    folder = Path(copy.capture.folder)
    frame, model = (pickle.loads((folder / f"kept/{name}.pkl").read_bytes()) for name in ("X_test", "model"))
    frame["burden"] /= 2
    decision = pd.Series(model.predict_proba(frame)[:, 1] > 0.4).map({True: "High risk", False: "Low risk"})
    return rekept(copy, {"kept/X_test.pkl": frame, "kept/decision.pkl": decision})


def test_rows_prepared_otherwise_are_counted_apart(changed: Changed) -> None:
    copy = _prepared_otherwise(changed())

    apart, unknown = answer_of(copy, twin=True), answer_of(copy, twin=False)

    assert apart["prepared"] > 30
    assert "fail" not in {mode["status"] for mode in apart["modes"]}
    assert {mode["name"]: mode["status"] for mode in apart["modes"]}["predictions"] == "not_evaluated"
    assert {mode["name"]: mode["status"] for mode in unknown["modes"]}["inputs"] == "fail"


def test_of_rows_prepared_otherwise_the_answer_is_still_proved_from_the_notebooks_inputs(changed: Changed) -> None:
    copy = _prepared_otherwise(changed(("model.py", "risk > 0.4", "risk > 0.7")))

    assert modes_of(copy, "predictions", twin=True)["predictions"]["status"] == "fail"
