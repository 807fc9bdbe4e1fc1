"""What the probes saw in the kernel's interpreter: tables, frozen expressions, row selections.

Written as JSON by `capture/probe` (which imports nothing of ours) and read here; field names are the wire form.
"""

from dataclasses import dataclass
from typing import Literal

from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span

Scalar = None | bool | int | float | str
TableRole = Literal["main", "child", "lookup"]
TableKind = Literal["frame", "array", "series", "list", "value"]
ColumnKind = Literal["integer", "float", "boolean", "string", "datetime", "other"]
ColumnUse = Literal["read", "unused", "key", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a raw table, as seen in all captured rows.

    `dtype` is pandas' own text for it. `low`/`high` are the extremes over the rows that reached the model input (numbers,
    or ISO 8601 text for datetimes; None where there are none); `values` the categories seen there in sorted order, for
    strings and category dtypes of at most 200 distinct values, else empty. `nullable`: a missing value was seen there.
    `use`: `read` (it can change the answer), `unused` (it is only dropped or carried), `key` (it only joins), `target`.
    `fixed` is a value that training saw, for the columns that a request does not carry. `categories` are all of a category
    dtype, in its own order, and `ordered` says that the order means something.
    """

    name: str
    dtype: str
    kind: ColumnKind
    nullable: bool
    low: Scalar = None
    high: Scalar = None
    values: tuple[Scalar, ...] = ()
    use: ColumnUse = "read"
    fixed: Scalar = None
    categories: tuple[Scalar, ...] = ()
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A raw value. `shape` is the array's shape without rows; `dtype` the array's or series' dtype.

    For a child, `key` is its column that names a row of the main table and `main_key` the main table's column.
    For arrays, series and lists `columns` holds one column that describes the elements.
    `kind` is `value` for anything that is no table (a constant computed before the first feature cell): role `lookup`.
    """

    name: str
    role: TableRole
    kind: TableKind
    rows: int
    columns: tuple[Column, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: str = ""
    key: str | None = None
    main_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learn:
    """`state.NAME(lambda: HOW)` or `state.NAME(lambda: HOW, KEY)` in a replacement text.

    `slot` is unique in the observation; `hint` is the name wished for (`income_median`).
    """

    slot: str
    hint: str
    how: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """`state.categories(FRAME, ["region"])` in a replacement text: learns each column's categories, one slot a column.

    `wanted` is an expression for the columns where it is evaluated for several (`[col]` in a loop); "" for their list.
    """

    slots: tuple[str, ...]
    columns: tuple[str, ...]
    frame: str
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Literal source in a replacement text."""

    text: str


Part = Text | Learn | Categories


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """An expression (or whole statement) to replace: at `span` write `parts` instead, and `before` above the statement.

    `rule` is `state` for a plain frozen expression, else the rewrite's name (`R1`). `before` holds whole statements, one
    tuple of parts a line. Spans of one statement never overlap.
    """

    statement: int
    span: Span
    rule: str
    parts: tuple[Part, ...]
    before: tuple[tuple[Part, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison of a row selection on a raw column: `age >= 18`; `value` is a scalar, or a tuple for `in`/`not in`."""

    column: str
    operator: Literal["<", "<=", ">", ">=", "==", "!=", "in", "not in", "not null"]
    value: Scalar | tuple[Scalar, ...] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A statement that drops or samples rows: training only.

    `span` is the outermost call or subscript that selects; `operands` are the texts that stand for it at serving, one
    a target (a split has several; "None" for a target that serving never reads); empty where it works `in_place`.
    `targets` are the assigned names. `rows_in`/`rows_out` count main rows. `conditions` (a conjunction) become domain
    guards; `derived` says that the mask reads more than raw columns, `reads_target` that it reads the target (no guard then).
    `guards` says that serving evaluates it too, to know which rows it would drop; an in-place selection is then written
    without its `in_place_argument`, and its operand is the name it works on. `edited_operands` are the operands with their
    rewrites, where there are any (`train_test_split(scaler.fit_transform(A), y)`).
    """

    statement: int
    span: Span
    targets: tuple[str, ...]
    operands: tuple[str, ...]
    in_place: bool
    rows_in: int
    rows_out: int
    conditions: tuple[Condition, ...] = ()
    derived: bool = False
    reads_target: bool = False
    guards: bool = False
    in_place_argument: Span | None = None
    edited_operands: tuple[tuple[Part, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One learned value: `value` is the state codec's JSON text; for objects `file` is a pickle in the capture's folder.

    `key` is the codec's JSON text of the key ("" where there is none). `sha256` is the file's.
    """

    slot: str
    key: str
    value: str
    type: str
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service answers: kind of the output and, for classifiers, its labels.

    `kind`: `label` (strings, booleans, or integer classes), `number`, `labels`/`numbers` for several outputs a row.
    `dtype` is the output's; `names` the outputs' names where several; `classes` the estimator's classes as JSON scalars
    (empty for regressors); `container` is `array`, `series`, `frame` or `list`; `columns` are the model input's columns.
    """

    kind: Literal["label", "number", "labels", "numbers"]
    dtype: str
    container: str
    names: tuple[str, ...] = ()
    classes: tuple[Scalar, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracles:
    """Files of the capture's folder that the proof compares with (pickles; digests in `sha256`, same order as fields).

    `fit_rows`/`predict_rows`: for each row of the captured fit/predict input the ordinal of its main raw row (int64).
    `checkpoints`: {statement: {name: (row ordinals or None, value[, child table])}} after each statement of the fit path and
    the answer; ordinals are the main table's unless a child table is named. `dropped`: for each selection the ordinals of
    the rows that it dropped. `main`: the main table where rows of another table, which the notebook predicted, stand behind
    its own ("" where it is as captured).
    """

    fit_rows: str
    predict_rows: str
    checkpoints: str
    sha256: tuple[tuple[str, str], ...]
    dropped: str = ""
    main: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that probing returns; `plan` only reads it.

    `types` gives (statement, name, qualified type) of what each served statement defines. `unreached` are statements that
    no probe reached. `passed` are columns of the model input that show the target and that the answer does not depend on: a
    request has no value for them, so nothing compares them. `estimator_rows` is how many main rows `fit` saw. `probes` counts
    the probe runs made, by kind.
    """

    tables: tuple[Table, ...]
    target: str | None
    rewrites: tuple[Rewrite, ...]
    selections: tuple[Selection, ...]
    learned: tuple[Learned, ...]
    answer: Answer
    oracles: Oracles
    estimator_rows: int
    types: tuple[tuple[int, str, str], ...] = ()
    unreached: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    probes: tuple[tuple[str, int], ...] = ()
    passed: tuple[str, ...] = ()

    @property
    def main(self) -> Table:
        """The main raw table."""
        return next(table for table in self.tables if table.role == "main")
