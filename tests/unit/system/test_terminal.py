import io

import pytest

from nb2svc.system.clock import now, readable, seconds
from nb2svc.system.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_each_new_status_is_a_line() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    with terminal.status("reading") as update:
        update("cell 1")
        update("cell 1")
        update("cell 2 [x]")
    terminal.line("done")
    assert not terminal.live
    assert stream.getvalue() == "reading\ncell 1\ncell 2 [x]\ndone\n"


def test_quiet_writes_lines_only() -> None:
    stream = Screen()
    terminal = Terminal(stream, quiet=True)
    with terminal.status("reading") as update:
        update("cell 1")
    terminal.line("done")
    assert stream.getvalue() == "done\n"


def test_on_a_terminal_the_status_moves_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Screen()
    terminal = Terminal(stream)
    assert terminal.live
    with terminal.status("cell 1") as update:
        update("cell [bold]2")
    written = stream.getvalue()
    assert "cell [bold]2" in written, "a title is text, not markup"
    assert "\x1b[" in written
    assert written.endswith("\x1b[2K"), "the line is erased at the end"


def test_a_live_line_has_the_time_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Screen()
    with Terminal(stream).status("", clock=True) as update:
        update("stage 2 of 7 · cell [bold]2")
    written = stream.getvalue()
    assert "stage 2 of 7 · cell [bold]2" in written
    assert "0:00:00" in written
    assert written.endswith("\x1b[2K"), "the line is erased at the end"


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.2, "59 s"), (75, "1 min 15 s"), (1800, "30 min 0 s"), (3720, "1 h 2 min")],
)
def test_durations_are_readable(duration: float, text: str) -> None:
    assert readable(duration) == text


def test_the_clock() -> None:
    assert now().tzinfo is not None
    assert now().microsecond == 0
    assert seconds() <= seconds()
