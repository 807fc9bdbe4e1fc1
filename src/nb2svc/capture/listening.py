"""Where a kernel listens: at sockets in a folder that only its user can enter.

A TCP port is chosen by the one who starts a kernel and taken by the kernel some time later: of two that are started at the same
time one may find its port taken, and ends before it has answered.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The address of a socket holds 108 bytes on Linux and 104 on macOS, with the zero at its end; a kernel has up to 6 sockets.
_LONGEST = 103 - len("-6")
_SHORT = "/tmp"  # noqa: S108 - the folder in it has a name of its own and is the user's only


@contextmanager
def kernel_address() -> Iterator[dict[str, str]]:
    """What a kernel manager needs to know of it; nothing where there are no such sockets: it takes ports then."""
    folder = None if sys.platform == "win32" else _folder()
    if folder is None:
        yield {}
        return
    try:
        yield {"transport": "ipc", "ip": str(folder / "k")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def without_warning(text: str) -> str:
    """What a kernel wrote by itself, without what ipykernel says of every one that takes ports: it would only frighten."""
    return "\n".join(line for line in text.splitlines() if "TCP without encryption" not in line)


def _folder() -> Path | None:
    for place in (tempfile.gettempdir(), _SHORT):
        if len(os.fsencode(place)) + len("/nb2svc-xxxxxxxx/k") <= _LONGEST:
            with suppress(OSError):
                return Path(tempfile.mkdtemp(prefix="nb2svc-", dir=place))
    return None
