"""Judge each evaluation of a probe against the training run, and continue with the training value after a difference.

So each difference is blamed on the expression where the row first sees other rows, and on nothing downstream of it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Tuple

import numpy as np
import pandas as pd

from .compare import equal
from .record import Evaluation, Run
from .rowids import Rows
from .tabular import PLAIN, Uncopied, count, is_frame, is_rows, snapshot, take
from .training import Record, Training, is_row_count, own, receiver_of


class Blame:
    """What was seen at one expression: `verdicts` among state, batch, name, fit, clock, random; in which probes."""

    def __init__(self) -> None:
        self.verdicts: Set[str] = set()
        self.probes: Set[str] = set()
        self.why = ""
        # Whether there was a row when it was blamed: without one some calls give another kind of value.
        self.had_rows = False


class Blames(Dict[int, Blame]):
    """Blames by expression."""

    def add(self, number: int, verdict: str, *, probe: str, why: str = "", had_rows: bool = True) -> None:
        """Blame an expression."""
        blame = self.setdefault(number, Blame())
        blame.had_rows = blame.had_rows or had_rows
        blame.verdicts.add(verdict)
        blame.probes.add(probe)
        blame.why = blame.why or why

    def having(self, verdict: str) -> List[int]:
        """The expressions with a verdict, in document order."""
        return sorted(number for number, blame in self.items() if verdict in blame.verdicts)


class Lockstep:
    """Listens to a probe. `origin` gives each table's training ordinals of the probe's rows."""

    def __init__(
        self, training: Training, blames: Blames, *, probe: str, origin: Dict[str, np.ndarray], selections: Set[int]
    ) -> None:
        self.training = training
        self.blames = blames
        self.probe = probe
        self.origin = origin
        self.selections = selections
        self.namespace: Dict[str, Any] = {}

    def listen(self, run: Run, seen: Evaluation) -> Any:
        """Judge one evaluation; what it returns is what the run goes on with."""
        number = seen.expr.number
        if run.twin:
            return own(seen)
        if any(seen.value is value for value in self.training.untouched):
            return seen.value
        if seen.context == "*":
            return self._alone(seen)
        record = self.training.records.get((number, seen.context, seen.nth))
        if record is None or record.value is Uncopied or (record.error and seen.error is not None):
            return own(seen)
        if record.error:
            return seen.value
        if self.probe == "identity" and number in self.selections:
            return self._put_back(run, seen, record)
        if seen.expr.is_name:
            return self._name(seen, record)
        if record.receiver is not None:
            self._receiver(seen, record)
        return self._judge(run, seen, record)

    def _judge(self, run: Run, seen: Evaluation, record: Record) -> Any:
        if record.elements and (seen.error is not None or len(seen.value) == len(record.elements)):
            return self._elements(run, seen, record)
        if record.rows is not None and (seen.error is not None or seen.rows is not None):
            return self._aligned(run, seen, record)
        if record.carries or seen.carries:
            return own(seen)
        if seen.error is None:
            if record.counts and is_row_count(run, seen):
                return seen.value
            if equal(record.value, seen.value):
                return seen.value
            if record.value is None or (
                record.rows is not None and count(record.value) != count(seen.value) and len(self.main_ids()) == 1
            ):
                return seen.value
        self._blame(seen, aligned=False)
        return snapshot(record.value)

    def main_ids(self) -> np.ndarray:
        """Training ordinals of the probe's main rows (the first table of the origin)."""
        return next(iter(self.origin.values()))

    def _blame(self, seen: Evaluation, *, aligned: bool) -> None:
        verdict = "batch" if aligned else "state"
        if self.probe == "identity":
            verdict = "random" if aligned else "clock"
        why = "" if seen.error is None else "{}: {}".format(type(seen.error).__name__, seen.error)
        had_rows = seen.error is not None or seen.rows is None or len(seen.rows.ids) > 0
        self.blames.add(seen.expr.number, verdict, probe=self.probe, why=why, had_rows=had_rows)

    def _alone(self, seen: Evaluation) -> Any:
        known = self.training.alone.get(seen.expr.number)
        if (
            known is None
            or known.varied
            or known.aligned
            or known.calls < 2
            or seen.expr.is_name
            or seen.expr.number not in self.training.alone
        ):
            return own(seen)
        if seen.error is None and (seen.rows is not None or seen.carries or equal(known.value, seen.value)):
            return seen.value
        self._blame(seen, aligned=False)
        return snapshot(known.value)

    def _name(self, seen: Evaluation, record: Record) -> Any:
        """A bare name is never a cause; an object changed in place above it is kept as it was in training."""
        if seen.error is not None or seen.rows is not None or seen.carries or record.rows is not None or record.carries:
            return own(seen)
        if equal(record.value, seen.value):
            return seen.value
        self.blames.add(seen.expr.number, "clock" if self.probe == "identity" else "name", probe=self.probe)
        twin = snapshot(record.value)
        name = getattr(seen.expr.node, "id", "")
        if self.namespace.get(name) is seen.value:
            self.namespace[name] = twin
        return twin

    def _receiver(self, seen: Evaluation, record: Record) -> None:
        """An object fitted in place: put training's fitted state back into it."""
        _, receiver = receiver_of(seen)
        if receiver is None:
            return
        if not equal(record.receiver, receiver):
            self.blames.add(seen.expr.number, "clock" if self.probe == "identity" else "fit", probe=self.probe)
        twin = snapshot(record.receiver)
        if isinstance(receiver, dict):
            receiver.clear()
            receiver.update(twin)
        elif hasattr(receiver, "__dict__"):
            vars(receiver).clear()
            vars(receiver).update(vars(twin))
        if seen.rows is None and not seen.carries and seen.value is receiver:
            seen.error = None

    def _elements(self, run: Run, seen: Evaluation, record: Record) -> Any:
        """A tuple that a call made: each part by itself (`codes, levels = pd.factorize(…)`)."""
        if seen.error is not None:
            if self._knows(seen, record):
                self._blame(seen, aligned=True)
            raise seen.error
        parts = list(seen.value)
        different = set()
        for place, part in enumerate(parts):
            own = None if isinstance(part, PLAIN) else run.rows_of(part)
            kept, rows = record.value[place], record.elements[place]
            if rows is None:
                same = equal(kept, part)
                again = snapshot(kept)
            elif own is None:
                continue
            else:
                places, positions = self._places(rows, own)
                same = len(places) == 0 or equal(take(kept, places), take(part, positions), labels=False, skip=run.keys.names())
                again = part if same or len(places) != len(own.ids) else self._rows_again(run, kept, places, like=part, rows=own)
            if not same:
                different.add(rows is not None)
                parts[place] = again
        if not different:
            return seen.value
        self._blame(seen, aligned=True)
        return tuple(parts) if isinstance(seen.value, tuple) else parts

    def _knows(self, seen: Evaluation, record: Record) -> bool:
        """Whether training had the operands' rows here: what rows that it never had raise says nothing."""
        kept = [rows for rows in record.elements if rows is not None]
        given = [rows for _, rows in seen.operands]
        return not kept or not given or len(self._places(kept[0], given[0])[0]) == len(given[0].ids)

    def _aligned(self, run: Run, seen: Evaluation, record: Record) -> Any:
        rows = seen.rows if seen.error is None else self._expected_rows(seen, record)
        if rows is None or record.rows is None or rows.domain != record.rows.domain:
            if seen.error is not None:
                self._blame(seen, aligned=True)
            return own(seen)
        places, positions = self._places(record.rows, rows)
        if seen.error is None:
            if len(places) == 0 and len(rows.ids):
                return seen.value
            if isinstance(seen.value, pd.Index) or self._same_rows(run, seen, record, places, positions):
                return seen.value
        elif len(places) < len(rows.ids):
            raise seen.error
        self._blame(seen, aligned=True)
        if len(places) < len(rows.ids):
            return own(seen)
        return self._rows_again(run, record.value, places, like=seen.value if seen.error is None else None, rows=rows, seen=seen)

    def _same_rows(self, run: Run, seen: Evaluation, record: Record, places: np.ndarray, positions: np.ndarray) -> bool:
        assert seen.rows is not None
        assert record.rows is not None
        left, right = take(record.value, places), take(seen.value, positions)
        if not equal(left, right, labels=False, skip=run.keys.names()):
            return False
        origin = self.origin.get(seen.rows.domain)
        if origin is None or not seen.operands:
            return True
        # A row that training kept here and the probe lost (an inner merge, a group of one) is a difference too.
        given = [rows.ids for _, rows in seen.operands if rows.domain == seen.rows.domain]
        if not given:
            return True
        expected = _occurrences(record.rows.ids, origin, np.unique(np.concatenate(given)))
        have = np.isin(np.unique(np.concatenate(given)), seen.rows.ids)
        return bool((have | ~expected).all())

    def _expected_rows(self, seen: Evaluation, record: Record) -> Optional[Rows]:
        """The rows that a value would have had where the evaluation raised: those of the same operand as in training."""
        if record.source is not None and record.source < len(seen.operands):
            return seen.operands[record.source][1]
        assert record.rows is not None
        domain = record.rows.domain
        origin = self.origin.get(domain)
        if origin is None:
            return None
        return Rows(domain, np.nonzero(np.isin(origin, record.rows.ids))[0])

    def _places(self, rows: Rows, own: Rows) -> Tuple[np.ndarray, np.ndarray]:
        """Places in training's value and positions in the probe's value of the rows that both know."""
        origin = self.origin.get(rows.domain)
        if origin is None or rows.domain != own.domain or len(origin) == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        wanted = np.where(own.ids >= 0, origin[np.clip(own.ids, 0, len(origin) - 1)], -1)
        places = rows.places()
        if places is not None and own.places() is not None:
            inside = (wanted >= 0) & (wanted < len(places))
            found = np.where(inside, places[np.where(inside, wanted, 0)], -1) if len(places) else np.full(len(wanted), -1)
            return found[found >= 0], np.nonzero(found >= 0)[0]
        left = pd.DataFrame({"row": wanted, "copy": _copies(own.ids)})
        right = pd.DataFrame({"row": rows.ids, "copy": _copies(rows.ids), "place": np.arange(len(rows.ids))})
        right = right[right["row"] >= 0]
        found = left.merge(right, on=["row", "copy"], how="left")["place"].to_numpy()
        known = ~np.isnan(found.astype(float)) & (wanted >= 0)
        return found[known].astype(np.int64), np.nonzero(known)[0]

    def _rows_again(
        self, run: Run, value: Any, places: np.ndarray, *, like: Any, rows: Rows, seen: Optional[Evaluation] = None
    ) -> Any:
        """Training's rows, with the labels that the probe's value has."""
        again = snapshot(take(value, places))
        if is_frame(again):
            labels = like.index if is_frame(like) and len(like) == len(again) else None
            if labels is None and seen is not None:
                labels = next((v.index for v, r in seen.operands if is_frame(v) and r.same(rows)), None)
            again.index = labels if labels is not None else pd.RangeIndex(len(again))
        run.register(again, rows)
        return again

    def _put_back(self, run: Run, seen: Evaluation, record: Record) -> Any:
        """The identity probe continues with training's selected rows: an unseeded split is not noise."""
        if record.elements:
            parts = [snapshot(part) for part in record.value]
            for part, rows in zip(parts, record.elements):
                if rows is not None:
                    run.register(part, rows)
            return tuple(parts) if isinstance(seen.value, tuple) else parts
        if record.rows is None or not is_rows(record.value):
            return own(seen)
        twin = snapshot(record.value)
        run.register(twin, record.rows)
        return twin


def _copies(ids: np.ndarray) -> np.ndarray:
    """For each entry which copy of its id it is: 0 for the first."""
    return pd.Series(ids).groupby(ids).cumcount().to_numpy() if len(ids) else np.empty(0, dtype=np.int64)


def _occurrences(kept: np.ndarray, origin: np.ndarray, ordinals: np.ndarray) -> np.ndarray:
    """For each ordinal of the probe whether training's value has its row."""
    return np.where(ordinals >= 0, np.isin(origin[np.clip(ordinals, 0, len(origin) - 1)], kept), False)
