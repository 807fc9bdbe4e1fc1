import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.validate.baseline import read_baseline
from nb2svc.validate.folder import EXECUTED, NOTED, RESULT, commit, place_of, staged_run
from nb2svc.validate.output import FolderOutput, output_at
from nb2svc.validate.url import UrlOutput, is_url, shown_url
from unit.ir.test_validation import RESULT as TOLD
from unit.ir.test_validation import VALIDATION

SPEC = RunSpec(key="0123456789abcdef01")
RUN = replace(TOLD, key=SPEC.key, spec=SPEC, folder=place_of(SPEC))


@pytest.fixture(params=["memory", "file"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> UrlOutput:
    return UrlOutput(f"memory://{secrets.token_hex(4)}/runs" if request.param == "memory" else f"file://{tmp_path}/far")


@pytest.fixture
def staging(output: UrlOutput) -> Iterator[Path]:
    with output.held("loans.ipynb") as folder:
        yield folder


def put(output: UrlOutput, staging: Path, result: RunResult, *, session: str, text: str = "{}") -> RunResult:
    with staged_run(staging) as staged:
        (staged / NOTED).write_text('{"text": "é"}')
        (staged / EXECUTED).write_text(text)
        commit(staged, staging, result)
    return output.put(staging / place_of(SPEC), result, session=session)


def attempts(output: UrlOutput) -> list[str]:
    names = [path.rpartition("/")[2] for path in output._files.ls(f"{output._root}/runs", detail=False)]
    return sorted(name for name in names if "-" in name)


def test_a_url_is_told_from_a_path():
    assert all(map(is_url, ["s3://bucket/x", "file:///mnt/x", "memory://x", "simplecache::s3://bucket/x", "abfs://a@b/c"]))
    assert not any(map(is_url, ["out", "/mnt/x", "./a:b", "C:/x", "main:validation.json", "a b://c"]))
    assert isinstance(output_at("out"), FolderOutput)


def test_a_password_is_never_shown():
    assert shown_url("ftp://ann:secret@host/runs") == "ftp://host/runs"
    assert UrlOutput("ftp://ann:secret@host/runs").shown == "ftp://host/runs"


def test_a_run_is_found_again_with_all_that_it_left(output: UrlOutput, staging: Path):
    assert output.finished(SPEC) is None
    kept = put(output, staging, RUN, session="a", text="executed")
    assert output.finished(SPEC) == (kept, {"text": "é"})
    assert kept.folder.startswith("runs/0123456789abcdef-")
    assert output.read(f"{kept.folder}/{EXECUTED}") == b"executed"
    assert json.loads(output.read(f"{kept.folder}/{RESULT}"))["folder"] == kept.folder


def test_of_many_attempts_one_is_committed(output: UrlOutput, staging: Path):
    first = put(output, staging, RUN, session="a", text="first")
    second = put(output, staging, replace(RUN, status="ok"), session="a", text="second")
    assert second == first
    assert output.committed(SPEC, session="a") == first
    assert attempts(output) == [first.folder.removeprefix("runs/")]
    assert output.read(f"{first.folder}/{EXECUTED}") == b"first"


def test_what_an_earlier_command_committed_is_replaced_whole(output: UrlOutput, staging: Path):
    put(output, staging, RUN, session="a")
    assert output.committed(SPEC, session="b") is None
    kept = put(output, staging, replace(RUN, status="ok"), session="b")
    assert output.finished(SPEC)[0] == kept
    assert kept.status == "ok"
    assert attempts(output) == [kept.folder.removeprefix("runs/")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"session": "a"}', b'{"session": "a", "result": {"status": "fine"}}'])
def test_a_damaged_commit_is_none(output: UrlOutput, staging: Path, content: bytes):
    output.write(f"{place_of(SPEC)}.json", content)
    assert output.finished(SPEC) is None
    assert output.committed(SPEC, session="a") is None
    assert put(output, staging, RUN, session="a") == output.finished(SPEC)[0]


def test_an_attempt_without_its_commit_is_none(output: UrlOutput, staging: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(UrlOutput, "_commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        put(output, staging, RUN, session="a")
    assert len(attempts(output)) == 1
    assert output.finished(SPEC) is None


def test_the_last_validation_is_the_one_at_the_url(output: UrlOutput):
    with pytest.raises(UsageError, match="there is no last validation"):
        read_baseline("last", output=output)
    with pytest.raises(UsageError, match="nothing lies at"):
        read_baseline(output.url, output=output)
    output.write_validation(VALIDATION)
    assert read_baseline("last", output=output) == VALIDATION
    assert read_baseline(output.url, output=FolderOutput(Path("nowhere"))) == VALIDATION
    assert read_baseline(f"{output.url}/validation.json", output=output) == VALIDATION
    with pytest.raises(UsageError, match=r"holds the validation of loans\.ipynb"), output.held("cars.ipynb"):
        pass


@pytest.mark.parametrize(
    ("url", "kind", "what", "why"),
    [
        ("s4://bucket/x", UsageError, "there is no protocol s4", "Protocol not known: s4"),
        ("hf://datasets/x", EnvironmentProblem, "what hf:// needs is not installed", "Install huggingface_hub"),
        ("zip://runs.zip", UsageError, "runs can't be kept at zip://runs.zip", "an archive is written once and as a whole"),
        ("https://host/x", UsageError, "runs can't be kept at https://host/x", "a web server takes no files"),
        ("file:///proc/nb2svc/x", EnvironmentProblem, "can't write runs/.gitignore", "FileNotFoundError"),
    ],
)
def test_a_url_that_can_t_be_used_is_told_before_anything_is_run(url: str, kind: type[Exception], what: str, why: str):
    with pytest.raises(kind) as raised, UrlOutput(url).held("loans.ipynb"):
        pass
    assert raised.value.what == what
    assert why in raised.value.why
    assert raised.value.where.removeprefix("-o ") == url


def test_who_may_not_write_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def denied(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(LocalFileSystem, "pipe_file", denied)
    with pytest.raises(EnvironmentProblem) as raised, UrlOutput(f"file://{tmp_path}/x").held("loans.ipynb"):
        pass
    assert "you may not do that there: PermissionError: Access Denied" in raised.value.why


def test_without_fsspec_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(EnvironmentProblem, match="fsspec is not installed") as raised, UrlOutput("memory://x").held(""):
        pass
    assert "nb2svc[dask]" in raised.value.fix


def test_a_file_is_no_folder_of_runs(tmp_path: Path):
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="out is a file"):
        output_at(str(tmp_path / "out"))
