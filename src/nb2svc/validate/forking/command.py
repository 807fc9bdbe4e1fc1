"""What starts a kernel, in its parts, and whether one that is started so can be forked."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_LAUNCHERS = ("ipykernel_launcher", "ipykernel")
# Python's options of one letter may be written together; what follows one of these letters is its value.
_VALUED = re.compile("[WXcm]")


def interpreter_of(command: Sequence[str]) -> tuple[str, tuple[str, ...], str, tuple[str, ...]]:
    """A kernel's command in its parts: interpreter, its options, the launcher's module, arguments."""
    parts = tuple(command)
    place = parts.index("-m")
    return str(Path(parts[0]).expanduser()), parts[1:place], parts[place + 1], parts[place + 2 :]


def why_not(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Why a kernel with this command can't be forked; "" where it can be tried."""
    if sys.platform != "linux":
        return "kernels are forked on Linux only"
    parts = tuple(command)
    if "-m" not in parts or parts[parts.index("-m") + 1 :][:1] == ():
        return "its kernel is not started by ipykernel"
    interpreter, options, module, _ = interpreter_of(parts)
    if module not in _LAUNCHERS or not Path(interpreter).name.startswith("python"):
        return "its kernel is not started by ipykernel"
    if environment.get("PYTHONOPTIMIZE") or any(_optimizes(option) for option in options):
        return "its kernel leaves out assertions"
    return "" if all(option.startswith("-") for option in options) else "its kernel's command is not understood"


def _optimizes(option: str) -> bool:
    letters = option.removeprefix("-")
    return option != letters and not letters.startswith("-") and "O" in _VALUED.split(letters)[0]
