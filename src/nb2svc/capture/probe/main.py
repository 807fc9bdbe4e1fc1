"""The probe from request to observation: trace, train, probe, close, rewrite, learn, look at columns, report."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

import numpy as np

from . import findings as say
from .answer import answer_json
from .beside import find_beside
from .check import check_served
from .close import records_by_expr
from .columns import reached_rows, table_json
from .compare import equal, first_difference
from .conditions import Masks
from .decide import Decision
from .declared import leaks, undeclared, with_optional
from .edits import Edit
from .guarding import choose_guards, settle, splits_rows, unkeyed, wrong_guards
from .joined_rows import Joined, join_predicted, tables_of_the_twin
from .learn import learn_all, learned_json, write_json
from .new_rows import check_new_rows
from .oracles import Checkpoints, write_oracles
from .probing import Probing, Trace, probe, trace
from .program import Program, Stopped, run_prelude
from .request import ProbeError, Request, notebook_main, one_thread, quiet, read_request
from .roles import Roles, assign_roles, is_used, main_candidates
from .runs import Runner
from .sample import Tables, portion
from .selections import Removal
from .served import FlatRunner, Outcome, serving_texts
from .target_rows import rows_by_target
from .uses import Uses, find_uses, guarded_columns, target_candidates
from .wire import Said, rewrites_json, selections_json

# A value that the run kept can't be made again from what it wrote: it names a class or function that only the run had.
UNREADABLE = 3


def main(arguments: Sequence[str]) -> int:
    """Read the request named by the one argument, and write `observation.json` into its folder."""
    if len(arguments) != 1:
        sys.stderr.write("usage: probe <folder>/probe_request.json\n")
        return 2
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10000))
    request = read_request(arguments[0])
    if request.cwd:
        find_beside(request.cwd, request.beside)
    with notebook_main() as namespace, quiet():
        run_prelude(request, namespace)
        try:
            request.load()
        except ProbeError as error:
            print(error, file=sys.__stderr__)
            return UNREADABLE
        document = Observer(request, namespace).observe()
    write_json(os.path.join(request.folder, "observation.json"), document)
    return 0


class Observer:
    """Holds what the stages of one observation share."""

    def __init__(self, request: Request, namespace: Dict[str, Any]) -> None:
        self.request = request
        self.namespace = namespace
        self.program = Program(request)
        self.runner = Runner(self.program, namespace)
        self.flat = FlatRunner(self.program, namespace)
        self.findings: List[say.Finding] = []
        self.checkpoints = Checkpoints(request.checkpoint_rows)
        self.joined: Optional[Joined] = None
        self._by_target: Optional[Tuple[Optional[str], Dict[int, bool]]] = None

    def observe(self) -> Dict[str, Any]:
        """The whole observation as JSON values."""
        raws = {kept.name: kept.value for kept in self.request.raws}
        tables, traced = self._trace(raws)
        wrong = undeclared(self.request, tables)
        if wrong:
            self.findings.extend(wrong)
            return self._document(tables, traced)
        if self._never_predicts() or self._cannot_replay(traced):
            return self._document(tables, traced)
        try:
            with one_thread():
                found = probe(self.runner, tables, traced, choose=self._choose_guards)
        except Stopped as stopped:
            self._raised(stopped)
            return self._document(tables, traced)
        self._noise(found)
        decision = settle(self.runner, found)
        self._refusals(found, decision)
        if any(item["severity"] == "refusal" for item in self.findings):
            return self._document(tables, traced, found=found, edits=decision.edits)
        return self._learned(tables, traced, found, decision)

    def _trace(self, raws: Dict[str, Any]) -> Any:
        """The notebook's own run on all rows, with the main table that the fit input's rows are of."""
        best = None
        for name in main_candidates(self.program, raws):
            roles: Roles = assign_roles(self.program, raws, main=name)
            tables = Tables(raws, main=name, main_key=roles.main_key, children=roles.children)
            self.checkpoints = Checkpoints(self.request.checkpoint_rows)
            also = [other for other in tables_of_the_twin(self.program, raws) if other != name]
            traced = trace(self.runner, tables, checkpoints=self.checkpoints, also=also)
            self.joined = join_predicted(name, raws, traced.predict_rows)
            best = best or (tables, traced, self.checkpoints)
            if traced.fit_rows is not None and traced.fit_rows.domain == name and (traced.fit_rows.ids >= 0).any():
                return tables, traced
        if best is None:
            raise ProbeError("none of the raw values is a table, an array or a list: {}".format(", ".join(raws)))
        self.checkpoints = best[2]
        return best[0], best[1]

    def _never_predicts(self) -> bool:
        """Whether the answer would be the model's prediction, and it makes none."""
        request, model = self.request, self.request.estimator
        if request.output_name is not None or request.fit_statement is None or hasattr(model.value, request.method):
            return False
        span = request.statement(request.fit_statement).spot.json()
        self.findings.append(say.never_predicts(model.name, type(model.value).__name__, request.method, span))
        return True

    def _cannot_replay(self, traced: Trace) -> bool:
        span = self._fit_span()
        if traced.stopped is not None and traced.served is None:
            self._raised(traced.stopped)
            return True
        captured = self.request.captured.get("fit")
        if captured is not None and traced.served is not None and not equal(captured, traced.served, labels=False):
            self._identity(traced)
            if not self.findings:
                self.findings.append(
                    say.not_reproduced(first_difference(captured, traced.served), span, dropped=self.request.dropped)
                )
            return True
        if traced.fit_rows is None:
            text = "the model input" if self.program.fit_input is None else _text_of(self.program)
            self.findings.append(say.lost_rows(span, text))
            return True
        return False

    def _raised(self, stopped: Stopped) -> None:
        span = self.request.statement(stopped.statement).spot.json()
        self.findings.append(say.raised(say.short(str(stopped)), span))

    def _fit_span(self) -> Optional[Dict[str, int]]:
        return None if self.request.fit_input is None else self.request.fit_input.json()

    def _identity(self, traced: Trace) -> None:
        """Blame what is random or a clock, which is why a replay differs."""
        tables = Tables({kept.name: kept.value for kept in self.request.raws}, main=self.request.raws[0].name)
        for name in main_candidates(self.program, tables.values):
            tables = Tables(tables.values, main=name)
            break
        try:
            self._noise(probe(self.runner, tables, traced) if traced.fit_rows is not None else _nothing())
        except Stopped:
            return

    def _noise(self, found: Optional[Probing]) -> None:
        if found is None:
            return
        for number in found.blames.having("random"):
            self.findings.append(say.noise(self.program, number))
        for number in found.blames.having("clock"):
            self.findings.append(say.clock(self.program, number))

    def _refusals(self, found: Probing, decision: Decision) -> None:
        for number in decision.refused:
            blame = found.blames.get(number)
            if blame is not None and blame.verdicts & {"random", "clock"}:
                continue
            self.findings.append(say.needs_rows(self.program, number, blame, by_class=decision.by_class.get(number)))
        served = self._served(found)
        # A statement that raises in every probe that reaches it: what follows was not analysed.
        missing = sorted(
            number for number in served - found.reached if any(e.statement == number for e in self.program.exprs.values())
        )
        if missing and found.stops:
            stop = found.stops[0]
            self.findings.append(say.unreached(self.program, stop.statement, say.short(str(stop.error))))
        for number in unkeyed(found, decision.edits):
            self.findings.append(say.needs_key(self.program, number))

    # The second half: learn on all rows, replay as the service, look at every column

    def _choose_guards(self, found: Probing, traced: Trace, tables: Tables) -> None:
        """Before the probes: the selections that serving evaluates too. What reads the likeliest target's column does not."""
        target = next(iter(self._target_candidates(tables, traced)), None)
        masks = Masks(self.program, traced, found, records_by_expr(found))
        choose_guards(self.program, found.removed, traced, masks, self._rows_by_target(tables, traced, target))

    def _rows_by_target(self, tables: Tables, traced: Trace, target: Optional[str]) -> Dict[int, bool]:
        if self._by_target is None or self._by_target[0] != target:
            self._by_target = target, rows_by_target(self.runner, tables, traced, target)
        return self._by_target[1]

    def _target_candidates(self, tables: Tables, traced: Trace) -> List[str]:
        if self.request.target_hint is not None:
            return [self.request.target_hint]
        rows = traced.fit_rows.ids if traced.fit_rows is not None else np.empty(0, dtype=np.int64)
        return target_candidates(
            tables.values[tables.main], self.request.captured.get("fit_target"), rows, self.request.target_names
        )

    def _learned(self, tables: Tables, traced: Trace, found: Probing, decision: Decision) -> Dict[str, Any]:
        try:
            state, outcome = learn_all(self.flat, tables, decision.edits)
        except Stopped as stopped:
            span = self.request.statement(stopped.statement).spot.json()
            self.findings.append(say.differs_served(say.short(str(stopped.error)), "training's rows", span))
            return self._document(tables, traced, found=found, edits=decision.edits)
        captured = self.request.captured.get("fit")
        if captured is not None and outcome.served is not None and not equal(captured, outcome.served, labels=False):
            where = first_difference(captured, outcome.served)
            self.findings.append(say.differs_served(where, "training's rows", None))
        texts = serving_texts(self.program, decision.edits, found.removed)

        def replay(part: Tables) -> Outcome:
            return self.flat.run(texts, part, state.remember())

        wrong = wrong_guards(
            replay,
            tables,
            traced,
            found.removed.values(),
            target=self._by_target[0] if self._by_target else None,
            seed=self.request.seed,
        )
        if wrong:
            for removal in wrong:
                removal.guards = False
            return self._learned(tables, traced, found, settle(self.runner, found))
        with one_thread():
            self.findings.extend(check_served(replay, tables, traced, self.request, joined=self.joined))
            uses = self._uses(replay, found, traced)
            self.findings.extend(check_new_rows(self.flat, found, tables, state, decision.edits))
        learned = learned_json(state, self.request.folder)
        return self._document(tables, traced, found=found, edits=decision.edits, uses=uses, learned=learned)

    def _uses(self, replay: Any, found: Probing, traced: Trace) -> Uses:
        tables = Tables({kept.name: kept.value for kept in self.request.raws}, main=found.tables.main)
        candidates = self._target_candidates(tables, traced)
        try:
            reached = reached_rows([found.fit_rows, found.predict_rows], tables.main)
            uses = find_uses(replay, portion(found.tables, reached)[0], candidates=candidates)
            self._uses_of_guards(replay, found, traced, uses)
        except Stopped as stopped:
            span = self.request.statement(stopped.statement).spot.json()
            self.findings.append(say.differs_served(say.short(str(stopped.error)), "all rows at once", span))
            return Uses()
        if leaks(uses.leaking, self.request):
            assert uses.leaking is not None
            self.findings.append(say.target_is_read(uses.leaking, self._fit_span()))
        return uses

    def _uses_of_guards(self, replay: Any, found: Probing, traced: Trace, uses: Uses) -> None:
        """Columns that only say whether a row belongs: a request has to tell them too."""
        own = uses.by_table.get(found.tables.main, {})
        masks = Masks(self.program, traced, found, records_by_expr(found))
        said = self._said(found.tables, traced, masks, found.removed, uses.target)
        compared = [
            each["column"]
            for number, removal in found.removed.items()
            if number not in said.splits
            for each in masks.of(removal)[0]
        ]
        unused = [column for column, use in own.items() if use == "unused"]
        if any(removal.guards for removal in found.removed.values()):
            compared += guarded_columns(replay, found.tables, unused)
        own.update({column: "read" for column in unused if column in compared})

    # The document

    def _document(
        self,
        tables: Tables,
        traced: Trace,
        *,
        found: Optional[Probing] = None,
        edits: Optional[Dict[int, Edit]] = None,
        uses: Optional[Uses] = None,
        learned: Optional[List[Any]] = None,
    ) -> Dict[str, Any]:
        removed: Dict[int, Removal] = found.removed if found is not None else {}
        uses = uses or Uses()
        selections = []
        if found is not None:
            masks = Masks(self.program, traced, found, records_by_expr(found))
            said = self._said(tables, traced, masks, removed, uses.target)
            removed = self._full_counts(removed, traced)
            selections = selections_json(self.program, removed, found.seen_selections, edits or {}, masks=masks, said=said)
            self._silent(selections)
            self.findings.extend(say.answered_outside(self.program, number) for number in sorted(said.outside))
        read = [name for name, use in uses.by_table.get(tables.main, {}).items() if use == "read"]
        joined = self.joined if self.joined is not None and not set(self.joined.missing) & set(read) else None
        output = traced.output if traced.output is not None else self.request.captured.get("output")
        predict = getattr(self.request.estimator.value, self.request.method, None)
        if output is None and traced.served is not None and self.request.output_name is None and predict is not None:
            output = predict(traced.served)
        fit_rows = traced.fit_rows
        return {
            "tables": with_optional(self._tables(tables, traced, uses, joined=joined), self.request.optional_hint),
            "target": uses.target,
            "passed": uses.passed,
            "rewrites": rewrites_json(self.program, edits or {}),
            "selections": selections,
            "learned": learned or [],
            "answer": answer_json(output if output is not None else np.empty(0), self.request.estimator.value, traced.served),
            "oracles": write_oracles(
                self.request.folder, traced, self.checkpoints, main=tables.main, selections=sorted(removed), joined=joined
            ),
            "estimator_rows": 0 if fit_rows is None else len(fit_rows.ids),
            "types": [[number, name, title] for (number, name), title in sorted(self.checkpoints.types.items())],
            "unreached": [] if found is None else self._unreached(found),
            "findings": self.findings,
            "probes": [] if found is None else [[kind, count] for kind, count in found.counts.items()],
        }

    def _said(self, tables: Tables, traced: Trace, masks: Masks, removed: Dict[int, Removal], target: Optional[str]) -> Said:
        splits = {number for number in removed if number in traced.selections and splits_rows(traced, number)}
        by_target = self._rows_by_target(tables, traced, target)
        outside = {
            number
            for number in removed
            if self.joined is not None
            and number not in splits
            and not by_target.get(number, False)
            and self.joined.has_outside(masks.of(removed[number])[0])
        }
        return Said(target, by_target, splits | outside, outside)

    def _silent(self, selections: List[Dict[str, Any]]) -> None:
        """Selections that drop rows for a reason that a single row can't be asked for."""
        for each in selections:
            if each["derived"] and not each["guards"] and not each["reads_target"] and each["rows_out"] < each["rows_in"]:
                self.findings.append(say.no_guard(each["span"]))

    def _full_counts(self, removed: Dict[int, Removal], traced: Trace) -> Dict[int, Removal]:
        """The selections with the numbers of rows that the full run saw."""
        for number, removal in removed.items():
            seen = traced.selections.get(number)
            if seen is not None and seen.parts:
                removal.before, removal.after = len(seen.parts[0][1].ids), len(seen.parts[0][2].ids)
        return removed

    def _served(self, found: Probing) -> Set[int]:
        numbers = {s.number for s in self.program.statements if s.part in ("fit_path", "answer")}
        return numbers if found.needed is None else numbers & found.needed

    def _unreached(self, found: Probing) -> List[int]:
        served = self._served(found)
        counted = {expr.statement for expr in self.program.exprs.values()}
        return sorted((served & counted) - found.reached)

    def _tables(self, tables: Tables, traced: Trace, uses: Uses, *, joined: Optional[Joined]) -> List[Dict[str, Any]]:
        reached = reached_rows([traced.fit_rows, traced.predict_rows], tables.main)
        if joined is not None:
            tables = tables.with_values({tables.main: joined.table})
            reached = np.union1d(reached, joined.rows.ids)
        result = []
        for name, value in tables.values.items():
            if name != tables.main and not is_used(self.program, name):
                continue
            role = "main" if name == tables.main else "child" if name in tables.children else "lookup"
            rows: Optional[np.ndarray] = reached if role == "main" else None
            if role == "child":
                labels = tables.values[tables.main][tables.main_key].iloc[reached]
                rows = np.nonzero(value[tables.children[name]].isin(set(labels)).to_numpy())[0]
            key = tables.children.get(name)
            shared = tables.main_key if role in ("main", "child") else None
            own, discrete = uses.by_table.get(name, {}), uses.discrete if role == "main" else set()
            result.append(table_json(name, value, role=role, rows=rows, uses=own, key=key, main_key=shared, discrete=discrete))
        for kept in self.request.givens:
            if is_used(self.program, kept.name):
                result.append(table_json(kept.name, kept.value, role="lookup", rows=None, uses={}, key=None, main_key=None))
        return result


def _text_of(program: Program) -> str:
    from .program import node_text

    assert program.request.fit_statement is not None
    return node_text(program.request.statement(program.request.fit_statement), program.fit_input)


def _nothing() -> Optional[Probing]:
    return None
