"""Small notebooks as request folders: runs the cells plainly, keeps what a capture would keep, and calls the probe."""

import ast
import copy
import hashlib
import json
import pickle
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2svc.capture.probe import main as probe_main
from nb2svc.ir.codec import from_json
from nb2svc.ir.observation import Observation


class Case:
    """A notebook given as cells; which statements play which part is said by hand.

    `raws` are names; `fit` and `predict` are pieces of text found in the statements (`model.fit(X_train`), `input`s the
    argument texts. Statements of `parts` may be overridden by number.
    """

    def __init__(self, folder: Path, cells: Sequence[str], **options: Any) -> None:
        self.folder = folder
        self.cells = list(cells)
        self.options = options
        self.statements: list[dict[str, Any]] = []
        self.namespace: dict[str, Any] = {}
        for number, cell in enumerate(self.cells, start=1):
            self._split(cell, number)

    def _split(self, cell: str, number: int) -> None:
        lines = cell.split("\n")
        for node in ast.parse(cell).body:
            first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
            text = lines[first - 1 : node.end_lineno]
            text[-1] = text[-1].encode()[: node.end_col_offset].decode()
            text[0] = text[0].encode()[node.col_offset :].decode() if len(text) > 1 or first == node.lineno else text[0]
            if len(text) == 1:
                text[0] = lines[first - 1].encode()[node.col_offset : node.end_col_offset].decode()
            span = {"cell": number, "line": first, "column": node.col_offset, "end_line": node.end_lineno}
            span["end_column"] = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
            source = "\n".join(text)
            self.statements.append({"number": len(self.statements), "span": span, "source": source, "part": "", "feature": True})

    def find(self, text: str, *, last: bool = False) -> int:
        """The number of the first (or last) statement that holds a text."""
        found = [s["number"] for s in self.statements if text in s["source"]]
        assert found, text
        return found[-1] if last else found[0]

    def spot(self, number: int, text: str, *, whole: str = "") -> dict[str, int]:
        """The span of an expression (its exact text) in a statement, the first one within `whole`."""
        statement = self.statements[number]
        tree = ast.parse(statement["source"])
        for node in ast.walk(tree):
            if isinstance(node, ast.expr) and ast.get_source_segment(statement["source"], node) == text:
                span = statement["span"]
                lines = statement["source"].split("\n")

                def column(line: int, offset: int, lines: list[str] = lines, span: dict[str, int] = span) -> int:
                    own = len(lines[line - 1].encode()[:offset].decode())
                    return own + (span["column"] if line == 1 else 0)

                return {
                    "cell": span["cell"],
                    "line": span["line"] + node.lineno - 1,
                    "column": column(node.lineno, node.col_offset),
                    "end_line": span["line"] + node.end_lineno - 1,
                    "end_column": column(node.end_lineno, node.end_col_offset),
                }
        raise AssertionError(f"no expression {text!r} in {statement['source']!r}")


def build(folder: Path, cells: Sequence[str], *, raws: Sequence[str], fit: str, fit_input: str, fit_target: str | None = None,
          estimator: str = "model", predict: str | None = None, predict_input: str | None = None, method: str = "predict",
          output: str | None = None, twin: Sequence[str] = (), training: Sequence[str] = (), prelude: Sequence[str] = (),
          target_names: Sequence[str] = (), variables: Mapping[str, Any] | None = None, **extra: Any) -> Case:  # fmt: skip
    """Run the cells, keep the values at their statements, and write `probe_request.json`.

    Parts: statements up to the last raw are `load` (absent) unless imports, functions and classes (prelude); then
    `fit_path` up to the fit; `twin` and `training` are texts; after the fit `answer` up to the output.
    """
    case = Case(folder, cells)
    (folder / "kept").mkdir(parents=True, exist_ok=True)
    raw_at = {
        name: max(s["number"] for s in case.statements if s["span"]["cell"] == 1 and s["source"].startswith(name + " = "))
        for name in raws
    }
    fit_at = case.find(fit)
    predict_at = case.find(predict) if predict else None
    output_at = case.find(output + " = ", last=True) if output else None
    module = types.ModuleType("__main__")
    module.__dict__.update(variables or {})
    kept: dict[str, str] = {}
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        for statement in case.statements:
            number = statement["number"]
            if number == fit_at:
                kept["fit_input"] = _keep(folder, "fit_input", eval(fit_input, module.__dict__))
                if fit_target:
                    kept["fit_target"] = _keep(folder, "fit_target", eval(fit_target, module.__dict__))
            if number == predict_at and predict_input:
                kept["predict_input"] = _keep(folder, "predict_input", eval(predict_input, module.__dict__))
            exec(compile(statement["source"], f"cell{statement['span']['cell']}", "exec"), module.__dict__)
            for name, at in raw_at.items():
                if at == number:
                    kept["raw_" + name] = _keep(folder, "raw_" + name, module.__dict__[name])
            if number == fit_at:
                kept["estimator"] = _keep(folder, "estimator", module.__dict__[estimator])
            if number == output_at:
                kept["output"] = _keep(folder, "output", module.__dict__[output])
    finally:
        sys.modules["__main__"] = before
    last_raw = max(raw_at.values())
    for statement in case.statements:
        statement["part"] = _part(
            statement, last_raw=last_raw, fit_at=fit_at, output_at=output_at, twin=twin, training=training, prelude=prelude
        )
    for at in raw_at.values():
        case.statements[at]["part"] = ""
    parts = [s for s in case.statements if s["part"] and s["number"] not in raw_at.values()]
    document = {
        "version": 1, "folder": str(folder), "notebook": "case.ipynb", "statements": parts,
        "raws": [{"name": name, "file": kept["raw_" + name], "statement": at} for name, at in raw_at.items()],
        "givens": [],
        "fitted": [{"name": estimator, "file": kept["estimator"], "statement": fit_at}], "estimator": estimator,
        "feeds": [] if predict_at is None else [
            {"predict": predict_at, "predict_input": case.spot(predict_at, predict_input),
             "fit": fit_at, "fit_input": case.spot(fit_at, fit_input)}],
        "fit": {"statement": fit_at, "input": case.spot(fit_at, fit_input), "target": case.spot(fit_at, fit_target) if fit_target else None,
                "input_file": kept["fit_input"], "target_file": kept.get("fit_target")},
        "predict": None if predict_at is None else {
            "statement": predict_at, "call": case.spot(predict_at, predict), "input": case.spot(predict_at, predict_input),
            "input_file": kept["predict_input"]},
        "method": method,
        "output": None if output is None else {"name": output, "statement": output_at, "file": kept["output"]},
        "target_names": list(target_names), "raw_hint": None, "request_hint": [], "lookup_hint": [],
        "options": {"sample": 2000, "single_rows": 20, "knowledge": True, "seed": 0, "checkpoint_rows": 20000},
    }  # fmt: skip
    options = dict(document["options"], **extra.pop("options", {}))
    document.update(extra, options=options)
    (folder / "probe_request.json").write_text(json.dumps(document), encoding="utf-8")
    case.options = document
    return case


def _part(statement: dict[str, Any], *, last_raw: int, fit_at: int, output_at: int | None, twin: Sequence[str],
          training: Sequence[str], prelude: Sequence[str]) -> str:  # fmt: skip
    source, number = statement["source"], statement["number"]
    if source.startswith(("import ", "from ", "def ", "class ", "@")) or any(text in source for text in prelude):
        return "prelude"
    if any(text in source for text in twin):
        return "twin"
    if any(text in source for text in training) or number == fit_at:
        return "training"
    if number <= last_raw or statement["span"]["cell"] == 1:
        return ""
    if number < fit_at:
        return "fit_path"
    return "answer" if output_at is not None and number <= output_at else ""


def _keep(folder: Path, name: str, value: Any) -> str:
    (folder / "kept" / f"{name}.pkl").write_bytes(pickle.dumps(copy.deepcopy(value)))
    return f"kept/{name}.pkl"


def observe(case: Case) -> Observation:
    """Run the probe in this process and read what it wrote."""
    assert probe_main.main([str(case.folder / "probe_request.json")]) == 0
    document = json.loads((case.folder / "observation.json").read_text(encoding="utf-8"))
    return from_json(Observation, document)


def sha256(path: Path) -> str:
    """The digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
