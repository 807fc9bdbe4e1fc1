"""The predictor answers as the notebook did, however the rows come."""

import pandas as pd
import pytest

from nb2svc_runtime import schema as schemas
from nb2svc_runtime.predictor import Predictor
from nb2svc_runtime.schema import Answer, Row, Schema, Table, seen
from nb2svc_runtime.state import State


def request_rows(loans, ordinals):
    applicants, transactions = loans.tables["applicants"], loans.tables["transactions"]
    rows = []
    for row in applicants.iloc[list(ordinals)].itertuples():
        own = transactions[transactions["applicant_id"] == row.applicant_id]
        rows.append(
            {
                "age": int(row.age),
                "income": None if pd.isna(row.income) else float(row.income),
                "region": row.region,
                "transactions": [{"when": each.when.isoformat(), "amount": float(each.amount)} for each in own.itertuples()],
            }
        )
    return rows


def test_all_rows_at_once_give_the_notebooks_answers(loans, predictor):
    results = predictor.predict(request_rows(loans, loans.predict_rows))
    assert [result["prediction"] for result in results] == loans.output
    assert {result["status"] for result in results} == {"ok"}


def test_a_row_alone_reversed_or_three_times_gives_the_same(loans, predictor):
    rows, expected = request_rows(loans, loans.predict_rows[:8]), loans.output[:8]
    assert [predictor.predict([row])[0]["prediction"] for row in rows] == expected
    assert [result["prediction"] for result in predictor.predict(rows[::-1])] == expected[::-1]
    assert [result["prediction"] for result in predictor.predict(rows[:1] * 3)] == expected[:1] * 3


def test_rows_the_filter_dropped_are_referred(loans, predictor):
    young = [place for place, age in enumerate(loans.tables["applicants"]["age"]) if age < 18]
    assert young
    assert {result["status"] for result in predictor.predict(request_rows(loans, young))} == {"refer"}


def test_frames_have_the_schemas_columns_and_dtypes_also_when_empty(loans, predictor):
    raw = loans.tables
    for rows in ([], [{"age": 40, "income": None, "region": "north"}], request_rows(loans, [0, 1, 2])):
        frames = predictor.frames(rows)
        for name in ("applicants", "transactions"):
            assert frames[name].dtypes.to_dict() == raw[name].dtypes.to_dict()
            assert frames[name].columns.tolist() == raw[name].columns.tolist()
    assert frames["applicants"]["applicant_id"].tolist() == [0, 1, 2]
    assert set(frames["transactions"]["applicant_id"]) <= {0, 1, 2}


class Item(Row):
    code: str = seen()
    x: float = seen(low=0.0, high=100.0)


class Doubler:
    """A model that can be watched."""

    classes_ = ("no", "yes")

    def predict(self, table):
        return ["yes" if value > 5 else "no" for value in table["x"]]

    def predict_proba(self, table):
        import numpy as np

        return np.array([[1 - value / 100, value / 100] for value in table["x"]])


def toy(function, *, model=None, answer=None, outside=False, lookups=None):
    table = Table("items", Item, columns={"code": "object", "x": "float64"})
    schema = Schema([table], name="toy", notebook="toy.ipynb", answer=answer or Answer("number"), answer_outside_domain=outside)
    return Predictor(package="toy", schema=schema, function=function, model=model, state=State(), lookups=lookups or {})


def row(code="a", x=1.0):
    return {"code": code, "x": x}


def statuses(results):
    return [(result["status"], result["prediction"], [issue["code"] for issue in result["issues"]]) for result in results]


def test_rows_lost_by_an_inner_merge_shift_no_other_row():
    def answer(items, rates, model, state):
        return items.merge(rates, on="code")["rate"]

    rates = pd.DataFrame({"code": ["a", "b"], "rate": [1, 2]})
    results = toy(answer, lookups={"rates": rates}).predict([row("a"), row("zz"), row("b")])
    assert statuses(results) == [("ok", 1, []), ("refer", None, ["no_match"]), ("ok", 2, [])]


RATES = pd.DataFrame({"code": ["a", "b", "twice", "twice", "c"], "rate": [1, 2, 8, 9, 3]})
JOINS = {
    "method": lambda items, rates: items.merge(rates, on="code"),
    "function": lambda items, rates: pd.merge(items, rates, how="inner"),
    "named": lambda items, rates: pd.merge(right=rates, left=items, left_on="code", right_on="code"),
    "join": lambda items, rates: items.join(rates.set_index("code"), on="code", how="inner"),
    "lookup first": lambda items, rates: rates.merge(items, on="code").sort_values("x"),
    "two": lambda items, rates: items.merge(rates[["code"]], on="code").merge(
        rates.drop_duplicates("code"), on="code", how="left"
    ),
    "left, then dropna": lambda items, rates: items.merge(rates, on="code", how="left").dropna(subset=["rate"]),
    "lost, then left": lambda items, rates: items[items["code"] != "zz"].merge(rates, on="code", how="left"),
}


@pytest.mark.parametrize("join", JOINS)
@pytest.mark.parametrize(
    "codes", [("a", "zz", "twice", "b"), ("twice", "zz"), ("c", "b", "a", "zz", "twice"), ("twice", "a", "c")]
)
def test_a_row_lost_and_another_repeated_shift_no_other_row(join, codes):
    def answer(items, rates, model, state):
        return JOINS[join](items, rates)["rate"]

    rates = RATES.iloc[2:4] if codes == ("twice", "zz") else RATES  # each of the lookup's rows is found once
    results = toy(answer, lookups={"rates": rates}).predict([row(code, place) for place, code in enumerate(codes)])
    expected = {
        "a": ("ok", 1, []),
        "b": ("ok", 2, []),
        "c": ("ok", 3, []),
        "zz": ("refer", None, ["no_match"]),
        "twice": ("invalid", None, ["not_computable"]),
    }
    assert statuses(results) == [expected[code] for code in codes]
    said = [issue["message"] for result in results for issue in result["issues"] if issue["code"] == "not_computable"]
    assert said == ["the row gave several answers: what the notebook joins it with has it several times"]


def test_joins_that_keep_each_row_are_computed_once():
    calls = []

    def answer(items, rates, model, state):
        calls.append(len(items))
        return items.merge(rates, on="code", how="left")["rate"]

    rows = [row(code) for code in "abcabcab"]
    assert [result["prediction"] for result in toy(answer, lookups={"rates": RATES}).predict(rows)] == [1, 2, 3, 1, 2, 3, 1, 2]
    assert calls == [8]


def guarded(select, text="dear ones (cell 2)"):
    """A model of one column, with a selection on a column that it makes."""

    def answer(items, model, state):
        items = items.assign(double=items["x"] * 2)
        items = state.guard(lambda: select(items), items, text)
        return items["double"]

    return answer


SELECTIONS = {
    "mask": lambda items: items[items["double"] < 10],
    "function": lambda items: pd.concat([part for _, part in items[items["double"] < 10].groupby("code")]),
    "labels are new": lambda items: items[items["double"] < 10].reset_index(drop=True),
    "array": lambda items: items["x"].to_numpy()[items["double"] < 10],
    "columns": lambda items: items.loc[items["double"] < 10, ["x"]],
}


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
def test_a_selection_marks_the_rows_that_it_drops_and_shifts_none(select):
    results = toy(guarded(select)).predict([row("b", 1.0), row("a", 9.0), row("a", 2.0), row("b", 5.0)])
    assert statuses(results) == [
        ("ok", 2.0, []),
        ("refer", None, ["outside_domain"]),
        ("ok", 4.0, []),
        ("refer", None, ["outside_domain"]),
    ]
    assert results[1]["issues"][0]["message"] == "outside what training saw: dear ones (cell 2)"
    assert toy(guarded(select)).predict([row("a", 9.0)])[0]["status"] == "refer"
    assert toy(guarded(select)).predict([row("a", 2.0)])[0]["status"] == "ok"


def test_a_row_that_a_selection_raises_for_is_outside_and_the_others_are_not():
    def select(items):
        return items[[{"a": 1, "b": 2}[code] < 2 for code in items["code"]]]

    results = toy(guarded(select)).predict([row("a"), row("never seen"), row("b")])
    assert statuses(results) == [("ok", 2.0, []), ("refer", None, ["outside_domain"]), ("refer", None, ["outside_domain"])]


def test_rows_in_another_order_at_the_selection_are_marked_by_their_label():
    def answer(items, model, state):
        items = items.sort_values("x")
        items = state.guard(lambda: items[items["x"] < 5], items, "dear (cell 2)")
        return items.sort_index()["x"]

    results = toy(answer).predict([row(x=9.0), row(x=1.0)])
    assert statuses(results) == [("refer", None, ["outside_domain"]), ("ok", 1.0, [])]


def test_what_a_selection_says_and_what_a_join_loses_stay_apart():
    def answer(items, rates, model, state):
        items = state.guard(lambda: items[items["x"] < 5], items, "dear (cell 2)")
        return items.merge(rates, on="code")["rate"]

    rates = pd.DataFrame({"code": ["a", "b"], "rate": [1, 2]})
    results = toy(answer, lookups={"rates": rates}).predict([row("a", 9.0), row("zz"), row("b")])
    assert statuses(results) == [("refer", None, ["outside_domain"]), ("refer", None, ["no_match"]), ("ok", 2, [])]


def test_outside_a_selection_is_answered_where_the_author_allows_it():
    results = toy(guarded(SELECTIONS["mask"]), outside=True).predict([row(x=9.0)])
    assert statuses(results) == [("refer", 18.0, ["outside_domain"])]


def test_a_row_that_raises_fails_alone_and_without_its_values(caplog):
    def answer(items, model, state):
        if (items["code"] == "boom").any():
            raise ValueError(f"cannot use {items['code'].tolist()}")
        return items["x"]

    results = toy(answer).predict([row(), row("boom"), row(x=3.0)])
    assert statuses(results) == [("ok", 1.0, []), ("invalid", None, ["not_computable"]), ("ok", 3.0, [])]
    assert "boom" not in str(results[1])
    assert "boom" not in caplog.text
    assert "ValueError" in caplog.text


@pytest.mark.parametrize("nothing", [float("nan"), None, float("inf"), pd.NA, pd.NaT])
def test_no_value_is_referred(nothing):
    results = toy(lambda items, model, state: [nothing] * len(items)).predict([row()])
    assert statuses(results) == [("refer", None, ["no_answer"])]


def test_outside_the_domain_is_answered_only_where_the_author_allows_it():
    def answer(items, model, state):
        return items["x"]

    assert statuses(toy(answer).predict([row(x=500.0)])) == [("refer", None, ["above_training_domain"])]
    assert statuses(toy(answer, outside=True).predict([row(x=500.0)])) == [("refer", 500.0, ["above_training_domain"])]


def test_probabilities_come_with_the_estimators_own_label_only():
    label = toy(lambda items, model, state: model.predict(items), model=Doubler(), answer=Answer("label"))
    assert label.predict([row(x=25.0)])[0]["probability"] == {"no": 0.75, "yes": 0.25}
    renamed = toy(
        lambda items, model, state: [each.upper() for each in model.predict(items)], model=Doubler(), answer=Answer("label")
    )
    assert "probability" not in renamed.predict([row(x=25.0)])[0]


def test_the_watched_model_is_still_of_its_class():
    seen_types = []

    def answer(items, model, state):
        seen_types.append(isinstance(model, Doubler))
        return model.predict(items)

    toy(answer, model=Doubler(), answer=Answer("label")).predict([row()])
    assert seen_types == [True]


def test_several_outputs_are_an_object_by_name_or_a_list():
    named = toy(lambda items, model, state: pd.DataFrame({"low": items["x"], "high": items["x"] * 2}), answer=Answer("numbers"))
    assert named.predict([row(x=2.0)])[0]["prediction"] == {"low": 2.0, "high": 4.0}
    plain = toy(lambda items, model, state: items[["x", "x"]].to_numpy(), answer=Answer("numbers"))
    assert plain.predict([row(x=2.0)])[0]["prediction"] == [2.0, 2.0]


def test_what_the_author_prints_is_not_shown(capsys):
    def answer(items, model, state):
        print(items)
        return items["x"]

    toy(answer).predict([row("secret")])
    assert "secret" not in "".join(capsys.readouterr())


class Image(Row):
    pixels: "list[float]" = seen(low=0.0, high=16.0, shape=(2, 2))


def test_an_array_is_one_field_of_nested_lists():
    import numpy as np

    table = Table("pixels", Image, columns={"pixels": "float64"}, kind="array")
    schema = Schema([table], name="toy", notebook="toy.ipynb", answer=Answer("number"))
    shapes = []

    def answer(pixels, model, state):
        shapes.append((type(pixels), pixels.shape, pixels.dtype))
        return pixels.sum(axis=(1, 2))

    served = Predictor(package="toy", schema=schema, function=answer, model=None, state=State(), lookups={})
    good, short, high, word = served.predict(
        [{"pixels": [[1, 2], [3, 4]]}, {"pixels": [[1, 2], [3]]}, {"pixels": [[1, 2], [3, 99]]}, {"pixels": [[1, 2], [3, "x"]]}]
    )
    assert shapes == [(np.ndarray, (1, 2, 2), np.dtype("float64"))]
    assert (good["status"], good["prediction"]) == ("ok", 10.0)
    assert [each["issues"][0]["code"] for each in (short, high, word)] == ["wrong_shape", "above_training_domain", "wrong_type"]


def test_a_list_of_text_is_one_field():
    class Text(Row):
        texts: str = seen()

    table = Table("texts", Text, columns={"texts": "object"}, kind="list")
    schema = Schema([table], name="toy", notebook="toy.ipynb", answer=Answer("number"))
    served = Predictor(
        package="toy",
        schema=schema,
        function=lambda texts, model, state: [len(text) for text in texts],
        model=None,
        state=State(),
        lookups={},
    )
    assert [each["prediction"] for each in served.predict([{"texts": "abc"}, "hello"])] == [3, 5]
    assert schemas.fields_of(Text)[0].kind == "string"


def test_what_the_authors_code_raises_is_logged_once_a_request_and_without_values(caplog):
    def answer(items, model, state):
        return items["code"].map(lambda code: 1 / len(code.replace("Zaphod", "")))

    rows = [row("Zaphod"), row("a"), row("Zaphod"), row("Zaphod")]
    results = toy(answer).predict(rows, request_id="r-77")
    assert [result["status"] for result in results] == ["invalid", "ok", "invalid", "invalid"]
    (record,) = caplog.records
    message = record.getMessage()
    assert message.startswith("3 of 4 rows of request r-77 could not be computed: ZeroDivisionError")
    assert "Traceback (most recent call last):" in message
    assert f'File "{__file__}"' in message
    assert message.replace('code.replace("Zaphod", "")', "").count("Zaphod") == 0
