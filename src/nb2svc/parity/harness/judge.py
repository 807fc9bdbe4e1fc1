"""One call of the service against the oracles: rows that differ, and rows that only sit on a knife edge.

inputs agree, answer differs, the notebook's own inputs give its answer  →  a knife edge (DESIGN: counted, listed)
inputs differ                                                            →  a difference, always
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set

import numpy as np

from .compare import IN_PROCESS, SHOWN, Cell, columns, compare, entry, inexact, length, take, text
from .oracle import Oracle, Source
from .service import Replay

Substitute = Callable[[Any], Any]
Rerun = Callable[[Substitute], Replay]


class Edge(NamedTuple):
    """A row on a knife edge: the column and value it sits on, the notebook's answer and the service's."""

    row: int
    column: str
    threshold: float
    expected: str
    actual: str


class Outcome:
    """What was compared and what differed, over any number of calls."""

    def __init__(self) -> None:
        self.compared: Set[int] = set()
        self.bad: Set[int] = set()
        self.cells: List[Cell] = []
        self.edges: List[Edge] = []
        self.notes: List[str] = []

    def add(self, other: "Outcome") -> None:
        """Take in what another call found."""
        self.compared |= other.compared
        self.bad |= other.bad
        self.cells = (self.cells + other.cells)[:SHOWN]
        self.edges += other.edges
        self.notes += [note for note in other.notes if note not in self.notes]

    def fail(self, rows: Sequence[int], *, column: str, expected: str, actual: str) -> None:
        """All of `rows` differ for one reason."""
        self.bad.update(int(row) for row in rows)
        self.compared.update(int(row) for row in rows)
        self.cells.append(Cell(-1 if len(rows) != 1 else int(rows[0]), column, expected, actual))


def judge(
    oracle: Oracle, ordinals: Sequence[int], replay: Replay, *, rtol: float = IN_PROCESS, rerun: Optional[Rerun] = None
) -> Outcome:
    """Compare the model input and the answer of one call for these main rows with the notebook's."""
    rows, outcome = np.asarray(ordinals, dtype="int64"), Outcome()
    if replay.error:
        outcome.fail(ordinals, column="", expected="an answer", actual=replay.error)
        return outcome
    given = oracle.without_passed(replay.inputs)
    inputs = against(oracle.judged, rows, given, rtol=rtol) if given is not None else Outcome()
    answers = against(oracle.answers, rows, replay.answers, rtol=rtol)
    outcome.add(inputs)
    candidates = (answers.bad - inputs.bad) & inputs.compared
    edges = _edges(oracle, rows, replay, candidates, rtol=rtol, rerun=rerun) if candidates and rerun is not None else []
    excused = {edge.row for edge in edges}
    answers.bad -= excused
    answers.cells = [cell for cell in answers.cells if cell.row not in excused]
    outcome.add(answers)
    outcome.edges = edges
    return outcome


def against(sources: List[Source], rows: Any, value: Any, *, rtol: float = IN_PROCESS) -> Outcome:
    """Compare a value that has one row for each of `rows` with every source that knows some of them."""
    outcome = Outcome()
    if length(value) != len(rows):
        outcome.fail(rows.tolist(), column="", expected=f"{len(rows)} rows", actual=f"{length(value)} rows")
        return outcome
    for source in sources:
        places = source.where[rows]
        at = np.flatnonzero(places >= 0)
        if len(at):
            found = compare(take(source.value, places[at]), take(value, at), rows[at].tolist(), rtol=rtol, name=source.name)
            outcome.compared.update(rows[at].tolist())
            outcome.bad |= found.rows
            outcome.cells = (outcome.cells + found.cells)[:SHOWN]
    return outcome


def own_inputs(oracle: Oracle, ordinals: Sequence[int]) -> Substitute:
    """A substitute that gives the model the notebook's own inputs for these rows, where the notebook made some."""
    rows = np.asarray(ordinals, dtype="int64")

    def substitute(given: Any) -> Any:
        if length(given) != len(rows):
            return given
        for source in oracle.inputs:
            if (source.where[rows] >= 0).all():
                return take(source.value, source.where[rows])
        pieces, offset, index = [given], len(rows), np.arange(len(rows))
        for source in oracle.inputs:
            places = source.where[rows]
            at = np.flatnonzero((places >= 0) & (index < len(rows)))
            pieces.append(take(source.value, places[at]))
            index[at] = offset + np.arange(len(at))
            offset += len(at)
        return take(_stack(pieces), index)

    return substitute


def _stack(pieces: List[Any]) -> Any:
    first = pieces[0]
    if hasattr(first, "iloc"):
        import pandas as pd

        stacked = pd.concat(pieces, ignore_index=True)
        return stacked.astype(first.dtypes.to_dict()) if hasattr(first, "dtypes") and first.ndim == 2 else stacked
    if hasattr(first, "toarray"):
        import scipy.sparse

        return scipy.sparse.vstack(pieces).tocsr()
    return np.concatenate([np.asarray(piece) for piece in pieces])


def _edges(oracle: Oracle, rows: Any, replay: Replay, candidates: Set[int], *, rtol: float, rerun: Rerun) -> List[Edge]:
    again = rerun(own_inputs(oracle, rows))
    if again.error:
        return []
    still = against(oracle.answers, rows, again.answers, rtol=rtol).bad
    edges = []
    for at, row in enumerate(rows.tolist()):
        if row in candidates and row not in still:
            # Equal bits and another answer is no edge: the answer then depends on something else than its inputs.
            off = _inexact(oracle, row, take(replay.inputs, np.array([at])))
            if off:
                column = next(iter(off))
                expected, actual = _answer(oracle, row), first_entry(take(replay.answers, np.array([at])))
                edges.append(Edge(row, column, float(off[column]), expected, actual))
    return edges


def _inexact(oracle: Oracle, row: int, given: Any) -> Dict[str, Any]:
    for source in oracle.inputs:
        if source.where[row] >= 0:
            found = inexact(take(source.value, source.where[[row]]), given)
            return {name: value for name, value in found.items() if isinstance(value, (int, float, np.number))}
    return {}


def _answer(oracle: Oracle, row: int) -> str:
    for source in oracle.answers:
        if source.where[row] >= 0:
            return first_entry(take(source.value, source.where[[row]]))
    return ""


def first_entry(value: Any) -> str:
    """The first row of an answer, as text."""
    return " ".join(text(entry(column, 0)) for _, column in columns(value))
