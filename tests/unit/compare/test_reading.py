"""The schema as its text says it is the schema as the runtime has it; what is written otherwise is said to be."""

import importlib.util
import sys
import types
from pathlib import Path

import pytest

import nb2svc_runtime.schema as runtime
from nb2svc.compare.reading.schema import Unreadable, read_limits, read_schema

GOLDEN = sorted((Path(__file__).resolve().parents[2] / "golden").glob("*/schema.py.txt"))
ODD = """
from typing import Any, List, Optional
from ._nb2svc.schema import Answer, Guard, Row, Schema, Table, seen

class Item(Row):
    price: Optional[float] = seen(low=-1.5, high=float("inf"), name="the price")

class Order(Row):
    note: Any = seen(name="class")
    grid: List[List[int]] = seen(low=0, high=9, shape=(2, 3))
    items: List[Item] = []

SCHEMA = Schema(
    tables=[
        Table("orders", Order, columns={"class": "object", "grid": "int8"}, keys=("order_id",)),
        Table("items", Item, columns={"the price": "float32"}, key="order_id", main_key="order_id"),
    ],
    name="orders",
    notebook="orders.ipynb",
    answer=Answer("numbers", names=("a", "b")),
    guards=[Guard("class", "in", ("x", "y"), text="t", where="cell 1"), Guard("grid", "not null", text="", where="")],
    answer_outside_domain=True,
)
"""


def imported(text: str, monkeypatch: pytest.MonkeyPatch) -> runtime.Schema:
    """The schema as its service has it: the text is run."""
    package, inner = types.ModuleType("golden_project"), types.ModuleType("golden_project._nb2svc")
    package.__path__, inner.__path__ = [], []  # type: ignore[attr-defined]
    for name, module in {package.__name__: package, inner.__name__: inner, f"{inner.__name__}.schema": runtime}.items():
        monkeypatch.setitem(sys.modules, name, module)
    spec = importlib.util.spec_from_loader("golden_project.schema", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "golden_project.schema", module)
    exec(compile(text, "schema.py", "exec"), module.__dict__)
    return module.SCHEMA


@pytest.mark.parametrize(
    "text", [*(path.read_text() for path in GOLDEN), ODD], ids=[*(path.parent.name for path in GOLDEN), "odd"]
)
def test_the_text_says_what_the_service_has(text, monkeypatch) -> None:
    form, schema = read_schema(text), imported(text, monkeypatch)
    expected = {}
    for table, prefix in [(schema.main, ""), *((table, f"{name}[].") for name, table in schema.children.items())]:
        for field in table.fields:
            expected[f"{prefix}{field.name}"] = (field.kind, field.seen.values, field.seen.low, field.seen.high, field.seen.shape)
            if field.kind != "table":
                assert form.field(f"{prefix}{field.name}").nullable == field.nullable  # type: ignore[union-attr]
    assert {field.path: (field.kind, field.values, field.low, field.high, field.shape) for field in form.fields} == expected
    assert form.keys == schema.main.keys
    assert (form.answer, form.outputs, form.classes) == (schema.answer.kind, schema.answer.names, schema.answer.classes)
    assert form.answer_outside_domain == schema.answer_outside_domain
    assert [(each.column, each.operator, each.value) for each in form.guards] == [
        (each.column, each.operator, each.value) for each in schema.guards
    ]


def test_a_fields_type_is_its_columns() -> None:
    form = read_schema(ODD)
    assert [(field.path, field.dtype) for field in form.fields] == [
        ("class", "object"),
        ("grid", "int8"),
        ("items", ""),
        ("items[].the price", "float32"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def (", "it is no Python"),
        ("x = 1", "it has no SCHEMA"),
        ("", "it has no SCHEMA"),
        (ODD.replace("low=0", "low=LOWEST"), "line 10: LOWEST is no value that stands there"),
        (ODD.replace("SCHEMA = Schema(", "SCHEMA = Schema(*TABLES, "), "the call's arguments do not stand there"),
        (ODD.replace('Table("orders", Order', 'Table("orders", Other'), "row class is not in the module"),
        (ODD.replace("note: Any", "note: Literal[1]"), "the type is not one that a build writes"),
        (ODD.replace("    answer=Answer", "    answers=Answer"), "the call has no answer"),
        (ODD.replace('Table("items"', 'Table("things"'), "there is no table items"),
    ],
)
def test_what_can_only_be_known_by_running_it_is_said(text, said) -> None:
    with pytest.raises(Unreadable, match=said.replace("(", r"\(")):
        read_schema(text)


def test_limits_of_the_runtime() -> None:
    assert read_limits("MAX_ROWS = 1_000\nOTHER = 2\n", {"MAX_ROWS": "rows"}) == (("rows", 1000),)
    assert read_limits("MAX_ROWS = 10 * 100", {"MAX_ROWS": "rows"}) == ()
    assert read_limits("(", {"MAX_ROWS": "rows"}) == ()


def test_the_limits_that_are_looked_for_are_in_the_runtime() -> None:
    from nb2svc.compare.reading.project import _LIMITS

    home = Path(runtime.__file__).parent
    for name, constants in _LIMITS.items():
        assert len(read_limits((home / name).read_text(), constants)) == len(constants), name
