"""The Dockerfile of a project: as Docker's parser reads it, as hadolint judges it, and what is not made at all."""

import dataclasses
import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dockerfile_meaning import build, complaints, ignored
from nb2svc.bento.dockerfile import container
from nb2svc.bento.template import project_files
from nb2svc.cli.main import main
from nb2svc.errors import UsageError

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from loans_project.data import read_data, write_data
from loans_project.plan import loans_plan

VERSIONS = {"bentoml": "1.4.40", "skops": "0.16.0"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "loans"
    (folder / "loans" / "_nb2svc" / "__pycache__").mkdir(parents=True)
    (folder / ".nb2svc").mkdir()
    write_data(tmp_path, applicants=60)
    plan = loans_plan(read_data(tmp_path), requirements=(("pandas", "3.1.1"),), python="3.11.7")
    plan = dataclasses.replace(plan, modules=("pricing.py", "rates/table.py"))
    for file in project_files(plan, versions=VERSIONS):
        (folder / file.path).write_bytes(file.content)
    for path in ("pricing.py", "rates/table.py", "loans/_nb2svc/__pycache__/x.pyc", ".nb2svc/generated.zip", ".env"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("x")
    (folder / "readiness.json").write_text("{}")
    return folder


def require(project: Path, *lines: str) -> None:
    (project / "requirements.txt").write_text("\n".join(lines) + "\n")


def test_it_is_pinned_without_root_and_listens(project: Path) -> None:
    made = container(project, port=8080)
    steps = made.dockerfile.splitlines()
    assert steps[4] == "FROM python:3.11-slim-bookworm"
    assert steps[-4:-2] == ["USER 10001", "EXPOSE 8080"]
    assert ":8080/readyz" in steps[-2]
    assert steps[-1] == 'CMD ["bentoml", "serve", "loans.service:Loans", "--host", "0.0.0.0", "--port", "8080"]'
    assert made.sources == ("requirements.txt", "loans/", "rates/", "pricing.py")
    assert made.loose == ()


def test_hadolint_has_nothing_to_say(project: Path, tmp_path: Path) -> None:
    require(project, "bentoml==1.4.40", "lightgbm==4.6.0")
    text = container(project).dockerfile
    assert "install --yes --no-install-recommends libgomp1" in text
    assert complaints(text, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("python:3.11-slim-bookworm\n\n", "python:latest\n\n", "DL3007"),
        ("python:3.11-slim-bookworm\n\n", "python\n\n", "DL3006"),
        ("USER 10001", "USER root", "DL3002"),
        ("--no-cache-dir ", "", "DL3042"),
        ('CMD ["bentoml", "serve", ', 'CMD bentoml serve . # ["', "DL3025"),
        ("COPY requirements.txt", "ADD requirements.txt", "DL3020"),
    ],
)
def test_hadolint_notices_a_bad_one(project: Path, tmp_path: Path, old: str, new: str, code: str) -> None:
    text = container(project).dockerfile
    assert old in text
    assert any(found.startswith(code) for found in complaints(text.replace(old, new), tmp_path))


def test_nothing_but_what_serves_goes_in(project: Path) -> None:
    rules = container(project).ignore.splitlines()
    paths = [path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()]
    kept = sorted(path for path in paths if not ignored(path, rules))
    assert kept == ["loans/service.py", "pricing.py", "rates/table.py", "requirements.txt"]
    assert {".env", ".nb2svc/generated.zip", "loans/_nb2svc/__pycache__/x.pyc", "readiness.json"} < set(paths)


def test_a_copy_of_what_is_not_there_fails(project: Path, tmp_path: Path) -> None:
    made = container(project)
    require(project, f"pytest=={pytest.__version__}")
    image = build(made.dockerfile, project, tmp_path / "image", ignore=made.ignore)
    assert image.user == "10001"
    shutil.rmtree(project / "rates")
    with pytest.raises(FileNotFoundError, match="rates/"):
        build(made.dockerfile, project, tmp_path / "other", ignore=made.ignore)


@pytest.mark.parametrize(
    ("line", "loose"),
    [
        ("pandas==3.1.1", False),
        ("pandas[excel]==3.1.1", False),
        ('pandas==3.1.1; python_version > "3.9"', False),
        ("pandas==3.1.1  # as the notebook has it", False),
        ("# a comment", False),
        ("pandas", True),
        ("pandas>=3", True),
        ("pandas==3.*", True),
        ("git+https://example.org/x.git", True),
    ],
)
def test_what_is_not_pinned_is_named(project: Path, line: str, loose: bool) -> None:
    require(project, line)
    assert container(project).loose == ((line,) if loose else ())


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda folder: (folder / "pricing.py").unlink(), "pricing.py is missing"),
        (lambda folder: (folder / "requirements.txt").unlink(), "there is no requirements.txt"),
        (lambda folder: (folder / "pyproject.toml").write_text("[x"), "pyproject.toml does not say what to serve"),
        (lambda folder: (folder / "pyproject.toml").write_text("[project]"), "pyproject.toml does not say what to serve"),
        (lambda folder: replace(folder, "python_version", "other"), "pyproject.toml does not say which Python it runs on"),
        (lambda folder: replace(folder, "pricing.py", "*.py"), "'*.py' can't be copied into an image"),
        (lambda folder: replace(folder, '"pricing.py"', '"../pricing.py"'), "'../pricing.py' can't be copied into an image"),
    ],
)
def test_what_can_not_be_built_is_not_shown(project: Path, spoil, what: str) -> None:
    spoil(project)
    with pytest.raises(UsageError) as caught:
        container(project)
    assert caught.value.what == f"no Dockerfile can be made: {what}"
    assert caught.value.fix


def replace(folder: Path, old: str, new: str) -> None:
    path = folder / "pyproject.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def run(*arguments: str):
    return CliRunner().invoke(main, ["serve", *arguments])


def test_the_command_prints_it_and_starts_nothing(project: Path) -> None:
    done = run(str(project), "--dockerfile", "--port", "8080")
    assert (done.exit_code, done.stdout, done.stderr) == (0, container(project, port=8080).dockerfile, "")


def test_the_command_writes_both_files(project: Path) -> None:
    done = run(str(project), "--dockerfile", "-o", str(project / "Dockerfile"))
    assert done.exit_code == 0
    assert done.stdout == ""
    assert (project / "Dockerfile").read_text() == container(project).dockerfile
    assert (project / "Dockerfile.dockerignore").read_text() == container(project).ignore


def test_the_command_as_json(project: Path) -> None:
    require(project, "pandas")
    done = run(str(project), "--dockerfile", "--format", "json")
    document = json.loads(done.stdout)
    assert document["dockerfile"] == container(project).dockerfile
    assert document["dockerignore"] == container(project).ignore
    assert document["not_pinned"] == ["pandas"]
    assert done.stderr == "warning: requirements.txt does not pin pandas: another build can get another version\n"


@pytest.mark.parametrize("options", [["-o", "x"], ["--dockerfile", "--host", "0.0.0.0"]])
def test_options_that_do_not_go_together(project: Path, options: list[str]) -> None:
    done = run(str(project), *options)
    assert done.exit_code == 2
    assert "do this" in done.stderr
