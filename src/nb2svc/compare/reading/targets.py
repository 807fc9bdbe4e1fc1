"""What a person names to compare: a project's folder, a folder as it was in a revision of git, or a bento's tag."""

import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nb2svc.bento.store import bento_folder, is_bento
from nb2svc.errors import UsageError
from nb2svc.system.git import git
from nb2svc.system.projects import package_of
from nb2svc.system.tree import recover


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A project to read: what it was called, and its folder; `place` is a folder of the user's near which its capture may lie."""

    label: str
    folder: Path
    place: Path


def open_target(text: str, *, scratch: Path) -> Opened:
    """The project that a text names; what comes out of git is put into `scratch`, an empty private folder.

    What a killed build left of a folder is put right first.

    Raises:
        UsageError: there is no such folder, revision or bento, or nb2svc did not build what is there.
        EnvironmentProblem: git is missing or fails.
    """
    folder = Path(text)
    if ":" not in text:
        recover(folder)
    if folder.exists():
        return Opened(label=text, folder=_project(folder, text), place=folder.resolve())
    if is_bento(text):
        return Opened(label=text, folder=_project(bento_folder(text) / "src", text), place=Path.cwd())
    revision, colon, path = text.partition(":")
    if colon and revision:
        top = _top(text)
        inside = _inside(top, path)
        return Opened(label=text, folder=_project(_archived(top, revision, inside, text, scratch), text), place=top / inside)
    fix = "name the folder that nb2svc build wrote, REVISION:FOLDER, or the tag of a bento"
    raise UsageError(f"there is no project {folder.name}", where=text, why="no folder lies at that path", fix=fix)


def _project(folder: Path, text: str) -> Path:
    if folder.suffix in (".ipynb", ".py"):
        fix = f"build it first: nb2svc build {text}; then name the folder that it wrote"
        raise UsageError(f"{folder.name} is a notebook, not a built project", where=text, fix=fix)
    package = package_of(folder) if folder.is_dir() else ""
    if not package or not (folder / package / "artifacts" / "manifest.json").is_file():
        why = "it has no package that nb2svc made, with its artifacts"
        raise UsageError(f"{text} is no built project", where=text, why=why, fix="name the folder that nb2svc build wrote")
    return folder.resolve()


def _top(text: str) -> Path:
    try:
        return Path(git(["rev-parse", "--show-toplevel"]).strip())
    except UsageError as error:
        why = "no folder lies at that path, no bento has that tag, and this is no folder of a git repository"
        fix = "name the folder that nb2svc build wrote, or a tag of `bentoml list`; for REVISION:FOLDER run it in the repository"
        raise UsageError(f"there is no project {text}", where=text, why=why, fix=fix) from error


def _inside(top: Path, path: str) -> PurePosixPath:
    """A path from the repository's top; `./x` is seen from here, as in git."""
    if path.startswith(("./", "../")) or path in (".", ".."):
        here = (Path.cwd() / path).resolve()
        return PurePosixPath(here.relative_to(top.resolve()).as_posix()) if here.is_relative_to(top.resolve()) else _outside(path)
    return PurePosixPath(path.strip("/") or ".")


def _outside(path: str) -> PurePosixPath:
    raise UsageError(f"{path} lies outside of the repository", where=path, fix="name a folder of the repository")


def _archived(top: Path, revision: str, inside: PurePosixPath, text: str, scratch: Path) -> Path:
    """The folder as the revision has it, unpacked."""
    if revision.startswith("-"):
        raise UsageError(f"{revision} is no revision", where=text, fix="write REVISION:FOLDER, like main:services/loans")
    commit = _commit(top, revision, text)
    try:
        kind = git(["cat-file", "-t", f"{commit}:{'' if str(inside) == '.' else inside}"], top=top).strip()
    except UsageError as error:
        fix = f"did you mean {revision}:./{inside}?" if (Path.cwd() / inside).exists() else "check the path: git ls-tree -r"
        raise UsageError(f"{revision} has no {inside}", where=text, why="no folder lies there in it", fix=fix) from error
    if kind != "tree":
        raise UsageError(f"{inside} is no folder in {revision}", where=text, fix="name the folder that nb2svc build wrote")
    archive = scratch / "archive.tar"
    git(["archive", "--format=tar", "-o", str(archive), commit, "--", str(inside)], top=top)
    _unpack(archive, scratch / "tree")
    return scratch / "tree" / inside


def _commit(top: Path, revision: str, text: str) -> str:
    try:
        return git(["rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"], top=top).strip()
    except UsageError as error:
        shallow = (top / ".git" / "shallow").exists()
        fix = "fetch it first: git fetch origin" + (" (in CI check out with fetch-depth: 0)" if shallow else "")
        raise UsageError(f"there is no revision {revision}", where=text, why="git does not know it here", fix=fix) from error


def _unpack(archive: Path, folder: Path) -> None:
    """The plain files of an archive; nothing that could lie outside of `folder`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.is_absolute() or ".." in name.parts:
                continue
            stream = tar.extractfile(member)
            if stream is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(stream.read())
