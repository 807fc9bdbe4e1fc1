"""The observation of a capture: what the probe said of it before, or the probe."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2svc.capture import cache
from nb2svc.capture.observe import observe, read_observation
from nb2svc.capture.probe_request import probe_request
from nb2svc.errors import InternalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.system.clock import now
from nb2svc.system.digests import compiler_digest, digest_of, file_digest
from nb2svc.system.files import write_atomic
from nb2svc.system.memo import Memo, opened, sealed

_RECORD = "observed.json"


def observed(
    capture: Capture,
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    *,
    memo: Memo,
    progress: Callable[[str], None] = lambda _: None,
    timeout: float | None = 1800.0,
) -> Observation:
    """Probe a capture, unless that was done: the same question about the same values, by the same probe.

    Raises:
        RunError, InternalError: as `observe`.
    """
    key = _key(capture, probe_request(capture, notebook, dataflow, outline, options={}))
    folder = Path(capture.folder)
    if not memo.fresh:
        found = _earlier(folder, key, memo)
        if found is not None:
            return found
    progress("learning which values depend on many rows")
    if (folder / "observation.json").exists():
        observation = _in_a_copy(capture, notebook, dataflow, outline, key=key, timeout=timeout)
    else:
        observation = observe(capture, notebook, dataflow, outline, timeout=timeout)
        _write(folder, key)
    memo.note("observation", reused=False)
    return observation


def _earlier(folder: Path, key: str, memo: Memo) -> Observation | None:
    try:
        content = (folder / _RECORD).read_bytes()
    except OSError:
        return None
    record = opened(content)
    try:
        if record is not None and record.get("key") != key:
            return None
        if record is not None and file_digest(folder / "observation.json") == record["observation"]:
            observation = read_observation(folder)
            memo.note("observation", reused=True, made=str(record["made"]))
            return observation
    except (InternalError, OSError, KeyError):
        pass
    memo.say(f"the observation of the capture {folder.name} is damaged: probed again")
    return None


def _in_a_copy(
    capture: Capture, notebook: Notebook, dataflow: Dataflow, outline: Outline, *, key: str, timeout: float | None
) -> Observation:
    """Probe beside the old observation, which takes its place whole or not at all: tests of a built project read it."""
    old = Path(capture.folder)
    loaded = cache.load_facts(old)
    with cache.run_folder(Path(notebook.path).absolute()) as folder:
        cache.link_values(old, folder)
        observation = observe(replace(capture, folder=str(folder)), notebook, dataflow, outline, timeout=timeout)
        _write(folder, key)
        facts, made = loaded if loaded is not None else (None, "")
        cache.commit(folder, capture, facts=facts, made=made)
    return observation


def _key(capture: Capture, request: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in request.items() if name != "folder"}
    return digest_of([compiler_digest(), asked, sorted({kept.sha256 for kept in capture.kept}), capture.interpreter])


def _write(folder: Path, key: str) -> None:
    digest = file_digest(folder / "observation.json")
    document = {"key": key, "observation": digest, "made": now().isoformat()}
    write_atomic(folder / _RECORD, sealed(document), mode=0o600)
