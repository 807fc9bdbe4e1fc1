"""What a build says of files that people edited."""

from datetime import UTC, datetime

from nb2svc.cli.by_hand import by_hand_block, by_hand_document
from nb2svc.upkeep.taken_over import TakenOver

PATH = "loans/features.py"


def file(*, base: bytes | None = b"x = 1\n", generated: bytes = b"x = 1\n") -> TakenOver:
    since = datetime(2026, 11, 26, 18, 40, tzinfo=UTC)
    return TakenOver(
        path=PATH, theirs=b"x = 1\ny = 2\n", generated=generated, base=base, moved=generated != b"x = 1\n", since=since
    )


def block(*files: TakenOver, **more) -> list[str]:
    options = {"given_back": (), "merged": (), "restored": (), "project": "my loans", "notebook": "loans.ipynb", **more}
    return by_hand_block(files, **options)


def test_nothing_by_hand_is_not_told():
    assert block() == []


def test_an_edit_with_what_to_do_about_it():
    first, compare, give = block(file())
    assert first.startswith(f"{PATH} is taken over (edited 2026-11-2")
    assert first.endswith("+1 -0 line): the service was proved with it")
    assert compare == f"compare: diff -u 'my loans/.nb2svc/generated/{PATH}' 'my loans/{PATH}'"
    assert give == f"give it back: nb2svc build loans.ipynb --accept-generated {PATH}"


def test_what_the_compiler_changed_since_is_shown():
    lines = block(file(generated=b"x = 7\n"))
    assert lines[1] == "  the compiler writes it otherwise since:"
    assert "  -x = 1" in lines
    assert "  +x = 7" in lines
    assert lines[-3] == f"  take it in: nb2svc build loans.ipynb --merge-generated {PATH}"


def test_a_long_change_is_cut():
    text = "".join(f"z{number} = 1\n" for number in range(40)).encode()
    lines = block(file(generated=text))
    assert len(lines) == 26
    assert any(line.startswith("  … ") and line.endswith(" lines more") for line in lines)


def test_of_many_files_the_first_are_told():
    lines = block(*[file()] * 11)
    assert len(lines) == 11
    assert lines[8] == "and so are 3 more: --format json names them"


def test_a_change_whose_beginning_is_not_known_is_told():
    assert "not on this machine" in block(file(generated=b"x = 7\n", base=None))[1]


def test_what_was_given_back_and_what_was_deleted():
    kept = [(PATH, ".nb2svc/given-back/3f/x.py")]
    lines = block(given_back=kept, merged=kept, restored=["README.md"])
    assert lines == [
        f"{PATH} has the compiler's change now; as it was it is kept in my loans/.nb2svc/given-back/3f/x.py",
        f"{PATH} is generated again; your version is kept in my loans/.nb2svc/given-back/3f/x.py",
        "README.md was deleted, and is there again",
    ]


def test_as_json():
    document = by_hand_document(file())
    assert document == {
        "path": PATH, "edited": "2026-11-26T18:40:00+00:00", "added": 1, "removed": 0,
        "diff": f"--- .nb2svc/generated/{PATH}\n+++ {PATH}\n@@ -1 +1,2 @@\n x = 1\n+y = 2\n", "moved": False, "news": None,
    }  # fmt: skip
    assert "+x = 7" in by_hand_document(file(generated=b"x = 7\n"))["news"]
