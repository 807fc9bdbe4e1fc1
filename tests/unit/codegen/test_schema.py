"""schema.py: readable, importable under Python 3.9 syntax, and true to the plan; its example lies inside the domain."""

import ast
import dataclasses
import sys
import types
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from loans_project.data import read_data, write_data
from loans_project.plan import loans_plan

import nb2svc_runtime.schema
from nb2svc.codegen.example import example_rows
from nb2svc.codegen.schema import attribute_name, literal, row_name, schema_module
from nb2svc.ir.observation import Column, Condition, Table
from nb2svc.ir.plan import Guard
from nb2svc_runtime.validate import check_rows


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_data(folder)
    return loans_plan(read_data(folder))


def executed(text):
    """The module's namespace, with the runtime where a project has it."""
    ast.parse(text, feature_version=(3, 9))
    package = types.ModuleType("toy")
    package.__path__ = []
    runtime = types.ModuleType("toy._nb2svc")
    runtime.__path__ = []
    module = types.ModuleType("toy.schema")
    module.__package__ = "toy"
    names = {"toy": package, "toy._nb2svc": runtime, "toy._nb2svc.schema": nb2svc_runtime.schema, "toy.schema": module}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setitem(sys.modules, name, value)
        exec(compile(text, "schema.py", "exec"), vars(module))
        module.SCHEMA.main  # noqa: B018
    return module


def frame(*columns, **changes):
    return Table(**{"name": "df", "role": "main", "kind": "frame", "rows": 10, "columns": columns, **changes})


def column(name="x", kind="float", dtype="float64", **changes):
    return Column(**{"name": name, "kind": kind, "dtype": dtype, "nullable": False, **changes})


def with_tables(plan, *tables, guards=()):
    return dataclasses.replace(plan, tables=tables, guards=guards)


def test_the_loans_schema_reads_as_documented(plan):
    text = schema_module(plan)
    assert "    age: int = seen(low=18, high=79)  # loans.ipynb, cell 3: age >= 18 (adults only)\n" in text
    assert "    income: Optional[float] = seen(low=" in text
    assert '    region: str = seen("east", "north", "south")\n' in text
    assert "    transactions: List[Transaction] = []\n" in text
    assert '    when: datetime = seen(low="2025-01-01", high="' in text
    assert "applicant_id:" not in text
    assert all(len(line) <= 130 for line in text.splitlines())
    assert schema_module(plan) == text


def test_the_module_says_what_the_plan_says(plan):
    schema = executed(schema_module(plan)).SCHEMA
    assert [field.name for field in schema.main.fields] == ["age", "income", "region", "transactions"]
    assert list(schema.main.columns) == ["applicant_id", "age", "income", "region", "defaulted"]
    assert schema.main.fixed == {"defaulted": 0}
    assert (schema.children["transactions"].key, schema.main.keys) == ("applicant_id", ("applicant_id",))
    assert [(guard.column, guard.operator, guard.value) for guard in schema.guards] == [("age", ">=", 18)]


def test_the_example_lies_inside_the_domain(plan):
    schema = executed(schema_module(plan)).SCHEMA
    assert schema.example == example_rows(plan)
    assert [row.status for row in check_rows(schema, example_rows(plan))] == ["ok", "ok"]


@pytest.mark.parametrize(
    "bad",
    [
        column("home town", "string", "object", values=("a", "b")),
        column("class", "string", "object", values=('quo"te', "back\\slash", "new\nline", "\ud800")),
        column("datetime", "datetime", "datetime64[ns]", low="2020-01-01T00:00:00", high="2021-01-01T12:00:00.5"),
        column("int", "integer", "int64", low=1, high=1),
        column("seen", "boolean", "bool"),
        column("__x", "float", low=-0.1, high=0.3),
        column("1st", "other", "object", nullable=True),
        column("größe", "string", "object", nullable=True),
        column("", "float"),
        column("limit", "float", low=float("-inf"), high=float("inf"), nullable=True),
        column("kind", "string", "category", values=("lo", "hi")),
        column("big", "integer", "int64", low=2**62, high=2**63 - 1),
        column("zone", "datetime", "datetime64[ns, UTC]", low="2020-01-01T00:00:00+00:00", high="2020-03-01T00:00:00+00:00"),
    ],
    ids=lambda each: each.name or "empty",
)
def test_strange_columns_keep_their_names_and_types(plan, bad):
    good = column("when", "datetime", "datetime64[ns]", low="2020-01-01", high="2021-01-01")
    changed = with_tables(plan, frame(bad, good))
    schema = executed(schema_module(changed)).SCHEMA
    assert [field.name for field in schema.main.fields] == [bad.name, "when"]
    assert [field.kind for field in schema.main.fields][1] == "datetime"
    assert [row.status for row in check_rows(schema, example_rows(changed))] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("table", "field"),
    [
        (
            frame(column("pixels"), name="pixels", kind="array", shape=(2, 3), dtype="float64"),
            "pixels: List[List[float]] = seen(shape=(2, 3))",
        ),
        (frame(column("text", "string", "object"), name="texts", kind="list"), "texts: str = seen()"),
        (
            frame(column("body", "string", "object", nullable=True), name="bodies", kind="series"),
            "bodies: Optional[str] = seen()",
        ),
    ],
    ids=["array", "list", "series"],
)
def test_what_is_no_frame_is_one_field_named_after_the_variable(plan, table, field):
    changed = with_tables(plan, table)
    text = schema_module(changed)
    assert field in text
    assert [row.status for row in check_rows(executed(text).SCHEMA, example_rows(changed))] == ["ok", "ok"]


@pytest.mark.parametrize(
    "condition",
    [
        Condition(column="x", operator="==", value=3),
        Condition(column="x", operator="in", value=(5, 7)),
        Condition(column="x", operator="not null"),
    ],
)
def test_the_example_keeps_to_the_guards(plan, condition):
    guard = Guard(condition=condition, cell=1, line=1, text="as the author says")
    changed = with_tables(plan, frame(column("x", "integer", "int64", low=0, high=9)), guards=(guard,))
    schema = executed(schema_module(changed)).SCHEMA
    assert [row.status for row in check_rows(schema, example_rows(changed))] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("table", "name"),
    [("applicants", "Applicant"), ("entries", "Entry"), ("df", "DfRow"), ("loan_status", "LoanStatusRow"), ("_", "RowRow")],
)
def test_class_names(table, name):
    assert row_name(table) == name


def test_two_columns_never_share_an_attribute():
    taken = set()
    assert [attribute_name(name, taken) for name in ("a b", "a_b", "a-b")] == ["a_b", "a_b_2", "a_b_3"]


@pytest.mark.parametrize("value", [None, True, -3, 1.5, "a'b\"c", "\n", "é", ("a",), (), (1, "b"), "\ud800", "\x7f\u2028"])
def test_literals_evaluate_to_the_value(value):
    assert ast.literal_eval(literal(value)) == value


def test_the_author_may_let_referred_rows_be_answered(plan):
    assert not executed(schema_module(plan)).SCHEMA.answer_outside_domain
    assert executed(schema_module(dataclasses.replace(plan, answer_outside_domain=True))).SCHEMA.answer_outside_domain
