"""The command line from outside: help, mistakes, exit codes, interruption, crashes."""

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nb2svc.cli.crash import report
from nb2svc.cli.main import COMMANDS, main
from nb2svc.errors import EnvironmentProblem, InternalError, NotebookError, RefusalError, RunError, UsageError, VerdictError
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span

COMMAND = Path(sys.executable).with_name("nb2svc")
EXAMPLES = Path(__file__).parents[3] / "example_notebooks"


def raising(error):
    def function(*_, **__):
        raise error

    return function


def test_help_comes_at_once():
    """No stage and no library is imported for it but click; how long it takes is the benchmark's to say."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(COMMAND), "--help"], check=True, capture_output=True, text=True
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "nb2svc.cli.main" in imported
    stages = ("pipeline", "building", "read", "analysis", "rules", "capture", "plan", "codegen", "parity", "bento", "readiness")
    heavy = {"rich", "jinja2", "nbformat", "nbclient", "papermill", "IPython", "pandas", "numpy", "sklearn", "bentoml", "asyncio"}
    assert imported & (heavy | {f"nb2svc.{stage}" for stage in stages}) == set()


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    assert all(f"  {name}" in result.output for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_and_a_format(run, name):
    command = importlib.import_module(f"nb2svc.cli.{name}").command
    assert command.name == name
    for words in [(name, inner) for inner in command.commands] if isinstance(command, click.Group) else [(name,)]:
        result = run(*words, "--help")
        assert result.exit_code == 0
        assert "Examples:" in result.output
        assert "--format" in result.output
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_without_a_command_there_is_the_help(run):
    result = run()
    assert result.output == run("--help").output
    assert result.exit_code == 0


def test_version(run):
    assert run("--version").output == "nb2svc 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["buld", "x.ipynb"], "There is no command 'buld'. Did you mean 'build'?"),
        (["x.ipynb"], "There is no command 'x.ipynb'. Did you mean 'nb2svc build x.ipynb'?"),
        (["zzz"], "There is no command 'zzz'. There are: suggest, analyze, "),
        (["build", "x.ipynb", "--timeot", "3m"], "Did you mean --timeout?"),
        (["build"], "Missing argument 'NOTEBOOK'"),
        (["build", "x.ipynb", "--timeout", "soon"], "do this  write 30m, 90s or 1h30m"),
        (["build", "x.ipynb", "-p", "a"], "do this  write NAME=VALUE"),
        (["build", "x.ipynb", "-p", "a b=1"], "'a b' is no variable name"),
        (["build", "x.ipynb", "-p", "a=1", "-p", "a=2"], "'a' is given twice"),
        (["build", "x.ipynb", "--parity", "al"], "'al' is not one of 'sample', 'all'"),
        (["build", "x.ipynb", "--package", "my-pkg"], "'my-pkg' can't be a package's name"),
        (["analyze", "x.ipynb", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["serve", "x.ipynb"], "x.ipynb is a notebook, not a built project"),
        (["serve", "nowhere"], "there is no project nowhere"),
        (["serve", ".", "--port", "0"], "give a whole number from 1 on: --port 1"),
        (["test", "."], "is no built project"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_what_to_do(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "do this" in result.output
    assert "Traceback" not in result.output


ERRORS = [(VerdictError, 1), (UsageError, 2), (NotebookError, 3), (RunError, 4), (EnvironmentProblem, 5)]


@pytest.mark.parametrize(("kind", "code"), ERRORS)
def test_each_error_has_its_exit_code_and_is_told_in_four_parts(run, pipeline, kind, code):
    pipeline(build=raising(kind("it broke", where="cell 3", why="a reason", fix="mend it", details="more")))
    result = run("build", "x.ipynb")
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.endswith("error: it broke\n  where    cell 3\n  why      a reason\n  do this  mend it\n\nmore\n")


@pytest.mark.parametrize(("kind", "code"), ERRORS)
def test_an_error_as_json(run, pipeline, kind, code):
    pipeline(build=raising(kind("it broke", where="cell 3", why="a reason", fix="mend it", details="more")))
    result = run("build", "x.ipynb", "--format", "json")
    assert result.exit_code == code
    assert json.loads(result.stdout) == {
        "version": 1,
        "findings": [],
        "error": {
            "what": "it broke",
            "where": "cell 3",
            "why": "a reason",
            "fix": "mend it",
            "details": "more",
            "span": None,
            "exit_code": code,
        },
    }


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_the_report_of_an_error_goes_to_the_file_that_was_asked_for(run, tmp_path, form):
    (tmp_path / "cut.ipynb").write_text('{"cells": [')
    printed = run("analyze", "cut.ipynb", "--format", form)
    result = run("analyze", "cut.ipynb", "--format", form, "-o", "told")
    assert (printed.exit_code, result.exit_code) == (3, 3)
    assert (tmp_path / "told").read_text() == printed.stdout
    assert result.stdout == ""
    assert result.stderr.startswith("wrote told\nerror: The notebook is not valid JSON\n"), "whoever looks at the log sees it"


def test_the_report_of_an_error_is_printed_where_it_cant_be_written(run):
    result = run("analyze", "x.ipynb", "--format", "json", "-o", "absent/told.json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["what"] == "there is no notebook x.ipynb"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("output", [["-o", "./loans.ipynb"], ["--output=loans.ipynb"], ["-oother.ipynb"]])
def test_a_report_never_replaces_what_it_is_about(run, write, tmp_path, form, output):
    path = write("loans.ipynb", "# nb2svc: feature\nx = 1")
    (tmp_path / "other.ipynb").symlink_to(path)
    before = path.read_bytes()
    result = run("analyze", *output, "loans.ipynb", "--format", form)
    assert "would be replaced by the report on it" in result.output
    assert result.exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [None, "", '{"cells": ['])
def test_a_build_of_what_cant_be_read_leaves_nothing_behind(run, tmp_path, content):
    if content is not None:
        (tmp_path / "x.ipynb").write_text(content)
    before = sorted(tmp_path.iterdir())
    assert run("build", "x.ipynb").exit_code == (2 if content is None else 3)
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_not_ours_is_told_before_the_notebook_runs(run, tmp_path, monkeypatch):
    (tmp_path / "loans.ipynb").write_bytes((EXAMPLES / "digits.ipynb").read_bytes())
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").touch()
    monkeypatch.setattr("nb2svc.pipeline.observe", raising(AssertionError("the notebook was run")))
    result = run("build", "loans.ipynb", "-o", "thesis")
    assert result.exit_code == 2
    assert "error: the folder thesis is not empty and was not made by nb2svc" in result.stderr


def test_a_usage_error_is_json_too(run):
    result = run("build", "x.ipynb", "--format=json", "--nonsense")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["what"].startswith("No such option")


FINDINGS = (
    Finding(code="NB201", severity="refusal", message="first", remedy="do one", span=Span(2, 1, 0, 1, 5)),
    Finding(code="NB202", severity="refusal", message="second", remedy="do two", span=Span(1, 2, 0, 2, 5)),
)


def test_all_refusals_are_told_with_their_lines(run, pipeline, write):
    write("x.ipynb", "# nb2svc: feature a\nalpha = 1", "gamma = 2")
    pipeline(build=raising(RefusalError(FINDINGS)))
    result = run("build", "x.ipynb")
    assert result.exit_code == 3
    assert "error: 2 things in the notebook can't be served" in result.stderr
    assert "    alpha = 1\n    ^^^^^\n  second\n  do this: do two" in result.stderr
    assert result.stderr.index("second") < result.stderr.index("first")


def test_refusals_as_json(run, pipeline, write):
    write("x.ipynb", "# nb2svc: feature a\nalpha = 1", "gamma = 2")
    pipeline(build=raising(RefusalError(FINDINGS)))
    document = json.loads(run("build", "x.ipynb", "--format", "json").stdout)
    assert [finding["code"] for finding in document["findings"]] == ["NB201", "NB202"]
    assert document["error"]["exit_code"] == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_exits_130(run, pipeline, error):
    pipeline(build=raising(error))
    result = run("build", "x.ipynb")
    assert result.exit_code == 130
    assert "error: interrupted" in result.output
    assert "Traceback" not in result.output


def test_a_place_is_told_with_the_ids_of_the_cells_as_the_build_began(run, pipeline, write):
    path = write("loans.ipynb", "x = 1", "y = x / 0")

    def saved_meanwhile(*_arguments, **_options):
        write("loans.ipynb", "z = 0")
        raise RunError("it broke", span=Span(2, 1, 0, 1, 5))

    pipeline(build=saved_meanwhile)
    assert json.loads(run("build", str(path), "--format", "json").stdout)["cells"] == {"1": "c0", "2": "c1"}


SLEEPER = """
import sys, time, types
fake = types.ModuleType("nb2svc.pipeline")
def build(options, *, progress):
    try:
        print("started", flush=True)
        time.sleep(60)
    finally:
        print("cleaned up", flush=True)
fake.build, fake.ProofFailed = build, KeyError
sys.modules["nb2svc.pipeline"] = fake
import nb2svc
nb2svc.pipeline = fake
from nb2svc.cli.main import main
main(["build", "x.ipynb"])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_unwinds_and_exits_130(number):
    process = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    assert process.communicate(timeout=20)[0] == "cleaned up\n"
    assert process.returncode == 130


def test_who_has_hangups_ignored_is_not_ended_by_one():
    begins = "import os, signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    told = "os.kill(os.getpid(), signal.SIGHUP); print('goes on', flush=True); raise KeyboardInterrupt"
    sleeper = begins + SLEEPER.replace("time.sleep(60)", told)
    done = subprocess.run([sys.executable, "-c", sleeper], capture_output=True, text=True, check=False)
    assert done.stdout == "started\ngoes on\ncleaned up\n"


def test_a_terminal_that_is_closed_lets_it_come_to_its_end(tmp_path):
    # The shell tells it a second time, and nobody reads what it says.
    again = "import os, signal; os.kill(os.getpid(), signal.SIGHUP); print('cleaned up', flush=True); open('done', 'w').close()"
    takes = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    sleeper = takes + SLEEPER.replace('print("cleaned up", flush=True)', again)
    master, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", sleeper], stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, cwd=tmp_path
    )
    os.close(terminal)
    shown = b""
    while b"started" not in shown:
        shown += os.read(master, 100)
    os.close(master)
    assert process.wait(20) == 130
    assert (tmp_path / "done").exists()


def test_what_a_command_starts_leaves_out_no_assertion(run, monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    assert run("explain", "NB229").exit_code == 0
    assert "PYTHONOPTIMIZE" not in os.environ


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="a device that is always full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_behind_standard_output_is_the_environments_fault(form):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, "explain", "NB229", "--format", form], check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 5
    assert done.stderr == (
        "error: can't write the result\n  where    standard output\n  why      the disk is full\n  do this  make room\n"
    )


def test_without_standard_output_nothing_crashes():
    done = subprocess.run(["sh", "-c", f"{COMMAND} explain NB229 >&-"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_is_no_crash():
    done = subprocess.run(f"{COMMAND} --help | true", shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def crash():
    secret = {"Smith": 1}
    return secret["Jones, 12 Elm Street"]


def test_a_mistake_of_ours_saves_a_report_without_anybodys_data(run, pipeline, tmp_path):
    pipeline(build=lambda *_, **__: crash())
    result = run("build", "private-name.ipynb", "-p", "token=hunter2")
    assert result.exit_code == 70
    assert "error: nb2svc made a mistake: KeyError" in result.stderr
    (saved,) = (tmp_path / "cache" / "nb2svc" / "reports").iterdir()
    assert str(saved) in result.stderr
    text = saved.read_text()
    assert "KeyError" in text
    assert "crash" in text
    assert "nb2svc 0.1.0" in text
    assert "command: build -p" in text
    for private in ("Jones", "Smith", "hunter2", "private-name"):
        assert private not in text


def test_our_own_internal_errors_say_what_was_wrong_in_the_report():
    assert "InternalError: a name was learned twice" in report(InternalError("a name was learned twice"), ["build"])


def test_where_no_report_can_be_saved_the_exit_code_stays(run, pipeline, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    pipeline(build=lambda *_, **__: crash())
    result = run("build", "x.ipynb")
    assert result.exit_code == 70
    assert "could not be saved" in result.stderr


def test_a_missing_extra_is_the_environments_fault(run, pipeline):
    pipeline(build=raising(ModuleNotFoundError("No module named 'bentoml'", name="bentoml.service")))
    result = run("build", "x.ipynb")
    assert result.exit_code == 5
    assert "error: bentoml is not installed" in result.stderr
    assert "-m pip install 'nb2svc[bento]'" in result.stderr


def test_the_entry_point_takes_its_arguments_from_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["nb2svc", "--version"])
    monkeypatch.setattr("nb2svc.cli.main._end_politely", lambda: None)
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
    assert capsys.readouterr().out == "nb2svc 0.1.0\n"


def test_a_bento_that_is_not_there_leads_to_the_list_of_those_that_are(run):
    result = run("diff", "absent:latest", "loans")
    assert result.exit_code == 2
    assert "do this  name the folder that nb2svc build wrote, or a tag of `bentoml list`" in result.stderr
