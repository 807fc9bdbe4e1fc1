import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem
from nb2svc.system.processes import run, started, tail, watch

# Starts a child in a session of its own (as a server's workers are), tells its id, and waits.
WORKERS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(float(sys.argv[1]))
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(300)"


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


def wait_for(log: Path, text: str = "\n") -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if log.exists() and text in log.read_text():
            return log.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{text!r} never came")


def test_output_code_and_time(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); print(repr(sys.stdin.read())); sys.exit(3)"
    done = run(python(code), log=tmp_path / "log", timeout=20)
    assert (done.code, done.timed_out) == (3, False)
    assert set(done.tail().split("\n")) == {"out", "err", "''"}
    assert 0 < done.seconds < 20


def test_a_time_limit_ends_it_and_its_workers(tmp_path: Path) -> None:
    # On a busy machine it may not have begun when its time is over: then it is given more.
    for limit in (1.0, 4.0, 16.0):
        done = run(python(WORKERS, "300"), log=tmp_path / "log", timeout=limit)
        assert done.timed_out
        assert done.seconds < 300
        if done.tail():
            break
    assert done.code == -signal.SIGTERM
    assert not alive(int(done.tail()))


def test_workers_end_with_a_process_that_ends_by_itself(tmp_path: Path) -> None:
    done = run(python(WORKERS, "0"), log=tmp_path / "log", timeout=20)
    assert (done.code, done.timed_out) == (0, False)
    assert not alive(int(done.tail()))


def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    with started(python(STUBBORN), log=tmp_path / "log") as running:
        wait_for(tmp_path / "log", "ready")
        assert running.poll() is None
        assert running.stop(grace=0.2) == -signal.SIGKILL


def test_a_failing_body_ends_it(tmp_path: Path) -> None:
    pids = []

    def body() -> None:
        with started(python(WORKERS, "300"), log=tmp_path / "log") as running:
            pids.extend([running.pid, int(wait_for(tmp_path / "log"))])
            assert all(map(alive, pids))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        body()
    assert len(pids) == 2
    assert not any(map(alive, pids))


def test_an_interrupt_during_run_ends_it(tmp_path: Path) -> None:
    def interrupt() -> None:
        wait_for(tmp_path / "log")
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run(python(WORKERS, "300"), log=tmp_path / "log", timeout=60)
    thread.join()
    assert not alive(int(tail(tmp_path / "log")))


def test_it_has_a_session_and_an_environment_of_its_own(tmp_path: Path) -> None:
    code = "import os; print(os.getsid(0) == os.getpid(), sorted(set(os.environ) - {'LC_CTYPE'}), os.getcwd())"
    done = run(python(code), log=tmp_path / "log", timeout=20, cwd=tmp_path, env={"A": "1"})
    assert done.tail() == f"True ['A', 'NB2SVC_PROCESS'] {tmp_path}"


def test_a_missing_program_and_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="can't start no-such-program"):
        run(["/no-such-program"], log=tmp_path / "log", timeout=1)
    with pytest.raises(EnvironmentProblem) as caught:
        run(python("pass"), log=tmp_path / "log", timeout=1, cwd=tmp_path / "gone")
    assert caught.value.why == "there is no such folder"
    with pytest.raises(EnvironmentProblem, match="can't write the log"):
        run(python("pass"), log=tmp_path / "gone" / "log", timeout=1)


def test_the_tail_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)) + "x" * 50)
    assert tail(log, 2) == "line 9999\n" + "x" * 50
    assert len(tail(log, 10_000)) <= 16_384
    assert tail(tmp_path / "none") == ""


# Watches WORKERS with its own output, and exits with what `watch` returns.
WATCHER = """
import sys
from nb2svc.system.processes import watch
sys.exit(watch([sys.executable, "-S", "-c", sys.argv[1], sys.argv[2]]))
"""


def test_what_is_watched_prints_where_we_do_and_has_its_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert watch(python("import sys; print('out'); sys.exit(3)")) == 3
    assert capfd.readouterr().out == "out\n"


def test_an_interrupt_ends_what_is_watched_and_its_workers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WATCHER, WORKERS, "300"]
    with started(command, log=tmp_path / "log") as watcher:
        worker = int(wait_for(tmp_path / "log"))
        assert alive(worker)
        os.kill(watcher.pid, signal.SIGINT)
        assert watcher.wait(20) == 0
        assert not alive(worker)
