"""What runs in the kernel when a run has ended: its checks and metrics again, on parts of the held-out rows.

It is sent to the kernel as text, imports the standard library only, and runs on Python 3.9. Values are cut down as the run left
them; steps run in the notebook's own namespace, since its functions read that, which is put back afterwards as it was, and so are
the states of random generators. What the steps show or print goes nowhere.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import random
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

MOST = 30
"""Segments of one column: more are no parts that anybody looks at one by one."""


class Refused(Exception):
    """The rows, or the column, are not what was expected."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.told = {"what": what, "why": why, "fix": fix}


class Again:
    """Runs the steps of a plan; `recorder` has the watcher of assertions and what reads a metric by its name."""

    def __init__(self, shell: Any, recorder: Any, plan: dict[str, Any]) -> None:
        self.space: dict[str, Any] = shell.user_ns
        self.recorder = recorder
        self.of = recorder.rows
        self.plan = plan
        self.run = dict(self.space)
        self.held = [name for name in plan["held"] if name in self.run]
        self.rows = self._count()
        # Steps that warn of a metric without meaning on all rows already: their author lives with it.
        self.usual: set[int] = set()

    def _count(self) -> int:
        counts = {name: self.of.length(self.run[name]) for name in self.held}
        known = [count for count in counts.values() if count is not None]
        if not known:
            raise Refused("the held-out rows are gone", "none of the values that hold them is there when the run has ended")
        count = max(known, key=known.count)
        # Cell by cell they were said to have one row each for each held-out row.
        self.held = [name for name in self.held if counts[name] == count]
        return int(count)

    def columns(self, wanted: Sequence[str]) -> list[dict[str, Any]]:
        """Where each column was found, and the segments of the held-out rows."""
        return [self._column(name) for name in wanted]

    def _column(self, wanted: str) -> dict[str, Any]:
        table, _, inner = wanted.rpartition(".")
        problems: list[str] = []
        names: list[str] = []
        for source in self.plan["tables"]:
            if source["name"] not in self.run:
                continue
            value = self.run[source["name"]]
            names += self.of.column_names(source["name"], value)
            for only, column in ((None, wanted), (table, inner)) if table else ((None, wanted),):
                if only is not None and source["name"] != only:
                    continue
                found = self.of.column_of(source["name"], value, column)
                if found is None:
                    continue
                try:
                    values = self._aligned(source, value, found)
                except Refused as problem:
                    problems.append(str(problem))
                    continue
                return self._segments(wanted, values, source)
        if problems:
            raise Refused(f"the rows of {wanted} can't be told", "; ".join(dict.fromkeys(problems)), _FIX_ROWS)
        raise self._unknown(wanted, names)

    def _unknown(self, wanted: str, names: list[str]) -> Refused:
        known = list(dict.fromkeys(names))
        close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.7)
        # A wide table is named by its first columns, but the one that was surely meant is among those of an ordinary one.
        shown = ", ".join(known[:60]) + (f" and {len(known) - 60} more" if len(known) > 60 else "")
        why = "the held-out rows, and the tables that they lead to, have %s" % (shown or "no column with a name")
        fix = f"did you mean {close[0]}?" if close else f"name one of these; of another table's column {_FIX_ROWS}"
        return Refused(f"no column {wanted} is known of the held-out rows", why, fix)

    def _aligned(self, source: dict[str, Any], table: Any, column: Any) -> list[Any]:
        """The column's values of the held-out rows, in their order."""
        if source["how"] == "beside":
            if source["name"] not in self.held:
                raise Refused("{} has not as many rows as are held out".format(source["name"]))
            return list(self.of.listed(column))
        if source["how"] == "labels":
            return self._by_labels(source, table, column)
        return self._by_positions(source, column)

    def _by_labels(self, source: dict[str, Any], table: Any, column: Any) -> list[Any]:
        anchor = next((name for name in source["anchors"] if name in self.held and hasattr(self.run[name], "index")), None)
        if anchor is None or callable(getattr(self.run[anchor], "index", None)) or not hasattr(table, "index"):
            raise Refused("no value of the held-out rows has index labels")
        labels, index = self.run[anchor].index, table.index
        if not index.is_unique:
            raise Refused("index labels of {} stand there twice".format(source["name"]))
        places = index.get_indexer(labels)
        if len(places) != self.rows or (places < 0).any():
            raise Refused("{} has not all index labels of {}".format(source["name"], anchor))
        values = self.of.listed(column)
        return [values[place] for place in places]

    def _by_positions(self, source: dict[str, Any], column: Any) -> list[Any]:
        numpy = sys.modules["numpy"]
        places = numpy.arange(self.of.length(column))
        try:
            for chosen in source["path"]:
                by = eval(compile(f"_[{chosen}]", "<rows>", "eval"), dict(self.run, _=_Chosen()))
                places = places[by if isinstance(by, slice) else numpy.asarray(by)]
        except Exception as error:
            raise Refused(f"the rows of {source['name']} that were chosen are gone: {self.of.said(error)}") from error
        if places.shape != (self.rows,):
            raise Refused("the rows of {} that were chosen are not those held out".format(source["name"]))
        values = self.of.listed(column)
        return [values[place] for place in places]

    def _segments(self, wanted: str, values: list[Any], source: dict[str, Any]) -> dict[str, Any]:
        numpy = sys.modules["numpy"]
        shown = [self.of.missing_or(value) for value in values]
        named = numpy.array(["" if value is None else self.of.text(value) for value in shown], dtype=object)
        different = {name: value for name, value in zip(named, shown) if value is not None}
        if len(different) > MOST:
            raise Refused(
                f"{wanted} has {len(different):,} different values in {self.rows:,} held-out rows: at most {MOST} make segments",
                "a segment is a part of the rows that somebody looks at by itself",
                "make a column of few parts in the notebook, like loans[{!r}] = pd.cut(loans[{!r}], 5)".format(
                    wanted + "_band", wanted
                ),
            )
        try:
            names = sorted(different, key=lambda name: different[name])
        except TypeError:
            names = sorted(different, key=lambda name: self.of.order_of(different[name]))
        # No text of a value is empty.
        found = [(f"{wanted}={name}", named == name) for name in names]
        if "" in set(named):
            found.append((f"{wanted}=missing", named == ""))
        how = {"beside": "", "labels": ", by index label", "positions": ", by position"}[source["how"]]
        place = source["name"] if source["name"] != wanted else "itself"
        return {"column": wanted, "from": place + how, "segments": found}

    def evaluate(self, mask: Any) -> dict[str, Any]:
        """What checks and metrics say of the rows of a mask (None: of all)."""
        return dict(self.recorder.turn.Turn(self, mask).told_by_steps())

    def misaligned(self, name: str) -> str:
        """A pandas value under other labels than the held-out rows' may have its rows in another order."""
        index = getattr(self.run[name], "index", None)
        pandas = sys.modules.get("pandas")
        if pandas is None or not isinstance(index, pandas.Index):
            return ""
        plain = isinstance(index, pandas.RangeIndex) and index.start == 0 and index.step == 1
        anchors = [self.run[one] for table in self.plan["tables"] for one in table["anchors"] if one in self.held]
        if plain or not anchors or any(index.equals(one.index) for one in anchors if hasattr(one, "iloc")):
            return ""
        return f"`{name}` has other index labels than the held-out rows: in what order its rows are can't be known"

    def unclear(self, name: str) -> str:
        """A value that is as long as the rows held out, but not known to be of them or of others."""
        if name in self.plan["other"] or self.rows < 2 or self.of.length(self.run[name]) != self.rows:
            return ""
        return f"`{name}` has as many rows as are held out, and whether it has the same in the same order can't be known"


_FIX_ROWS = (
    "split the column along with the rows, like `X_train, X_test, …, region_train, region_test = train_test_split(X, y, "
    'loans["region"])`, and name it: --segments region_test'
)


_FIX_OURS = "leave --segments out, and please report this"


class _Chosen:
    def __getitem__(self, by: Any) -> Any:
        return by


def evaluate(shell: Any, recorder: Any, text_of_plan: str) -> str:
    """Evaluate a plan: {"columns": …, "whole": …, "parts": …} or {"refused": …} as JSON."""
    try:
        return _evaluated(shell, recorder, json.loads(text_of_plan))
    except Exception as error:
        what, where = f"segments can't be evaluated: {recorder.rows.said(error)}", traceback.format_tb(error.__traceback__)[-1]
        return json.dumps({"refused": {"what": what, "why": " ".join(where.split()), "fix": _FIX_OURS}})


def _evaluated(shell: Any, recorder: Any, plan: dict[str, Any]) -> str:
    with as_it_was(shell.user_ns) as states:
        try:
            again = Again(shell, recorder, plan)
            columns = again.columns(plan["columns"])
        except Refused as refused:
            return json.dumps({"refused": refused.told})
        whole = again.evaluate(None)
        parts = []
        for column in columns:
            for name, mask in column["segments"]:
                put_states(states)
                put_back(shell.user_ns, again.run)
                parts.append({"segment": name, "rows": int(mask.sum()), "told": again.evaluate(mask)})
    return json.dumps({"from": [[one["column"], one["from"]] for one in columns], "whole": whole, "parts": parts})


def kinds(shell: Any, recorder: Any, pairs: Sequence[tuple[str, str]]) -> str:
    """Of each `X[names]`: whether it chooses columns or rows, as JSON."""
    found = {}
    for name, by in pairs:
        with contextlib.suppress(Exception):
            found[f"{name}[{by}]"] = recorder.rows.kind(shell.user_ns[name], shell.user_ns[by])
    return json.dumps(found)


@contextlib.contextmanager
def as_it_was(space: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Put the namespace and the random generators back as they were."""
    before, states = dict(space), random_states()
    try:
        yield states
    finally:
        put_back(space, before)
        put_states(states)


def put_back(space: dict[str, Any], before: dict[str, Any]) -> None:
    """Make a namespace what it was; what did not change is not touched."""
    for name in [name for name in space if name not in before]:
        del space[name]
    for name, value in before.items():
        if name not in space or space[name] is not value:
            space[name] = value


def random_states() -> dict[str, Any]:
    """The states of the generators that have no name."""
    states: dict[str, Any] = {"random": random.getstate()}
    with contextlib.suppress(Exception):
        states["numpy"] = sys.modules["numpy"].random.get_state()
    with contextlib.suppress(Exception):
        states["torch"] = sys.modules["torch"].random.get_rng_state()
    return states


def put_states(states: dict[str, Any]) -> None:
    """Set the generators to what they were."""
    random.setstate(states["random"])
    with contextlib.suppress(Exception):
        sys.modules["numpy"].random.set_state(states["numpy"])
    with contextlib.suppress(Exception):
        sys.modules["torch"].random.set_rng_state(states["torch"])
