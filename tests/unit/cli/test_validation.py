"""`nb2svc validate` from outside: what it prints of runs, in each format, and each mistake before anything starts."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nb2svc.cli.reporting import validation_report
from nb2svc.cli.validation import render_validation
from nb2svc.ir.codec import to_json
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.reports.render import render_report
from nb2svc.validate.verdict import judge
from unit.capture.made import made

SOURCES = ("seed = 1\nrate = 0.5", "# nb2svc: check good\nauc = 0.7\nassert auc > rate, 'too weak'", "1 / 0")


def made_run(seed: int, status: str, **more) -> RunResult:
    parameters = (Parameter(name="rate", value="0.9"), Parameter(name="seed", value=str(seed)))
    return RunResult(
        key=str(seed), spec=RunSpec(key=str(seed), parameters=parameters), status=status, folder=f"runs/{seed}", **more
    )


def check(outcome: str, **more) -> tuple[CheckOutcome, ...]:
    return (CheckOutcome(name="good", cell=2, outcome=outcome, **more),)


def metric(value: float | None, special: str = "") -> tuple[MetricValue, ...]:
    return (MetricValue(name="auc", value=value, special=special),)


FAILED = check("fail", message="too weak", line=3, values=(("auc", "0.7"), ("rate", "0.9")))
BROKEN = Failure(what="cell 3 (1 / 0) failed: ZeroDivisionError: division by zero", cell=3, line=1, fix="correct that line")
RUNS = (
    made_run(1, "ok", checks=check("pass"), metrics=metric(0.95), seconds=2.0, memory=200 << 20, reused=True),
    made_run(2, "failed", checks=FAILED, metrics=metric(0.75), seconds=2.0),
    made_run(3, "error", checks=check("not_reached"), metrics=metric(None, "nan"), failure=BROKEN, attempts=2),
    made_run(4, "not_run"),
)


@pytest.fixture
def validation(tmp_path: Path) -> tuple[Validation, object]:
    notebook, _ = made(*SOURCES, tags={1: ["parameters"]}, path=str(tmp_path / "loans.ipynb"))
    return Validation(notebook="loans.ipynb", notebook_digest="", runs=RUNS, interrupted=True), notebook


def test_the_summary_says_runs_checks_metrics_and_what_is_not_well(validation):
    assert (
        render_validation(*validation, folder="out")
        == """\
loans.ipynb: 4 runs, 1 ok, 1 failed a check, 1 broke, 1 not run (1 of them made before)
in all runs: rate=0.9

runs
                          auc
  seed=1  ok              0.95  2.0 s  200 MB  runs/1
  seed=2  failed a check  0.75  2.0 s          runs/2
  seed=3  broke           nan                  runs/3
  seed=4  not run         -                    runs/4

checks
  good  cell 2  1 of 3 passed, 1 failed, 1 not reached

metrics
  auc  mean 0.85  spread 0.1414  from 0.75 to 0.95  in 2 runs (1 not finite)

not well
  seed=2  cell 2 "good", line 3: too weak (auc = 0.7, rate = 0.9)
  seed=3  cell 3 (1 / 0) failed: ZeroDivisionError: division by zero (line 1; tried 2 times)
          do this: correct that line

interrupted: what was finished is kept, and the same command goes on from there
the first that is not well: out/runs/2/executed.ipynb
wrote out/validation.json"""
    )


def test_what_happened_to_many_runs_is_told_once_and_where_nothing_was_judged_too(validation):
    told, notebook = validation
    runs = tuple(replace(RUNS[2], spec=RUNS[at].spec, checks=(), metrics=(), attempts=1) for at in range(3))
    text = render_validation(replace(told, runs=runs, interrupted=False), notebook, folder="out")
    assert "  seed=1 and 2 more  cell 3 (1 / 0) failed: ZeroDivisionError: division by zero (line 1)\n" in text
    assert text.count("do this: correct that line") == 1
    assert "nothing was judged: tag a cell with an assertion" in text
    asserting, _ = made("x = 1", "assert x > 0")
    text = render_validation(replace(told, runs=runs, interrupted=False), asserting, folder="out")
    assert "nothing was judged: tag cell 2 (assert x > 0), which has an assertion, `# nb2svc: check NAME`, or tell" in text
    assert "runs\n  seed=1  broke" in text


def test_a_test_report_has_a_case_for_each_check_of_each_run(validation):
    text = render_report(validation_report(*validation, each=True, exit_code=4), "junit")
    cases = ET.fromstring(text).findall(".//testcase")
    found = {case.get("name").partition("], ")[0].rstrip("]"): [part.tag for part in case] for case in cases}
    assert found == {
        "good [rate=0.9 seed=1": [], "run [rate=0.9 seed=1": [], "good [rate=0.9 seed=2": ["failure"], "run [rate=0.9 seed=2": [],
        "good [rate=0.9 seed=3": ["skipped"], "run [rate=0.9 seed=3": ["failure"], "run [rate=0.9 seed=4": ["skipped"],
    }  # fmt: skip


def test_where_code_is_looked_at_a_check_is_told_once_at_its_line(validation):
    results = json.loads(render_report(validation_report(*validation, each=False, exit_code=4), "sarif"))["runs"][0]["results"]
    assert [result["message"]["text"].split("\n")[0] for result in results] == [
        'cell 2 "good", line 3: good failed in 1 of 3 runs, first with rate=0.9 seed=2: too weak (auc = 0.7, rate = 0.9)',
        "cell 3 (1 / 0), line 1: 1 of 4 runs, first with rate=0.9 seed=3: cell 3 (1 / 0) failed: ZeroDivisionError: division by zero",
    ]
    assert all(result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in results)
    lines = render_report(validation_report(*validation, each=False, exit_code=4), "github").splitlines()
    assert [line.partition(" ")[0] for line in lines[:2]] == ["::error", "::error"]


def test_a_check_that_always_passed_is_told_as_that(validation):
    told, notebook = validation
    fine = replace(told, runs=told.runs[:1], interrupted=False)
    (record,) = validation_report(fine, notebook, each=False, exit_code=0).records
    assert (record.status, record.message) == ("pass", "good passed in 1 of 1 runs")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--grid", "sed=1..2"], 2, "did you mean --grid seed=…?"),
        (["--grid", "seed"], 2, "has no '='"),
        (["--grid", "seed=1..2", "--grid", "seed=3..4"], 2, "'seed' is given twice"),
        (["-p", "rate=fast"], 2, "rate is a number in the notebook"),
        (["-p", "rate=env:NB2SVC_NOWHERE"], 2, "a secret is text, and rate is none in the notebook"),
        (["--matrix", "none.yaml"], 2, "there is no file of cases none.yaml"),
        (["--segments", "region"], 2, "no cell is tagged as the model"),
        (["--segments", "region,,age"], 2, "a column has no name"),
        (["--kernel", "julia-9"], 5, "there is no kernel julia-9"),
        (["--cwd", "nowhere"], 2, "there is no folder nowhere to run in"),
        (["-o", "loans.ipynb/out"], 5, "can't keep the runs"),
        (["--repeat", "0"], 2, "0 is not in the range"),
        (["--baseline", "last"], 2, "there is no last validation"),
        (["--gate", "champion=none.json", "--margin", "auc=0.1"], 2, "there is no file none.json"),
        (["--service"], 2, "was not built yet"),
        (["--timeout", "soon"], 2, "is no time"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(run, write, options: list[str], code: int, words: str):
    path = write("loans.ipynb", *SOURCES)
    document = json.loads(path.read_text())
    document["cells"][0]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(document))
    done = run("validate", "loans.ipynb", *options)
    assert (done.exit_code, words in done.stderr) == (code, True), done.stderr
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".nb2svc")] == []


def test_an_error_has_its_document_where_the_report_was_asked_for(run, write):
    path = write("loans.ipynb", *SOURCES)
    done = run("validate", "loans.ipynb", "--segments", "region", "--format", "json", "--report", "report.json")
    assert done.exit_code == 2
    assert json.loads((path.parent / "report.json").read_text())["error"]["where"].startswith("cell 1")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--baseline", "last"], "there is no last validation"),
        (["--baseline", "none.json"], "there is no file none.json"),
        (["--baseline", "loans.ipynb"], "loans.ipynb is no validation"),
        (["--baseline", "nowhere:a.json"], "git has no nowhere:a.json"),
        (["--baseline", "old.json", "--margin", "acu=0.1"], "did you mean auc?"),
        (["--baseline", "empty.json"], "empty.json has no runs to compare with"),
        (["--margin", "auc=0.1"], "there is nothing to compare with"),
        (["--margin", "auc"], "'auc' is no margin"),
        (["--margin", "auc=much"], "'much' is no number"),
        (["--margin", "auc=-1"], "-1 can't be a margin"),
        (["--margin", "auc=1", "--margin", "auc=2"], "'auc' is given twice"),
        (["--lower-is-better", "x", "--higher-is-better", "x"], "x can't be better both ways"),
    ],
)
def test_what_can_t_be_compared_is_told_before_anything_starts(run, write, options: list[str], words: str):
    path = write("loans.ipynb", *SOURCES)
    for name, runs in (("old.json", RUNS), ("empty.json", ())):
        (path.parent / name).write_text(json.dumps(to_json(Validation(notebook="loans.ipynb", notebook_digest="", runs=runs))))
    done = run("validate", "loans.ipynb", *options)
    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    assert not list(path.parent.glob(".nb2svc/*/validation/runs/*/result.json"))


def judged(told: Validation, *, margin: float) -> Validation:
    """Two runs that are 0.1 worse than before."""
    now = replace(told, runs=(made_run(1, "ok", metrics=metric(0.8)), made_run(2, "ok", metrics=metric(0.7))), interrupted=False)
    before = replace(now, runs=(made_run(1, "ok", metrics=metric(0.9)), made_run(2, "ok", metrics=metric(0.8))))
    criteria = Criteria(margins=(("auc", margin),)) if margin else Criteria()
    return replace(now, judgement=judge(now, criteria=criteria, baseline=before, source="last"))


def test_the_summary_ends_with_the_verdict_and_its_reasons(validation):
    told, notebook = validation
    text = render_validation(judged(told, margin=0.05), notebook, folder="out")
    assert "compared with last, 2 runs of no known time\n  auc  worse  0.75, was 0.85  higher is better" in text
    assert "verdict: fail\n  auc: it is 0.1 worse" in text
    assert "verdict: pass\n" in render_validation(judged(told, margin=0.2), notebook, folder="out")
    assert "verdict: pass, with a warning\n" in render_validation(judged(told, margin=0.0), notebook, folder="out")


@pytest.mark.parametrize(("margin", "status"), [(0.05, "fail"), (0.2, "pass"), (0.0, "warn")])
def test_reports_have_a_record_of_each_comparison(validation, margin: float, status: str):
    told, notebook = validation
    for each in (True, False):
        records = validation_report(judged(told, margin=margin), notebook, each=each, exit_code=0).records
        assert [record.status for record in records if record.code == "metric"] == [status]
    assert len(render_report(validation_report(judged(told, margin=0.05), notebook, each=True, exit_code=1), "junit")) > 100
