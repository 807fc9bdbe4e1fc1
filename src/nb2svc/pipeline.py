"""Notebook → Dataflow → findings → Capture → Plan → Project → Parity → Bento → Readiness.

Each stage is a function from frozen values to frozen values; only this module and the command line know their order.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

from nb2svc import rules
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.dependence import run_dependence
from nb2svc.analysis.keep import keep_points
from nb2svc.analysis.outline import build_outline
from nb2svc.bento.environment import require_kernel
from nb2svc.bento.template import project_files
from nb2svc.building import Compiled, assess_project, check_validation, pack, prove_project, store_bento, validation_given
from nb2svc.capture.cache import exclusive, results_of
from nb2svc.capture.observed import observed
from nb2svc.capture.reuse import capture_run, service_base
from nb2svc.codegen.generate import generate
from nb2svc.config import BuildOptions
from nb2svc.errors import RefusalError, RunError, VerdictError
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding, refusals
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Plan
from nb2svc.ir.progress import BUILD_STAGES, Progress, ProgressEvent
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.ir.readiness import Checklist
from nb2svc.ir.stages import StageRun
from nb2svc.ir.verdict import Verdict
from nb2svc.parity.refused import VERDICT, forget_refused, keep_refused
from nb2svc.plan.modules import modules_out_of_reach
from nb2svc.plan.naming import package_name
from nb2svc.plan.planner import make_plan
from nb2svc.plan.requirements import version_findings
from nb2svc.read.notebook import parse_notebook
from nb2svc.system.files import read_bytes, write_atomic
from nb2svc.system.memo import Memo
from nb2svc.system.progress import Told, in_stage, silent
from nb2svc.system.tree import Staging, check_target, stage
from nb2svc.upkeep.giving_back import edited_paths
from nb2svc.upkeep.merging import merged_files
from nb2svc.upkeep.runtime import check_runtime, runtime_files, with_standing_runtime
from nb2svc.upkeep.taken_over import TakenOver, keepsakes, moved_on, news, set_aside, taken_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A notebook that was read and analysed, never run. `outline` is None where a refusal stands in `findings`."""

    notebook: Notebook
    dataflow: Dataflow
    outline: Outline | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a build made: where, and what proves it.

    `taken_over` are generated files that a person edited and that were kept; `given_back` those that the compiler has again,
    `merged` those that got the compiler's change, each with the place where the edit is kept; `restored` those that were
    deleted and are there again.
    """

    output: Path
    source: Source
    capture: Capture
    observation: Observation
    plan: Plan
    verdict: Verdict
    checklist: Checklist
    findings: tuple[Finding, ...]
    bento: str
    taken_over: tuple[TakenOver, ...] = ()
    given_back: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    restored: tuple[str, ...] = ()
    stages: tuple[StageRun, ...] = ()


def analyze(path: Path) -> Source:
    """Read and analyse a notebook; nothing of it is run.

    Raises:
        NotebookError: it can't be read.
    """
    return analyze_content(read_bytes(path, what="notebook"), str(path))


def analyze_content(content: bytes, path: str) -> Source:
    """`analyze` of a notebook that was read already, or is on somebody's screen; `path` is what findings call it.

    Raises:
        NotebookError: it can't be read.
    """
    notebook, read_findings = parse_notebook(content, path=path)
    dataflow = build_dataflow(notebook)
    outline, outline_findings = build_outline(notebook, dataflow)
    if refusals(read_findings):
        # A tag that can't be read is the cause; that no cell is tagged would only be its echo.
        outline_findings = tuple(finding for finding in outline_findings if finding.code != "NB201")
    rule_findings = rules.check(notebook, dataflow, outline)
    return Source(
        notebook=notebook, dataflow=dataflow, outline=outline, findings=(*read_findings, *outline_findings, *rule_findings)
    )


def observe(
    source: Source, options: BuildOptions, *, progress: Progress, memo: Memo | None = None
) -> tuple[Capture, Observation]:
    """Run a copy of the notebook once, then probe its serving slice; what `memo` has of earlier builds is not run again.

    Raises:
        RefusalError: the notebook can't be served, with every reason.
        RunError: a cell failed, something is missing, or the time is over.
        EnvironmentProblem: the kernel's Python lacks what packs and serves a model.
    """
    outline = served_outline(source)
    points = keep_points(source.dataflow, outline)
    memo = memo or Memo(folder=None, fresh=True)
    progress(ProgressEvent(stage="run"))
    capture = capture_run(
        source.notebook,
        source.dataflow,
        outline,
        points,
        dependence=run_dependence(source.notebook, source.dataflow, outline, points),
        settings=options.run_settings(progress),
        memo=memo,
    )
    memo.base = service_base(capture)
    memo.recall("kernel", {}, lambda: _has_what_serves(capture))
    _stop_for(modules_out_of_reach(source.dataflow, outline, capture))
    tell = in_stage(progress, "capture")
    tell("")
    observation = observed(capture, source.notebook, source.dataflow, outline, memo=memo, progress=tell)
    _stop_for(observation.findings)
    return capture, replace(observation, findings=(*observation.findings, *version_findings(source.notebook, capture)))


def _has_what_serves(capture: Capture) -> bool:
    require_kernel(capture.interpreter)
    return True


def served_outline(source: Source) -> Outline:
    """The outline of a notebook that can be compiled.

    Raises:
        RefusalError: it can't.
    """
    _stop_for(source.findings)
    assert source.outline is not None, "an outline is missing only where there is a refusal"
    return source.outline


def compile_project(
    source: Source, capture: Capture, observation: Observation, *, package: str | None = None
) -> tuple[Compiled, Project]:
    """Plan and generate, in memory; artifacts and readiness are not in it yet."""
    outline = served_outline(source)
    plan = make_plan(source.notebook, source.dataflow, outline, capture, observation, package=package)
    scaffolding = (*project_files(plan), *author_files(plan, capture))
    project = generate(plan, source.notebook, source.dataflow, runtime=runtime_files(), scaffolding=scaffolding)
    compiled = Compiled(
        notebook=source.notebook, dataflow=source.dataflow, outline=outline, capture=capture, observation=observation, plan=plan
    )
    return compiled, project


def author_files(plan: Plan, capture: Capture) -> tuple[ProjectFile, ...]:
    """The author's own modules that the project takes along, as they were when the notebook ran.

    Raises:
        RunError: one of them was changed since.
    """
    digests = {file.path: file.sha256 for file in capture.inputs}
    files = tuple(ProjectFile(path=path, content=read_bytes(Path(capture.cwd) / path, what="module")) for path in plan.modules)
    for file in files:
        if hashlib.sha256(file.content).hexdigest() != digests[file.path]:
            raise RunError(f"{file.path} was changed after the notebook imported it", where=file.path, fix="build again")
    return files


def build(options: BuildOptions, *, progress: Progress = silent) -> Build:
    """One tagged notebook → a proved service, written as a whole or not at all.

    Raises:
        Nb2svcError: with the exit code of the stage that stopped; the old tree is then untouched.
    """
    # What can't be read leaves no trace: not even the folder that the lock lies in.
    parse_notebook(read_bytes(options.notebook, what="notebook"), path=str(options.notebook))
    told = Told(progress, stage=BUILD_STAGES[0])
    told.begin("read", f"reading {options.notebook.name}")
    with exclusive(options.notebook, progress=told.remark):
        return _build(options, told)


def _build(options: BuildOptions, progress: Told) -> Build:
    source = analyze(options.notebook)
    validation = validation_given(options, source.notebook)
    accepted, merging = _asked_of_standing(options, source)
    memo = Memo(folder=results_of(options.notebook), fresh=options.fresh, tell=progress.remark)
    capture, observation = observe(source, options, progress=progress, memo=memo)
    check_validation(validation, options, capture)
    progress.begin("generate")
    compiled, project = compile_project(source, capture, observation, package=options.package)
    output = options.target(project.package)
    project, stale = with_standing_runtime(project, output, upgrade=options.upgrade_runtime)
    merged = merged_files(merging, project.files, project=output)
    files = (*project.files, *pack(project, compiled, memo=memo, progress=progress))
    with stage(output, accept=accepted, merged=merged) as staging:
        edited = staging.write(files)
        verdict = prove_project(staging.folder, compiled, options=options, memo=memo, progress=progress)
        if not verdict.passed:
            kept = taken_over(edited, files, target=staging.target, staged=staging.folder)
            keep_refused(staging.folder, Path(capture.folder))
            raise proof_failed(compiled, verdict, kept, stale=bool(stale))
        bento = store_bento(staging.folder, options=options, interpreter=capture.interpreter, memo=memo, progress=progress)
        checklist, papers = assess_project(
            staging.folder,
            compiled,
            verdict=verdict,
            options=options,
            memo=memo,
            progress=progress,
            by_hand=edited,
            validation=validation,
        )
        kept = _write_all(staging, (*files, *papers))
        set_back, restored = staging.given_back, staging.restored
        staging.swap()
    forget_refused(Path(capture.folder))
    return Build(
        output=output,
        source=source,
        capture=capture,
        observation=observation,
        plan=compiled.plan,
        verdict=verdict,
        checklist=checklist,
        findings=(*source.findings, *observation.findings, *stale, *moved_on(kept)),
        bento=bento,
        taken_over=kept,
        given_back=tuple(each for each in set_back if each[0] not in merged),
        merged=tuple(each for each in set_back if each[0] in merged),
        restored=restored,
        stages=tuple(memo.ran),
    )


def _asked_of_standing(options: BuildOptions, source: Source) -> tuple[frozenset[str], frozenset[str]]:
    """The files to give back and to merge, of the project as it stands; what can't be done is said before the notebook runs."""
    name = package_name(source.notebook.name)
    if options.output is not None or options.package is not None:
        check_target(options.target(options.package or name))
    standing = options.standing((name, f"{name}_service"))
    check_runtime(standing, upgrade=options.upgrade_runtime)
    asked = (("--accept-generated", options.accept_generated), ("--merge-generated", options.merge_generated))
    accepted, merging = (edited_paths(names, option=option, project=standing, here=Path.cwd()) for option, names in asked)
    return accepted, merging - accepted


def _write_all(staging: Staging, files: tuple[ProjectFile, ...]) -> tuple[TakenOver, ...]:
    """Write the whole project, with what a later build compares with; the files that a person took over."""
    kept = taken_over(staging.write(files), files, target=staging.target, staged=staging.folder)
    staging.write(keepsakes(files, kept))
    return kept


class ProofFailed(VerdictError):
    """The service does not answer as the notebook did; what diverged is in `verdict`."""

    def __init__(self, what: str, *, where: str, why: str, fix: str, verdict: Verdict, details: str = "") -> None:
        span = verdict.divergence.span if verdict.divergence else None
        super().__init__(what, where=where, why=why, fix=fix, details=details, span=span)
        self.verdict = verdict


def proof_failed(compiled: Compiled, verdict: Verdict, edited: tuple[TakenOver, ...], *, stale: bool = False) -> ProofFailed:
    """The error of a failed proof; the verdict is kept beside the capture for whoever looks into it.

    So is what the compiler writes where a person edited: most often the notebook has changed, and their file has not.
    """
    log = Path(compiled.capture.folder) / VERDICT
    write_atomic(log, json.dumps(to_json(verdict), indent=1).encode(), mode=0o600)
    bad = [mode for mode in verdict.modes if mode.status == "fail"]
    why = "; ".join(f"{mode.name}: {mode.note or f'{mode.different} of {mode.compared} rows differ'}" for mode in bad)
    where = f"{compiled.notebook.name}, {verdict.divergence.span}" if verdict.divergence else compiled.notebook.name
    fix = f"nothing was written; what diverged is in {log}"
    if stale:
        fix = f"the project's runtime is an older one: build with --upgrade-runtime; {fix}"
    if edited:
        beside = set_aside(edited, log.with_name("generated"))
        names = ", ".join(file.path for file in edited)
        merge = "--merge-generated takes what changed since into yours, " if news(edited) else ""
        take = f"{merge}--accept-generated takes the compiler's, which are in {beside}"
        fix = f"look at the files you edited ({names}): {take}; {fix}"
    return ProofFailed(
        "the service does not answer as the notebook did",
        where=where,
        why=why or "no row was compared",
        fix=fix,
        details=news(edited),
        verdict=verdict,
    )


def _stop_for(findings: tuple[Finding, ...]) -> None:
    stopping = refusals(findings)
    if stopping:
        raise RefusalError(stopping)
