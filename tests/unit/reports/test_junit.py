"""JUnit: valid by the schema of Jenkins' plug-in; a case fails where the exit code says no."""

import pytest
import xmlschema

from nb2svc.cli.outcome import read_report
from nb2svc.reports.junit import render_junit


@pytest.mark.parametrize("name", ["report", "verdict_report", "stopped", "empty"])
def test_every_report_is_valid(request, check_junit, name):
    check_junit(render_junit(request.getfixturevalue(name)))


@pytest.mark.parametrize(
    ("old", "new"),
    [("<failure", "<refusal"), (' tests="4"', ""), ("<testcase classname", "<testcase klass"), ("testsuites", "tests")],
)
def test_the_schema_rejects_a_broken_document(check_junit, report, old, new):
    text = render_junit(report)
    assert old in text
    broken = text.replace(old, new).replace("</failure", "</refusal" if "refusal" in new else "</failure")
    with pytest.raises(xmlschema.XMLSchemaException):
        check_junit(broken)


def test_a_refusal_fails_and_a_warning_passes_with_its_text(check_junit, report):
    suite = check_junit(render_junit(report))[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "0", "skipped": "0",
    }  # fmt: skip
    failure = suite[0].find("failure")
    assert suite[0].get("name") == 'a secret in the code, cell 2 "früh", line 2'
    assert failure.get("message") == "a `key` & <more>: 100%"
    assert failure.text.startswith('cell 2 "früh", line 2 (note books/früh, 1.ipynb:')
    assert "]]> \ufffd" in failure.text, "what XML can't hold is replaced"
    assert suite[1].find("failure") is None
    assert suite[1].find("system-out").text.endswith("\nno seed\ndo this: Give one.")
    assert suite[1].find("system-out").text.startswith("warning: cell 1 (loans = ")


def test_verdicts_and_items_are_cases(check_junit, verdict_report):
    text = render_junit(verdict_report)
    check_junit(text)
    assert [case.status for case in read_report(text)] == [
        "pass", "fail", "pass", "not_evaluated", "fail", "pass", "pass", "not_evaluated",
    ]  # fmt: skip


def test_an_error_is_an_error(check_junit, stopped):
    suite = check_junit(render_junit(stopped))[0]
    assert suite.get("errors") == "1"
    assert suite[0].find("error").text == "a,b.ipynb\n100% <gone>\nsecond\ndid you mean a.ipynb?"


def test_a_report_is_never_without_a_case(check_junit, empty):
    suite = check_junit(render_junit(empty))[0]
    assert [(case.get("classname"), case.get("name")) for case in suite] == [("analyze", "nothing to report")]
