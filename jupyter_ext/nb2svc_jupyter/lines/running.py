"""A command in a process of its own: the user's kernel keeps its state, an interrupt stops the command, nothing stays behind."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO, cast

from nb2svc.errors import Nb2svcError
from nb2svc.system.processes import MARK, end_marked

# A build that was asked to stop ends its kernel and its service first.
_GRACE = 20.0
_LINES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a command ended, and its JSON document."""

    exit_code: int
    document: dict[str, Any]


def run_command(arguments: Sequence[str], *, tell: Callable[[str], None]) -> Answer:
    """Run `nb2svc ARGUMENTS --format json`; `tell` hears what it is at.

    Raises:
        KeyboardInterrupt: the kernel was interrupted; the command has ended then.
        Nb2svcError: it died without an answer.
    """
    mark = secrets.token_hex(16)
    # -P: the kernel stands in the folder of the notebooks, and a `json.py` there is no module of ours.
    command = [sys.executable, "-P", "-m", "nb2svc_jupyter.lines.child", *arguments, "--format", "json"]
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as answer:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.PIPE,
            env={**os.environ, MARK: mark},
            # An interrupt of the kernel goes to its whole group: this one is stopped by us, in order.
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            said = _follow(cast(TextIO, process.stderr), tell)
            code = process.wait()
        finally:
            _end(process, mark)
        answer.seek(0)
        return Answer(exit_code=code, document=_document(answer.read(), said, code))


def _follow(stream: TextIO, tell: Callable[[str], None]) -> list[str]:
    """Hand on each line until the stream ends; the last of them say why a command died."""
    said: list[str] = []
    for line in stream:
        text = _told(line.strip())
        if text:
            tell(text)
        said = [*said, line.rstrip()][-_LINES:]
    return said


def _told(line: str) -> str:
    """`{"stage": "run", "text": "running cell 3"}` → "running cell 3"; any other line as it is."""
    if not line.startswith("{"):
        return line
    with suppress(ValueError):
        return str(json.loads(line).get("text", ""))
    return line


def _end(process: "subprocess.Popen[str]", mark: str) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stderr):
        if pipe:
            pipe.close()
    end_marked(mark)


def _document(text: str, said: Sequence[str], code: int) -> dict[str, Any]:
    with suppress(ValueError):
        document = json.loads(text)
        if isinstance(document, dict):
            return document
    raise Nb2svcError(
        "the command ended without an answer",
        why=f"its process ended with code {code}",
        fix="run it in a terminal, to see all that it says",
        details="\n".join(said),
    )
