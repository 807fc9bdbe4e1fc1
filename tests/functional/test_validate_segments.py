"""Segments in real kernels: the hero with one that fails, arrays that are followed by position, and what is not divided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

from conftest import copy_example
from nb2svc.errors import UsageError
from nb2svc.ir.validation import Validation
from nb2svc.validate.driver import ValidateOptions, validate
from nb2svc.validate.judge import exit_code
from nb2svc.validate.sets import Asked

pytestmark = pytest.mark.kernel

ARRAYS = (
    "seed = 4",
    (
        "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.metrics import accuracy_score\nrng = np.random.default_rng(seed)\nnp.random.seed(seed)\n"
        "people = pd.DataFrame({'age': rng.normal(40, 9, 300), 'town': rng.choice(['a', 'b', None], 300, p=[0.5, 0.48, 0.02])})\n"
        "people['no'] = np.arange(300)"
    ),
    "# nb2svc: feature values\nvalues = people[['age']].to_numpy()\ntarget = (people['age'].to_numpy() + rng.normal(0, 5, 300)) > 40",
    (
        "# nb2svc: model\norder = rng.permutation(300)\ntrain, test = order[80:], order[:80]\nX_test, y_test = values[test], target[test]\n"
        "model = LogisticRegression().fit(values[train], target[train])\nanswer = model.predict(X_test)"
    ),
    "# nb2svc: check right\nimport nb2svc\nright = accuracy_score(y_test, answer)\nnb2svc.metric('accuracy', right)\nassert right > 0.6",
    "print(np.random.random(), len(y_test))",
)


def write(path: Path, *cells: str) -> Path:
    made = [nbformat.v4.new_code_cell(source, id=f"author-{at}") for at, source in enumerate(cells)]
    made[0]["metadata"]["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
    return path


def made(notebook: Path, *segments: str, jobs: int = 2, **asked: Any) -> Validation:
    options = ValidateOptions(notebook=notebook, asked=Asked(**asked), jobs=jobs, retries=0, segments=segments)
    return validate(notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation


@dataclass(frozen=True, slots=True)
class Hero:
    """The hero over two seeds, its applicants of the north defaulting at random."""

    notebook: Path
    validation: Validation


@pytest.fixture(scope="module")
def hero(tmp_path_factory: pytest.TempPathFactory, ledger: Path) -> Hero:
    notebook = copy_example("credit_risk", tmp_path_factory.mktemp("segments") / "credit_risk", ledger)
    applicants = pd.read_csv(notebook.parent / "applicants.csv")
    north = applicants["region"] == "north"
    applicants.loc[north, "defaulted"] = np.random.default_rng(0).permutation(applicants.loc[north, "defaulted"])
    applicants.to_csv(notebook.parent / "applicants.csv", index=False)
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("auc > 0.65", "auc > 0.6"), encoding="utf-8")
    return Hero(notebook, made(notebook, "region", grid=(("seed", "0..1"),)))


def test_one_segment_that_fails_rejects_the_hero_and_is_named(hero: Hero):
    validation = hero.validation
    assert validation.judgement is not None
    assert (validation.judgement.outcome, exit_code(validation)) == ("fail", 1)
    assert any(reason.startswith("check auc [region=north] does not pass in 2 of 2") for reason in validation.judgement.reasons)
    for run in validation.runs:
        assert run.segments is not None
        assert run.segments.found == (("region", "loans, by index label"),)
        assert (run.status, run.check("auc").outcome) == ("failed", "pass")
        outcomes = {check.segment: check.outcome for check in run.checks if check.name == "auc" and check.segment}
        assert len(outcomes) == 6
        assert {segment for segment, outcome in outcomes.items() if outcome == "fail"} == {"region=north"}
        failed = run.check("auc", "region=north")
        assert (failed.cell, failed.line) == (13, 3)
        assert failed.values == (("auc", failed.values[0][1]),)
        assert float(failed.values[0][1]) < 0.6 < run.metric("auc").value
    worst = {one.metric: one for one in validation.judgement.worst}
    assert set(worst) == {"auc", "approval_rate", "default_rate"}
    assert (worst["auc"].better, worst["auc"].segment) == ("higher", "region=north")


def test_the_rows_of_all_segments_are_the_held_out_ones(hero: Hero):
    applicants = pd.read_csv(hero.notebook.parent / "applicants.csv")
    adults = applicants[applicants["age"] >= 18]
    for run in hero.validation.runs:
        assert run.segments is not None
        rows = {one.segment.removeprefix("region="): one.rows for one in run.segments.rows}
        assert sum(rows.values()) == -(-len(adults) // 4)
        assert set(rows) == set(applicants["region"].dropna())
        # A quarter of each region, give or take what a random quarter may differ.
        for region, count in rows.items():
            assert 0.17 < count / (adults["region"] == region).sum() < 0.33


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Validation]:
    notebook = write(tmp_path_factory.mktemp("arrays") / "people.ipynb", *ARRAYS)
    return notebook, made(notebook, "town")


def test_arrays_are_divided_and_few_rows_are_told_as_such(arrays: tuple[Path, Validation]):
    (run,) = arrays[1].runs
    assert run.segments is not None
    assert run.segments.found == (("town", "people, by position"),)
    space: dict[str, Any] = {}
    for source in (*ARRAYS[:4], ARRAYS[4].split("\n", 2)[2].replace("nb2svc.metric('accuracy', right)\n", "")):
        exec(source, space)
    towns = space["people"]["town"].to_numpy()[space["test"]]
    for one in run.segments.rows:
        town = one.segment.removeprefix("town=")
        mask = np.array([each is None or each != each if town == "missing" else each == town for each in towns])
        assert one.rows == mask.sum()
        right = (space["y_test"][mask] == space["answer"][mask]).mean()
        assert run.metric("accuracy", one.segment).value == pytest.approx(right)
    assert [one.segment for one in run.segments.rows][:2] == ["town=a", "town=b"]


def outputs(notebook: Path, validation: Validation) -> list[tuple[int | None, str]]:
    (run,) = validation.runs
    document: Mapping[str, Any] = json.loads(
        (notebook.parent / ".nb2svc" / "people" / "validation" / run.folder / "executed.ipynb").read_text()
    )
    return [(cell["execution_count"], str(cell["outputs"])) for cell in document["cells"] if cell["cell_type"] == "code"]


def test_a_run_is_the_same_with_segments_and_one_without_is_not_taken_for_it(arrays: tuple[Path, Validation]):
    notebook, divided = arrays
    plain = made(notebook)
    assert not plain.runs[0].reused
    assert plain.runs[0].segments is None
    assert outputs(notebook, plain) == outputs(notebook, divided)
    again = made(notebook, "town")
    assert again.runs[0].reused
    assert again.runs[0].metrics == divided.runs[0].metrics


def test_a_column_that_nothing_has_costs_one_run_and_not_all(tmp_path: Path):
    notebook = write(tmp_path / "people.ipynb", *ARRAYS)
    with pytest.raises(UsageError) as caught:
        made(notebook, "twon", jobs=1, grid=(("seed", "1..5"),))
    assert (caught.value.what, caught.value.fix) == ("no column twon is known of the held-out rows", "did you mean town?")
    assert len(list((tmp_path / ".nb2svc" / "people" / "validation" / "runs").glob("*/result.json"))) == 1
    with pytest.raises(UsageError) as many:
        made(notebook, "no", jobs=1)
    assert many.value.what == "no has 80 different values in 80 held-out rows: at most 30 make segments"


def test_what_the_source_tells_is_refused_before_any_run(tmp_path: Path):
    trains = ARRAYS[4] + "\nassert LogisticRegression().fit(X_test, y_test).score(X_test, y_test) > 0"
    with pytest.raises(UsageError, match="`fit` trains") as caught:
        made(write(tmp_path / "people.ipynb", *ARRAYS[:4], trains), "town")
    assert caught.value.where == 'cell 5 "right", line 6'
    assert not (tmp_path / ".nb2svc").exists()
