"""What `observe` makes of a probe that answers, crashes, hangs or lies; the probe itself is a few lines of shell here."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb2svc.capture.observe import observe
from nb2svc.errors import InternalError, RunError
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.codec import to_json
from nb2svc.ir.observation import Answer, Observation, Oracles, Table
from unit.capture.made import an_outline, made, point

EMPTY = hashlib.sha256(b"").hexdigest()
ANSWER = Observation(
    tables=(Table(name="loans", role="main", kind="frame", rows=3),), target=None, rewrites=(), selections=(), learned=(),
    answer=Answer(kind="number", dtype="float64", container="array"), estimator_rows=3,
    oracles=Oracles(fit_rows="f.pkl", predict_rows="f.pkl", checkpoints="f.pkl", sha256=tuple((field, EMPTY) for field in ("fit_rows", "predict_rows", "checkpoints"))),
)  # fmt: skip


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x.pkl").write_bytes(b"x")
    kept = Kept(kind="raw", label="x", file="kept/x.pkl", sha256=hashlib.sha256(b"x").hexdigest(), type="builtins.int")
    return Capture(
        folder=str(tmp_path), digest="d", notebook_digest="n", parameters=(), interpreter=sys.executable, python="3.11.7",
        versions=(), modules=(), kept=(kept,), inputs=(), metrics=(), seconds=1.0, cwd=str(tmp_path),
        points=(point("after", 0, "x", kind="raw"),),
    )  # fmt: skip


def answered(capture: Capture, body: str, **options: Any) -> Observation:
    """Observe with a script for an interpreter; `$1` is the launcher, `$2` the request."""
    script = Path(capture.folder) / "interpreter"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    notebook, dataflow = made("x = 1")
    return observe(replace(capture, interpreter=str(script)), notebook, dataflow, an_outline(), **options)


def answer_with(capture: Capture, document: object) -> str:
    (Path(capture.folder) / "answer").write_text(json.dumps(document))
    return 'cd "$(dirname "$2")" && cp answer observation.json && : > f.pkl'


def test_an_answer_is_read(capture: Capture) -> None:
    assert answered(capture, answer_with(capture, to_json(ANSWER))) == ANSWER


def test_the_options_are_in_the_request(capture: Capture) -> None:
    answered(capture, answer_with(capture, to_json(ANSWER)), sample=7, knowledge=False)
    options = json.loads((Path(capture.folder) / "probe_request.json").read_text())["options"]
    assert options == {"sample": 7, "single_rows": 20, "knowledge": False, "seed": 0, "checkpoint_rows": 20000}


def test_it_runs_where_the_notebook_ran_but_does_not_look_there_first(capture: Capture) -> None:
    script = 'echo "$PWD|$PYTHONPATH|$PYTHONHASHSEED|$1" > "$(dirname "$2")/seen"\n' + answer_with(capture, to_json(ANSWER))
    answered(capture, script)
    cwd, path, seed, launcher = (Path(capture.folder) / "seen").read_text().strip().split("|")
    assert cwd == capture.cwd
    # A `random.py` there, which the kernel never saw, would end it before it can tell where modules are to be found.
    assert capture.cwd not in path.split(":")
    assert seed == "0"
    assert launcher.endswith("capture/probe/__main__.py")


def test_a_value_that_can_not_be_read_again_is_the_notebooks(capture: Capture) -> None:
    with pytest.raises(RunError, match="can't be read again") as caught:
        answered(capture, "echo warned >&2; echo \"x.pkl can't be read: AttributeError: Can't get attribute 'Row'\" >&2; exit 3")
    assert caught.value.why == "x.pkl can't be read: AttributeError: Can't get attribute 'Row'"
    assert caught.value.exit_code == 4


def test_a_crash_is_ours_and_says_where_the_log_is(capture: Capture) -> None:
    with pytest.raises(InternalError, match="the replay of the feature cells crashed") as caught:
        answered(capture, "echo 'IndexError: oh no' >&2; exit 1")
    assert caught.value.exit_code == 70
    assert caught.value.where == str(Path(capture.folder) / "probe.log")
    assert "IndexError: oh no" in caught.value.details
    assert "IndexError" in Path(caught.value.where).read_text()


def test_a_crash_does_not_show_an_older_answer(capture: Capture) -> None:
    answered(capture, answer_with(capture, to_json(ANSWER)))
    with pytest.raises(InternalError, match="the probe's answer can't be read"):
        answered(capture, "exit 0")


@pytest.mark.parametrize("document", [{}, {"tables": 3}, [], {**to_json(ANSWER), "surprise": 1}])
def test_an_answer_of_another_form_is_told(capture: Capture, document: object) -> None:
    with pytest.raises(InternalError, match="the probe's answer can't be read"):
        answered(capture, answer_with(capture, document))


def test_a_probe_that_hangs_is_ended(capture: Capture) -> None:
    with pytest.raises(RunError, match=r"still being replayed after 0\.5 s") as caught:
        answered(capture, "exec sleep 300", timeout=0.5)
    assert "--timeout" in caught.value.fix


def test_an_oracle_that_is_not_the_one_written_is_refused(capture: Capture) -> None:
    with pytest.raises(InternalError, match="changed after it was written") as caught:
        answered(capture, answer_with(capture, to_json(ANSWER)) + " && echo noise > f.pkl")
    assert caught.value.where == str(Path(capture.folder) / "f.pkl")


def test_an_oracle_without_a_digest_is_refused(capture: Capture) -> None:
    document = to_json(ANSWER)
    document["oracles"]["sha256"] = document["oracles"]["sha256"][:2]
    with pytest.raises(InternalError, match="changed after it was written"):
        answered(capture, answer_with(capture, document))


def test_a_kept_value_that_changed_or_went_is_refused_before_it_is_read(capture: Capture) -> None:
    value = Path(capture.folder) / "kept" / "x.pkl"
    value.write_bytes(b"y")
    with pytest.raises(InternalError, match="changed after it was written"):
        answered(capture, "touch started")
    value.unlink()
    with pytest.raises(InternalError, match="a file of the capture is missing"):
        answered(capture, "touch started")
    assert not (Path(capture.folder) / "started").exists()


@pytest.mark.parametrize(("kind", "stops"), [("raw", True), ("estimator", True), ("given", False), ("check_value", False)])
def test_a_value_that_the_replay_needs_and_that_was_not_kept_stops(capture: Capture, kind: Any, *, stops: bool) -> None:
    problem = "can't be pickled: TypeError: cannot pickle 'generator' object"
    kept = Kept(kind=kind, label="x", file="", sha256="", type="builtins.generator", problem=problem)
    lacking = replace(capture, kept=(kept,), points=(point("after", 0, "x", kind=kind),))
    if not stops:
        assert answered(lacking, answer_with(capture, to_json(ANSWER))) == ANSWER
        return
    with pytest.raises(RunError, match="the value of x can't be kept") as caught:
        answered(lacking, "exit 0")
    assert (caught.value.why, caught.value.where) == (problem, "loans.ipynb")
    assert "top level of a cell" in caught.value.fix
