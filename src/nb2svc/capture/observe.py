"""The second half of capture: the probe replays the serving slice in the kernel's interpreter, and says what it saw."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nb2svc.capture.probe_request import probe_request
from nb2svc.errors import InternalError, RunError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.system.clock import readable
from nb2svc.system.files import write_atomic
from nb2svc.system.processes import run

OBSERVATION = "observation.json"
_LAUNCHER = Path(__file__).with_name("probe") / "__main__.py"
# The probe's exit code where what a run kept can't be made again.
_UNREADABLE = 3
# Without these the slice can't be replayed at all.
_NEEDED = ("raw", "estimator", "fit_input", "output")


def observe(
    capture: Capture,
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    *,
    sample: int = 2000,
    single_rows: int = 20,
    checkpoint_rows: int = 20_000,
    knowledge: bool = True,
    seed: int = 0,
    timeout: float | None = 1800.0,
) -> Observation:
    """Probe the serving slice of a captured run.

    `sample` rows are used to classify and `single_rows` probed alone; `checkpoint_rows` bounds the kept intermediate
    values. `knowledge=False` empties the probe's tables of known functions, which must only cost time.

    Raises:
        RunError: a value that the replay starts from could not be kept, or the time is over.
        InternalError: the probe crashed, or its answer is not as agreed.
    """
    folder = Path(capture.folder)
    _check_kept(capture, notebook)
    check_kept_files(capture)
    options = {
        "sample": sample,
        "single_rows": single_rows,
        "knowledge": knowledge,
        "seed": seed,
        "checkpoint_rows": checkpoint_rows,
    }
    request = probe_request(capture, notebook, dataflow, outline, options=options)
    write_atomic(folder / "probe_request.json", (json.dumps(request, indent=1) + "\n").encode(), mode=0o600)
    _probe(capture, folder, timeout=timeout)
    return read_observation(folder)


def check_kept_files(capture: Capture) -> None:
    """Look whether the values of a capture are those that were kept.

    Raises:
        InternalError: one is missing, or was changed since.
    """
    _check_digests(Path(capture.folder), ((kept.file, kept.sha256) for kept in capture.kept if kept.file))


def read_observation(folder: Path) -> Observation:
    """What the probe of the capture in a folder answered, with the files that it names.

    Raises:
        InternalError: it can't be read, or a file of it is missing or was changed since.
    """
    observation = parse_observation(folder)
    _check_digests(folder, _named(observation))
    return observation


def parse_observation(folder: Path) -> Observation:
    """The observation alone: the files that it names are not looked at.

    Raises:
        InternalError: it can't be read.
    """
    path = folder / OBSERVATION
    try:
        return from_json(Observation, json.loads(path.read_bytes()))
    except (OSError, ValueError, DecodeError) as error:
        raise InternalError("the probe's answer can't be read", where=str(path), why=str(error)) from error


def _probe(capture: Capture, folder: Path, *, timeout: float | None) -> None:
    log = folder / "probe.log"
    answer = folder / OBSERVATION
    for old in (log, answer):
        old.unlink(missing_ok=True)
    log.touch(mode=0o600)
    # String hashes must not order what is written.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
    finished = run(
        [capture.interpreter, str(_LAUNCHER), str(folder / "probe_request.json")],
        log=log,
        timeout=timeout,
        cwd=Path(capture.cwd) if capture.cwd else None,
        env=environment,
    )
    if finished.timed_out:
        raise RunError(
            f"the feature cells were still being replayed after {readable(timeout or 0)}",
            where=str(log),
            why="they are run many times on small samples, to see which values depend on which rows",
            fix="allow more with --timeout, or move slow work that requests do not need out of the feature cells",
        )
    if finished.code == _UNREADABLE:
        raise RunError(
            "a value that the feature cells start from can't be read again",
            where=str(log),
            why=finished.tail().rstrip().rpartition("\n")[2],
            fix="make it in a feature cell; above those only data can be made: tables, numbers, texts, and fitted objects",
        )
    if finished.code != 0:
        raise InternalError(
            "the replay of the feature cells crashed",
            where=str(log),
            why=f"the probe ended with code {finished.code}",
            fix="please report this with the log; the notebook itself ran well",
            details=finished.tail(),
        )


def _check_kept(capture: Capture, notebook: Notebook) -> None:
    for point, kept in zip(capture.points, capture.kept, strict=True):
        if kept.problem and kept.kind in _NEEDED:
            raise RunError(
                f"the value of {point.expression} can't be kept",
                where=notebook.name,
                why=kept.problem,
                fix="services need this value as data: define its class or function at the top level of a cell, without lambdas",
            )


def _named(observation: Observation) -> Iterator[tuple[str, str]]:
    """The files that the probe wrote, with their digests; a file without one has the digest "", which no file has."""
    digests = dict(observation.oracles.sha256)
    written = tuple(field for field in ("dropped", "main") if getattr(observation.oracles, field))
    for field in ("fit_rows", "predict_rows", "checkpoints", *written):
        yield getattr(observation.oracles, field), digests.get(field, "")
    for learned in observation.learned:
        if learned.file:
            yield learned.file, learned.sha256


def _check_digests(folder: Path, named: Iterable[tuple[str, str]]) -> None:
    """Refuse a file that is not the one that was written: unpickling runs what is in it."""
    for file, expected in named:
        path = folder / file
        try:
            with path.open("rb") as stream:
                actual = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise InternalError("a file of the capture is missing", where=str(path), why=str(error)) from error
        if actual != expected:
            raise InternalError(
                "a file of the capture changed after it was written",
                where=str(path),
                why=f"its digest is {actual[:12]}…, not {expected[:12]}…",
                fix="build again, and let nothing else write there",
            )
