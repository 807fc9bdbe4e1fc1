"""A generated project on disk: replaced as a whole, without losing what a person put there.

The new tree is staged beside the target and takes its place in one step, so a build that is killed at any moment leaves
the old tree or the new one. Beside a target `loans` there can be, for a while:

    .loans.nb2svc-lock         held while names change
    .loans.nb2svc-new-3f9c     a tree being staged (its builder holds a lock on it), or what a killed build left
    .loans.nb2svc-old          the old tree, where the file system can't swap two folders; put back if the build died
"""

import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from nb2svc.errors import EnvironmentProblem, InternalError, UsageError
from nb2svc.ir.project import ProjectFile
from nb2svc.system.exchange import exchange
from nb2svc.system.files import disk_errors, sync_folder, write_synced
from nb2svc.system.lock import locked, try_lock_folder
from nb2svc.system.record import KEPT, MANIFEST, edits, read_record, render_record, sha256, updated, with_merged

# Where a person's version of a file lies that was given back to the compiler.
GIVEN_BACK = f"{KEPT}given-back"
# So many versions of each file stay there.
_VERSIONS = 20
# Made by running the project, never by a person.
_DERIVED = frozenset({"__pycache__", ".pytest_cache"})
_WAIT = 60.0


class Staging:
    """A tree on its way to `target`: write it, look at it in `folder`, then `swap` it in. Made by `stage`."""

    def __init__(
        self, folder: Path, target: Path, descriptor: int, *, accept: Collection[str], merged: Mapping[str, bytes]
    ) -> None:
        self.folder = folder
        self.target = target
        self._descriptor = descriptor
        self._accept = frozenset(accept) | frozenset(merged)
        self._merged = merged
        self._generated: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._given_back: dict[str, str] = {}

    def write(self, files: Iterable[ProjectFile]) -> tuple[str, ...]:
        """Write generated files, and bring over what a person edited in the target or added to it.

        Returns those of these paths whose edited version was kept, sorted. What lies in `folder` afterwards is what would
        lie in the target. A later call adds files (a report on the tree, say) or replaces some.

        Raises:
            EnvironmentProblem: the disk is full or not writable.
        """
        ordered = sorted(files, key=lambda file: file.path)
        new = {file.path: sha256(file.content) for file in ordered}
        self._generated |= new
        before = read_record(self.target)
        edited = self._edits()
        # Without a record nobody knows what a person changed: everything is written anew, and what was there kept aside.
        accept = frozenset(edited) if before.damaged else self._accept
        self._given_back = {path: digest for path, digest in edited.items() if path in accept}
        self._kept = {path: digest for path, digest in edited.items() if path not in accept}
        merged = {path: sha256(content) for path, content in self._merged.items() if path in self._given_back}
        record = with_merged(updated(before, generated=self._generated, edited=self._kept), merged)
        with disk_errors("write the project", where=self.target):
            for file in ordered:
                if file.path not in self._kept:
                    merged_file = replace(file, content=self._merged.get(file.path, file.content))
                    _write(self.folder, merged_file, standing=self.target)
            _write(self.folder, ProjectFile(path=MANIFEST, content=render_record(record)), standing=self.target)
            self._bring_over()
        return tuple(sorted({*self._kept, *merged} & set(new)))

    @property
    def given_back(self) -> tuple[tuple[str, str], ...]:
        """The edited files that were given back or merged, each with the place in the project where the edit is kept."""
        return tuple((path, _backup(path, digest)) for path, digest in sorted(self._given_back.items()))

    @property
    def restored(self) -> tuple[str, ...]:
        """The generated files that were deleted in the target and are there again."""
        deleted = (path for path in read_record(self.target).files if not (self.target / path).exists())
        return tuple(sorted(path for path in deleted if path in self._generated and not path.startswith(KEPT)))

    def swap(self) -> None:
        """Put the staged tree where the target is, in one step; what the target held is gone afterwards.

        A target that is the same tree already stays as it is.

        Raises:
            EnvironmentProblem: a generated file was edited since `write`, or the disk refuses; the target is then untouched.
        """
        with disk_errors("put the project in its place", where=self.target), _lock(self.target):
            recover(self.target)
            self._check_unchanged()
            self._bring_over()
            if _are_one(self.folder, self.target):
                _drop_derived(self.target)
                return
            _drop_derived(self.folder)
            _sync_tree(self.folder)
            _replace(self.folder, self.target)

    def close(self) -> None:
        """Remove the staged tree if it is still there, and let go of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            os.close(self._descriptor)

    def _check_unchanged(self) -> None:
        seen = {**self._kept, **self._given_back}
        changed = sorted(path for path, digest in self._edits().items() if seen.get(path) != digest)
        if changed:
            raise EnvironmentProblem(
                f"{changed[0]} was edited while the build ran",
                where=str(self.target / changed[0]),
                why="what was proved is not what would lie there; nothing was written",
                fix="build again",
            )

    def _edits(self) -> dict[str, str]:
        """The target's files that a person changed, or put where the compiler writes now, each with its digest.

        One that the compiler now writes the same way is none.
        """
        before = read_record(self.target).files
        found = edits(self.target, {**self._generated, **before})
        return {path: digest for path, digest in found.items() if digest != self._generated.get(path)}

    def _bring_over(self) -> None:
        """Link edited and added files of the target into the staged tree, and drop links whose file is gone there."""
        before = read_record(self.target).files
        wanted = {place for _, place in self.given_back}
        for path, place in self.given_back:
            _link(self.target / path, self.folder / place)
        dropped = _older_versions(self.target)
        for path in _paths(self.target):
            if path in dropped:
                continue
            theirs = path in self._kept or (path not in self._generated and path not in before)
            if theirs and path != MANIFEST and path not in wanted:
                wanted.add(path)
                _link(self.target / path, self.folder / path)
        for path in list(_paths(self.folder)):
            if path not in wanted and path not in self._generated and path != MANIFEST:
                (self.folder / path).unlink()


@contextmanager
def stage(target: Path, *, accept: Collection[str] = (), merged: Mapping[str, bytes] | None = None) -> Iterator[Staging]:
    """A new tree beside `target`; whatever is not swapped in is removed at the end.

    Leftovers of killed builds of the same target are cleaned first. Edited files in `accept` are given back to the compiler;
    those in `merged` get that content, in which the compiler's change and the edit are one. The edit is kept aside for both.

    Raises:
        UsageError: the target is something that nb2svc did not make.
        EnvironmentProblem: the place can't be written.
    """
    target = Path(os.path.realpath(target))
    check_target(target)
    with disk_errors("write the project", where=target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _lock(target):
            recover(target)
            folder = _beside(target, f"new-{secrets.token_hex(4)}")
            folder.mkdir()
            descriptor = try_lock_folder(folder)
    if descriptor is None:
        raise InternalError("a folder that was just made is locked", where=str(folder))
    staging = Staging(folder, target, descriptor, accept=accept, merged=merged or {})
    try:
        yield staging
    finally:
        staging.close()


def swap(staging: Staging, target: Path) -> None:
    """`staging.swap()`, with a check that it was staged for this target."""
    if staging.target != Path(os.path.realpath(target)):
        raise InternalError("a tree was staged for another target", where=str(target), why=f"staged for {staging.target}")
    staging.swap()


def edited_files(target: Path) -> tuple[str, ...]:
    """The generated files that a person changed since, as POSIX paths in order; a deleted one is not an edit."""
    folder = Path(os.path.realpath(target))
    return tuple(sorted(edits(folder, read_record(folder).files)))


def recover(target: Path) -> None:
    """Finish or undo what a killed build left beside `target`: an old tree goes back if nothing took its place.

    Call it before reading a project whose build may have died; it does nothing where there is nothing to do.
    """
    target = Path(os.path.realpath(target))
    if not target.parent.is_dir():
        return
    old = _beside(target, "old")
    if old.is_dir():
        if target.exists():
            old.rename(_beside(target, f"new-{secrets.token_hex(4)}"))
        else:
            old.rename(target)
        sync_folder(target.parent)
    for leftover in sorted(target.parent.glob(f".{_escaped(target.name)}.nb2svc-new-*")):
        with suppress(FileNotFoundError):
            _remove_unheld(leftover)


def _remove_unheld(folder: Path) -> None:
    descriptor = try_lock_folder(folder)
    if descriptor is None:
        return
    try:
        shutil.rmtree(folder)
    finally:
        os.close(descriptor)


def _replace(folder: Path, target: Path) -> None:
    if target.exists():
        shutil.copymode(target, folder)
        if not exchange(folder, target):
            old = _beside(target, "old")
            target.rename(old)
            folder.rename(target)
            sync_folder(target.parent)
            old.rename(folder)
    else:
        folder.rename(target)
    # From here on the new tree is there; what is left is to remove the old one, which is now called `folder`.
    sync_folder(target.parent)
    shutil.rmtree(folder, ignore_errors=True)


def check_target(target: Path) -> None:
    """Look whether a tree may take the place of what is there.

    Raises:
        UsageError: it is something that nb2svc did not make.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(
            f"{target.name} is a file", where=str(target), why="the project needs a folder", fix="name another one with -o"
        )
    if not (target / MANIFEST).is_file() and any(target.iterdir()):
        raise UsageError(
            f"the folder {target.name} is not empty and was not made by nb2svc",
            where=str(target),
            why="its content would be mixed with generated files",
            fix="name a new or empty folder with -o",
        )


def _backup(path: str, digest: str) -> str:
    return f"{GIVEN_BACK}/{digest[:8]}/{path}"


def _older_versions(project: Path) -> frozenset[str]:
    """All but the newest versions of each file that were given back, by when a person wrote them."""
    versions: dict[str, list[tuple[int, str]]] = {}
    for path in _paths(project / GIVEN_BACK):
        named = path.partition("/")[2]
        versions.setdefault(named, []).append(((project / GIVEN_BACK / path).lstat().st_mtime_ns, f"{GIVEN_BACK}/{path}"))
    return frozenset(path for each in versions.values() for _, path in sorted(each)[:-_VERSIONS])


def _write(folder: Path, file: ProjectFile, *, standing: Path) -> None:
    """Write a file, or link the target's where that has the same bytes: a build that changes little writes little."""
    parts = PurePosixPath(file.path).parts
    if not parts or ".." in parts or PurePosixPath(file.path).is_absolute():
        raise InternalError("a generated path leads out of the project", where=file.path)
    path = folder.joinpath(*parts)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == file.content:
        return  # written and synced by an earlier call
    path.parent.mkdir(parents=True, exist_ok=True)
    same = standing.joinpath(*parts)
    if same.is_file() and not same.is_symlink() and same.read_bytes() == file.content:
        _link(same, path)
        return
    path.unlink(missing_ok=True)
    write_synced(path, file.content)


def _are_one(folder: Path, target: Path) -> bool:
    """Whether two trees consist of the same files."""
    paths = list(_paths(folder))
    return paths == list(_paths(target)) and all(
        os.path.samestat(os.lstat(folder / path), os.lstat(target / path)) for path in paths
    )


def _paths(folder: Path) -> Iterator[str]:
    """POSIX paths of all files and links below `folder`, but for what running the project made."""
    for root, folders, files in os.walk(folder):
        links = [name for name in folders if Path(root, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in _DERIVED and name not in links)
        for name in sorted([*files, *links]):
            yield Path(root, name).relative_to(folder).as_posix()


def _link(source: Path, place: Path) -> None:
    """The same file at a second place: what is written to it before the swap is then not lost. Else a copy."""
    if place.is_symlink() or place.exists():
        if os.path.samestat(os.lstat(source), os.lstat(place)):
            return
        place.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, place, follow_symlinks=False)


def _drop_derived(folder: Path) -> None:
    for root, folders, _ in os.walk(folder):
        for name in _DERIVED & set(folders):
            shutil.rmtree(Path(root, name))
        folders[:] = [name for name in folders if name not in _DERIVED]


def _sync_tree(folder: Path) -> None:
    # Files were synced when written; their names stand in folders.
    for root, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(root))


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    with locked(_beside(target, "lock"), what=f"{target.name} is being written", wait=_WAIT):
        yield


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(f".{target.name}.nb2svc-{suffix}")


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
