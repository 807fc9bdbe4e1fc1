import numpy as np
import pandas as pd
import pytest

from nb2svc_runtime.state import Keyed, State, StateError


def forbidden():
    raise AssertionError("the expression was run again")


def test_learns_in_training_and_remembers_at_serving():
    state = State(learning=True)
    assert state.income_mean(lambda: 41.5) == 41.5
    assert State(state.entries()).income_mean(forbidden) == 41.5


def test_a_key_keeps_one_value_each():
    state = State(learning=True)
    for name, value in (("age", 41.0), (float("nan"), 1.0), (("a", 1), 2.0)):
        state.median(lambda value=value: value, name)
    served = State(state.entries())
    assert isinstance(served.entries()["median"], Keyed)
    assert served.median(forbidden, "age") == 41.0
    assert served.median(forbidden, np.float64("nan")) == 1.0
    assert served.median(forbidden, ("a", 1)) == 2.0


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda state: state.mean(forbidden), "was not learned in training"),
        (lambda state: state.plain(forbidden, "age"), "learned without a key"),
        (lambda state: state.keyed(forbidden), "learned with a key"),
        (lambda state: state.keyed(forbidden, "weight"), "not learned for the key 'weight'"),
    ],
)
def test_what_was_not_learned_is_named(use, message):
    with pytest.raises(StateError, match=message):
        use(State({"plain": 1, "keyed": Keyed(age=1)}))


def test_learning_twice_needs_equal_values():
    state = State(learning=True)
    state.edges(lambda: np.array([1.0, 2.0]))
    state.edges(lambda: np.array([1.0, 2.0]))
    with pytest.raises(StateError, match="learned twice with different values"):
        state.edges(lambda: np.array([1.0, 3.0]))


def test_a_changed_value_changes_neither_what_is_kept_nor_the_next_request():
    state = State(learning=True)
    learned = state.counts(lambda: {"a": [1]})
    learned["a"].append(2)
    served = State(state.entries())
    first = served.counts(forbidden)
    first["a"].append(3)
    assert served.counts(forbidden) == {"a": [1]}
    frame = State({"t": pd.DataFrame({"x": [1]})})
    handed_out = frame.t(forbidden)
    handed_out.loc[0, "x"] = 9
    assert frame.t(forbidden)["x"].tolist() == [1]


def test_remember_serves_a_second_preparation_in_training():
    state = State(learning=True)
    state.mean(lambda: 1.0)
    again = state.remember()
    assert (again.learning, again.mean(forbidden)) == (False, 1.0)


def test_categories_are_trainings_whatever_the_row():
    state = State(learning=True)
    frame = pd.DataFrame({"region": ["south", "north", None], "rooms": [3, 1, 3]})
    learned = pd.get_dummies(state.categories(frame, ["region", "rooms"]))
    assert state.entries() == {"region_categories": ["north", "south"], "rooms_categories": [1, 3]}
    assert frame["rooms"].tolist() == [3, 1, 3]
    one = State(state.entries()).categories(pd.DataFrame({"region": ["west"], "rooms": [3]}), ["region", "rooms"])
    assert pd.get_dummies(one).columns.tolist() == learned.columns.tolist()
    assert one["region"].isna().tolist() == [True]
    assert one["rooms"].tolist() == [3]


def test_categories_of_a_series_a_suffix_and_an_ordered_dtype():
    state = State(learning=True)
    state.categories(pd.Series(["b", "a"], name="x"), ["x"], "_2")
    ordered = pd.Series(pd.Categorical(["lo"], categories=["lo", "hi"], ordered=True), name="y")
    state.categories(ordered, ["y"])
    served = State(state.entries())
    assert served.categories(pd.Series(["a", "c"], name="x"), ["x"], "_2").cat.codes.tolist() == [0, -1]
    back = served.categories(pd.Series(pd.Categorical(["hi", None]), name="y"), ["y"])
    assert back.cat.ordered
    assert back.cat.codes.tolist() == [1, -1]


def test_a_guard_selects_in_training_and_only_notes_at_serving():
    loans = pd.DataFrame({"ratio": [3.1, 9.4, 2.2]})
    assert State(learning=True).guard(lambda: loans[loans["ratio"] < 5], loans, "why").index.tolist() == [0, 2]
    state = State().remember()
    assert state.guard(lambda: loans[loans["ratio"] < 5], loans, "why") is loans
    assert [(each.text, each.count, each.places) for each in state.outside] == [("why", 3, [1])]
    assert state.remember().outside == []


def test_labels_of_other_rows_do_not_count():
    """Rows under new labels look like the first ones: only equal content tells."""
    loans = pd.DataFrame({"ratio": [9.4, 3.1, 2.2]})
    state = State()
    state.guard(lambda: loans[loans["ratio"] < 5].reset_index(drop=True), loans, "why")
    assert state.outside[0].places is None
