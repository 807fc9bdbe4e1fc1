"""The parts of a build that need the tree on disk: the proof, the Bento, the checklist."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from nb2svc.config import BuildOptions
from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Plan
from nb2svc.ir.project import ProjectFile
from nb2svc.ir.readiness import Checklist
from nb2svc.ir.verdict import Verdict
from nb2svc.parity.prove import prove
from nb2svc.readiness.assess import AssessInputs, assess

Progress = Callable[[str], None]


def prove_project(
    folder: Path,
    plan: Plan,
    capture: Capture,
    observation: Observation,
    *,
    dataflow: Dataflow,
    outline: Outline,
    options: BuildOptions,
    progress: Progress,
) -> Verdict:
    """Replay the capture through the tree in `folder`, in process and over HTTP, and train again."""
    with TemporaryDirectory(prefix="nb2svc-proof-") as scratch:
        return prove(
            folder,
            plan.package,
            capture,
            observation,
            interpreter=capture.interpreter,
            mode=options.parity,
            scratch=Path(scratch),
            http=True,
            retrain=options.retrain,
            progress=lambda name: progress(f"proof: {name}"),
            statements=dataflow.statements,
            twin_cell=_twin_cell(dataflow, outline),
            data=Path(capture.cwd),
            serving=_serving(capture),
        )


def _serving(capture: Capture) -> Callable[[Path], AbstractContextManager[str]]:
    from nb2svc.bento.serve import running

    @contextmanager
    def serving(project: Path) -> Iterator[str]:
        with running(project, interpreter=capture.interpreter) as server:
            yield server.url

    return serving


def _twin_cell(dataflow: Dataflow, outline: Outline) -> int | None:
    """Where the notebook prepared its prediction rows by code of their own, or None."""
    twins = [number for number, part in outline.parts if part == "twin"]
    return dataflow.statements[twins[-1]].span.cell if twins else None


def store_bento(folder: Path, *, options: BuildOptions, interpreter: str, progress: Progress) -> str:
    """Put the project into the user's BentoML store; its tag, or "" with `--no-bento`."""
    if not options.bento:
        return ""
    from nb2svc.bento.build import build_bento

    progress("building the Bento")
    with TemporaryDirectory(prefix="nb2svc-bento-") as name:
        # BentoML refuses to read a folder whose path has a hidden part, as the staged tree's has.
        copy = Path(name).resolve() / "project"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        return build_bento(copy, interpreter=interpreter).tag


def assess_project(
    folder: Path,
    *,
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    plan: Plan,
    capture: Capture,
    observation: Observation,
    verdict: Verdict,
    options: BuildOptions,
    progress: Progress,
) -> tuple[Checklist, tuple[ProjectFile, ...]]:
    """The checklist, and the files that tell it: READINESS.md and readiness.json."""
    from nb2svc.readiness.render.json import render_json
    from nb2svc.readiness.render.markdown import render_markdown

    progress("readiness: checks and their controls")

    def proved(copy: Path, *, retrain: bool) -> Verdict:
        with TemporaryDirectory(prefix="nb2svc-control-") as scratch:
            return prove(
                copy,
                plan.package,
                capture,
                observation,
                interpreter=capture.interpreter,
                mode="sample",
                scratch=Path(scratch),
                http=False,
                retrain=retrain,
                statements=dataflow.statements,
                twin_cell=_twin_cell(dataflow, outline),
                data=Path(capture.cwd),
            )

    inputs = AssessInputs(
        notebook=notebook,
        dataflow=dataflow,
        outline=outline,
        project_dir=folder,
        package=plan.package,
        capture=capture,
        observation=observation,
        verdict=verdict,
        working_dir=Path(capture.cwd),
        prove_copy=lambda copy: proved(copy, retrain=False),
        retrain_copy=lambda copy: proved(copy, retrain=True),
        retrain=options.retrain,
    )
    checklist = assess(inputs)
    papers = (
        ProjectFile(path="READINESS.md", content=render_markdown(checklist).encode()),
        ProjectFile(path="readiness.json", content=render_json(checklist).encode()),
    )
    return checklist, papers
