"""The options of pytest → the notebooks that are asked for, and the sets of parameters to run each with."""

import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Any

import click
import pytest

from nb2svc.cli.options import Duration, Setting
from nb2svc.ir.notebook import Notebook
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
    """One set of parameters: what is asked for that gives it alone, its id among the tests, and how a message calls it."""

    asked: Asked
    id: str
    shown: str


def wishes_of(config: pytest.Config) -> Wishes:
    """The options about runs.

    Raises:
        pytest.UsageError: one can't be meant.
    """
    timeout = config.getoption("--nb2svc-timeout")
    return Wishes(
        asked=Asked(parameters=_settings(config, "--nb2svc-p"), grid=_settings(config, "--nb2svc-grid")),
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
    """The sets in the order of their runs: `--nb2svc-grid seed=1..2` → the ids `seed=1` and `seed=2`.

    Raises:
        UsageError: a name or a value is wrong.
    """
    whole = parameter_sets(notebook, asked)
    names = [name for name, _ in asked.grid]
    chosen = list(itertools.product(*(grid_values(name, text) for name, text in asked.grid)))
    ids = ["-".join(f"{name}={_plain(value)}" for name, value in zip(names, values, strict=True)) for values in chosen]
    if len(set(ids)) < len(ids):
        ids = [_shown(one, names) for one in whole]
    return tuple(
        OneSet(asked=replace(asked, grid=_alone(names, values)), id=identifier, shown=_shown(one))
        for values, identifier, one in zip(chosen, ids, whole, strict=True)
    )


def _alone(names: Sequence[str], values: Sequence[object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, json.dumps([value])) for name, value in zip(names, values, strict=True))


def _plain(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and value else json.dumps(value)


def _shown(one: ParameterSet, names: Sequence[str] | None = None) -> str:
    """`seed=1 model='lr'`; with `names`, those only, as they stand in an id."""
    parts = [f"{each.name}={each.shown}" for each in one.parameters if names is None or each.name in names]
    return ("-" if names is not None else " ").join(parts)


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
