"""What DAT-04 looks at: the project's own tests, run on its feature code, on mutants of it, and without their bodies."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.tested_features import FeatureTests, TriedMutant
from nb2svc.readiness.evidence.coverage import branches, statements
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.readiness.mutants.feature import FeatureMutant, chosen, feature_mutants

# At least twenty are wanted; a few can't be made (a learned object of which nothing is known).
MUTANTS = 24
SECONDS = 60.0
_TESTS = ("test_features.py", "test_parity.py")


def feature_test_request(inputs: AssessInputs) -> dict[str, Any] | None:
    """What the harness is asked; None where there is no feature code."""
    path = inputs.package_dir / "features.py"
    if not path.is_file():
        return None
    folder = inputs.project_dir / "tests"
    files = {name: (folder / name).read_text(encoding="utf-8") for name in _TESTS if (folder / name).is_file()}
    return {
        "source": path.read_text(encoding="utf-8"),
        "files": files,
        "emptied": {name: emptied(source) for name, source in files.items()},
        "mutants": [{"function": each.function, "source": each.source, "state": each.state} for each in _mutants(inputs)[0]],
        "seconds": SECONDS,
    }


def observe_feature_tests(inputs: AssessInputs) -> FeatureTests:
    """The tests on the good code and on the mutants, from the one process that tries the project."""
    if not (inputs.package_dir / "features.py").is_file():
        return FeatureTests(absent="The estimator holds everything that is computed of a row: there is no features.py")
    answer = inputs.tried("tests")
    if "tests" not in answer:
        return FeatureTests(problem=str(answer.get("problem", "")))
    source = (inputs.package_dir / "features.py").read_text(encoding="utf-8")
    lines, arcs = set(answer["lines"]), {(before, after) for before, after in answer["arcs"]}
    mutants, possible = _mutants(inputs)
    whole = all(
        status == "pass" for name, status in _statuses(answer) if name.endswith("_makes_in_training_what_the_notebook_made")
    )
    return FeatureTests(
        tests=_statuses(answer),
        mutants=_tried(inputs, mutants, answer.get("mutants", ()), lines=lines, whole=whole),
        emptied=_tried(inputs, mutants, answer.get("emptied", ()), lines=lines, whole=whole),
        possible=possible,
        ran=statements(source, lines),
        taken=branches(source, arcs),
    )


def spoil_feature_tests(_inputs: AssessInputs, good: FeatureTests) -> Iterator[Trial[FeatureTests]]:
    """The same tests emptied: they pass whatever the code does, so they catch no mutant."""
    number = sum(1 for _, status in good.tests if status == "pass")
    yield Trial(description=f"{number} tests of features.py emptied in a copy", evidence=replace(good, mutants=good.emptied))


def emptied(source: str) -> str:
    """A test module whose tests do nothing.

    `def test_one(capture): assert capture.ok` → `def test_one(capture): pass`
    """
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            node.body = [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))


def _mutants(inputs: AssessInputs) -> tuple[tuple[FeatureMutant, ...], int]:
    """Those to try, and how many there could be."""
    source = (inputs.package_dir / "features.py").read_text(encoding="utf-8")
    state = inputs.package_dir / "artifacts" / "state.json"
    learned = sorted(json.loads(state.read_text(encoding="utf-8"))) if state.is_file() else []
    found = feature_mutants(source, state=learned, lines=_cells(inputs))
    return chosen(found, MUTANTS), len(found)


def _cells(inputs: AssessInputs) -> dict[int, str]:
    """The place in the notebook of each of the author's lines in features.py."""
    path = inputs.package_dir / "_nb2svc" / "line_map.json"
    records = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {each["line"]: f"cell {each['cell']}, line {each['cell_line']}" for each in records if each["file"] == "features.py"}


def _statuses(answer: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each["name"], each["status"]) for each in answer["tests"])


def _tried(
    inputs: AssessInputs, mutants: tuple[FeatureMutant, ...], results: Any, *, lines: set[int], whole: bool
) -> tuple[TriedMutant, ...]:
    cells = _cells(inputs)
    return tuple(
        TriedMutant(
            kind=mutant.kind,
            where=cells.get(mutant.line, f"features.py, line {mutant.line}"),
            what=mutant.what,
            caught_by=result["by"] if result["caught"] else "",
            why="" if result["caught"] else _why(mutant, lines=lines, whole=whole),
            problem=result["problem"],
        )
        for mutant, result in zip(mutants, results, strict=False)
    )


def _why(mutant: FeatureMutant, *, lines: set[int], whole: bool) -> str:
    if mutant.line not in lines:
        return "no test runs this line"
    if whole:
        return "may be equivalent: every value stays the same on the notebook's rows"
    return ""
