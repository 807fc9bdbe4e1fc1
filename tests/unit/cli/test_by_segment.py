"""Segments in each form that a validation is told in: text, test reports, records where people look at code, and the page."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nb2svc.cli.reporting import validation_report
from nb2svc.cli.validation import render_validation
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import BySegment, MetricValue, Validation
from nb2svc.reports.render import render_report
from nb2svc.reports.validation_page import validation_page
from nb2svc.validate.verdict import judge
from unit.capture.made import made
from unit.validate.segments.divided import NORTH, of, run

SOURCES = ("seed = 1", "x = 1", "y = 2", "# nb2svc: check good\nassert x == 1")


@pytest.fixture
def told(tmp_path: Path) -> tuple[Validation, Notebook]:
    first, second = run(0, check="fail"), run(1)
    found = BySegment(rows=first.segments.rows, found=(("region", "loans, by index label"),), untouched=("data",))
    odd = MetricValue(name="loss", value=None, segment=NORTH, note="can't be told of its 90 rows: <one> class")
    validation = of(replace(first, segments=found, metrics=(*first.metrics, odd)), second)
    notebook, _ = made(*SOURCES, path=str(tmp_path / "loans.ipynb"))
    return replace(validation, judgement=judge(validation)), notebook


def test_the_text_has_a_line_for_each_segment_and_names_the_worst(told):
    lines = render_validation(told[0], told[1], folder="runs").split("\n")
    at = lines.index("segments")
    assert [line.split() for line in lines[at + 1 : at + 4]] == [
        ["rows", "auc", "loss", "check", "good"],
        ["region=south", "200", "0.805", "(0.7415", "to", "0.8685)", "2", "of", "2", "passed"],
        [
            "region=north",
            "90",
            "to",
            "91",
            "0.705",
            "(0.6415",
            "to",
            "0.7685)",
            "no",
            "number",
            "1",
            "of",
            "2",
            "passed,",
            "1",
            "failed",
        ],
    ]
    assert lines[at + 4 : at + 6] == [
        "  region: as in loans, by index label",
        "  not by segment, since they read no held-out row: data",
    ]
    assert "  auc  region=north: 0.705  0.7505 in all  between 0.6415 and 0.7685, with 95 % confidence" in lines
    assert '  seed=0  cell 4 "good", line 2 [region=north]: can\'t be told of its 3 rows' in lines
    assert lines[lines.index("runs") + 2].split()[:4] == ["seed=0", "failed", "in", "region=north"]
    # What is told of all rows stays apart.
    assert [line for line in lines if line.startswith("  good")] == [
        "  good  cell 4  2 of 2 passed",
        "  good  fails in none of 2 (up to 84% is likely)",
    ]


def test_a_test_report_has_a_case_for_each_segment(told):
    report = validation_report(*told, each=True, exit_code=1)
    cases = {case.get("name"): case for case in ET.fromstring(render_report(report, "junit")).iter("testcase")}
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == ['good [seed=0; region=north], cell 4 "good", line 2']
    assert 'good [seed=0], cell 4 "good"' in cases
    assert 'good [seed=1; region=south], cell 4 "good"' in cases


def test_where_people_look_at_code_a_segment_is_a_record_of_its_own(told):
    report = validation_report(*told, each=False, exit_code=1)
    results = json.loads(render_report(report, "sarif"))["runs"][0]["results"]
    (bad,) = [one for one in results if one.get("level") == "error"]
    assert "good [region=north] failed in 1 of 2 runs, first with seed=0: " in bad["message"]["text"]
    assert "good [region=north] failed" in render_report(report, "github")
    prints = [json.dumps(one.get("partialFingerprints")) for one in results]
    assert len(set(prints)) == len(prints)


def test_the_page_draws_each_metric_by_segment_and_says_what_can_t_be_told(told):
    page = validation_page(*told)
    part = page[page.index("<h2>Segments</h2>") : page.index("<h2>Checks</h2>")]
    assert part.count("<svg") == 1
    assert 'aria-label="auc by the segments of region; the table beside it has the numbers"' in part
    assert part.count("bad run") == 1
    assert "worst in region=north: mean 0.705" in part
    # The worst is told in the table, and its name in the picture is bold.
    assert part.count("north (worst)</th>") == part.count("(worst)") == part.count('<text class="marked"') == 1
    assert "✗ 1 of 2 failed" in part
    assert "✗ failed in region=north" in page
    assert "&lt;one&gt; class" in part
    assert "Not by segment, since they read no held-out row: data." in " ".join(part.split())
    assert "<h2>Segments</h2>" not in validation_page(
        replace(told[0], judgement=judge(of(replace(run(0), segments=None)))), told[1]
    )
