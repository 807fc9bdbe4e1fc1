"""Runs in an object store that speaks S3: found by the next command, whole or not there, and refused before any run where it can't be."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.validation import Validation
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.sets import Asked
from nb2svc.validate.url import UrlOutput

pytestmark = pytest.mark.kernel

CELLS = ["seed = 1", "open('starts', 'a').write('x')\nimport nb2svc\nnb2svc.metric('double', seed * 2)"]
_DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Store:
    """A server with the bucket `models`; `denies` says of a method and a path that they are not allowed."""

    def __init__(self) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app

        self.denies: Callable[[str, str], bool] = lambda _method, _path: False
        self._application: Any = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Any, start: Any) -> Any:
        if self.denies(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _DENIED]
        return self._application(environ, start)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Store, str]]:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    store = Store()
    made = make_server("127.0.0.1", 0, store, threaded=True, request_handler=Silent)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield store, f"http://127.0.0.1:{made.server_port}"
    made.shutdown()


@pytest.fixture
def store(server: tuple[Store, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    import s3fs

    for name, value in {
        "AWS_ENDPOINT_URL": server[1], "AWS_ACCESS_KEY_ID": "ann", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    server[0].denies = lambda _method, _path: False
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem()
    if not files.exists("models"):
        files.mkdir("models")
    return server[0]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [
        {
            "cell_type": "code", "id": f"id-{place}", "metadata": {"tags": [] if place else ["parameters"]},
            "execution_count": None, "outputs": [], "source": source,
        }
        for place, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "double.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def made(notebook: Path, output: str, grid: str) -> Validation:
    options = ValidateOptions(notebook=notebook, asked=Asked(grid=(("seed", grid),)), output=output, jobs=1)
    return validate(notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation


def starts(notebook: Path) -> int:
    path = notebook.parent / "starts"
    return len(path.read_text()) if path.exists() else 0


def test_the_next_command_finds_what_was_finished_and_half_a_run_is_none(store: Store, notebook: Path):
    url = "s3://models/double/runs"
    first = made(notebook, url, "1..2")
    assert [(run.status, run.reused) for run in first.runs] == [("ok", False)] * 2
    # The third run is written, and its commit is not allowed: it does not count.
    store.denies = lambda method, path: method == "PUT" and path.count("/") == 5 and path.endswith(".json")
    with pytest.raises(EnvironmentProblem) as raised:
        made(notebook, url, "1..3")
    assert raised.value.what == "can't commit the run"
    assert raised.value.why.startswith("you may not do that there")
    assert starts(notebook) == 3
    store.denies = lambda _method, _path: False
    again = made(notebook, url, "1..3")
    assert [(run.status, run.reused) for run in again.runs] == [("ok", True), ("ok", True), ("ok", False)]
    assert starts(notebook) == 4
    kept = UrlOutput(url)
    assert json.loads(kept.read("validation.json") or b"")["runs"][2]["status"] == "ok"
    assert kept.read(f"{again.runs[2].folder}/executed.ipynb")


def test_a_bucket_that_is_not_there_is_not_made(store: Store, notebook: Path):
    for url in ("s3://modles/double", "dir://double::s3://modles/x"):
        with pytest.raises(EnvironmentProblem, match="there is no bucket for") as raised:
            made(notebook, url, "1..2")
        assert raised.value.fix == "check its name, or make it first: none is made for you"
    assert starts(notebook) == 0
    import s3fs

    assert s3fs.S3FileSystem(skip_instance_cache=True).ls("") == ["models"]


def test_who_may_not_write_is_told_before_any_run(store: Store, notebook: Path, monkeypatch: pytest.MonkeyPatch):
    store.denies = lambda _method, _path: True
    with pytest.raises(EnvironmentProblem) as raised:
        made(notebook, "s3://models/denied", "1..2")
    assert raised.value.why.startswith("you may not do that there")
    assert raised.value.fix.startswith("sign in as the protocol does it")
    store.denies = lambda _method, _path: False
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(EnvironmentProblem) as raised:
        made(notebook, "s3://models/unsigned", "1..2")
    assert raised.value.fix.startswith("sign in as the protocol does it"), raised.value
    assert starts(notebook) == 0


def test_what_the_protocol_needs_is_named(notebook: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(EnvironmentProblem) as raised:
        made(notebook, "s3://models/double", "1..2")
    assert raised.value.what == "what s3:// needs is not installed"
    assert raised.value.fix == "pip install s3fs, beside nb2svc and on all workers"
    assert starts(notebook) == 0
