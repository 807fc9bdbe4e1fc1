"""A validation before it is begun: its runs counted, and each field that is wrong named, by the command's own checks."""

import json
from pathlib import Path

import nbformat
import pytest

from document_schema import validator
from nb2svc.cli.planned import planned_document
from nb2svc.errors import RefusalError
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.validate.folder import write_validation


def content(*cells: str) -> bytes:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    if made.cells:
        made.cells[0].metadata["tags"] = ["parameters"]
    return nbformat.writes(made).encode()


NOTEBOOK = content("seed = 1\nrate = 0.5\nname = 'a'", "# nb2svc: check good\nassert rate")


def planned(fields: dict[str, tuple[str, ...]], *, place: Path = Path("/nowhere/a.ipynb"), notebook: bytes = NOTEBOOK) -> dict:
    document = planned_document(notebook, "a.ipynb", place=str(place), fields=fields)
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
    assert planned(fields) == {"version": 1, "findings": [], "error": None, "runs": 24, "wrong": [], "last": None}


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
    assert "is no time; write 30m" in found["timeout"]


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
    # A file's margins are held to by the command, which may read it.
    assert planned({**margin, "baseline": ("--baseline=champion.json",)})["runs"] == 1


def test_a_last_validation_that_can_not_be_read_is_none(validated: Path) -> None:
    (validated.parent / ".nb2svc" / "a" / "validation" / "validation.json").write_text("{")
    assert planned({}, place=validated)["last"] is None


def test_a_misspelt_tag_is_told_as_such() -> None:
    with pytest.raises(RefusalError):
        planned({}, notebook=content("x = 1", "# nb2svc: feture ages\nx"))


def test_nothing_is_made_where_nothing_was(tmp_path: Path) -> None:
    planned({"baseline": ("--baseline=last",)}, place=tmp_path / "a.ipynb")
    assert list(tmp_path.iterdir()) == []
