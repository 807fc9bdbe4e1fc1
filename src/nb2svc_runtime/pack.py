"""Turns a capture into the project's artifacts.

    python -m <package>._nb2svc.pack CAPTURE_FOLDER PACK_REQUEST.json

The build runs this in the kernel's interpreter. The request names files of the capture with their digests:

    {"estimators": [{"name", "file", "sha256"}],
     "learned": [{"name", "key", "value", "file", "sha256"}],     key, value: the codec's JSON text; file: for objects
     "lookups": [{"name", "file", "sha256"}]}

Prints the artifacts' digests as JSON. The capture's pickles come from the same machine and the same build; they are read
only where their digest is the request's.
"""

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from . import artifacts, codec
from .pickles import NotebookUnpickler
from .state import Keyed, State


class PackError(Exception):
    """The capture can't be packed; the message says which file and why."""


def pack(capture: Path, request: Dict[str, Any], *, package: str, folder: Path) -> Dict[str, str]:
    """Write the artifacts of `request` to `folder`; returns {file: sha256}.

    Raises:
        PackError: a file of the capture is missing, was changed, or can't be read.
        ArtifactError: a value can't be kept as data.
    """
    fitted = artifacts.Models((each["name"], _captured(capture, each, package)) for each in request["estimators"])
    model = fitted if len(fitted) > 1 else artifacts.given(fitted)[0]
    entries: Dict[str, Any] = {}
    for learned in request["learned"]:
        value = _captured(capture, learned, package) if learned.get("file") else codec.loads(learned["value"])
        if learned.get("key"):
            entries.setdefault(learned["name"], Keyed())[codec.loads(learned["key"])] = value
        else:
            entries[learned["name"]] = value
    lookups = {lookup["name"]: _captured(capture, lookup, package) for lookup in request["lookups"]}
    digests = artifacts.save(folder, model, State(entries), lookups, package=package)
    artifacts.load(folder)  # what can't be read back must fail here, not when the service starts
    return digests


def _captured(capture: Path, entry: Dict[str, Any], package: str) -> Any:
    path = capture / entry["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PackError("{} is missing from the capture: build again".format(entry["file"])) from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise PackError("{} is not what the run captured (its SHA-256 is another): build again".format(entry["file"]))
    unpickler = NotebookUnpickler(io.BytesIO(content))
    unpickler.package = package
    try:
        return unpickler.load()
    except AttributeError as error:
        raise PackError("{}: {}".format(entry["file"], error)) from error


def main(arguments: Optional[List[str]] = None) -> int:
    """The command line; returns the exit code."""
    capture, request = sys.argv[1:] if arguments is None else arguments
    package = (__package__ or "").rpartition(".")[0]
    folder = Path(__file__).resolve().parents[1] / "artifacts"
    try:
        digests = pack(Path(capture), json.loads(Path(request).read_text(encoding="utf-8")), package=package, folder=folder)
    except (PackError, artifacts.ArtifactError) as error:
        sys.stderr.write("{}\n".format(error))
        return 1
    sys.stdout.write(json.dumps(digests, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
