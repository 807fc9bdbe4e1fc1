"""The command line of a project's `training.py`: read data from one folder, write artifacts to another."""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence, Tuple

from .artifacts import Models, save
from .constants import set_constants
from .state import State


def main(
    train: Callable[[State], Any],
    *,
    several: bool = False,
    parameters: Tuple[str, ...] = (),
    arguments: Optional[Sequence[str]] = None,
) -> None:
    """Train, save artifacts, and print their digests as JSON.

    `train` returns the fitted estimator, or the estimator and its lookup tables by name. `several` says that it returns a
    dictionary of estimators by name in place of the one. `parameters` are the module
    constants that `-p NAME=VALUE` may set; a service that loads the artifacts sets them too.
    """
    package = str(train.__globals__["__package__"])
    options = _options(package, parameters, arguments)
    given = dict(options.parameter or [])
    set_constants(package, given, train.__globals__)
    out = Path(options.out).resolve()
    state = State(learning=True)
    with _working_in(Path(options.data)):
        result = train(state)
    # What was fitted may be a tuple itself.
    shipped = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)
    model, lookups = result if shipped else (result, {})
    digests = save(out, Models(model) if several else model, state, lookups, parameters=given)
    sys.stdout.write(json.dumps({"out": str(out), "files": digests}, indent=2) + "\n")


def _options(package: str, parameters: Tuple[str, ...], arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {package}.training", description="Train the model again.")
    parser.add_argument("--data", required=True, metavar="DIR", help="the folder that the notebook's files are read from")
    parser.add_argument("--out", required=True, metavar="DIR", help="where the artifacts go")
    allowed = f"one of {', '.join(parameters)}" if parameters else "this notebook has none"
    parser.add_argument(
        "-p", "--parameter", action="append", type=_parameter(parameters), metavar="NAME=VALUE", help=f"a parameter ({allowed})"
    )
    options = parser.parse_args(arguments)
    if not Path(options.data).is_dir():
        parser.error(f"--data {options.data}: no such folder; name the one that holds the notebook's data files")
    return options


def _parameter(parameters: Tuple[str, ...]) -> Callable[[str], Tuple[str, Any]]:
    def parse(text: str) -> Tuple[str, Any]:
        name, equals, value = text.partition("=")
        if not equals or name not in parameters:
            known = ", ".join(parameters) or "none"
            raise argparse.ArgumentTypeError(f"{text!r} sets no parameter of this notebook (known: {known}); write NAME=VALUE")
        try:
            return name, ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return name, value

    return parse


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """The notebook's relative paths are looked up in `folder`."""
    before = Path.cwd()
    sys.path.insert(0, str(before))
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path.remove(str(before))
