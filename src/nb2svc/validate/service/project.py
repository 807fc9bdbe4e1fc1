"""The project that was built from a notebook, as it is when a validation begins: all runs ask the same one."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Notebook
from nb2svc.system.digests import compiler_digest, digest_of, paths_below
from nb2svc.system.files import read_bytes
from nb2svc.system.projects import package_of, projects_of
from nb2svc.validate.service.parameters import MODULES, Knobs, read_knobs

# Of what lies beside the package only this has to do with answers.
_BESIDE = ("tests/test_checks.py", "tests/conftest.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltProject:
    """A project as an archive. `digest` is that of its files, and of the compiler that asks it; `shown` is its folder's name."""

    shown: str
    package: str
    digest: str
    content: bytes = field(repr=False)
    knobs: Knobs


def built_project(notebook: Notebook, asked: Path | None, *, beside: Path | None = None) -> BuiltProject:
    """The project that a person named, or the newest beside the notebook that was built from it as it is.

    `beside` is where the notebook lies, if that is not its path.

    Raises:
        UsageError: there is none, or it was built from another notebook or another state of it.
    """
    project = asked if asked is not None else _beside(notebook, beside or Path(notebook.path))
    package = package_of(project) if project.is_dir() else ""
    origin = _origin(project, package)
    if not package or origin is None:
        why, fix = "it holds no package that nb2svc made", "name the folder that nb2svc build wrote"
        raise UsageError(f"{project.name} is no built project", where=str(project), why=why, fix=fix)
    _check_origin(notebook, project, origin)
    return _packed(project, package, origin)


def _beside(notebook: Notebook, place: Path) -> Path:
    """The newest project of the notebook as it is; else the newest of it."""
    found = projects_of(place)
    if not found:
        why = "no project that was made from it lies beside it"
        fix = f"build it first: nb2svc build {notebook.path}; or name it with --project"
        raise UsageError(f"{notebook.name} was not built yet", where="--service", why=why, fix=fix)
    return next((each for each in found if built_from(each) == notebook.digest), found[0])


def built_from(project: Path) -> str:
    """The digest of the notebook that a project was built from, as it was then; "" where nobody knows."""
    return str((_origin(project, package_of(project)) or {}).get("notebook_digest", ""))


def _check_origin(notebook: Notebook, project: Path, origin: Mapping[str, Any]) -> None:
    name, digest = str(origin.get("notebook", "")), str(origin.get("notebook_digest", ""))
    if name != notebook.name:
        raise UsageError(
            f"{project.name} was built from {name or 'another notebook'}",
            where=str(project),
            why=f"its answers are no answers of {notebook.name}",
            fix=f"name the project that was built from {notebook.name} with --project",
        )
    if digest != notebook.digest:
        raise UsageError(
            f"{project.name} was built from another state of {notebook.name}",
            where=str(project),
            why=f"the notebook's digest is {notebook.digest[:12]}, that of the build {digest[:12] or 'unknown'}",
            fix=f"build it first: nb2svc build {notebook.path}",
        )


def _origin(project: Path, package: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads((project / package / "_nb2svc" / "origin.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _packed(project: Path, package: str, origin: Mapping[str, Any]) -> BuiltProject:
    paths = [f"{package}/{path}" for path in paths_below(project / package) if not path.endswith(".pyc")]
    paths += [path for path in _BESIDE if (project / path).is_file()]
    contents = {path: read_bytes(project / path, what="file of the project") for path in paths}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in contents.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    texts = {name: contents[path].decode(errors="replace") for name in MODULES if (path := f"{package}/{name}.py") in contents}
    given = origin.get("parameters")
    built = {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return BuiltProject(
        shown=project.resolve().name,
        package=package,
        digest=digest_of([compiler_digest(), {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}]),
        content=packed.getvalue(),
        knobs=read_knobs(texts, built),
    )
