"""The proof's fresh process: the capture's interpreter, the harness, a request file in, a result file out."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.system.clock import readable
from nb2svc.system.processes import Running, started

Progress = Callable[[str], None]
HARNESS = Path(__file__).with_name("harness")
HOUR = 3600.0


def replay(
    request: Mapping[str, Any],
    *,
    interpreter: str,
    scratch: Path,
    name: str,
    progress: Progress,
    module: str = "replay",
    limit: float = HOUR,
) -> dict[str, Any]:
    """Run one request by a module of the harness; `name` names its files in `scratch`.

    Raises:
        InternalError: the harness itself failed; its output is in the details.
        EnvironmentProblem: the interpreter can't be started, or the replay took longer than `limit` seconds.
    """
    result, log = scratch / f"{name}_result.json", scratch / f"{name}.log"
    path = scratch / f"{name}_request.json"
    path.write_text(json.dumps({**request, "result": str(result)}), encoding="utf-8")
    result.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    with started([interpreter, "-B", str(HARNESS), str(path), module], log=log, cwd=scratch, env=environment()) as running:
        code = _follow(running, progress=progress, limit=limit)
    if code is None:
        what = "an hour" if limit == HOUR else readable(limit)
        raise EnvironmentProblem(f"the proof took longer than {what}", where=str(log), fix="prove a sample: --parity sample")
    if code != 0 or not result.exists():
        raise InternalError("the proof's process failed", where=str(log), why=f"exit code {code}", details=running.tail())
    answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return answer


def environment() -> dict[str, str]:
    """What a process of the harness is started with."""
    # One hash seed, so that two proofs of one project print the same; no bytecode beside the generated modules. Threads for
    # one row cost more than they give (five times the time on a busy machine); BLAS keeps its own, which sums in their order.
    blas = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count() or 1)
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "OPENBLAS_NUM_THREADS": blas, "MKL_NUM_THREADS": blas}
    return {**os.environ, **threads, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


def _follow(running: Running, *, progress: Progress, limit: float) -> int | None:
    seen, waited = 0, 0.0
    while True:
        code = running.wait(0.1)
        waited += 0.1
        names = [line[5:] for line in _lines(running.log) if line.startswith("mode ")]
        for name in names[seen:]:
            progress(name)
        seen = len(names)
        if code is not None or waited > limit:
            return code


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").split("\n")[:-1] if log.exists() else []
