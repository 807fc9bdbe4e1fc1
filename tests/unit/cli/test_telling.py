"""What becomes of a command whose progress can't be told."""

import errno
import io
import os

import pytest

from nb2svc.cli.progress import telling
from nb2svc.ir.progress import ProgressEvent


class Lost(io.StringIO):
    """A stream that can't be written to."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, _text: str) -> int:
        raise OSError(self._number, os.strerror(self._number))


def tell(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Lost(number))
    with telling("auto", stages=()) as progress:
        progress(ProgressEvent(stage="run", text="running load"))


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_terminal_that_is_gone_or_a_full_disk_ends_nothing(number: int, monkeypatch: pytest.MonkeyPatch):
    tell(number, monkeypatch)


def test_who_reads_no_further_ends_it_as_ever(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BrokenPipeError):
        tell(errno.EPIPE, monkeypatch)
