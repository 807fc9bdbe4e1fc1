"""SHA-256 of files, and the digests that evidence is bound to."""

import hashlib
from pathlib import Path

from nb2svc.readiness.inputs import AssessInputs

_BLOCK = 1 << 20


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content in hex, read in blocks.

    Raises:
        OSError: it can't be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def subjects(inputs: AssessInputs) -> dict[str, str]:
    """What evidence can be bound to, by name: notebook, data, features, model, state, code. Absent where there is none.

    `features` is features.py; `model` the estimator's file, or those of several; `state` the learned values; `code` all
    generated Python; `data` all files that the run read, by name and digest.
    """
    found = {"notebook": inputs.notebook.digest}
    if inputs.capture and inputs.capture.inputs:
        found["data"] = _joined({file.path: file.sha256 for file in inputs.capture.inputs})
    files = {"features": inputs.package_dir / "features.py", "state": inputs.package_dir / "artifacts" / "state.json"}
    found |= {name: file_digest(path) for name, path in files.items() if path.is_file()}
    fitted = sorted((inputs.package_dir / "artifacts").glob("model*"))
    if fitted:
        digests = {path.name: file_digest(path) for path in fitted}
        found["model"] = _joined(digests) if len(digests) > 1 else next(iter(digests.values()))
    code = {
        path.relative_to(inputs.project_dir).as_posix(): file_digest(path)
        for path in inputs.project_dir.rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(inputs.project_dir).parts)
    }
    return {**found, "code": _joined(code)} if code else found


def _joined(digests: dict[str, str]) -> str:
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
