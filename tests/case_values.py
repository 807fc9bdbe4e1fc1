"""What a compiled case answers: as the notebook did, whole and row by row, and never silently for what training did not see."""

import importlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

from compile_cases import Made, importable
from nb2svc.capture.probe.compare import equal
from nb2svc.ir.codec import to_json
from nb2svc.ir.observation import Column
from nb2svc.parity.harness.loading import load
from nb2svc.parity.harness.replay import run
from nb2svc.parity.harness.tables import Tables
from nb2svc.parity.request import make_request

SINGLE_ROWS = 24
NEVER_SEEN = "never seen before"
# Modes that have to compare something in every case; the others may have nothing to do.
NEEDED = frozenset({"inputs", "alone", "shuffled", "json"})


def proof_problems(made: Made) -> list[str]:
    """What the proof finds: all rows, single rows, shuffled, through JSON, with another target, and so on."""
    compiled = made.compiled
    assert compiled is not None
    twin = compiled.twin_cell is not None
    request = make_request(
        compiled.capture,
        compiled.observation,
        project=made.folder / "project",
        package=made.package,
        sample=SINGLE_ROWS,
        twin=twin,
    )
    answer = run(json.loads(json.dumps(request)))
    problems = [
        f"{mode['name']}: {mode['note']} {mode['differences'][:2]}" for mode in answer["modes"] if mode["status"] == "fail"
    ]
    problems += [
        f"{mode['name']}: nothing was compared ({mode['note']})"
        for mode in answer["modes"]
        if mode["name"] in NEEDED and not mode["compared"] and mode["status"] != "fail"
    ]
    return [*problems, *([f"parting: {answer['parting']}"] if problems and answer["parting"] else [])]


def training_problems(made: Made) -> list[str]:
    """Whether `training.py` learns the state that is served, and a model that predicts the same."""
    compiled, folder = made.compiled, made.folder / "project"
    assert compiled is not None
    out = made.folder / "trained"
    with importable(folder, made.package), redirect_stdout(io.StringIO()):
        training = importlib.import_module(f"{made.package}.training")
        main = importlib.import_module(f"{made.package}._nb2svc.training").main
        train = getattr(training, "train_again", training.train)  # where the notebook has a `train` of its own
        several = len(compiled.plan.estimators) > 1
        main(train, several=several, arguments=["--data", compiled.capture.cwd, "--out", str(out)])
    with _predictor(made) as (predictor, rows):
        trained = importlib.import_module(f"{made.package}._nb2svc.artifacts").load(out)
        names = [sorted(each.state.entries()) for each in (predictor, trained)]
        given = predictor.predict(rows)
        predictor.model, predictor.state, predictor.lookups = trained.model, trained.state, trained.lookups
        same = equal(given, predictor.predict(rows))
    texts = [(where / "state.json").read_text(encoding="utf-8") for where in (folder / made.package / "artifacts", out)]
    problems = [] if names[0] == names[1] else [f"training.py learned {names[1]}, served are {names[0]}"]
    problems += [] if texts[0] == texts[1] else [f"training.py learned\n{texts[1]}served is\n{texts[0]}"]
    return problems + ([] if same else ["what training.py fitted answers otherwise"])


def unseen_problems(made: Made) -> list[str]:
    """Rows with a category or a gap that training never saw, which must not be answered as if nothing were new."""
    compiled = made.compiled
    assert compiled is not None
    with _predictor(made) as (predictor, rows):
        results = []
        known = [place for place, result in enumerate(predictor.predict(rows)) if result["status"] == "ok"]
        assert known, "no captured row is answered"
        for what, change in _changes(compiled.observation.main.columns):
            changed = dict(rows[known[0]], **change)
            results.append((what, *predictor.predict([changed, rows[known[0]]])))
    problems = [f"{what} was answered: {first}" for what, first, _ in results if first["status"] == "ok"]
    problems += [f"{what}: the row beside it got {second}" for what, _, second in results if second["status"] != "ok"]
    return problems


def answer_to(made: Made, change: dict[str, Any]) -> dict[str, Any]:
    """What a captured row that is answered gets with some other values, in a request with its unchanged self before it."""
    with _predictor(made) as (predictor, rows):
        known = next(row for row, result in zip(rows, predictor.predict(rows), strict=True) if result["status"] == "ok")
        answer: dict[str, Any] = predictor.predict([known, dict(known, **change)])[1]
    return answer


def answers_to(made: Made, changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What one request gets that holds the first captured row that is answered with each of some changes."""
    with _predictor(made) as (predictor, rows):
        known = next(row for row, result in zip(rows, predictor.predict(rows), strict=True) if result["status"] == "ok")
        answers: list[dict[str, Any]] = predictor.predict([dict(known, **change) for change in changes])
    return answers


@contextmanager
def _predictor(made: Made) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The project's own predictor, and the captured rows as a client would send them."""
    assert made.compiled is not None
    folder = made.compiled.capture.folder
    raws = {kept.label: {"file": kept.file, "sha256": kept.sha256} for kept in made.compiled.capture.kept if kept.kind == "raw"}
    with importable(made.folder / "project", made.package):
        predictor = importlib.import_module(f"{made.package}._nb2svc.predictor").load_predictor(made.package)
        values = {name: load(folder, kept, made.package) for name, kept in raws.items()}
        tables = Tables(to_json(made.compiled.observation.tables), values)
        yield predictor, tables.json_rows(range(tables.size))


def _changes(columns: tuple[Column, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for column in columns:
        if column.use != "read":
            continue
        if column.values and column.kind == "string":
            yield f"an unseen {column.name}", {column.name: NEVER_SEEN}
        if not column.nullable:
            yield f"a missing {column.name}", {column.name: None}
