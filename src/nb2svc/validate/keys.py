"""What a run depends on: its key, known before it runs, and what its kernel saw, compared before its result is taken again.

A key is the digest of the cells (without comments and layout), of the parameters, of the kernel's name, of the repeat and of the
segments that were asked for. Data,
the author's modules, libraries and the environment are compared by `capture/facts.py`, as a capture's are.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2svc.capture import facts
from nb2svc.capture.driver import imported
from nb2svc.ir.dependence import Dependence, RunText
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.validation import Parameter, RunSpec
from nb2svc.system.digests import digest_of
from nb2svc.validate.sets import ParameterSet

# How a notebook calls what seeds it.
_SEEDS = ("seed", "random_seed", "random_state", "rng_seed")
# Options of a tag that say how runs are judged, not what they do.
_JUDGING = frozenset({"margin", "lower", "higher"})
# Tags by which a cell counts in another way.
_RUN_TAGS = frozenset({"raises-exception", "skip-execution", "parameters"})


def run_specs(
    notebook: Notebook, sets: Iterable[ParameterSet], *, defaults: Iterable[Parameter], kernel: str, segments: Sequence[str] = ()
) -> tuple[RunSpec, ...]:
    """The runs under their keys, in the order of the sets; of equal ones the first. One by `segments` is another one."""
    texts, known = [text.code for text in run_texts(notebook)], tuple(defaults)
    found: dict[str, RunSpec] = {}
    for one in sets:
        spec = RunSpec(
            key=_key(texts, one, kernel, segments),
            parameters=one.parameters,
            case=one.case,
            seed=_seed(one.parameters, known),
            repeat=one.repeat,
        )
        found.setdefault(spec.key, spec)
    return tuple(found.values())


def run_texts(notebook: Notebook) -> tuple[RunText, ...]:
    """What counts of each code cell: a comment or a blank line more is the same run."""
    return tuple(RunText(text=cell.source, code=_code(cell), place=cell.title) for cell in notebook.cells)


def dependence_of(notebook: Notebook) -> Dependence:
    """All cells, for a run is judged by all that it says. What only the world knows (the network, the date) is not compared."""
    return Dependence(
        texts=run_texts(notebook), points=(), checks=(), definitions=(), imports=tuple(sorted(imported(notebook))), unknowable=()
    )


def expected_facts(dependence: Dependence, spec: RunSpec, *, kernel: str, cwd: str) -> dict[str, Any]:
    """What can be said of a run's surroundings before it runs."""
    parameters = {each.name: each.shown for each in spec.parameters}
    return facts.settings(dependence, kernel=kernel, cwd=Path(cwd), parameters=parameters)


def changed_since(noted: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """The first thing that is not as it was when a run was made; "" where its result still stands."""
    # What was read from the network can't be compared: a finished run stands until --fresh.
    return facts.difference({**noted, "unknowable": []}, expected)


def _key(texts: list[str], one: ParameterSet, kernel: str, segments: Sequence[str]) -> str:
    parameters = {each.name: each.shown for each in one.parameters}
    by = {"segments": sorted(segments)} if segments else {}
    return digest_of({"code": texts, "parameters": parameters, "kernel": kernel, "repeat": one.repeat, **by})


def is_seed(name: str) -> bool:
    """Whether a parameter is called as what seeds a notebook."""
    return name.lower() in _SEEDS


def _seed(given: Iterable[Parameter], defaults: Iterable[Parameter]) -> str:
    values = {each.name.lower(): each.shown for each in (*defaults, *given)}
    return next((values[name] for name in _SEEDS if name in values), "")


def _code(cell: Cell) -> str:
    try:
        code = ast.dump(ast.parse(cell.code))
    except SyntaxError:
        code = cell.code
    pieces = [piece.text.strip() for piece in cell.masked if piece.runs and piece.treatment != "dropped"]
    directive = cell.directive
    options = [pair for pair in directive.options if pair[0] not in _JUDGING] if directive else []
    said = [directive.role, directive.name or "", *("=".join(pair) for pair in options)] if directive else []
    tags = [*(_RUN_TAGS & set(cell.tags)), *(["parameters"] if cell.parameters else [])]
    return "\n".join([code, *pieces, *said, *sorted(set(tags))])
