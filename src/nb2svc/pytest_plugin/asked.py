"""The options of pytest → the notebooks that are asked for, and the sets of parameters to run each with."""

import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import click
import pytest

from nb2svc.cli.options import Duration, Setting
from nb2svc.errors import Nb2svcError
from nb2svc.ir.notebook import Notebook
from nb2svc.system.files import read_bytes
from nb2svc.validate.matrix import Case, read_matrix
from nb2svc.validate.sets import Asked, ParameterSet, grid_values, parameter_sets

_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person says of all notebooks."""

    asked: Asked
    timeout: float
    kernel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A notebook, `part` what stands behind its `::`; `explicit` says that it was named itself, not found by a glob."""

    path: Path
    part: str
    explicit: bool

    @property
    def argument(self) -> str:
        """As an argument of pytest."""
        return f"{self.path}::{self.part}" if self.part else str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSet:
    """One set of parameters: its place among all of them, its id among the tests, and how a message calls it."""

    place: int
    id: str
    shown: str


def wishes_of(config: pytest.Config) -> Wishes:
    """The options about runs.

    Raises:
        pytest.UsageError: one can't be meant.
    """
    timeout = config.getoption("--nb2svc-timeout")
    matrix = config.getoption("--nb2svc-matrix")
    return Wishes(
        asked=Asked(
            parameters=_settings(config, "--nb2svc-p"),
            grid=_settings(config, "--nb2svc-grid"),
            matrix=_content(config.invocation_params.dir / Path(matrix).expanduser()) if matrix else None,
            matrix_file=Path(matrix).name if matrix else "",
        ),
        timeout=_converted(Duration(), timeout, option="--nb2svc-timeout") if timeout else _TIMEOUT,
        kernel=config.getoption("--nb2svc-kernel"),
    )


def notebooks_named(patterns: Iterable[str], folder: Path, *, option: str) -> tuple[Named, ...]:
    """The notebooks that names and globs mean, seen from a folder; `loans.ipynb::ranks_well` is one check of it.

    Raises:
        pytest.UsageError: there is none, or it is no notebook.
    """
    found: list[Named] = []
    for pattern in patterns:
        file, _, part = pattern.partition("::")
        whole = os.path.abspath(folder / Path(file).expanduser())  # noqa: PTH100 - a link stays a link, as in pytest
        if Path(whole).is_file():
            found.append(Named(path=Path(whole), part=part, explicit=True))
            continue
        paths = [Path(each) for each in sorted(glob(whole, recursive=True)) if Path(each).is_file()]  # noqa: PTH207 - as above
        if not paths:
            raise pytest.UsageError(f"{option} {file}: there is no such notebook (seen from {folder})")
        found += [Named(path=path, part=part, explicit=False) for path in paths if path.suffix in (".ipynb", ".py")]
    wrong = next((each.path for each in found if each.path.suffix not in (".ipynb", ".py")), None)
    if wrong:
        raise pytest.UsageError(f"{option} {wrong.name}: a notebook is an .ipynb, or a .py with # %% cells")
    return tuple(found)


def sets_of(notebook: Notebook, asked: Asked) -> tuple[OneSet, ...]:
    """The sets in the order of their runs: `--nb2svc-grid seed=1..2` → the ids `seed=1` and `seed=2`; a case has its name.

    Raises:
        UsageError: a name or a value is wrong.
    """
    whole = parameter_sets(notebook, asked)
    ids = list(_ids(asked))
    if len(set(ids)) < len(ids):
        # Two values that look alike, 1 and "1", or a set that stands twice.
        ids = [f"{identifier}-set{place}" for place, identifier in enumerate(ids, start=1)]
    return tuple(
        OneSet(place=place, id=identifier, shown=_shown(one))
        for place, (identifier, one) in enumerate(zip(ids, whole, strict=True))
    )


def _ids(asked: Asked) -> Iterator[str]:
    """`stress-seed=1`: the case, then the values of the grid, as `parameter_sets` orders them."""
    cases = read_matrix(asked.matrix, name=asked.matrix_file) if asked.matrix is not None else (Case(name="", values=()),)
    names = [name for name, _ in asked.grid]
    axes = [grid_values(name, text) for name, text in asked.grid]
    for case in cases:
        own = [case.name] if case.name else [f"{name}={_plain(value)}" for name, value in case.values]
        for values in itertools.product(*axes):
            yield "-".join([*own, *(f"{name}={_plain(value)}" for name, value in zip(names, values, strict=True))])


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, what="file of cases")
    except Nb2svcError as error:
        raise pytest.UsageError(f"--nb2svc-matrix {path.name}: {error.what}") from error


def _plain(value: object) -> str:
    """A value as it stands in an id, which has to be one line without the brackets that end it."""
    if isinstance(value, str) and value.isprintable() and value:
        return value
    return json.dumps(value, default=str)


def _shown(one: ParameterSet) -> str:
    """`stress: seed=1 model='lr'`."""
    values = " ".join(f"{each.name}={each.shown}" for each in one.parameters)
    return ": ".join(filter(None, (one.case, values)))


def _settings(config: pytest.Config, option: str) -> tuple[tuple[str, str], ...]:
    pairs: Mapping[str, str] = {}
    for text in config.getoption(option):
        name, value = _converted(Setting(), text, option=option)
        if name in pairs:
            raise pytest.UsageError(f"{option}: {name!r} is given twice")
        pairs = {**pairs, name: value}
    return tuple(pairs.items())


def _converted(kind: Duration | Setting, text: str, *, option: str) -> Any:
    try:
        return kind.convert(text, None, None)
    except click.BadParameter as error:
        raise pytest.UsageError(f"{option}: {error.message}") from error
