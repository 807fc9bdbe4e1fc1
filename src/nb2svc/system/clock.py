"""The clock: wall time for people and records, and a monotonic one for durations."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def here_and_now() -> datetime:
    """The present moment by this machine's own clock and zone, to the second: for what a person reads here."""
    return now().astimezone()


def seconds() -> float:
    """Seconds of a monotonic clock: only differences mean something."""
    return time.monotonic()


def readable(duration: float) -> str:
    """A duration in seconds as a person would say it: 0.42 → "0.4 s", 75 → "1 min 15 s", 3700 → "1 h 2 min"."""
    if duration < 10:
        return f"{duration:.1f} s"
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
