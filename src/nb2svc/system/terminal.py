"""What a person sees while something runs: lines that stay, and one live line where there is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


class Terminal:
    """Lines on a stream, standard error by default, so that results on standard output can be piped.

    On a terminal `status` is one line that moves; elsewhere each status is a plain line, and repeated ones are left out.
    `quiet` writes nothing but `line`.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._quiet = quiet

    @property
    def live(self) -> bool:
        """Whether a person watches: a terminal, and not quiet."""
        return not self._quiet and self._stream.isatty()

    def line(self, text: str) -> None:
        """Write one line that stays."""
        print(text, file=self._stream, flush=True)

    @contextmanager
    def status(self, text: str, *, clock: bool = False) -> Iterator[Callable[[str], None]]:
        """Show `text` while the body runs; the function that it gives changes the text. `clock` adds the time on a terminal."""
        if self.live:
            with self._live_clock(text) if clock else self._live_status(text) as update:
                yield update
            return
        last = [""]

        def update_plain(new: str) -> None:
            if not self._quiet and new != last[0]:
                last[0] = new
                self.line(new)

        update_plain(text)
        yield update_plain

    @contextmanager
    def _live_status(self, text: str) -> Iterator[Callable[[str], None]]:
        from rich.console import Console  # slow to import, only needed on a terminal
        from rich.text import Text

        # Text, not markup: a cell's title may hold square brackets.
        with Console(file=self._stream).status(Text(text)) as status:
            yield lambda new: status.update(Text(new))

    @contextmanager
    def _live_clock(self, text: str) -> Iterator[Callable[[str], None]]:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=self._stream), transient=True) as shown:
            task = shown.add_task(escape(text), total=None)
            yield lambda new: shown.update(task, description=escape(new))
