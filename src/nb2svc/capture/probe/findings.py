"""What the probes refuse or report: what, where, why, and the edit that cures it."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple

from .lockstep import Blame
from .program import Program
from .request import Spot, Statement

Finding = Dict[str, Any]

SHAPES = "A request is one row: take the value from a child table's history, or compute it before the raw value."
IN_A_CLASS = (
    "Write what the class `{}` takes from the data (cell {}, line {}) as a statement above the class, middle = …, "
    "and name middle there: it is learned then."
)
# Wording only: what is refused is found without these names.
REMEDIES = {
    "shift": "Declare the earlier rows as a child table (one table of events per row) and take the previous value from it.",
    "diff": "Declare the earlier rows as a child table and take the difference to the last of them.",
    "pct_change": "Declare the earlier rows as a child table and take the change from the last of them.",
    "rolling": "Declare the history as a child table and aggregate it per row: history.groupby(key).tail(n).groupby(key).mean().",
    "expanding": "Declare the history as a child table and aggregate it per row with groupby(key).",
    "ewm": "Declare the history as a child table and aggregate it per row with groupby(key).",
    "cumsum": "Declare the history as a child table and sum it per row with groupby(key).sum().",
    "cumcount": "Declare the history as a child table and count it per row with groupby(key).size().",
    "ffill": "Fill missing values with a value learned in training (a median, a mode) instead of the row above.",
    "bfill": "Fill missing values with a value learned in training (a median, a mode) instead of the row below.",
    "interpolate": "Fill missing values with a value learned in training (a median, a mode) instead of the rows around.",
    "rank": "Use rank(pct=True) of the whole column with the average method, or bins from quantiles.",
    "arange": "Remove the row's position from the features: a request has no position.",
    "range": "Remove the row's position from the features: a request has no position.",
    "to_datetime": 'Write the format: pd.to_datetime(…, format="%Y-%m-%d").',
    "explode": "Aggregate the exploded rows back to one per raw row with groupby.",
    "pivot": "Keep one row per raw row; pivot a child table instead.",
    "pivot_table": "Keep one row per raw row; pivot a child table instead.",
    "fit_transform": "Use an object that can transform rows it was not fitted on, or tag the path that prepares new rows.",
    "fit_predict": "Use an object that can predict rows it was not fitted on (KMeans instead of DBSCAN, for example).",
    "labels_": "Write MODEL.predict(rows) for MODEL.labels_, with a model that can (KMeans instead of DBSCAN, for example).",
    "reset_index": "Drop the old index (`reset_index(drop=True)`): a request's rows have none.",
    "duplicated": "Remove duplicates before the features, as a row selection.",
}

# What predicts in place of what does not. Wording only, too.
PREDICTORS = {
    "NearestNeighbors": "Take KNeighborsRegressor or KNeighborsClassifier, which answer with what the neighbours have",
    "DBSCAN": "Take a model that can predict rows that it was not fitted on (KMeans)",
    "HDBSCAN": "Take a model that can predict rows that it was not fitted on (KMeans)",
    "OPTICS": "Take a model that can predict rows that it was not fitted on (KMeans)",
    "AgglomerativeClustering": "Take a model that can predict rows that it was not fitted on (KMeans)",
    "SpectralClustering": "Take a model that can predict rows that it was not fitted on (KMeans)",
    "LocalOutlierFactor": "Write LocalOutlierFactor(novelty=True), which predicts rows that it was not fitted on",
}


def finding(code: str, message: str, remedy: str, *, severity: str = "refusal", span: Optional[Dict[str, int]] = None) -> Finding:
    """A diagnostic in its wire form."""
    return {"code": code, "severity": severity, "message": message, "remedy": remedy, "span": span}


def not_reproduced(where: str, span: Optional[Dict[str, int]], *, dropped: Sequence[str] = ()) -> Finding:
    """The slice, run again on the captured raw values, gives another model input; `dropped` are where something was left out."""
    remedy = "Seed what is random, and tag (or name in `raw=`) the statement that all feature code starts from."
    if dropped:
        remedy = "Take `drop` from {}, which the notebook ran: what it does reaches the model input.".format(" or ".join(dropped))
    return finding(
        "NB301",
        "Running the tagged statements again on the captured data gives another model input "
        "than the notebook had: {} differs".format(where),
        remedy,
        span=span,
    )


def raised(text: str, span: Optional[Dict[str, int]]) -> Finding:
    """The slice does not run on the captured raw values."""
    return finding(
        "NB302", "Running the tagged statements again on the captured data stops with {}".format(text),
        "Move what this statement needs into cells that the tagged cells use, or tag the cell that makes it.", span=span,
    )  # fmt: skip


def lost_rows(span: Optional[Dict[str, int]], text: str) -> Finding:
    """The model input has no rows of the main table."""
    return finding(
        "NB303", "`{}` has not one row for each row of a raw table, so a request's row could not be found in it".format(text),
        "Keep one row per raw row: aggregate what was exploded or pivoted back with groupby, "
        "or name the table with `raw=`.", span=span,
    )  # fmt: skip


def needs_rows(program: Program, number: int, blame: Optional[Blame], *, by_class: Optional[Tuple[str, Spot]] = None) -> Finding:
    """A row-aligned expression that depends on the other rows, with no rewrite; `by_class` reads them for it, and where."""
    node = program.exprs[number].node
    remedy = next((REMEDIES[name] for name in methods(node) if name in REMEDIES), SHAPES)
    if by_class is not None:
        remedy = IN_A_CLASS.format(by_class[0], by_class[1].cell, by_class[1].line)
    order = blame is not None and "permuted" in blame.probes
    why = "its value depends on the order of the rows" if order else "its value for a row depends on the other rows"
    return finding(
        "NB304", "`{}` can't be computed for one row: {}".format(short(program.text(number)), why),
        remedy, span=program.expr_spot(number).json(),
    )  # fmt: skip


def methods(node: Any) -> Iterator[str]:
    """The names of a chain, the last first: `df["x"].rolling(3).mean()` → mean, rolling."""
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        node = node.func if isinstance(node, ast.Call) else node.value


def noise(program: Program, number: int) -> Finding:
    """Two runs on the same rows gave different rows."""
    return finding(
        "NB305", "`{}` gives other values each time it runs on the same rows".format(short(program.text(number))),
        "Seed it (random_state=0, np.random.default_rng(0)) if it only samples rows; remove noise from the features.",
        span=program.expr_spot(number).json(),
    )  # fmt: skip


def clock(program: Program, number: int) -> Finding:
    """Two runs gave different values that are not rows: the time, or an unseeded draw."""
    return finding(
        "NB306", "`{}` gives another value each time it runs: the clock or an unseeded draw".format(short(program.text(number))),
        "Write the date as a constant or a parameter of the notebook, or take it from the "
        "data.", span=program.expr_spot(number).json(),
    )  # fmt: skip


def key_is_read(column: str) -> Finding:
    """The key of the main table reaches the model input or the answer."""
    return finding(
        "NB307", "The key `{}` changes the model input or the answer; a request's rows have no key of training".format(column),
        "Drop `{}` from the features; it may only join the tables.".format(column), severity="refusal",
    )  # fmt: skip


def memorised(program: Program, number: int, entries: int, rows: int, *, lost: Optional[Tuple[int, int]] = None) -> Finding:
    """A frozen table has a key for nearly every training row; `lost` of the held-out rows, of how many, found nothing there."""
    seen = "" if lost is None else " ({} of {} rows that learning did not see got another model input)".format(*lost)
    return finding(
        "NB308",
        "`{}` is kept as a table of {} entries for {} training rows: a new row will not be "
        "found in it{}".format(short(program.text(number)), entries, rows, seen),
        "Aggregate by something that many rows share, or pass the table as a child table (`request=NAME` in the feature tag).",
        severity="warning", span=program.expr_spot(number).json(),
    )  # fmt: skip


def own_key(program: Program, number: int, key: str) -> Finding:
    """A table that is frozen by the main table's own key."""
    return finding(
        "NB309", "`{}` would be kept by the row's own key `{}`: no new row has an entry".format(short(program.text(number)), key),
        "Aggregate by something that many rows share, or pass the table with the request: name it in `request=` of the "
        "feature tag.", span=program.expr_spot(number).json(),
    )  # fmt: skip


def target_is_read(column: str, span: Optional[Dict[str, int]]) -> Finding:
    """The target changes the model input: it leaks."""
    return finding(
        "NB310", "The target `{}` changes the model input or the answer, and a request does not have it".format(column),
        "Remove `{}` and what is computed from it, row by row, from the features.".format(column), span=span,
    )  # fmt: skip


def unreached(program: Program, number: int, why: str) -> Finding:
    """No probe came past a statement."""
    statement = program.request.statement(number)
    return finding(
        "NB311",
        "This statement could not be run on other rows than training's, so nothing after it was analysed: {}".format(why),
        "Make the statement work for any number of rows (assign by column, not by a list of training's length).",
        severity="refusal", span=statement.spot.json(),
    )  # fmt: skip


def differs_served(what: str, rows: str, span: Optional[Dict[str, int]]) -> Finding:
    """The edited program does not give training's values."""
    return finding(
        "NB312", "With its frozen values the code gives another value than the notebook for {}: {} differs".format(rows, what),
        "Simplify the statements that make it (one reduction or one call a line), or compute it before the raw value.", span=span,
    )  # fmt: skip


def other_rows(which: str, statements: Sequence[Statement], span: Optional[Dict[str, int]]) -> Finding:
    """The edited program does not give training's rows, mostly because a loop over splits leaves those of its last one."""
    message = "With its frozen values the code gives another number of rows than the notebook, for {}".format(which)
    loop = next((statement for statement in statements if goes_over_splits(statement.tree)), None)
    if loop is None:
        remedy = "Choose the rows in a statement of their own (`df = df[mask]`), and make the features from what is left."
        return finding("NB312", message, remedy, span=span)
    return finding(
        "NB312", message + ": this loop over splits keeps the rows of its last one",
        "Fit on all rows, or choose them in one statement: `train_test_split(X, y, random_state=0)`.", span=loop.spot.json(),
    )  # fmt: skip


def goes_over_splits(tree: ast.AST) -> bool:
    """`for train, test in KFold(5).split(X): …`, `enumerate` around it or not."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split" and bool(node.args)
        for loop in ast.walk(tree)
        if isinstance(loop, ast.For)
        for node in ast.walk(loop.iter)
    )


def prepared_otherwise(rows: int, span: Optional[Dict[str, int]]) -> Finding:
    """The notebook prepared its prediction rows in another way than its training rows."""
    return finding(
        "NB313", "{} rows were prepared for predict in another way than for fit; they are no oracle for the service".format(rows),
        "Prepare both with the same fitted objects (transform, not fit_transform, on the test "
        "rows).", severity="warning", span=span,
    )  # fmt: skip


def needs_key(program: Program, number: int) -> Finding:
    """An expression learned several times with different values, and nothing plain to tell them apart."""
    return finding(
        "NB314",
        "`{}` is computed several times with different values, and nothing plain tells them apart".format(
            short(program.text(number))
        ),
        "Give the function an argument (the column's name) that is different each time, or "
        "write the calls out.", span=program.expr_spot(number).json(),
    )  # fmt: skip


def no_guard(span: Dict[str, int]) -> Finding:
    """A selection that can't be asked about a row alone."""
    return finding(
        "NB315",
        "Rows that this statement drops in training are answered like any other: "
        "whether it would drop a row can't be told from the row alone",
        "Compare columns of the row with bounds that are computed before "
        '(`df[df["x"] < limit]`) to have such rows referred to a person.',
        severity="warning", span=span,
    )  # fmt: skip


def never_predicts(name: str, title: str, method: str, span: Optional[Dict[str, int]]) -> Finding:
    """The model has no method that answers rows."""
    return finding(
        "NB316", "`{}` is a {}, which has no `{}`: nothing answers a request's row".format(name, title, method),
        PREDICTORS.get(title, "Take a model that predicts")
        + ", or write a class with `fit` and `predict` around it at the top level of a cell.", span=span,
    )  # fmt: skip


def answered_outside(program: Program, number: int) -> Finding:
    """A selection that drops rows of a kind that the notebook predicts all the same."""
    return finding(
        "NB315",
        "Rows that this statement drops in training are answered like any other: the notebook predicts such rows too",
        "Drop them from the predicted rows as well to have such rows referred to a person.",
        severity="warning", span=program.expr_spot(number).json(),
    )  # fmt: skip


def short(text: str) -> str:
    """One line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."
