"""The report in its forms, and the gates: what is said where nothing could be looked at, and that nothing of others is formatting."""

import json
from dataclasses import replace

import pytest
from jsonschema import ValidationError

from document_schema import check_document
from nb2svc.cli.diff import render
from nb2svc.compare.gates import GATES, closed
from nb2svc.compare.render.markdown import LONGEST, render_markdown
from nb2svc.compare.render.records import difference_report
from nb2svc.compare.render.sections import headline
from nb2svc.compare.render.text import bar, render_text
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.difference import (
    BuildDifference,
    CodeChange,
    Count,
    FactChange,
    Predictions,
    RequestChange,
    RowDifference,
    Side,
    StateChange,
)

SIDE = Side(label="old", package="loans", notebook="loans.ipynb", version="aaa")
SAME = Predictions(status="compared", rows=400, total=400, same=400)
NONE = Predictions(status="not_evaluated", note="no capture")
BREAKING = RequestChange(rule="field added", level="breaking", where="tax_code", what="new: a text, required", do="send it")
STRICTER = RequestChange(rule="range", level="stricter", where="age", what="narrower", do="expect it")
LOOSER = RequestChange(rule="range", level="compatible", where="bmi", what="wider", do="nothing")
EQUAL = BuildDifference(
    old=SIDE,
    new=replace(SIDE, label="new"),
    same_files=True,
    request=(),
    state=(),
    state_same=3,
    code=(),
    code_same=("model.py: answer",),
    model=(),
    readiness=(),
    predictions=SAME,
)
CHANGED = replace(
    EQUAL,
    same_files=False,
    new=replace(EQUAL.new, version="bbb"),
    request=(BREAKING, STRICTER, LOOSER),
    state=(StateChange(name="income_mean", role="learned", what="1 → 2", details=("a: 1 → 2", " b: 2 → 3")),),
    code=(
        CodeChange(module="features.py", name="applicant", status="changed", old_cells=(2,), new_cells=(3,), diff=("-a", "+b")),
        CodeChange(module="model.py", name="answer", status="moved", old_cells=(4,), new_cells=(5,)),
    ),
    model=(FactChange(group="checks", name="auc", old="0.731244", new="0.744001"),),
    readiness=(FactChange(group="OPS-03", name="The model code is unit tested", old="pass", new="warn"),),
    predictions=replace(
        SAME,
        same=390,
        changed=10,
        statuses=(Count(name="ok → refer", rows=4),),
        largest=(RowDifference(row=7, old="1.5", new="9.5", size=8.0, inputs=("income",)),),
    ),
)


def gates(difference: BuildDifference) -> list[str]:
    return [gate for gate, _ in closed(difference, GATES)]


def test_gates() -> None:
    assert gates(EQUAL) == []
    assert gates(CHANGED) == ["breaking", "stricter", "predictions", "any"]
    assert gates(replace(CHANGED, request=(LOOSER,), predictions=SAME)) == ["any"]
    assert gates(replace(EQUAL, request=(STRICTER,))) == ["stricter", "any"]
    assert gates(replace(EQUAL, model=CHANGED.model)) == ["any"]
    assert gates(replace(EQUAL, code=CHANGED.code[1:])) == []


def test_what_was_not_looked_at_opens_no_gate() -> None:
    assert gates(replace(EQUAL, predictions=NONE)) == []  # the same files
    assert gates(replace(EQUAL, predictions=NONE, same_files=False)) == ["predictions", "any"]
    assert gates(replace(EQUAL, request_problem="schema.py, line 3")) == ["breaking", "stricter", "any"]


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (EQUAL, "no difference; the same answers for 400 captured rows"),
        (replace(EQUAL, predictions=NONE), "no difference; answers not compared"),
        (CHANGED, "1 breaking and 1 stricter changes of the request; 10 of 400 answers changed"),
        (replace(CHANGED, request=(BREAKING,)), "1 breaking change of the request; 10 of 400 answers changed"),
        (replace(CHANGED, request=(LOOSER,), predictions=NONE), "no change breaks a caller; answers not compared"),
        (replace(EQUAL, request_problem="x"), "the request was not compared; the same answers for 400 captured rows"),
    ],
)
def test_the_headline(difference, said) -> None:
    assert headline(difference) == said


def test_its_json_is_the_difference() -> None:
    for difference in (EQUAL, CHANGED):
        assert from_json(BuildDifference, json.loads(json.dumps(to_json(difference)))) == difference


def test_the_text() -> None:
    lines = render_text(CHANGED).split("\n")
    assert lines[0] == "old  →  new"
    assert lines[1] == "loans.ipynb, version aaa → bbb"
    assert "Request      1 breaking, 1 stricter, 1 compatible" in lines
    assert "             BREAKING    tax_code  new: a text, required" in lines
    assert "                                   send it" in lines
    assert "               row 7: 1.5 → 9.5; inputs that differ: income" in lines
    assert "             checks  auc  0.7312 → 0.744 (+1.7 %)" in lines
    assert "             model.py, answer: moved (cell 4 → 5)" in lines
    assert "             features.py, applicant: changed (cell 2 → 3)" in lines
    assert "             OPS-03  The model code is unit tested  pass → warn" in lines
    assert all(len(line) <= 118 for line in lines)


def test_what_was_not_compared_is_said_in_each_form() -> None:
    unknown = replace(EQUAL, predictions=NONE, request_problem="schema.py, line 3: x", unknown=("readiness",))
    for text in (render_text(unknown), render_markdown(unknown)):
        assert "not evaluated" in text
        assert "no capture" in text
        assert "not compared" in text
    records = {record.code: record for record in difference_report(unknown, gates=(), file="f.py", exit_code=0).records}
    assert records["request"].status == records["predictions"].status == "not_evaluated"
    assert records["predictions"].message == "no capture"


def test_records_fail_where_a_gate_is_closed_and_warn_without() -> None:
    def statuses(*gates: str) -> dict[str, str]:
        report = difference_report(CHANGED, gates=gates, file="f.py", exit_code=1)  # type: ignore[arg-type]
        return {f"{record.code} {record.name}": record.status for record in report.records}

    assert statuses()["request:field-added tax_code"] == "warn"
    assert statuses("breaking")["request:field-added tax_code"] == "fail"
    assert statuses("breaking")["request:range age"] == "warn"
    assert statuses("breaking")["request:range bmi"] == "note"
    assert statuses("stricter")["gate:stricter --fail-on stricter"] == "fail"
    assert "pass" in {
        record.status
        for record in difference_report(EQUAL, gates=(), file="f.py", exit_code=0).records
        if record.code == "request"
    }


def test_names_of_others_are_no_formatting_of_a_comment() -> None:
    nasty = replace(BREAKING, where="<img src=x> @team `a` [b](c) | *d*")
    text = render_markdown(replace(CHANGED, request=(nasty,)))
    row = next(line for line in text.split("\n") if line.startswith("| **breaking**"))
    assert "<img" not in row
    assert "@team" not in row
    assert "[b](c)" not in row
    assert row.replace("\\|", "").count("|") == 5


def test_code_can_not_end_its_block() -> None:
    change = replace(CHANGED.code[0], diff=("+x = '''", "+```", "+'''"))
    text = render_markdown(replace(CHANGED, code=(change,)))
    assert "````````diff\n+x = '''\n+```\n+'''\n````````" in text


def test_a_comment_is_never_too_long() -> None:
    change = replace(CHANGED.code[0], diff=tuple("+" + "x" * 999 for _ in range(100)))
    text = render_markdown(replace(CHANGED, code=(change,)))
    assert len(text) <= LONGEST
    assert "too long for a comment" in text
    assert "**breaking**" in text


@pytest.mark.parametrize(("rows", "most", "drawn"), [(8, 8, "█"), (4, 8, "▌"), (1, 1000, "▏"), (0, 8, ""), (0, 0, "")])
def test_bars(rows, most, drawn) -> None:
    assert bar(rows, most, width=1) == drawn


@pytest.mark.parametrize("difference", [EQUAL, CHANGED])
def test_the_document_is_as_the_schema_says(difference: BuildDifference) -> None:
    text = render(difference, "json", gates=("any", "breaking"), exit_code=0)
    check_document(["diff", "old", "new", "--format", "json"], text)
    with pytest.raises(ValidationError):
        check_document(["diff", "old", "new", "--format", "json"], text.replace('"state_same"', '"state_alike"'))
