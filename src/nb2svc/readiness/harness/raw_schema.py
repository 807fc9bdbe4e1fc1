"""Rows and tables made wrong on purpose: what the project's predictor says of the rows, and its training of the tables."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Callable, Dict, Iterator, List, Tuple

from .folders import working_in


class Stop(BaseException):
    """Ends a training as soon as its tables were checked."""


def try_schema(request: Dict[str, Any]) -> Dict[str, Any]:
    """`rows` go through the predictor, then again with each rule of `removed` taken out of the schema; then training is tried.

    → {"results": [{"status", "issues"}], "removed": [results for each rule], "training": [{"table", "column", "kind", "caught"}],
       "forgotten": […], "unasked": [table], "training_problem": ""}
    """
    module = importlib.import_module(request["package"] + "._nb2svc.predictor")
    predictor = module.load_predictor(request["package"])
    rows = [_numbers(row) for row in request["rows"]]
    answer: Dict[str, Any] = {"results": _asked(predictor, rows), "removed": []}
    for rule in request["removed"]:
        with _without(predictor.schema, rule), _no_second_look(module, rule):
            answer["removed"].append(_asked(predictor, rows))
    answer.update(_trained(request))
    return answer


def _asked(predictor: Any, rows: List[Any]) -> List[Dict[str, Any]]:
    return [
        {"status": result["status"], "issues": [[issue["field"], issue["code"]] for issue in result["issues"]]}
        for result in predictor.predict(rows)
    ]


def _numbers(value: Any) -> Any:
    """JSON has no NaN and no infinity: they come as {"$float": "nan"}."""
    if isinstance(value, dict):
        return float(value["$float"]) if set(value) == {"$float"} else {key: _numbers(item) for key, item in value.items()}
    return [_numbers(item) for item in value] if isinstance(value, list) else value


@contextlib.contextmanager
def _without(schema: Any, rule: Dict[str, str]) -> Iterator[None]:
    """The schema without one rule of one field, until the block ends."""
    table = schema.main if rule["table"] == schema.main.name else schema.children[rule["table"]]
    field = next(each for each in table.fields if each.name == rule["field"])
    before = dict(vars(field.seen)), field.nullable, field.kind
    guards, schema.guards = schema.guards, tuple(guard for guard in schema.guards if guard.column != rule["field"])
    if rule["rule"] == "range":
        field.seen.low = field.seen.high = None
    elif rule["rule"] == "category":
        field.seen.values = ()
    elif rule["rule"] == "null":
        field.nullable = True
    else:
        field.kind = "any"
    try:
        yield
    finally:
        vars(field.seen).update(before[0])
        field.nullable, field.kind, schema.guards = before[1], before[2], guards


@contextlib.contextmanager
def _no_second_look(module: Any, rule: Dict[str, str]) -> Iterator[None]:
    """Without a category's rule the predictor still sees that learned categories lack a value: that goes with the rule."""
    before = module.unseen
    if rule["rule"] == "category":
        module.unseen = lambda _state: []
    try:
        yield
    finally:
        module.unseen = before


def _trained(request: Dict[str, Any]) -> Dict[str, Any]:
    """What `training.train` says of each of its tables with each column left out, or holding something else.

    The training really loads its data; where it hands the tables to the schema they are made wrong, and then it is stopped.
    """
    module = importlib.import_module(request["package"] + "._nb2svc.schema")
    training = importlib.import_module(request["package"] + ".training")
    state = importlib.import_module(request["package"] + "._nb2svc.state").State(learning=True)
    wanted = set(request["tables"])
    results: List[Dict[str, Any]] = []
    forgotten: List[Dict[str, Any]] = []
    original = module.Schema.require
    if not wanted:
        return {"training": [], "forgotten": [], "unasked": [], "training_problem": ""}

    def require(schema: Any, **tables: Any) -> None:
        for name, value in tables.items():
            wanted.discard(name)
            results.extend(_refused(schema, original, name, value))
            forgotten.extend([] if forgotten else _forgotten(schema, original, name, value))
        original(schema, **tables)
        if not wanted:
            raise Stop

    module.Schema.require = require
    problem = ""
    try:
        with working_in(request["data"]):
            training.train(state)
    except Stop:
        pass
    except Exception as error:
        problem = type(error).__name__ + ": " + str(error)[:200]
    finally:
        module.Schema.require = original
    return {"training": results, "forgotten": forgotten, "unasked": sorted(wanted), "training_problem": problem}


def _refused(schema: Any, require: Callable[..., None], name: str, value: Any) -> Iterator[Dict[str, Any]]:
    table = schema.main if name == schema.main.name else schema.children[name]
    for field in table.fields:
        if field.kind == "table":
            continue
        for kind, wrong in _wrong_tables(table, field, value):
            yield {"table": name, "column": field.name, "kind": kind, "caught": _stops(schema, require, name, wrong)}


def _forgotten(schema: Any, require: Callable[..., None], name: str, value: Any) -> List[Dict[str, Any]]:
    """The same for one column that the schema does not know of: nothing may be caught."""
    table = schema.main if name == schema.main.name else schema.children[name]
    fields = [field for field in table.fields if field.kind != "table"]
    if table.kind != "frame" or not fields:
        return []
    before, table.fields = table.fields, tuple(field for field in table.fields if field is not fields[0])
    try:
        return [
            {"table": name, "column": fields[0].name, "kind": kind, "caught": _stops(schema, require, name, wrong)}
            for kind, wrong in _wrong_tables(table, fields[0], value)
        ]
    finally:
        table.fields = before


def _stops(schema: Any, require: Callable[..., None], name: str, wrong: Any) -> bool:
    try:
        require(schema, **{name: wrong})
    except ValueError as error:
        return name in str(error)
    return False


def _wrong_tables(table: Any, field: Any, value: Any) -> Iterator[Tuple[str, Any]]:
    if table.kind == "frame":
        yield "missing", value.drop(columns=[field.name])
        if field.kind != "any":
            other: Any = 1.5 if field.kind in ("string", "boolean", "datetime") else "a text"
            yield "type", value.head(50).assign(**{field.name: other})
    elif table.kind == "array":
        yield "missing", value[:, :-1] if getattr(value, "ndim", 1) == 2 else value.reshape(-1)
        yield "type", value[:50].astype(str)
