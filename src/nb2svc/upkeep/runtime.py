"""Which runtime a standing project has: its `_nb2svc/` stays as it is until somebody asks for a newer one.

A build writes generated code for the runtime of this nb2svc. An older one does as well as long as both have the same `API`
number; whether the answers stay is what the proof says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2svc.errors import UsageError
from nb2svc.ir.finding import Finding
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.system.files import read_bytes
from nb2svc.system.record import read_record, sha256
from nb2svc.upkeep.taken_over import known_texts

FOLDER = "_nb2svc"
_VERSION_FILE = "version.py"
# The folder's other files (.json) say where this project came from: each build writes them.
_KINDS = (".py", ".html", ".css", ".js")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The runtime of a project: its version, what it can do (`api`), and the digest of each file as it was copied."""

    version: str
    api: int
    digests: Mapping[str, str]


def runtime_files() -> tuple[ProjectFile, ...]:
    """The files of this nb2svc's runtime by name; they are copied verbatim into each project."""
    import nb2svc_runtime

    folder = Path(nb2svc_runtime.__file__).parent
    paths = sorted(path for path in folder.iterdir() if path.suffix in _KINDS)
    return tuple(ProjectFile(path=path.name, content=read_bytes(path)) for path in paths)


def described(files: Sequence[ProjectFile]) -> Standing:
    """The runtime that consists of these files."""
    texts = {file.path: file.content.decode(errors="replace") for file in files}
    version, api = _declared(texts.get(_VERSION_FILE, ""))
    return Standing(version=version, api=api, digests={file.path: sha256(file.content) for file in files})


def standing_runtime(project: Path) -> Standing | None:
    """The runtime of a built project as its record has it; None where nothing was built."""
    found = {}
    version: tuple[str, int] = ("", 0)
    for path, digest in read_record(project).generated.items():
        package, _, name = path.partition(f"/{FOLDER}/")
        if not name or "/" in package or not name.endswith(_KINDS):
            continue
        found[name] = digest
        if name == _VERSION_FILE:
            version = _declared(_text(project / path))
    return Standing(version=version[0], api=version[1], digests=found) if found else None


def check_runtime(project: Path | None, *, upgrade: bool) -> None:
    """Whether what this nb2svc generates can run on the project's runtime.

    Raises:
        UsageError: it can't, and `upgrade` was not asked for.
    """
    standing = standing_runtime(project) if project and not upgrade else None
    current = described(runtime_files())
    if standing is None or standing.api == current.api:
        return
    raise UsageError(
        f"the project's runtime is {_named(standing)}, and this nb2svc writes code for that of {current.version}",
        where=f"{project}/*/{FOLDER}",
        why="code for one does not run on the other",
        fix="build with --upgrade-runtime",
    )


def with_standing_runtime(project: Project, target: Path, *, upgrade: bool) -> tuple[Project, tuple[Finding, ...]]:
    """The project with the runtime that the one in `target` has already, and the finding that it is a stale one."""
    standing = standing_runtime(target)
    current = runtime_files()
    if upgrade or standing is None or standing.digests == described(current).digests:
        return project, ()
    prefix = f"{project.package}/{FOLDER}/"
    kept = _kept(standing, {file.path: file.content for file in current}, folder=target / prefix, texts=known_texts(target))
    others = (file for file in project.files if not (file.path.startswith(prefix) and file.path.endswith(_KINDS)))
    files = (*others, *(ProjectFile(path=f"{prefix}{name}", content=text) for name, text in kept.items()))
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return replace(project, files=ordered), (_stale(standing, described(current)),)


def runtime_note(project: Path) -> str:
    """One line where a built project has another runtime than this nb2svc; else ""."""
    standing, current = standing_runtime(project), described(runtime_files())
    if standing is None or standing.digests == current.digests:
        return ""
    return f"the project's runtime is {_named(standing)}, not of this one: nb2svc build NOTEBOOK --upgrade-runtime renews it"


def _kept(standing: Standing, current: Mapping[str, bytes], *, folder: Path, texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The text of each file as it was copied. Of one that was edited or deleted where that is not known: this nb2svc's."""
    kept = {}
    for name, digest in standing.digests.items():
        here = _bytes(folder / name)
        content = here if sha256(here) == digest else texts.get(digest, current.get(name))
        if content is not None:
            kept[name] = content
    return kept


def _stale(standing: Standing, current: Standing) -> Finding:
    return Finding(
        code="NB411",
        severity="warning",
        message=f"The project's runtime ({FOLDER}/) is {_named(standing)}; nb2svc {current.version} has another."
        " The service was proved with the project's.",
        remedy="Build with --upgrade-runtime to renew it; the proof says whether the answers stay.",
    )


def _named(standing: Standing) -> str:
    return f"that of nb2svc {standing.version}" if standing.version else "of an nb2svc that did not say its version"


def _declared(text: str) -> tuple[str, int]:
    """VERSION and API of a version.py, without running it; one from before there were numbers is the first."""
    version = re.search(r'^VERSION = "([^"]*)"', text, re.MULTILINE)
    api = re.search(r"^API = (\d+)", text, re.MULTILINE)
    return version.group(1) if version else "", int(api.group(1)) if api else 1


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
