"""What a build says at its end."""

import json
import types
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from nb2svc.cli import summary
from nb2svc.errors import VerdictError
from nb2svc.ir.capture import Capture
from nb2svc.ir.finding import Finding
from nb2svc.ir.observation import Condition, Selection
from nb2svc.ir.plan import Guard, PlannedSelection, PlannedStatement
from nb2svc.ir.progress import ProgressEvent
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Difference, KnifeEdge, Mode, Verdict

HERE = PurePosixPath("/home/ann")


def capture(**fields) -> Capture:
    return Capture(
        **{
            "folder": "/c", "digest": "3f9c", "notebook_digest": "d", "parameters": (), "interpreter": "python", "python": "3.11",
            "versions": (), "modules": (), "kept": (), "inputs": (), "metrics": (("auc", 0.7123),), "seconds": 9.4, **fields,
        }
    )  # fmt: skip


def plan(**fields):
    """What of a plan a summary tells."""
    guard = Guard(condition=Condition(column="age", operator=">=", value=18), cell=2, line=1, text='loans["age"] >= 18')
    names = (("s1", "age_mean"), ("s2", "income_median"))
    return types.SimpleNamespace(**{"package": "loans", "guards": (guard,), "names": names, "steps": (), "answer": (), **fields})


def item(identifier: str, status: str, severity: str = "blocker", action: str = "") -> ItemResult:
    return ItemResult(
        id=identifier,
        step=1,
        title=identifier,
        severity=severity,
        status=status,
        sentence=f"{identifier} was seen",
        next_action=action,
    )


CHECKLIST = Checklist(
    items=(
        item("BIZ-01", "not_evaluated", action="declare the workflow"),
        item("DAT-01", "pass"),
        item("DAT-02", "not_evaluated", "warning", "write a datasheet"),
        item("OPS-02", "fail", action="set a seed"),
        item("GOV-03", "not_evaluated", action="scan it"),
        item("UX-07", "not_applicable", "info"),
    )
)


def mode(name: str, status: str = "pass", compared: int = 488, total: int = 488, different: int = 0, **fields) -> Mode:
    return Mode(name=name, status=status, compared=compared, total=total, different=different, **fields)


@pytest.fixture
def built(source):
    return types.SimpleNamespace(
        output=Path("/home/ann/loans"), source=source, capture=capture(), observation=None, plan=plan(),
        verdict=Verdict(modes=(mode("predictions"), mode("inputs", total=1947, compared=1947), mode("retrain"))),
        checklist=CHECKLIST, findings=(), taken_over=(), given_back=(), merged=(), restored=(), bento="loans:abc", stages=(),
    )  # fmt: skip


def test_the_whole_summary(built):
    text = summary.render_summary(built, here=HERE)
    lines = text.splitlines()
    assert lines[0] == "run       loans.ipynb ran in 9.4 s; its check passed (auc 0.712)"
    assert lines[1] == "frozen    age_mean · income_median      2 values learned in training, remembered at serving"
    assert lines[2] == "left out  2 of 8 statements; 1 row filter is now a guard: age >= 18      nb2svc analyze loans.ipynb"
    assert lines[3].startswith("proof     risk 488 of 488 · model inputs 1,947 of 1,947")
    assert lines[4] == "          training.py trained the same model again"
    assert lines[5] == "ready     1 pass, 1 fail, 3 not evaluated, 1 not applicable"
    assert lines[6:8] == ["          pass  DAT-01  DAT-01 was seen", "          fail  OPS-02  OPS-02 was seen"]
    assert lines[8:11] == [
        "          next  OPS-02  set a seed",
        "          next  BIZ-01  declare the workflow",
        "          next  GOV-03  scan it",
    ]
    assert lines[11:] == [
        "wrote     loans/      bento loans:abc",
        "          nb2svc serve loans",
        "          curl -s http://127.0.0.1:3000/predict -H 'content-type: application/json' -d @loans/example.json",
    ]


def test_warnings_come_last_with_their_lines(built):
    warning = Finding(code="NB106", severity="warning", message="they disagree", remedy="Remove one.", span=Span(2, 4, 0, 4, 5))
    built.findings = (warning, Finding(code="NB9", severity="info", message="fyi", remedy="-"))
    text = summary.render_summary(built, here=HERE)
    assert text.endswith(
        '\n\n1 warning\n\nwarning NB106  cell 2 "applicant", line 4\n    spare = 1\n    ^^^^^\n  they disagree\n  do this: Remove one.'
        "\n\nnb2svc explain NB106 shows an example, and the same mended."
    )
    assert "fyi" not in text


@pytest.mark.parametrize(
    ("idle", "said"),
    [
        ([], "it has no check"),
        ([False], "its check passed"),
        ([False, False, False], "its 3 checks passed"),
        ([False, True], "its check passed"),
        ([True], "none of its checks asserts anything"),
    ],
)
def test_the_run(source, idle, said):
    checks = [replace(source.outline.checks[0], idle=each) for each in idle]
    assert summary.run_line(source.notebook, capture(metrics=()), checks=checks) == f"loans.ipynb ran in 9.4 s; {said}"


def test_what_was_frozen():
    assert summary.frozen_line(plan(names=())) == "nothing: no feature depends on other rows"
    assert summary.frozen_line(plan(names=(("a", "x"), ("b", "x")))).startswith("x      1 value learned")
    many = tuple((f"s{i}", f"n{i}") for i in range(9))
    assert summary.frozen_line(plan(names=many)).startswith("n0 · n1 · n2 · n3 · n4 · n5 · and 3 more      9 values")


def test_selections_that_guard_where_they_stand_are_told_with_the_authors_words():
    selection = Selection(
        statement=0,
        span=Span(1, 1, 0, 1, 1),
        targets=("x",),
        operands=("df",),
        in_place=False,
        rows_in=3,
        rows_out=2,
        guards=True,
    )
    entry = PlannedStatement(number=0, selections=(PlannedSelection(selection=selection, words="no dreamers (cell 1)"),))
    assert summary._guards_in_place(plan(steps=(types.SimpleNamespace(statements=(entry,)),))) == ["no dreamers (cell 1)"]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition(column="age", operator=">=", value=18), "age >= 18"),
        (Condition(column="region", operator="in", value=("east", "north")), "region in east, north"),
        (Condition(column="age", operator="not null"), "age not null"),
    ],
)
def test_guards(condition, text):
    assert summary.condition_text(condition) == text


def test_knife_edges_say_what_to_round():
    edges = tuple(KnifeEdge(row=i, column="total", threshold=12.5, expected="0.4", actual="0.45") for i in range(5))
    lines = summary.knife_edge_lines(edges)
    assert lines[0] == "warning: 5 rows sit on a knife edge; round total in the notebook (.round(2) for money)"
    assert lines[1] == "  row 0: total at 12.5, 0.4 or 0.45"
    assert len(lines) == 4
    assert summary.knife_edge_lines(edges[:1])[0].startswith("warning: 1 row sits")
    assert summary.knife_edge_lines(()) == []


def test_a_path_with_spaces_can_be_pasted():
    lines = summary.wrote_block(Path("/srv/my loans"), bento="", here=HERE)
    assert lines == [
        "/srv/my loans/",
        "nb2svc serve '/srv/my loans'",
        "curl -s http://127.0.0.1:3000/predict -H 'content-type: application/json' -d '@/srv/my loans/example.json'",
    ]


def test_the_command_prints_the_summary_on_standard_output(run, pipeline, built):
    def build(options, *, progress):
        for text in ("reading loans.ipynb", "", "running cell 1", "running cell 1"):
            progress(ProgressEvent(stage="run", text=text))
        progress(ProgressEvent(stage="run", cell=1, output="loaded\n"))
        return built

    pipeline(build=build)
    result = run("build", "loans.ipynb")
    assert result.exit_code == 1, "an evaluated blocker (OPS-02) failed"
    assert result.stdout == summary.render_summary(built, here=Path.cwd()) + "\n"
    assert result.stderr == "reading loans.ipynb\nrunning cell 1\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_progress_as_json_is_an_event_a_line(run, pipeline, built, form):
    events = (
        ProgressEvent(stage="run", text="running load: 2 of 9", cell=2, done=1, total=9),
        ProgressEvent(stage="run", cell=2, output="100 rows\nü"),
        ProgressEvent(stage="package"),
    )

    def build(options, *, progress):
        for event in events:
            progress(event)
        return built

    pipeline(build=build)
    result = run("build", "loans.ipynb", "--progress", "json", "--format", form)
    assert [json.loads(line) for line in result.stderr.splitlines()] == [
        {"stage": "run", "text": "running load: 2 of 9", "cell": 2, "done": 1, "total": 9},
        {"stage": "run", "cell": 2, "output": "100 rows\nü"},
        {"stage": "package"},
    ]


def test_no_progress_where_none_is_wanted(run, pipeline, built):
    def build(options, *, progress):
        progress(ProgressEvent(stage="run", text="running"))
        return built

    pipeline(build=build)
    assert run("build", "loans.ipynb", "--progress", "none").stderr == ""


def test_without_a_red_blocker_the_exit_code_is_zero(run, pipeline, built):
    built.checklist = Checklist(items=tuple(each for each in CHECKLIST.items if each.status != "fail"))
    pipeline(build=lambda options, *, progress: built)
    assert run("build", "loans.ipynb").exit_code == 0


def test_as_json_it_is_one_document_and_no_progress(run, pipeline, built):
    pipeline(build=lambda options, *, progress: built)
    result = run("build", "loans.ipynb", "--format", "json")
    document = json.loads(result.stdout)
    assert result.stderr == ""
    assert (document["version"], document["error"], document["findings"]) == (1, None, [])
    assert (document["output"], document["package"], document["bento"]) == ("/home/ann/loans", "loans", "loans:abc")
    assert document["passed"] is True
    assert document["verdict"]["modes"][0]["compared"] == 488
    assert document["readiness"]["items"][0]["id"] == "BIZ-01"


FAILED = Verdict(
    modes=(mode("predictions", "fail", different=3, differences=(Difference(row=7, column="risk", expected="1", actual="0"),)),)
)


def test_a_failed_proof_is_told_and_exits_1(run, pipeline):
    def build(options, *, progress):
        raise fake.ProofFailed(FAILED)

    fake = pipeline(build=build)
    assert issubclass(fake.ProofFailed, VerdictError)
    result = run("build", "loans.ipynb")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "proof     predictions: 3 of 488 differ" in result.stderr
    assert "error: the service does not answer as the notebook did\n  where    cell 3, line 3" in result.stderr


def test_a_failed_proof_as_json_holds_the_verdict(run, pipeline):
    def build(options, *, progress):
        raise fake.ProofFailed(FAILED)

    fake = pipeline(build=build)
    result = run("build", "loans.ipynb", "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["verdict"]["modes"][0]["different"] == 3
    assert document["error"]["exit_code"] == 1


def test_mutants_that_no_test_noticed_are_listed() -> None:
    from nb2svc.cli.summary import ready_block
    from nb2svc.ir.readiness import Checklist, Evidence, ItemResult

    evidence = Evidence(summary="", details=(("tests", "3 pass"), ("survived cell 2, line 4", "constant: 2 → 5")))
    tested = ItemResult(
        id="DAT-04", step=2, title="", severity="warning", status="pass", sentence="Caught 4 of 5.", evidence=evidence
    )
    lines = ready_block(Checklist(items=(tested,)))
    assert lines[1:3] == ["pass  DAT-04  Caught 4 of 5.", "              survived cell 2, line 4, constant: 2 → 5"]


def test_as_junit_it_has_the_proof_and_the_checklist(run, pipeline, built):
    from nb2svc.cli.outcome import read_report

    pipeline(build=lambda options, *, progress: built)
    result = run("build", "loans.ipynb", "--format", "junit")
    assert result.exit_code == 1, "an evaluated blocker (OPS-02) failed"
    statuses = {case.name: case.status for case in read_report(result.stdout)}
    assert statuses["proof::predictions"] == "pass"
    assert [name for name, status in statuses.items() if status == "fail"] == [
        f"{item.id}::{item.title}" for item in CHECKLIST.items if item.status == "fail"
    ]
