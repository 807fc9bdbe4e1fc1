"""What GOV-04 looks at: the artifacts' folder, and what the project's own loader does with it and with spoiled copies."""

import json
import os
import pickle
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.safe_artifact import ArtifactFile, Artifacts, Load
from nb2svc.readiness.evidence.copies import scratch
from nb2svc.readiness.evidence.digests import file_digest
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.system import processes

MANIFEST = "manifest.json"
_PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".dill")
_SECONDS = 300.0

# Runs in the project's interpreter: loads each folder with the project's own loader, and writes what happened.
_LOADER = """
import importlib, json, sys
package, answer, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
load = importlib.import_module(package + "._nb2svc.artifacts").load
results = []
for folder in folders:
    try:
        load(folder)
        results.append({"loaded": True, "error": ""})
    except Exception as error:
        results.append({"loaded": False, "error": type(error).__name__})
with open(answer, "w", encoding="utf-8") as stream:
    json.dump(results, stream)
"""


def observe_artifacts(inputs: AssessInputs) -> Artifacts:
    """The folder as it lies, and a load of it by the project's own loader in the notebook's interpreter."""
    folder = inputs.package_dir / "artifacts"
    seen = _listing(folder)
    if seen.problem or inputs.capture is None:
        return seen
    loads = _loads(inputs, [folder])
    return replace(seen, load=Load(loaded=False, error=loads) if isinstance(loads, str) else loads[0])


def spoil_artifacts(inputs: AssessInputs, good: Artifacts) -> Iterator[Trial[Artifacts]]:
    """A changed byte, which the digests must catch twice (here and in the loader), and a pickle that would run code."""
    folder = inputs.package_dir / "artifacts"
    with scratch() as place:
        tampered = _copied(folder, place / "tampered")
        name = _largest(good)
        content = (tampered / name).read_bytes()
        (tampered / name).write_bytes(bytes([*content[:-1], content[-1] ^ 1]) if content else b"\n")
        marker = place / "it-ran"
        evil = _with_pickle(_copied(folder, place / "evil"), name, marker)
        yield Trial(description=f"one byte of {name} changed, by digest", evidence=replace(_listing(tampered), load=good.load))
        loads = _loads(inputs, [tampered, evil])
        ran = marker.exists()
    refused = (f"one byte of {name} changed, by the project's loader", "a pickle that would run code, with a matching digest")
    for place_of_load, description in enumerate(refused):
        if isinstance(loads, str):
            yield Trial(description=description, evidence=None, problem=loads)
        elif ran:
            yield Trial(description=description, evidence=None, problem="the loader ran the hidden code")
        else:
            yield Trial(description=description, evidence=replace(good, load=loads[place_of_load]))


def _listing(folder: Path) -> Artifacts:
    """Files with their digests beside the manifest's."""
    try:
        manifest: Mapping[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        digests: Mapping[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Artifacts(files=(), absent=(), types=(), load=None, problem=f"the manifest can't be read ({type(error).__name__})")
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    files = tuple(_file(path.relative_to(folder).as_posix(), path, digests) for path in paths)
    absent = tuple(sorted(set(digests) - {file.name for file in files} - {MANIFEST}))
    return Artifacts(files=files, absent=absent, types=tuple(manifest.get("types", ())), load=None)


def _file(name: str, path: Path, digests: Mapping[str, str]) -> ArtifactFile:
    return ArtifactFile(name=name, sha256=file_digest(path), listed=digests.get(name, ""), pickled=_is_pickle(path))


def _is_pickle(path: Path) -> bool:
    """By suffix, or by the first two bytes of protocols 2 to 5."""
    with path.open("rb") as stream:
        start = stream.read(2)
    return path.suffix in _PICKLE_SUFFIXES or (start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05")


def _largest(artifacts: Artifacts) -> str:
    """An estimator's file, else the first that is listed: what is worth tampering with."""
    names = [file.name for file in artifacts.files]
    return next((name for name in names if name.startswith("model") and name.endswith(".skops")), names[0])


def _copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


@dataclass(frozen=True, slots=True)
class _Payload:
    """Pickles to a call of `os.mkdir(marker)`: harmless, and its trace can be seen."""

    marker: str

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (self.marker,)


def _with_pickle(folder: Path, name: str, marker: Path) -> Path:
    """The folder with the named artifact replaced by such a pickle, and the manifest's digest made to match."""
    content = pickle.dumps(_Payload(str(marker)))
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _loads(inputs: AssessInputs, folders: Sequence[Path]) -> tuple[Load, ...] | str:
    """What the project's loader did with each folder; where its process gave no answer, why."""
    assert inputs.capture is not None
    with scratch() as place:
        answer, log = place / "answer.json", place / "log"
        command = [inputs.capture.interpreter, "-c", _LOADER, inputs.package, str(answer), *map(str, folders)]
        environment = {**os.environ, "PYTHONPATH": str(inputs.project_dir), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            processes.run(command, log=log, timeout=_SECONDS, cwd=place, env=environment)
            results = json.loads(answer.read_bytes())
        except (EnvironmentProblem, OSError, ValueError):
            return processes.tail(log, 1) or "its process could not be started"
    return tuple(Load(loaded=result["loaded"], error=result["error"]) for result in results)
