"""Where runs lie: `OUT/runs/<start of the key>/`, one folder a run, whole or absent, and `OUT/validation.json` over them.

A run is written to `.run-…` beside the others and gets its name in one step; whoever comes second finds it there.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nb2svc.capture.inventory import LOCK
from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.system.files import disk_errors, sync_folder, write_atomic, write_synced
from nb2svc.system.lock import locked, try_lock_folder

EXECUTED = "executed.ipynb"
LOG = "kernel.log"
NOTED = "facts.json"
RESULT = "result.json"
VALIDATION = "validation.json"
RUNS = "runs"
_STAGED = ".run-"
_OLD = ".old-"


def place_of(spec: RunSpec) -> str:
    """A run's folder, as seen from the validation's."""
    return f"{RUNS}/{spec.key[:16]}"


@contextmanager
def validation_folder(folder: Path, *, notebook: str = "") -> Iterator[None]:
    """Be the only one that writes to a validation's folder, which is made; what killed runs left there goes.

    Raises:
        UsageError: the folder holds the validation of a notebook of another name.
        EnvironmentProblem: it can't be written, or another validation uses it.
    """
    check_same(_last(folder), notebook, where=str(folder))
    with disk_errors("keep the runs", where=folder / RUNS):
        (folder / RUNS).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / RUNS / ".gitignore").exists():
            # Executed notebooks hold data. The folder itself may be anybody's: what else lies there is not ours to hide.
            write_atomic(folder / RUNS / ".gitignore", b"*\n")
    with locked(folder / LOCK, what=f"{folder.name} is being filled"):
        for leftover in (*(folder / RUNS).glob(f"{_STAGED}*"), *(folder / RUNS).glob(f"{_OLD}*")):
            _remove(leftover)
        yield


@contextmanager
def staged_run(folder: Path) -> Iterator[Path]:
    """A private folder for one attempt; gone afterwards unless `commit` took it.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    with disk_errors("keep the runs", where=folder / RUNS):
        staged = folder / RUNS / f"{_STAGED}{secrets.token_hex(4)}"
        staged.mkdir(mode=0o700)
        descriptor = try_lock_folder(staged)
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def commit(staged: Path, folder: Path, result: RunResult) -> None:
    """Give a finished run its place; one that was there, made of other inputs, is replaced.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    place = folder / place_of(result.spec)
    with disk_errors("keep the run", where=place):
        content = (json.dumps(to_json(result), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
        write_synced(staged / RESULT, content, mode=0o600)
        sync_folder(staged)
        if place.exists():
            old = place.with_name(f"{_OLD}{secrets.token_hex(4)}")
            place.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        staged.rename(place)
        sync_folder(place.parent)


def finished_run(folder: Path, spec: RunSpec) -> tuple[RunResult, Mapping[str, Any]] | None:
    """A run that an earlier command finished, with what it depended on; None where there is none that can be read."""
    place = folder / place_of(spec)
    try:
        result = from_json(RunResult, json.loads((place / RESULT).read_bytes()))
        noted = json.loads((place / NOTED).read_bytes())
    except (OSError, ValueError, DecodeError):
        return None
    return (result, noted) if result.key == spec.key and isinstance(noted, dict) else None


def write_validation(folder: Path, validation: Validation) -> Path:
    """Write `validation.json`: its path.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    path = folder / VALIDATION
    write_atomic(
        path, (json.dumps(to_json(validation), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(), mode=0o600
    )
    return path


def read_validation(path: Path) -> Validation:
    """What `write_validation` wrote.

    Raises:
        EnvironmentProblem: it is missing, damaged, or of another version.
    """
    try:
        return decoded_validation(path.read_bytes())
    except (OSError, ValueError, DecodeError) as error:
        raise EnvironmentProblem(
            f"{path.name} can't be read",
            where=str(path),
            why=str(error),
            fix="validate again: finished runs are taken as they are",
        ) from error


def decoded_validation(content: bytes) -> Validation:
    """A validation from the bytes of its file.

    Raises:
        ValueError: it is no JSON.
        DecodeError: it is of another form.
    """
    return from_json(Validation, json.loads(content))


def check_same(held: str, notebook: str, *, where: str) -> None:
    """Refuse to replace the validation of a notebook of another name; `held` is "" where there is none.

    Raises:
        UsageError: the names differ.
    """
    if held and notebook and held != notebook:
        name, why = where.rstrip("/").rpartition("/")[2], f"its {VALIDATION} would be replaced by that of {notebook}"
        raise UsageError(f"{name} holds the validation of {held}", where=where, why=why, fix="name another place with -o")


def _last(folder: Path) -> str:
    try:
        return Path(read_validation(folder / VALIDATION).notebook).name
    except EnvironmentProblem:
        return ""


def _remove(leftover: Path) -> None:
    with suppress(OSError):
        descriptor = try_lock_folder(leftover)
        if descriptor is not None:
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(descriptor)
