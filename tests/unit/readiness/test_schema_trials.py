"""DAT-02: rows and tables made wrong in eight ways, through a real predictor and the real `SCHEMA.require`."""

import importlib
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from nb2svc.ir.observation import Column, Table
from nb2svc.readiness.checks.enforced_schema import judge_schema
from nb2svc.readiness.evidence.schema import observe_schema
from nb2svc.readiness.harness import raw_schema
from nb2svc.readiness.mutants.raw_rows import removable_rules, row_mutants
from nb2svc_runtime import State
from nb2svc_runtime.predictor import Predictor
from nb2svc_runtime.schema import Answer, Row, Schema, SchemaError, seen
from nb2svc_runtime.schema import Table as RawTable
from unit.readiness.worlds import TRIED, refused, said_of_rows

CHILD = Table(
    name="payments",
    role="child",
    kind="frame",
    rows=9,
    key="loan",
    columns=(Column(name="amount", dtype="float64", kind="float", nullable=True, low=1.0, high=90.0),),
)
COLUMNS = (
    Column(name="age", dtype="int64", kind="integer", nullable=False, low=18, high=65),
    Column(name="since", dtype="datetime64[ns]", kind="datetime", nullable=False, low="2020-02-29", high="2024-12-31"),
    Column(name="region", dtype="object", kind="string", nullable=True, values=("east", "north")),
    Column(name="loan", dtype="int64", kind="integer", nullable=False, use="key"),
)
MAIN = Table(name="loans", role="main", kind="frame", rows=9, columns=COLUMNS)
BASE = {"age": 31, "since": "2022-05-04", "region": "north", "payments": [{"amount": 12.5}]}


def told(kind: str) -> list[tuple[str, object, str]]:
    mutants = row_mutants(BASE, (MAIN, CHILD), guarded=())
    found = []
    for each in mutants:
        row = each.row["payments"][0] if each.table == "payments" else each.row
        if each.kind == kind:
            found.append((f"{each.table}.{each.column}", row.get(each.column, "left out"), each.status))
    return found


def test_each_kind_of_mutation_of_each_column_says_what_it_has_to_become() -> None:
    assert told("type") == [
        ("loans.age", "a text", "invalid"),
        ("loans.since", "a text", "invalid"),
        ("loans.region", 12, "invalid"),
        ("payments.amount", "a text", "invalid"),
    ]
    assert told("range") == [
        ("loans.age", -1, "refer"),
        ("loans.age", 131, "refer"),
        ("loans.since", "2010-02-28", "refer"),
        ("loans.since", "2034-12-31", "refer"),
        ("payments.amount", -1.0, "refer"),
        ("payments.amount", 181.0, "refer"),
    ]
    assert told("category") == [("loans.region", "nb2svc never saw this", "refer")]
    assert ("loans.region", None, "ok") in told("null")
    assert ("loans.age", None, "refer") in told("null")
    assert ("loans.age", "left out", "invalid") in told("missing")
    assert told("unit") == [("loans.age", 31000, "refer"), ("payments.amount", 12500.0, "refer")]
    assert len(told("not a number")) == 4
    assert [name for name, _, _ in told("extra")] == ["loans.nb2svc_extra", "payments.nb2svc_extra"]


def test_a_row_is_changed_in_one_field_only_and_the_base_not_at_all() -> None:
    before = repr(BASE)
    for mutant in row_mutants(BASE, (MAIN, CHILD), guarded=()):
        differing = [name for name in {*BASE, *mutant.row} if mutant.row.get(name, "gone") != BASE.get(name, "gone")]
        assert len(differing) == 1
    assert repr(BASE) == before


def test_a_column_that_a_filter_reads_is_left_to_the_filter_where_it_may_be_missing() -> None:
    guarded = row_mutants(BASE, (MAIN,), guarded={"region"})
    assert not [each for each in guarded if each.column == "region" and each.kind in ("null", "missing")]


def test_an_element_of_an_array_is_made_wrong() -> None:
    element = Column(name="pixels", dtype="float64", kind="float", nullable=False, low=0.0, high=16.0)
    array = Table(name="pixels", role="main", kind="array", rows=9, shape=(2, 2), dtype="float64", columns=(element,))
    mutants = row_mutants({"pixels": [[1.0, 2.0], [3.0, 4.0]]}, (array,), guarded=())
    assert [each.row["pixels"] for each in mutants if each.kind == "range"][1] == [[33.0, 2.0], [3.0, 4.0]]
    assert [each.row["pixels"] for each in mutants if each.kind == "type"] == ["a text"]


class Plain(Row):
    age: int = seen(low=18, high=65)
    region: str = seen("east", "north")


@pytest.fixture
def predictor() -> Predictor:
    table = RawTable("loans", Plain, columns={"age": "int64", "region": "object"})
    return Predictor(
        package="loans",
        schema=Schema([table], name="loans", notebook="loans.ipynb", answer=Answer("number")),
        function=lambda loans, model, state: (loans["age"] * 2).tolist(),
        model=None,
        state=State(),
        lookups={},
    )


COMPLETE = (COLUMNS[0], replace(COLUMNS[2], nullable=False))
LOANS = Table(name="loans", role="main", kind="frame", rows=9, columns=COMPLETE)
ROW = {"age": 31, "region": "north"}


def test_a_real_predictor_handles_every_mutation_and_each_missing_rule_is_noticed(predictor: Predictor) -> None:
    mutants = row_mutants(ROW, (LOANS,), guarded=())
    rows = [raw_schema._numbers(each.row) for each in mutants]

    def wrong() -> set[str]:
        said = raw_schema._asked(predictor, rows)
        return {
            each.kind
            for each, result in zip(mutants, said, strict=True)
            if result["status"] != each.status or (each.codes and not {code for _, code in result["issues"]} & set(each.codes))
        }

    assert wrong() == set()
    for table, field, rule in removable_rules((LOANS,), mutants):
        with raw_schema._without(predictor.schema, {"table": table, "field": field, "rule": rule}):
            assert rule in wrong(), rule
    assert wrong() == set(), "the rules are back"


def test_what_learned_categories_see_goes_with_the_rule_and_comes_back() -> None:
    module = SimpleNamespace(unseen=lambda state: [state])
    with raw_schema._no_second_look(module, {"rule": "category"}):
        assert module.unseen("region") == []
    with raw_schema._no_second_look(module, {"rule": "range"}):
        assert module.unseen("region") == ["region"]
    assert module.unseen("region") == ["region"]


def schema() -> Schema:
    table = RawTable("loans", Plain, columns={"age": "int64", "region": "object"})
    return Schema([table], name="loans", notebook="loans.ipynb", answer=Answer("number"))


def test_training_tables_are_taken_as_they_were_and_with_other_ranges_and_categories() -> None:
    schema().require(loans=pd.DataFrame({"age": [1, 200], "region": ["west", None], "new": [1, 2]}))
    schema().require(loans=pd.DataFrame({"age": [1.0, None], "region": pd.Categorical(["west", "east"])}))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"age": [1]}), "loans has no column region"),
        (pd.DataFrame({"age": ["old"], "region": ["east"]}), "loans.age holds texts, not numbers"),
        (pd.DataFrame({"age": [1], "region": [1.5]}), "loans.region holds numbers, not texts"),
        (pd.DataFrame({"age": [True], "region": ["east"]}), "loans.age holds truth values, not numbers"),
        ([1, 2], "loans is a list, not a table"),
    ],
)
def test_training_stops_at_a_table_that_is_another(table: object, said: str) -> None:
    with pytest.raises(SchemaError, match=said) as raised:
        schema().require(loans=table)
    assert "loans.ipynb" in str(raised.value)
    assert "Mend the data" in str(raised.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SchemaError, match="no column age; loans has no column region"):
        schema().require(loans=pd.DataFrame({"x": [1]}))


def training_of(monkeypatch: pytest.MonkeyPatch, train) -> dict:
    import nb2svc_runtime.schema
    import nb2svc_runtime.state

    parts = {
        "_nb2svc.schema": nb2svc_runtime.schema,
        "_nb2svc.state": nb2svc_runtime.state,
        "training": SimpleNamespace(train=train),
    }
    real = importlib.import_module
    ours = lambda name, package=None: parts[name[6:]] if name.startswith("loans.") else real(name, package)  # noqa: E731
    monkeypatch.setattr(importlib, "import_module", ours)
    return raw_schema._trained({"package": "loans", "tables": ["loans"], "data": "."})


def test_training_is_stopped_where_it_checks_and_says_so_of_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(state: State) -> None:
        schema().require(loans=pd.DataFrame({"age": [1, 2], "region": ["east", "north"]}))
        raise AssertionError("the fit ran")

    answer = training_of(monkeypatch, train)
    assert [(each["column"], each["kind"], each["caught"]) for each in answer["training"]] == [
        ("age", "missing", True),
        ("age", "type", True),
        ("region", "missing", True),
        ("region", "type", True),
    ]
    assert [each["caught"] for each in answer["forgotten"]] == [False, False]
    assert (answer["unasked"], answer["training_problem"]) == ([], "")


def test_a_training_that_never_checks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = training_of(monkeypatch, lambda state: None)
    assert answer["unasked"] == ["loans"]


def judged(world, **changes: object):
    return judge_schema(observe_schema(world.but(trials=lambda: {"schema": {**TRIED["schema"], **changes}})))


def test_all_as_declared_is_a_pass_with_its_figures(world) -> None:
    outcome = judged(world)
    assert outcome.status == "pass"
    assert outcome.sentence == (
        "13 rows made wrong in 8 ways over 3 fields handled as declared; training stopped at 2 of 2 wrong tables."
    )


def test_one_row_that_is_answered_in_spite_of_it_all_fails(world) -> None:
    said = said_of_rows()
    said[1] = {"status": "ok", "issues": []}
    outcome = judged(world, results=said)
    assert outcome.status == "fail"
    assert "1 row of 13 made wrong on purpose not handled as declared: loans.age (type)" in outcome.sentence
    assert outcome.next_action.startswith("Look at loans.age in schema.py: type must be invalid")


def test_a_training_that_goes_on_fails(world) -> None:
    outcome = judged(world, training=refused(caught=False))
    assert outcome.status == "fail"
    assert "Training goes on" in outcome.sentence


def test_a_training_that_could_not_be_tried_is_no_pass(world) -> None:
    assert judged(world, training=[], training_problem="URLError: no network").status == "warn"
    assert "no network" in judged(world, training=[], training_problem="URLError: no network").sentence
    assert "does not check loans" in judged(world, unasked=["loans"]).sentence


def test_an_example_that_is_referred_starts_nothing(world) -> None:
    said = [{"status": "refer", "issues": []}, *said_of_rows()[1:]]
    assert judged(world, results=said).status == "not_evaluated"
