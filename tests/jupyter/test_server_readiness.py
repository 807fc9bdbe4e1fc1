"""The checklist over HTTP: that of the command line, and the evidence that it names, as a page in which nothing runs."""

import json

import pytest
from small_project import PAGE, write_project

from conftest import nb2svc
from document_schema import validator

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def ready(jp_fetch):
    async def asked(path: str, **how):
        response = await jp_fetch("nb2svc", "ready", method="POST", body=json.dumps({"path": path}), **how)
        document = json.loads(response.body)
        validator("ReadinessDocument").validate(document)
        return document

    return asked


@pytest.fixture
def evidence(jp_fetch):
    async def asked(path: str, file: str, **how):
        return await jp_fetch("nb2svc", "evidence", params={"path": path, "file": file}, **how)

    return asked


async def test_it_is_what_the_command_line_says(ready, jp_root_dir) -> None:
    write_project(jp_root_dir)
    write_project(jp_root_dir, project="services/loans")
    answered = await ready("loans.ipynb")
    said = json.loads(nb2svc("ready", "loans", "--format", "json", cwd=jp_root_dir).stdout)
    (mine,) = [project for project in answered["projects"] if project["project"] == "loans"]
    assert mine["readiness"] == said["readiness"]
    assert mine["cells"] == said["cells"] == {"1": "load", "2": "ages", "3": "risk"}
    assert mine.keys() == said.keys()
    assert [project["project"] for project in answered["projects"]] == ["services/loans", "loans"]
    assert str(jp_root_dir) not in json.dumps(answered)


async def test_a_notebook_that_was_never_built_has_none(ready, jp_root_dir) -> None:
    write_project(jp_root_dir)
    (jp_root_dir / "other.ipynb").write_text((jp_root_dir / "loans.ipynb").read_text())
    assert (await ready("other.ipynb"))["projects"] == []


async def test_a_damaged_checklist_says_what_to_do(ready, jp_root_dir) -> None:
    (write_project(jp_root_dir) / "readiness.json").write_text("{")
    answered = await ready("loans.ipynb")
    assert answered["projects"] == []
    (damaged,) = answered["damaged"]
    assert (damaged["project"], damaged["error"]["fix"]) == ("loans", "build the project again")


async def test_evidence_is_a_page_in_which_nothing_runs(evidence, jp_root_dir) -> None:
    write_project(jp_root_dir)
    response = await evidence("loans.ipynb", PAGE)
    assert response.body == (jp_root_dir / PAGE).read_bytes()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox; default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_nothing_else_is_handed_out(evidence, refused, jp_root_dir) -> None:
    write_project(jp_root_dir)
    (jp_root_dir / ".nb2svc" / "secret.txt").write_text("secret")
    for path, file in (
        ("loans.ipynb", ".nb2svc/secret.txt"),
        ("loans.ipynb", f"../{jp_root_dir.name}/{PAGE}"),
        ("../loans.ipynb", PAGE),
        ("none.ipynb", PAGE),
    ):
        assert await refused(evidence(path, file)) == 404, (path, file)
    # A checklist that somebody wrote can't lead out of the notebook's folder, nor can a link in its place.
    (jp_root_dir / PAGE).unlink()
    (jp_root_dir.parent / "passwords").write_text("secret")
    (jp_root_dir / PAGE).symlink_to(jp_root_dir.parent / "passwords")
    assert await refused(evidence("loans.ipynb", PAGE)) == 404


async def test_a_stranger_gets_no_evidence(evidence, refused, jp_root_dir) -> None:
    write_project(jp_root_dir)
    assert await refused(evidence("loans.ipynb", PAGE, headers={"Authorization": "token wrong"}, follow_redirects=False)) in (
        302,
        403,
    )
