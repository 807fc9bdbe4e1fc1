"""What the service must have installed: the slice's own imports, at the versions of the run."""

import ast
import re
import sys
from collections.abc import Iterable

from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix, replaced
from nb2svc.ir.notebook import Install, Notebook
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span

# Where the estimator and the tables come from; needed to load them even where the notebook imports them by other names.
ALWAYS = ("scikit-learn", "pandas", "numpy")
# What runs the notebook, and is loaded in its kernel whether or not the notebook needs it.
_KERNELS = frozenset(
    [
        "ipykernel",
        "ipython",
        "ipywidgets",
        "jupyter",
        "jupyterlab",
        "jupytext",
        "nb2svc",
        "nbclient",
        "nbformat",
        "notebook",
        "papermill",
    ]
)


def requirements(notebook: Notebook, dataflow: Dataflow, prelude: Iterable[int], capture: Capture) -> tuple[tuple[str, str], ...]:
    """(distribution, version) pairs in alphabetical order."""
    versions = dict(capture.versions)
    distributions = dict(capture.modules)
    found = {name for name in ALWAYS if name in versions}
    for number in prelude:
        for module in imported_modules(dataflow.statements[number].source):
            if module not in sys.stdlib_module_names and module in distributions:
                found.add(distributions[module])
    found |= _engines(notebook, capture)
    return tuple(sorted((name, versions[name]) for name in found if name in versions))


def _engines(notebook: Notebook, capture: Capture) -> set[str]:
    """What the notebook installs and never imports, and yet was loaded: `pyarrow`, with which pandas reads Parquet."""
    imported = {_compared(distribution) for _, distribution in capture.modules}
    installed = {each.name for each in notebook.installs} - imported - _KERNELS
    return {name for name, _ in capture.versions if _compared(name) in installed}


def version_findings(notebook: Notebook, capture: Capture) -> tuple[Finding, ...]:
    """Warnings where the run had another version of a package than the notebook asks for: the run's is what was proved."""
    versions = {_compared(name): version for name, version in capture.versions}
    found = []
    for each in notebook.installs:
        ran = versions.get(each.name)
        if ran is None or not each.version.startswith("==") or _is(ran, each.version[2:]):
            continue
        message = (
            f"the notebook asks for {each.name}{each.version}, but it ran with {each.name} {ran}, which the service gets too"
        )
        remedy = f"Install {each.name}{each.version} in the kernel's environment, or write {each.name}=={ran} here."
        fixes = _asking_for(notebook, each, ran)
        found.append(Finding(code="NB232", severity="warning", message=message, remedy=remedy, span=each.span, fixes=fixes))
    return tuple(found)


def _asking_for(notebook: Notebook, install: Install, ran: str) -> tuple[Fix, ...]:
    """The line that installs a package with the version that ran; who wants the other one has to install that."""
    at = install.span
    line = split_lines(notebook.cell(at.cell).source)[at.line - 1]
    name = install.name.replace("-", "[-_.]+")
    found = re.search(rf"(?<![\w.-]){name}(?:\[[^\]]*\])?\s*({re.escape(install.version)})(?![\w.*])", line, re.IGNORECASE)
    if found is None:
        return ()
    edit = replaced(Span(at.cell, at.line, found.start(1), at.line, found.end(1)), f"=={ran}")
    return (Fix(title=f"Ask for {install.name} {ran}, which ran", edits=(edit,), choice=True),)


def _is(version: str, wanted: str) -> bool:
    """`1.7.2` is `1.7.2` and `1.7.*`; `1.7` is `1.7.0`."""
    if wanted.endswith(".*"):
        return f"{version}.".startswith(wanted[:-1])
    return re.sub(r"(\.0)+$", "", version) == re.sub(r"(\.0)+$", "", wanted)


def _compared(name: str) -> str:
    """A distribution's name as indexes compare it: `Scikit_Learn` → `scikit-learn`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_modules(source: str) -> set[str]:
    """The top-level modules that some code imports, relative imports apart."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules
