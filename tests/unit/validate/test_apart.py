"""Runs that write what they read, side by side: seen where two name the same file, and never where its name is one run's own."""

import tempfile
from pathlib import Path

import pytest

from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.validate.apart import Apart, TogetherError, shared_files


def result(key: str, *rewritten: str) -> RunResult:
    return RunResult(key=key, spec=RunSpec(key=key, parameters=()), status="ok", rewritten=rewritten)


def test_two_runs_that_rewrite_the_same_file_are_not_told_apart():
    heard: list[str] = []
    apart = Apart(lambda run: heard.append(run.key))
    apart.ended(result("a", "model.pkl", "a.csv"))
    apart.ended(result("b", "b.csv"))
    with pytest.raises(TogetherError, match=r"^each run writes model\.pkl and reads it: "):
        apart.ended(result("c", "model.pkl"))
    assert heard == ["a", "b"]


def test_temporary_files_and_devices_are_no_runs_to_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cwd, temporary = tmp_path / "cwd", tmp_path / "tmp"
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    paths = [str(cwd / "out" / "a.csv"), str(temporary / "x1"), "/dev/null", str(tmp_path / "gone.csv")]
    assert shared_files(paths, cwd=cwd) == ("out/a.csv", str(tmp_path / "gone.csv"))


def test_a_run_in_a_temporary_folder_shares_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert shared_files([str(tmp_path / "cwd" / "a.csv")], cwd=tmp_path / "cwd") == ("a.csv",)
