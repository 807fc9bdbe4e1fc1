"""How proposals are counted against labels, and that the labels are well-formed."""

import re
from collections import Counter
from pathlib import Path

import pytest

import suggest
from nb2svc.read.notebook import parse_notebook
from suggest import Counts, Label, baseline, parse_labels, score

LABELS = parse_labels((Path(__file__).parents[3] / "benchmarks" / "suggest.toml").read_text(encoding="utf-8"))


def label(*answers: dict[str, tuple[int, ...]], optional: frozenset[str] = frozenset(), late: bool = False) -> Label:
    full = tuple({role: one.get(role, ()) for role in suggest.ROLES} for one in answers)
    return Label(name="x", repository="a/b", path="c.ipynb", sha256="", answers=full, optional=optional, late=late)  # type: ignore[arg-type]


def counted(one: Label, proposed: dict[str, int]) -> dict[str, tuple[int, int, int]]:
    counts = {role: Counts() for role in suggest.ROLES}
    score(one, proposed, counts)  # type: ignore[arg-type]
    return {role: (each.right, each.wrong, each.missed) for role, each in counts.items()}


def test_thirty_notebooks_and_more_are_labelled() -> None:
    halves = Counter(one.half for one in LABELS)
    assert halves["tune"] >= 15
    assert halves["held"] >= 15
    assert len({one.name for one in LABELS}) == len(LABELS)
    assert all(re.fullmatch(r"[0-9a-f]{64}", one.sha256) for one in LABELS)
    assert all(number > 0 for one in LABELS for answer in one.answers for cells in answer.values() for number in cells)


def test_the_half_is_told_by_the_address_alone() -> None:
    assert label({}).half == label({"model": (3,)}).half
    assert label({}, late=True).half == "late"


@pytest.mark.parametrize(("proposed", "feature", "model"), [
    ({"feature": 2, "model": 5}, (1, 0, 0), (1, 0, 0)),
    ({"feature": 2, "model": 6}, (1, 0, 0), (1, 0, 0)),
    ({"feature": 3, "model": 7}, (0, 1, 1), (0, 1, 1)),
    ({"model": 5}, (0, 0, 1), (1, 0, 0)),
    ({}, (0, 0, 1), (0, 0, 1)),
])  # fmt: skip
def test_cells_are_counted(proposed, feature, model) -> None:
    found = counted(label({"feature": (2,), "model": (5, 6)}), proposed)
    assert (found["feature"], found["model"]) == (feature, model)


def test_what_is_optional_may_be_left_out_and_must_be_right_where_it_is_not() -> None:
    one = label({"feature": (2,), "model": (5,)}, optional=frozenset({"feature"}))
    assert counted(one, {"model": 5})["feature"] == (0, 0, 0)
    assert counted(one, {"model": 5, "feature": 4})["feature"] == (0, 1, 1)


def test_of_several_answers_the_one_counts_that_is_met_best() -> None:
    one = label({"feature": (2,), "model": (5,)}, {"model": (9,)})
    assert counted(one, {"model": 9}) == {"feature": (0, 0, 0), "model": (1, 0, 0), "check": (0, 0, 0)}


def test_where_there_is_nothing_to_serve_a_proposal_is_wrong() -> None:
    assert counted(label({}), {"model": 3})["model"] == (0, 1, 0)


def test_the_baseline_takes_the_last_fit_and_the_first_assignment() -> None:
    cells = (
        'import pandas as pd\ndf = pd.read_csv("a.csv")',
        "df.head()",
        'df["a"] = df["b"]',
        "m.fit(df)",
        "n.fit(df)",
        "n.score(df)",
    )
    script = "\n# %%\n".join(cells)
    notebook, _ = parse_notebook(script.encode(), path="a.py")
    assert baseline(notebook) == {"model": 5, "feature": 3, "check": 6}


def test_a_notebook_that_was_changed_is_not_measured(tmp_path) -> None:
    (tmp_path / "a+b").mkdir()
    (tmp_path / "a+b" / "c.ipynb").write_bytes(b"{}")
    with pytest.raises(SystemExit, match="not what was labelled"):
        suggest.read(label({}), tmp_path)
    with pytest.raises(SystemExit, match="there is no"):
        suggest.read(label({}), tmp_path / "nowhere")
