"""`%nb2svc …` in real kernels: the result is shown, the kernel keeps what it holds, and nothing is left running."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest
from small_project import CELLS, notebook_document, write_project

from nb2svc.system.processes import MARK

pytestmark = pytest.mark.kernel

LINES = {
    "load": "%load_ext nb2svc",
    "state": "x = 20",
    "analyze": "%nb2svc analyze",
    "show": "%nb2svc show features",
    "ready": "%nb2svc ready",
    "gate": "%nb2svc ready --gate build",
    "nothing": "%nb2svc",
    "misspelt": "%nb2svc analyse",
    "role": "%nb2svc feature ages",
    "no such file": "%nb2svc analyze lonas.ipynb",
    "wrong option": "%nb2svc build --frmat x",
    "format": "%nb2svc show --format json",
    "quotes": '%nb2svc build -p a="b',
    "refused": "%nb2svc build refused.ipynb",
    "untagged": "%nb2svc analyze untagged.ipynb",
    "findings": "%nb2svc analyze refused.ipynb",
    "validate": "%nb2svc validate scores.ipynb --grid low=[0,9] --jobs 1",
    "a report": "%nb2svc validate scores.ipynb --report runs.txt",
    "several": "%nb2svc ready",
    "named": "%nb2svc ready two/loans",
    "kept": "(x, sorted(name for name in globals() if 'nb2svc' in name.lower()))",
    "recursion": f"import os; os.environ['{MARK}'] = 'a build'",
    "inside a build": "%nb2svc build",
    "unload": f"del os.environ['{MARK}']\n%unload_ext nb2svc",
    "gone": "%nb2svc analyze",
}

SCORES = notebook_document(
    {
        "given": "low = 0",
        "itself": "%load_ext nb2svc\n%nb2svc validate scores.ipynb",
        "score": "# nb2svc: feature score\nimport nb2svc\nscore = 5\nnb2svc.metric('score', score)",
        "high": "# nb2svc: check high\nassert score > low, 'too low'",
    }
)
SCORES["cells"][0]["metadata"]["tags"] = ["parameters"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A notebook with a project, and beside it some that are not as they should be."""
    place = tmp_path_factory.mktemp("notebooks")
    write_project(place)
    (place / "refused.ipynb").write_text(json.dumps(notebook_document(CELLS | {"ages": "# nb2svc: featur\nX = loans[['age']]"})))
    (place / "scores.ipynb").write_text(json.dumps(SCORES))
    (place / "untagged.ipynb").write_text(json.dumps(notebook_document({"one": "x = 1"})))
    return place


@pytest.fixture(scope="module")
def executed(folder: Path) -> dict[str, dict]:
    """One kernel for all lines: name → what came out."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in LINES.values()])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.resources = {"metadata": {"path": str(folder)}}
    places = dict(zip(LINES, notebook.cells, strict=True))
    with client.setup_kernel(env={**os.environ, "JPY_SESSION_NAME": str(folder / "loans.ipynb")}, cwd=str(folder)):
        for number, cell in enumerate(notebook.cells):
            if cell is places["several"]:
                write_project(folder, project="two/loans")
            client.execute_cell(cell, number)
    return {name: outcome(cell) for name, cell in places.items()}


def outcome(cell) -> dict[str, str]:
    found = {"text": "", "html": "", "error": "", "trace": "", "stdout": ""}
    for output in cell.outputs:
        if output.output_type == "error":
            found |= {"error": output.evalue, "trace": re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))}
        elif output.output_type == "stream":
            found["stdout"] += output.text
        else:
            found["text"] += output.data.get("text/plain", "")
            found["html"] += output.data.get("text/html", "")
    return found


def test_analyze_says_the_contract_and_which_version_was_read(executed) -> None:
    said = executed["analyze"]
    assert said["error"] == ""
    for text in ("loans as it stands after cell 1, line 3", "paid = model.predict(…)", "Read loans.ipynb as saved at "):
        assert text in said["text"]
    assert '<a href="#cell-id=load">cell 1, line 3</a>' in said["html"]


def test_show_has_the_module_with_its_colours(executed) -> None:
    said = executed["show"]
    assert "def ages(loans" in said["text"]
    assert re.search(r'<span style="[^"]*color: var\(--jp-mirror-editor-keyword-color\)[^"]*">def</span>', said["html"])


def test_ready_finds_the_project_of_the_notebook_and_leads_to_its_cells(executed) -> None:
    said = executed["ready"]
    assert (said["error"], said["text"].splitlines()[0]) == ("", "loans, built from loans.ipynb")
    assert '<a href="#cell-id=risk">cell 3, line 2</a>' in said["html"]
    # A Jupyter server hands out nothing that is hidden: the page is named, not linked.
    assert "executed.html" in said["html"]
    assert 'href=".nb2svc' not in said["html"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("gate", ["error: the gate is closed", "why      OPS-02"]),
        ("misspelt", ["there is no %nb2svc analyse", "did you mean %nb2svc analyze?"]),
        ("role", ["`feature` is the role of a whole cell", "write %%nb2svc feature at the top of the cell"]),
        ("no such file", ["there is no notebook lonas.ipynb", "did you mean loans.ipynb?"]),
        ("wrong option", ["No such option '--frmat'"]),
        ("format", ["%nb2svc show takes no --format", "!nb2svc show --format json"]),
        ("a report", ["%nb2svc validate takes no --report", "!nb2svc validate"]),
        ("quotes", ["the line can't be read", "close the quotes"]),
        ("refused", ["can't be served"]),
        ("untagged", ["where    untagged.ipynb"]),
        ("several", ["2 projects were built from loans.ipynb", "loans", "two/loans"]),
    ],
)
def test_an_error_says_what_where_why_and_what_to_do_without_a_traceback(executed, name: str, lines: list[str]) -> None:
    for line in lines:
        assert line in executed[name]["trace"]
    assert "Traceback" not in executed[name]["trace"]
    assert 'File "' not in executed[name]["trace"]


def test_findings_are_shown_with_their_place_and_remedy(executed) -> None:
    for name in ("refused", "findings"):
        assert "✖ refusal NB" in executed[name]["text"]
        assert "cell 2, line 1" in executed[name]["text"]
        assert "Did you mean `feature`?" in executed[name]["text"]
    assert executed["findings"]["error"] == ""


def test_a_validation_says_its_verdict_its_checks_and_what_is_not_well(executed) -> None:
    said = executed["validate"]
    for text in (
        "2 runs: 1 ok, 1 failed a check.",
        "✖ It does not pass.",
        "✖ high cell 4: 1 of 2 passed, 1 failed",
        "score mean 5, spread 0, from 5 to 5, in 2",
        "✖ low=9 failed a check\n    cell 4, line 2, high: ",
    ):
        assert text in said["text"]
    assert '<a href="#cell-id=high">cell 4, line 2</a>' in said["html"]
    assert "error: the notebook is not well in all runs" in said["trace"]


def test_a_project_can_be_named(executed) -> None:
    assert executed["named"]["error"] == ""


def test_the_kernel_keeps_what_it_holds_and_gets_nothing(executed) -> None:
    assert executed["kept"]["text"] == "(20, [])"


def test_help_and_the_way_out(executed) -> None:
    assert "%nb2svc build [OPTIONS]" in executed["nothing"]["stdout"]
    assert "not found" in executed["gone"]["stdout"] + executed["gone"]["trace"]


def test_a_build_does_not_build_itself(executed) -> None:
    assert executed["inside a build"]["stdout"] == "left out: this run is nb2svc's own\n"


def test_papermill_stops_at_a_build_that_fails(folder: Path, tmp_path: Path) -> None:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    source, target = folder / "run.ipynb", tmp_path / "run.ipynb"
    source.write_text(
        json.dumps(notebook_document({"load": "%load_ext nb2svc", "build": "%nb2svc build refused.ipynb", "after": "1"}))
    )
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(str(source), str(target), progress_bar=False, cwd=str(folder))
    assert "can't be served" in str(caught.value)


def test_a_kernel_that_nobody_told_its_notebook_says_what_to_write(monkeypatch) -> None:
    from types import SimpleNamespace

    from nb2svc.errors import UsageError
    from nb2svc_jupyter.lines.here import this_notebook

    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(UsageError) as caught:
        this_notebook(SimpleNamespace(user_ns={}))
    assert caught.value.fix == "name it: %nb2svc analyze loans.ipynb"
    with pytest.raises(UsageError, match="not known") as caught:
        this_notebook(SimpleNamespace(user_ns={"__session__": "/nowhere/renamed.ipynb"}))
    assert "renamed or moved" in caught.value.why


def test_each_host_is_asked_in_its_own_way(tmp_path: Path, monkeypatch) -> None:
    from types import SimpleNamespace

    from nb2svc_jupyter.lines.here import this_notebook

    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    (path := tmp_path / "loans.ipynb").write_text("")
    session = str(tmp_path / "loans-jvsc-0a1b2c3d-44.ipynb")
    assert this_notebook(SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(path)})) == path
    assert this_notebook(SimpleNamespace(user_ns={"__session__": session})) == path
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert this_notebook(SimpleNamespace(user_ns={})) == path


def test_the_time_of_another_day_has_its_date(tmp_path: Path) -> None:
    from datetime import datetime

    from nb2svc_jupyter.lines.here import saved_at

    (path := tmp_path / "loans.ipynb").write_text("")
    saved = datetime(2026, 11, 26, 22, 31, 5).astimezone()
    os.utime(path, (saved.timestamp(),) * 2)
    assert saved_at(path, now=saved) == "loans.ipynb as saved at 22:31:05"
    assert saved_at(path, now=saved.replace(day=27)) == "loans.ipynb as saved at 22:31:05 on 2026-11-26"


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%nb2svc ", {"analyze", "show", "build", "test", "ready", "validate"}),
        ("%nb2svc bu", {"build"}),
        ("%nb2svc build --par", {"--parity", "--parameter"}),
        ("%nb2svc build --parity ", {"sample", "all"}),
        ("%nb2svc ready --gate re", {"release"}),
    ],
)
def test_a_line_is_completed(line: str, offered: set[str]) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        shell.history_manager.enabled = False
        shell.extension_manager.load_extension("nb2svc_jupyter")
        _, found = shell.complete(None, line, len(line))
        assert offered <= set(found)
        assert not {name for name in found if name in ("--format", "--progress")}
        assert "%nb2svc build [OPTIONS]" in shell.object_inspect_text("%nb2svc")
    finally:
        shell.extension_manager.unload_extension("nb2svc_jupyter")
        InteractiveShell.clear_instance()


@pytest.fixture
def slow(tmp_path: Path):
    """A kernel in which a build of a notebook runs, at a cell that takes its time; its manager and client."""
    from jupyter_client.manager import start_new_kernel

    cells = CELLS | {"load": f"import time\ntime.sleep(300)\n{CELLS['load']}"}
    (tmp_path / "slow.ipynb").write_text(json.dumps(notebook_document(cells)))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        client.execute_interactive("%load_ext nb2svc", timeout=60, output_hook=lambda _: None)
        client.execute("%nb2svc build slow.ipynb --no-bento")
        wait_for(client, lambda content: "running cell 1" in json.dumps(content.get("data", {})))
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def wait_for(client, said, seconds: float = 120) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        content = client.get_iopub_msg(timeout=seconds)["content"]
        if said(content):
            return content
    raise AssertionError("the kernel did not say it in time")


def our_processes(folder: Path) -> list[str]:
    """The living processes that stand in a folder or were asked for a notebook of it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            here = (entry / "cwd").readlink() == folder
        except OSError:
            continue
        if here and int(entry.name) != os.getpid():
            found.append(words)
    return found


def gone(folder: Path, word: str, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while any(word in each for each in our_processes(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(word in each for each in our_processes(folder))


def test_an_interrupt_stops_a_build_and_says_so(slow, tmp_path: Path) -> None:
    manager, client = slow
    assert any("lines.child" in each for each in our_processes(tmp_path))
    manager.interrupt_kernel()
    error = wait_for(client, lambda content: "traceback" in content)
    assert error["traceback"] == ["error: interrupted", "  why      nothing half-written was left"]
    assert gone(tmp_path, "lines.child")
    # The kernel of the run stands in the notebook's folder, too; the user's is the one that is left.
    assert sum("ipykernel_launcher" in each for each in our_processes(tmp_path)) == 1
    assert not (tmp_path / "slow").exists()


def test_a_kernel_that_is_killed_takes_its_build_with_it(slow, tmp_path: Path) -> None:
    manager, _ = slow
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    assert gone(tmp_path, "lines.child")
    assert gone(tmp_path, "ipykernel_launcher")
