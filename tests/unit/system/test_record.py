import pytest

from nb2svc.system.record import Record, Seen, edits, read_record, render_record, updated

SEEN = {"a.py": Seen(theirs="mine", generated="g2")}


def test_a_record_is_read_as_it_was_written(tmp_path):
    record = Record(files={"b.py": "1", "a.py": "2"}, taken_over=SEEN)
    (tmp_path / ".nb2svc-manifest.json").write_bytes(render_record(record))
    assert read_record(tmp_path) == record


def test_a_record_of_before_files_were_taken_over_is_read(tmp_path):
    (tmp_path / ".nb2svc-manifest.json").write_text('{"version": 1, "files": {"a.py": "1"}}')
    assert read_record(tmp_path) == Record(files={"a.py": "1"})


def test_no_record_and_a_damaged_one_are_told_apart(tmp_path):
    assert read_record(tmp_path) == Record()
    (tmp_path / ".nb2svc-manifest.json").write_text("{")
    assert read_record(tmp_path) == Record(damaged=True)


def test_only_what_is_there_and_differs_is_an_edit(tmp_path):
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "folder.py").mkdir()
    assert list(edits(tmp_path, {"a.py": "other", "gone.py": "1", "folder.py": "1", "a.py/below.py": "1"})) == ["a.py"]


@pytest.mark.parametrize(
    ("before", "theirs", "base"),
    [
        (Record(files={"a.py": "g1"}), "mine", "g1"),
        (Record(files={"a.py": "g1"}, taken_over=SEEN), "mine", "g1"),
        (Record(files={"a.py": "g1"}, taken_over=SEEN), "mine, with what g2 brought", "g2"),
        (Record(), "mine", "g3"),
    ],
    ids=["edited since the last build", "edited before it", "edited again since", "put there by a person"],
)
def test_what_an_edit_was_made_from(before, theirs, base):
    after = updated(before, generated={"a.py": "g3", "b.py": "1"}, edited={"a.py": theirs})
    assert after.files == {"a.py": base, "b.py": "1"}
    assert after.taken_over == {"a.py": Seen(theirs=theirs, generated="g3")}


def test_a_file_that_is_no_longer_generated_leaves_the_record():
    assert updated(Record(files={"a.py": "1"}), generated={}, edited={"a.py": "mine"}) == Record()
