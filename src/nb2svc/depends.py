"""What the result of each stage depends on, as values that name it in the cache: nothing more, so that nothing runs in vain.

The compiler's own code, the kernel's Python and its libraries are part of every name (`capture.facts.service_environment`).

    packing      what is kept and learned, by digest; the package's code
    proof        the package's code and artifacts; the captured values; what was observed of them
    retraining   the same, and the files that the run read
    checks       the same, and the tests of the checks
    controls     as proof, of a copy that was broken on purpose
    trials       as proof, the generated tests and what is asked
    readiness    every byte of the project, the notebook's file, the verdict

Of generated Python the comments are left out, which name cells: a heading that was reworded changes the file and nothing that was
proved. So are the numbers of statements, as far as they only say where a line of the notebook stands. A plot that was put in then
costs a probe and the trials, not the proof.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2svc.capture.pack import pack_request
from nb2svc.ir.capture import EXECUTED_PAGE, Capture
from nb2svc.ir.codec import to_json
from nb2svc.ir.observation import Observation
from nb2svc.ir.plan import Plan
from nb2svc.ir.project import Project
from nb2svc.system.digests import code_digest, digest_of, file_digest, paths_below
from nb2svc.system.memo import sha256

# Reports on a project, and what a build remembers of the last one: no part of what runs.
_REPORTS = ("README.md", "READINESS.md", "readiness.json", ".nb2svc-manifest.json")
_REMEMBERED = ".nb2svc/"
# Where the project came from: its lines' cells, the notebook's and the capture's digest, statements for the tests.
_ORIGINS = ("line_map.json", "origin.json", "steps.json")
_TESTS = "tests/"
# Where something stands in the notebook.
_PLACES = frozenset({"statement", "span", "in_place_argument"})


def code(folder: Path, package: str) -> Mapping[str, str]:
    """Path → digest of all of a project that runs when it serves."""
    found = {}
    for path in paths_below(folder):
        inside, _, name = path.rpartition("/")
        if _is_report(path) or _is_test(path) or (inside == f"{package}/_nb2svc" and name in _ORIGINS):
            continue
        # The runtime's comments are ours, and name no cell.
        ours = inside == f"{package}/_nb2svc"
        found[path] = file_digest(folder / path) if ours else _digest(folder / path)
    return found


def packing(project: Project, plan: Plan, capture: Capture) -> Mapping[str, object]:
    """The artifacts: packed by the project's own code from what was kept."""
    code = {
        file.path: code_digest(file.content) for file in project.files if file.path.endswith(".py") and not _is_test(file.path)
    }
    return {"request": digest_of(pack_request(plan, capture)), "code": code, "package": plan.package}


def proof(
    code: Mapping[str, str], capture: Capture, observation: Observation, *, settings: Mapping[str, object]
) -> Mapping[str, object]:
    """The replay, in process and over HTTP; `settings` are those of the proof itself."""
    return {"code": dict(code), "values": values(capture, observation), "settings": dict(settings)}


def retraining(
    code: Mapping[str, str], capture: Capture, observation: Observation, *, settings: Mapping[str, object]
) -> Mapping[str, object]:
    """The second training, on the files that the run read."""
    return {**proof(code, capture, observation, settings=settings), "data": _data(capture)}


def checks(code: Mapping[str, str], capture: Capture, observation: Observation, *, folder: Path) -> Mapping[str, object]:
    """The author's checks on the served model, as generated tests."""
    tests = {name: _digest(folder / _TESTS / name) for name in ("conftest.py", "test_checks.py")}
    # The states of generators are labelled by statements' numbers, and no check reads them.
    kept = sorted([kept.kind, kept.label, kept.sha256] for kept in capture.kept if kept.kind != "random")
    return {**proof(code, capture, observation, settings={}), "tests": tests, "kept": kept}


def trials(
    code: Mapping[str, str], capture: Capture, observation: Observation, *, folder: Path, package: str, requests: object
) -> Mapping[str, object]:
    """The project's tests on mutants, its schema, its model's code; `requests` is what they are asked."""
    tests = {path: _digest(folder / path) for path in paths_below(folder) if path.startswith(_TESTS)}
    return {
        **proof(code, capture, observation, settings={}),
        "tests": tests,
        "observation": digest_of(to_json(observation)),
        "steps": _digest(folder / package / "_nb2svc" / "steps.json"),
        "requests": _without_comments(requests),
        "data": _data(capture),
    }


def readiness(
    folder: Path,
    *,
    notebook_digest: str,
    capture: Capture,
    observation: Observation,
    verdict: object,
    settings: Mapping[str, object],
) -> Mapping[str, object]:
    """The checklist: it names digests of everything."""
    return {
        "project": {path: file_digest(folder / path) for path in paths_below(folder) if not _is_report(path)},
        "notebook": notebook_digest,
        "capture": [capture.digest, sorted(kept.sha256 for kept in capture.kept), list(capture.metrics), _data(capture)],
        "page": _digest(Path(capture.folder) / EXECUTED_PAGE),
        "observation": digest_of(to_json(observation)),
        "verdict": digest_of(verdict),
        "settings": dict(settings),
    }


def values(capture: Capture, observation: Observation) -> Mapping[str, object]:
    """The captured values that a proof compares with, and what it needs to know of them."""
    seen = to_json(observation)
    oracles = dict(observation.oracles.sha256)
    return {
        "kept": sorted(
            [kept.kind, kept.label, kept.sha256] for kept in capture.kept if kept.kind not in ("random", "check_value")
        ),
        "tables": seen["tables"],
        "selections": [_placeless(selection) for selection in seen["selections"]],
        "answer": seen["answer"],
        "target": seen["target"],
        "passed": seen["passed"],
        # Checkpoints are by statements' numbers; they only lead a failure to its place, and a failure is never kept.
        "oracles": {name: digest for name, digest in sorted(oracles.items()) if name != "checkpoints"},
    }


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    return code_digest(path.read_bytes()) if path.suffix == ".py" else file_digest(path)


def _is_report(path: str) -> bool:
    return path in _REPORTS or path.startswith(_REMEMBERED)


def _is_test(path: str) -> bool:
    return path.startswith(_TESTS)


def _data(capture: Capture) -> list[list[str]]:
    return [[file.path, file.sha256] for file in capture.inputs]


def _placeless(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _placeless(value) for name, value in document.items() if name not in _PLACES}
    return [_placeless(each) for each in document] if isinstance(document, list) else document


def _without_comments(document: Any) -> Any:
    """A request with its texts of Python by their code."""
    if isinstance(document, dict):
        return {name: _without_comments(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_without_comments(value) for value in document]
    if isinstance(document, str) and "\n" in document:
        return code_digest(document.encode("utf-8", "surrogatepass"))
    return document if isinstance(document, str | int | float | bool | None) else sha256(repr(document).encode())
