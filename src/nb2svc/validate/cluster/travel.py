"""What travels with a run to a worker and back: JSON, so that neither the scheduler nor another version of Python must know ours.

The notebook and the author's modules that it imports go along. Data do not: they lie where the worker finds them by the same
path, and are the same bytes. The values of secrets do not, either: each worker has them in its own environment.
"""

import ast
import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture.driver import imported
from nb2svc.errors import UsageError
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult
from nb2svc.system.digests import DERIVED, file_digest
from nb2svc.validate.task import RunTask, as_message, from_message

_MOST = 16 << 20
# What changes the last digits of a result, or the order of a set: a worker sets its own, and Dask's nanny sets threads to 1.
_OBEYED = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_CORETYPE"),
    *("PYTHONHASHSEED", "TZ", "LANG", "LC_ALL", "LC_NUMERIC", "LC_TIME"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Luggage:
    """What all runs of a command take along.

    `files` are paths below the folder that runs are made in, with their bytes. `data` are the files that the code names to read,
    as it names them, with their digests. `inodes` tell whether a worker sees that very folder. `environment` are the variables
    to obey.
    """

    files: tuple[tuple[str, bytes], ...]
    data: tuple[tuple[str, str], ...]
    inodes: tuple[int, ...]
    environment: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One run on its way: `function` is what makes it, as `module:name`, `topic` where its events are told, `ours` Dask's key."""

    task: RunTask
    luggage: Luggage
    secrets: tuple[str, ...]
    function: str
    topic: str
    ours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What came back: a result with its files, or the parts of an error with its exit code.

    `moved` says that the worker did not see the notebook's folder, so that its data may be others.
    """

    result: RunResult | None
    moved: bool = False
    files: tuple[tuple[str, bytes], ...] = ()
    problem: Mapping[str, Any] | None = None


def luggage(notebook: Notebook, *, cwd: Path) -> Luggage:
    """What to take along for a notebook that runs in that folder.

    Raises:
        UsageError: its modules are too large to be sent with each run.
    """
    files = tuple((path.relative_to(cwd).as_posix(), path.read_bytes()) for path in own_files(notebook, cwd))
    size = sum(len(content) for _, content in files)
    if size > _MOST:
        raise UsageError(
            f"the modules beside the notebook have {size >> 20} MB",
            where=str(cwd),
            why="they are sent to a worker with each run, and may have 16 MB",
            fix="install them on the workers, or keep data out of the packages",
        )
    environment = tuple((name, os.environ[name]) for name in _OBEYED if name in os.environ)
    return Luggage(files=files, data=tuple(_data(notebook, cwd)), inodes=inodes(cwd), environment=environment)


def inodes(folder: Path) -> tuple[int, ...]:
    """What tells a folder from its copy on another machine, also through a network drive; () where there is none."""
    with suppress(OSError):
        return tuple(path.stat().st_ino for path in (folder, folder.parent))
    return ()


def own_files(notebook: Notebook, cwd: Path) -> tuple[Path, ...]:
    """The author's modules that a notebook imports, and those that these import: a package with all that lies in it."""
    found: dict[Path, None] = {}
    wanted, seen = sorted(imported(notebook)), set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        new = list(_module(cwd, name))
        found |= dict.fromkeys(new)
        wanted += sorted({each for path in new if path.suffix == ".py" for each in _imports(path)} - seen)
    return tuple(sorted(found))


def obeyed(luggage: Luggage, environment: Mapping[str, str]) -> dict[str, str]:
    """A worker's environment with the variables to obey as they are where the command was given."""
    return {name: value for name, value in environment.items() if name not in _OBEYED} | dict(luggage.environment)


def packed(trip: Trip) -> bytes:
    """A trip as JSON."""
    task, taken = trip.task, trip.luggage
    document = {
        "task": {**as_message(replace(task, secrets=()), staged=""), "retries": task.retries},
        "output": [task.output, task.session],
        "files": [[path, base64.b64encode(content).decode()] for path, content in taken.files],
        "data": taken.data,
        "inodes": taken.inodes,
        "environment": taken.environment,
        "told": [trip.function, trip.topic, trip.ours],
        "secrets": trip.secrets,
    }
    return json.dumps(document).encode()


def unpacked(content: bytes) -> Trip:
    """What `packed` wrote."""
    document = json.loads(content)
    output, session = document["output"]
    function, topic, ours = document["told"]
    taken = Luggage(
        files=tuple((path, base64.b64decode(text)) for path, text in document["files"]),
        data=tuple((path, digest) for path, digest in document["data"]),
        inodes=tuple(document["inodes"]),
        environment=tuple((name, value) for name, value in document["environment"]),
    )
    return Trip(
        task=replace(from_message(document["task"]), output=output, session=session),
        luggage=taken,
        secrets=tuple(document["secrets"]),
        function=function,
        topic=topic,
        ours=ours,
    )


def returned(content: bytes) -> Return:
    """What `to_return` wrote."""
    document = json.loads(content)
    if "problem" in document:
        return Return(result=None, problem=document["problem"])
    files = tuple((path, base64.b64decode(text)) for path, text in document["files"])
    return Return(result=from_json(RunResult, document["result"]), files=files, moved=document["moved"])


def to_return(result: RunResult, files: Iterable[tuple[str, bytes]], *, moved: bool) -> bytes:
    """A result with the files that its run left, as JSON."""
    left = [[path, base64.b64encode(content).decode()] for path, content in files]
    return json.dumps({"result": to_json(result), "files": left, "moved": moved}).encode()


def _module(cwd: Path, name: str) -> Iterator[Path]:
    if (cwd / f"{name}.py").is_file():
        yield cwd / f"{name}.py"
    package = cwd / name
    if not any(package.glob("*.py")):
        return
    for root, folders, names in os.walk(package):
        folders[:] = sorted(each for each in folders if each not in DERIVED and not each.startswith("."))
        yield from (Path(root, each) for each in names if not each.startswith("."))


def _imports(path: Path) -> Iterator[str]:
    with suppress(SyntaxError, ValueError, OSError):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Import(names=names):
                    yield from (alias.name.partition(".")[0] for alias in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module.partition(".")[0]


def _data(notebook: Notebook, cwd: Path) -> Iterator[tuple[str, str]]:
    """The files that the code names to read and that lie here."""
    statements = build_dataflow(notebook).statements
    named = {effect.detail for each in statements for effect in each.effects if effect.kind == "file_read" and effect.detail}
    for name in sorted(named):
        with suppress(OSError, ValueError):
            if (cwd / name).is_file():
                yield name, file_digest(cwd / name)
