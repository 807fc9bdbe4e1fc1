"""`--format sarif|junit|github` from outside: findings, a whole build, and every kind of error, each in the format asked for."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nb2svc.errors import EnvironmentProblem, NotebookError, RefusalError, RunError, UsageError, VerdictError
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Divergence, Mode, Verdict

SECRET = "# nb2svc: feature loans\npassword = 'hunter2-hunter2'\nX, y = loans[['age']], loans['late']"
CELLS = (
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nloans = pd.read_csv('loans.csv')",
    SECRET + "\nX = X.assign(key=password)",
    "# nb2svc: model\nmodel = LogisticRegression().fit(X, y)\npred = model.predict(X)",
)


def raising(error):
    def function(*_, **__):
        raise error

    return function


def results(text: str) -> list[dict]:
    return json.loads(text)["runs"][0]["results"]


def test_a_refusal_has_its_line_in_each_format(run, write):
    path = write("loans.ipynb", *CELLS)
    sarif = run("analyze", "loans.ipynb", "--format", "sarif")
    assert (sarif.exit_code, sarif.stderr) == (3, "")
    found = next(result for result in results(sarif.stdout) if result["ruleId"] == "NB223")
    region = found["locations"][0]["physicalLocation"]["region"]
    line = path.read_text(encoding="utf-8").split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 :].startswith("password = 'hunter2-hunter2'")
    junit = run("analyze", "loans.ipynb", "--format", "junit")
    assert junit.exit_code == 3
    assert [
        case.get("classname") for case in ET.fromstring(junit.stdout).iter("testcase") if case.find("failure") is not None
    ] == ["NB223"]
    github = run("analyze", "loans.ipynb", "--format=github")
    assert github.exit_code == 3
    assert f"::error file=loans.ipynb,line={region['startLine']},endLine=" in github.stdout


def test_a_report_can_go_to_a_file(run, write):
    write("loans.ipynb", *CELLS)
    result = run("analyze", "loans.ipynb", "--format", "sarif", "-o", "loans.sarif")
    assert (result.exit_code, result.stdout) == (3, "")
    assert results(Path("loans.sarif").read_text(encoding="utf-8"))[0]["ruleId"] == "NB223"


def test_a_file_is_named_as_its_repository_names_it(run, write, tmp_path, monkeypatch):
    write("loans.ipynb", *CELLS)
    folder = tmp_path / "note books"
    folder.mkdir()
    Path("loans.ipynb").rename(folder / "loans.ipynb")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(folder)
    result = run("analyze", "loans.ipynb", "--format", "sarif")
    location = results(result.stdout)[0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "note%20books/loans.ipynb"


@pytest.mark.parametrize("command", ["analyze", "build"])
def test_an_untagged_notebook_is_a_finding_there(run, write, command):
    write("loans.ipynb", "x = 1", "model = Model().fit(x)")
    result = run(command, "loans.ipynb", "--format", "sarif")
    assert result.exit_code == 3
    assert [each["ruleId"] for each in results(result.stdout)] == ["NB201"]


ERRORS = [(VerdictError, 1), (UsageError, 2), (NotebookError, 3), (RunError, 4), (EnvironmentProblem, 5)]


@pytest.mark.parametrize(("kind", "code"), ERRORS)
def test_an_error_is_told_in_the_format_asked_for(run, pipeline, kind, code):
    pipeline(build=raising(kind("it broke", where="cell 3", why="a reason", fix="mend it")))
    sarif = run("build", "x.ipynb", "--format", "sarif")
    invocation = json.loads(sarif.stdout)["runs"][0]["invocations"][0]
    assert (sarif.exit_code, invocation["executionSuccessful"], invocation["exitCode"]) == (code, False, code)
    junit = run("build", "x.ipynb", "--format", "junit")
    assert junit.exit_code == code
    assert ET.fromstring(junit.stdout).find("*/testcase/error").text == "cell 3\na reason\nmend it"
    github = run("build", "x.ipynb", "--format", "github")
    assert github.exit_code == code
    assert github.stdout.startswith("::error title=it broke::cell 3%0Aa reason%0Amend it\nnb2svc build: ")


@pytest.mark.parametrize("form", ["sarif", "junit", "github"])
@pytest.mark.parametrize(
    "arguments", [("analyze", "gone.ipynb"), ("analyze", "x.ipynb", "--nonsense"), ("build",), ("anlyze", "x.ipynb")]
)
def test_a_wrong_command_line_too(run, form, arguments):
    result = run(*arguments, "--format", form)
    assert result.exit_code == 2
    assert result.stderr == ""
    assert {"sarif": '"executionSuccessful": false', "junit": "<error", "github": "::error title="}[form] in result.stdout


def test_refusals_of_a_run_have_their_lines(run, pipeline, write):
    write("x.ipynb", "# nb2svc: feature a\nalpha = 1", "gamma = 2")
    refused = Finding(code="NB304", severity="refusal", message="no", remedy="do", span=Span(1, 2, 0, 2, 5))
    pipeline(build=raising(RefusalError((refused,))))
    result = run("build", "x.ipynb", "--format", "github")
    assert result.exit_code == 3
    assert result.stdout.startswith("::error file=x.ipynb,line=")


def test_a_failed_proof_stands_where_the_two_part(run, pipeline, write):
    write("x.ipynb", "# nb2svc: feature a\nalpha = 1", "gamma = 2")
    verdict = Verdict(
        modes=(Mode(name="alone", status="fail", compared=5, total=5, different=2),),
        divergence=Divergence(span=Span(1, 2, 0, 2, 9), statement=0, column="age", text="alpha = 1"),
    )

    def build(options, *, progress):
        raise fake.ProofFailed(verdict)

    fake = pipeline(build=build)
    result = run("build", "x.ipynb", "--format", "sarif")
    assert result.exit_code == 1
    (found,) = results(result.stdout)
    assert found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == 'cell 1 "a", line 2'
    assert json.loads(result.stdout)["runs"][0]["invocations"][0]["executionSuccessful"] is True
