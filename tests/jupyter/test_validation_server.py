"""Validations over HTTP: runs told as they end, the last one found again, its pages in which nothing runs."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from document_schema import validator

pytest_plugins = ("pytest_jupyter.jupyter_server",)
pytestmark = pytest.mark.kernel

CASES = json.loads((Path(__file__).parents[2] / "labextension" / "src" / "model" / "validation.cases.json").read_text())
CELLS = (
    "seed = 1",
    "from nb2svc import metric\nscore = 10 - seed\nmetric('score', score)\nprint('<script>alert(1)</script>')",
    "# nb2svc: check good\nassert score > 8",
)


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def notebook(jp_root_dir):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.cells[0].metadata["tags"] = ["parameters"]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, jp_root_dir / "a.ipynb")


@pytest.fixture
def ask(jp_fetch):
    async def asked(what: str, body: object):
        response = await jp_fetch("nb2svc", what, method="POST", body=json.dumps(body))
        return json.loads(response.body)

    return asked


@pytest.fixture
def page(jp_fetch):
    async def asked(**parameters: str):
        return await jp_fetch("nb2svc", "validation", params={"path": "a.ipynb", **parameters})

    return asked


@pytest.mark.usefixtures("notebook")
async def test_runs_are_counted_and_wrong_fields_named(ask, refused) -> None:
    options = {"grid": {"seed": "1..3"}, "parameters": {"sed": "1"}, "repeat": "2"}
    document = await ask("runs", {"path": "a.ipynb", "options": options})
    validator("PlannedRunsDocument").validate(document)
    assert [each["field"] for each in document["wrong"]] == ["parameters.sed"]
    del options["parameters"]
    assert (await ask("runs", {"path": "a.ipynb", "options": options}))["runs"] == 6
    document = await ask("runs", {"path": "a.ipynb", "options": {"output": "/etc"}})
    assert "validate has no option 'output' here" in document["error"]["what"]
    assert await refused(ask("runs", {"path": "a.ipynb", "options": [1]})) == 400


@pytest.mark.usefixtures("notebook")
async def test_files_are_those_that_the_contents_manager_shows(ask, jp_root_dir, jp_fetch, refused) -> None:
    async def asked(options: dict) -> dict:
        return await ask("runs", {"path": "a.ipynb", "options": options})

    async def wrong(options: dict) -> list[str]:
        return [each["field"] for each in (await asked(options))["wrong"]]

    (jp_root_dir / "cases.yaml").write_text("- {seed: 1}\n- {seed: 2}\n- {seed: 3}\n")
    document = await asked({"matrix": "cases.yaml"})
    validator("PlannedRunsDocument").validate(document)
    assert (document["runs"], document["offered"]["matrices"]) == (3, ["cases.yaml"])
    (jp_root_dir.parent / "outside.yaml").write_text("- {seed: 1}\n")
    for path in ("case.yaml", "../outside.yaml", str(jp_root_dir.parent / "outside.yaml"), "x/../../outside.yaml"):
        assert await wrong({"matrix": path}) == ["matrix"]
    assert await wrong({"gate": {"champion": "/etc/passwd"}, "margins": {"score": "0"}}) == ["gate.champion"]
    # Hidden, or in a revision of git: only the command can tell.
    (jp_root_dir / ".hidden.yaml").write_text("- {seed: 1}\n")
    assert (await asked({"matrix": ".hidden.yaml"}))["runs"] is None
    assert (await asked({"gate": {"champion": "main:a.json"}, "margins": {"score": "0"}}))["runs"] == 1
    assert await wrong({"service": True}) == ["service"]
    assert await wrong({"service": True, "project": "nowhere"}) == ["project"]
    body = {"command": "validate", "path": "a.ipynb", "options": {"matrix": "../outside.yaml"}}
    assert await refused(jp_fetch("nb2svc", "jobs", method="POST", body=json.dumps(body))) == 400


@pytest.mark.usefixtures("notebook")
async def test_runs_are_told_as_they_end_and_found_again(ask, jp_fetch, jp_root_dir, page, refused) -> None:
    none = await ask("validated", {"path": "a.ipynb"})
    validator("LastValidationDocument").validate(none)
    assert none["validation"] is None
    assert await refused(page()) == 404
    body = {"command": "validate", "path": "a.ipynb", "options": {"grid": {"seed": "1..2"}, "jobs": "2"}}
    job = json.loads((await jp_fetch("nb2svc", "jobs", method="POST", body=json.dumps(body))).body)
    last = 0
    while not job["ended"]:
        job = json.loads((await jp_fetch("nb2svc", "jobs", job["id"], params={"after": last}, request_timeout=90)).body)
        last = job["last"]
    assert (job["state"], job["exit_code"], job["options"]) == ("done", 1, body["options"])
    validator("ValidationDocument").validate(job["document"])
    assert set(job["document"]["cells"]) == {"1", "2", "3"}
    # Whoever comes late hears of each run once, how it ended.
    late = json.loads((await jp_fetch("nb2svc", "jobs", job["id"], params={"after": 0, "wait": 0})).body)
    told = {event["run"]["label"]: event for event in late["events"] if "run" in event}
    assert {label: event["run"]["status"] for label, event in told.items()} == {"seed=1": "ok", "seed=2": "failed"}
    assert len([event for event in late["events"] if "run" in event]) == 2
    for event in told.values():
        validator("ProgressEvent").validate({"cell": None, "output": "", "left": None, **_told_only(event)})
    run = told["seed=2"]["run"]
    assert (run["failed"][0]["cell"], run["failed"][0]["line"], run["failed"][0]["values"]) == (3, 2, [["score", "8"]])
    assert run["metrics"][0]["value"] == 8

    found = await ask("validated", {"path": "a.ipynb"})
    validator("LastValidationDocument").validate(found)
    assert found["validation"] == job["document"]["validation"]
    assert found["cells"] == job["document"]["cells"]
    report = await page()
    executed = await page(run=run["key"])
    for each in (report, executed):
        assert each.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert b"<script" not in each.body
    assert b"good" in report.body
    assert b"AssertionError" in executed.body
    assert b"&lt;script&gt;alert(1)" in executed.body
    assert b"seed = 2" in re.sub(rb"<[^>]*>", b"", executed.body)

    # The pages are of the notebook as it was validated, whatever the file is now.
    (jp_root_dir / "a.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])))
    assert (await page()).code == 200
    assert (await ask("validated", {"path": "a.ipynb"}))["cells"] == found["cells"]

    assert await refused(page(run="../../../etc/passwd")) == 400
    assert await refused(page(run="0" * 16)) == 404
    assert await refused(jp_fetch("nb2svc", "validation", params={"path": "../a.ipynb"})) == 404
    stranger = {"headers": {"Authorization": "token x"}, "follow_redirects": False}
    assert await refused(jp_fetch("nb2svc", "validation", params={"path": "a.ipynb"}, **stranger)) in (302, 403)
    # A folder of runs that leads elsewhere is none.
    runs = jp_root_dir / ".nb2svc" / "a" / "validation" / "runs"
    runs.rename(jp_root_dir / "elsewhere")
    runs.symlink_to(jp_root_dir / "elsewhere")
    assert await refused(page(run=run["key"])) == 404


def _told_only(event: dict) -> dict:
    return {name: value for name, value in event.items() if name not in ("n", "seconds")}


def test_a_run_is_kept_as_it_was_told_last_however_much_was_told() -> None:
    from nb2svc_jupyter.server.jobs.events import Events

    events = Events()
    for cell in range(3_000):
        for key in ("a", "b"):
            events.add({"stage": "run", "cell": cell, "run": {"key": key, "status": "running"}})
    events.add({"stage": "run", "run": {"key": "a", "status": "ok"}})
    kept = events.after(0)
    assert [(event["run"]["key"], event["run"]["status"]) for event in kept] == [("b", "running"), ("a", "ok")]
    assert (events.last, events.dropped) == (6_001, 0)
    assert events.after(6_000) == kept[1:]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"])
def test_the_panel_and_the_server_tell_the_same_command_line(case) -> None:
    from nb2svc_jupyter.server.jobs.commands import arguments, command_line

    assert command_line(arguments("validate", case["path"], case["options"])) == case["line"]


@pytest.mark.parametrize(
    "options",
    [
        {"matrix": "/etc/passwd"},
        {"project": "a/../../b"},
        {"baseline": "~/a.json"},
        {"gate": {"champion": "file:///etc/passwd"}},
        {"gate": {"champion": "simplecache::file:///etc/passwd"}},
        {"gate": {"champion": "main:../../a.json"}},
    ],
)
def test_a_job_reads_no_file_outside_the_folder(options: dict) -> None:
    from nb2svc_jupyter.server.jobs.commands import AskedWrongly, arguments

    with pytest.raises(AskedWrongly, match="does not lie below the server's folder"):
        arguments("validate", "a.ipynb", options)


@pytest.mark.parametrize("wrong", [{"margins": ["auc"]}, {"margins": {"auc": 1}}, {"baseline": 1}, {"output": "/etc"}])
def test_options_of_another_form_are_none(wrong: dict) -> None:
    from nb2svc_jupyter.server.jobs.commands import AskedWrongly, arguments

    with pytest.raises(AskedWrongly):
        arguments("validate", "a.ipynb", wrong)
