"""Captured rows over HTTP: the command line's document, for whoever may run code, about what lies in the server's root."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Built

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def example(built: Callable[[str], Built]) -> Built:
    return built("diabetes_progression")


@pytest.fixture
def ask(jp_fetch):
    async def asked(body: object, **how):
        response = await jp_fetch("nb2svc", "rows", method="POST", body=json.dumps(body), request_timeout=200, **how)
        return json.loads(response.body)

    return asked


@pytest.fixture
def refused(ask):
    from tornado.httpclient import HTTPClientError

    async def asked(body: object, **how) -> int:
        with pytest.raises(HTTPClientError) as error:
            await ask(body, **how)
        return error.value.code

    return asked


@pytest.fixture
def sites(jp_serverapp):
    return jp_serverapp.web_app.settings["nb2svc_rows"]


def gone(pid: int) -> bool:
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


NAME = "diabetes_progression"


async def test_rows_are_those_of_the_command_line_and_edits_are_quick(ask, sites, jp_root_dir: Path, example: Built) -> None:
    shutil.copytree(example.folder, jp_root_dir / "work", symlinks=True)
    path = f"work/{NAME}.ipynb"
    page = await ask({"path": path, "ask": "list", "limit": 5})
    assert (page["total"], len(page["rows"]), page["error"]) == (442, 5, None)

    said = json.loads(example.run("rows", f"{NAME}.ipynb", "--row", "5", "--format", "json").stdout)
    found = await ask({"path": path, "ask": "row", "row": 5})
    assert {**found, "seconds": 0} == {**said, "seconds": 0}
    assert found["parting"] is None
    assert str(jp_root_dir) not in json.dumps(found)

    edited = {**found["request"], "bmi": 33.5}
    loaded = sites.pids
    for bmi in (33.5, 33.6, 33.7):
        tried = await ask({"path": path, "ask": "try", "row": 5, "request": {**edited, "bmi": bmi}})
    assert tried["nearest"]["row"] == 5
    # The project is loaded once: that is what makes an edit quick.
    assert len(loaded) == 1
    assert sites.pids == loaded

    # A project that changed is loaded anew, and shows where it parts.
    features = jp_root_dir / "work" / NAME / NAME / "features.py"
    features.write_text(features.read_text().replace('visits["bp"] / 100', 'visits["bp"] / 101'))
    before = sites.pids
    broken = await ask({"path": path, "ask": "row", "row": 5})
    assert (broken["parting"]["name"], broken["parting"]["column"]) == ("visits", "bmi_pressure")
    assert gone(before[0])

    wrong = await ask({"path": path, "ask": "row", "row": 442})
    assert wrong["error"]["what"].startswith("there is no row 442")
    assert wrong["built"]
    (last,) = sites.pids
    await sites.close()
    assert gone(last)


async def test_a_notebook_that_was_not_built_says_so(ask, jp_root_dir: Path, example: Built) -> None:
    shutil.copy(example.notebook, jp_root_dir / "new.ipynb")
    found = await ask({"path": "new.ipynb", "ask": "list"})
    assert (found["built"], found["error"]["what"]) == (False, "new.ipynb was not built yet")
    assert found["error"]["fix"] == "build it: nb2svc build new.ipynb"


async def test_a_project_without_its_capture_says_what_to_do(ask, jp_root_dir: Path, example: Built) -> None:
    shutil.copytree(example.project, jp_root_dir / NAME)
    found = await ask({"path": NAME, "ask": "list"})
    assert found["built"]
    assert "NB2SVC_CAPTURE" in found["error"]["fix"]


@pytest.mark.parametrize("path", ["../secret.ipynb", "none.ipynb", "/etc/passwd", "a/../../secret.ipynb"])
async def test_nothing_outside_the_root_is_asked(refused, jp_root_dir: Path, path: str, example: Built) -> None:
    shutil.copy(example.notebook, jp_root_dir.parent / "secret.ipynb")
    assert await refused({"path": path, "ask": "list"}) == 404


async def test_a_stranger_gets_no_rows(refused, jp_root_dir: Path, example: Built) -> None:
    shutil.copy(example.notebook, jp_root_dir / "new.ipynb")
    assert await refused({"path": "new.ipynb", "ask": "list"}, headers={"Authorization": "token wrong"}) == 403


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"path": "new.ipynb"},
        {"path": "new.ipynb", "ask": "all"},
        {"path": "new.ipynb", "ask": "row"},
        {"path": "new.ipynb", "ask": "row", "row": "1"},
        {"path": "new.ipynb", "ask": "row", "row": True},
        {"path": "new.ipynb", "ask": "try", "request": []},
        {"path": "new.ipynb", "ask": "list", "limit": 100_000},
        {"path": "new.ipynb", "ask": "list", "offset": -1},
        {"path": "", "ask": "list"},
    ],
)
async def test_a_wrong_question_is_refused(refused, body: object) -> None:
    assert await refused(body) == 400


async def test_a_text_file_has_no_rows(refused, jp_root_dir: Path) -> None:
    (jp_root_dir / "notes.txt").write_text("no notebook")
    assert await refused({"path": "notes.txt", "ask": "list"}) == 400
