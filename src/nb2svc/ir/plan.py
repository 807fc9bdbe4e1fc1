"""What the service will contain: steps, names, schema, state."""

import re
from dataclasses import dataclass

from nb2svc.ir.observation import Answer, Condition, Learned, Rewrite, Selection, Table
from nb2svc.ir.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """At `span` (a name, or predict's argument) write `text`: `X_test` → `X` in the answer."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSelection:
    """A row selection that is part of a line: one that guards has the author's `words` for it, which a request is told."""

    selection: Selection
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStatement:
    """A statement in its place, with its edits; `learning` where only training runs it (`if state.learning:`)."""

    number: int
    rewrites: tuple[Rewrite, ...] = ()
    selections: tuple[PlannedSelection, ...] = ()
    learning: bool = False
    substitutions: tuple[Substitution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a step in a body: `_, X = features.applicant(applicants, history, regions, state)`.

    `targets` has "_" for results that the body never reads; `arguments` are texts, the state left out.
    """

    step: str
    targets: tuple[str, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One function of `features.py`: the author's statements of one feature cell, and what they needed pulled in.

    `parameters` and `results` are (name, type) pairs; the type is a qualified name such as `pandas.DataFrame`, or "".
    """

    name: str
    cell: int
    parameters: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    statements: tuple[PlannedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A row selection as a domain guard: rows outside it were never in training; `cell`, `line` and `text` say where."""

    condition: Condition
    cell: int
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCheck:
    """A check cell as a test: `given` are the captured names it reads, `served` those that the answer gives.

    `statements` are what runs: those outside the cell that depend on the answer, then the cell's own; `prelude` the imports,
    functions and classes that they need. `missing` names what is neither captured nor served; the check is then not evaluated,
    nor is an `idle` one, which asserts nothing.
    """

    name: str
    cell: int
    statements: tuple[int, ...]
    given: tuple[str, ...]
    served: tuple[str, ...]
    missing: tuple[str, ...] = ()
    prelude: tuple[int, ...] = ()
    idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLambda:
    """A lambda that an estimator holds: `text` is a function of that name for the module's top, or (`span` is None, for one that
    `statement` names itself) the line that tells it its name.
    """

    statement: int
    name: str
    span: Span | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCheck:
    """A check cell with `serve=true`: `reads` are (name in the cell, name in the answer) pairs; `prelude` what it may need."""

    name: str
    cell: int
    statements: tuple[int, ...]
    reads: tuple[tuple[str, str], ...]
    prelude: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The service, before any text is written.

    `prelude` are module-level statements (imports, constants, functions, classes) in notebook order. `answer` is the body
    of `model.answer`, `training` that of `training.train`; `results` are the names that `answer` returns (the output
    last), or `returned` is an expression where the notebook gave the answer no name. `names` maps slot → state name.
    `estimators` are the names of what training leaves, as `answer` takes them. `copied` are the raw tables that `answer`
    copies because a step changes them in place. `loaded` gives for each raw value the statement after which it stands.
    `lambdas` are those that got a name. `function` is what `model.answer` is called where the notebook has an `answer`.
    """

    package: str
    service: str
    notebook_name: str
    notebook_digest: str
    capture_digest: str
    prelude: tuple[int, ...]
    steps: tuple[Step, ...]
    answer: tuple[Call | PlannedStatement, ...]
    training: tuple[Call | PlannedStatement, ...]
    results: tuple[str, ...]
    returned: str
    copied: tuple[str, ...]
    estimators: tuple[str, ...]
    tables: tuple[Table, ...]
    target: str | None
    guards: tuple[Guard, ...]
    checks: tuple[PlannedCheck, ...]
    names: tuple[tuple[str, str], ...]
    learned: tuple[Learned, ...]
    answer_shape: Answer
    parameters: tuple[tuple[str, str], ...]
    requirements: tuple[tuple[str, str], ...]
    python: str
    answer_outside_domain: bool = False
    loaded: tuple[tuple[str, int], ...] = ()
    modules: tuple[str, ...] = ()
    request_checks: tuple[RequestCheck, ...] = ()
    lambdas: tuple[NamedLambda, ...] = ()
    function: str = "answer"


def check_test(name: str, cell: int) -> str:
    """The name of a check's generated test: `Good AUC` → `test_good_auc`."""
    slug = re.sub(r"\W+", "_", name).strip("_").lower()
    return f"test_{slug or f'cell_{cell}'}"
