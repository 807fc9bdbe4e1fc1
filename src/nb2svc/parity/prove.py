"""The proof of one build: the generated project replays the notebook's own rows, in every way that a caller could ask.

project on disk + Capture + Observation  →  Verdict
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.observation import Observation
from nb2svc.ir.verdict import Mode, Verdict
from nb2svc.parity.bisect import locate
from nb2svc.parity.checks import run_checks
from nb2svc.parity.http import Serving, send
from nb2svc.parity.process import Progress, replay
from nb2svc.parity.request import IN_PROCESS, SAMPLE, make_request
from nb2svc.parity.results import failed, to_edges, to_mode, unevaluated
from nb2svc.parity.retrain import train_again, unseeded

# A part of the proof by its name, and what makes its document: for a caller who may have one of an earlier build.
Part = Literal["proof", "retraining", "checks"]
Recall = Callable[[Part, Callable[[], dict[str, Any]]], dict[str, Any]]

# What a negative control needs to see that a copy of the project was broken.
NOTICING = ("predictions", "inputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    """What every part of the proof needs."""

    project: Path
    package: str
    capture: Capture
    observation: Observation
    interpreter: str
    scratch: Path
    request: dict[str, Any]
    progress: Progress
    recall: Recall


def _silent(_name: str) -> None:
    return


def _made(_part: Part, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return make()


def prove(
    project_dir: Path,
    package: str,
    capture: Capture,
    observation: Observation,
    *,
    interpreter: str,
    mode: Literal["sample", "all"],
    scratch: Path,
    http: bool,
    retrain: bool,
    progress: Progress = _silent,
    statements: Sequence[Statement] = (),
    twin_cell: int | None = None,
    data: Path | None = None,
    serving: Serving | None = None,
    modes: Sequence[str] = IN_PROCESS,
    checks: bool = True,
    scores: bool = False,
    recall: Recall = _made,
) -> Verdict:
    """Replay the capture through the project on disk.

    `mode` says whether single rows are a stratified sample of 500 or all. `statements` are the notebook's, for spans and texts;
    `twin_cell` is the cell where the notebook prepared its prediction rows by code of their own (None: it did not); `data` is
    the folder that the notebook ran in; `serving` starts the project's service. `scratch` is an existing private folder.
    `modes` are the in-process ones to replay, and `checks` says whether the author's checks run: a control makes do with
    `NOTICING`. With `scores` a second training is also compared by the probabilities that its estimator gives: a control must see
    another model even where no label changed. `recall` may give a part's document that it has, in place of making it.

    Raises:
        InternalError: the harness itself failed.
        EnvironmentProblem: the interpreter or the service can't be started.
    """
    sample = SAMPLE if mode == "sample" else None
    twin = twin_cell is not None
    request = make_request(capture, observation, project=project_dir, package=package, modes=modes, sample=sample, twin=twin)
    build = _Build(
        project=project_dir.resolve(),
        package=package,
        capture=capture,
        observation=observation,
        interpreter=interpreter,
        scratch=scratch.resolve(),
        request={**request, "scores": scores},
        progress=progress,
        recall=recall,
    )
    replayed = recall("proof", lambda: _replayed(build, http=http, serving=serving))
    trained = _retrain(build, wanted=retrain, data=data, statements=statements)
    checked = _checks(build, wanted=checks)
    documents = replayed["modes"]
    return Verdict(
        modes=(*(to_mode(document) for document in documents), trained, checked),
        knife_edges=to_edges(documents),
        prepared_otherwise=replayed["prepared"],
        prepared_cell=twin_cell if replayed["prepared"] else None,
        divergence=locate(replayed["parting"], observation, package_dir=build.project / package, statements=statements),
    )


def _replayed(build: _Build, *, http: bool, serving: Serving | None) -> dict[str, Any]:
    """In process and over HTTP: {"modes": […], "prepared": rows prepared otherwise, "parting": where both part}."""
    first = _replay(build, "replay", requests=str(build.scratch / "http_requests.json"))
    over_http = _http(build, first, wanted=http, serving=serving)
    parting = first["parting"] or over_http.get("parting")
    return {"modes": [*first["modes"], *over_http["modes"]], "prepared": first["prepared"], "parting": parting}


def _checks(build: _Build, *, wanted: bool) -> Mode:
    if not wanted:
        return unevaluated("checks", "the checks were left out")
    return from_json(Mode, build.recall("checks", lambda: to_json(_run_checks(build))))


def _run_checks(build: _Build) -> Mode:
    build.progress("checks")
    return run_checks(build.project, build.capture.folder, interpreter=build.interpreter, scratch=build.scratch)


def _replay(build: _Build, name: str, **changes: object) -> dict[str, Any]:
    request = {**build.request, **changes}
    return replay(request, interpreter=build.interpreter, scratch=build.scratch, name=name, progress=build.progress)


def _http(build: _Build, first: dict[str, Any], *, wanted: bool, serving: Serving | None) -> dict[str, Any]:
    if not wanted or serving is None:
        return {"modes": [_document(unevaluated("http", "no service was started"))]}
    if first["problem"]:
        return {"modes": [_document(failed("http", first["problem"]))]}
    requests, answers = build.scratch / "http_requests.json", build.scratch / "http_answers.json"
    with serving(build.project) as url:
        send(url, requests=requests, answers=answers)
    return _replay(build, "http", modes=["http"], answers=str(answers))


def _document(mode: Mode) -> dict[str, Any]:
    return {
        "name": mode.name,
        "status": mode.status,
        "compared": 0,
        "total": 0,
        "different": 0,
        "note": mode.note,
        "edges": [],
        "differences": [
            {"row": each.row, "column": each.column, "expected": each.expected, "actual": each.actual}
            for each in mode.differences
        ],
    }


def _retrain(build: _Build, *, wanted: bool, data: Path | None, statements: Sequence[Statement]) -> Mode:
    if not wanted or data is None:
        return unevaluated(
            "retrain", "training again was left out" if not wanted else "the folder of the notebook's data is not known"
        )
    if _only_loads(build.capture, statements):
        return unevaluated("retrain", "the notebook loads its model from a file: there is no training to repeat")
    document = build.recall("retraining", lambda: _trained(build, data))
    if "problem" in document:
        return failed("retrain", document["problem"])
    if document["status"] != "fail":
        return to_mode(document)
    # What is served is the captured estimator, which the other modes prove; a missing seed is the author's to know.
    reasons = unseeded(statements, estimators=document.get("unseeded", ()))
    note = "; ".join(reasons) if reasons else "training.py does not give the same service again"
    noise = f"the answers of {document['different']} of {document['compared']} rows changed"
    return to_mode({**document, "status": "warn" if reasons else "fail", "note": f"{note} ({noise})"})


def _trained(build: _Build, data: Path) -> dict[str, Any]:
    """The mode's document, or {"problem": why training.py did not end}."""
    build.progress("retrain")
    copy = train_again(build.project, build.package, data=data, interpreter=build.interpreter, scratch=build.scratch)
    if isinstance(copy, str):
        return {"problem": copy}
    answer = _replay(build, "retrain", project=str(copy), modes=["retrain"], sample=0)
    document: dict[str, Any] = answer["modes"][0]
    return document


def _only_loads(capture: Capture, statements: Sequence[Statement]) -> bool:
    """Whether every estimator comes out of a file."""
    numbers = [point.statement for point in capture.points if point.kind == "estimator"]
    made = [statements[number] for number in numbers if number < len(statements)]
    return bool(made) and all(any(effect.kind == "file_read" for effect in statement.effects) for statement in made)
