"""What a change of the schema means to a caller: each rule of the table, both ways."""

from dataclasses import replace

import pytest

from nb2svc.compare.request import FIELD_RULES, FORM_RULES, observed_changes, request_changes
from nb2svc.ir.difference import Predictions
from nb2svc.ir.snapshot import Field, GuardRule, RequestForm

AGE = Field(path="age", kind="integer", dtype="int64", low=18, high=80)
REGION = Field(path="region", kind="string", dtype="str", values=("north", "south"))
WHEN = Field(path="when", kind="datetime", dtype="datetime64[us]", low="2024-01-01", high="2025-01-01")
ROWS = Field(path="payments", kind="table", nullable=True)
AMOUNT = Field(path="payments[].amount", kind="number", dtype="float64")
FORM = RequestForm(fields=(AGE, REGION), answer="label", classes=("no", "yes"))


def form(*fields: Field, **others: object) -> RequestForm:
    return replace(FORM, **({"fields": fields} if fields else {}), **others)


def guard(operator: str, value: object = None, column: str = "age") -> GuardRule:
    return GuardRule(column=column, operator=operator, value=value)  # type: ignore[arg-type]


def levels(old: RequestForm, new: RequestForm) -> list[tuple[str, str]]:
    return [(change.rule, change.level) for change in request_changes(old, new)]


# rule, old, new, its level, and the level of the way back
CHANGES = [
    ("field added", form(AGE), form(AGE, REGION), "breaking", None),
    ("field added", form(AGE), form(AGE, replace(REGION, nullable=True)), "compatible", None),
    ("field added", form(AGE), form(AGE, ROWS, AMOUNT), "compatible", None),
    ("field added", form(AGE, ROWS), form(AGE, ROWS, AMOUNT), "breaking", None),
    ("field removed", form(AGE, REGION), form(AGE), "compatible", None),
    ("field removed", form(AGE, ROWS, AMOUNT), form(AGE), "compatible", None),
    ("kind", form(replace(AGE, kind="integer")), form(replace(AGE, kind="number")), "compatible", "breaking"),
    ("kind", form(replace(AGE, kind="string")), form(replace(AGE, kind="boolean")), "breaking", "breaking"),
    ("kind", form(replace(AGE, kind="string")), form(replace(AGE, kind="any")), "compatible", "breaking"),
    ("kind", form(WHEN), form(replace(WHEN, kind="string")), "compatible", "breaking"),
    ("kind", form(replace(ROWS, kind="any")), form(ROWS), "breaking", "breaking"),
    ("nullable", form(replace(AGE, nullable=True)), form(AGE), "breaking", "compatible"),
    ("shape", form(replace(AGE, shape=(8, 8))), form(replace(AGE, shape=(64,))), "breaking", "breaking"),
    ("shape", form(AGE), form(replace(AGE, shape=(3,))), "breaking", "breaking"),
    ("dtype", form(AGE), form(replace(AGE, dtype="int8")), "stricter", None),
    ("dtype", form(replace(AGE, high=300)), form(replace(AGE, dtype="int8", high=300)), "breaking", None),
    ("dtype", form(replace(AGE, low=None, high=None)), form(replace(AGE, low=None, high=None, dtype="uint64")), "breaking", "breaking"),
    ("dtype", form(WHEN), form(replace(WHEN, dtype="datetime64[us, UTC]")), "breaking", "breaking"),
    ("dtype", form(WHEN), form(replace(WHEN, dtype="datetime64[ns]")), "stricter", None),
    ("range", form(AGE), form(replace(AGE, low=21)), "stricter", "compatible"),
    ("range", form(AGE), form(replace(AGE, high=70)), "stricter", "compatible"),
    ("range", form(AGE), form(replace(AGE, low=21, high=90)), "stricter", "stricter"),
    ("range", form(replace(AGE, low=None, high=None)), form(AGE), "stricter", "compatible"),
    ("range", form(WHEN), form(replace(WHEN, low="2024-06-01T12:00:00")), "stricter", "compatible"),
    ("categories", form(REGION), form(replace(REGION, values=("north",))), "stricter", "compatible"),
    ("categories", form(REGION), form(replace(REGION, values=("north", "east"))), "stricter", "stricter"),
    ("categories", form(REGION), form(replace(REGION, values=())), "compatible", "stricter"),
    ("guard", form(), form(guards=(guard(">=", 18),)), "stricter", "compatible"),
    ("guard", form(guards=(guard(">=", 18),)), form(guards=(guard(">=", 21),)), "stricter", "compatible"),
    ("guard", form(guards=(guard("<", 80),)), form(guards=(guard("<", 70),)), "stricter", "compatible"),
    ("guard", form(guards=(guard("==", 1),)), form(guards=(guard("==", 2),)), "stricter", "stricter"),
    ("guard", form(guards=(guard("in", (1, 2)),)), form(guards=(guard("in", (1,)),)), "stricter", "compatible"),
    ("guard", form(guards=(guard("not in", (1,)),)), form(guards=(guard("not in", (1, 2)),)), "stricter", "compatible"),
    ("guard", form(), form(guards=(guard("not null"),)), "stricter", "compatible"),
    ("answer outside", form(answer_outside_domain=True), form(), "stricter", "compatible"),
    ("answer", form(), form(answer="number"), "breaking", "breaking"),
    ("outputs", form(outputs=("a", "b")), form(outputs=("a",)), "breaking", "compatible"),
    ("outputs", form(answer="numbers"), form(answer="numbers", outputs=("a", "b")), "breaking", "breaking"),
    ("classes", form(), form(classes=("no", "yes", "perhaps")), "breaking", "compatible"),
    ("classes", form(), form(classes=(0, 1)), "breaking", "breaking"),
    ("key", form(keys=("id_number",)), form(), "breaking", "compatible"),
    ("limit", form(limits=(("rows in a request", 1000),)), form(limits=(("rows in a request", 500),)), "breaking", "compatible"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "old", "new", "there", "back"), CHANGES)
def test_a_change_and_the_way_back(rule, old, new, there, back) -> None:
    assert levels(old, new) == [(rule, there)]
    if back is not None:
        assert levels(new, old) == [(rule, back)]


def test_each_rule_is_tried() -> None:
    assert {name for name, _ in (*FIELD_RULES, *FORM_RULES)} == {rule for rule, *_ in CHANGES}


@pytest.mark.parametrize("either", [change[1] for change in CHANGES] + [change[2] for change in CHANGES])
def test_the_same_form_has_no_change(either) -> None:
    assert request_changes(either, either) == ()


def test_a_guard_on_a_column_that_is_not_sent_does_not_matter() -> None:
    assert levels(form(), form(guards=(guard(">=", 1, column="hidden"),))) == []


def test_the_words_of_a_guard_are_not_the_guard() -> None:
    one, two = replace(guard(">=", 18), text="adults", where="cell 2"), replace(guard(">=", 18), text="grown", where="cell 3")
    assert levels(form(guards=(one,)), form(guards=(two,))) == []


def test_a_type_that_holds_more_is_no_change() -> None:
    assert levels(form(replace(AGE, dtype="int32")), form(AGE)) == []


def test_the_gravest_comes_first_and_says_what_to_do() -> None:
    new = form(replace(AGE, low=21), Field(path="tax_code", kind="string"))
    found = request_changes(FORM, new)
    assert [change.level for change in found] == ["breaking", "stricter", "compatible"]
    assert found[0].where == "tax_code"
    assert found[0].what == "new: a text, required"
    assert found[0].do == "send it in each row: rows without it are invalid"
    assert found[1].what == "training saw 18 to 80, now sees 21 to 80"
    assert found[1].do == "expect rows below 21 to be referred"


def test_a_dropped_category_is_named() -> None:
    (change,) = request_changes(form(REGION), form(replace(REGION, values=("north", "east"))))
    assert change.what == 'training no longer has "south"; it has "east" instead'
    assert change.do == 'expect rows with "south" to be referred'


@pytest.mark.parametrize(
    ("lost", "gained", "found"), [(0, 0, []), (3, 0, [("probability", "breaking")]), (0, 3, [("probability", "compatible")])]
)
def test_a_probability_that_no_longer_comes_breaks_callers(lost, gained, found) -> None:
    predictions = Predictions(status="compared", probability_lost=lost, probability_gained=gained)
    assert [(change.rule, change.level) for change in observed_changes((), predictions)] == found
