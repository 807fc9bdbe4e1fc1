"""What `--accept-generated` takes, and what it says otherwise."""

from pathlib import Path

import pytest

from nb2svc.errors import UsageError
from nb2svc.ir.project import ProjectFile
from nb2svc.system.tree import stage
from nb2svc.upkeep.giving_back import edited_paths

FILES = (
    "loans/features.py",
    "loans/model.py",
    "tests/test_features.py",
    "loans/deep/model.py",
    "loans/gone.py",
    ".nb2svc/generated/loans/features.py",
)


def asked(names: list[str], **places) -> frozenset[str]:
    return edited_paths(names, option="--accept-generated", **places)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    target = tmp_path / "loans"
    with stage(target) as staging:
        staging.write([ProjectFile(path=path, content=b"x") for path in FILES])
        staging.swap()
    for path in ("loans/features.py", "loans/deep/model.py"):
        (target / path).write_text("mine")
    (target / "loans" / "gone.py").unlink()
    return target


@pytest.mark.parametrize("name", ["loans/features.py", "features.py", "./loans/features.py", "loans/loans/features.py"])
def test_a_file_is_named_as_it_is_seen(project: Path, name: str) -> None:
    assert asked([name], project=project, here=project.parent) == {"loans/features.py"}


def test_a_path_from_inside_the_package(project: Path) -> None:
    assert asked(["deep/model.py"], project=project, here=project / "loans") == {"loans/deep/model.py"}


def test_all_and_none(project: Path) -> None:
    assert asked(["all"], project=project, here=project) == {"loans/features.py", "loans/deep/model.py"}
    assert asked([], project=project, here=project) == frozenset()
    assert asked([], project=None, here=project) == frozenset()


@pytest.mark.parametrize(
    ("name", "what", "why", "fix"),
    [
        ("featurs.py", "there is no generated file featurs.py", "no build wrote one", "did you mean features.py?"),
        ("zzz", "there is no generated file zzz", "no build wrote one", "name a file that a build of loans wrote, or all"),
        ("model.py", "model.py is the end of several paths", "", "name one of them: loans/deep/model.py, loans/model.py"),
        (
            "loans/model.py",
            "loans/model.py is not edited",
            "it is as the last build wrote it",
            "these are edited: loans/deep/model.py, loans/features.py",
        ),
        ("gone.py", "loans/gone.py is not edited", "it was deleted, and a build writes it again anyhow", "these are edited: "),
    ],
)
def test_what_can_not_be_given_back(project: Path, name: str, what: str, why: str, fix: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked([name], project=project, here=project.parent)
    assert (caught.value.what, caught.value.why) == (what, why)
    assert caught.value.fix.startswith(fix)


def test_without_a_project_there_is_nothing_to_give_back(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no built project in which files were edited") as caught:
        asked(["features.py"], project=None, here=tmp_path)
    assert caught.value.fix == "build the notebook first, without this option"
