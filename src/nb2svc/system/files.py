"""Single files: read with clear errors, written whole or not at all."""

import difflib
import errno
import os
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nb2svc.errors import EnvironmentProblem, Nb2svcError, UsageError

# No room: the disk, the quota, or a limit on a file's size.
DISK_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota on that disk is used up",
    errno.EFBIG: "a limit on file sizes is in force there",
}
_FORBIDDEN = {
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EROFS: "the file system is read-only",
}


def read_bytes(path: Path, *, what: str = "file") -> bytes:
    """The content of a file that a person named; `what` is how a message calls it ("notebook").

    Raises:
        UsageError: there is no such file, or it is a folder.
        EnvironmentProblem: it exists and can't be read.
    """
    with _reading(path, what):
        return path.read_bytes()


def require_file(path: Path, *, what: str = "file") -> None:
    """Fail as `read_bytes` does, without reading: for files that are read piece by piece.

    Raises:
        UsageError: there is no such file, or it is a folder.
        EnvironmentProblem: it exists and can't be read.
    """
    with _reading(path, what), path.open("rb"):
        pass


@contextmanager
def _reading(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"there is no {what} {path.name}", where=str(path), why="nothing lies at that path", fix=_similar(path)
        ) from None
    except IsADirectoryError:
        raise UsageError(
            f"{path.name or path} is a folder, not a {what}", where=str(path), fix=f"name the {what} itself, which may lie in it"
        ) from None
    except OSError as error:
        raise EnvironmentProblem(
            f"can't read the {what} {path.name}",
            where=str(path),
            why=error.strerror or str(error),
            fix="check the file's permissions (ls -l) and try again",
        ) from error


def write_atomic(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all: a reader sees the old bytes or the new ones, also after a crash.

    `mode` is narrowed by the umask.

    Raises:
        EnvironmentProblem: the disk is full, read-only, or not writable; the old file is then untouched.
    """
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with disk_errors(f"write {path.name}", where=path):
        if _is_device(path):
            path.write_bytes(content)
            return
        try:
            write_synced(staged, content, mode=mode)
            staged.replace(path)
        except BaseException:
            with suppress(OSError):
                staged.unlink()
            raise
        sync_folder(path.parent)


def check_writable(path: Path) -> None:
    """Find out now whether `write_atomic` could write a file later: what takes an hour must not be lost at its end.

    Raises:
        EnvironmentProblem: it could not.
    """
    with disk_errors(f"write {path.name}", where=path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if not _is_device(path):
            staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
            staged.open("xb").close()
            staged.unlink()


@contextmanager
def atomic_stream(path: Path) -> Iterator[BinaryIO]:
    """A file to write piece by piece, which is there when the body has ended well; as `write_atomic`.

    Raises:
        EnvironmentProblem: the disk is full, read-only, or not writable; the old file is then untouched.
    """
    if _is_device(path):
        with disk_errors(f"write {path.name}", where=path), path.open("wb") as device:
            yield device
        return
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with disk_errors(f"write {path.name}", where=path):
        stream = staged.open("xb")
    try:
        yield stream
        with disk_errors(f"write {path.name}", where=path):
            stream.flush()
            os.fsync(stream.fileno())
            staged.replace(path)
            sync_folder(path.parent)
    finally:
        stream.close()
        with suppress(OSError):
            staged.unlink()


def rewrite(path: Path, content: bytes, *, was: bytes) -> None:
    """Replace a person's own file, whole or not at all, where it still is what was read; its permissions stay.

    Raises:
        UsageError: somebody changed it meanwhile.
        EnvironmentProblem: it is read-only, or the disk can't take it.
    """
    target = path.resolve()
    if read_bytes(target) != was:
        why = "what was read is not what is there now"
        raise UsageError(
            f"{path.name} was changed meanwhile", where=str(path), why=why, fix="save it, then run the command again"
        )
    mode = target.stat().st_mode
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise EnvironmentProblem(
            f"{path.name} is read-only",
            where=str(path),
            why="you may not write it",
            fix="make it writable (chmod u+w), or edit a copy",
        )
    write_atomic(target, content, mode=mode & 0o777)
    target.chmod(mode & 0o777)


def write_synced(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Create a file that must not exist yet and wait until the disk has its bytes; plain OSErrors pass through."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has a folder's names: without it a crash can undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no fsync for folders; they order renames themselves.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(action: str, *, where: Path) -> Iterator[None]:
    """Turn an OSError into an EnvironmentProblem that says what, where, why and what to do: `disk_errors("write x", …)`."""
    try:
        yield
    except OSError as error:
        raise disk_problem(error, action, where=where) from error


def disk_problem(error: OSError, action: str, *, where: Path) -> Nb2svcError:
    """The EnvironmentProblem for an OSError that came up while doing `action` at `where`."""
    why = DISK_FULL.get(error.errno or 0) or _FORBIDDEN.get(error.errno or 0) or error.strerror or str(error)
    if error.errno in DISK_FULL:
        fix = f"free some space on the disk that holds {where.parent}, or write elsewhere, and run it again"
    elif error.errno in _FORBIDDEN:
        fix = f"make {where.parent} writable, or choose another place"
    elif error.errno == errno.ENOENT and not where.parent.is_dir():
        fix = f"make the folder first: mkdir -p {shlex.quote(str(where.parent))}"
    else:
        fix = "put that right and run it again"
    return EnvironmentProblem(f"can't {action}", where=str(where), why=f"{why}; nothing was half-written", fix=fix)


def _similar(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return f"check the folder too: {path.parent} can't be listed"
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"


def _is_device(path: Path) -> bool:
    """Whether a path is written through, such as `/dev/stdout` or a pipe: a rename would put a file in its place."""
    return path.parent == Path("/dev") or (path.exists() and not path.is_file() and not path.is_dir())
