"""Files that a person edited, through the builds that follow."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from nb2svc.ir.project import ProjectFile
from nb2svc.system.tree import stage
from nb2svc.upkeep.taken_over import (
    TakenOver,
    changed_lines,
    keepsakes,
    known_texts,
    moved_on,
    news,
    set_aside,
    taken_over,
    unified,
)

FEATURES = "loans/features.py"
FIRST = "import pandas\n\nx = 1\n\n\n\n\n\ny = 2\n"
EDITED = FIRST.replace("x = 1", "x = 1  # one")
SECOND = FIRST.replace("y = 2", "y = 3")


def build(target: Path, texts: Mapping[str, str]) -> tuple[TakenOver, ...]:
    """A build as the pipeline does it."""
    files = [ProjectFile(path=path, content=text.encode()) for path, text in texts.items()]
    with stage(target) as staging:
        kept = taken_over(staging.write(files), files, target=staging.target, staged=staging.folder)
        staging.write(keepsakes(files, kept))
        staging.swap()
    return kept


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "loans"
    assert build(target, {FEATURES: FIRST, "README.md": "hello\n"}) == ()
    return target


def test_an_edit_alone_is_shown_against_what_the_compiler_writes(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    [file] = build(target, {FEATURES: FIRST, "README.md": "hello\n"})
    assert (file.path, file.moved, file.news) == (FEATURES, False, "")
    assert file.edit.splitlines()[:2] == [f"--- .nb2svc/generated/{FEATURES}", f"+++ {FEATURES}"]
    assert "-x = 1\n+x = 1  # one\n" in file.edit
    assert changed_lines(file.edit) == (1, 1)
    assert moved_on([file]) == ()
    assert (target / ".nb2svc" / "generated" / FEATURES).read_text() == FIRST


def test_what_the_compiler_changed_since_is_shown_apart(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    [file] = build(target, {FEATURES: SECOND})
    assert file.moved
    assert "-y = 2\n+y = 3\n" in file.news
    assert "one" not in file.news
    assert "-x = 1\n+x = 1  # one\n" in file.edit
    [finding] = moved_on([file])
    assert (finding.code, finding.severity, finding.span) == ("NB410", "warning", None)
    assert f"--merge-generated {FEATURES}, or give the file back with --accept-generated" in finding.remedy
    assert (target / FEATURES).read_text() == EDITED


def test_where_nothing_is_written_the_change_is_told_and_the_compilers_version_set_aside(target: Path, tmp_path: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    kept = build(target, {FEATURES: SECOND})
    assert news(kept) == f"what the compiler changed in {FEATURES} since you edited it:\n{kept[0].news}"
    assert news(build(target, {FEATURES: FIRST})) == ""
    folder = set_aside(kept, tmp_path / "aside")
    assert (folder / FEATURES).read_text() == SECOND
    assert set_aside(kept, folder) == folder


def test_it_is_said_until_the_person_edits_again(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    build(target, {FEATURES: SECOND})
    [again] = build(target, {FEATURES: SECOND})
    assert again.moved, "nothing was done about it"
    assert "-y = 2\n+y = 3\n" in again.news, "what the edit was made from is still known two builds later"
    (target / FEATURES).write_text(EDITED.replace("y = 2", "y = 3"))
    [merged] = build(target, {FEATURES: SECOND})
    assert not merged.moved
    assert "y = 3" not in [line[1:] for line in merged.edit.splitlines() if line.startswith(("+", "-"))]
    [later] = build(target, {FEATURES: SECOND.replace("import pandas", "import numpy")})
    assert "-import pandas\n+import numpy\n" in later.news, "the next change is told from there on"


def test_on_a_machine_that_did_not_build_the_change_is_told_and_not_shown(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    (target / ".nb2svc" / "generated.zip").unlink()
    [file] = build(target, {FEATURES: SECOND})
    assert (file.moved, file.base, file.news) == (True, None, "")
    assert len(moved_on([file])) == 1


def test_the_version_to_compare_with_is_nobodys_to_edit(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    build(target, {FEATURES: FIRST})
    compare = target / ".nb2svc" / "generated" / FEATURES
    compare.write_text("by mistake")
    (target / ".nb2svc" / "generated.zip").write_bytes(b"")
    assert [file.path for file in build(target, {FEATURES: FIRST})] == [FEATURES]
    assert compare.read_text() == FIRST


def test_a_damaged_archive_is_as_none(target: Path) -> None:
    assert set(known_texts(target).values()) == {FIRST.encode(), b"hello\n"}
    (target / ".nb2svc" / "generated.zip").write_bytes(b"PK no archive")
    assert known_texts(target) == {}


def test_a_file_given_back_leaves_nothing_to_compare(target: Path) -> None:
    (target / FEATURES).write_text(EDITED)
    build(target, {FEATURES: FIRST})
    (target / FEATURES).write_text(FIRST)
    assert build(target, {FEATURES: FIRST}) == ()
    assert not (target / ".nb2svc" / "generated").exists()


def test_the_same_texts_give_the_same_archive() -> None:
    files = [ProjectFile(path=path, content=path.encode()) for path in ("b.py", "a.py", "loans/artifacts/model.skops")]
    one, two = keepsakes(files, ()), keepsakes(files[::-1], ())
    assert one == two
    assert len(one) == 1


def test_artifacts_are_not_kept_twice(target: Path) -> None:
    build(target, {FEATURES: FIRST, "loans/artifacts/state.json": "{}"})
    assert b"{}" not in known_texts(target).values()


def test_diffs_of_what_is_no_text_and_of_a_last_line_without_an_end() -> None:
    assert unified(b"\xff\xfe", b"x", names=("a", "b")) == "Binary files a and b differ\n"
    assert unified(b"x\n", b"x\ny", names=("a", "b")).endswith("+y\n\\ No newline at end of file\n")
