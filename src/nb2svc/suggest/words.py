"""Why a cell is proposed, in the author's words: cells by number, variables by name."""

import ast
from collections.abc import Sequence

from nb2svc.analysis.index import Index
from nb2svc.analysis.locals import called
from nb2svc.analysis.outline_predictions import predictions_of
from nb2svc.ir.proposal import ProposedCell
from nb2svc.suggest.candidates import Candidate, reads_data
from nb2svc.suggest.check_cell import Check
from nb2svc.suggest.ranking import is_called_final

_SEVERAL = 3


def of_model(index: Index, one: Candidate, proposed: ProposedCell, *, last_of: int = 0) -> str:
    """`predicts as `risk` with `forest`, which is fitted in cell 12; cell 15 writes its predictions to submission.csv`.

    `last_of` is the number of models where this is the last of several.
    """
    cell, output = proposed.cell, dict(proposed.options).get("output")
    here = [prediction for prediction in one.predictions if _cell(index, prediction.statement) == cell]
    fitted = _cell(index, one.at)
    if here:
        bound = next((f" as `{prediction.bound}`" for prediction in reversed(here) if prediction.bound), "")
        name = here[-1].estimators[-1]
        where = "here" if fitted == cell else f"in cell {fitted}"
        said = (
            f"predicts{bound} with `{name}`, which is fitted {where}{f' as `{one.estimator}`' if name != one.estimator else ''}"
        )
    elif output and one.predictions:
        asked = _cell(index, one.predictions[-1].statement)
        said = f"makes `{output}` of what `{one.estimator}` predicts in cell {asked}"
    else:
        said = f"fits `{one.estimator}`"
    last = [f"it is the last of {last_of} models"] if last_of else []
    return "; ".join([said, *_uses(index, one, cell), *last])


def of_feature(index: Index, statement: int, *, estimator: str) -> str:
    """`the first that changes `loans`, which cell 2 loads from loans.csv, on its way to `model``."""
    told: dict[str, str] = {}
    for number in sorted(index.closure([statement])):
        if not reads_data(index, number) or number == statement:
            continue
        made = index.statement(number).defines or index.statement(number).mutates
        names = " and ".join(f"`{name}`" for name in made[:_SEVERAL]) or "the data"
        file = _file(index, number)
        told.setdefault(
            names, f"cell {_cell(index, number)} loads {'them' if len(made) > 1 else 'it'}{f' from {file}' if file else ''}"
        )
    changed = " and ".join(f"{names} ({where})" for names, where in list(told.items())[:_SEVERAL])
    return f"the first that changes {changed or 'the data'} on its way to `{estimator}`"


def of_check(one: Candidate, check: Check) -> str:
    """`asserts something of …`, `measures … (roc_auc_score)`."""
    bound = next((prediction.bound for prediction in reversed(one.predictions) if prediction.bound), None)
    what = f"`{bound}`" if bound and check.measure != "score" else f"`{one.estimator}`"
    if check.asserts:
        return f"asserts something of {what} on held-out rows, so a build fails where that no longer holds"
    return f"measures {what} on held-out rows ({check.measure}); with an `assert` in it a build would fail where that gets worse"


def no_model(index: Index) -> str:
    """Why nothing of a notebook can be served."""
    at_once = next((p for one in index.dataflow.statements for p in predictions_of(index, one.number) if p.chained), None)
    if at_once is not None:
        cell = _cell(index, at_once.statement)
        return (
            f"cell {cell} fits a model and asks it in one statement; no variable holds it then: write `model = ….fit(X, y)` apart"
        )
    fits = [
        statement
        for statement in index.dataflow.statements
        if any(called(call) in ("fit", "fit_transform", "fit_predict") for call in index.calls(statement.number))
    ]
    if fits:
        cells = sorted({statement.span.cell for statement in fits})
        does = "fits" if len(cells) == 1 else "fit"
        return f"what {_listed(cells)} {does} changes columns, groups rows or has no `fit(X, y)`; no variable holds what predicts"
    if any(list(predictions_of(index, statement.number)) for statement in index.dataflow.statements):
        return "it predicts, and no cell fits or loads what predicts"
    if any(reads_data(index, statement.number) for statement in index.dataflow.statements):
        return "it loads data, and no cell fits a model: nothing has the methods `fit` and `predict`"
    return "no cell fits a model: nothing has the methods `fit` and `predict`"


def _uses(index: Index, one: Candidate, cell: int) -> list[str]:
    """What else the author does with a model, what says most first."""
    found = []
    if one.submitted:
        _, number = one.submitted[-1]
        file = _file(index, number)
        found.append(f"{_where(index, number, cell)} writes its predictions to {file or 'a file'}")
    if one.saved:
        found.append(f"{_where(index, one.saved[-1], cell)} saves it")
    if is_called_final(one):
        found.append("its name says that it is the one")
    measured = [number for number in one.measured if _cell(index, number) != cell]
    if not found and measured:
        found.append(f"cell {_cell(index, measured[-1])} measures it ({one.measured[measured[-1]]})")
    elif not found and one.measured:
        found.append(f"it is measured there ({one.measured[next(iter(one.measured))]})")
    if one.by_hand and not one.predictions:
        found.append(f"cell {_cell(index, one.by_hand[-1])} asks it about a row typed by hand")
    if one.looped:
        found.append("it is one of several in a loop")
    return found


def _where(index: Index, number: int, cell: int) -> str:
    return "the same cell" if _cell(index, number) == cell else f"cell {_cell(index, number)}"


def _file(index: Index, number: int) -> str:
    """The file that a statement reads or writes, where it is written out."""
    for call in index.calls(number):
        for node in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value.rpartition("/")[2]:
                return node.value.rpartition("/")[2]
    return ""


def _cell(index: Index, number: int) -> int:
    return index.statement(number).span.cell


def _listed(cells: Sequence[int]) -> str:
    shown = [str(cell) for cell in cells[:_SEVERAL]]
    if len(cells) == 1:
        return f"cell {shown[0]}"
    more = f" and {len(cells) - _SEVERAL} more" if len(cells) > _SEVERAL else ""
    return f"cells {', '.join(shown)}{more}"
