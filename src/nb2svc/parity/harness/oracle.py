"""What the notebook left to compare with: its own model inputs and predictions, each row with its main row's ordinal."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Set

import numpy as np

from .compare import length, take
from .loading import CaptureError


class Source:
    """Captured rows: `value` holds one row for each of `ordinals`; rows that stand for no main row (-1) are left out."""

    def __init__(self, name: str, value: Any, ordinals: Any, *, size: int) -> None:
        ordinals = np.asarray(ordinals, dtype="int64").reshape(-1)
        if length(value) != len(ordinals) or (len(ordinals) and ordinals.max() >= size):
            raise CaptureError(
                "the " + name + " oracle has " + str(length(value)) + " rows for " + str(len(ordinals)) + " row numbers"
            )
        known = np.flatnonzero(ordinals >= 0)
        self.name = name
        self.value = value if len(known) == len(ordinals) else take(value, known)
        self.ordinals = ordinals[known]
        self.where = np.full(size, -1, dtype="int64")
        self.where[self.ordinals[::-1]] = np.arange(len(self.ordinals))[::-1]  # the first of several copies

    def without(self, rows: Set[int]) -> "Source":
        """The same rows but for some main rows."""
        keep = [at for at, row in enumerate(self.ordinals.tolist()) if row not in rows]
        return Source(self.name, take(self.value, np.array(keep, dtype="int64")), self.ordinals[keep], size=len(self.where))


class Oracle:
    """All sources. `answers` begins with the notebook's own predictions, where it made any."""

    def __init__(self, values: Dict[str, Any], *, size: int, passed: Sequence[str] = ()) -> None:
        self.passed = passed
        # A model that was loaded shows no fit: what the notebook asked it about is what it receives.
        given = values["fit_input"] if values.get("fit_input") is not None else values["predict_input"]
        self.fit = Source("fit input", given, values["fit_rows"], size=size)
        self.predict: Optional[Source] = None
        self.predictions: Optional[Source] = None
        self.problem = ""
        if values.get("predict_input") is not None and values.get("predict_rows") is not None:
            self.predict = Source("predict input", values["predict_input"], values["predict_rows"], size=size)
        output = values.get("output")
        if self.predict is None or output is None:
            self.problem = "the notebook predicts nothing itself"
        elif length(output) != len(np.asarray(values["predict_rows"]).reshape(-1)):
            self.problem = "the notebook's output does not have one entry for each row it predicted"
        else:
            self.predictions = Source("prediction", output, values["predict_rows"], size=size)
        if self.predict is None and values.get("estimated") is not None:
            # It only fits: its estimator's answers for its own inputs are then the predictions it would have made.
            self.predictions = Source("prediction", values["estimated"], values["fit_rows"], size=size)
        self.prepared: Set[int] = set()
        self.references: List[Source] = []

    @property
    def inputs(self) -> List[Source]:
        """Model inputs as the notebook made them."""
        return [source for source in (self.fit, self.predict) if source is not None]

    @property
    def judged(self) -> List[Source]:
        """The model inputs as far as they are compared."""
        if not self.passed:
            return self.inputs
        return [
            Source(source.name, self.without_passed(source.value), source.ordinals, size=len(source.where))
            for source in self.inputs
        ]

    def without_passed(self, value: Any) -> Any:
        """A model input without the columns that show the target, which the model does not take and a request does not have."""
        return value.drop(columns=self.passed, errors="ignore") if self.passed and hasattr(value, "columns") else value

    @property
    def answers(self) -> List[Source]:
        """The notebook's predictions, then what its own inputs give for the rows that it never predicted."""
        own = [self.predictions] if self.predictions is not None else []
        return own + self.references

    @property
    def survivors(self) -> List[int]:
        """The main rows that reached a model input, in the run's order, but for those prepared otherwise."""
        rows = set(self.fit.ordinals.tolist())
        if self.predict is not None:
            rows |= set(self.predict.ordinals.tolist())
        return sorted(rows)

    def set_apart(self, rows: Set[int]) -> None:
        """Leave out predicted rows that the notebook prepared in another way: they are no oracle."""
        self.prepared = rows
        if rows and self.predict is not None:
            self.predict = self.predict.without(rows)
            self.predictions = self.predictions.without(rows) if self.predictions is not None else None
