"""Frozen state: values that feature code learns from many rows in training and remembers for one row in the service."""

import copy
import math
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from . import codec
from .selecting import Outside, dropped_places

# Names that are members of State, so never names of learned values.
RESERVED = frozenset({"categories", "entries", "guard", "learning", "outside", "remember"})

_KEYLESS = object()
_PLAIN = (str, int, float, bool, type(None))


class StateError(LookupError):
    """A learned value is missing, or was learned twice with different results: a mistake of the compiler."""


class Keyed(Dict[Any, Any]):
    """The values of one name that was learned under several keys: {key: value}."""


class State:
    """Learns values in training, remembers them when serving.

        state.income_mean(lambda: loans["income"].mean())          one value under one name
        state.median(lambda: loans[c].median(), c)                 one value a key

    While `learning`, the expression is computed, kept and returned; otherwise what was kept is returned and the
    expression is never run. Values of mutable types (lists, dicts, sets, arrays, series, frames) are kept and handed
    out as copies, so that code that changes its value in place changes neither the next request's nor the kept one;
    fitted objects (encoders, scalers) are kept as copies and handed out themselves.
    """

    def __init__(self, entries: Optional[Mapping[str, Any]] = None, *, learning: bool = False) -> None:
        self._entries: Dict[str, Any] = dict(entries or {})
        self._learning = learning
        self._unseen: List[str] = []
        self._outside: List[Outside] = []

    @property
    def learning(self) -> bool:
        """Whether this is training: expressions are computed, and row selections apply."""
        return self._learning

    def entries(self) -> Dict[str, Any]:
        """What was learned: {name: value}, or a `Keyed` of {key: value} for a name with keys."""
        return dict(self._entries)

    @property
    def outside(self) -> Sequence[Outside]:
        """What `guard` noted: rows that the notebook's selections would have dropped."""
        return self._outside

    def remember(self) -> "State":
        """The same values, no longer learning: for a request, and for rows that training prepares a second time (a test set)."""
        other = State()
        other._entries = self._entries
        return other

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def learned(how: Callable[[], Any], key: Any = _KEYLESS) -> Any:
            return self._learn(name, how, key) if self._learning else self._remember(name, key)

        return learned

    def categories(self, frame: Any, columns: Sequence[Any], suffix: str = "") -> Any:
        """`frame` with `columns` as categories of training; each is kept under `<column>_categories<suffix>`.

            region            region
            "north"     →     "north"      categories east, north, south
            "west"            NaN          (not seen in training)

        `frame` may be a Series (then `columns` has its one name). The argument is not changed.
        """
        if not hasattr(frame, "columns"):
            return self._categories_of(frame, "{}_categories{}".format(columns[0], suffix))
        frame = frame.copy()
        for column in columns:
            frame[column] = self._categories_of(frame[column], "{}_categories{}".format(column, suffix))
        return frame

    def guard(self, select: Callable[[], Any], rows: Any, text: str) -> Any:
        """A row selection of the notebook: training goes on with what it keeps, the service with all `rows`.

            loans = state.guard(lambda: loans[loans["ratio"] < 5], loans, "no dreamers (cell 8)")

        Which rows it would have dropped is noted in `outside`, with the author's words: no row may shift another one.
        """
        if self._learning:
            return select()
        self._outside.append(Outside(text, len(rows), dropped_places(select, rows)))
        return rows

    def _categories_of(self, series: Any, name: str) -> Any:
        import pandas as pd

        kept = (
            self._learn(name, lambda: _known_categories(series), _KEYLESS) if self._learning else self._remember(name, _KEYLESS)
        )
        dtype = kept if isinstance(kept, pd.CategoricalDtype) else pd.CategoricalDtype(kept)
        # Codes by hand: astype with values outside the categories warns from pandas 3 on and is to raise.
        codes = _positions(dtype.categories, series)
        if not self._learning and (codes < 0).any() and series[codes < 0].notna().any():
            self._unseen.append(str(series.name))
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), index=series.index, name=series.name)

    def _learn(self, name: str, how: Callable[[], Any], key: Any) -> Any:
        value = how()
        if key is _KEYLESS:
            if name in self._entries:
                _require_same(self._entries[name], value, name)
            else:
                self._entries[name] = _snapshot(value)
            return value
        kept = self._entries.setdefault(name, Keyed())
        if not isinstance(kept, Keyed):
            raise StateError("state.{} was learned without a key before, and now with one".format(name))
        key = _normal(key)
        if key in kept:
            _require_same(kept[key], value, "{}[{!r}]".format(name, key))
        else:
            kept[key] = _snapshot(value)
        return value

    def _remember(self, name: str, key: Any) -> Any:
        if name not in self._entries:
            raise StateError("state.{} was not learned in training".format(name))
        kept = self._entries[name]
        if key is _KEYLESS:
            if isinstance(kept, Keyed):
                raise StateError("state.{} was learned with a key, and is asked for without one".format(name))
            return _own(kept)
        if not isinstance(kept, Keyed):
            raise StateError("state.{} was learned without a key, and is asked for with one".format(name))
        key = _normal(key)
        if key not in kept:
            raise StateError("state.{} was not learned for the key {!r}".format(name, key))
        return _own(kept[key])


def unseen(state: State) -> Sequence[str]:
    """The columns in which `state.categories` met a value that training never saw; each `remember()` begins anew."""
    return tuple(dict.fromkeys(state._unseen))  # noqa: SLF001 - no public name of State may be one of the author's values


def _snapshot(value: Any) -> Any:
    """What is kept of a learned value: an encoder may be fitted again for the next column."""
    if isinstance(value, _PLAIN):
        return value
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - what can't be copied, for whatever reason, is kept itself
        return value


def _own(value: Any) -> Any:
    """A copy of a mutable value; anything else itself (copying a fitted object for each request would be slow)."""
    if isinstance(value, (list, dict, set, bytearray, tuple)):
        return copy.deepcopy(value)
    if type(value).__module__.split(".")[0] in ("numpy", "pandas") and hasattr(value, "copy"):
        return value.copy()
    return value


def _normal(key: Any) -> Any:
    """NaN keys compare by identity: make them one object, also inside tuples."""
    if isinstance(key, float) and math.isnan(key):
        return math.nan
    if isinstance(key, (tuple, list)):
        return tuple(_normal(item) for item in key)
    return key


def _require_same(kept: Any, value: Any, name: str) -> None:
    if not _same(kept, value):
        raise StateError("state.{} was learned twice with different values: it needs a key".format(name))


def _same(left: Any, right: Any) -> bool:
    if left is right:
        return True
    try:
        return codec.dumps(left) == codec.dumps(right)
    except codec.NotJson:
        import pickle  # written and compared, never read

        return type(left) is type(right) and pickle.dumps(left) == pickle.dumps(right)


def _known_categories(series: Any) -> Any:
    """The categories as a plain list where that says it all, else the index or dtype itself."""
    import pandas as pd

    dtype = series.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.astype("category").dtype
    if dtype.ordered:
        return dtype
    plain: List[Any] = dtype.categories.tolist()
    again = pd.CategoricalDtype(plain).categories
    return plain if again.dtype == dtype.categories.dtype and again.equals(dtype.categories) else dtype.categories


def _positions(categories: Any, series: Any) -> Any:
    """Each value's place among the categories, -1 for missing and unknown ones."""
    import numpy as np
    import pandas as pd

    if not isinstance(series.dtype, pd.CategoricalDtype):
        return categories.get_indexer(pd.Index(series))
    places = np.append(categories.get_indexer(series.cat.categories), -1)  # code -1 (missing) reads the last place
    return places[series.cat.codes.to_numpy()]
