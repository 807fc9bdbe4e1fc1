"""What `ci init` writes, run in a clean clone: the commands of both workflows, and the hooks of pre-commit."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import EXAMPLES, ROOT, nb2svc
from functional.workflow_steps import Runner

GITHUB, GITLAB = Path(".github/workflows/nb2svc.yml"), Path(".gitlab/nb2svc.yml")
NOTEBOOK = Path("risk models/diabetes_progression.ipynb")
PULL_REQUEST = "github.event_name == 'pull_request'"
PUSH = "github.event_name == 'push' || github.event.pull_request.head.repo.full_name == github.repository"


def git(*words, cwd):
    settings = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *settings, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def origin(tmp_path_factory, private_homes):
    """A repository with one example, whose workflows and hooks were written by the command line and committed."""
    root = tmp_path_factory.mktemp("origin")
    git("init", "-q", cwd=root)
    (root / NOTEBOOK).parent.mkdir()
    document = json.loads((EXAMPLES / NOTEBOOK.name).read_bytes())
    seed = {"cell_type": "code", "id": "seed", "metadata": {"tags": ["parameters"]}, "source": "seed = 7", "outputs": []}
    document["cells"].insert(1, {**seed, "execution_count": None})
    (root / NOTEBOOK).write_text(json.dumps(document))
    for provider in ("github", "gitlab", "pre-commit"):
        done = nb2svc("ci", "init", provider, cwd=root)
        assert done.returncode == 0, done.stderr
    git("add", ".", cwd=root)
    git("commit", "-qm", "a notebook and its checks", cwd=root)
    return root


@pytest.fixture(scope="module")
def variables(tmp_path_factory, private_homes):
    """The environment of a fresh runner: a Python of its own without nb2svc, and an index that holds only our wheel.

    The libraries are those of the tests' environment, linked: pip finds them installed, and installs nothing but nb2svc.
    """
    home = tmp_path_factory.mktemp("runner")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home / "index")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    venv.create(home / "python", with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home / "python")}))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("nb2svc", "_nb2svc", "__editable__")):
            (packages / entry.name).symlink_to(entry)
    scripts = home / "python" / "bin"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))},
        # What BentoML and pip install as commands is not linked: theirs come from the tests' environment.
        "PATH": os.pathsep.join([str(scripts), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(home / "index"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "BENTOML_HOME": str(home / "bentoml"),
        "GITHUB_STEP_SUMMARY": str(home / "summary.md"),
        "SCRIPTS": str(scripts),
    }


@pytest.fixture(scope="module")
def clone(origin, tmp_path_factory):
    place = tmp_path_factory.mktemp("clone") / "repo"
    git("clone", "-q", str(origin), str(place), cwd=origin)
    return place


@pytest.fixture(scope="module")
def on_github(clone, variables):
    """The jobs of the workflow, run in the clone."""
    artifacts: dict = {}
    ran = {
        job: Runner(clone=clone, variables=variables, facts={PUSH: True}, artifacts=artifacts).github(GITHUB, job)
        for job in ("analyze", "validate", "service")
    }
    return [ran[job] for job in ("analyze", "service", "validate")]


def test_every_step_of_the_github_workflow_passes(on_github, variables):
    analyze, service, validate = on_github
    for runner in on_github:
        assert all(done.returncode == 0 for _, done in runner.ran), runner.told()
    assert [name for name, _ in analyze.ran] == ["Install", "Findings for code scanning", "Findings as annotations"]
    assert [name for name, _ in service.ran] == [
        "Install",
        "Build and prove",
        "Tests of the service",
        "Readiness gate",
        "Export the bento",
    ]
    assert [name for name, _ in validate.ran] == ["Install", "Validate"]
    # The step installed what the others ran: not the nb2svc of the tests' environment.
    assert (Path(variables["SCRIPTS"]) / "nb2svc").exists()


def test_the_artifacts_are_the_bento_and_the_reports(on_github, clone, variables):
    uploaded = {path.relative_to(clone).as_posix() for path in on_github[1].uploaded}
    assert {
        "reports/diabetes_progression.bento",
        "reports/tests.xml",
        "reports/readiness.xml",
        "risk models/diabetes_progression/READINESS.md",
        "risk models/diabetes_progression/readiness.json",
    } <= uploaded
    assert not any(".nb2svc" in path for path in uploaded)
    with tarfile.open(clone / "reports" / "diabetes_progression.bento") as bento:
        assert any(name.endswith("bento.yaml") for name in bento.getnames())
    for name in ("tests.xml", "readiness.xml"):
        assert list(ET.parse(clone / "reports" / name).iter("testcase"))
    assert "DAT-01" in Path(variables["GITHUB_STEP_SUMMARY"]).read_text()


def test_a_few_seeds_are_validated_and_what_they_said_is_kept(on_github, clone):
    validate = on_github[2]
    uploaded = [path.relative_to(clone).as_posix() for path in validate.uploaded]
    assert uploaded == ["reports/validation.html", "validation/validation.json"]
    kept = json.loads((clone / "validation" / "validation.json").read_bytes())
    assert [(run["spec"]["seed"], run["status"]) for run in kept["runs"]] == [("1", "ok"), ("2", "ok"), ("3", "ok")]


def test_the_checklist_of_the_build_knows_what_the_other_job_validated(on_github, clone):
    """The service's job has no `.nb2svc` of a validation: it was given the artifact."""
    assert not list((clone / NOTEBOOK.parent / ".nb2svc").glob("*/validation"))
    document = json.loads((clone / NOTEBOOK.with_suffix("") / "readiness.json").read_bytes())
    items = {item["id"]: item for step in document["steps"] for item in step["items"]}
    assert "3 of 3 runs of the last validation came from the top" in items["OPS-02"]["sentence"]
    assert "the notebook was not validated" not in json.dumps(items)


def test_captured_rows_stay_out_of_git(on_github, clone):
    assert (clone / NOTEBOOK.parent / ".nb2svc").is_dir()
    seen = git("status", "--short", "--untracked-files=all", cwd=clone)
    assert "READINESS.md" in seen
    assert "/.nb2svc/" not in seen


def test_a_pull_request_says_what_it_changes_in_a_project_that_is_in_git(on_github, clone, variables, tmp_path):
    """The build's project and its validation become the base branch's; what is compared was made from the same notebook."""
    branch = tmp_path / "branch"
    shutil.copytree(clone, branch)
    shutil.copy(clone / "validation" / "validation.json", branch / NOTEBOOK.parent / "base.validation.json")
    git("add", ".", cwd=branch)
    git("commit", "-qm", "the project", cwd=branch)
    assert nb2svc("ci", "init", "github", "--force", cwd=branch).returncode == 0
    git("commit", "-qam", "what a pull request would be merged as", cwd=branch)
    summary = tmp_path / "summary.md"
    runner = Runner(clone=branch, variables={**variables, "GITHUB_STEP_SUMMARY": str(summary)}, facts={PULL_REQUEST: True})
    runner.github(GITHUB, "service", only="What changes in the service")
    assert [done.returncode for _, done in runner.ran] == [0], runner.told()
    assert summary.read_text().strip()
    # What is run is known; here it is what it is compared with.
    echo = tmp_path / "echo" / "nb2svc"
    echo.parent.mkdir()
    echo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    echo.chmod(0o755)
    told = {**variables, "PATH": f"{echo.parent}{os.pathsep}{variables['PATH']}"}
    for event, base in (("pull_request", "HEAD^1"), ("push", "HEAD")):
        runner = Runner(clone=branch, variables={**told, "GITHUB_EVENT_NAME": event}).github(GITHUB, "validate", only="Validate")
        assert [done.returncode for _, done in runner.ran] == [0], runner.told()
        assert runner.ran[0][1].stdout.split("\n")[-3:] == ["--baseline", f"{base}:risk models/base.validation.json", ""]


def test_every_line_of_the_gitlab_jobs_passes(on_github, clone, variables):
    """But the build: it is GitHub's to the letter (a unit test says so), and what it made lies in the clone."""
    uploaded = []
    for job in ("nb2svc-analyze", "nb2svc-validate", "nb2svc-service"):
        runner = Runner(clone=clone, variables=variables).gitlab(GITLAB, job, done="nb2svc build")
        assert all(done.returncode == 0 for _, done in runner.ran), runner.told()
        uploaded += runner.uploaded
    for name in ("tests-diabetes_progression.xml", "validation-diabetes_progression.xml", "validation-diabetes_progression.html"):
        assert clone / "reports" / name in uploaded


def test_a_refusal_is_uploaded_and_fails_the_job(origin, variables, tmp_path):
    git("clone", "-q", str(origin), str(tmp_path / "repo"), cwd=origin)
    notebook = tmp_path / "repo" / NOTEBOOK
    notebook.write_text(notebook.read_text().replace("nb2svc: model", "nb2svc: modle"))
    runner = Runner(clone=tmp_path / "repo", variables=variables, facts={PUSH: True}).github(GITHUB, "analyze")
    assert [done.returncode for _, done in runner.ran] == [0, 0, 3], runner.told()
    assert runner.uploaded == [tmp_path / "repo" / "reports" / "analyze.sarif"]
    assert "::error" in runner.ran[-1][1].stdout


def test_pre_commit_runs_the_hooks(origin, tmp_path):
    place = tmp_path / "repo"
    git("clone", "-q", str(origin), str(place), cwd=origin)
    scripts = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PRE_COMMIT_HOME": str(tmp_path / "home")}

    def hooks():
        command = [str(scripts / "pre-commit"), "run", "--all-files", "--color=never"]
        return subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False)

    done = hooks()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tagged notebooks compile" in done.stdout
    assert "Passed" in done.stdout

    notebook = place / NOTEBOOK
    notebook.write_text(notebook.read_text().replace("nb2svc: model", "nb2svc: modle"))
    (place / ".nb2svc").mkdir()
    (place / ".nb2svc" / "rows.pickle").write_bytes(b"rows")
    git("add", "--force", ".", cwd=place)
    done = hooks()
    assert done.returncode == 1
    assert "can't be compiled" in done.stdout
    assert "git rm -r --cached" in done.stdout
