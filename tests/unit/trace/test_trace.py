"""A log of any kind, the notebook's cell and line below each of its frames, and the failures counted."""

import gzip
import json
import os
import sys
import tracemalloc

import pytest
from click.testing import CliRunner

from document_schema import check_document
from nb2svc.cli.main import main
from nb2svc.read.notebook import written_digest
from nb2svc_runtime.version import content_version

FEATURES = """\
from ._nb2svc import State


def applicant(loans, state):
    loans = loans.copy()
    loans["rate"] = loans["region"].map(state.rates(lambda: rates).loc)
    return area(loans)


def area(loans):
    return loans["length"] * loans["width"]
"""
LINES = [
    {"file": "features.py", "line": 5, "cell": 2, "cell_line": 2, "statement": 1, "text": "loans = loans.copy()"},
    {
        "file": "features.py",
        "line": 6,
        "cell": 2,
        "cell_line": 3,
        "statement": 2,
        "text": 'loans["rate"] = loans["region"].map(rates.loc)',
    },
    {
        "file": "features.py",
        "line": 11,
        "cell": 1,
        "cell_line": 4,
        "statement": 0,
        "text": '    return loans["length"] * loans["width"]',
    },
]
CELLS = [
    'import pandas as pd\n\ndef area(loans):\n    return loans["length"] * loans["width"]',
    '# nb2svc: feature applicant\nloans = loans.copy()\nloans["rate"] = loans["region"].map(rates.loc)\nloans["area"] = area(loans)',
]
HERE = 'loans.ipynb, cell 2 "applicant", line 3'
ARROW = f'→ {HERE}: loans["rate"] = loans["region"].map(rates.loc)'
FRAME = '  File "/srv/app/loans/features.py", line 6, in applicant'
SOURCE = '    loans["rate"] = loans["region"].map(state.rates(lambda: rates).loc)'
TRACEBACK = f"""\
Traceback (most recent call last):
  File "/srv/app/loans/_nb2svc/predictor.py", line 160, in _attempt
    output = self._answer(build_tables(self.schema, rows), model, state)
{FRAME}
{SOURCE}
                    ~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/site-packages/pandas/core/series.py", line 4700, in map
    new_values = self._map_values(arg)
KeyError: 'Zaphod'
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "loans"
    home = folder / "loans" / "_nb2svc"
    home.mkdir(parents=True)
    notebook = json.dumps({"cells": [cell(source) for source in CELLS], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (tmp_path / "loans.ipynb").write_text(notebook)
    (folder / "loans" / "features.py").write_text(FEATURES)
    (home / "line_map.json").write_text(json.dumps(LINES))
    titles = {"1": {"title": "cell 1 (def area)", "file_line": 0}, "2": {"title": 'cell 2 "applicant"', "file_line": 0}}
    digest = written_digest(notebook.encode(), "loans.ipynb")
    (home / "origin.json").write_text(json.dumps({"notebook": "loans.ipynb", "notebook_digest": digest, "cells": titles}))
    (folder / "readiness.json").write_text("{}")
    return folder


def cell(source):
    return {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
        "id": f"c{len(source)}",
    }


@pytest.fixture
def trace(tmp_path, project, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(text, *options, code=0, name="service.log"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        result = CliRunner().invoke(main, ["trace", name, *options])
        assert result.exit_code == code, result.output
        check_document(["trace", *options], result.stdout)
        return result.stdout if code == 0 else result.output

    return run


def failures(trace, text, *options):
    return json.loads(trace(text, "--format", "json", *options))["failures"]


def prefixed(prefix):
    return "".join(f"{prefix}{line}\n" for line in TRACEBACK.splitlines())


def docker(text):
    lines = ({"log": f"{line}\n", "stream": "stderr", "time": "2026-11-26T18:40:12.5Z"} for line in text.splitlines())
    return "".join(json.dumps(line) + "\n" for line in lines)


def coloured(text):
    return (
        text.replace('"/srv', '\x1b[35m"/srv')
        .replace('.py"', '.py"\x1b[0m')
        .replace("line 6", "line \x1b[35m6\x1b[0m")
        .replace("KeyError", "\x1b[1;35mKeyError\x1b[0m")
    )


FORMS = {
    "plain": TRACEBACK,
    "windows line ends": TRACEBACK.replace("\n", "\r\n"),
    "compose": prefixed("web-1  | "),
    "kubernetes": prefixed("2026-11-26T18:40:12.123456789Z stderr F "),
    "docker's json": docker(TRACEBACK),
    "coloured": coloured(TRACEBACK),
    "coloured in docker's json": docker(coloured(TRACEBACK)),
    "a json record": json.dumps({"level": "error", "message": "failed", "exc_info": TRACEBACK, "timestamp": "2026-11-26T18:40:12Z"}) + "\n",
    "a json record in docker's json": docker(json.dumps({"message": "failed", "exc_info": TRACEBACK})),
    "frames as json": json.dumps({"exception": [{"exc_type": "KeyError", "frames": [
        {"filename": "/srv/app/loans/features.py", "lineno": 6, "name": "applicant"}, {"filename": "/x/series.py", "lineno": 9, "name": "map"}]}]}) + "\n",
    "windows": TRACEBACK.replace("/srv/app/loans/features.py", "C:\\srv\\app\\loans\\features.py"),
    "spaces in the path": TRACEBACK.replace("/srv/app", "/srv/my app"),
    "no head": TRACEBACK[TRACEBACK.index(FRAME):],
    "another line between": TRACEBACK.replace(SOURCE, f"INFO: 127.0.0.1 - POST /predict\n{SOURCE}"),
    "bytes that are no text": TRACEBACK.encode() .replace(b"Zaphod", b"\xff\xfe\x00"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_frame_is_found_and_the_log_stays_as_it_was(trace, form):
    text = FORMS[form]
    written = trace(text, "-o", "out.txt") or (open("out.txt", "rb").read())  # noqa: SIM115, PTH123
    assert ARROW.encode() in written
    content = text if isinstance(text, bytes) else text.encode()
    log = written.rpartition("─────\n".encode())[0]
    kept = b"".join(line for line in log.splitlines(keepends=True) if not line.strip().startswith("→".encode()))
    assert kept.startswith(content)
    (failure,) = failures(trace, text)
    assert (failure["exception"], failure["count"], failure["cell"], failure["line"]) == ("KeyError", 1, 2, 3)
    assert failure["stale"] == ""


def test_the_arrow_stands_below_its_frame(trace):
    lines = trace(prefixed("web-1  | ")).splitlines()
    below = lines[lines.index(f"web-1  | {FRAME}") + 1]
    assert below == " " * len("web-1  |   ") + f"  {ARROW}"


def test_an_end_that_was_cut_off_is_counted_without_a_type(trace):
    (failure,) = failures(trace, TRACEBACK[: TRACEBACK.index("KeyError")])
    assert (failure["exception"], failure["count"]) == ("", 1)
    assert "type the log cut off" in trace(TRACEBACK[: TRACEBACK.index("KeyError")])


def test_rich_and_pytest_name_frames_otherwise(trace):
    text = trace("│ /srv/app/loans/features.py:6 in applicant      │\nloans/features.py:11: KeyError\n", "--project", "loans")
    assert ARROW in text
    assert "→ loans.ipynb, cell 1 (def area), line 4: return loans" in text
    assert "loans/features.py:60" in trace("x loans/features.py:60: here\n", "--project", "loans")


@pytest.mark.parametrize("words", ["During handling of the above exception, another exception occurred:",
                                   "The above exception was the direct cause of the following exception:"])  # fmt: skip
def test_exceptions_that_led_to_one_another_are_one_failure(trace, words):
    second = TRACEBACK.replace("line 6", "line 11").replace("KeyError: 'Zaphod'", "loans.errors.Odd: no area")
    (failure,) = failures(trace, f"{TRACEBACK}\n{words}\n\n{second}")
    assert (failure["exception"], failure["count"], failure["cell"], failure["line"]) == ("loans.errors.Odd", 1, 1, 4)


def test_equal_failures_are_counted_with_first_and_last_time(trace):
    other = TRACEBACK.replace("line 6", "line 5").replace("KeyError", "MemoryError")
    parts = [f"2026-11-26T18:4{minute}:00+0000 [ERROR] it failed\n{TRACEBACK}" for minute in range(5)]
    first, second = failures(trace, "".join([*parts[:3], f"2026-11-26 19:00:00,123 ERROR\n{other}", *parts[3:]]))
    assert (first["count"], first["first"], first["last"]) == (5, "2026-11-26T18:40:00+0000", "2026-11-26T18:44:00+0000")
    assert (second["exception"], second["count"], second["first"]) == ("MemoryError", 1, "2026-11-26 19:00:00,123")


def test_tracebacks_of_others_are_counted_apart(trace):
    foreign = 'Traceback (most recent call last):\n  File "/x/app/other.py", line 6, in f\n    g()\nOSError: no\n'
    assert trace(foreign + TRACEBACK, "--summary").startswith(
        "1 failure of the notebook's code, 1 traceback in 13 lines; 1 other traceback\n"
    )
    text = trace(foreign, "--summary", "--project", "loans")
    assert text == "no exception came through the notebook's code; 1 traceback in 4 lines\n"


def test_the_summary_shows_the_notebooks_lines(trace):
    text = trace(TRACEBACK, "--summary")
    assert HERE + " (loans/features.py, line 6)" in text
    assert (
        '    2 │ loans = loans.copy()\n  → 3 │ loans["rate"] = loans["region"].map(rates.loc)\n    4 │ loans["area"] = area(loans)'
        in text
    )
    assert "not beside" not in text


def test_a_notebook_that_changed_is_not_shown(trace, tmp_path):
    (tmp_path / "loans.ipynb").write_text("{}")
    text = trace(TRACEBACK, "--summary")
    assert '  → loans["rate"] = loans["region"].map(rates.loc)\n  loans.ipynb is not beside the project as it was built' in text


def test_a_line_of_ours_is_said_to_be_ours(trace):
    assert "→ a line that nb2svc wrote, not one of loans.ipynb" in trace(TRACEBACK.replace("line 6", "line 7"))
    assert failures(trace, TRACEBACK.replace("line 6", "line 7"), "--project", "loans") == []


def test_the_version_in_the_log_says_whether_it_is_this_build(trace, project):
    record = (
        "2026-11-26T18:40:12+0000 [WARNING] 1 of 2 rows of request 7 could not be computed: KeyError [loans {}, notebook "
        + "a" * 12
        + "]\n"
    )
    (failure,) = failures(trace, record.format(content_version(project / "loans")) + TRACEBACK)
    assert (failure["stale"], failure["first"]) == ("", "2026-11-26T18:40:12+0000")
    other = trace(record.format("0" * 12) + TRACEBACK)
    assert f"{ARROW} (or near it: the log is of another build)" in other
    assert "another build: the log is of build 000000000000" in other


def test_a_traceback_that_shows_another_line_is_of_another_build(trace):
    (failure,) = failures(trace, TRACEBACK.replace(SOURCE, "    loans = loans.dropna()"))
    assert failure["stale"].startswith("the traceback shows `loans = loans.dropna()` there")


def test_the_project_is_found_where_the_traceback_says_that_it_lies(trace, project, monkeypatch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    log = elsewhere / "a.log"
    log.write_text(TRACEBACK.replace("/srv/app", str(project)))
    monkeypatch.chdir(elsewhere)
    result = CliRunner().invoke(main, ["trace", str(log)])
    assert result.exit_code == 0
    assert ARROW in result.stdout


def test_without_the_project_it_is_an_error_before_anything_is_written(trace, monkeypatch, tmp_path_factory):
    text = TRACEBACK.replace("loans/", "credit/")
    error = trace(text, "-o", "out.txt", code=2)
    assert "error: the project of credit is not here" in error
    assert "--project DIR" in error
    assert "Traceback" not in error
    assert not os.path.exists("out.txt")  # noqa: PTH110
    assert "no project's code is in the log" in trace("all is well\n", code=2)


def test_bad_input(trace, tmp_path, project):
    def error(*arguments):
        result = CliRunner().invoke(main, ["trace", *arguments])
        return result.exit_code, result.output

    assert error("nothing.log") == (2, error("nothing.log")[1])
    assert "there is no log nothing.log" in error("nothing.log")[1]
    assert "is a folder, not a log" in error("loans", "--project", "loans")[1]
    (tmp_path / "broken.gz").write_bytes(b"no gzip")
    assert error("broken.gz", "--project", "loans")[0] == 5
    (tmp_path / "a.log").write_text("x\n")
    assert "nope is no built project" in error("a.log", "--project", "nope")[1]
    (project / "loans" / "_nb2svc" / "line_map.json").write_text("[{}]")
    code, output = error("a.log", "--project", "loans", "--format", "json")
    assert (code, json.loads(output)["error"]["what"]) == (2, "the line map of loans can't be read")


def test_standard_input_and_gzip(trace, tmp_path):
    result = CliRunner().invoke(main, ["trace", "-"], input=TRACEBACK)
    assert ARROW in result.stdout
    assert ARROW in trace(gzip.compress(TRACEBACK.encode()), name="service.log.gz")


def test_a_long_log_streams(trace, tmp_path):
    line = "2026-11-26T18:00:00+0000 [INFO] [entry_service:loans:1] 127.0.0.1:5 (scheme=http,method=POST,path=/predict) 2ms\n"
    text = (line * 3000 + TRACEBACK) * 60 + "x" * 9_000_000
    (tmp_path / "long.log").write_text(text)
    tracemalloc.start()
    result = CliRunner().invoke(main, ["trace", "long.log", "-o", "out.log"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.exit_code == 0, result.output
    assert peak < 10_000_000 < len(text)
    assert sys.getsizeof(text) < (tmp_path / "out.log").stat().st_size
