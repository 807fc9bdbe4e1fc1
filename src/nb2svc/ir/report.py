"""What a report in a format of others (SARIF, JUnit, GitHub's annotations) is made from, whichever command it comes from."""

from dataclasses import dataclass
from typing import Literal

RecordStatus = Literal["fail", "warn", "note", "not_evaluated", "pass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where a span stands in the notebook's file: lines and columns count from 1, the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record belongs: a file as seen from the repository's root, and the place as its author sees it.

    `text` is `cell 3 "Applicant", line 2`, or "" for the file as a whole.
    """

    file: str
    region: Region | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A region of the file becomes another text, as the file would hold it: in JSON with its escapes."""

    region: Region
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One way to cure a record by edits of its file."""

    title: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was looked at, and what came of it.

    `code` is what it is an instance of (`NB229`, `DAT-02`, `proof`), `name` tells it from others of its code. `identity` is
    the text that stays the same while other parts of the notebook change: the author's line. `about` is why its code matters,
    where that stands on no page.
    """

    code: str
    name: str
    status: RecordStatus
    message: str
    remedy: str = ""
    place: Place | None = None
    identity: str = ""
    about: str = ""
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a command stopped, where no record says it: the parts of an error."""

    what: str
    where: str = ""
    why: str = ""
    fix: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a command has to say: `subject` is what it looked at (`loans.ipynb`), `exit_code` how it ended."""

    command: str
    subject: str
    records: tuple[Record, ...] = ()
    problem: Problem | None = None
    exit_code: int = 0
