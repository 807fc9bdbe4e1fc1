"""The parts of a build that need the tree on disk: the proof, the Bento, the checklist."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nb2svc import depends
from nb2svc.analysis.check_accounts import check_accounts
from nb2svc.capture.driver import run_place
from nb2svc.capture.pack import made_at, pack_artifacts
from nb2svc.config import BuildOptions
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Plan
from nb2svc.ir.progress import Progress, ProgressEvent
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.ir.readiness import Checklist
from nb2svc.ir.validation import Validation
from nb2svc.ir.verdict import Verdict
from nb2svc.parity.http import Serving
from nb2svc.parity.prove import NOTICING, Part, prove
from nb2svc.readiness.assess import AssessInputs, assess
from nb2svc.readiness.evidence.pipeline import ci_facts
from nb2svc.readiness.evidence.trials import trial_requests, try_project
from nb2svc.readiness.evidence.validations import beside, check_counts, check_given, read_given, read_last, validation_digest
from nb2svc.system.memo import Memo
from nb2svc.system.progress import in_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A notebook that was run, observed and planned: all that its project is made from and judged by."""

    notebook: Notebook
    dataflow: Dataflow
    outline: Outline
    capture: Capture
    observation: Observation
    plan: Plan

    @property
    def twin_cell(self) -> int | None:
        """Where the notebook prepared its prediction rows by code of their own, or None."""
        return self.outline.twin_cell(self.dataflow)


def validation_given(options: BuildOptions, notebook: Notebook) -> Validation | None:
    """The validation that a person names for a build; None where nobody does.

    Raises:
        UsageError: it can't be read, or is of another state of the notebook or of its data.
    """
    if options.validation is None:
        return None
    found = read_given(options.validation)
    cwd = run_place(Path(notebook.path).absolute(), str(options.cwd) if options.cwd is not None else None)
    check_given(found, notebook, given=options.validation, cwd=cwd)
    return found


def check_validation(found: Validation | None, options: BuildOptions, capture: Capture) -> None:
    """Refuse the validation that a person named, where the notebook's run read or was given something else.

    Raises:
        UsageError: it did.
    """
    if found is not None and options.validation is not None:
        check_counts(found, capture, given=options.validation)


def pack(project: Project, compiled: Compiled, *, memo: Memo, progress: Progress) -> tuple[ProjectFile, ...]:
    """The model and what it learned, as the project's artifacts.

    Raises:
        RefusalError: something can't be kept as data.
    """

    def run() -> dict[str, bytes]:
        progress(ProgressEvent(stage="generate", text="packing the model"))
        places = made_at(compiled.plan, compiled.dataflow, compiled.outline, compiled.observation)
        with TemporaryDirectory(prefix="nb2svc-") as scratch:
            files = pack_artifacts(project, compiled.plan, compiled.capture, scratch=Path(scratch), places=places)
        return {file.path: file.content for file in files}

    made = memo.files("packing", depends.packing(project, compiled.plan, compiled.capture), run)
    return tuple(ProjectFile(path=path, content=content) for path, content in sorted(made.items()))


def prove_project(folder: Path, compiled: Compiled, *, options: BuildOptions, memo: Memo, progress: Progress) -> Verdict:
    """Replay the capture through the tree in `folder`, in process and over HTTP, and train again."""
    told = in_stage(progress, "prove")
    told("")

    def tell(mode: str) -> None:
        told(f"proof: {mode}")

    code = depends.code(folder, compiled.plan.package)

    def recall(part: Part, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = memo.stage(part, _proved_by(part, folder, code, compiled, options), make, keep=_KEPT[part])
        return found

    with TemporaryDirectory(prefix="nb2svc-proof-") as scratch:
        return prove(
            folder,
            compiled.plan.package,
            compiled.capture,
            compiled.observation,
            interpreter=compiled.capture.interpreter,
            mode=options.parity,
            scratch=Path(scratch),
            http=True,
            retrain=options.retrain,
            progress=tell,
            statements=compiled.dataflow.statements,
            twin_cell=compiled.twin_cell,
            data=Path(compiled.capture.cwd),
            serving=_serving(compiled.capture),
            recall=recall,
        )


# A part of a proof that failed is tried again the next time.
_KEPT: Mapping[Part, Callable[[Any], bool]] = {
    "proof": lambda found: found["parting"] is None and all(mode["status"] != "fail" for mode in found["modes"]),
    "retraining": lambda found: "problem" not in found and found["status"] != "fail",
    "checks": lambda found: found["status"] == "pass",
}


def _proved_by(
    part: Part, folder: Path, code: Mapping[str, str], compiled: Compiled, options: BuildOptions
) -> Mapping[str, object]:
    """What a part of the proof depends on."""
    of_all = (code, compiled.capture, compiled.observation)
    match part:
        case "proof":
            return depends.proof(*of_all, settings={"rows": options.parity, "twin": compiled.twin_cell is not None})
        case "retraining":
            return depends.retraining(*of_all, settings={})
        case "checks":
            return depends.checks(*of_all, folder=folder)


def _control(copy: Path, compiled: Compiled, *, retrain: bool, memo: Memo) -> Verdict:
    """The part of the proof that must notice a copy of the project that was broken on purpose."""
    of_all = (depends.code(copy, compiled.plan.package), compiled.capture, compiled.observation)
    depending = depends.retraining(*of_all, settings={"control": retrain, "twin": compiled.twin_cell is not None})
    found = memo.recall("control", depending, lambda: to_json(_prove_control(copy, compiled, retrain=retrain)))
    return from_json(Verdict, found)


def _prove_control(copy: Path, compiled: Compiled, *, retrain: bool) -> Verdict:
    with TemporaryDirectory(prefix="nb2svc-control-") as scratch:
        return prove(
            copy,
            compiled.plan.package,
            compiled.capture,
            compiled.observation,
            interpreter=compiled.capture.interpreter,
            mode="sample",
            scratch=Path(scratch),
            http=False,
            retrain=retrain,
            twin_cell=compiled.twin_cell,
            data=Path(compiled.capture.cwd),
            modes=NOTICING[:1] if retrain else NOTICING,
            checks=False,
            scores=retrain,
        )


def _serving(capture: Capture) -> Serving:
    from nb2svc.bento.serve import running

    @contextmanager
    def serving(project: Path) -> Iterator[str]:
        with running(project, interpreter=capture.interpreter) as server:
            yield server.url

    def serve(project: Path) -> AbstractContextManager[str]:
        return serving(project)

    return serve


def store_bento(folder: Path, *, options: BuildOptions, interpreter: str, memo: Memo, progress: Progress) -> str:
    """Put the project into the user's BentoML store; its tag, or "" with `--no-bento`."""
    progress(ProgressEvent(stage="package"))
    if not options.bento:
        return ""
    from nb2svc.bento.build import build_bento, stored_bento

    bento = stored_bento(folder)
    if bento is None:
        progress(ProgressEvent(stage="package", text="building the Bento"))
        with TemporaryDirectory(prefix="nb2svc-bento-") as name:
            # BentoML refuses to read a folder whose path has a hidden part, as the staged tree's has.
            copy = Path(name).resolve() / "project"
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            bento = build_bento(copy, interpreter=interpreter)
    memo.note("bento", reused=bento.existed, made=bento.made)
    return bento.tag


def assess_project(
    folder: Path,
    compiled: Compiled,
    *,
    verdict: Verdict,
    options: BuildOptions,
    memo: Memo,
    progress: Progress,
    by_hand: tuple[str, ...] = (),
    validation: Validation | None = None,
) -> tuple[Checklist, tuple[ProjectFile, ...]]:
    """The checklist, and the files that tell it: READINESS.md and readiness.json.

    `validation` is the one that a person named; without it the last one beside the notebook is looked at.
    """
    from nb2svc.readiness.render.json import render_json
    from nb2svc.readiness.render.markdown import render_markdown

    told = in_stage(progress, "readiness")
    told("")
    last = validation or read_last(beside(Path(compiled.notebook.path)))
    inputs, tried = _assessed_by(folder, compiled, verdict=verdict, options=options, memo=memo, by_hand=by_hand)
    inputs = replace(inputs, validation=last)

    def run() -> Any:
        told("readiness: checks and their controls")
        return to_json(assess(inputs))

    depending = depends.readiness(
        folder,
        notebook_digest=compiled.notebook.digest,
        capture=compiled.capture,
        observation=compiled.observation,
        verdict=to_json(verdict),
        settings={
            "retrain": options.retrain,
            "package": compiled.plan.package,
            "by_hand": list(by_hand),
            "ci": to_json(inputs.ci),
            "validation": validation_digest(last) if last else "",
        },
    )
    # What could not be tried this time may be the next time.
    checklist = from_json(Checklist, memo.stage("readiness", depending, run, keep=lambda _: all(map(_answered, tried))))
    papers = (
        ProjectFile(path="READINESS.md", content=render_markdown(checklist).encode()),
        ProjectFile(path="readiness.json", content=render_json(checklist).encode()),
    )
    return checklist, papers


def _assessed_by(
    folder: Path, compiled: Compiled, *, verdict: Verdict, options: BuildOptions, memo: Memo, by_hand: tuple[str, ...]
) -> tuple[AssessInputs, list[Mapping[str, Any]]]:
    """What the assessment is given, and a list that the trials' answers will be in when they were tried."""
    tried: list[Mapping[str, Any]] = []
    inputs = AssessInputs(
        notebook=compiled.notebook,
        dataflow=compiled.dataflow,
        outline=compiled.outline,
        project_dir=folder,
        package=compiled.plan.package,
        capture=compiled.capture,
        observation=compiled.observation,
        verdict=verdict,
        working_dir=Path(compiled.capture.cwd),
        prove_copy=lambda copy: _control(copy, compiled, retrain=False, memo=memo),
        retrain_copy=lambda copy: _control(copy, compiled, retrain=True, memo=memo),
        retrain=options.retrain,
        by_hand=by_hand,
        ci=ci_facts(Path(compiled.notebook.path).absolute(), os.environ),
        checks=check_accounts(compiled.notebook, compiled.dataflow, compiled.outline),
    )

    def trials() -> Mapping[str, Any]:
        if not tried:
            depending = depends.trials(
                depends.code(folder, inputs.package),
                compiled.capture,
                compiled.observation,
                folder=folder,
                package=inputs.package,
                requests=trial_requests(inputs),
            )
            tried.append(memo.recall("trials", depending, lambda: try_project(inputs), keep=_answered))
        return tried[0]

    return replace(inputs, trials=trials), tried


def _answered(trials: Mapping[str, Any]) -> bool:
    return all("problem" not in answer or len(answer) > 1 for answer in trials.values())
