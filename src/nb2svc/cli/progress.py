"""How a command tells what it is at: a live line for a person, plain lines for a log, JSON for a program, or nothing."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nb2svc.ir.progress import Progress, ProgressEvent
from nb2svc.system.progress import json_lines, silent
from nb2svc.system.terminal import Terminal


@contextmanager
def telling(shown: str, *, stages: Sequence[str], quiet: bool = False) -> Iterator[Progress]:
    """What to call with each event; `shown` is the value of `--progress`, `stages` are the command's, in order.

    With `auto` a terminal has one live line, `stage 5 of 7 · proof: http  0:00:12`; elsewhere each new text is a line, and
    `quiet` is silent. What cells print is told as JSON only.
    """
    if shown == "json":
        yield json_lines(sys.stderr)
        return
    if shown == "none" or quiet:
        yield silent
        return
    terminal = Terminal()
    with terminal.status("", clock=True) as update:

        def tell(event: ProgressEvent) -> None:
            try:
                if terminal.live and not event.output:
                    update(_live(event, stages))
                elif event.text:
                    update(event.text)
            except BrokenPipeError:
                raise
            except OSError:
                # A terminal that was closed, or a full disk behind the log, is no reason to lose what runs.
                return

        yield tell


def _live(event: ProgressEvent, stages: Sequence[str]) -> str:
    """`stage 2 of 7 · running load: 3 of 14`."""
    if event.stage not in stages:
        return event.text
    return f"stage {stages.index(event.stage) + 1} of {len(stages)} · {event.text or event.stage}"
