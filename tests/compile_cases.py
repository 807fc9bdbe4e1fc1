"""Compiles a case through the real stages in this process, without a kernel, and asks the generated package for answers.

A case file is a tagged notebook in percent cells, a line `# ---`, and what is expected: the text of `features.py`, or for a
refusal one line a finding, `CODE cell:line part of the message | part of the remedy`. Further sections may follow:
`# --- model.py` (any other generated module), and `# --- findings` (the warnings, as lines like a refusal's).

The cells run in a folder that has the tables of `case_tables`. What differs from `nb2svc build`: the cells are executed here
and not by a kernel, the probe and the proof are called and not started, and nothing is served over HTTP.
"""

import hashlib
import importlib
import json
import os
import re
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from nb2svc import pipeline
from nb2svc.analysis.keep import keep_points
from nb2svc.building import Compiled
from nb2svc.capture import kernel_side
from nb2svc.capture import observe as observing
from nb2svc.capture.copy import RECORDER, copy_notebook
from nb2svc.capture.driver import _kept, _measured, imported
from nb2svc.capture.kernel_installed import Installed
from nb2svc.capture.pack import made_at, pack_request, unpackable
from nb2svc.capture.probe import main as probe
from nb2svc.errors import RefusalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.finding import Finding, refusals
from nb2svc.ir.project import Project
from nb2svc.plan.requirements import version_findings

SEPARATOR = "# ---"
FEATURES, FINDINGS = "features.py", "findings"
NO_FEATURES = "(no features.py)\n"
# A line for a shell, as `!pip install …`: what it does is not needed here.
_SHELL_LINE = re.compile(r"(?m)^!.*$")
_ENDED_WELL = SimpleNamespace(
    error_before_exec=None, error_in_exec=None, info=SimpleNamespace(store_history=True), execution_count=1
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case file: the notebook's cells, and what is expected by section, the first one named `features.py`."""

    path: Path
    notebook: str
    cells: tuple[str, ...]
    expected: dict[str, str]

    @property
    def name(self) -> str:
        """The file's name, which the package gets too."""
        return self.path.stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a case was compiled to, in `folder`; `compiled` and `project` are None where it was refused."""

    folder: Path
    package: str
    findings: tuple[Finding, ...]
    compiled: Compiled | None = None
    project: Project | None = None

    def module(self, name: str) -> str:
        """The text of a generated module."""
        assert self.project is not None, f"refused: {self.findings}"
        texts = {file.path: file.content.decode() for file in self.project.files if file.path.endswith(".py")}
        return texts.get(f"{self.package}/{name}", NO_FEATURES)


def read_case(path: Path) -> Case:
    """Read a case file; what is expected may still be missing."""
    notebook, *sections = _sections(path.read_text(encoding="utf-8"))
    return Case(path=path, notebook=notebook[1], cells=percent_cells(notebook[1]), expected=dict(sections))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    name, lines = "", [""]
    for line in text.splitlines(keepends=True):
        if line.startswith(SEPARATOR) and (line.strip() == SEPARATOR or line[len(SEPARATOR)] == " "):
            yield name, "".join(lines)
            name, lines = line[len(SEPARATOR) :].strip() or FEATURES, []
        else:
            lines.append(line)
    yield name, "".join(lines)


def percent_cells(text: str) -> tuple[str, ...]:
    """The code cells of a percent script; prose is left out."""
    cells: list[list[str]] = []
    kept = False
    for line in text.splitlines():
        if line.startswith("# %%"):
            kept = "[markdown]" not in line
            cells += [[]] if kept else []
        elif kept:
            cells[-1].append(line)
    return tuple("\n".join(lines).strip("\n") for lines in cells)


def write_case(case: Case, made: Made) -> None:
    """Write what came out as what is expected; sections stay, findings that still hold keep their wording."""
    if made.project is None:
        stopping = refusals(made.findings)
        told = case.expected.get(FEATURES, "") if not findings_differ(case, made, FEATURES) else tell(stopping)
        sections = {FEATURES: told}
    else:
        wanted = [name for name in case.expected if name not in (FEATURES, FINDINGS)]
        sections = {name: made.module(name) for name in (FEATURES, *wanted)}
        warnings = tuple(finding for finding in made.findings if finding.severity != "info")
        if warnings:
            sections[FINDINGS] = case.expected.get(FINDINGS, "") if not findings_differ(case, made, FINDINGS) else tell(warnings)
    parts = [case.notebook]
    parts += [f"{SEPARATOR}{'' if name == FEATURES else ' ' + name}\n{text}" for name, text in sections.items()]
    case.path.write_text("".join(parts), encoding="utf-8")


def tell(findings: Sequence[Finding]) -> str:
    """Findings as lines of a case file."""
    return "".join(f"{finding.code} {_place(finding)} {finding.message} | {finding.remedy}\n" for finding in findings)


def findings_differ(case: Case, made: Made, section: str) -> str:
    """Why a section's lines are not the findings, "" where they are: each of code and place, and with its words."""
    wanted = [line for line in case.expected.get(section, "").splitlines() if line.strip()]
    given = [finding for finding in made.findings if finding.severity != "info"]
    if section == FEATURES:
        given = [finding for finding in given if finding.severity == "refusal"]
    if len(wanted) != len(given) or not all(_says(finding, line) for finding, line in zip(given, wanted, strict=True)):
        return f"expected\n{case.expected.get(section, '')}\nand got\n{tell(given)}"
    return ""


def _says(finding: Finding, line: str) -> bool:
    code, place, words = line.split(" ", 2)
    message, _, remedy = words.partition("|")
    told = code == finding.code and place == _place(finding)
    return told and message.strip() in finding.message and remedy.strip() in finding.remedy


def _place(finding: Finding) -> str:
    return f"{finding.span.cell}:{finding.span.line}" if finding.span else "-"


def compile_case(case: Case, folder: Path, *, data: Path) -> Made:
    """Run the stages on a case in `folder`; the cells are executed in `data`."""
    package = f"case_{case.name}"
    source = pipeline.analyze(_write_notebook(case, folder))
    try:
        outline = pipeline.served_outline(source)
        capture = _run(source, outline, folder / "capture", data)
        with mock.patch.object(observing, "_probe", _probe_here):
            observation = observing.observe(capture, source.notebook, source.dataflow, outline)
        findings = (*source.findings, *observation.findings, *version_findings(source.notebook, capture))
        if any(finding.severity == "refusal" for finding in observation.findings):
            return Made(folder=folder, package=package, findings=findings)
    except RefusalError as refused:
        return Made(folder=folder, package=package, findings=refused.findings)
    compiled, project = pipeline.compile_project(source, capture, observation, package=package)
    for file in project.files:
        path = folder / "project" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    problem = _pack(compiled, folder / "project", package)
    if problem is not None:
        return Made(folder=folder, package=package, findings=(*findings, problem))
    return Made(folder=folder, package=package, findings=findings, compiled=compiled, project=project)


def _write_notebook(case: Case, folder: Path) -> Path:
    cells = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for place, text in enumerate(case.cells)
    ]
    path = folder / f"{case.name}.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def _run(source: pipeline.Source, outline: Any, folder: Path, data: Path) -> Capture:
    """Execute the copy that a kernel would be given, with the kernel's side of the capture, in a `__main__` of its own."""
    points = keep_points(source.dataflow, outline)
    copy = copy_notebook(source.notebook, source.dataflow, points)
    config = {
        "folder": str(folder),
        "points": [{"kind": point.kind, "label": point.label, "expression": point.expression} for point in points],
        "modules": sorted(imported(source.notebook)),
        "measures": sorted(_measured(source.dataflow, outline)),
    }
    with _shell(data) as shell:
        recorder = kernel_side.Recorder(shell, config, lambda: _installed)
        recorder._add_own_modules = lambda: None  # the tests' own, hundreds of them
        shell.user_ns[RECORDER] = recorder
        for cell in copy.cells:
            exec(compile(_SHELL_LINE.sub("pass", cell.source), f"<cell {cell.number}>", "exec"), shell.user_ns)
            recorder._after_cell(_ENDED_WELL)
        recorder.finish()
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Capture(
        folder=str(folder),
        digest=hashlib.sha256(source.notebook.digest.encode()).hexdigest(),
        notebook_digest=source.notebook.digest,
        parameters=(),
        interpreter=sys.executable,
        python=record["python"],
        versions=tuple(sorted(record["versions"].items())),
        modules=tuple(sorted(record["modules"].items())),
        kept=tuple(_kept(number, point, record) for number, point in enumerate(points)),
        inputs=(),
        metrics=tuple(sorted(record["metrics"].items())),
        seconds=0.0,
        cwd=str(data),
        points=points,
    )


@contextmanager
def _shell(data: Path) -> Iterator[Any]:
    """A stand-in for the kernel's shell, in the data's folder; the recorder must not leave an audit hook in this process."""
    main = types.ModuleType("__main__")
    before, sys.modules["__main__"] = sys.modules["__main__"], main
    cwd = Path.cwd()
    os.chdir(data)
    no_hook = mock.patch.object(kernel_side.sys, "addaudithook")
    try:
        with no_hook:
            yield SimpleNamespace(
                user_ns=main.__dict__, compile=SimpleNamespace(_filename_map={}), events=SimpleNamespace(register=lambda *_: None)
            )
    finally:
        os.chdir(cwd)
        sys.modules["__main__"] = before


# The installed distributions are the same for all cases, and slow to list.
_installed = Installed()


def _probe_here(capture: Capture, folder: Path, *, timeout: float | None) -> None:
    """The probe in this process; `timeout` is the test's own."""
    assert probe.main([str(folder / "probe_request.json")]) == 0


def _pack(compiled: Compiled, folder: Path, package: str) -> Finding | None:
    with importable(folder, package):
        packing = importlib.import_module(f"{package}._nb2svc.pack")
        request = json.loads(json.dumps(pack_request(compiled.plan, compiled.capture)))
        try:
            packing.pack(Path(compiled.capture.folder), request, package=package, folder=folder / package / "artifacts")
        except packing.artifacts.ArtifactError as error:
            places = made_at(compiled.plan, compiled.dataflow, compiled.outline, compiled.observation)
            return unpackable(str(error), places)
    return None


@contextmanager
def importable(folder: Path, package: str) -> Iterator[None]:
    """Let the project's package be imported; its modules go again at the end."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
