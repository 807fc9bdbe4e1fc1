"""Answers questions about a project's captured rows, one after the other, until its input ends.

    → length (8 bytes, big-endian), a question as JSON
    ← length, its document as JSON; the first document says whether all could be loaded

Captured rows go into these answers and nowhere else: what the author's code or a library prints is lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO, Dict, Optional

from .loading import CaptureError
from .rows import Rows
from .service import importable

_LENGTH = 8


def main(path: str) -> int:
    """Load what the request file names, then answer what comes in."""
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    _limit_memory(int(request["memory"]))
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed below Python must not stand between two answers
    with contextlib.ExitStack() as stack:
        stack.enter_context(importable(request["project"], request["package"]))
        nowhere = stack.enter_context(Path(os.devnull).open("w"))
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        stack.enter_context(contextlib.redirect_stderr(nowhere))
        return _serve(request, questions, answers)


def _serve(request: Dict[str, Any], questions: BinaryIO, answers: BinaryIO) -> int:
    _end_after(int(request["loading"]))
    try:
        rows = Rows(request)
    except CaptureError as error:
        _write(answers, {"problem": str(error)})
        return 1
    except Exception as error:  # importing the project runs generated and the author's code
        _write(answers, {"problem": "the project can't be loaded: {}: {}".format(type(error).__name__, str(error)[:400])})
        return 1
    _write(answers, {"total": rows.bench.tables.size})
    while True:
        _end_after(0)
        question = _read(questions)
        if question is None:
            return 0
        _end_after(int(request["seconds"]) + 1)
        _write(answers, _answered(rows, question))


def _answered(rows: Rows, question: Dict[str, Any]) -> Dict[str, Any]:
    try:
        return rows.answer(question)
    except MemoryError:
        return {"problem": "there is too little memory for this row"}
    except Exception as error:  # a mistake of ours must not end the process; its text may hold a value
        return {"problem": "nb2svc made a mistake: " + type(error).__name__}


def _end_after(seconds: int) -> None:
    """End this process then, unless that is taken back: who asked may be gone, and the author's code may not end."""
    if hasattr(signal, "alarm"):  # a POSIX system
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _read(stream: BinaryIO) -> Optional[Dict[str, Any]]:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    question: Dict[str, Any] = json.loads(stream.read(int.from_bytes(head, "big")))
    return question


def _write(stream: BinaryIO, document: Dict[str, Any]) -> None:
    body = json.dumps(document, allow_nan=False).encode()
    stream.write(len(body).to_bytes(_LENGTH, "big") + body)
    stream.flush()
