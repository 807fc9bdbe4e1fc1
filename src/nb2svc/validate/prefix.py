"""Which cells many runs may share: those before the first whose values depend on a parameter that tells the runs apart. Pure.

    1  # parameters: seed = 0; rows = 1000         shared
       # injected:   rows = 500; seed = 3           `rows`, the same in all runs, is set there; `seed` only where they part
    2  loans = pd.read_csv("loans.csv").head(rows)  shared
    3  X = features(loans)                          shared
    4  split(X, random_state=seed)                  from here on each run goes by itself: it reads `seed`

The same holds for a cell of which it can't be proved that a process may be forked after it (`prefix_ends.py`): what comes before
it is shared. A cell reads a parameter also where it only calls a function that does.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Parameter, RunSpec
from nb2svc.validate.document import INJECTED
from nb2svc.validate.judge import varying
from nb2svc.validate.prefix_ends import Ending, Ends

_WORTH = frozenset({"assign", "expression", "compound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """The cells that a group of runs may share, by their numbers; none where `declined` says why.

    `ended` is why the next cell is not among them, None where there is none. `given` are the parameters that all runs set alike
    and `varying` the names that tell them apart; `injected` says that the cells reach past the parameters cell, so that `given`
    must be set among them. `seeded` are the global generators that the cells seed: another one must not have moved.
    `needs_kernel` is why what a run does after the cells needs a kernel; "" where it needs none.
    """

    cells: tuple[int, ...] = ()
    ended: Ending | None = None
    given: tuple[Parameter, ...] = ()
    varying: tuple[str, ...] = ()
    injected: bool = False
    seeded: tuple[str, ...] = ()
    needs_kernel: str = ""
    declined: str = ""

    @property
    def shown(self) -> str:
        """The plan in a line: `cells 1 to 3; cell 4, line 1: reads seed`."""
        if self.declined:
            return self.declined
        return f"{self.words}; {self.ended.shown}" if self.ended else self.words

    @property
    def words(self) -> str:
        """The cells as a report calls them: `cells 1 to 3`."""
        return down_to(self.cells[-1])


def down_to(cell: int) -> str:
    """Cells from the first down to one in words: `cells 1 to 3`."""
    return f"cells 1 to {cell}" if cell > 1 else f"cell {cell}"


def plan_prefix(
    notebook: Notebook, dataflow: Dataflow, specs: Iterable[RunSpec], *, environment: Mapping[str, str] | None = None
) -> Prefix:
    """What runs may share; `environment` is that of the process that would run it."""
    runs = tuple(specs)
    names = _telling_apart(runs)
    given = tuple(each for each in (runs[0].parameters if runs else ()) if each.name not in names)
    whole = Prefix(given=given, varying=tuple(sorted(names)))
    if len(runs) < 2:
        return _declined(whole, "there is one run only")
    if any(spec.repeat > 1 for spec in runs):
        return _declined(whole, "repeats are made to see what differs from run to run")
    if not all(spec.parameters for spec in runs):
        # It has no cell that sets them: the others count their cells otherwise.
        return _declined(whole, "one of the runs takes all of the notebook's own values")
    parameters = next((cell.number for cell in notebook.cells if cell.parameters), 0)
    cells, ended, ends = _walk(notebook, dataflow, names, after=parameters, environment=environment or {})
    found = Prefix(
        cells=cells,
        ended=ended,
        given=given,
        varying=whole.varying,
        injected=parameters in cells,
        seeded=tuple(sorted(ends.seeded)),
        needs_kernel=_needs_kernel(notebook, dataflow, beyond=cells),
    )
    if not _is_worth_it(dataflow, {*cells} - {parameters}):
        why = ended.shown if ended else "it has nothing else"
        return _declined(found, f"there is nothing to share but imports and definitions; {why}")
    return found


def _walk(
    notebook: Notebook, dataflow: Dataflow, names: Collection[str], *, after: int, environment: Mapping[str, str]
) -> tuple[tuple[int, ...], Ending | None, Ends]:
    """The cells down to the first that can't be shared, why it can't, and what was seen of those before it."""
    ends = Ends(notebook, dataflow, names, after=after, environment=environment)
    cells: list[int] = []
    for cell in notebook.cells:
        if INJECTED in cell.tags:
            # It belongs to an earlier run, and is left out of this one.
            continue
        ended = ends.of(cell)
        if ended is not None:
            return tuple(cells), ended, ends
        cells.append(cell.number)
    return tuple(cells), None, ends


def _needs_kernel(notebook: Notebook, dataflow: Dataflow, *, beyond: Collection[int]) -> str:
    """Why cells beyond some can't go on in a process without a kernel; "" where all can."""
    ends = Ends(notebook, dataflow, (), after=0, environment={}, forked_after=False)
    found = ((cell.number, ends.of(cell)) for cell in notebook.cells if INJECTED not in cell.tags)
    return next((ended.shown for number, ended in found if ended is not None and number not in beyond), "")


def _telling_apart(runs: Iterable[RunSpec]) -> frozenset[str]:
    """The parameters that are not known alike in all runs; a secret must not lie in a process that others come from."""
    known = tuple(runs)
    return varying(known) | {each.name for spec in known for each in spec.parameters if each.secret}


def _declined(prefix: Prefix, why: str) -> Prefix:
    return Prefix(ended=prefix.ended, given=prefix.given, varying=prefix.varying, declined=why)


def _is_worth_it(dataflow: Dataflow, cells: Collection[int]) -> bool:
    return any(one.span.cell in cells and one.kind in _WORTH for one in dataflow.statements)
