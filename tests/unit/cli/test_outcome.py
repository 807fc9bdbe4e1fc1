"""`nb2svc test`: the project's tests are really run, and what they could not look at is said."""

import json

import pytest

from nb2svc.cli.outcome import Case, Outcome, read_report, render_outcome, run_tests
from nb2svc.errors import EnvironmentProblem

TESTS = """
import pytest

def test_holds():
    assert True

def test_needs_rows():
    pytest.skip("no capture 3f9c: set NB2SVC_CAPTURE")
"""


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    """Plugins of this environment are nothing to a project's tests, and slow to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def project(folder, tests: str):
    (folder / "loans" / "_nb2svc").mkdir(parents=True)
    (folder / "readiness.json").write_text("{}")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_parity.py").write_text(tests)
    return folder


def test_a_skipped_proof_is_not_evaluated(run, tmp_path):
    result = run("test", str(project(tmp_path / "p", TESTS)))
    assert result.exit_code == 0
    assert result.stdout == (
        "not_evaluated: 1 pass, 1 not_evaluated\n"
        "  not_evaluated test_parity::test_needs_rows\n"
        "                no capture 3f9c: set NB2SVC_CAPTURE\n"
    )


def test_a_failure_exits_1(run, tmp_path):
    folder = project(tmp_path / "p", TESTS + "\ndef test_breaks():\n    assert 1 == 2, 'they differ'\n")
    result = run("test", str(folder), "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["status"] == "fail"
    assert {test["name"]: test["status"] for test in document["tests"]} == {
        "test_parity::test_holds": "pass",
        "test_parity::test_needs_rows": "not_evaluated",
        "test_parity::test_breaks": "fail",
    }
    assert "they differ" in next(test["reason"] for test in document["tests"] if test["status"] == "fail")


@pytest.mark.parametrize("tests", ["", "import nothing_of_that_name\n", TESTS.replace("assert True", "pytest.skip('x')")])
def test_where_nothing_was_tested_it_is_no_pass(run, tmp_path, tests):
    result = run("test", str(project(tmp_path / "p", tests)))
    assert result.exit_code == 1
    assert not result.stdout.startswith("pass")


def test_tests_that_do_not_end_are_stopped(tmp_path):
    folder = project(tmp_path / "p", "import time\ndef test_long():\n    time.sleep(60)\n")
    with pytest.raises(EnvironmentProblem, match="did not come to an end"):
        run_tests(folder, timeout=2)


def test_the_project_is_left_as_it_was(run, tmp_path):
    folder = project(tmp_path / "p", TESTS)
    before = sorted(folder.rglob("*"))
    run("test", str(folder))
    assert sorted(folder.rglob("*")) == before


def test_statuses():
    ok, skipped, failed = (Case(name="a", status=status) for status in ("pass", "not_evaluated", "fail"))
    outcomes = [Outcome(project="p", cases=cases) for cases in ((ok,), (ok, skipped), (ok, skipped, failed), ())]
    assert [outcome.status for outcome in outcomes] == ["pass", "not_evaluated", "fail", "not_evaluated"]
    assert [outcome.exit_code for outcome in outcomes] == [0, 0, 1, 1]
    assert render_outcome(outcomes[-1]) == "not_evaluated: no tests"


def test_a_report_with_an_error_in_a_fixture():
    text = '<testsuite><testcase classname="tests.test_a" name="test_x"><error message="boom"/></testcase></testsuite>'
    assert read_report(text) == (Case(name="test_a::test_x", status="fail", reason="boom"),)


def test_a_failure_stands_in_its_file(run, tmp_path):
    folder = project(tmp_path / "p", TESTS + "\ndef test_breaks():\n    assert 1 == 2, 'they differ'\n")
    result = run("test", str(folder), "--format", "github")
    assert result.exit_code == 1
    assert "::error file=p/tests/test_parity.py,title=test%3A test_parity%3A%3Atest_breaks::" in result.stdout
    assert "\nnot evaluated: test test_parity::test_needs_rows: no capture 3f9c: set NB2SVC_CAPTURE\n" in result.stdout
    assert result.stdout.endswith("nb2svc test p: 1 failed, 1 not evaluated, 1 passed\n")
