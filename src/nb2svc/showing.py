"""The modules of a notebook as they would be: from the newest capture where it fits, else from a draft. Nothing is run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from nb2svc.analysis.keep import keep_points
from nb2svc.bento.template import project_files
from nb2svc.capture.moved import moved
from nb2svc.capture.probe_request import probed_statements
from nb2svc.capture.recall import latest
from nb2svc.capture.since import changed_cells, outdated, probed_then, when
from nb2svc.codegen.generate import generate
from nb2svc.codegen.marks import header
from nb2svc.errors import InternalError, NotebookError, UsageError
from nb2svc.ir.capture import Capture
from nb2svc.ir.finding import Finding
from nb2svc.ir.observation import Observation
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.ir.shown import Basis, Shown, ShownModule
from nb2svc.pipeline import Source, served_outline
from nb2svc.plan.draft.draft import draft_capture, make_draft, without_guesses
from nb2svc.plan.planner import make_plan

USUAL = ("features", "model", "training")
TESTS = "tests"
# Modules that a person may ask for, in this order; a project has those that its notebook needs.
MODULES = (*USUAL, "schema", "checks", "service", TESTS)


def show(source: Source, *, draft: bool = False) -> Shown:
    """Every module of a notebook's project, from the newest capture that fits it, or (`draft`) from the source alone.

    Raises:
        RefusalError: the notebook can't be compiled.
    """
    served_outline(source)
    basis, found = (Basis(kind="draft"), None) if draft else recalled(source)
    if found is None:
        project, findings = draft_project(source), source.findings
    else:
        project, findings = _captured_project(source, *found), (*source.findings, *found[1].findings)
    return _shown(source, project, basis, findings)


def draft_project(source: Source) -> Project:
    """The project of a plan without a run; where the guesses contradict one another, none is written, and all are marked.

    Raises:
        NotebookError: nothing says what a request carries.
    """
    notebook, dataflow, outline = source.notebook, source.dataflow, served_outline(source)
    if not outline.raws:
        why = "no value that the feature cells start from is loaded anywhere before them"
        fix = "name the variable that holds the data in the first feature tag: # nb2svc: feature raw=NAME"
        raise NotebookError("it is not known what a request carries", where=notebook.name, why=why, fix=fix)
    draft = make_draft(notebook, dataflow, outline)
    capture = draft_capture(notebook, dataflow, outline)
    for attempt in (draft, without_guesses(draft)):
        plan = make_plan(notebook, dataflow, outline, capture, attempt.observation)
        try:
            return generate(plan, notebook, dataflow, scaffolding=project_files(plan), draft=attempt)
        except (InternalError, ValueError):
            # A name that is used and not made any more, edits that overlap.
            if attempt is not draft:
                raise
    raise AssertionError("the second attempt returns or raises")


def pick(shown: Shown, wanted: Sequence[str]) -> Shown:
    """Some modules of all: by name (`features`, `features.py`, `test_service`), or all tests; the usual three by default.

    Raises:
        UsageError: there is no module of that name.
    """
    names = [name.removesuffix(".py") for name in wanted]
    there = {module.name for module in shown.modules}
    for name in names:
        if name not in there | {TESTS}:
            known = [each for each in MODULES if each in there | {TESTS}]
            why = f"{shown.notebook} needs none" if name in MODULES else ""
            raise UsageError(f"there is no module {name}", where=shown.notebook, why=why, fix=f"there are: {', '.join(known)}")
    chosen = names or [name for name in USUAL if name in there]
    modules = [m for name in dict.fromkeys(chosen) for m in shown.modules if name in (m.name, *_folder(m))]
    return replace(shown, modules=tuple(dict.fromkeys(modules)))


def said(basis: Basis) -> str:
    """What the modules were made from, in a line or two.

    a draft: from the source alone, nothing was run; what only a run can tell is marked
    from the last capture, 1f0c2a94 of 2026-11-26T18:39:02Z; cells 3, 5 changed since, which makes no difference here
    """
    if basis.kind == "draft":
        text = "a draft: from the source alone, nothing was run; what only a run can tell is marked"
        return f"{text}\n{basis.note}" if basis.note else text
    cells = ", ".join(map(str, basis.changed))
    word = "cell" if len(basis.changed) == 1 else "cells"
    since = f"{word} {cells} changed since, which makes no difference here" if basis.changed else "nothing changed since"
    given = "".join(f" -p {name}={value}" for name, value in basis.parameters)
    return f"from the last capture, {basis.capture[:8]} of {basis.captured}{f', run with{given}' if given else ''}; {since}"


def text_of(shown: Shown) -> str:
    """The modules one after the other; a heading for each where there are several."""
    if len(shown.modules) == 1:
        return shown.modules[0].text
    return "\n\n".join(f"# ---- {module.path} ----\n\n{module.text}" for module in shown.modules)


def _folder(module: ShownModule) -> tuple[str, ...]:
    return (TESTS,) if module.path.startswith(f"{TESTS}/") else ()


def _captured_project(source: Source, capture: Capture, observation: Observation) -> Project:
    plan = make_plan(source.notebook, source.dataflow, served_outline(source), capture, observation)
    return generate(plan, source.notebook, source.dataflow, scaffolding=project_files(plan))


def recalled(
    source: Source, *, find: Callable[[Path], tuple[Capture, Observation] | None] = latest
) -> tuple[Basis, tuple[Capture, Observation] | None]:
    """The newest capture that `find` finds, if what it saw is still what the notebook says; else a draft, and why."""
    found = find(Path(source.notebook.path))
    if found is None:
        return Basis(kind="draft"), None
    capture, observation = found
    outline = served_outline(source)
    points = keep_points(source.dataflow, outline)
    why = outdated(capture, source.notebook, source.dataflow, outline, points=points)
    if why:
        return Basis(kind="draft", note=f"the last capture, of {when(capture)}, does not fit any more: {why}"), None
    same = capture.notebook_digest == source.notebook.digest
    changed = () if same else changed_cells(capture, source.notebook, source.dataflow)
    now = probed_statements(capture, source.notebook, source.dataflow, outline)
    placed = moved(observation, probed_then(capture), now)
    basis = Basis(kind="capture", capture=capture.digest, captured=when(capture), parameters=capture.parameters, changed=changed)
    return basis, (capture, placed)


def _shown(source: Source, project: Project, basis: Basis, findings: Iterable[Finding]) -> Shown:
    files = [file for file in project.files if file.path.endswith(".py") and "/_nb2svc/" not in file.path]
    files = [file for file in files if not file.path.endswith("/__init__.py")]
    modules = [_module(project, file, notebook=source.notebook.name if basis.kind == "draft" else "") for file in files]
    order = [*MODULES[:-1]]
    modules.sort(key=lambda each: (order.index(each.name) if each.name in order else len(order), each.path))
    return Shown(
        notebook=source.notebook.name, package=project.package, basis=basis, modules=tuple(modules), findings=tuple(findings)
    )


def _module(project: Project, file: ProjectFile, *, notebook: str) -> ShownModule:
    """One file as a module; one of a draft that nothing in it depends on a run says so all the same."""
    name = file.path.rpartition("/")[2]
    text, top = file.content.decode(), "\n".join(header(notebook)) if notebook else ""
    own = file.path == f"{project.package}/{name}"
    return ShownModule(
        name=name.removesuffix(".py"),
        path=file.path,
        text=f"{top}\n{text}" if top and not text.startswith(top) else text,
        lines=tuple(line for line in project.lines if own and line.file == name),
        marks=tuple(mark for mark in project.marks if own and mark.file == name),
    )
