"""What the tags mean: which value is raw, which estimator and which answer, and which statements lead there.

Statement roles in an outline, for the notebook of EXAMPLE style:

    prelude   imports, constants, functions and classes that the others need     module level
    load      makes a raw value; what leads to it                                training.py only
    fit_path  raw value → what `fit` received (row selections included)          steps, or training.py
    twin      only on the notebook's own way to `predict`'s rows                 replayed, never served
    answer    from `predict` to the answer                                       model.py
    training  leads to the fitted estimator and is none of the above             training.py
"""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.dataflow import Dataflow, Slice
from nb2svc.ir.span import Span

Part = Literal["prelude", "load", "fit_path", "twin", "answer", "training"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBinding:
    """A value that enters the first feature statement: `name` as it stands after `statement` ran."""

    name: str
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A value that training leaves and the answer needs, as `name` holds it after `statement`.

    An estimator, a list or dict of them, a threshold or weights that were chosen by their predictions.
    """

    name: str
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A prediction on rows of the notebook: where a request predicts, `fit_input` of statement `fit` stands for its argument.

    `model.fit(X_train, y_train)` and `model.predict(X_test)`: `X_test` is the argument, `X_train` stands for it. Where the fit
    stands in a loop, `fit_input` is what the loop's fits take their rows from: `X` of `m.fit(X.iloc[rows], …)`.

    A booster takes rows in a data set of its own: `dtrain = xgb.DMatrix(X, label=y)`, then `xgb.train(params, dtrain)`. The two
    inputs are then what the sets are made from, the two statements those that make them; `spare` are arguments of the set
    predicted on which a request has no value for (`label=y_test`).
    """

    predict: int
    predict_input: Span
    fit: int
    fit_input: Span
    spare: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What the model tag means.

    `fitted` are the values that training leaves, in the order in which they are made; `estimator` is the one of them that
    makes the answer. `feeds` are the predictions on rows; the first of them is told by `fit` (the statement with the
    `.fit` call, or the one that loads the estimator), `fit_input` (the span of `fit`'s first argument), `predict` (the statement
    with the prediction, or that makes the data set of a booster's), `predict_call` (the span of the call in it,
    `model.predict_proba(X_test)`) and `predict_input` (of its argument). `fit_target` is the span of `fit`'s second argument
    (None where there is none). All of `predict…` are None where the cell only fits: the answer is then
    `estimator.predict(<fit_input>)`. `method` is the predict method. `output` is the variable that holds the answer after
    statement `output_statement`.
    """

    estimator: str
    fitted: tuple[Fitted, ...]
    feeds: tuple[Feed, ...]
    fit: int
    fit_input: Span | None
    fit_target: Span | None
    method: str
    predict: int | None
    predict_call: Span | None
    predict_input: Span | None
    output: str | None
    output_statement: int

    def fed_at(self, number: int) -> tuple[Feed, ...]:
        """The predictions on rows that a statement makes."""
        return tuple(feed for feed in self.feeds if feed.predict == number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUse:
    """A check cell: its statements, and the slice of statements outside it that its names come from.

    An `idle` one asserts nothing: it can't fail, so that it has run says nothing.
    """

    cell: int
    name: str
    serve: bool
    statements: tuple[int, ...]
    slice: Slice
    idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The tagged notebook's skeleton, found without running it.

    `parts` gives each statement that any slice needs its part; statements in no slice are absent. `serving` is
    prelude + fit_path + twin + answer, `training` is prelude + load + fit_path + training + the fit statement.
    `raw_hint`, `request_hint`, `lookup_hint`, `target_hint` and `optional_hint` are the names that `raw=`, `request=`,
    `lookup=`, `target=` and `optional=` gave; `dropped` and `kept` the statements of cells that say so.
    """

    raws: tuple[RawBinding, ...]
    model: ModelUse
    checks: tuple[CheckUse, ...]
    parts: tuple[tuple[int, Part], ...]
    serving: Slice
    training: Slice
    raw_hint: str | None = None
    request_hint: tuple[str, ...] = ()
    lookup_hint: tuple[str, ...] = ()
    target_hint: str | None = None
    optional_hint: tuple[str, ...] = ()
    dropped: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()

    def part(self, statement: int) -> Part | None:
        """The part that a statement plays, or None where no slice needs it."""
        return dict(self.parts).get(statement)

    def twin_cell(self, dataflow: Dataflow) -> int | None:
        """Where the notebook prepared its prediction rows by code of their own, or None."""
        twins = [number for number, part in self.parts if part == "twin"]
        return dataflow.statements[twins[-1]].span.cell if twins else None
