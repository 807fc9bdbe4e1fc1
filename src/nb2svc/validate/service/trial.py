"""The built service beside one run: trained with its parameters by its own training.py, asked about the rows that the run had.

what the run kept → observed rows → training.py → the generated modules' values beside the notebook's → their checks
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.capture.cache import MANIFEST
from nb2svc.capture.driver import captured
from nb2svc.capture.observe import observe
from nb2svc.errors import EnvironmentProblem, InternalError, Nb2svcError, RefusalError, RunError
from nb2svc.ir.capture import Capture, KeepPoint
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import refusals
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.span import Span
from nb2svc.ir.validation import CheckOutcome, Failure, RunResult, ServiceOutcome
from nb2svc.ir.verdict import Divergence, Mode
from nb2svc.parity.bisect import locate
from nb2svc.parity.checks import ask_checks, read_cases
from nb2svc.parity.process import replay
from nb2svc.parity.request import make_request
from nb2svc.parity.results import to_mode
from nb2svc.parity.retrain import train_again, unseeded
from nb2svc.system import clock
from nb2svc.system.digests import folder_digests
from nb2svc.system.files import write_atomic
from nb2svc.system.processes import tail
from nb2svc.trace.frames import frames_in
from nb2svc.trace.project import TracedProject
from nb2svc.validate.service.outcome import check_outcomes, judged_service
from nb2svc.validate.task import RunTask, ServiceTask

# What a request's form and its guards are belongs to the build, and was proved there: these ask the trained modules.
MODES = ("predictions", "inputs", "retrain", "alone", "shuffled", "repeat")
_ALONE = 100
_BROKEN = frozenset({"error", "timeout", "died"})
_MOST_DIFFERENCES = 5
_LEAST = 1.0
_CHECKS = Path("tests") / "test_checks.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A run whose service is asked: the notebook with what it means, and what its kernel is to keep for that."""

    task: RunTask
    service: ServiceTask
    notebook: Notebook
    dataflow: Dataflow
    outline: Outline
    points: tuple[KeepPoint, ...]

    def tried(self, result: RunResult, record: Mapping[str, Any], folder: Path, *, say: Callable[[str], None]) -> ServiceOutcome:
        """Train and ask the service; what keeps it from an answer is told in the outcome. `say` hears what is being done.

        `record` is what the run's kernel noted, `folder` holds the values that it kept and takes what is made of them.

        Raises:
            EnvironmentProblem: the disk is full or not writable.
        """
        begin = clock.seconds()
        if result.status in _BROKEN or not record:
            made = _unevaluated("the notebook's run did not come to its end")
        else:
            trial = _Trial(asked=self, record=record, folder=folder, began=begin)
            try:
                made = _tried(trial, result, say)
            except (RunError, InternalError, EnvironmentProblem) as error:
                if isinstance(error.__cause__, OSError):
                    raise
                made = _unevaluated(error.what + (f": {error.why}" if error.why else ""), failure=_failure(error))
        seconds = round(clock.seconds() - begin, 3)
        return replace(made, project=self.service.shown, digest=self.service.digest, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A run that ended, and where its values are."""

    asked: Asked
    record: Mapping[str, Any]
    folder: Path
    began: float

    @property
    def left(self) -> float | None:
        """The seconds that are left: a service may take as long as the run."""
        limit = self.asked.task.timeout
        return None if limit is None else max(_LEAST, self.began + limit - clock.seconds())


def asked_service(task: RunTask, notebook: Notebook, dataflow: Dataflow) -> Asked | None:
    """What is needed to ask the service of a task; None where nobody wants that."""
    if task.service is None:
        return None
    outline, findings = build_outline(notebook, dataflow)
    if outline is None:
        raise RefusalError(refusals(findings))
    points = keep_points(dataflow, outline)
    return Asked(task=task, service=task.service, notebook=notebook, dataflow=dataflow, outline=outline, points=points)


def _tried(trial: _Trial, result: RunResult, say: Callable[[str], None]) -> ServiceOutcome:
    say("learning which rows it had")
    capture = _capture(trial)
    outline = trial.asked.outline
    observation = observe(capture, trial.asked.notebook, trial.asked.dataflow, outline, timeout=trial.left)
    refused = refusals(observation.findings)
    if refused:
        place = f" ({trial.asked.notebook.place(refused[0].span)})" if refused[0].span else ""
        return _unevaluated(f"no service can be built with these parameters: {refused[0].message}{place}")
    say("training.py")
    project = _unpacked(trial, capture)
    trained = _trained(trial, capture, project, trial.folder)
    if isinstance(trained, str):
        return _untrained(trial, trained, project)
    say("asking it about the rows")
    answer = _asked(trial, capture, observation, trained)
    modes = tuple(_shown(to_mode(document), observation) for document in answer["modes"])
    differs = any(mode.status == "fail" for mode in modes)
    drawn = _drawn(trial, capture, project, trained) if differs else frozenset[str]()
    estimators = next((tuple(document["unseeded"]) for document in answer["modes"] if document.get("unseeded")), ())
    own = tuple(check for check in result.checks if not check.segment)
    say("its checks")
    return judged_service(
        modes,
        divergence=_divergence(trial, answer, modes, observation, trained),
        checks=tuple(_checks(trial, capture, trained, own)),
        own_checks=own,
        drawn=drawn,
        unseeded=unseeded(trial.asked.dataflow.statements, estimators=estimators) if drawn else (),
    )


def _capture(trial: _Trial) -> Capture:
    """What the run kept, as a build's capture is: its tests find it by its digest."""
    parameters = [(each.name, each.value) for each in trial.asked.task.spec.parameters if not each.secret]
    capture = captured(
        trial.record,
        trial.asked.notebook,
        folder=trial.folder,
        cwd=Path(trial.asked.task.cwd),
        parameters=parameters,
        points=trial.asked.points,
    )
    capture = replace(capture, folder=str(trial.folder))
    write_atomic(trial.folder / MANIFEST, json.dumps(to_json(capture)).encode(), mode=0o600)
    return capture


def _unpacked(trial: _Trial, capture: Capture) -> Path:
    """The project beside the run's values, whose tests look at this run in place of the build's, with its parameters."""
    project = trial.folder / "project"
    with zipfile.ZipFile(io.BytesIO(trial.asked.service.content)) as archive:
        archive.extractall(project)
    origin = project / trial.asked.service.package / "_nb2svc" / "origin.json"
    document = {**json.loads(origin.read_bytes()), "capture_digest": capture.digest}
    origin.write_text(json.dumps(document), encoding="utf-8")
    checks = project / _CHECKS
    if checks.is_file() and trial.asked.service.given:
        lines = [f"if {name!r} in globals(): {name} = {value}" for name, value in trial.asked.service.given]
        checks.write_text("\n".join([checks.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")
    return project


def _asked(trial: _Trial, capture: Capture, observation: Observation, project: Path) -> dict[str, Any]:
    request = make_request(
        capture,
        observation,
        project=project,
        package=trial.asked.service.package,
        modes=MODES,
        sample=_ALONE,
        twin=trial.asked.outline.twin_cell(trial.asked.dataflow) is not None,
    )
    return replay(
        {**request, "scores": True},
        interpreter=capture.interpreter,
        scratch=trial.folder,
        name="service",
        progress=lambda _: None,
        limit=trial.left or float("inf"),
    )


def _trained(trial: _Trial, capture: Capture, project: Path, scratch: Path) -> Path | str:
    return train_again(
        project,
        trial.asked.service.package,
        data=Path(capture.cwd),
        interpreter=capture.interpreter,
        scratch=scratch,
        parameters=trial.asked.service.given,
        limit=trial.left,
    )


def _drawn(trial: _Trial, capture: Capture, project: Path, trained: Path) -> frozenset[str]:
    """The artifacts that one more training makes otherwise: what differs there says nothing against the service."""
    scratch = trial.folder / "once_more"
    scratch.mkdir(mode=0o700)
    again = _trained(trial, capture, project, scratch)
    artifacts = Path(trial.asked.service.package) / "artifacts"
    if isinstance(again, str):
        return frozenset({again})
    first, second = folder_digests(trained / artifacts), folder_digests(again / artifacts)
    return frozenset({name for name in {*first, *second} - {MANIFEST} if first.get(name) != second.get(name)})


def _shown(mode: Mode, observation: Observation) -> Mode:
    """A mode with the names that the model's columns have; a few values of rows tell where to look."""
    names = observation.answer.columns

    def named(column: str) -> str:
        return names[int(column)] if column.isdecimal() and int(column) < len(names) else column

    few = mode.differences[:_MOST_DIFFERENCES]
    return replace(mode, differences=tuple(replace(each, column=named(each.column)) for each in few))


def _divergence(
    trial: _Trial, answer: Mapping[str, Any], modes: Sequence[Mode], observation: Observation, project: Path
) -> Divergence | None:
    """Where both part: at the fit where the model's inputs agree and training.py made another model of them."""
    statements = trial.asked.dataflow.statements
    failed = {mode.name for mode in modes if mode.status == "fail"}
    other_model = any(document.get("other_model") for document in answer["modes"])
    if not failed or "inputs" in failed or not other_model:
        return locate(answer["parting"], observation, package_dir=project / trial.asked.service.package, statements=statements)
    fit = statements[trial.asked.outline.model.fit]
    column = next((each.column for mode in modes if mode.status == "fail" for each in mode.differences if each.column), "")
    return Divergence(span=fit.span, statement=fit.number, column=column, text=fit.source.split("\n")[0])


def _checks(trial: _Trial, capture: Capture, project: Path, own: Sequence[CheckOutcome]) -> Iterator[CheckOutcome]:
    if not own:
        return
    limit = trial.left
    told = ask_checks(project, capture.folder, interpreter=capture.interpreter, scratch=trial.folder, limit=limit)
    if isinstance(told, Mode):
        for check in own:
            yield CheckOutcome(name=check.name, cell=check.cell, outcome="not_reached", message=told.note)
        return
    yield from check_outcomes(read_cases(told.read_text(encoding="utf-8")), own)


def _untrained(trial: _Trial, said: str, project: Path) -> ServiceOutcome:
    """A training that failed: the notebook ran with these parameters, so the service does not do as it does."""
    log = tail(trial.folder / "retrain.log", 40)
    late = "longer than" in said
    span = _raised_at(log, project / trial.asked.service.package)
    failure = Failure(
        what=said,
        cell=span.cell if span else 0,
        line=span.line if span else 0,
        where=trial.asked.notebook.place(span) if span else "training.py",
        fix="allow more with --timeout" if late else "see whether training.py, or what it reads, was changed; else build again",
        details=log,
    )
    return ServiceOutcome(status="not_evaluated" if late else "fail", reason=said, failure=failure)


def _raised_at(log: str, package: Path) -> Span | None:
    """The author's line of the last frame that is one."""
    traced = TracedProject(package)
    places = [traced.place(frame.module, frame.line) for line in log.split("\n") for frame in frames_in(line)]
    found = next((place for place in reversed(places) if place is not None), None)
    return Span(cell=found.cell, line=found.line, column=0, end_line=found.line, end_column=len(found.text)) if found else None


def _failure(error: Nb2svcError) -> Failure:
    return Failure(what=error.what, where=error.where, why=error.why, fix=error.fix, details=error.details)


def _unevaluated(reason: str, *, failure: Failure | None = None) -> ServiceOutcome:
    return ServiceOutcome(status="not_evaluated", reason=reason, failure=failure)
