"""Two builds' answers, row by row: labels, numbers, probabilities, statuses, and the model inputs behind them."""

import json

import pytest

from nb2svc.compare.answers import compare_answers
from nb2svc.compare.spread import bins, spread
from nb2svc.ir.difference import Answers, Count, Predictions, RowAnswer


def row(prediction: object, status: str = "ok", *issues: tuple[str, str], **chances: float) -> RowAnswer:
    said = json.dumps(prediction, ensure_ascii=False)
    return RowAnswer(status=status, prediction=said, probability=tuple(chances.items()), issues=issues)


def answers(*rows: RowAnswer, columns: tuple[str, ...] = (), inputs: tuple = ()) -> Answers:
    return Answers(rows=rows, columns=columns, inputs=inputs)


def compared(old: Answers, new: Answers, **others: object) -> Predictions:
    ordinals = [10 * place for place in range(len(old.rows))]
    return compare_answers(old, new, ordinals, capture="c", total=100, **others)  # type: ignore[arg-type]


REFERRED = row(None, "refer", ("age", "below_training_domain"))


def test_equal_answers() -> None:
    both = answers(row("no", no=0.9, yes=0.1), row("yes", no=0.2, yes=0.8), REFERRED)
    found = compared(both, both)
    assert (found.status, found.rows, found.total, found.same, found.changed) == ("compared", 3, 100, 3, 0)
    assert (found.statuses, found.labels, found.reasons, found.largest) == ((), (), (), ())
    assert [(each.name, each.compared, each.changed) for each in found.probabilities] == [("yes", 2, 0)]


def test_labels_as_old_to_new_and_the_furthest_first() -> None:
    old = answers(row("no", no=0.9, yes=0.1), row("no", no=0.6, yes=0.4), row("yes", no=0.2, yes=0.8))
    new = answers(row("no", no=0.9, yes=0.1), row("yes", no=0.4, yes=0.6), row("no", no=0.7, yes=0.3))
    found = compared(old, new)
    assert found.labels == (Count(name='"no" → "yes"', rows=1), Count(name='"yes" → "no"', rows=1))
    assert [(each.row, each.old, each.new) for each in found.largest] == [
        (20, '"yes" 0.800', '"no" 0.700'),
        (10, '"no" 0.600', '"yes" 0.600'),
    ]
    assert found.numbers == ()


def test_integer_classes_are_labels() -> None:
    found = compared(answers(row(0), row(1), REFERRED), answers(row(1), row(1), REFERRED))
    assert found.labels == (Count(name="0 → 1", rows=1),)
    assert found.numbers == ()


def test_numbers_by_their_differences() -> None:
    found = compared(answers(row(10.0), row(20.0), row(30.0)), answers(row(10.0), row(22.0), row(24.0)))
    (spread,) = found.numbers
    assert (spread.compared, spread.changed, spread.largest) == (3, 2, -6.0)
    assert (spread.old_mean, spread.new_mean) == (20.0, pytest.approx(18.6667, abs=1e-4))
    assert sum(each.rows for each in spread.bins) == 2
    assert [each.row for each in found.largest] == [20, 10]


def test_tolerance_says_what_is_the_same() -> None:
    old, new = answers(row(100.0)), answers(row(100.001))
    assert compared(old, new).changed == 1
    assert compared(old, new, tolerance=1e-4).changed == 0
    assert compared(answers(row(1.0)), answers(row(1.0 + 1e-12))).changed == 0


def test_a_chance_that_moved_is_a_change_though_the_label_is_the_same() -> None:
    found = compared(answers(row("no", no=0.9, yes=0.1)), answers(row("no", no=0.8, yes=0.2)))
    assert (found.changed, found.labels) == (1, ())
    assert found.probabilities[0].largest == pytest.approx(0.1)


def test_several_outputs_each_by_name() -> None:
    old = answers(row({"price": 10.0, "kind": "a"}), row({"price": 5.0, "kind": "b"}))
    new = answers(row({"price": 11.0, "kind": "a"}), row({"price": 5.0, "kind": "c"}))
    found = compared(old, new)
    assert [(each.name, each.changed) for each in found.numbers] == [("price", 1)]
    assert found.labels == (Count(name='kind: "b" → "c"', rows=1),)
    assert found.changed == 2


def test_other_statuses_with_their_reasons() -> None:
    invalid = row(None, "invalid", ("tax_code", "missing_field"))
    found = compared(answers(row("no"), row("no"), REFERRED), answers(invalid, REFERRED, row("no")))
    assert {each.name: each.rows for each in found.statuses} == {"ok → invalid": 1, "ok → refer": 1, "refer → ok": 1}
    assert {each.name: each.rows for each in found.reasons} == {
        "now missing_field tax_code": 1,
        "now below_training_domain age": 1,
        "no longer below_training_domain age": 1,
    }
    assert found.largest == ()


def test_child_rows_are_counted_once_a_row() -> None:
    issues = (("payments[0].amount", "missing_field"), ("payments[7].amount", "missing_field"))
    found = compared(answers(row("no")), answers(row(None, "invalid", *issues)))
    assert found.reasons == (Count(name="now missing_field payments[].amount", rows=1),)


def test_inputs_that_differ_without_their_values() -> None:
    columns = ("age", "income")
    old = answers(row(1.5), row(2.5), REFERRED, columns=columns, inputs=((30, 100.0), (40, 200.0), ()))
    new = answers(row(1.5), row(9.5), REFERRED, columns=(*columns, "new"), inputs=((30, 100.0, 1), (44, 900.0, 1), ()))
    found = compared(old, new)
    assert found.inputs_compared == 2
    assert {each.name: each.rows for each in found.inputs_changed} == {"age": 1, "income": 1}
    assert (found.inputs_added, found.inputs_removed) == (("new",), ())
    # The larger change first; no value of a captured row unless somebody asks for it.
    assert found.largest[0].inputs == ("income", "age")
    assert found.largest[0].values == ()
    assert "900" not in repr(found)
    assert compared(old, new, show_values=True).largest[0].values == (("income", "200", "900"), ("age", "40", "44"))


def test_columns_without_names_are_not_compared_where_their_number_changed() -> None:
    old = answers(row(1.5), columns=("0", "1"), inputs=((1.0, 2.0),))
    new = answers(row(1.5), columns=("0",), inputs=((9.0,),))
    found = compared(old, new)
    assert (found.inputs_compared, found.inputs_removed) == (0, ())
    assert found.notes == ("the model received 2 columns without names, and receives 1",)


def test_inputs_of_one_side_only_are_no_change() -> None:
    for name in ("age", "0"):
        found = compared(answers(row(1.5)), answers(row(1.5), columns=(name,), inputs=((3,),)))
        assert (found.inputs_added, found.inputs_compared, found.notes) == ((), 0, ())


def test_rows_as_callers_send_them_today() -> None:
    before = answers(row(None, "invalid", ("tax_code", "missing_field")), REFERRED)
    found = compared(answers(row("no"), REFERRED), answers(row("no"), REFERRED), as_before=before)
    assert found.as_before == (Count(name="invalid", rows=1), Count(name="refer", rows=1))
    assert found.as_before_reasons == (Count(name="missing_field tax_code", rows=1),)


def test_probabilities_that_no_longer_come() -> None:
    found = compared(answers(row("no", no=0.9, yes=0.1)), answers(row("no")))
    assert (found.probability_lost, found.probability_gained, found.changed) == (1, 0, 1)


@pytest.mark.parametrize(("old", "new", "said"), [("boom", "", "the old build"), ("", "boom", "the new build")])
def test_a_build_that_can_not_answer_is_no_sameness(old, new, said) -> None:
    found = compare_answers(Answers(problem=old), Answers(problem=new), [0], capture="c", total=1)
    assert found.status == "not_evaluated"
    assert said in found.note
    assert "boom" in found.note


def test_a_capture_without_rows_is_not_evaluated() -> None:
    assert compared(answers(), answers()).status == "not_evaluated"


def test_bins_hold_every_difference_once_and_have_round_edges() -> None:
    found = bins([-7.9, -0.2, 0.1, 3.0, 12.4])
    assert sum(each.rows for each in found) == 5
    assert [each.name for each in found][:2] == ["-10 to -5", "-5 to 0"]
    assert bins([]) == ()
    assert [(each.name, each.rows) for each in bins([2.0, 2.0])] == [("+2 to +4", 2)]
    assert sum(each.rows for each in bins([1e-9, 5e-9, -3e-9])) == 3


def test_a_spread_of_equal_numbers_has_no_picture() -> None:
    found = spread("x", [(1.0, 1.0)], 1e-9)
    assert (found.changed, found.largest, found.bins) == (0, 0.0, ())
