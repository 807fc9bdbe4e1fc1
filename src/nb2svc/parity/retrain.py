"""Training again: the generated `training.py` on the notebook's data, and whether it gives the same service."""

import ast
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nb2svc.ir.dataflow import Statement
from nb2svc.system.clock import readable
from nb2svc.system.processes import run

LIMIT = 3600.0
# Calls that draw random numbers unless `random_state` says otherwise.
DRAWING = frozenset({"train_test_split", "sample", "shuffle", "resample"})


def train_again(
    project_dir: Path,
    package: str,
    *,
    data: Path,
    interpreter: str,
    scratch: Path,
    parameters: Sequence[tuple[str, str]] = (),
    limit: float | None = LIMIT,
) -> Path | str:
    """Run `python -m PACKAGE.training`; a copy of the project with the new artifacts, or why there is none.

    `parameters` are names and Python literals in place of the project's own values.
    """
    out, log, copy = scratch / "retrained_artifacts", scratch / "retrain.log", scratch / "retrained"
    for folder in (out, copy):
        shutil.rmtree(folder, ignore_errors=True)
    log.unlink(missing_ok=True)
    given = [part for name, value in parameters for part in ("-p", f"{name}={value}")]
    command = [interpreter, "-B", "-m", f"{package}.training", "--data", str(data.resolve()), "--out", str(out), *given]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = run(command, log=log, timeout=limit, cwd=project_dir, env=env)
    if done.timed_out:
        return f"training.py took longer than {readable(limit or 0.0)}"
    if done.code != 0:
        last = [line for line in done.tail().split("\n") if line.strip()]
        return f"training.py failed: {last[-1] if last else f'exit code {done.code}'}"
    shutil.copytree(project_dir, copy, ignore=shutil.ignore_patterns("__pycache__"))
    _overlay(out, copy / package / "artifacts")
    return copy


def _overlay(trained: Path, artifacts: Path) -> None:
    """Put newly trained artifacts in place; lookup tables are not trained and stay, with their digests."""
    old, new = _manifest(artifacts), _manifest(trained)
    shutil.copytree(trained, artifacts, dirs_exist_ok=True)
    if new:
        lookups = new.get("lookups") or old.get("lookups", {})
        files = {**old.get("files", {}), **new.get("files", {})}
        merged = {**old, "parameters": {}, **new, "lookups": lookups, "files": files}
        (artifacts / "manifest.json").write_text(json.dumps(merged, indent=2) + "\n", encoding="utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def unseeded(statements: Sequence[Statement], *, estimators: Sequence[str]) -> tuple[str, ...]:
    """What draws other random numbers at each training, in words with its cell and the edit.

    `estimators` are the class names of the served estimator's parts whose `random_state` is None.
    """
    found = []
    for statement in statements:
        for name in _drawing(statement.source, estimators):
            found.append(f"{name} ({statement.span}) has no seed: set random_state")
    named = " ".join(found)
    return tuple(dict.fromkeys(found + [f"{name} has no seed: set random_state" for name in estimators if name not in named]))


def _drawing(source: str, estimators: Sequence[str]) -> list[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [(call, call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) for call in calls]
    return [name for call, name in names if name in (*DRAWING, *estimators) and not _seeded(call)]


def _seeded(call: ast.Call) -> bool:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "random_state"]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)
