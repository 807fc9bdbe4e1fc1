"""The port that a server is started at: nobody has it, and nobody gets it by chance before the server has."""

import socket

import pytest

from nb2svc.bento import serve


def test_it_is_none_that_the_system_gives_away() -> None:
    assert all(serve.free_port() in serve._GIVEN_TO_NOBODY for _ in range(20))


def test_one_that_is_taken_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        busy = taken.getsockname()[1]
        monkeypatch.setattr(serve, "_GIVEN_TO_NOBODY", range(busy, busy + 1))
        assert serve.free_port() != busy
