"""Which runtime this is, and a project's version: the digest of what is in its package."""

import hashlib
from pathlib import Path

# The nb2svc that this runtime came with.
VERSION = "0.1.0"
# Counts up when newly generated code needs more than this runtime has, or something else: such a project must take the new
# runtime (`nb2svc build --upgrade-runtime`).
API = 1


def content_version(package: Path) -> str:
    """The first 12 hex digits of a SHA-256 over the package's files (names and contents; compiled files left out)."""
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*"), key=lambda path: path.relative_to(package).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update("{}\0{}\n".format(path.relative_to(package).as_posix(), content).encode("utf-8"))
    return whole.hexdigest()[:12]
