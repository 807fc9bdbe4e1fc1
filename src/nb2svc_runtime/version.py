"""A project's version: the digest of what is in its package."""

import hashlib
from pathlib import Path


def content_version(package: Path) -> str:
    """The first 12 hex digits of a SHA-256 over the package's files (names and contents; compiled files left out)."""
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*"), key=lambda path: path.relative_to(package).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update("{}\0{}\n".format(path.relative_to(package).as_posix(), content).encode("utf-8"))
    return whole.hexdigest()[:12]
