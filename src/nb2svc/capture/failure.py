"""What to tell a person whose notebook did not run to its end: which cell, which line, why, and what to do."""

import difflib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import ExecutedCell, ExecutedCopy
from nb2svc.capture.makers import how_to_run, likely_makers
from nb2svc.errors import EnvironmentProblem, Nb2svcError, RunError
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.span import Span
from nb2svc.system.clock import readable

# Modules whose distribution has another name.
_DISTRIBUTIONS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "fitz": "pymupdf", "git": "GitPython", "imblearn": "imbalanced-learn", "jose": "python-jose", "jwt": "PyJWT",
    "magic": "python-magic", "mpl_toolkits": "matplotlib", "OpenSSL": "pyOpenSSL", "PIL": "pillow", "psycopg2": "psycopg2-binary",
    "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "pyyaml",
}  # fmt: skip
_WELL_KNOWN = ("matplotlib", "numpy", "pandas", "polars", "requests", "scipy", "seaborn", "statsmodels", "xgboost", "lightgbm")
_AROUND = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an exception came up: the cell that ran, the author's line in it (0: unknown), and the deepest line in a cell."""

    cell: Cell
    line: int
    deepest: tuple[Cell, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What the messages need to know of a run; `counts` maps execution counts to ids of the copy's cells."""

    notebook: Notebook
    copy: ExecutedCopy
    counts: Mapping[int, str]
    cwd: Path
    interpreter: str
    executed: Path

    def cell(self, identifier: str | None) -> tuple[Cell, ExecutedCell] | None:
        """The author's cell and its copy, by the copy's id; None for the cell that papermill injects."""
        found = next((cell for cell in self.copy.cells if cell.id == identifier), None)
        return (self.notebook.cell(found.number), found) if found else None


def cell_failed(ran: Ran, failure: Mapping[str, Any], identifier: str | None) -> Nb2svcError:
    """The error for an exception that a cell raised; `failure` is the kernel side's record of it."""
    name, value = failure["name"], failure["value"]
    place = locate(ran, failure, identifier)
    if place is None:
        return RunError(f"the parameters can't be set: {name}: {value}", where=ran.notebook.name, fix="check the -p values")
    where = f"{ran.notebook.name}, cell {place.cell.number}" + (f", line {place.line}" if place.line else "")
    where += ran.notebook.in_file(place.cell.number, place.line)
    what, why, fix = _explain(ran, failure, place)
    if place.deepest:
        other, line = place.deepest
        why = f"{why}; raised in {other.title}, line {line}".removeprefix("; ")
    details = _excerpt(place) + f"\n\nwhole traceback: {ran.executed}"
    return RunError(what, where=where, why=why, fix=fix, details=details, span=_span(place))


def _span(place: Place) -> Span | None:
    if not place.line:
        return None
    source = place.cell.source.split("\n")
    text = source[place.line - 1] if place.line <= len(source) else ""
    return Span(cell=place.cell.number, line=place.line, column=0, end_line=place.line, end_column=len(text))


def no_failure_recorded(ran: Ran, identifier: str, output: Mapping[str, Any]) -> Nb2svcError:
    """The error for a cell whose notebook output holds an error that the kernel's side did not see."""
    failure = {"name": output["ename"], "kinds": [], "value": output["evalue"], "frames": [], "count": None}
    return cell_failed(ran, {**failure, "syntax_line": None, "module": None, "file": None}, identifier)


def kernel_died(ran: Ran, identifier: str | None, *, ended: Sequence[str], log: str) -> Nb2svcError:
    """The error for a kernel that is gone; `ended` are the ids of the cells that ran to their end."""
    found = ran.cell(identifier)
    during = f"while {found[0].title} ran" if found else "before the first cell ended"
    if found is None and ended:
        found = ran.cell(ended[-1])
        during = f"after {found[0].title}" if found else "after the parameters were set"
    return RunError(
        f"the kernel died {during}",
        where=f"{ran.notebook.name}, cell {found[0].number}" if found else ran.notebook.name,
        why="usually memory ran out; a crash in a compiled library or a call of exit() looks the same",
        fix="run on fewer rows or on a machine with more memory, and check for exit() or os._exit()",
        details=_until_then(log, ran),
    )


def over_time(ran: Ran, identifier: str | None, *, limit: float) -> Nb2svcError:
    """The error for a run that took longer than it may."""
    found = ran.cell(identifier)
    return RunError(
        f"the notebook ran longer than {readable(limit)}",
        where=f"{ran.notebook.name}, cell {found[0].number}" if found else ran.notebook.name,
        why=f"{found[0].title} was running" if found else "the time was over between two cells",
        fix="allow more with --timeout, or use fewer rows through a parameter (-p)",
        details=_until_then(_excerpt(Place(cell=found[0], line=0)) if found else "", ran),
    )


def _until_then(details: str, ran: Ran) -> str:
    return f"{details}\n\nwhat ran until then: {ran.executed}".lstrip()


def not_started(kernel: str, *, reason: str, log: str, cwd: Path) -> Nb2svcError:
    """The error for a kernel that does not come up."""
    hiding = _hiding(cwd, log)
    if hiding is not None:
        return EnvironmentProblem(
            f"{hiding.name} in the folder of the run keeps the kernel {kernel} from starting",
            where=str(hiding),
            why=f"it hides Python's own module {hiding.stem}",
            fix=f"rename {hiding.name}, and what imports it",
            details=log,
        )
    return EnvironmentProblem(
        f"the kernel {kernel} does not start",
        where=f"kernel {kernel}",
        why=reason,
        fix="check that its interpreter exists and has ipykernel: jupyter kernelspec list",
        details=log,
    )


def _hiding(cwd: Path, log: str) -> Path | None:
    """What lies in the folder under the name of a module of Python's own that the kernel's last words tell of."""
    found = [path for path in cwd.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()] if cwd.is_dir() else []
    named = [path for path in sorted(found) if path.stem in sys.stdlib_module_names]
    return next((path for path in named if str(path) in log or f"'{path.stem}'" in log), None)


def no_such_kernel(kernel: str, known: Sequence[str]) -> Nb2svcError:
    """The error for a kernel name that Jupyter does not know."""
    close = difflib.get_close_matches(kernel, known, n=1)
    listed = ", ".join(known) or "none"
    return EnvironmentProblem(
        f"there is no kernel {kernel}",
        where=f"kernel {kernel}",
        why=f"installed kernels: {listed}",
        fix=f"use --kernel {close[0] if close else known[0]}" if known else f"{sys.executable} -m ipykernel install --user",
    )


def locate(ran: Ran, failure: Mapping[str, Any], identifier: str | None) -> Place | None:
    """Lead an exception back to the author's lines; None where it came up in no cell of the author's."""
    found = ran.cell(ran.counts.get(failure["count"], identifier) if failure["count"] else identifier)
    if found is None:
        return None
    cell, executed = found
    if failure["syntax_line"]:
        return Place(cell=cell, line=_author_line(executed, failure["syntax_line"]))
    lines = [step for frame in failure["frames"] if (step := _step(ran, frame, executed))]
    # The magic may stand below a directive, whose line is not in the copy.
    magic = executed.lines[0] if _magic_lines(executed) else 0
    own = next((line for at, line in lines if at is cell and line > magic), 0)
    deepest = next(((at, line) for at, line in reversed(lines) if line), None)
    return Place(cell=cell, line=own, deepest=deepest if deepest and deepest[0] is not cell else None)


def _step(ran: Ran, frame: Mapping[str, Any], running: ExecutedCell) -> tuple[Cell, int] | None:
    """The author's cell and line of one frame; None where its code is in no cell."""
    found = ran.cell(ran.counts.get(frame["count"])) if frame["count"] else None
    offset = 0
    if frame["magic"]:
        # The body of a cell magic counts its own lines, from the one below it.
        found, offset = (ran.notebook.cell(running.number), running), _magic_lines(running)
        if not offset:
            return None
    return (found[0], _author_line(found[1], frame["line"] + offset)) if found else None


def _magic_lines(cell: ExecutedCell) -> int:
    """How many lines a cell magic at the top takes: 0 or 1."""
    return int(cell.source.lstrip().startswith("%%"))


def _author_line(cell: ExecutedCell, line: int) -> int:
    return cell.lines[line - 1] if 0 < line <= len(cell.lines) else 0


def _explain(ran: Ran, failure: Mapping[str, Any], place: Place) -> tuple[str, str, str]:
    """What, why and fix for the kind of exception."""
    name, value, title = failure["name"], failure["value"], place.cell.title
    kinds = {name, *failure["kinds"]}
    if "SystemExit" in kinds:
        return f"{title} stopped the notebook: sys.exit({value})", "the cells after it never ran", "take that call out"
    if "ModuleNotFoundError" in kinds and failure["module"]:
        return _missing_module(ran, failure["module"], title)
    if "FileNotFoundError" in kinds and failure["file"]:
        return _missing_file(ran, failure["file"], title)
    if "StdinNotImplementedError" in kinds:
        return f"{title} asks for input", "nobody is there to type while a build runs", "set the value in the cell, or by -p"
    if "MemoryError" in kinds:
        return f"{title} ran out of memory", value, "use fewer rows through a parameter (-p), or a larger machine"
    what = f"{title} failed: {name}: {value}" if value else f"{title} failed: {name}"
    if "AssertionError" in kinds and place.cell.directive is None:
        why = "an assertion in a cell without a tag stops the run there; in a check cell it is counted, and the run goes on"
        return what, why, "tag it where it judges the model, by a first line `# nb2svc: check NAME`; else correct what it found"
    return what, "", "run the notebook from top to bottom in Jupyter (Restart Kernel and Run All Cells) and correct that line"


def _missing_module(ran: Ran, module: str, title: str) -> tuple[str, str, str]:
    top = module.partition(".")[0]
    what = f"{title} imports {module}, which the kernel does not have"
    near = Path(ran.notebook.path).resolve().parent
    if (near / f"{top}.py").exists() or (near / top).is_dir():
        return what, f"it lies beside the notebook, but the run was in {ran.cwd}", f"run it there: --cwd {near}"
    why = f"its interpreter is {ran.interpreter}"
    close = difflib.get_close_matches(top, {*_DISTRIBUTIONS, *_WELL_KNOWN}, n=1, cutoff=0.75)
    if close and close[0] != top:
        # Installing a misspelt name may well install something, and not what was meant.
        return what, why, f"did you mean {close[0]}?"
    return what, why, f"{ran.interpreter} -m pip install {_DISTRIBUTIONS.get(top, top)}"


def _missing_file(ran: Ran, file: str, title: str) -> tuple[str, str, str]:
    path = ran.cwd / file
    what = f"{title} reads {file}, which does not exist"
    why = f"the notebook ran in {ran.cwd}" if not Path(file).is_absolute() else f"nothing lies at {file}"
    beside = Path(ran.notebook.path).resolve().parent / file
    if beside.exists():
        return what, why, f"it lies beside the notebook, so run there: --cwd {Path(ran.notebook.path).resolve().parent}"
    makers = likely_makers(file, Path(ran.notebook.path))
    if makers:
        more = f"; {', '.join(makers[1:])} may, too" if makers[1:] else ""
        return what, f"{why}; {makers[0]} beside the notebook names that file and may make it{more}", how_to_run(makers[0])
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, names, n=1)
    if close:
        return what, why, f"did you mean {Path(file).with_name(close[0])}?"
    return what, why, "put the file there, or say where to run with --cwd"


def _excerpt(place: Place) -> str:
    """The author's lines around the one that failed, which an arrow marks; the whole cell where no line is known."""
    lines = place.cell.source.splitlines()
    first, last = (max(1, place.line - _AROUND), place.line + _AROUND) if place.line else (1, 2 * _AROUND)
    width = len(str(last))
    shown = [
        f"{'→' if number == place.line else ' '} {number:>{width}} │ {line}"
        for number, line in enumerate(lines, start=1)
        if first <= number <= last
    ]
    return "\n".join(["", place.cell.title, *shown]).strip()
