"""The process that holds a project: it answers over a pipe, ends with who asked, and can't be held up by the author's code."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.parity.asking import RowProcess
from nb2svc.parity.request import make_request
from unit.parity.loans import Loans

Changed = Callable[..., Loans]


def process(loans: Loans, **limits: float) -> RowProcess:
    request = make_request(loans.capture, loans.observation, project=loans.project, package="loans", modes=())
    return RowProcess(request, interpreter=sys.executable, **limits)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_while_the_authors_code_prints_and_is_gone_when_closed(changed: Changed) -> None:
    prints = 'import os\n    print("secret")\n    os.write(1, b"secret")\n    loans["burden"] ='
    held = process(changed(("features.py", 'loans["burden"] =', prints)))
    try:
        assert held.total == 160
        found = held.ask({"ask": "row", "row": 3})
        assert found["result"]["status"] in ("ok", "refer")
        with pytest.raises(UsageError, match="no row 999"):
            held.ask({"ask": "row", "row": 999})
        assert held.ask({"ask": "list", "limit": 1})["rows"]
    finally:
        held.close()
    assert gone(held.pid)


def test_code_that_does_not_end_is_stopped(changed: Changed) -> None:
    waits = 'import time\n    time.sleep(60 if len(loans) == 1 else 0)\n    loans["burden"] ='
    held = process(changed(("features.py", 'loans["burden"] =', waits)), seconds=1.0)
    with pytest.raises(EnvironmentProblem, match="longer than 1 seconds"):
        held.ask({"ask": "row", "row": 3})
    assert gone(held.pid)


def test_a_capture_that_was_changed_is_not_loaded(changed: Changed) -> None:
    copy = changed()
    raw = copy.capture.find("raw")
    assert raw is not None
    kept = Path(copy.capture.folder) / raw.file
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(EnvironmentProblem, match="changed since the notebook ran"):
        process(copy)


def test_it_ends_when_who_asked_is_killed(loans: Loans) -> None:
    request = make_request(loans.capture, loans.observation, project=loans.project, package="loans", modes=())
    code = (
        "import json, sys, time\n"
        "from nb2svc.parity.asking import RowProcess\n"
        "held = RowProcess(json.load(sys.stdin), interpreter=sys.executable)\n"
        "print(held.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert asking.stdin is not None
        assert asking.stdout is not None
        asking.stdin.write(json.dumps(request))
        asking.stdin.close()
        pid = int(asking.stdout.readline())
    finally:
        asking.kill()
        asking.wait()
    assert gone(pid)
