"""The author's asserts on a request's rows: what holds, what fails, and what could not be asked."""

import pytest

from nb2svc_runtime import State
from nb2svc_runtime.predictor import Predictor
from nb2svc_runtime.request_checks import RequestCheck, RequestChecks
from nb2svc_runtime.schema import Answer, Row, Schema, Table, seen


class Loan(Row):
    age: int = seen(low=0, high=200)


def predictor(function, *, reads=("risk",), outside: bool = False) -> Predictor:
    table = Table("loans", Loan, columns={"age": "int64"})
    return Predictor(
        package="loans",
        schema=Schema([table], name="loans", notebook="loans.ipynb", answer=Answer("number"), answer_outside_domain=outside),
        function=lambda loans, model, state: (loans["age"] / 100, (loans["age"] * 2).tolist()),
        model=None,
        state=State(),
        lookups={},
        checks=RequestChecks([RequestCheck("shares", function, reads=reads, where="cell 4")], results=("risk", "double")),
    )


def below_one(risk) -> None:
    assert (risk <= 1).all(), f"a risk of {risk.max()}"


def told(results) -> list[tuple[str, object]]:
    return [(each["status"], each["prediction"]) for each in results]


def test_where_it_holds_nothing_is_said() -> None:
    results = predictor(below_one).predict([{"age": 40}, {"age": 100}])
    assert told(results) == [("ok", 80), ("ok", 200)]
    assert all(each["issues"] == [] for each in results)


def test_of_a_batch_the_rows_that_fail_alone_are_referred() -> None:
    results = predictor(below_one).predict([{"age": 40}, {"age": 150}, {"age": 100}])
    assert told(results) == [("ok", 80), ("refer", None), ("ok", 200)]
    assert results[1]["issues"] == [{"field": "", "code": "check_failed", "message": "shares (cell 4): a risk of 1.5"}]


def test_raw_tables_can_be_asserted_too_and_a_bare_assert_has_words() -> None:
    def young(loans) -> None:
        if not (loans["age"] < 90).all():
            raise AssertionError  # what `assert` does without a message, and without pytest's own

    (result,) = predictor(young, reads=("loans",)).predict([{"age": 95}])
    assert result["issues"][0]["message"] == "shares (cell 4): it does not hold"


def test_a_check_that_breaks_is_never_taken_for_one_that_holds() -> None:
    def broken(risk) -> None:
        raise KeyError("secret of the caller")

    (result,) = predictor(broken).predict([{"age": 40}])
    assert (result["status"], result["prediction"]) == ("refer", None)
    assert result["issues"][0]["message"] == "shares (cell 4): could not be checked: KeyError"


def test_a_failed_row_has_no_prediction_even_where_rows_outside_are_answered() -> None:
    results = predictor(below_one, outside=True).predict([{"age": 250}, {"age": 90}])
    assert told(results) == [("refer", None), ("ok", 180)]


def test_a_service_without_asserts_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    import subprocess
    import sys

    import nb2svc_runtime

    home = tmp_path / "loans"
    home.mkdir()
    (home / "__init__.py").write_text("")
    (home / "checks.py").write_text("CHECKS = ()\nRESULTS = ()\n")
    code = "from nb2svc_runtime.request_checks import load_checks; load_checks('loans')"
    source = str(nb2svc_runtime.__path__[0]) + "/.."
    environment = {"PYTHONPATH": f"{tmp_path}:{source}"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    done = subprocess.run([sys.executable, "-O", "-c", code], env=environment, check=False, capture_output=True, text=True)
    assert "don't run it with -O" in done.stderr
