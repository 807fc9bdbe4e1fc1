"""What a check answers about one piece of evidence."""

from dataclasses import dataclass
from typing import Literal

Answer = Literal["pass", "warn", "fail", "not_evaluated", "not_applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer with its plain sentence, figures included; `next_action` is one imperative sentence unless it passed.

    `files` are what a reader can open: path, as seen from the notebook's folder, and SHA-256.
    """

    status: Answer
    sentence: str
    next_action: str = ""
    details: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def counted(number: int, noun: str, *, plural: str = "") -> str:
    """A number with its noun.

    counted(1, "file") → "1 file"; counted(1200, "row") → "1,200 rows"
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: tuple[str, ...], *, most: int = 3) -> str:
    """Names in a sentence, cut after `most`.

    listed(("a", "b", "c", "d")) → "a, b, c and 1 more"
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
