"""SHA-256 of what a result depends on: values, files, folders, the compiler itself."""

import hashlib
import io
import json
import os
import tokenize
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

# Made by running a project, never by a build.
DERIVED = frozenset({"__pycache__", ".pytest_cache"})


def digest_of(value: object) -> str:
    """The digest of a JSON value; dictionaries in any order are the same."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(path: Path) -> str:
    """The digest of a file's content.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def code_digest(content: bytes) -> str:
    """The digest of Python source but for what its comments say: they stay where they are, and so do all lines.

    `x = 1  # the first` and `x = 1  # another` are the same; so are two titles in the comment above a function.
    """
    try:
        lines = content.decode().split("\n")
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column] + "#"
    except (UnicodeDecodeError, tokenize.TokenError, SyntaxError):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def folder_digests(folder: Path, *, without: Collection[str] = ()) -> dict[str, str]:
    """POSIX path → digest of all files below a folder, but for derived ones and those named in `without`."""
    return {path: file_digest(folder / path) for path in paths_below(folder) if path not in without}


def paths_below(folder: Path) -> Iterator[str]:
    """POSIX paths of all files below a folder, in order; what running Python leaves there is no part of it."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in DERIVED)
        for name in sorted(files):
            yield Path(root, name).relative_to(folder).as_posix()


@cache
def compiler_digest() -> str:
    """The digest of nb2svc's own code and of the runtime that it copies: another compiler may see another thing."""
    import nb2svc
    import nb2svc_runtime

    homes = [Path(str(package.__file__)).parent for package in (nb2svc, nb2svc_runtime)]
    return digest_of([folder_digests(home) for home in homes])
