"""A validation before it is begun: its runs counted, and each field that is wrong named, by the command's own checks."""

import json
from pathlib import Path

import nbformat
import pytest

from document_schema import validator
from nb2svc.cli.planned import planned_document
from nb2svc.errors import RefusalError
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.folder import write_validation


def content(*cells: str) -> bytes:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    if made.cells:
        made.cells[0].metadata["tags"] = ["parameters"]
    return nbformat.writes(made).encode()


NOTEBOOK = content("seed = 1\nrate = 0.5\nname = 'a'", "# nb2svc: check good\nassert rate")


def planned(
    fields: dict[str, tuple[str, ...]],
    *,
    place: Path = Path("/nowhere/a.ipynb"),
    notebook: bytes = NOTEBOOK,
    files: dict[str, str] | None = None,
) -> dict:
    document = planned_document(notebook, "a.ipynb", place=str(place), fields=fields, files=files)
    validator("PlannedRunsDocument").validate(json.loads(json.dumps(document)))
    return document


def wrong(document: dict) -> dict[str, str]:
    assert document["runs"] is None
    return {each["field"]: each["problem"]["what"] for each in document["wrong"]}


@pytest.fixture
def validated(tmp_path: Path) -> Path:
    """A notebook that was validated once, with one metric."""
    folder = tmp_path / ".nb2svc" / "a" / "validation"
    folder.mkdir(parents=True)
    run = RunResult(key="1", spec=RunSpec(key="1"), status="ok", metrics=(MetricValue(name="auc", value=0.9),))
    write_validation(folder, Validation(notebook="a.ipynb", notebook_digest="d", runs=(run,), began="2026-11-27T10:00:00"))
    return tmp_path / "a.ipynb"


def test_runs_are_counted_before_they_are_made() -> None:
    assert planned({})["runs"] == 1
    fields = {"parameters.rate": ("-p", "rate=1"), "grid.seed": ("--grid", "seed=1..8"), "repeat": ("--repeat=3",)}
    offered = {"matrices": [], "validations": [], "projects": []}
    assert planned(fields) == {
        "version": 1, "findings": [], "error": None, "runs": 24, "wrong": [], "last": None, "offered": offered
    }  # fmt: skip


def test_each_wrong_field_is_named_with_what_the_command_says_of_it() -> None:
    fields = {
        "parameters.rate": ("-p", "rate=high"),
        "parameters.rat": ("-p", "rat=1"),
        "grid.seed": ("--grid", "seed=1,2"),
        "repeat": ("--repeat=0",),
        "timeout": ("--timeout=soon",),
        "margins.auc": ("--margin=auc=-1",),
        "jobs": ("--jobs=2",),
    }
    found = wrong(planned(fields))
    assert set(found) == set(fields) - {"jobs"}
    assert found["parameters.rate"] == "-p rate=high: rate is a number in the notebook"
    assert found["grid.seed"] == "--grid seed=1,2 is no grid"
    assert found["timeout"].endswith("is no time")


def test_what_only_all_together_shows_is_told_too(validated: Path) -> None:
    many = {"grid.seed": ("--grid", "seed=1..200"), "repeat": ("--repeat=100",)}
    assert wrong(planned(many)) == {"": "that would be 20,000 runs"}
    margin, last = {"margins.auc": ("--margin=auc=0.1",)}, {"baseline": ("--baseline=last",)}
    assert wrong(planned(margin)) == {"margins.auc": "there is nothing to compare with"}
    assert wrong(planned({**margin, **last})) == {"baseline": "there is no last validation"}
    document = planned({**margin, **last}, place=validated)
    assert (document["runs"], document["last"]) == (1, {"began": "2026-11-27T10:00:00", "runs": 1, "metrics": ["auc"]})
    assert wrong(planned({"margins.acu": ("--margin=acu=0.1",), **last}, place=validated)) == {
        "margins.acu": "the baseline has no metric acu; did you mean auc?"
    }
    both = {"lower": ("--lower-is-better=auc",), "higher": ("--higher-is-better=auc",)}
    assert wrong(planned(both)) == {"lower": "auc can't be better both ways"}
    # A file that nobody found is read by the command.
    assert planned({**margin, "baseline": ("--baseline=champion.json",)})["runs"] == 1


def test_a_last_validation_that_can_not_be_read_is_none(validated: Path) -> None:
    (validated.parent / ".nb2svc" / "a" / "validation" / "validation.json").write_text("{")
    assert planned({}, place=validated)["last"] is None


def test_a_misspelt_tag_is_told_as_such() -> None:
    with pytest.raises(RefusalError, match="1 thing in the notebook can't be run"):
        planned({}, notebook=content("x = 1", "# nb2svc: feture ages\nx"))


def test_nothing_is_made_where_nothing_was(tmp_path: Path) -> None:
    planned({"baseline": ("--baseline=last",)}, place=tmp_path / "a.ipynb")
    assert list(tmp_path.iterdir()) == []


def test_cases_of_a_file_are_counted_and_what_is_wrong_with_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("- {rate: 0.1}\n- {rate: 0.1}\n- {rate: 2.0}\n")
    matrix, files = {"matrix": ("--matrix=cases.yaml",)}, {"matrix": str(file)}
    # Of equal cases one is run.
    assert planned(matrix, files=files)["runs"] == 2
    file.write_text("small: {rate: 0.1}\nmiddle: {rate: 0.2}\nlarge: {rate: 2.0}\n")
    assert planned({**matrix, "grid.seed": ("--grid", "seed=1..4")}, files=files)["runs"] == 12
    assert wrong(planned({**matrix, "parameters.rate": ("-p", "rate=1")}, files=files)) == {
        "matrix": "rate is given by -p and by --matrix (case large)"
    }
    file.write_text("- {rat: 1}\n")
    assert "rat" in wrong(planned(matrix, files=files))["matrix"]
    file.write_text("a: [\n")
    assert wrong(planned(matrix, files=files)) == {"matrix": "cases.yaml is no YAML"}
    assert wrong(planned(matrix, files={"matrix": str(tmp_path)})) == {"matrix": "cases.yaml is a folder, not a file of cases"}
    # One that only the command can read is counted by nobody.
    assert (planned(matrix)["runs"], planned(matrix)["wrong"]) == (None, [])


def test_a_file_that_is_not_there_is_told_with_the_one_beside_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text("- {}\n")
    fields = {"matrix": ("--matrix=cases.yaml",), "project": ("--project=loans",), "gate.champion": ("--gate", "champion=a.json")}
    files = dict.fromkeys(fields, "")
    document = planned_document(NOTEBOOK, "below/a.ipynb", place=str(tmp_path / "a.ipynb"), fields=fields, files=files)
    assert wrong(document) == {
        "matrix": "there is no file cases.yaml",
        "project": "there is no folder loans",
        "gate.champion": "there is no file a.json",
    }
    assert "did you mean below/cases.yaml?" in document["wrong"][0]["problem"]["fix"]


def test_a_gate_is_checked_before_it_is_asked_for(validated: Path) -> None:
    champion = validated.parent / ".nb2svc" / "a" / "validation" / "validation.json"
    gate, files = {"gate.champion": ("--gate", "champion=champion.json")}, {"gate.champion": str(champion)}
    margin = {"margins.auc": ("--margin=auc=0.01",)}
    assert "nothing is declared" in wrong(planned(gate, files=files))["gate.champion"]
    assert planned({**gate, **margin}, files=files)["runs"] == 1
    assert wrong(planned({**gate, "margins.acu": ("--margin=acu=0.01",)}, files=files)) == {
        "gate.champion": "the champion has no metric acu; did you mean auc?"
    }
    # What the notebook's tags declare decides, too.
    tagged = content("auc = 1", "# nb2svc: check good metrics=auc margin=auc:0.1\nassert auc")
    assert planned(gate, files=files, notebook=tagged)["runs"] == 1
    assert "there is no gate" in wrong(planned({"other_data": ("--other-data",)}))["gate.champion"]
    champion.write_text("{}")
    assert "is no validation" in wrong(planned({**gate, **margin}, files=files))["gate.champion"]


def test_margins_are_held_against_a_baseline_that_is_a_file(validated: Path) -> None:
    files = {"baseline": str(validated.parent / ".nb2svc" / "a" / "validation")}
    fields = {"baseline": ("--baseline=kept",), "margins.acu": ("--margin=acu=0.01",)}
    assert wrong(planned(fields, files=files)) == {"margins.acu": "the baseline has no metric acu; did you mean auc?"}


def test_the_service_needs_a_project_of_the_notebook_as_it_is(tmp_path: Path) -> None:
    notebook, service = tmp_path / "a.ipynb", {"service": ("--service",)}
    document = planned(service, place=notebook)
    assert wrong(document) == {"service": "a.ipynb was not built yet"}
    assert "nb2svc build a.ipynb" in document["wrong"][0]["problem"]["fix"]
    runtime = tmp_path / "loans" / "loans" / "_nb2svc"
    runtime.mkdir(parents=True)
    (tmp_path / "loans" / "readiness.json").write_text("{}")
    origin = {"notebook": "a.ipynb", "notebook_digest": "other"}
    (runtime / "origin.json").write_text(json.dumps(origin))
    document = planned(service, place=notebook)
    assert wrong(document) == {"service": "loans was built from another state of a.ipynb"}
    assert document["offered"]["projects"] == [{"path": "loans", "current": False}]
    origin["notebook_digest"] = parse_notebook(NOTEBOOK, path="a.ipynb")[0].digest
    (runtime / "origin.json").write_text(json.dumps(origin))
    document = planned({**service, "grid.seed": ("--grid", "seed=1..3")}, place=notebook)
    assert (document["runs"], document["offered"]["projects"]) == (3, [{"path": "loans", "current": True}])
    named = {"project": ("--project=b",)}
    assert wrong(planned({**service, **named}, place=notebook, files={"project": str(tmp_path / "loans" / "loans")})) == {
        "service": "loans is no built project"
    }
    assert wrong(planned(named, files={"project": str(tmp_path)})) == {"service": "--project says nothing alone"}


def test_files_near_the_notebook_are_offered(validated: Path) -> None:
    top = validated.parent
    kept = (top / ".nb2svc" / "a" / "validation" / "validation.json").read_bytes()
    (top / "kept").mkdir()
    for name, written in {
        "b.yaml": b"",
        "kept/c.yml": b"",
        "kept/champion.json": kept,
        "other.json": b"{}",
        ".d.yaml": b"",
    }.items():
        (top / name).write_bytes(written)
    document = planned_document(NOTEBOOK, "x/a.ipynb", place=str(validated), fields={})
    assert document["offered"] == {
        "matrices": ["x/b.yaml", "x/kept/c.yml"],
        "validations": ["x/kept/champion.json"],
        "projects": [],
    }
