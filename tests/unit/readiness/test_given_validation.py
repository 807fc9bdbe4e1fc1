"""`--validation`: what CI validated in another step is evidence of this build, or is refused; it is never taken for something else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from nb2svc.building import check_validation, validation_given
from nb2svc.cli.main import main
from nb2svc.config import BuildOptions
from nb2svc.errors import UsageError
from nb2svc.ir.validation import Parameter, RunSpec
from nb2svc.readiness.assess import assess
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence.validations import counting, read_given
from nb2svc.validate.folder import write_validation
from unit.readiness.validated import make_validation

BOUND = tuple(each for each in EVALUATORS if each.id in ("OPS-05", "GOV-07"))
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": "# nb2svc: model\nmodel = x",
            "outputs": [],
            "execution_count": None,
        },
    ],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}  # fmt: skip


@pytest.fixture
def elsewhere(world, tmp_path):
    """A validation of the world's notebook in a folder of its own, as an earlier step of CI left it."""
    folder = tmp_path / "from an earlier step"
    folder.mkdir()
    write_validation(folder, make_validation(world.inputs.notebook))
    return folder


def options(world, given: Path) -> BuildOptions:
    return BuildOptions(notebook=Path(world.inputs.notebook.path), validation=given)


def changed(folder: Path, **fields: object) -> None:
    document = json.loads((folder / "validation.json").read_bytes())
    (folder / "validation.json").write_text(json.dumps({**document, **fields}))


def statuses(inputs) -> dict[str, str]:
    return {item.id: item.status for item in assess(inputs, BOUND).items if item.id in ("OPS-05", "GOV-07")}


@pytest.mark.parametrize("name", ["", "validation.json"])
def test_a_file_or_its_folder_is_evidence(world, elsewhere, name) -> None:
    found = validation_given(options(world, elsewhere / name), world.inputs.notebook)
    check_validation(found, options(world, elsewhere), world.inputs.capture)
    assert statuses(world.but(validation=found)) == {"OPS-05": "pass", "GOV-07": "pass"}
    assert statuses(world.but(validation=None)) == {"OPS-05": "warn", "GOV-07": "not_evaluated"}


def test_nobody_need_name_one(world) -> None:
    assert validation_given(BuildOptions(notebook=Path(world.inputs.notebook.path)), world.inputs.notebook) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no file"),
        ("{", "is no validation"),
        ("[]", "is no validation"),
        ("[" * 100_000, "is no validation"),
        ('{"notebook": "loans.ipynb"}', "is no validation"),
        ('{"format": 0, "runs": []}', "is of another nb2svc"),
        ('{"format": 2}', "its form is 2, and this nb2svc reads 1"),
        (b"\xff\xfe", "is no validation"),
    ],
)
def test_what_can_not_be_read_is_an_error_with_its_cure(tmp_path, content, said) -> None:
    path = tmp_path / "validation.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for given in (path, tmp_path):
        with pytest.raises(UsageError) as error:
            read_given(given)
        assert said in f"{error.value.what} {error.value.why}"
        assert error.value.where == f"--validation {given}"
        assert error.value.fix


def test_one_without_runs_is_no_evidence(world, elsewhere) -> None:
    made = make_validation(world.inputs.notebook)
    write_validation(elsewhere, replace(made, runs=tuple(replace(run, status="not_run") for run in made.runs)))
    with pytest.raises(UsageError, match="has no runs"):
        read_given(elsewhere)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"notebook_digest": "b" * 64}, "is a validation of another state of loans.ipynb"),
        ({"notebook": "b/churn.ipynb", "notebook_digest": "b" * 64}, "is a validation of churn.ipynb, not of loans.ipynb"),
    ],
)
def test_one_of_another_notebook_is_refused_before_anything_runs(world, elsewhere, fields, said) -> None:
    changed(elsewhere, **fields)
    with pytest.raises(UsageError) as error:
        validation_given(options(world, elsewhere), world.inputs.notebook)
    assert said in error.value.what


def test_one_on_another_file_is_refused_before_anything_runs(world, elsewhere) -> None:
    Path(world.inputs.notebook.path).with_name("loans.csv").write_text("age,income\n99,1\n")
    with pytest.raises(UsageError, match="is a validation on another"):
        validation_given(options(world, elsewhere), world.inputs.notebook)


def test_what_only_the_run_can_tell_is_refused_after_it(world, elsewhere) -> None:
    made = make_validation(world.inputs.notebook)
    asked = options(world, elsewhere)
    unread = replace(made, runs=tuple(replace(run, inputs=()) for run in made.runs))
    with pytest.raises(UsageError, match="did not read"):
        check_validation(unread, asked, world.inputs.capture)
    assert statuses(world.but(validation=unread)) == {"OPS-05": "warn", "GOV-07": "not_evaluated"}
    fixed = replace(made, defaults=(Parameter(name="months", value="12"),))
    check_validation(fixed, asked, world.inputs.capture)
    other = replace(world.inputs.capture, parameters=(("months", "3"),))
    with pytest.raises(UsageError, match="had months=12, the build 3"):
        check_validation(fixed, asked, other)


def test_a_parameter_that_the_runs_vary_is_no_other_model(world) -> None:
    made = make_validation(world.inputs.notebook)
    varied = replace(made, defaults=(Parameter(name="seed", value="7"),))
    assert counting(world.but(validation=varied)).why == ""
    alike = replace(
        varied,
        runs=tuple(replace(run, spec=RunSpec(key=run.key, parameters=(Parameter(name="seed", value="1"),))) for run in made.runs),
    )
    assert counting(world.but(validation=alike)).why == "its last validation had seed=1, the build 7"
    same = replace(alike, defaults=(Parameter(name="seed", value="1.0"),))
    assert counting(world.but(validation=same)).why == ""


@pytest.mark.parametrize("command", [["build", "loans.ipynb"], ["ready", "loans"]])
def test_the_commands_say_what_is_wrong_with_it(tmp_path, monkeypatch, command) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loans.ipynb").write_text(json.dumps(NOTEBOOK))
    Path("loans/loans/_nb2svc").mkdir(parents=True)
    Path("loans/readiness.json").write_text('{"version": 1, "service": "loans", "notebook": "", "steps": []}')
    for given, content, said in (
        ("none.json", None, "there is no file none.json"),
        ("old.json", '{"format": 0}', "old.json is of another nb2svc"),
        ("bad.json", "{", "bad.json is no validation"),
    ):
        if content:
            Path(given).write_text(content)
        result = CliRunner().invoke(main, [*command, "--validation", given])
        assert (result.exit_code, said in result.output) == (2, True), result.output
        assert "do this" in result.output
    assert not Path(".nb2svc").exists() or not list(Path(".nb2svc").rglob("manifest.json"))
