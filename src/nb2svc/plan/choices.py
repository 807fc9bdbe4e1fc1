"""What a person may overrule, with what holds now and what it could be instead: what the panel offers.

# nb2svc: feature homes                 raw: homes, of homes and listings; lookup: rates, of homes and rates
# nb2svc: model output=price            output: price (given), of price and rounded
"""

import ast
from collections.abc import Iterable

from nb2svc.analysis.index import Index, root_name
from nb2svc.analysis.outline_predictions import predictions_of
from nb2svc.ir.contract import Choice, ChoiceKind
from nb2svc.ir.notebook import Cell, Role
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.plan.draft.roles import guess_roles

_LEADING = ("load", "fit_path")
_NO_VALUES = ("import", "function", "class")


def choices(index: Index, outline: Outline, observation: Observation | None) -> tuple[Choice, ...]:
    """Every option of the tags; `observation` is what a run saw, from which columns are known."""
    cells = index.notebook.cells
    features = [cell for cell in cells if cell.role == "feature"]
    models = [cell for cell in cells if cell.role == "model"]
    roles = {table.name: table.role for table in observation.tables} if observation else guess_roles(index, outline)
    raws = tuple(raw.name for raw in outline.raws)
    main = next((name for name in raws if roles.get(name) == "main"), raws[0] if raws else "")
    others = tuple(name for name in raws if name != main)
    sent, shipped = ([name for name in others if roles.get(name) == role] for role in ("child", "lookup"))
    target = observation.target if observation else outline.target_hint
    found = [
        _choice("raw", "name", features, "feature", value=main, candidates=_raw_candidates(index, outline)),
        _choice("request", "names", features, "feature", value=",".join(sent), candidates=others),
        _choice("lookup", "names", features, "feature", value=",".join(shipped), candidates=others),
        _choice("optional", "columns", features, "feature", value="", candidates=_able_to_be_missing(outline, observation)),
        _choice("estimator", "name", models, "model", value=outline.model.estimator, candidates=_estimators(index, outline)),
        _choice("output", "name", models, "model", value=outline.model.output or "", candidates=_outputs(index, outline)),
        _choice("target", "column", models, "model", value=target or "", candidates=_columns(observation)),
        _choice("answer_outside_domain", "flag", models, "model", value="false"),
    ]
    checks = [cell for cell in cells if cell.role == "check"]
    found += [_choice("serve", "flag", [cell], "check", value="false") for cell in checks]
    return tuple(each for each in found if each.candidates or each.kind in ("flag", "column", "columns") or each.given)


def _choice(key: str, kind: ChoiceKind, cells: list[Cell], role: Role, *, value: str, candidates: tuple[str, ...] = ()) -> Choice:
    said = next((cell for cell in cells if cell.directive and cell.directive.option(key) is not None), None)
    given = said.directive.option(key) if said and said.directive else None
    cell = said or next(iter(cells), None)
    return Choice(
        key=key,
        role=role,
        kind=kind,
        cell=cell.number if cell else None,
        value=value if given is None else given,
        given=given is not None,
        candidates=candidates,
    )


def _raw_candidates(index: Index, outline: Outline) -> tuple[str, ...]:
    """The values on the way from the load to the features' end; the raw ones first."""
    names = {raw.name: None for raw in outline.raws}
    for number, part in outline.parts:
        statement = index.statement(number)
        if part in _LEADING and statement.kind not in _NO_VALUES:
            names |= dict.fromkeys(name for name in statement.defines if not name.startswith("_"))
    return tuple(names)


def _estimators(index: Index, outline: Outline) -> tuple[str, ...]:
    """What is fitted anywhere: `forest.fit(X, y)`, `model = Ridge().fit(X, y)`."""
    names = {each.name: None for each in outline.model.fitted}
    for statement in index.dataflow.statements:
        for call in index.calls(statement.number):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "fit":
                root = root_name(call.func)
                fitted = (root,) if root else statement.defines
                names |= dict.fromkeys(name for name in fitted if name in index.definers)
    # What prepares the features is fitted, too, and predicts nothing.
    asked = {name for one in index.dataflow.statements for each in predictions_of(index, one.number) for name in each.estimators}
    return tuple(name for name in names if name in asked or name == outline.model.estimator)


def _outputs(index: Index, outline: Outline) -> tuple[str, ...]:
    """What the model cell's predictions lead to, within that cell."""
    cell = index.statement(outline.model.output_statement).span.cell
    numbers = index.cells.get(cell, [])
    made = index.forward((one for one in numbers if any(True for _ in predictions_of(index, one))), inside=set(numbers))
    names = {outline.model.output: None} if outline.model.output else {}
    found: Iterable[str] = (name for number in sorted(made) for name in index.statement(number).defines)
    return tuple(dict.fromkeys((*names, *found)))


def _columns(observation: Observation | None) -> tuple[str, ...]:
    return tuple(column.name for column in observation.main.columns) if observation else ()


def _able_to_be_missing(outline: Outline, observation: Observation | None) -> tuple[str, ...]:
    """The columns that no row of training lacked and a request could: whole numbers have no missing value."""
    tables = [table for table in observation.tables if table.role != "lookup"] if observation else []
    columns = [column for table in tables for column in table.columns if table.kind == "frame" and column.use == "read"]
    said = set(outline.optional_hint)
    return tuple(
        column.name
        for column in columns
        if column.name in said or not (column.nullable or column.dtype.startswith(("int", "uint", "bool")))
    )
