"""Which few validation runs CI makes of a notebook, and what it compares them with."""

import ast
import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.errors import UsageError
from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Parameter, Validation
from nb2svc.validate.folder import VALIDATION
from nb2svc.validate.keys import is_seed
from nb2svc.validate.sets import Asked, default_parameters, parameter_sets
from nb2svc.validate.watched import tells

_SEEDS = "1..3"
_REPEATS = "2"


def runs_of(notebook: Notebook) -> tuple[str, str] | None:
    """The option of `nb2svc validate` and its value; None for a notebook that neither checks nor measures anything.

    seed = 42 in the parameters cell    → ("--grid", "seed=1..3")
    no such parameter                   → ("--repeat", "2"): what differs then is not seeded
    """
    if not tells(notebook, build_dataflow(notebook)):
        return None
    for default in default_parameters(notebook):
        if is_seed(default.name) and _whole(default) and _can_be_given(notebook, default.name):
            return "--grid", f"{default.name}={_SEEDS}"
    return "--repeat", _REPEATS


def baseline_of(path: str, tracked: Iterable[str], *, root: Path) -> str:
    """The validation of a notebook that is kept in git: `validation.json`, or a name that ends so; "" where none is.

    The one that lies nearest to the notebook counts.
    """
    notebook = PurePosixPath(path)
    names = [name for name in tracked if name.endswith(VALIDATION) and _is_of(root / name, notebook.name)]
    return min(names, key=lambda name: (_distance(PurePosixPath(name).parent, notebook.parent), name), default="")


def _whole(default: Parameter) -> bool:
    try:
        return type(ast.literal_eval(default.value)) is int
    except ValueError:
        return False


def _can_be_given(notebook: Notebook, name: str) -> bool:
    try:
        return bool(parameter_sets(notebook, Asked(grid=((name, _SEEDS),))))
    except UsageError:
        return False


def _is_of(path: Path, notebook: str) -> bool:
    try:
        return PurePosixPath(from_json(Validation, json.loads(path.read_bytes())).notebook).name == notebook
    except (OSError, ValueError, DecodeError):
        return False


def _distance(folder: PurePosixPath, other: PurePosixPath) -> int:
    """How many steps lead from one folder to the other."""
    shared = sum(1 for one, two in zip(folder.parts, other.parts, strict=False) if one == two)
    return len(folder.parts) + len(other.parts) - 2 * shared
