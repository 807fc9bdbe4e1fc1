"""The compiler's change and a person's in one file, or nothing."""

from pathlib import Path

import pytest

from nb2svc.errors import VerdictError
from nb2svc.ir.project import ProjectFile
from nb2svc.system.tree import edited_files, stage
from nb2svc.upkeep.merging import merge, merged_files
from nb2svc.upkeep.taken_over import keepsakes, taken_over

PATH = "loans/features.py"
FIRST = b"import pandas\n\nx = 1\n\n\n\n\ny = 2\n"
EDITED = FIRST.replace(b"x = 1", b"x = 1  # one")
SECOND = FIRST.replace(b"y = 2", b"y = 3")
BOTH = SECOND.replace(b"x = 1", b"x = 1  # one")


def files(text: bytes) -> list[ProjectFile]:
    return [ProjectFile(path=PATH, content=text), ProjectFile(path="README.md", content=b"hello\n")]


def build(target: Path, text: bytes, *, merging: tuple[str, ...] = ()):
    """A build as the pipeline does it."""
    merged = merged_files(merging, files(text), project=target)
    with stage(target, merged=merged) as staging:
        kept = taken_over(staging.write(files(text)), files(text), target=staging.target, staged=staging.folder)
        staging.write(keepsakes(files(text), kept))
        aside = staging.given_back
        staging.swap()
    return kept, aside


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "loans"
    build(target, FIRST)
    (target / PATH).write_bytes(EDITED)
    return target


def test_both_changes_come_into_one_file_and_nothing_is_asked_any_more(target: Path) -> None:
    [kept], [(path, place)] = build(target, SECOND, merging=(PATH,))
    assert (target / PATH).read_bytes() == kept.theirs == BOTH
    assert (kept.path, kept.moved) == (PATH, False)
    assert path == PATH
    assert (target / place).read_bytes() == EDITED
    assert edited_files(target) == (PATH,)
    [later], aside = build(target, SECOND)
    assert (later.moved, aside) == (False, ())
    assert (target / PATH).read_bytes() == BOTH


def test_the_next_change_is_merged_into_what_was_merged(target: Path) -> None:
    build(target, SECOND, merging=(PATH,))
    build(target, SECOND.replace(b"pandas", b"numpy"), merging=(PATH,))
    assert (target / PATH).read_bytes() == BOTH.replace(b"pandas", b"numpy")


def test_a_merge_after_builds_that_only_told_of_the_change(target: Path) -> None:
    build(target, SECOND)
    build(target, SECOND)
    build(target, SECOND, merging=(PATH,))
    assert (target / PATH).read_bytes() == BOTH


def test_where_nothing_changed_the_edit_stays_as_it_is(target: Path) -> None:
    [kept], aside = build(target, FIRST, merging=(PATH,))
    assert (kept.theirs, aside) == (EDITED, ())


def test_changes_of_the_same_lines_are_not_merged(target: Path) -> None:
    with pytest.raises(VerdictError, match=f"{PATH} can't be merged") as caught:
        build(target, FIRST.replace(b"x = 1", b"x = 7"), merging=(PATH,))
    assert caught.value.why == "you and the compiler changed the same lines; nothing was written"
    assert "+x = 7" in caught.value.details
    assert (target / PATH).read_bytes() == EDITED


def test_without_what_it_was_edited_from_nothing_is_merged(target: Path) -> None:
    (target / ".nb2svc" / "generated.zip").unlink()
    with pytest.raises(VerdictError) as caught:
        build(target, SECOND, merging=(PATH,))
    assert caught.value.why.startswith("what it was edited from is not on this machine")


def test_what_is_no_text_is_not_merged() -> None:
    assert merge(b"\xff", b"\xfe", b"\xfd") is None


def test_an_edit_that_the_compiler_makes_too_is_none_afterwards(target: Path) -> None:
    assert merge(FIRST, EDITED, EDITED) == EDITED
