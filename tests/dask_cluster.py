"""A Dask cluster of processes on the loopback address: a scheduler that can't import nb2svc, and workers that it loses as told."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from watched_processes import eventually

# As in a cluster where only the workers have the notebook's libraries.
_SCHEDULER = """
import sys
sys.modules["nb2svc"] = None
from distributed.cli.dask_scheduler import main
main()
"""


@dataclass
class Cluster:
    """The processes of a cluster below one folder."""

    folder: Path
    scheduler: "subprocess.Popen[bytes] | None" = None
    address: str = ""
    workers: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def executor(self) -> str:
        return self.address.replace("tcp://", "dask://")

    def start_scheduler(self) -> None:
        told = self.folder / "scheduler.json"
        told.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-c",
            _SCHEDULER,
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(told),
        ]
        self.scheduler = self._start("scheduler", command)
        assert eventually(lambda: told.exists() and '"address"' in told.read_text()), self.log("scheduler")
        self.address = json.loads(told.read_text())["address"]

    def start_worker(self, name: str, *, environment: dict[str, str] | None = None) -> None:
        """Start a worker of one thread, below a nanny that starts it again, and wait until the scheduler has it."""
        command = [
            *(sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--name", name, "--nthreads", "1"),
            *("--nanny", "--no-dashboard", "--local-directory", str(self.folder / name)),
        ]
        self.workers[name] = self._start(name, command, environment)
        assert eventually(lambda: "Registered to" in self.log(name)), self.log(name)

    def stop_worker(self, name: str) -> None:
        process = self.workers.pop(name)
        process.terminate()
        process.wait(30)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        # A worker ends with its nanny's pipe, and what is below it with its own.
        for process in (*self.workers.values(), *([self.scheduler] if self.scheduler else [])):
            process.kill()
            process.wait()

    def _start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})},
            )


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler, and no workers yet; nothing is left afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Cluster(folder)
    try:
        made.start_scheduler()
        yield made
    finally:
        made.stop()
