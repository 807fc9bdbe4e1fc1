"""The parts of a build that need the tree on disk: the proof, the Bento, the checklist."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
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
from nb2svc.parity.http import Serving
from nb2svc.parity.prove import NOTICING, prove
from nb2svc.readiness.assess import AssessInputs, assess

Progress = Callable[[str], None]


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
        twins = [number for number, part in self.outline.parts if part == "twin"]
        return self.dataflow.statements[twins[-1]].span.cell if twins else None


def prove_project(folder: Path, compiled: Compiled, *, options: BuildOptions, progress: Progress) -> Verdict:
    """Replay the capture through the tree in `folder`, in process and over HTTP, and train again."""

    def tell(mode: str) -> None:
        progress(f"proof: {mode}")

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
        )


def _prove_control(copy: Path, compiled: Compiled, *, retrain: bool) -> Verdict:
    """The part of the proof that must notice a copy of the project that was broken on purpose."""
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
    compiled: Compiled,
    *,
    verdict: Verdict,
    options: BuildOptions,
    progress: Progress,
    by_hand: tuple[str, ...] = (),
) -> tuple[Checklist, tuple[ProjectFile, ...]]:
    """The checklist, and the files that tell it: READINESS.md and readiness.json."""
    from nb2svc.readiness.render.json import render_json
    from nb2svc.readiness.render.markdown import render_markdown

    progress("readiness: checks and their controls")
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
        prove_copy=lambda copy: _prove_control(copy, compiled, retrain=False),
        retrain_copy=lambda copy: _prove_control(copy, compiled, retrain=True),
        retrain=options.retrain,
        by_hand=by_hand,
    )
    checklist = assess(inputs)
    papers = (
        ProjectFile(path="READINESS.md", content=render_markdown(checklist).encode()),
        ProjectFile(path="readiness.json", content=render_json(checklist).encode()),
    )
    return checklist, papers
