"""The line that says by which paths runs came."""

from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.validate.paths import told_paths


def told(*runs: tuple[str, str]) -> str:
    made = tuple(
        RunResult(key=str(key), spec=RunSpec(key=str(key)), status="ok", path=path, path_note=note)  # type: ignore[arg-type]
        for key, (path, note) in enumerate(runs)
    )
    return told_paths(Validation(notebook="n.ipynb", notebook_digest="", runs=made))


def test_paths_are_counted_with_why_not_faster():
    plain = ("plain", "the forked kernel died; it was made again")
    assert told(*[("fork", "")] * 30, plain, plain) == "30 runs forked, 2 plain: the forked kernel died; it was made again"
    assert told(("fork", ""), ("fork", "")) == "2 runs forked"


def test_nothing_is_told_where_nobody_would_ask():
    assert told(("plain", "so few runs are no faster forked")) == ""
    assert told(("plain", ""), ("plain", "")) == ""
