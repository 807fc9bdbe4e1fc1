"""A process that answers questions about notebooks, one after the other, until its input ends.

    → length (8 bytes, big-endian), a question as JSON
    ← length, its document as JSON

Analysis of a stranger's notebook can use up memory or time. Here it can only cost this process.
"""

import json
import signal
import sys
from typing import Any, BinaryIO

_LENGTH = 8


def main() -> None:
    """Answer what comes in; the arguments are the limit of memory in bytes, and of one answer's time in seconds."""
    memory, seconds = (int(argument) for argument in sys.argv[1:])
    _limit_memory(memory)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not stand between two answers.
    sys.stdout = sys.stderr
    while (question := _read(questions)) is not None:
        _end_after(seconds)
        _write(answers, _answered(question))
        _end_after(0)


def _answered(question: dict[str, Any]) -> dict[str, Any]:
    from nb2svc_jupyter.server.answers import answer

    try:
        return {"document": answer(question)}
    except (MemoryError, RecursionError) as error:
        return {"problem": f"the notebook is too large or too deeply nested to analyse ({type(error).__name__})"}
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not take the panel's server with it
        return {"problem": f"nb2svc made a mistake: {type(error).__name__}"}


def _end_after(seconds: int) -> None:
    """End this process then, unless that is taken back: a server that was killed can't stop an analysis that does not end."""
    if hasattr(signal, "alarm"):  # a POSIX system
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    question: dict[str, Any] = json.loads(stream.read(int.from_bytes(head, "big")))
    return question


def _write(stream: BinaryIO, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    stream.write(len(body).to_bytes(_LENGTH, "big") + body)
    stream.flush()


if __name__ == "__main__":
    main()
