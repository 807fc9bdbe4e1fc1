"""DAT-01: every input dataset is pinned and can be read again."""

from dataclasses import dataclass
from typing import Literal

from nb2svc.readiness.checks.outcome import Outcome, counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """A file that the run read: what its digest was then, and is now ("" where it can't be read, with the `problem`)."""

    name: str
    pinned: str
    reread: str
    size: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCall:
    """A call of the training slice that brings data in: where it stands and what it reads.

    `source` is `file` (then `file` names the pinned file it was matched with, "" where none fits), `remote` (a network or
    database: nothing to pin), or `library` (ships with a distribution, `origin` says which version).
    """

    where: str
    text: str
    source: Literal["file", "remote", "library"]
    file: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData:
    """What is known of the training data: its files, the calls that read, and the raw values as the capture kept them.

    `scanned` says whether the notebook's statements were there to be scanned for read calls.
    """

    files: tuple[PinnedFile, ...]
    calls: tuple[ReadCall, ...]
    kept: tuple[PinnedFile, ...]
    scanned: bool


def judge_input_data(data: InputData) -> Outcome:
    """Pass where every file and kept raw value still has its digest and every read call is accounted for."""
    if not data.files and not data.kept:
        return Outcome(
            status="not_evaluated",
            sentence="The run recorded neither a file that it read nor a raw value.",
            next_action="Build again, so that the run records what it reads.",
        )
    details = _details(data)
    for judge in (_changed, _remote, _unaccounted):
        if problem := judge(data):
            return Outcome(status="fail", sentence=problem[0], next_action=problem[1], details=details)
    if not data.scanned:
        return Outcome(
            status="not_evaluated",
            sentence="The notebook's statements were not scanned for read calls.",
            next_action="Build again from the notebook itself.",
            details=details,
        )
    return Outcome(status="pass", sentence=_summary(data), details=details)


def _changed(data: InputData) -> tuple[str, str] | None:
    """A file or kept value that is gone or is no longer what the run read."""
    for file in (*data.files, *data.kept):
        if file.problem:
            return (
                f"{file.name}, which the run read, can't be read again: {file.problem}.",
                f"Put {file.name} back and build again.",
            )
        if file.reread != file.pinned:
            return (
                f"{file.name} is not what the run read: {_short(file.pinned)} then, {_short(file.reread)} now.",
                f"Put the old {file.name} back, or build again with the new one.",
            )
    return None


def _remote(data: InputData) -> tuple[str, str] | None:
    remote = tuple(call for call in data.calls if call.source == "remote")
    if not remote:
        return None
    places = listed(tuple(call.where for call in remote))
    return (
        f"{counted(len(remote), 'read')} of the training data can't be pinned, since it comes over the network: {places}.",
        f"Save what {remote[0].where} reads to a file beside the notebook, and read that file.",
    )


def _unaccounted(data: InputData) -> tuple[str, str] | None:
    lost = tuple(call for call in data.calls if call.source == "file" and not call.file)
    if not lost:
        return None
    places = listed(tuple(call.where for call in lost))
    return (
        f"{counted(len(lost), 'read call')} of the training slice fits no file that the run recorded: {places}.",
        f"Write the path in {lost[0].where} as a string, relative to the notebook.",
    )


def _summary(data: InputData) -> str:
    if data.files:
        size = sum(file.size for file in data.files)
        files = f"{counted(len(data.files), 'file')} ({size:,} bytes) read again and equal"
        return f"{files}; every read call of the training slice accounted for ({len(data.calls)})."
    origins = tuple(dict.fromkeys(call.origin for call in data.calls if call.source == "library"))
    source = f"ships with {listed(origins)}" if origins else "is made by the notebook itself"
    return f"No file is read: the data {source}; {counted(len(data.kept), 'captured raw value')} read again and equal."


def _details(data: InputData) -> tuple[tuple[str, str], ...]:
    files = tuple((file.name, f"sha256 {file.pinned}, {counted(file.size, 'byte')}") for file in data.files)
    kept = tuple((file.name, f"sha256 {file.pinned}, as captured") for file in data.kept)
    calls = tuple((call.where, f"{call.text}: {call.file or call.origin or _MISSING[call.source]}") for call in data.calls)
    return (*files, *kept, *calls)


_MISSING = {"file": "no recorded file", "remote": "over the network", "library": "a library"}


def _short(digest: str) -> str:
    return digest[:12]
