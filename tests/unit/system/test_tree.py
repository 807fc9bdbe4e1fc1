import json
import os
import stat
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, InternalError, UsageError
from nb2svc.ir.project import ProjectFile
from nb2svc.system import tree
from nb2svc.system.tree import MANIFEST, edited_files, recover, stage, swap


def files(**texts: str) -> list[ProjectFile]:
    """`a_py="x"` → the file a.py with that text."""
    return [
        ProjectFile(path=name.replace("__", "/").replace("_py", ".py"), content=text.encode()) for name, text in texts.items()
    ]


def build(target: Path, **texts: str) -> tuple[str, ...]:
    with stage(target) as staging:
        edited = staging.write(files(**texts))
        swap(staging, target)
    return edited


def present(target: Path) -> dict[str, str]:
    return {
        path.relative_to(target).as_posix(): path.read_text()
        for path in sorted(target.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "loans"


def test_a_new_tree(target: Path) -> None:
    assert build(target, a_py="1", sub__b_py="2") == ()
    assert present(target) == {"a.py": "1", "sub/b.py": "2"}
    assert list(target.parent.iterdir()) == [target]


def test_the_record_names_generated_files_only(target: Path) -> None:
    build(target, b_py="2", a_py="1")
    record = json.loads((target / MANIFEST).read_text())
    assert list(record["files"]) == ["a.py", "b.py"]


def test_the_same_files_give_the_same_bytes(target: Path) -> None:
    build(target, b_py="2", a_py="1")
    first = (target / MANIFEST).read_bytes()
    build(target, a_py="1", b_py="2")
    assert (target / MANIFEST).read_bytes() == first


def test_what_is_no_longer_generated_goes(target: Path) -> None:
    build(target, a_py="1", gone_py="2")
    build(target, a_py="1")
    assert present(target) == {"a.py": "1"}


def test_an_edited_file_is_kept_and_named(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    assert edited_files(target) == ()
    (target / "a.py").write_text("mine")
    assert edited_files(target) == ("a.py",)
    assert build(target, a_py="2", b_py="2") == ("a.py",)
    assert present(target) == {"a.py": "mine", "b.py": "2"}
    assert edited_files(target) == ("a.py",), "it is still an edit after the next build"


def test_an_edited_file_that_is_no_longer_generated_is_kept(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    (target / "b.py").write_text("mine")
    assert build(target, a_py="1") == ()
    assert present(target) == {"a.py": "1", "b.py": "mine"}


def test_an_edit_that_the_generator_now_makes_too_is_none(target: Path) -> None:
    build(target, a_py="1")
    (target / "a.py").write_text("2")
    assert build(target, a_py="2") == ()
    assert edited_files(target) == ()


def test_a_deleted_file_comes_back(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    (target / "a.py").unlink()
    assert edited_files(target) == ()
    build(target, a_py="1", b_py="1")
    assert present(target) == {"a.py": "1", "b.py": "1"}


def test_a_file_that_a_person_put_where_the_compiler_writes_now_is_theirs(target: Path) -> None:
    build(target, a_py="1")
    (target / "b.py").write_text("mine")
    assert build(target, a_py="1", b_py="2") == ("b.py",)
    assert present(target) == {"a.py": "1", "b.py": "mine"}
    assert edited_files(target) == ("b.py",)


def test_a_file_given_back_is_generated_again_and_the_edit_kept_aside(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    (target / "a.py").write_text("mine")
    (target / "b.py").write_text("mine too")
    with stage(target, accept=["a.py"]) as staging:
        assert staging.write(files(a_py="2", b_py="2")) == ("b.py",)
        [(path, place)] = staging.given_back
        staging.swap()
    assert path == "a.py"
    assert present(target) == {"a.py": "2", "b.py": "mine too", place: "mine"}
    assert edited_files(target) == ("b.py",)
    build(target, a_py="3", b_py="2")
    assert (target / place).read_text() == "mine", "it stays through later builds"


def test_the_newest_versions_of_each_file_stay(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    for name, number in [("b.py", 0), *(("a.py", number) for number in range(25))]:
        (target / name).write_text(f"mine {number}")
        os.utime(target / name, (1e9 + number, 1e9 + number))
        with stage(target, accept=[name]) as staging:
            staging.write(files(a_py="1", b_py="1"))
            staging.swap()
    build(target, a_py="2", b_py="1")
    kept = sorted(path.read_text() for path in (target / ".nb2svc/given-back").rglob("a.py"))
    assert kept == sorted(f"mine {number}" for number in range(5, 25))
    assert len(list((target / ".nb2svc/given-back").rglob("b.py"))) == 1, "another file's versions count for themselves"


def test_a_file_given_back_that_is_edited_during_the_build_stops_it(target: Path) -> None:
    build(target, a_py="1")
    (target / "a.py").write_text("mine")
    with stage(target, accept=["a.py"]) as staging:
        staging.write(files(a_py="2"))
        (target / "a.py").write_text("better")
        with pytest.raises(EnvironmentProblem, match=r"a\.py was edited while the build ran"):
            staging.swap()
    assert present(target) == {"a.py": "better"}


def test_a_deleted_file_that_comes_back_is_named(target: Path) -> None:
    build(target, a_py="1", b_py="1", gone_py="1")
    (target / "a.py").unlink()
    (target / "gone.py").unlink()
    with stage(target) as staging:
        staging.write(files(a_py="1", b_py="1"))
        assert staging.restored == ("a.py",)


def test_what_is_new_is_not_restored(target: Path) -> None:
    with stage(target) as staging:
        staging.write(files(a_py="1"))
        assert staging.restored == ()


def test_what_a_person_added_stays(target: Path) -> None:
    build(target, a_py="1")
    (target / ".git").mkdir()
    (target / ".git" / "HEAD").write_text("ref")
    (target / "sub").mkdir()
    (target / "sub" / "mine.py").write_text("m")
    (target / "link").symlink_to("a.py")
    build(target, a_py="2", sub__b_py="3")
    assert present(target) == {".git/HEAD": "ref", "a.py": "2", "link": "2", "sub/b.py": "3", "sub/mine.py": "m"}
    assert (target / "link").is_symlink()


def test_what_running_the_project_made_does_not_stay(target: Path) -> None:
    build(target, a_py="1")
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "a.pyc").write_bytes(b"")
    build(target, a_py="1")
    assert not (target / "__pycache__").exists()


def test_what_the_proof_left_in_the_staged_tree_does_not_go_in(target: Path) -> None:
    with stage(target) as staging:
        staging.write(files(a_py="1"))
        (staging.folder / "proof.log").write_text("x")
        (staging.folder / "__pycache__").mkdir()
        staging.swap()
    assert present(target) == {"a.py": "1"}


def test_later_files_join_the_tree_and_its_record(target: Path) -> None:
    with stage(target) as staging:
        staging.write(files(a_py="1", b_py="1"))
        staging.write(files(READINESS_py="ok", b_py="2"))
        staging.swap()
    assert present(target) == {"READINESS.py": "ok", "a.py": "1", "b.py": "2"}
    assert edited_files(target) == ()
    (target / "READINESS.py").write_text("mine")
    with stage(target) as staging:
        assert staging.write(files(a_py="1")) == ()
        assert staging.write(files(READINESS_py="new")) == ("READINESS.py",)
        staging.swap()
    assert present(target) == {"READINESS.py": "mine", "a.py": "1"}


def test_without_a_swap_nothing_changes(target: Path) -> None:
    build(target, a_py="1")
    with stage(target) as staging:
        staging.write(files(a_py="2"))
    assert present(target) == {"a.py": "1"}
    assert list(target.parent.iterdir()) == [target]


def test_an_edit_during_the_build_stops_it(target: Path) -> None:
    build(target, a_py="1", b_py="1")
    with stage(target) as staging:
        staging.write(files(a_py="2", b_py="2"))
        (target / "a.py").write_text("mine")
        with pytest.raises(EnvironmentProblem, match=r"a\.py was edited while the build ran") as caught:
            staging.swap()
    assert caught.value.fix == "build again"
    assert present(target) == {"a.py": "mine", "b.py": "1"}


def test_files_added_written_and_removed_during_the_build_are_honoured(target: Path) -> None:
    build(target, a_py="1")
    (target / "old.txt").write_text("o")
    (target / "log.txt").write_text("1")
    with stage(target) as staging:
        staging.write(files(a_py="2"))
        (target / "new.txt").write_text("n")
        (target / "old.txt").unlink()
        with (target / "log.txt").open("a") as log:
            log.write("2")
        staging.swap()
    assert present(target) == {"a.py": "2", "log.txt": "12", "new.txt": "n"}


@pytest.mark.parametrize("content", ["not json", "[]", '{"files": 3}', ""])
def test_a_damaged_record_does_not_stop_a_build(target: Path, content: str) -> None:
    build(target, a_py="1")
    (target / MANIFEST).write_text(content)
    with stage(target) as staging:
        assert staging.write(files(a_py="2")) == ()
        [(path, place)] = staging.given_back
        staging.swap()
    assert path == "a.py"
    assert present(target) == {"a.py": "2", place: "1"}, "whose text it was is not known: it is kept aside"


def test_somebody_elses_folder_is_refused(target: Path) -> None:
    target.mkdir()
    (target / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="is not empty and was not made by nb2svc") as caught:
        build(target, a_py="1")
    assert caught.value.fix == "name a new or empty folder with -o"
    assert [path.name for path in target.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_is_taken(target: Path) -> None:
    target.mkdir()
    build(target, a_py="1")
    assert present(target) == {"a.py": "1"}


def test_a_file_is_refused(target: Path) -> None:
    target.write_text("x")
    with pytest.raises(UsageError, match="loans is a file"):
        build(target, a_py="1")


def test_a_link_to_the_project_stays_a_link(target: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "loans"
    build(real, a_py="1")
    target.symlink_to(real)
    build(target, a_py="2")
    assert target.is_symlink()
    assert present(real) == {"a.py": "2"}


def test_the_folders_mode_is_kept(target: Path) -> None:
    build(target, a_py="1")
    target.chmod(0o750)
    build(target, a_py="2")
    assert stat.S_IMODE(target.stat().st_mode) == 0o750


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_a_path_out_of_the_project_is_our_mistake(target: Path, path: str) -> None:
    with pytest.raises(InternalError, match="leads out of the project"), stage(target) as staging:
        staging.write([ProjectFile(path=path, content=b"")])


def test_a_tree_is_swapped_into_its_own_target_only(target: Path, tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="staged for another target"), stage(target) as staging:
        swap(staging, tmp_path / "other")


def test_an_interrupted_swap_of_two_renames_is_undone(target: Path) -> None:
    build(target, a_py="1")
    target.rename(target.with_name(".loans.nb2svc-old"))
    recover(target)
    assert present(target) == {"a.py": "1"}
    assert list(target.parent.iterdir()) == [target]


def test_an_old_tree_whose_successor_is_there_goes(target: Path) -> None:
    build(target, a_py="1")
    old = target.with_name(".loans.nb2svc-old")
    old.mkdir()
    (old / "a.py").write_text("0")
    recover(target)
    assert present(target) == {"a.py": "1"}
    assert list(target.parent.iterdir()) == [target]


def test_a_tree_that_is_being_staged_is_not_cleaned(target: Path) -> None:
    with stage(target) as first:
        with stage(target) as second:
            second.write(files(a_py="second"))
            second.swap()
        assert first.folder.is_dir()
        first.write(files(a_py="first"))
        first.swap()
    assert present(target) == {"a.py": "first"}


def test_a_folder_with_pattern_characters_in_its_name(tmp_path: Path) -> None:
    target = tmp_path / "loans[1]*"
    leftover = tmp_path / ".loans[1]*.nb2svc-new-1"
    leftover.mkdir()
    build(target, a_py="1")
    assert list(tmp_path.iterdir()) == [target]


def test_without_an_exchange_two_renames_do(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "exchange", lambda *_: False)
    build(target, a_py="1")
    build(target, a_py="2")
    assert present(target) == {"a.py": "2"}
    assert list(target.parent.iterdir()) == [target]


def test_recover_where_there_is_nothing(tmp_path: Path) -> None:
    recover(tmp_path / "no" / "such")
    assert list(tmp_path.iterdir()) == []
