"""Messages between the worker and a fork server: JSON, with descriptors beside it, over a socket of this machine."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any, Dict, List, Optional, Sequence, Tuple

_HEAD = struct.Struct("!I")
_MOST = 16


def send(link: socket.socket, message: Dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a message; the other side gets copies of the descriptors."""
    data = json.dumps(message).encode()
    head = _HEAD.pack(len(data))
    if descriptors:
        socket.send_fds(link, [head], list(descriptors))
    else:
        link.sendall(head)
    link.sendall(data)


def receive(link: socket.socket) -> Optional[Tuple[Dict[str, Any], List[int]]]:
    """The next message and its descriptors; None where the other side is gone."""
    try:
        head, descriptors, _, _ = socket.recv_fds(link, _HEAD.size, _MOST)
        head += _exactly(link, _HEAD.size - len(head)) if head else b""
        if len(head) == _HEAD.size:
            data = _exactly(link, _HEAD.unpack(head)[0])
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
            return json.loads(data), descriptors
    except (ConnectionError, EOFError):
        pass
    return None


def _exactly(link: socket.socket, count: int) -> bytes:
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        number = link.recv_into(rest)
        if not number:
            raise EOFError
        rest = rest[number:]
    return bytes(data)
