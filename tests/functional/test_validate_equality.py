"""A run by each path says what papermill itself says of the notebook with the same parameters, to the letter.

Draws that nobody seeded are taken out of the comparison (`executed.py`): they must differ from run to run by every path.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from executed import lots, read, said
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate import driver
from nb2svc.validate.driver import ValidateOptions, default_folder, validate
from nb2svc.validate.sets import Asked

pytestmark = pytest.mark.kernel

# What papermill is asked, too; the first of a validation that shares cells makes them all.
HELD = (1, 2)
# Each path by the options that lead to it, and the seeds of its runs.
PATHS: Mapping[str, tuple[Mapping[str, Any], tuple[int, ...]]] = {
    "plain": ({"fork": False}, HELD),
    "fork": ({"reuse": False}, HELD),
    "reuse": ({}, (9, *HELD, 3, 4, 5)),
}

SPEAKS = {
    "parameters": "seed = 0\nsize = 40",
    "starts": """\
import io, pickle, random, sys, warnings
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
import nb2svc

warnings.filterwarnings("ignore", category=UserWarning)
pd.set_option("display.precision", 3)
plt.rcParams["figure.figsize"] = (2, 1)
random.seed(7)
np.random.seed(7)
rng = np.random.default_rng(0)""",
    "defines": """\
factor = 3

class Box:
    def __init__(self, value):
        self.value = value

def scale(number):
    return number * factor

boxes = [Box(1), Box(2)]
print(Box.__module__, __name__, scale(2))""",
    "draws": """\
frame = pd.DataFrame({"a": np.random.rand(size), "b": rng.normal(size=size)})
frame["y"] = (frame["a"] + 0.2 * frame["b"] > 0.5).astype(int)
print(random.random())
frame.head(2)""",
    "shows": 'plt.plot(frame["a"])\nplt.title("before")\nplt.show()\nprint("to stderr", file=sys.stderr)\ndisplay({"a": 1})',
    "made": "# nb2svc: check made\nassert len(frame) == size\nnb2svc.metric('rows', len(frame))",
    "parts": "print(seed, random.random(), np.random.rand(), rng.normal())",
    "globals": """\
again = pickle.loads(pickle.dumps(boxes))
print(isinstance(again[1], Box), again[1].value, scale.__globals__ is globals(), sys.modules["__main__"].Box is Box, __name__)
before = scale(2)
factor = seed
[before, scale(2)]""",
    "counts": "print(_, len(In), sorted(Out), In[4][:5], _i[:5], _3 if '_3' in globals() else 'none')",
    "plots": 'ax = frame.plot(x="a", y="b", title=f"after {seed}")',
    "warns": 'warnings.warn("not seen")\nwarnings.warn("seen", FutureWarning)\nfor _ in range(2):\n    warnings.warn("once", RuntimeWarning)',
    "fits": """\
model = LogisticRegression(C=seed).fit(frame[["a", "b"]], frame["y"])
score = roc_auc_score(frame["y"], model.predict_proba(frame[["a", "b"]])[:, 1])
nb2svc.metric("auc", score)
print(repr(model), model.coef_.tolist())""",
    "good": "# nb2svc: check good metrics=slope\nslope = float(model.coef_[0][0])\nassert score > 0.5",
    "lots": "np.random.seed()\nrandom.seed()\nprint('lot:', np.random.rand(), random.random(), np.random.default_rng().normal())",
}

# What comes after its shared cells needs no kernel; its check fails with one of the seeds.
COMPUTES = {
    "parameters": "seed = 0",
    "starts": """\
import io, random, sys, tempfile, time, warnings
from datetime import datetime
from pathlib import Path
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, display
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score, train_test_split
import nb2svc

random.seed(7)
np.random.seed(7)
frame = pd.DataFrame(np.random.rand(60, 3), columns=list("abc"))
frame["y"] = (frame["a"] > 0.5).astype(int)
print(frame.shape, random.random())""",
    "defines": """\
class Lots:
    kept = []

    def __init__(self, number):
        self.number = number
        self.kept.append(number)

    def __repr__(self):
        return f"Lots({self.number})"

class Loud(float):
    def __float__(self):
        print("looked at")
        return super().__float__()

def within(number, most):
    assert number < most, f"{number} is not below {most}"
    return number

def told(number):
    try:
        return within(number, 1)
    except AssertionError:
        warnings.warn("caught", RuntimeWarning)
        raise ValueError(number) from None

flat = frame.size is 1""",
    "parts": "random.seed(seed)\nprint(seed, random.random(), np.random.rand(), datetime(2020, 1, seed), Lots(seed), Lots.__module__)\nLots",
    "fits": """\
left, right = train_test_split(frame, random_state=seed, stratify=frame["y"])
model = RandomForestClassifier(n_estimators=5, random_state=seed).fit(left[["b", "c"]], left["y"])
score = model.score(right[["b", "c"]], right["y"])
scores = cross_val_score(model, frame[["a", "b"]], frame["y"], cv=3)
nb2svc.metric("accuracy", score)
print(scores.tolist(), end="")
print("\\rover\\n\\x1b[1mbold\\x1b[0m")
model""",
    "plots": 'flat = seed is 1\nfigure, ax = plt.subplots(figsize=(2, 1))\nax.hist(right["a"], bins=seed + 2)\nax.set_title(f"seed {seed}")',
    "shows": 'plt.plot(scores)\nplt.show()\ndisplay(HTML(f"<b>{seed}</b>"), right.head(2))\nprint("left", file=sys.stderr)\nright.describe()',
    "warns": """\
print("before", file=sys.stderr)
print("fits")
warnings.warn("seen", FutureWarning)
for number in range(3):
    warnings.warn("once", RuntimeWarning)
print("shows")
display(seed)
left["d"] = np.log(left["a"] - 2)
print("first", flush=True)
print("second", file=sys.stderr, flush=True)
print("third")
time.sleep(0.3)
sys.stderr.writelines(["four", "th\\n"])
print("fifth")
time.sleep(0.3)""",
    "writes": """\
Path("made").mkdir(exist_ok=True)
place = Path("made") / f"rows-{seed}.csv"
right.to_csv(place, index=False)
plt.hist(right["b"])
plt.savefig(Path("made") / f"{seed}.png")
with open(Path("made") / f"{seed}.txt", "w") as file:
    print(seed, file=file)
print(len(pd.read_csv(place)), place.stat().st_size)""",
    "passes": "# nb2svc: check fits metrics=loud\nloud = Loud(score)\nassert len(right) == 15 and score >= 0",
    "lots": "np.random.seed()\nrandom.seed()\nprint('lot:', np.random.rand(), random.random(), np.random.default_rng().normal())",
    "fails": "# nb2svc: check small metrics=top\ntop = float(seed)\nprint('looked at')\nassert within(seed, 2) < 2 and top < 2",
}

FAILS = {
    "parameters": "seed = 0",
    "defines": "import random\nimport numpy as np\nvalues = np.arange(3)\n\ndef deep(number):\n    return 1 // number",
    "lots": "print('lot:', np.random.rand(), random.random()) if seed else None",
    "boom": "# here it goes wrong\ndeep(seed - seed)",
    "never": "print('never')",
}
NOTEBOOKS = {"speaks": SPEAKS, "fails": FAILS, "computes": COMPUTES}
# What they do after their shared cells needs no kernel.
BARE = ("fails", "computes")
_BY_PATHS = driver._by_paths


def write(folder: Path, name: str) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": identifier,
            "metadata": {"tags": ["parameters"] if identifier == "parameters" else []},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for identifier, source in NOTEBOOKS[name].items()
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """One notebook by one path: the executed documents by seed."""

    documents: Mapping[int, Mapping[str, Any]]
    validation: Validation | None = None

    def result(self, seed: int) -> RunResult:
        assert self.validation is not None
        return next(run for run in self.validation.runs if run.spec.value("seed") == str(seed))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Runs]:
    """Runs by notebook and path; `papermill` is the path that the others are held to. Each is made when it is first asked for."""
    return _Made(tmp_path_factory.mktemp("equal"))


class _Made(dict[tuple[str, str], Runs]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, asked: tuple[str, str]) -> Runs:
        name, path = asked
        notebook = write(self._folder, name)
        self[asked] = _by_papermill(notebook) if path == "papermill" else _by(notebook, path)
        return self[asked]


def _by_papermill(notebook: Path) -> Runs:
    from papermill import PapermillExecutionError, execute_notebook

    documents = {}
    for seed in HELD:
        out = notebook.with_name(f"{notebook.stem}-{seed}.ipynb")
        try:
            execute_notebook(str(notebook), str(out), parameters={"seed": seed}, cwd=str(notebook.parent), progress_bar=False)
        except PapermillExecutionError:
            assert notebook.stem in ("fails", "computes")
        documents[seed] = read(out)
    return Runs(documents=documents)


def _by(notebook: Path, path: str) -> Runs:
    folder = default_folder(notebook).with_name(f"{notebook.stem}-{path}")
    more, seeds = PATHS[path]
    options = ValidateOptions(
        notebook=notebook, asked=Asked(grid=(("seed", json.dumps(seeds)),)), output=str(folder), retries=0, **more
    )
    # Whether sharing pays is a matter of time, of which a busy machine takes more.
    with mock.patch.object(driver, "_by_paths", lambda *given, **named: replace(_BY_PATHS(*given, **named), shared_by=0)):
        found = validate(notebook.read_bytes(), options, environment={}, progress=lambda _: None).validation
    documents = {seed: read(folder / run.folder / "executed.ipynb") for seed, run in zip(seeds, found.runs, strict=True)}
    return Runs(documents=documents, validation=found)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_run_says_what_papermill_says(made: dict[tuple[str, str], Runs], name: str, path: str):
    theirs, ours = made[name, "papermill"], made[name, path]
    assert ours.validation is not None
    assert [ours.result(seed).path for seed in HELD] == [path] * len(HELD), [run.path_note for run in ours.validation.runs]
    for seed, document in theirs.documents.items():
        assert ours.documents[seed]["metadata"]["language_info"] == document["metadata"]["language_info"]
        for expected, found in zip(said(document), said(ours.documents[seed]), strict=True):
            assert found == expected, (name, path, seed)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_run_has_no_kernel_where_it_needs_none(made: dict[tuple[str, str], Runs], name: str):
    validation = made[name, "reuse"].validation
    assert validation is not None
    first, *others = [run.path_note for run in validation.runs]
    assert first.endswith("after them no run needs a kernel") == (name in BARE), first
    assert others == [""] * len(others)


@pytest.mark.parametrize("path", PATHS)
def test_a_check_fails_with_what_it_compared(made: dict[tuple[str, str], Runs], path: str):
    one, two = (made["computes", path].result(seed) for seed in HELD)
    assert [(check.name, check.outcome) for check in one.checks] == [("fits", "pass"), ("small", "pass")]
    assert [(check.name, check.outcome) for check in two.checks] == [("fits", "pass"), ("small", "fail")]
    assert (two.checks[1].message, two.checks[1].line) == ("2 is not below 2", 4)
    metrics = {metric.name: metric.value for metric in two.metrics}
    assert (metrics["top"], metrics["loud"]) == (2.0, metrics["accuracy"])


@pytest.mark.parametrize("path", PATHS)
def test_checks_and_metrics_are_those_that_papermill_shows(made: dict[tuple[str, str], Runs], path: str):
    theirs, ours = made["speaks", "papermill"], made["speaks", path]
    for seed, document in theirs.documents.items():
        result = ours.result(seed)
        bundles = [
            bundle
            for cell in document["cells"]
            for output in cell.get("outputs", ())
            for bundle in [output.get("data", {}).get("application/vnd.nb2svc.metric+json")]
            if bundle
        ]
        assert {"rows", "auc"} == {bundle["name"] for bundle in bundles}
        for bundle in bundles:
            metric = result.metric(bundle["name"])
            assert metric is not None
            assert metric.value == bundle["value"]
        slope = result.metric("slope")
        assert slope is not None
        assert f"[[{slope.value!r}, " in json.dumps(document)
        assert [(check.name, check.outcome) for check in result.checks] == [("made", "pass"), ("good", "pass")]
        assert result.status == "ok"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_nobody_seeded_differs_from_run_to_run(made: dict[tuple[str, str], Runs], name: str, path: str):
    drawn = [number for document in made[name, path].documents.values() for text in lots(document) for number in text.split()]
    assert len(drawn) == len(PATHS[path][1]) * (2 if name == "fails" else 3)
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("path", PATHS)
def test_a_failure_is_told_at_its_line(made: dict[tuple[str, str], Runs], path: str):
    failure = made["fails", path].result(2).failure
    assert failure is not None
    assert (failure.cell, failure.line) == (4, 2)
    assert "integer division or modulo by zero" in f"{failure.what} {failure.why}"


def test_a_difference_would_be_seen(made: dict[tuple[str, str], Runs]):
    document = made["speaks", "papermill"].documents[1]
    for cell in range(len(said(document))):
        changed = json.loads(json.dumps(document))
        code = [each for each in changed["cells"] if each["cell_type"] == "code"][cell]
        code["execution_count"] += 1
        assert said(changed) != said(document)
    assert said(made["speaks", "papermill"].documents[2]) != said(document)
