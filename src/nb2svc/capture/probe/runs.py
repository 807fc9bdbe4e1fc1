"""The runs themselves: the full trace, the training run on a sample, and probes; each with fresh copies of the raw values."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, FrozenSet, Optional, Sequence, Tuple

import numpy as np

from .program import SERVED, Hooks, Program, Script, play
from .record import Run
from .request import Statement
from .rowids import Rows
from .sample import Tables
from .tabular import is_rows, snapshot


class Watch(Hooks):
    """Keeps the served fit input, its row ids, and tells of each statement that ran."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.served: Any = None
        self.served_rows: Optional[Rows] = None
        self.output: Any = None
        self.output_rows: Optional[Rows] = None
        self.done: Dict[int, bool] = {}
        self.entered: Callable[[Dict[str, Any]], None] = lambda namespace: None
        self.left: Callable[[Statement, str, Dict[str, Any]], None] = lambda statement, part, namespace: None
        self.output_at: Optional[int] = None
        self.output_name: Optional[str] = None
        self.at_fit: Callable[[Any, Optional[Rows]], Any] = lambda value, rows: value

    def before(self, statement: Statement, part: str, namespace: Dict[str, Any]) -> bool:
        """All statements run but those that make what is set from a file."""
        self.run.twin = part == "twin"
        self.entered(namespace)
        if self.draws_again is not None:
            self.draws_again(statement.number)
        return statement.number not in self.skipped

    skipped: FrozenSet[int] = frozenset()
    # Set where a run must draw what the notebook drew; the identity probe must not, or noise would not be seen.
    draws_again: Optional[Callable[[int], None]] = None
    # Names of predictions' arguments that only the notebook's own way to its prediction rows defines, with what stands for them.
    stands_for: Tuple[Tuple[str, str], ...] = ()

    def after(self, statement: Statement, part: str, namespace: Dict[str, Any]) -> None:
        """Note what the statement left."""
        self.done[statement.number] = True
        if part == "fit" and SERVED in namespace:
            self.served = namespace[SERVED]
            self.served_rows = self.run.rows_of(self.served) if is_rows(self.served) else None
            namespace[SERVED] = self.at_fit(self.served, self.served_rows)
        if part in ("fit", "input"):
            for name, given in self.stands_for:
                if given in namespace:
                    namespace.setdefault(name, namespace[given])
        if statement.number == self.output_at and self.output_name in namespace:
            self.output = namespace[self.output_name]
            self.output_rows = self.run.rows_of(self.output) if is_rows(self.output) else None
        self.left(statement, part, namespace)


class Runner:
    """Runs scripts of one program in one namespace."""

    def __init__(self, program: Program, namespace: Dict[str, Any]) -> None:
        self.program = program
        self.namespace = namespace

    def values(self, tables: Tables) -> Dict[int, Dict[str, Any]]:
        """What is set after which statement: fresh raws, givens, what training left."""
        request = self.program.request
        found: Dict[int, Dict[str, Any]] = {}
        copies = tables.copies()
        for kept in request.raws:
            found.setdefault(kept.statement, {})[kept.name] = copies[kept.name]
        for kept in request.givens:
            found.setdefault(kept.statement, {})[kept.name] = snapshot(kept.value)
        for kept in request.fitted:
            found.setdefault(kept.statement, {})[kept.name] = kept.value
        return found

    def run(self, script: Script, tables: Tables, prepare: Callable[[Run, Watch], None], *, also: Sequence[str] = ()) -> Watch:
        """Run a script on some tables; `prepare` sets the listeners. Rows of `also` are followed too.

        Raises:
            Stopped: a statement raised; the watch as far as it came is its `watch`.
        """
        run = Run(self.program.exprs, tables.keys())
        values = self.values(tables)
        flat = {name: value for group in values.values() for name, value in group.items()}
        for domain in [*tables.domains(), *also]:
            size = len(flat[domain])
            run.register(flat[domain], Rows(domain, np.arange(size)))
        watch = Watch(run)
        request = self.program.request
        watch.output_at, watch.output_name = request.output_statement, request.output_name
        watch.skipped = frozenset(kept.statement for kept in request.raws + request.givens)
        fed = self.program.fed if script.served else []
        watch.stands_for = tuple((node.id, given.name) for node, given in fed if isinstance(node, ast.Name))
        prepare(run, watch)
        watch.entered(self.namespace)
        play(script, run, self.namespace, values=values, hooks=watch)
        return watch
