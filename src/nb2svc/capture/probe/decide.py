"""Turn frontiers into edits: plain state, fitted objects, names, and for the rest the first rewrite that checks out alone."""

from __future__ import annotations

import ast
import copy
from typing import Any, Callable, Dict, List, Optional

from .close import Frontiers, records_by_expr
from .compare import equal
from .data_classes import ClassOfData, class_of_data, is_made_of_data
from .edits import STATE, Edit, identifier, learn, render, slots_of, text
from .instrument import number_of, query_names
from .probing import Probing
from .program import Program, Script, Stopped
from .record import Run
from .request import runtime_module
from .rewrites import proposals
from .runs import Runner, Watch
from .sites import Candidate, Site, hint_of, key_text, receiver_hint
from .tabular import snapshot
from .unread import labels_are_unread

CHECK = "_nb2svc_check"


class Decision:
    """The edits, and the expressions that nothing serves; of these the class of the notebook that reads data for them."""

    def __init__(self) -> None:
        self.edits: Dict[int, Edit] = {}
        self.refused: List[int] = []
        self.by_class: Dict[int, ClassOfData] = {}

    def refuse(self, number: int, by_class: Optional[ClassOfData]) -> None:
        """Nothing serves that expression."""
        self.refused.append(number)
        if by_class is not None:
            self.by_class[number] = by_class


def decide(runner: Runner, found: Probing, frontiers: Frontiers) -> Decision:
    """Choose an edit for each frontier; inner expressions first, so that outer texts contain them."""
    program = runner.program
    records = records_by_expr(found)
    decision = Decision()
    for number in frontiers.frozen:
        site = Site(program, found, records, number, decision.edits)
        if is_made_of_data(site):
            decision.refuse(number, class_of_data(site))
        else:
            decision.edits[number] = _freeze(site)
    for number in frontiers.names:
        decision.edits[number] = _name(Site(program, found, records, number, decision.edits))
    for number in sorted(frontiers.batch, reverse=True):
        site = Site(program, found, records, number, decision.edits)
        by_class = class_of_data(site)
        chosen = None if by_class else _first_that_holds(runner, found, site)
        if chosen is None and labels_are_unread(runner, found, site):
            continue
        if chosen is None:
            decision.refuse(number, by_class)
        else:
            decision.edits[number] = Edit(number, chosen.rule, chosen.parts, before=chosen.before)
            _drop_what_it_replaced(runner.program, decision, site)
    return decision


def _drop_what_it_replaced(program: Program, decision: Decision, site: Site) -> None:
    """Edits inside an expression that a rewrite has written anew, and inside a function that only it called, serve nothing."""
    edit = decision.edits[site.number]
    kept = {slot for part in [*edit.parts, *[part for line in edit.before for part in line]] for slot in slots_of(part)}
    inside = [site.node, *program.functions_only_in(site.node)]
    for number in {number_of(node) for root in inside for node in ast.walk(root)} - {None, site.number}:
        other = decision.edits.get(number) if number is not None else None
        if other is not None and not any(slot in kept for part in other.parts for slot in slots_of(part)):
            del decision.edits[other.number]


def _freeze(site: Site) -> Edit:
    node = site.node
    how = _with_query_names(site, node)
    fitted = any(record.receiver is not None and record.rows is None for record in site.records.get(site.number, []))
    if (
        fitted
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not isinstance(node.func.value, ast.Call)
    ):
        owner = site.text(node.func.value)
        learned = site.learn(receiver_hint(node), how)
        if any(isinstance(part, ast.Expr) and part.value is node for part in ast.walk(site.statement.tree)):
            return Edit(site.number, "state", [text(owner + " = "), learned])
        if not site.compound:
            return Edit(site.number, "state", [text(owner)], before=[[text(owner + " = "), learned]])
    if how.count("\n"):
        how = "(" + how + ")" if not how.startswith("(") else how
    return Edit(site.number, "state", [site.learn(hint_of(site), how)])


def _with_query_names(site: Site, node: ast.AST) -> str:
    """The text of what is learned: in a lambda a query does not find the variables around it, so they are handed in."""
    how = site.text(node)
    for call in sorted((part for part in ast.walk(node) if query_names(part)), key=lambda part: -len(site.text(part))):
        own = site.text(call)
        given = ", ".join('"{0}": {0}'.format(name) for name in query_names(call))
        how = how.replace(own, own[:-1].rstrip().rstrip(",") + ", local_dict={" + given + "})", 1)
    return how


def _name(site: Site) -> Edit:
    """A name whose object statements above changed from rows: kept as it stood here in training."""
    name = site.text(site.node)
    learned = learn(site.slot(), identifier(name), name, key_text(site))
    if site.compound:
        return Edit(site.number, "state", [learned])
    return Edit(site.number, "state", [text(name)], before=[[text(name + " = "), learned]])


def _first_that_holds(runner: Runner, found: Probing, site: Site) -> Optional[Candidate]:
    candidates = list(proposals(site, knowledge=runner.program.request.knowledge))
    if not candidates:
        return None
    good = check_alone(runner, found, site, candidates)
    return next((candidate for candidate, holds in zip(candidates, good) if holds), None)


def check_alone(runner: Runner, found: Probing, site: Site, candidates: List[Candidate]) -> List[bool]:
    """Whether each rewrite, applied to training's own operand, gives training's value: when it learns and when it remembers."""
    bodies = []
    for candidate in candidates:
        try:
            bodies.append(ast.parse("(" + render(candidate.check) + ")", mode="eval").body)
        except SyntaxError:
            bodies.append(ast.Constant(None))
    tester = _Tester(len(candidates), runner.namespace)
    number = site.number

    def replace(wrapped: Dict[int, ast.expr]) -> ast.expr:
        original = copy.deepcopy(site.node)
        thunks = [_thunk(original)] + [_thunk(copy.deepcopy(body)) for body in bodies]
        return ast.Call(ast.Name(CHECK, ast.Load()), list(thunks), [])

    script = Script(runner.program, replacements={number: replace}, served=False)
    runner.namespace[CHECK] = tester.check
    runner.namespace[STATE] = None

    def prepare(run: Run, watch: Watch) -> None:
        run.listener = _passing
        run.changed = lambda *_: None

    try:
        runner.run(script, found.tables, prepare)
    except Stopped:
        pass
    finally:
        runner.namespace.pop(CHECK, None)
        runner.namespace.pop(STATE, None)
    return [held and tester.calls > 0 for held in tester.held]


def _thunk(body: ast.expr) -> ast.Lambda:
    empty = ast.arguments(posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    return ast.Lambda(empty, body)


def _passing(run: Run, seen: Any) -> Any:
    if seen.error is not None:
        raise seen.error
    return seen.value


class _Tester:
    def __init__(self, count: int, namespace: Dict[str, Any]) -> None:
        state = runtime_module("state").State
        self.states = [state(learning=True) for _ in range(count)]
        self.held = [True] * count
        self.calls = 0
        self.namespace = namespace

    def check(self, original: Callable[[], Any], *candidates: Callable[[], Any]) -> Any:
        """The original's value; notes which candidates give the same."""
        self.calls += 1
        value = original()
        kept = snapshot(value)
        for place, candidate in enumerate(candidates):
            if not self.held[place]:
                continue
            try:
                self.namespace[STATE] = self.states[place]
                learned = equal(kept, candidate())
                self.namespace[STATE] = self.states[place].remember()
                self.held[place] = learned and equal(kept, candidate())
            except Exception:
                self.held[place] = False
        return value
