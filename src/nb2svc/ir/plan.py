"""What the service will contain: steps, names, schema, state."""

from dataclasses import dataclass

from nb2svc.ir.observation import Answer, Condition, Learned, Rewrite, Selection, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStatement:
    """A statement in its place: with its edits, `learning` where only training runs it (`if state.learning:`)."""

    number: int
    rewrites: tuple[Rewrite, ...] = ()
    selection: Selection | None = None
    learning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One function of `features.py`: the author's statements of one feature cell, and what they needed pulled in."""

    name: str
    cell: int
    parameters: tuple[str, ...]
    results: tuple[str, ...]
    statements: tuple[PlannedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A row selection as a domain guard: rows outside it were never in training; `cell`, `line` and `text` say where."""

    condition: Condition
    cell: int
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of a body in order: a call of step `step`, or the author's `statement`."""

    step: str | None = None
    statement: PlannedStatement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The service, before any text is written.

    `prelude` are module-level statements (imports, constants, functions, classes) in notebook order. `answer` is the body of
    `model.answer`, `training` that of `training.train`; `results` are the names that `answer` returns (the output last).
    `substitutions` maps names to the names that stand for them in `answer` (`X_test` → `X`). `names` maps slot → state name.
    """

    package: str
    service: str
    notebook_name: str
    notebook_digest: str
    capture_digest: str
    prelude: tuple[int, ...]
    steps: tuple[Step, ...]
    answer: tuple[Line, ...]
    training: tuple[Line, ...]
    results: tuple[str, ...]
    substitutions: tuple[tuple[str, str], ...]
    estimator: str
    tables: tuple[Table, ...]
    target: str | None
    guards: tuple[Guard, ...]
    names: tuple[tuple[str, str], ...]
    learned: tuple[Learned, ...]
    answer_shape: Answer
    requirements: tuple[tuple[str, str], ...]
    python: str
