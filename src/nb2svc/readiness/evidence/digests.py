"""SHA-256 of files, and the digests that evidence is bound to."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from nb2svc.readiness.evidence.validations import counting, validation_digest
from nb2svc.readiness.inputs import AssessInputs

# The checklist's own files are written after what they tell of, and would make it depend on the last build.
PAPERS = frozenset({"READINESS.md", "readiness.json"})
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
    """What evidence can be bound to, by name. Absent where there is none.

    `notebook` is what a person wrote in it, `notebook_file` the file with its outputs, `data` all files that the run read, by
    name and digest, `validation` what the last validation says that counts; for the others see `tree_subjects`.
    """
    notebook = {"notebook": inputs.notebook.digest, "notebook_file": inputs.notebook.file_digest}
    found = {**notebook, **tree_subjects(inputs.project_dir, inputs.package)}
    validation = counting(inputs).validation
    if validation is not None:
        found["validation"] = validation_digest(validation)
    if inputs.capture and inputs.capture.inputs:
        found["data"] = joined({file.path: file.sha256 for file in inputs.capture.inputs})
    return found


def tree_subjects(project_dir: Path, package: str) -> dict[str, str]:
    """What of a project's tree evidence can be bound to: features, model, state, code, project.

    `features` is features.py; `model` the estimator's file, or those of several; `state` all other artifacts; `code` all Python;
    `project` every file that a person may read or ship, but for the checklist itself.
    """
    artifacts = project_dir / package / "artifacts"
    fitted = _digests(artifacts, artifacts.glob("model*"))
    parts = {
        "features": _digests(project_dir, [project_dir / package / "features.py"]),
        "model": fitted,
        "state": {name: digest for name, digest in _digests(artifacts, artifacts.rglob("*")).items() if name not in fitted},
        "code": _digests(project_dir, project_dir.rglob("*.py")),
        "project": _digests(project_dir, project_dir.rglob("*")),
    }
    return {name: next(iter(files.values())) if len(files) == 1 else joined(files) for name, files in parts.items() if files}


def _digests(folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Files by their paths in a folder; hidden ones, what running the project made, and the checklist are none of it."""
    found = {path.relative_to(folder): path for path in paths if path.is_file()}
    return {
        name.as_posix(): file_digest(path)
        for name, path in found.items()
        if name.as_posix() not in PAPERS and not any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    }


def joined(digests: Mapping[str, str]) -> str:
    """One digest of several files, by name."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
