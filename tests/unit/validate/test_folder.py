import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from architecture.source_tree import ROOT
from document_schema import validation_schema
from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.codec import to_json
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.validate.folder import (
    NOTED,
    commit,
    finished_run,
    place_of,
    read_validation,
    staged_run,
    validation_folder,
    write_validation,
)
from unit.ir.test_validation import RESULT, VALIDATION

SPEC = RunSpec(key="0123456789abcdef01")


def keep(folder: Path, result: RunResult) -> None:
    with staged_run(folder) as staged:
        (staged / NOTED).write_text("{}")
        commit(staged, folder, result)


def test_a_run_is_there_whole_or_not_at_all(tmp_path: Path):
    result = replace(RESULT, key=SPEC.key, spec=SPEC)
    with validation_folder(tmp_path):
        with staged_run(tmp_path) as staged:
            (staged / NOTED).write_text("{}")
        assert finished_run(tmp_path, SPEC) is None
        assert [path for path in (tmp_path / "runs").iterdir() if path.is_dir()] == []
        keep(tmp_path, result)
        assert finished_run(tmp_path, SPEC) == (result, {})
        keep(tmp_path, replace(result, status="ok"))
        assert finished_run(tmp_path, SPEC)[0].status == "ok"
        assert [path.name for path in (tmp_path / "runs").iterdir() if path.is_dir()] == ["0123456789abcdef"]


def test_a_damaged_run_is_made_again(tmp_path: Path):
    with validation_folder(tmp_path):
        keep(tmp_path, replace(RESULT, key=SPEC.key, spec=SPEC))
        (tmp_path / place_of(SPEC) / "result.json").write_text("{")
        assert finished_run(tmp_path, SPEC) is None


def test_what_killed_runs_left_goes_and_the_folder_is_ignored_by_git(tmp_path: Path):
    (tmp_path / "runs" / ".run-dead").mkdir(parents=True)
    second = validation_folder(tmp_path)
    with validation_folder(tmp_path), pytest.raises(EnvironmentProblem, match="is being filled by another process"):
        second.__enter__()
    assert [path for path in (tmp_path / "runs").iterdir() if path.is_dir()] == []
    assert (tmp_path / "runs" / ".gitignore").read_text() == "*\n"
    assert not (tmp_path / ".gitignore").exists()


def test_the_folder_of_another_notebook_is_left_alone(tmp_path: Path):
    write_validation(tmp_path, VALIDATION)
    with validation_folder(tmp_path, notebook="loans.ipynb"):
        pass
    with (
        pytest.raises(UsageError, match=r"holds the validation of loans\.ipynb"),
        validation_folder(tmp_path, notebook="cars.ipynb"),
    ):
        pass


def test_a_folder_that_can_t_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="can't keep the runs"), validation_folder(tmp_path / "file"):
        pass


def test_the_document_follows_its_schema_and_comes_back(tmp_path: Path):
    schema = json.loads((ROOT / "docs" / "validation.schema.json").read_text())
    assert schema == validation_schema(), "run `make schema`"
    Draft202012Validator.check_schema(schema)
    document = to_json(VALIDATION)
    Draft202012Validator(schema).validate(json.loads(json.dumps(document)))
    assert list(schema["properties"]) == list(document)
    document["runs"][0]["status"] = "fine"
    assert not Draft202012Validator(schema).is_valid(json.loads(json.dumps(document)))
    assert read_validation(write_validation(tmp_path, VALIDATION)) == VALIDATION
    (tmp_path / "validation.json").write_text("[]")
    with pytest.raises(EnvironmentProblem, match=r"validation\.json can't be read"):
        read_validation(tmp_path / "validation.json")
