"""A built project as it lies on disk, read without running any of it: what two builds are compared by."""

from dataclasses import dataclass

Scalar = bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a request's row. `path` is `age`, or `transactions[].amount` for a child table's.

    `kind` is integer, number, boolean, string, datetime, any, or table for child rows. A field that is `nullable` may be left
    out. `dtype` is its column's ("" where it is not known), `shape` an array's; `values`, `low` and `high` are what training saw.
    """

    path: str
    kind: str
    nullable: bool = False
    dtype: str = ""
    shape: tuple[int, ...] = ()
    values: tuple[Scalar, ...] = ()
    low: Scalar = None
    high: Scalar = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRule:
    """A row filter of the notebook that a request is checked by; `text` are the author's words, `where` their cell."""

    column: str
    operator: str
    value: Scalar | tuple[Scalar, ...] = None
    text: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """What a service takes and gives.

    `keys` are columns that name a row and come back as its `id`. `answer` is label, number, labels or numbers; `outputs` are
    the names of several; `limits` are how much one request may carry.
    """

    fields: tuple[Field, ...]
    guards: tuple[GuardRule, ...] = ()
    keys: tuple[str, ...] = ()
    answer: str = ""
    outputs: tuple[str, ...] = ()
    classes: tuple[Scalar, ...] = ()
    answer_outside_domain: bool = False
    limits: tuple[tuple[str, int], ...] = ()

    def field(self, path: str) -> Field | None:
        """The field at a path, or None."""
        return next((field for field in self.fields if field.path == path), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A learned value, a lookup table or a fitted value, as its artifact holds it.

    `document` is its JSON text in the codec's form; where it lies in a file that is no JSON, `content` are the file's bytes
    and `file` its name.
    """

    name: str
    role: str
    document: str = ""
    file: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module of the author's code: its path in the project, text, and whether a person changed what was generated."""

    path: str
    text: str
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLine:
    """Which cell of the notebook a line of a module comes from."""

    file: str
    line: int
    cell: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something to know of a build, as text: the group `libraries`, the name `pandas`, the value `3.1.1`."""

    group: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStatus:
    """The status of one item of the readiness checklist."""

    id: str
    title: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A built project. `label` is what a person called it; `version` the digest of what is served.

    `form` is None where the schema can't be read (`form_problem` says why). `missing` are groups of facts that an older nb2svc
    did not write, or that a bento does not carry, each in words. `capture` is the digest of the run that it was built from.
    """

    label: str
    package: str
    notebook: str
    version: str
    capture: str
    form: RequestForm | None
    form_problem: str = ""
    stored: tuple[Stored, ...] = ()
    modules: tuple[Module, ...] = ()
    lines: tuple[CellLine, ...] = ()
    facts: tuple[Fact, ...] = ()
    items: tuple[ItemStatus, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
