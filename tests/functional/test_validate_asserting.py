"""A check that does not hold has failed, also where assertions are left out, and where its cell may raise."""

import json
import sys
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.sets import Asked

pytestmark = pytest.mark.kernel

CELLS = (
    (["parameters"], "seed = 0"),
    (["raises-exception"], "# nb2svc: check told\nassert seed > 5"),
    ([], "# nb2svc: check low\nassert seed < 2"),
)


def content(kernel: str = "python3") -> bytes:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{at}",
            "metadata": {"tags": tags},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for at, (tags, source) in enumerate(CELLS)
    ]
    spec = {"kernelspec": {"name": kernel, "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}).encode()


def asked(folder: Path, *, fork: bool) -> ValidateOptions:
    return ValidateOptions(notebook=folder / "n.ipynb", asked=Asked(grid=(("seed", "1..2"),)), fork=fork)


@pytest.mark.parametrize("fork", [True, False])
def test_what_does_not_hold_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fork: bool):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    made = validate(content(), asked(tmp_path, fork=fork), environment={}, progress=lambda _: None).validation
    said = [[(check.name, check.outcome, check.line, check.values) for check in run.checks] for run in made.runs]
    assert said == [
        [("told", "fail", 2, (("seed", "1"),)), ("low", "pass", 0, ())],
        [("told", "fail", 2, (("seed", "2"),)), ("low", "fail", 2, (("seed", "2"),))],
    ]
    assert [run.status for run in made.runs] == ["failed", "failed"]


@pytest.mark.parametrize(("option", "environment"), [("-O", {}), ("-sO", {}), ("-s", {"PYTHONOPTIMIZE": "1"})])
@pytest.mark.parametrize("fork", [True, False])
def test_a_kernel_that_leaves_out_assertions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fork: bool, option: str, environment: dict
):
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (tmp_path / "kernels" / "fast").mkdir(parents=True)
    argv = [sys.executable, option, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Fast", "language": "python", "env": environment}
    (tmp_path / "kernels" / "fast" / "kernel.json").write_text(json.dumps(spec))
    with pytest.raises(EnvironmentProblem, match="the kernel fast leaves out assertions") as caught:
        validate(content("fast"), asked(tmp_path, fork=fork), environment={}, progress=lambda _: None)
    assert caught.value.fix.startswith("take that out of its kernel.json")
