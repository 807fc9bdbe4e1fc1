"""The server extension in a real Jupyter server: one answer for the panel and the command line, and nobody unknown is answered."""

import asyncio
import json
import warnings

import nbformat
import pytest

from conftest import nb2svc

pytest_plugins = ("pytest_jupyter.jupyter_server",)

CELLS = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nloans = pd.read_csv('loans.csv')",
    "# nb2svc: feature ages\nX = loans[['age']] / 100",
    "# nb2svc: model\nmodel = Ridge().fit(X, loans['paid'])\npaid = model.predict(X)",
)


def notebook(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells or CELLS])


@pytest.fixture
def jp_server_config():
    # An endpoint that does not ask who calls is then an error when the server starts.
    return {"ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def ask(jp_fetch):
    async def asked(what: str, body: object, **how):
        response = await jp_fetch("nb2svc", what, method="POST", body=json.dumps(body), **how)
        return json.loads(response.body)

    return asked


@pytest.fixture
def refused(ask):
    from tornado.httpclient import HTTPClientError

    async def asked(what: str, body: object, **how) -> int:
        with pytest.raises(HTTPClientError) as error:
            await ask(what, body, **how)
        return error.value.code

    return asked


async def test_it_answers_as_the_command_line_does(ask, tmp_path) -> None:
    path = tmp_path / "loans.ipynb"
    nbformat.write(notebook(), path)
    content = json.loads(path.read_text())
    said = json.loads(nb2svc("analyze", str(path), "--format", "json", cwd=tmp_path).stdout)
    answered = await ask("analyze", {"path": str(path), "content": content})
    # The command line read the file's bytes, the server a screen's content.
    said["notebook"]["file_digest"] = answered["notebook"]["file_digest"] = ""
    assert answered == said
    assert answered["outline"]["model"]["estimator"] == "model"


async def test_an_untagged_notebook_is_analysed_and_gets_a_proposal(ask) -> None:
    untagged = notebook(*(cell.removeprefix("# nb2svc: feature ages\n").removeprefix("# nb2svc: model\n") for cell in CELLS))
    answered = await ask("analyze", {"path": "loans.ipynb", "content": untagged})
    assert [finding["code"] for finding in answered["findings"]] == ["NB201"]
    proposed = await ask("suggest", {"path": "loans.ipynb", "content": untagged})
    assert [(cell["cell"], cell["role"]) for cell in proposed["proposal"]["cells"]] == [(2, "feature"), (3, "model")]


async def test_the_modules_are_those_of_the_command_line(ask, jp_root_dir) -> None:
    nbformat.write(notebook(), jp_root_dir / "loans.ipynb")
    said = json.loads(
        nb2svc("show", "loans.ipynb", "schema", "features", "model", "training", "--format", "json", cwd=jp_root_dir).stdout
    )
    answered = await ask("show", {"path": "loans.ipynb"})
    texts = {module["name"]: module["text"] for module in answered["modules"]}
    assert answered["basis"]["kind"] == "draft"
    assert {module["name"]: module["text"] for module in said["modules"]}.items() <= texts.items()
    assert str(jp_root_dir) not in json.dumps(answered)


async def test_a_file_is_read_through_the_contents_manager(ask, jp_root_dir) -> None:
    nbformat.write(notebook(), jp_root_dir / "loans.ipynb")
    (jp_root_dir / "loans.py").write_text("\n".join(f"# %%\n{cell}" for cell in CELLS))
    for name in ("loans.ipynb", "loans.py"):
        assert len((await ask("analyze", {"path": name}))["notebook"]["cells"]) == 3


@pytest.mark.parametrize("path", ["../secret.ipynb", "none.ipynb", "/etc/passwd"])
async def test_nothing_outside_the_root_is_read(refused, jp_root_dir, path: str) -> None:
    nbformat.write(notebook(), jp_root_dir.parent / "secret.ipynb")
    assert await refused("analyze", {"path": path}) == 404


async def test_a_script_that_is_opened_as_a_notebook_is_one(ask) -> None:
    answered = await ask("analyze", {"path": "loans.py", "content": notebook()})
    assert (answered["error"], len(answered["notebook"]["cells"])) == (None, 3)


async def test_a_path_that_is_none_of_this_disk_leads_to_nothing_on_it(ask, refused, jp_serverapp, tmp_path, monkeypatch) -> None:
    from nb2svc_jupyter.server import handlers

    assert await refused("show", {"path": "a\0.ipynb", "content": notebook()}) == 404
    monkeypatch.setattr(type(jp_serverapp.contents_manager), "_get_os_path", None, raising=False)
    asked: list[str] = []
    on_disk = handlers.place_of
    monkeypatch.setattr(handlers, "place_of", lambda manager, path: asked.append(on_disk(manager, path)) or asked[-1])
    answered = await ask("show", {"path": f"..{tmp_path}/loans.ipynb", "content": notebook()})
    assert (asked, answered["basis"]["kind"]) == (["/dev/null/loans.ipynb"], "draft")


async def test_what_is_no_notebook_is_told_with_what_to_do(ask) -> None:
    answered = await ask("analyze", {"path": "loans.ipynb", "content": {"cells": "none"}})
    assert answered["error"]["exit_code"] == 3
    assert answered["error"]["fix"]


@pytest.mark.parametrize("body", [[], {"path": 3}, {"path": ""}, {"path": "a.ipynb", "content": []}])
async def test_a_wrong_question_is_refused(refused, body: object) -> None:
    assert await refused("analyze", body) == 400


async def test_an_unknown_question_is_refused(refused) -> None:
    assert await refused("build", {"path": "loans.ipynb"}) == 404


@pytest.mark.parametrize("what", ["analyze", "suggest", "show", "ready"])
async def test_a_stranger_gets_no_answer(refused, what: str) -> None:
    body = {"path": "loans.ipynb", "content": notebook()}
    assert await refused(what, body, headers={"Authorization": "token wrong"}) == 403


async def test_a_question_takes_no_other_verb(jp_fetch) -> None:
    from tornado.httpclient import HTTPClientError

    with pytest.raises(HTTPClientError) as error:
        await jp_fetch("nb2svc", "analyze", method="GET")
    assert error.value.code == 405


def test_every_verb_of_ours_asks_who_calls(tmp_path, monkeypatch) -> None:
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.utils import JupyterServerAuthWarning

    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    app = ServerApp(
        allow_unauthenticated_access=False, jpserver_extensions={"nb2svc_jupyter": True}, reraise_server_extension_failures=True
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    assert [
        str(each.message) for each in said if each.category is JupyterServerAuthWarning and "nb2svc" in str(each.message)
    ] == []
    ServerApp.clear_instance()


async def test_what_a_finding_means_is_told_as_the_command_line_tells_it(jp_fetch, tmp_path) -> None:
    from tornado.httpclient import HTTPClientError

    (said,) = json.loads(nb2svc("explain", "NB225", "--format", "json", cwd=tmp_path).stdout)["pages"]
    told = json.loads((await jp_fetch("nb2svc", "explain", "NB225")).body)
    assert told == said
    assert "random_state=0" in told["quick"]
    for code, headers, refusal in (("NB999", {}, 404), ("NB225", {"Authorization": "token wrong"}, 403)):
        with pytest.raises(HTTPClientError) as error:
            await jp_fetch("nb2svc", "explain", code, headers=headers)
        assert error.value.code == refusal


async def test_a_notebook_that_is_too_large_is_told_what_to_do(ask, jp_root_dir, monkeypatch) -> None:
    from tornado.httpclient import HTTPClientError

    monkeypatch.setattr("nb2svc_jupyter.server.handlers.LIMIT", 2000)
    big = notebook(*CELLS, "text = '" + "x" * 3000 + "'")
    nbformat.write(big, jp_root_dir / "big.ipynb")
    for body in ({"path": "big.ipynb", "content": big}, {"path": "big.ipynb"}):
        with pytest.raises(HTTPClientError) as error:
            await ask("analyze", body)
        assert error.value.code == 413
        assert "nb2svc analyze" in json.loads(error.value.response.body)["message"]


async def test_what_a_cell_put_out_does_not_make_a_notebook_too_large(ask, jp_root_dir, monkeypatch) -> None:
    monkeypatch.setattr("nb2svc_jupyter.server.handlers.LIMIT", 4000)
    loud = notebook()
    loud.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * 9000)]
    nbformat.write(loud, jp_root_dir / "loud.ipynb")
    assert (await ask("analyze", {"path": "loud.ipynb"}))["error"] is None


async def test_a_client_that_asks_again_drops_its_earlier_question(ask, jp_serverapp, monkeypatch) -> None:
    from nb2svc_jupyter.server.handlers import WORKERS
    from nb2svc_jupyter.server.workers import Workers

    workers = jp_serverapp.web_app.settings[WORKERS] = Workers(count=1)
    asked = [ask("analyze", {"path": "a.ipynb", "content": notebook(f"x = {n}"), "client": "me"}) for n in range(6)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    codes = [getattr(answer, "code", 200) for answer in answers]
    assert codes.count(200) == workers.asked
    assert codes.count(409) == workers.dropped > 0
    await workers.close()


async def test_what_analyses_ends_with_the_server(ask, jp_serverapp) -> None:
    from nb2svc_jupyter.server.handlers import WORKERS

    await ask("analyze", {"path": "a.ipynb", "content": notebook()})
    workers = jp_serverapp.web_app.settings[WORKERS]
    assert any(worker._process for worker in workers._workers)
    await jp_serverapp.cleanup_extensions()
    assert not any(worker._process for worker in workers._workers)
