"""A project's folder → Snapshot: everything that two builds are compared by, read as files. Nothing of it is run."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nb2svc.compare.model import model_facts
from nb2svc.compare.reading.artifacts import read_stored
from nb2svc.compare.reading.schema import Unreadable, read_limits, read_schema
from nb2svc.ir.snapshot import CellLine, Fact, ItemStatus, Module, RequestForm, Snapshot
from nb2svc.system.projects import package_of
from nb2svc_runtime.version import content_version

# What limits a request, in which module of the runtime.
_LIMITS = {
    "envelope.py": {"MAX_ROWS": "rows in a request", "MAX_BYTES": "bytes in a request"},
    "validate.py": {"MAX_CHILD_ROWS": "rows of a child table in a row"},
    "scalars.py": {"MAX_TEXT": "characters in a text"},
}
_NOT_CODE = frozenset({"__init__.py", "schema.py"})
_SHORT = 12
_NO_ORIGIN = "where it comes from (origin.json)"
_NO_CHECKLIST = "its checklist (readiness.json)"


def read_project(folder: Path, *, label: str) -> Snapshot:
    """The snapshot of a built project; `label` is what a person called it.

    Raises:
        EnvironmentProblem: an artifact is missing, or is not the one that was built.
    """
    package = package_of(folder)
    home = folder / package
    origin = _json(home / "_nb2svc" / "origin.json") or {}
    checklist = _json(folder / "readiness.json")
    form, problem = _form(home)
    stored = read_stored(home / "artifacts")
    facts = (*model_facts(stored), *_checklist_facts(checklist), *_build_facts(folder, home, origin))
    return Snapshot(
        label=label,
        package=package,
        notebook=str(origin.get("notebook") or (checklist or {}).get("notebook") or ""),
        version=content_version(home),
        capture=str(origin.get("capture_digest") or ""),
        form=form,
        form_problem=problem,
        stored=stored,
        modules=tuple(_modules(folder, home)),
        lines=tuple(_lines(home / "_nb2svc" / "line_map.json")),
        facts=facts,
        items=tuple(_items(checklist)),
        missing=tuple(_missing(folder, origin, checklist)),
    )


def _json(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is none to read: older builds lack some files."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _mapping(value: object) -> Mapping[str, Any]:
    """A part of a document that should be an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _missing(folder: Path, origin: Mapping[str, Any], checklist: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Groups of facts that are not known, and what they were read from."""
    if not (folder / "tests").is_dir():
        yield "tests", "its tests"
    if not origin:
        yield from (("parameters", _NO_ORIGIN), ("build", _NO_ORIGIN))
    if checklist is None:
        yield from ((group, _NO_CHECKLIST) for group in ("checks", "data", "readiness"))
    elif "metrics" not in checklist:
        yield "checks", "the numbers of its checks in readiness.json: an older nb2svc did not write them"


def _form(home: Path) -> tuple[RequestForm | None, str]:
    limits = tuple(
        found for name, constants in _LIMITS.items() for found in read_limits(_text(home / "_nb2svc" / name), constants)
    )
    try:
        return read_schema(_text(home / "schema.py"), limits=limits), ""
    except Unreadable as error:
        return None, f"{home.name}/schema.py is not as a build writes it: {error}"


def _modules(folder: Path, home: Path) -> Iterator[Module]:
    """The author's modules, and the checks."""
    digests = _mapping((_json(folder / ".nb2svc-manifest.json") or {}).get("files"))
    own = [path for path in home.glob("*.py") if path.name not in _NOT_CODE]
    others = [folder / name for name in digests if name.endswith(".py") and not name.startswith((f"{home.name}/", "tests/"))]
    # What a manifest lists may be another person's: nothing outside of the project is read and shown.
    others = [path for path in others if path.resolve().is_relative_to(folder.resolve())]
    for path in sorted({*own, *others, folder / "tests" / "test_checks.py"}):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            edited = name in digests and hashlib.sha256(path.read_bytes()).hexdigest() != digests[name]
            # The package's own name is left out, so that a renamed package is not another module.
            yield Module(path=name.removeprefix(f"{home.name}/"), text=_text(path), edited=edited)


def _lines(path: Path) -> Iterator[CellLine]:
    try:
        entries = json.loads(path.read_bytes())
        for each in entries:
            yield CellLine(file=str(each["file"]), line=int(each["line"]), cell=int(each["cell"]))
    except (OSError, ValueError, KeyError, TypeError):
        return


def _items(checklist: Mapping[str, Any] | None) -> Iterator[ItemStatus]:
    for item in _raw_items(checklist):
        yield ItemStatus(id=str(item.get("id")), title=str(item.get("title")), status=str(item.get("status")))


def _raw_items(checklist: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    steps = (checklist or {}).get("steps")
    for step in steps if isinstance(steps, list) else []:
        items = _mapping(step).get("items")
        yield from (item for item in (items if isinstance(items, list) else []) if isinstance(item, dict))


def _checklist_facts(checklist: Mapping[str, Any] | None) -> Iterator[Fact]:
    """The numbers of the checks, and the data files with their digests."""
    for name, value in _mapping((checklist or {}).get("metrics")).items():
        yield Fact(group="checks", name=str(name), value=repr(value))
    data = next((item.get("evidence") for item in _raw_items(checklist) if item.get("id") == "DAT-01"), None)
    details = _mapping(data).get("details")
    pairs = [each for each in (details if isinstance(details, list) else []) if isinstance(each, list) and len(each) == 2]
    for name, what in pairs:
        if str(what).startswith("sha256 "):
            digest, _, size = str(what).removeprefix("sha256 ").partition(",")
            yield Fact(group="data", name=str(name), value=f"sha256 {digest[:_SHORT]}…,{size}")


def _build_facts(folder: Path, home: Path, origin: Mapping[str, Any]) -> Iterator[Fact]:
    for name, value in _mapping(origin.get("parameters")).items():
        yield Fact(group="parameters", name=str(name), value=str(value))
    for line in _text(folder / "requirements.txt").splitlines():
        name, equals, version = line.partition("==")
        if line.strip() and not line.startswith("#"):
            yield Fact(group="libraries", name=name.strip(), value=version.strip() if equals else line.strip())
    python = _python(folder)
    if python:
        yield Fact(group="libraries", name="Python", value=python)
    yield Fact(group="build", name="package", value=home.name)
    for name in ("notebook", "notebook_digest"):
        if origin.get(name):
            value = str(origin[name])
            yield Fact(group="build", name=name.replace("_", " "), value=value if name == "notebook" else f"{value[:_SHORT]}…")
    yield Fact(group="build", name="run-time code", value=f"{_digest(home / '_nb2svc')[:_SHORT]}…")


def _python(folder: Path) -> str:
    try:
        tool = tomllib.loads(_text(folder / "pyproject.toml")).get("tool", {})
        return str(tool["bentoml"]["build"]["docker"]["python_version"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return ""


def _digest(runtime: Path) -> str:
    """The digest of the copied run-time code."""
    whole = hashlib.sha256()
    for path in sorted(runtime.glob("*.py")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
