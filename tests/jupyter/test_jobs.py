"""Jobs in a real Jupyter server: who may begin one, what it tells, and that nothing of it is left whatever ends it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from document_schema import validator
from nb2svc.bento.serve import free_port

pytest_plugins = ("pytest_jupyter.jupyter_server",)
pytestmark = pytest.mark.kernel

LOAN = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nloans = pd.DataFrame({'age': [20, 30, 40], 'paid': [1, 2, 3]})"
)
CELLS = (
    "# nb2svc: feature ages\nX = loans[['age']] / 100",
    "# nb2svc: model\nmodel = Ridge().fit(X, loans['paid'])\npaid = model.predict(X)",
)
CASES = json.loads((Path(__file__).parents[2] / "labextension" / "src" / "model" / "build.cases.json").read_text())
# A kernel that can't be asked to stop, and a process that it started in a session of its own.
STUBBORN = """import os, signal, subprocess, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
print("here I am", flush=True)
with open("pids.txt", "w") as file:
    file.write(f"{os.getpid()} {child.pid} ")
time.sleep(600)"""


def notebook(folder: Path, name: str, *cells: str) -> None:
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (*cells, LOAN, *CELLS)])
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, folder / name)


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": True}, "allow_unauthenticated_access": False},
        "Nb2svcJobs": {"waiting": 2},
    }


@pytest.fixture
def jobs(jp_fetch, jp_serverapp, jp_asyncio_loop):
    """A function that asks `/nb2svc/jobs…`; whatever runs is ended with the test."""

    async def ask(*where: str, method: str = "GET", body: object = None, **how):
        sent = json.dumps(body) if body is not None else None
        response = await jp_fetch("nb2svc", "jobs", *where, method=method, body=sent, request_timeout=90, **how)
        document = json.loads(response.body)
        kind = "JobFacts" if method != "GET" else "JobDocument" if where else "JobsDocument"
        validator(kind).validate(document)
        return document

    yield ask
    jp_asyncio_loop.run_until_complete(jp_serverapp.web_app.settings["nb2svc_jobs"].close())


@pytest.fixture
def refused(jobs):
    from tornado.httpclient import HTTPClientError

    async def ask(*where: str, **how) -> int:
        with pytest.raises(HTTPClientError) as error:
            await jobs(*where, **how)
        return error.value.code

    return ask


def build(path: str, **options: object) -> dict:
    return {"method": "POST", "body": {"command": "build", "path": path, "options": options}}


async def ended(jobs, identifier: str) -> tuple[dict, list[dict]]:
    """The job when it has ended, and all that it told, as a client that follows it sees it."""
    told: list[dict] = []
    while True:
        job = await jobs(identifier, params={"after": str(told[-1]["n"] if told else 0)})
        told += job["events"]
        if job["ended"]:
            return job, told


def numbers(path: Path) -> list[int]:
    said = path.read_text() if path.exists() else ""
    return [int(pid) for pid in said.split()] if said.endswith(" ") else []


async def came(path: Path) -> list[int]:
    for _ in range(600):
        if pids := numbers(path):
            return pids
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path.name} did not come in a minute")


def alive(pids: list[int]) -> list[int]:
    """Those that run; a zombie that nobody reaped yet does not."""
    running = []
    for pid in pids:
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                running.append(pid)
    return running


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 40
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not alive(pids)


async def test_a_job_tells_its_stages_and_its_end_and_is_found_again(jobs, jp_root_dir) -> None:
    notebook(jp_root_dir, "my loans.ipynb", "months = 12\nprint(months)\n1 / 0")
    begun = await jobs(**build("my loans.ipynb", bento=False, parity="all"))
    assert begun["command_line"] == "nb2svc build 'my loans.ipynb' --no-bento --parity all"
    assert (begun["state"], begun["document"]) == ("running", None)
    job, told = await ended(jobs, begun["id"])
    assert (job["state"], job["exit_code"]) == ("failed", 4)
    assert "ZeroDivisionError" in job["document"]["error"]["what"]
    assert [event["n"] for event in told] == list(range(1, job["last"] + 1))
    stages = list(dict.fromkeys(event["stage"] for event in told if "stage" in event))
    assert stages == ["read", "run"]
    assert {"stage": "run", "cell": 1, "output": "12\n"}.items() <= next(each for each in told if "output" in each).items()
    found = (await jobs(params={"path": "my loans.ipynb"}))["jobs"]
    assert [each["id"] for each in found] == [job["id"]]
    assert (await jobs(params={"path": "other.ipynb"}))["jobs"] == []


async def test_the_second_waits_its_turn_and_may_be_taken_out(jobs, refused, jp_root_dir) -> None:
    notebook(jp_root_dir, "slow.ipynb", STUBBORN)
    notebook(jp_root_dir, "next.ipynb")
    first = await jobs(**build("slow.ipynb"))
    second, third = await jobs(**build("next.ipynb")), await jobs(**build("next.ipynb"))
    assert [(each["state"], each["position"]) for each in (second, third)] == [("queued", 1), ("queued", 2)]
    assert await refused(**build("next.ipynb")) == 429
    cancelled = await jobs(second["id"], method="DELETE")
    assert (cancelled["state"], cancelled["exit_code"]) == ("cancelled", None)
    assert (await jobs(third["id"]))["position"] == 1
    await jobs(third["id"], method="DELETE")
    assert (await jobs(first["id"]))["state"] == "running"


async def test_a_cancelled_job_leaves_nothing_though_its_kernel_ignores_it(jobs, jp_root_dir) -> None:
    notebook(jp_root_dir, "slow.ipynb", STUBBORN)
    begun = await jobs(**build("slow.ipynb"))
    pids = await came(jp_root_dir / "pids.txt")
    assert len(alive(pids)) == 2
    await jobs(begun["id"], method="DELETE")
    job, told = await ended(jobs, begun["id"])
    assert job["state"] == "cancelled"
    assert "here I am\n" in [event.get("output") for event in told]
    assert alive(pids) == []
    assert [entry.name for entry in jp_root_dir.iterdir() if entry.is_dir()] == [".nb2svc"], "nothing half-written"


async def test_a_killed_supervisor_is_no_way_out(jobs, jp_root_dir, jp_serverapp) -> None:
    notebook(jp_root_dir, "slow.ipynb", STUBBORN)
    begun = await jobs(**build("slow.ipynb"))
    pids = await came(jp_root_dir / "pids.txt")
    process = jp_serverapp.web_app.settings["nb2svc_jobs"]._running[begun["id"]]
    os.kill(process._process.pid, signal.SIGKILL)
    job, _ = await ended(jobs, begun["id"])
    assert (job["state"], job["exit_code"]) == ("failed", -9)
    assert "without a result" in job["document"]["error"]["what"]
    assert alive(pids) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_ends_with_the_server(tmp_path, number: int) -> None:
    notebook(tmp_path, "slow.ipynb", STUBBORN)
    with server(tmp_path) as (process, url):
        begun = post(f"{url}/nb2svc/jobs", {"command": "build", "path": "slow.ipynb"})
        pids = asyncio.run(came(tmp_path / "pids.txt"))
        marked = [*pids, *bearing(begun["id"])]
        assert len(alive(marked)) >= 4, "the kernel, its process, the build, and who looks after it"
        process.send_signal(number)
        process.wait(timeout=30)
        assert gone(marked), alive(marked)


def bearing(identifier: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"NB2SVC_JOB={identifier}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


class server:
    """A Jupyter server of its own, which can be killed."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = (
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=secret",
        )
        extension = '--ServerApp.jpserver_extensions={"nb2svc_jupyter": True}'
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options, extension],
            cwd=folder,
            env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTER_RUNTIME_DIR": str(folder / ".runtime")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self):
        for _ in range(600):
            with suppress(OSError):
                get(f"{self.url}/nb2svc/jobs")
                return self.process, self.url
            time.sleep(0.1)
        raise AssertionError("the server did not start in a minute")

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


def get(url: str) -> dict:
    request = urllib.request.Request(url, headers={"Authorization": "token secret"})
    return json.load(urllib.request.urlopen(request, timeout=30))


def post(url: str, body: object) -> dict:
    headers = {"Authorization": "token secret", "Content-Type": "application/json"}
    return json.load(urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30))


@pytest.mark.parametrize("path", ["../secret.ipynb", "none.ipynb", "/etc/passwd", ".hidden/a.ipynb", "a\0.ipynb"])
async def test_nothing_outside_the_root_is_built(refused, jp_root_dir, path: str) -> None:
    notebook(jp_root_dir.parent, "secret.ipynb")
    (jp_root_dir / ".hidden").mkdir()
    notebook(jp_root_dir / ".hidden", "a.ipynb")
    assert await refused(**build(path)) == 404


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"path": "a.ipynb"},
        {"command": "serve", "path": "a.ipynb"},
        {"command": "build", "path": 3},
        {"command": "build", "path": "/"},
        {"command": "build", "path": "a.ipynb", "options": ["--cwd", "/"]},
        {"command": "build", "path": "a.ipynb", "options": {"cwd": "/"}},
        {"command": "build", "path": "a.ipynb", "options": {"parameters": {"--cwd": "/"}}},
        {"command": "build", "path": "a.ipynb", "options": {"parity": "some"}},
        {"command": "build", "path": "a.ipynb", "options": {"fresh": "yes"}},
        {"command": "build", "path": "a.ipynb", "options": {"kernel": 3}},
        {"command": "build", "path": "folder"},
        {"command": "ready", "path": "a.ipynb"},
    ],
)
async def test_what_is_no_job_is_refused(refused, jp_root_dir, body: object) -> None:
    notebook(jp_root_dir, "a.ipynb")
    (jp_root_dir / "folder").mkdir()
    assert await refused(method="POST", body=body) == 400


async def test_a_body_without_end_is_refused(refused, jp_root_dir) -> None:
    notebook(jp_root_dir, "a.ipynb")
    assert await refused(**build("a.ipynb", kernel="k" * 200_000)) == 413


@pytest.mark.parametrize(("method", "where"), [("GET", ()), ("POST", ()), ("GET", ("00",)), ("DELETE", ("00",))])
async def test_a_stranger_gets_nothing(refused, method: str, where: tuple[str, ...]) -> None:
    body = {"command": "build", "path": "a.ipynb"} if method == "POST" else None
    assert await refused(*where, method=method, body=body, headers={"Authorization": "token wrong"}) == 403


async def test_who_may_not_execute_may_look_but_begins_and_ends_nothing(
    jobs, refused, jp_serverapp, jp_root_dir, monkeypatch
) -> None:
    notebook(jp_root_dir, "a.ipynb")
    asked = []

    def is_authorized(_handler, _user, action, resource) -> bool:
        asked.append((action, resource))
        return action != "execute"

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", is_authorized)
    assert (await jobs())["jobs"] == []
    assert await refused(**build("a.ipynb")) == 403
    assert await refused("00", method="DELETE") == 403
    assert asked == [("read", "kernels"), ("execute", "kernels"), ("execute", "kernels")]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_job_that_nobody_knows_is_not_there(refused, method: str) -> None:
    assert await refused("0123456789abcdef", method=method) == 404


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"])
def test_the_panel_and_the_server_tell_the_same_command_line(case) -> None:
    from nb2svc_jupyter.server.jobs.commands import arguments, command_line

    assert command_line(arguments("build", case["path"], case["options"])) == case["line"]


def test_much_output_pushes_out_the_oldest_output_but_no_stage() -> None:
    from nb2svc_jupyter.server.jobs.events import Events

    events = Events()
    events.add({"stage": "run", "text": "running"})
    for number in range(3_000):
        events.add({"stage": "run", "output": f"{number}\n"})
    kept = events.after(0)
    assert (kept[0]["n"], kept[1]["output"], kept[-1]["output"]) == (1, "1000\n", "2999\n")
    assert (events.dropped, events.last, len(events.after(2_990))) == (1_000, 3_001, 11)


async def test_another_command_is_a_job_too(jobs, jp_root_dir) -> None:
    (jp_root_dir / "-odd").mkdir()
    begun = await jobs(method="POST", body={"command": "ready", "path": "-odd", "options": {"gate": "release"}})
    assert begun["command_line"] == "nb2svc ready ./-odd --gate release"
    job, _ = await ended(jobs, begun["id"])
    assert (job["state"], job["document"]["error"]["exit_code"]) == ("failed", job["exit_code"])


async def test_a_validation_is_a_job_too(jobs, jp_root_dir) -> None:
    notebook(jp_root_dir, "a.ipynb")
    options = {"grid": {"seed": "1..3"}, "parameters": {"months": "12"}, "jobs": "2"}
    begun = await jobs(method="POST", body={"command": "validate", "path": "a.ipynb", "options": options})
    assert begun["command_line"] == "nb2svc validate a.ipynb -p months=12 --grid seed=1..3 --jobs=2"
    job, _ = await ended(jobs, begun["id"])
    assert (job["state"], job["exit_code"]) == ("failed", 2)
    assert job["document"]["error"]["what"] == "a.ipynb has no parameters cell, so -p months=… has nowhere to go"


async def test_a_job_has_its_time(jobs, jp_serverapp, jp_root_dir) -> None:
    notebook(jp_root_dir, "slow.ipynb", "import time\ntime.sleep(600)")
    jp_serverapp.web_app.settings["nb2svc_jobs"].hours = 4 / 3600
    job, _ = await ended(jobs, (await jobs(**build("slow.ipynb")))["id"])
    assert (job["state"], job["document"]["error"]["what"]) == ("failed", "the job ran longer than 4.0 s and was ended")
