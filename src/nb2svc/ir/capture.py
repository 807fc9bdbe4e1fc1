"""What one run of the notebook left: a manifest of files with digests, never the values themselves."""

from dataclasses import dataclass
from typing import Literal

KeptKind = Literal[
    "raw", "fit_input", "fit_target", "estimator", "predict_input", "output", "check_value", "given", "random"
]  # fmt: skip

# In a capture's folder: the executed notebook, to be opened.
EXECUTED_PAGE = "executed.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPoint:
    """A value to keep in the run: `expression`, evaluated `before` or `after` statement `statement` ran.

    `raw`, `output` and `estimator` are names kept after their statement; `fit_input`, `fit_target` and `predict_input`
    are argument expressions kept before it; `check_value` is a name that a check cell reads, kept before its first
    statement; `given` is any other crossing value; `random` the states of the random
    generators. `label` is unique among points of one kind (a name, usually).
    """

    kind: KeptKind
    label: str
    expression: str
    statement: int
    when: Literal["before", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value kept in the capture: a pickle at `file` (relative to the capture's folder) with its SHA-256.

    `type` is the qualified type name; `problem` says why it could not be kept (`file` is then "").
    """

    kind: KeptKind
    label: str
    file: str
    sha256: str
    type: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file that the run read: path as opened, its SHA-256 and size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One run: where it lies, what was kept, and under which interpreter and libraries.

    `digest` names the capture by what went in: the statements that count, parameters, input files, versions and points. `folder`
    is absolute and git-ignored. `parameters` are the names and values given with `-p`, values as Python expressions.
    `interpreter` is the kernel's `sys.executable`; `versions` maps distribution to version; `modules` maps each imported
    top-level module of the notebook to its distribution ("" for the author's own modules). `metrics` are the numbers that
    check cells read or made. `seconds` is wall time. `cwd` is the folder that the notebook ran in, absolute. `points` are the
    keep points that `kept` answers, in the same order. `page` is the SHA-256 of the executed notebook's page
    ("" where there is none). `cells` are the digests of the code cells that ran: a capture of an earlier run may be used for a
    notebook in which cells changed that nothing in it depends on.
    """

    folder: str
    digest: str
    notebook_digest: str
    parameters: tuple[tuple[str, str], ...]
    interpreter: str
    python: str
    versions: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...]
    kept: tuple[Kept, ...]
    inputs: tuple[InputFile, ...]
    metrics: tuple[tuple[str, float], ...]
    seconds: float
    cwd: str = ""
    points: tuple[KeepPoint, ...] = ()
    page: str = ""
    cells: tuple[str, ...] = ()

    def find(self, kind: KeptKind, label: str | None = None) -> Kept | None:
        """The first kept value of a kind (and label), or None."""
        return next((kept for kept in self.kept if kept.kind == kind and label in (None, kept.label)), None)
