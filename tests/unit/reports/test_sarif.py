"""SARIF: valid by its schema, each finding at its line of the file, and a fingerprint that survives edits elsewhere."""

import json
from dataclasses import replace

import jsonschema
import pytest

from nb2svc.reports.sarif import render_sarif
from unit.reports.samples import CELLS, FINDINGS, findings_report, notebook_text


@pytest.mark.parametrize("name", ["report", "verdict_report", "stopped", "empty"])
def test_every_report_is_valid(request, check_sarif, name):
    check_sarif(render_sarif(request.getfixturevalue(name)))


@pytest.mark.parametrize(
    "breaking",
    [
        lambda run: run["results"][0].update(level="refusal"),
        lambda run: run["results"][0].update(line=3),
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run["invocations"][0].pop("executionSuccessful"),
    ],
)
def test_the_schema_rejects_a_broken_document(check_sarif, report, breaking):
    document = json.loads(render_sarif(report))
    breaking(document["runs"][0])
    with pytest.raises(jsonschema.ValidationError):
        check_sarif(json.dumps(document))


def test_a_finding_stands_at_its_line_of_the_file_and_in_its_cell(check_sarif, report, content):
    result = check_sarif(render_sarif(report))["results"][0]
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "note%20books/fr%C3%BCh%2C%201.ipynb"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == 'cell 2 "früh", line 2'
    region = location["physicalLocation"]["region"]
    line = content.decode().split("\n")[region["startLine"] - 1]
    written = line[region["startColumn"] - 1 : region["endColumn"] - 1]
    assert json.loads(f'"{written}"') == CELLS[1].split("\n")[1][13:43]


def test_the_message_has_place_reason_and_remedy(check_sarif, report):
    result = check_sarif(render_sarif(report))["results"][0]
    assert result["level"] == "error"
    assert result["message"]["text"].startswith('cell 2 "früh", line 2: a `key` & <more>: 100%\nsecond line')
    assert result["message"]["text"].endswith("Do this: Read it from `os.environ`, e.g. os.environ['K'].")


def test_a_finding_about_the_whole_notebook_stands_in_its_first_line(check_sarif, report):
    location = check_sarif(render_sarif(report))["results"][3]["locations"][0]
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    assert "logicalLocations" not in location


def test_a_rule_has_its_page(check_sarif, report):
    run = check_sarif(render_sarif(report))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["NB223", "NB225", "NB228"]
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == ["error", "warning", "note"]
    assert rules[0]["shortDescription"]["text"] == "A secret in the code."
    assert "committed, copied and shared" in rules[0]["fullDescription"]["text"]
    assert "**Fix.**" in rules[0]["help"]["markdown"]
    assert [run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]


def prints(run: dict) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


def test_a_fingerprint_survives_edits_of_other_cells(check_sarif, report):
    moved = notebook_text("# a new cell", CELLS[0] + "\nloans.head()", CELLS[1], indent=None)
    again = [
        replace(
            finding, message=f"{finding.message} more", span=finding.span and replace(finding.span, cell=finding.span.cell + 1)
        )
        for finding in FINDINGS
    ]
    before = check_sarif(render_sarif(report))
    assert prints(check_sarif(render_sarif(findings_report(moved, again)))) == prints(before)


def test_two_findings_of_one_line_have_two_fingerprints(check_sarif, report):
    found = prints(check_sarif(render_sarif(report)))
    assert len(set(found)) == 4
    assert found[1].split(":")[0] == found[2].split(":")[0]


def test_another_line_has_another_fingerprint(check_sarif, report):
    changed = notebook_text(CELLS[0].replace("loans.csv", "other.csv"), CELLS[1])
    one, other = check_sarif(render_sarif(report)), check_sarif(render_sarif(findings_report(changed)))
    assert prints(one)[1] != prints(other)[1]
    assert prints(one)[0] == prints(other)[0]


def test_only_what_is_wrong_is_a_result(check_sarif, verdict_report):
    run = check_sarif(render_sarif(verdict_report))
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("proof", "error"), ("proof", "warning"), ("DAT-01", "error"), ("DAT-04", "warning"),
    ]  # fmt: skip
    assert all(each["locations"] for each in run["results"]), "GitHub refuses a result without a place"
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert notes == ["proof http was not evaluated: http: no server", "BIZ-01 Workflow was not evaluated: Nobody said."]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["DAT-01"]["fullDescription"]["text"] == "Lost data."
    assert "fullDescription" not in rules["proof"]
    failed = run["results"][0]
    assert failed["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == 'cell 2 "früh", line 3'
    assert "row 0: risk is 0, in the notebook 1" in failed["message"]["text"]
    assert "first differs in column a" in failed["message"]["text"]


def test_an_error_is_no_success(check_sarif, stopped):
    invocation = check_sarif(render_sarif(stopped))["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].split("\n")[0] == "there is no notebook x: y"
