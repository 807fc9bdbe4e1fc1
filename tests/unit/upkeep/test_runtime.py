"""A project's runtime stays until somebody asks for a newer one."""

from pathlib import Path

import pytest

import nb2svc
from nb2svc.errors import UsageError
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.system.tree import stage
from nb2svc.upkeep.runtime import check_runtime, described, runtime_files, runtime_note, standing_runtime, with_standing_runtime
from nb2svc.upkeep.taken_over import keepsakes

CURRENT = {file.path: file.content for file in runtime_files()}
OLD = {
    "__init__.py": b"# old\n",
    "retired.py": b"# no longer there\n",
    "version.py": b'VERSION = "0.0.9"\nAPI = %d\n' % described(runtime_files()).api,
}


def project(runtime: dict[str, bytes], line_map: bytes = b"[]") -> Project:
    files = {"loans/model.py": b"x", "loans/_nb2svc/line_map.json": line_map}
    files |= {f"loans/_nb2svc/{name}": content for name, content in runtime.items()}
    return Project(
        package="loans", lines=(), files=tuple(ProjectFile(path=path, content=text) for path, text in sorted(files.items()))
    )


def write(target: Path, made: Project) -> None:
    with stage(target) as staging:
        staging.write(made.files)
        staging.write(keepsakes(made.files, ()))
        staging.swap()


def runtime_of(made: Project) -> dict[str, bytes]:
    prefix = "loans/_nb2svc/"
    found = {file.path.removeprefix(prefix): file.content for file in made.files if file.path.startswith(prefix)}
    assert found.pop("line_map.json") == b"[1]", "what says where the code came from is of this build"
    return found


@pytest.fixture
def target(tmp_path: Path) -> Path:
    write(tmp_path / "loans", project(OLD))
    return tmp_path / "loans"


NEW = project(CURRENT, b"[1]")


def test_the_runtime_says_which_nb2svc_it_came_with() -> None:
    assert described(runtime_files()).version == nb2svc.__version__
    assert described(runtime_files()).api >= 1


def test_a_new_project_gets_the_present_runtime(tmp_path: Path) -> None:
    assert with_standing_runtime(NEW, tmp_path / "loans", upgrade=False) == (NEW, ())


def test_a_project_with_the_present_runtime_is_not_stale(tmp_path: Path) -> None:
    write(tmp_path / "loans", project(CURRENT))
    assert with_standing_runtime(NEW, tmp_path / "loans", upgrade=False) == (NEW, ())
    assert runtime_note(tmp_path / "loans") == ""


def test_an_older_runtime_stays_and_is_a_finding(target: Path) -> None:
    made, [finding] = with_standing_runtime(NEW, target, upgrade=False)
    assert runtime_of(made) == OLD
    assert (finding.code, finding.severity) == ("NB411", "warning")
    assert "that of nb2svc 0.0.9" in finding.message
    assert "--upgrade-runtime" in finding.remedy
    assert [file.path for file in made.files] == sorted(file.path for file in made.files)
    assert "0.0.9" in runtime_note(target)


def test_it_is_renewed_on_demand(target: Path) -> None:
    made, findings = with_standing_runtime(NEW, target, upgrade=True)
    assert (runtime_of(made), findings) == (CURRENT, ())


def test_an_edited_and_a_deleted_file_count_as_they_were_copied(target: Path) -> None:
    (target / "loans/_nb2svc/__init__.py").write_text("# mine\n")
    (target / "loans/_nb2svc/retired.py").unlink()
    made, findings = with_standing_runtime(NEW, target, upgrade=False)
    assert runtime_of(made) == OLD
    assert len(findings) == 1


def test_after_an_upgrade_over_an_edited_file_the_runtime_is_not_stale(target: Path) -> None:
    (target / "loans/_nb2svc/__init__.py").write_text("# mine\n")
    write(target, NEW)
    assert (target / "loans/_nb2svc/__init__.py").read_text() == "# mine\n"
    assert with_standing_runtime(NEW, target, upgrade=False) == (NEW, ())


def test_where_the_old_text_is_not_known_the_present_one_stands_in(target: Path) -> None:
    (target / ".nb2svc" / "generated.zip").unlink()
    (target / "loans/_nb2svc/__init__.py").write_text("# mine\n")
    (target / "loans/_nb2svc/retired.py").unlink()
    made, _ = with_standing_runtime(NEW, target, upgrade=False)
    assert runtime_of(made) == {"__init__.py": CURRENT["__init__.py"], "version.py": OLD["version.py"]}


def test_a_runtime_that_the_code_can_not_run_on_stops_the_build(tmp_path: Path) -> None:
    target = tmp_path / "loans"
    write(target, project({**OLD, "version.py": b'VERSION = "0.2.0"\nAPI = 99\n'}))
    with pytest.raises(UsageError, match="the project's runtime is") as caught:
        check_runtime(target, upgrade=False)
    assert caught.value.fix == "build with --upgrade-runtime"
    check_runtime(target, upgrade=True)


def test_one_that_it_can_run_on_does_not(target: Path) -> None:
    check_runtime(target, upgrade=False)
    check_runtime(None, upgrade=False)


def test_one_from_before_there_were_numbers_is_the_first(tmp_path: Path) -> None:
    write(tmp_path / "loans", project({**OLD, "version.py": b"# says nothing\n"}))
    standing = standing_runtime(tmp_path / "loans")
    assert standing is not None
    assert (standing.version, standing.api) == ("", 1)


def test_a_folder_without_a_record_has_no_runtime(tmp_path: Path) -> None:
    assert standing_runtime(tmp_path) is None
