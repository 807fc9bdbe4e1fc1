"""`nb2svc validate --service`: the real training.py of a real project beside real runs, and faults planted in copies of it."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conftest import Built
from dask_cluster import cluster
from nb2svc.cli.reporting import validation_report
from nb2svc.cli.validation import render_validation
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.reports.render import render_report
from nb2svc.reports.validation_page import validation_page
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.judge import exit_code
from nb2svc.validate.sets import Asked
from served_example import NAME, generated, with_parameters

pytestmark = pytest.mark.kernel

ASKED: dict[str, Any] = {
    "parameters": (("per", "50"), ("label", "second"), ("alpha", "0.5")),
    "matrix": b"- {split: 3, limit: 60}\n- {split: 4, limit: 10}\n",
}


@dataclass(frozen=True, slots=True)
class Served:
    """The example with a parameters cell, and the project that was made from it."""

    notebook: Path
    project: Path

    def validated(
        self, *, project: Path | None = None, output: Path | None = None, executor: str = "local", **asked: Any
    ) -> tuple[Validation, Notebook]:
        options = ValidateOptions(
            notebook=self.notebook, asked=Asked(**asked), jobs=2, retries=0, service=True, project=project,
            output=str(output) if output else None, executor=executor,
        )  # fmt: skip
        made = validate(self.notebook.read_bytes(), options, environment={}, progress=lambda _: None)
        return made.validation, made.notebook

    def with_fault(self, folder: Path, file: str, old: str, new: str) -> tuple[RunResult, Validation, Notebook]:
        """One run beside a copy of the project in which a line was changed."""
        copy = folder / "planted"
        shutil.copytree(self.project, copy)
        path = copy / NAME / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
        validation, notebook = self.validated(project=copy, output=folder / "runs")
        (run,) = validation.runs
        return run, validation, notebook


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    notebook = with_parameters(tmp_path_factory.mktemp("served"))
    return Served(notebook, generated(notebook))


@pytest.fixture(scope="module")
def told(served: Served) -> tuple[Validation, Notebook]:
    return served.validated(**ASKED)


def test_the_service_answers_as_each_run_does(told: tuple[Validation, Notebook]):
    validation, _ = told
    assert len(validation.runs) == 2
    for run in validation.runs:
        service = run.service
        assert (service.status, service.reason, service.failure, service.divergence) == ("pass", "", None, None)
        assert (service.project, service.compared, service.identical) == (NAME, 442, 442)
        assert {mode.name: (mode.status, mode.compared) for mode in service.modes} == {
            "predictions": ("pass", 111), "inputs": ("pass", 442), "retrain": ("pass", 111), "alone": ("pass", 100),
            "shuffled": ("pass", 442), "repeat": ("pass", 50),
        }  # fmt: skip
    # The check's own parameter reached the generated check, too.
    assert {(run.spec.value("limit"), run.status, run.service.checks[0].outcome) for run in validation.runs} == {
        ("60", "ok", "pass"),
        ("10", "failed", "fail"),
    }
    # No project, no capture and no training is left in the runs' folders.
    names = {
        path.name for run in validation.runs for path in (Path(validation.notebook).parent).glob(f".nb2svc/*/*/{run.folder}/*")
    }
    assert names == {"executed.ipynb", "kernel.log", "facts.json", "result.json"}


@pytest.mark.skipif(sys.platform != "linux", reason="the cluster's processes are looked for in /proc")
def test_on_a_cluster_the_service_travels_with_each_run(served: Served, told: tuple[Validation, Notebook], tmp_path: Path):
    with cluster(tmp_path / "dask") as dask:
        dask.start_worker("alpha")
        once = {**ASKED, "matrix": b"- {split: 3, limit: 60}\n"}
        there, _ = served.validated(executor=dask.executor, output=tmp_path / "runs", **once)
    here = told[0].runs[0]
    (run,) = there.runs
    assert run.worker.startswith("tcp://127.0.0.1:")
    assert (run.status, replace(run.service, seconds=0.0)) == (here.status, replace(here.service, seconds=0.0))


def test_a_second_command_takes_what_was_compared(served: Served, told: tuple[Validation, Notebook], tmp_path: Path):
    again, _ = served.validated(**ASKED)
    assert all(run.reused for run in again.runs)
    assert [run.service for run in again.runs] == [run.service for run in told[0].runs]
    options = ValidateOptions(notebook=served.notebook, asked=Asked(**ASKED), jobs=2)
    alone = validate(served.notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation
    assert {(run.reused, run.service) for run in alone.runs} == {(True, None)}


def test_what_is_shown_of_a_service_that_answers_alike(told: tuple[Validation, Notebook]):
    validation, notebook = told
    text = " ".join(render_validation(validation, notebook, folder="runs").split())
    assert f"service {NAME}, trained again with each run's parameters" in text
    assert "answers alike 2 of 2 runs answers 111 of 111, model inputs 442 of 442" in text
    assert "check mae holds for the service in 1 of 2" in text
    cases = [case for case in junit(validation, notebook) if case.get("classname") == "service"]
    assert len(cases) == 2
    assert not any(len(case) and case[0].tag != "system-out" for case in cases)
    page = validation_page(validation, notebook)
    assert page.count("✓ answers alike") == 2


def junit(validation: Validation, notebook: Notebook) -> list[ET.Element]:
    report = validation_report(validation, notebook, each=True, exit_code=exit_code(validation))
    return list(ET.fromstring(render_report(report, "junit")).iter("testcase"))


def test_a_fault_in_the_generated_features_is_found_with_column_and_place(served: Served, tmp_path: Path):
    run, validation, notebook = served.with_fault(
        tmp_path, "features.py", 'visits["hdl"] / visits["cholesterol"]', 'visits["hdl"] / (visits["cholesterol"] + 1)'
    )
    service = run.service
    assert (run.status, service.status, exit_code(validation)) == ("failed", "fail", 1)
    assert run.checks[0].outcome == "pass"
    assert (service.divergence.span.cell, service.divergence.span.line, service.divergence.column) == (5, 4, "hdl_share")
    assert service.identical < service.compared
    assert validation.judgement.outcome == "fail"
    assert validation.judgement.reasons[0].startswith("the service does not answer as the notebook in 1 of 1 runs: ")
    text = render_validation(validation, notebook, folder="runs")
    assert "1 with another answer of the service" in text
    assert 'cell 5 "measurements", line 4: the service does not answer as the notebook' in text
    assert "column hdl_share" in text
    report = validation_report(validation, notebook, each=False, exit_code=1)
    (found,) = [each for each in json.loads(render_report(report, "sarif"))["runs"][0]["results"] if each["ruleId"] == "service"]
    assert found["level"] == "error"
    line = found["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert "hdl_share" in served.notebook.read_text().split("\n")[line - 1] or line > 0
    assert "service" in render_report(report, "github")
    assert "✗ differs" in validation_page(validation, notebook)
    (case,) = [case for case in junit(validation, notebook) if case.get("classname") == "service"]
    assert case.find("failure") is not None


def test_another_model_is_found_where_it_is_fitted(served: Served, tmp_path: Path):
    run, _, _ = served.with_fault(tmp_path, "training.py", "Ridge(alpha=alpha)", "Ridge(alpha=alpha + 4)")
    service = run.service
    assert (run.status, service.status) == ("failed", "fail")
    assert (service.mode("inputs").status, service.mode("predictions").status) == ("pass", "fail")
    assert (service.divergence.span.cell, service.divergence.span.line) == (7, 3)
    assert "model.fit" in service.divergence.text


def test_a_training_that_fails_is_told_at_the_notebooks_line(served: Served, tmp_path: Path):
    run, validation, notebook = served.with_fault(
        tmp_path, "features.py", "visits = patients.drop(", 'visits = patients.drop(index=patients["nowhere"]).drop('
    )
    service = run.service
    assert (run.status, service.status, service.compared) == ("failed", "fail", 0)
    assert (service.failure.cell, service.failure.line) == (5, 2)
    assert "KeyError" in service.failure.what
    assert "the service could not be trained" in render_validation(validation, notebook, folder="runs")


def test_a_built_example_is_asked_by_the_command(built: Callable[[str], Built], tmp_path: Path):
    example = built(NAME)
    done = example.run("validate", example.notebook.name, "--service", "-o", str(tmp_path / "runs"), "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = json.loads(done.stdout)["validation"]["runs"]
    assert (run["status"], run["service"]["status"], run["service"]["compared"]) == ("ok", "pass", 442)
    assert json.loads(done.stdout)["validation"]["judgement"]["outcome"] == "pass"
