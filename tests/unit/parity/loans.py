"""A hand-written notebook with its generated project and capture, for tests of the proof: no kernel, no compiler.

The notebook is run here statement by statement in plain Python; what a capture keeps is pickled as a capture does.
"""

import ast
import contextlib
import hashlib
import json
import pickle
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nb2svc.ir.capture import Capture, Kept, KeptKind
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.observation import Answer, Column, ColumnUse, Condition, Observation, Oracles, Selection, Table, TableRole
from nb2svc.ir.span import Span
from nb2svc.parity.harness.service import forget
from unit.parity.loans_source import CELLS, FEATURES, MODEL, SCHEMA, TRAINING

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """A built example: `folder` holds data, project and capture."""

    folder: Path
    project: Path
    capture: Capture
    observation: Observation
    statements: tuple[Statement, ...]
    package: str = "loans"


def data(folder: Path, *, size: int = 360, seed: int = 0) -> None:
    """Write the CSVs: applicants (some minors, some without income), two child tables, a lookup table."""
    rng = np.random.default_rng(seed)
    ids = np.arange(1000, 1000 + size)
    income = rng.normal(2800, 900, size).clip(600).round(2)
    income[rng.random(size) < 0.12] = np.nan
    debt = rng.gamma(2.0, 900, size).round(2)
    age = rng.integers(15, 80, size)
    region = rng.choice(["east", "north", "south"], size)
    home = rng.choice(["owner", "parents", "rent"], size, p=[0.4, 0.1, 0.5])
    risk = 1 / (1 + np.exp(-(debt / np.nan_to_num(income, nan=2000.0) - 0.8 + (home == "rent") * 0.8 - (age > 50) * 0.7)))
    defaulted = (rng.random(size) < risk).astype(int)
    pd.DataFrame(
        {"applicant_id": ids, "age": age, "income": income, "debt": debt, "home": home, "region": region, "defaulted": defaulted}
    ).to_csv(folder / "applicants.csv", index=False)
    for name, mean, times in (("transactions", 4.0, 45.0), ("visits", 2.0, 25.0)):
        counts = np.where(rng.random(size) < 0.2, 0, rng.poisson(mean, size) + 1)
        owner = np.repeat(ids, counts)
        when = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300, len(owner)), unit="D")
        frame = pd.DataFrame({"applicant_id": owner, "when": when, "amount": rng.gamma(2.0, times / 2, len(owner)).round(2)})
        frame.sample(frac=1, random_state=1).to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame({"region": ["east", "north", "south"], "index": [0.9, 1.1, 1.4]}).to_csv(folder / "regions.csv", index=False)


def statements_of(cells: Sequence[str]) -> tuple[Statement, ...]:
    """The statements of the cells, numbered from 0."""
    found = []
    for number, cell in enumerate(cells, start=1):
        for node in ast.parse(cell).body:
            span = Span(number, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
            source = ast.get_source_segment(cell, node) or ""
            found.append(Statement(number=len(found), span=span, source=source, kind="other", defines=_defined(node)))
    return tuple(found)


def _defined(node: ast.stmt) -> tuple[str, ...]:
    if not isinstance(node, ast.Assign):
        return ()
    names = [part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return tuple(dict.fromkeys(names))


def build(folder: Path, *, rounded: bool = True, seeded: bool = True, output: str = "decision", size: int = 360) -> Loans:
    """Run the notebook, write the project and the capture. `rounded=False` leaves the sums unrounded (knife edges)."""
    edits = [] if rounded else [('.round({"total": 2})', "")]
    edits += (
        [] if seeded else [("HistGradientBoostingClassifier(random_state=0)", "HistGradientBoostingClassifier(max_features=0.3)")]
    )
    edits += (
        [] if output == "decision" else [("return risk, decision", f"return {output}"), ('Answer("label")', 'Answer("number")')]
    )
    cells = tuple(_edited(cell, edits) for cell in CELLS)
    statements = statements_of(cells)
    folder.mkdir(parents=True, exist_ok=True)
    data(folder, size=size)
    names, checkpoints = _run(statements, folder)
    project = folder / "loans"
    sources = {"features.py": FEATURES, "model.py": MODEL, "training.py": TRAINING, "schema.py": _schema(names)}
    _write(project, {file: _edited(source, edits) for file, source in sources.items()}, statements, model=names["model"])
    _artifacts(project, folder, names)
    capture, observation = _capture(folder / "capture", names, checkpoints, statements, output=output)
    return Loans(folder=folder, project=project, capture=capture, observation=observation, statements=statements)


def _edited(text: str, edits: Sequence[tuple[str, str]]) -> str:
    for old, new in edits:
        text = text.replace(old, new)
    return text


def _run(statements: Sequence[Statement], folder: Path) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    names: dict[str, Any] = {}
    after: dict[int, dict[str, Any]] = {}
    with contextlib.chdir(folder):
        for statement in statements:
            exec(compile(statement.source, "loans.ipynb", "exec"), names)
            after[statement.number] = {name: _kept(names[name]) for name in statement.defines}
    raw = names["applicants"]
    adults = np.flatnonzero((raw["age"] >= 18).to_numpy())
    names["#adults"], names["#fit"], names["#predict"] = adults, adults[names["X_train"].index], adults[names["X_test"].index]
    main = {"loans": adults, "X": adults, "risk": names["#predict"], "decision": names["#predict"]}
    served = [each for each in statements if each.span.cell in (2, 3) or each.source.startswith(("risk", "decision"))]
    return names, {
        each.number: {name: (main.get(name), value) for name, value in after[each.number].items()}
        for each in served
        if after[each.number]
    }


def _kept(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else value


def _schema(names: dict[str, Any]) -> str:
    text = SCHEMA
    for name in ("applicants", "transactions", "visits"):
        text = text.replace("{" + name.upper() + "}", repr({column: str(kind) for column, kind in names[name].dtypes.items()}))
    return text


def _write(project: Path, sources: dict[str, str], statements: Sequence[Statement], *, model: Any) -> None:
    package = project / "loans"
    package.mkdir(parents=True)
    shutil.copytree(ROOT / "src" / "nb2svc_runtime", package / "_nb2svc", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").write_text("")
    places = {(each.span.cell, each.span.line): each.number for each in statements}
    records = []
    for file, source in sources.items():
        lines = source.split("\n")
        for at, line in enumerate(lines):
            if line.startswith("@"):
                mark, _, lines[at] = line.partition("|")
                cell, row = (int(part) for part in mark[1:].split(":"))
                record = {"file": f"loans/{file}", "line": at + 1, "cell": cell, "cell_line": row, "statement": places[cell, row]}
                records.append(record)
        (package / file).write_text("\n".join(lines))
    (package / "_nb2svc" / "line_map.json").write_text(json.dumps(records))


def _artifacts(project: Path, folder: Path, names: dict[str, Any]) -> None:
    sys.path.insert(0, str(project))
    forget("loans")
    try:
        from importlib import import_module

        state = import_module("loans._nb2svc").State(learning=True)
        with contextlib.chdir(folder):
            import_module("loans.training").train(state)
        artifacts = import_module("loans._nb2svc.artifacts")
        artifacts.save(project / "loans" / "artifacts", names["model"], state, {"regions": names["regions"]}, package="loans")
    finally:
        sys.path.remove(str(project))
        forget("loans")
        for cache in project.rglob("__pycache__"):
            shutil.rmtree(cache)


def _capture(
    folder: Path, names: dict[str, Any], checkpoints: dict[int, dict[str, Any]], statements: Sequence[Statement], *, output: str
) -> tuple[Capture, Observation]:
    (folder / "kept").mkdir(parents=True)
    (folder / "oracles").mkdir()
    raws = ("applicants", "transactions", "visits", "regions")
    wanted: list[tuple[KeptKind, str, str]] = [("raw", name, name) for name in raws]
    wanted += [("fit_input", "X_train", "X_train"), ("predict_input", "X_test", "X_test")]
    wanted += [("output", output, output), ("estimator", "model", "model")]
    kept = [
        Kept(kind=kind, label=label, file=f"kept/{label}.pkl", sha256=put(folder / f"kept/{label}.pkl", names[name]), type="")
        for kind, label, name in wanted
    ]
    values = {"fit_rows": names["#fit"], "predict_rows": names["#predict"], "checkpoints": checkpoints}
    digests = [(f"oracles/{name}.pkl", put(folder / f"oracles/{name}.pkl", value)) for name, value in values.items()]
    capture = Capture(
        folder=str(folder), digest="0" * 12, notebook_digest="", parameters=(), interpreter=sys.executable, python="3.11",
        versions=(), modules=(), kept=tuple(kept), inputs=(), metrics=(), seconds=0.0,
    )  # fmt: skip
    return capture, _observation(names, tuple(digests), statements)


def put(path: Path, value: Any) -> str:
    """Pickle a value; its digest."""
    content = pickle.dumps(value)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _observation(names: dict[str, Any], digests: tuple[tuple[str, str], ...], statements: Sequence[Statement]) -> Observation:
    selecting = next(each for each in statements if each.source.startswith("loans = applicants["))
    selection = Selection(
        statement=selecting.number, span=selecting.span, targets=("loans",), operands=("applicants",), in_place=False,
        rows_in=len(names["applicants"]), rows_out=len(names["#adults"]),
        conditions=(Condition(column="age", operator=">=", value=18),),
    )  # fmt: skip
    return Observation(
        tables=(
            _table("applicants", "main", names, {"applicant_id": "key", "defaulted": "target"}),
            _table("transactions", "child", names, {"applicant_id": "key"}),
            _table("visits", "child", names, {"applicant_id": "key"}),
            _table("regions", "lookup", names, {}),
        ),
        target="defaulted", rewrites=(), selections=(selection,), learned=(),
        answer=Answer(kind="label", dtype="str", container="series", classes=(0, 1)),
        oracles=Oracles(
            fit_rows="oracles/fit_rows.pkl", predict_rows="oracles/predict_rows.pkl", checkpoints="oracles/checkpoints.pkl", sha256=digests
        ),
        estimator_rows=len(names["#fit"]),
    )  # fmt: skip


def _table(name: str, role: TableRole, names: dict[str, Any], uses: dict[str, ColumnUse]) -> Table:
    frame = names[name]
    columns = tuple(
        Column(name=label, dtype=str(frame[label].dtype), kind="other", nullable=False, use=uses.get(label, "read"))
        for label in frame
    )
    child = role == "child"
    return Table(
        name=name, role=role, kind="frame", rows=len(frame), columns=columns,
        key="applicant_id" if child else None, main_key="applicant_id" if child else None,
    )  # fmt: skip


def rekept(loans: Loans, values: dict[str, Any]) -> Loans:
    """The same example with other values in captured files (`kept/X_test.pkl`: value), their digests made to fit."""
    folder = Path(loans.capture.folder)
    digests = {file: put(folder / file, value) for file, value in values.items()}
    kept = tuple(replace(each, sha256=digests.get(each.file, each.sha256)) for each in loans.capture.kept)
    oracles = loans.observation.oracles
    renewed = replace(oracles, sha256=tuple((file, digests.get(file, digest)) for file, digest in oracles.sha256))
    return replace(loans, capture=replace(loans.capture, kept=kept), observation=replace(loans.observation, oracles=renewed))


def copied(loans: Loans, folder: Path) -> Loans:
    """The same example in another folder, to change it there."""
    shutil.copytree(loans.folder, folder)
    return replace(loans, folder=folder, project=folder / "loans", capture=replace(loans.capture, folder=str(folder / "capture")))
