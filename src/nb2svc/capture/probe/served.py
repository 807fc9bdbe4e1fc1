"""The edited program as plain text: as training runs it (learning), and as the service does (remembering)."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, List, Sequence, Set, Tuple

import numpy as np

from .edits import STATE, Edit, Part, compose, outermost, render, text
from .instrument import number_of
from .program import SERVED, Program, Stopped, is_shared, node_text, offsets, source_lines_joined, spot_of
from .record import CELL_FILE
from .request import Statement
from .runs import Runner
from .sample import Tables
from .selections import Removal, columns_part, names_in_queries
from .sharing import Sharing, names_in, names_that_share
from .tabular import snapshot

Text = Tuple[Statement, str, str]


def learning_texts(program: Program, edits: Dict[int, Edit]) -> List[Text]:
    """(statement, part, source) in order: edits applied, selections kept, the twin and predict's own argument kept."""
    found: List[Text] = []
    for statement in program.statements:
        if program.is_fit(statement):
            found.extend(_inputs(program, statement, edits))
        else:
            found.append((statement, statement.part, _edited(program, statement, edits, {})))
    return found


def serving_texts(program: Program, edits: Dict[int, Edit], removed: Dict[int, Removal]) -> List[Text]:
    """The same for the service: selections replaced, no twin, what only fed frozen expressions left out."""
    forgotten = {number: Edit(number, edit.rule, _remembering(edit.parts), before=[_remembering(line) for line in edit.before])
                 for number, edit in edits.items()}  # fmt: skip
    found: List[Text] = []
    for statement in program.statements:
        if statement.part == "twin":
            continue
        if program.is_fit(statement):
            found.extend(_inputs(program, statement, with_selections(program, forgotten, removed)))
            continue
        found.append((statement, statement.part, _edited(program, statement, forgotten, removed, served=True)))
    return _needed(program, found)


def needed_statements(program: Program, removed: Dict[int, Removal]) -> Set[int]:
    """The statements that serving runs once the selections are removed: what only a split or a sampling reads is training's."""
    in_place = {program.exprs[number].statement for number, removal in removed.items() if removal.in_place}
    return in_place | {statement.number for statement, _, _ in serving_texts(program, {}, removed)}


def _inputs(program: Program, statement: Statement, edits: Dict[int, Edit]) -> List[Text]:
    """What the fits of a statement receive."""
    return [
        (
            statement,
            "fit" if each.name == SERVED else "input",
            "{} = ({})".format(each.name, render(compose(program, each.node, edits))),
        )
        for each in program.inputs_of(statement)
    ]


def _remembering(parts: List[Part]) -> List[Part]:
    return [dict(part, how="None") if part["is"] == "Learn" else part for part in parts]


def _edited(
    program: Program, statement: Statement, edits: Dict[int, Edit], removed: Dict[int, Removal], *, served: bool = False
) -> str:
    lines = [render(line) for number, edit in sorted(edits.items()) if _is_in(program, number, statement) for line in edit.before]
    if _is_dropped(statement, removed):
        return "\n".join(lines)
    all_edits = with_selections(program, edits, removed)
    for node, given in program.fed if served else []:
        number = number_of(node)
        if number is not None and program.exprs[number].statement == statement.number:
            all_edits[number] = Edit(number, "served", [text(given.name)])
    for number in filter(None, map(number_of, program.spare)):
        if program.exprs[number].statement == statement.number:
            all_edits[number] = Edit(number, "served", [text("None")])
    return "\n".join([*lines, render(statement_parts(program, statement, all_edits))])


def _is_in(program: Program, number: int, statement: Statement) -> bool:
    return program.exprs[number].statement == statement.number


def _is_dropped(statement: Statement, removed: Dict[int, Removal]) -> bool:
    body = statement.tree.body[0]
    number = number_of(body.value) if isinstance(body, ast.Expr) else None
    return number in removed and removed[number].in_place and not removed[number].guards if number is not None else False


def with_selections(program: Program, edits: Dict[int, Edit], removed: Dict[int, Removal]) -> Dict[int, Edit]:
    """The edits, and each removed selection as an edit to its operands (which contain the edits inside them)."""
    found = dict(edits)
    for number in sorted(removed, reverse=True):
        found[number] = Edit(number, "selection", _operands(program, removed[number], found))
    return found


def statement_parts(program: Program, statement: Statement, edits: Dict[int, Edit]) -> List[Part]:
    """A whole statement's text as parts, with its outermost edits applied."""
    source = source_lines_joined(statement.source)
    parts: List[Part] = []
    place = 0
    spans = [
        (offsets(statement, spot_of(statement, program.exprs[edit.number].node)), edit)
        for edit in outermost(program, statement.tree, edits)
    ]
    for (first, last), edit in sorted(spans, key=lambda item: item[0]):
        parts.append(text(source[place:first]))
        parts.extend(edit.parts)
        place = last
    parts.append(text(source[place:]))
    return parts


def _guard(program: Program, removal: Removal, edits: Dict[int, Edit]) -> List[Part]:
    """`state.guard(lambda: loans[mask], loans, "12")`: the selection's number stands for the author's words."""
    node: Any = program.exprs[removal.number].node
    select = compose(program, node, edits, but=removal.number)
    if not removal.in_place:
        operand = _operands(program, Removal(removal.number, removal.operands, in_place=False, before=0, after=0), edits)
        return [text("{}.guard(lambda: (".format(STATE)), *select, text("), "), *operand, text(", '{}')".format(removal.number))]
    name = node.func.value.id
    select = [dict(part, text=_IN_PLACE.sub("", part["text"])) if part["is"] == "Text" else part for part in select]
    return [text("{} = {}.guard(lambda: (".format(name, STATE)), *select, text("), {}, '{}')".format(name, removal.number))]


_IN_PLACE = re.compile(r",?\s*\binplace\s*=\s*True")


def _operands(program: Program, removal: Removal, edits: Dict[int, Edit]) -> List[Part]:
    if removal.guards:
        return _guard(program, removal, edits)
    if removal.in_place:
        return [text("None")]
    columns = columns_part(program, removal.number)
    tail = ""
    if columns is not None:
        tail = ".loc[:, {}]".format(node_text(program.request.statement(program.exprs[removal.number].statement), columns))
    parts: List[Part] = []
    for number in removal.operands:
        if number is None:
            parts.append(text("None, "))
            continue
        inner = compose(program, program.exprs[number].node, edits)
        parts.extend([text("_nb2svc_copy("), *inner, text(tail + "), ")])
    if len(removal.operands) == 1:
        parts[-1] = text(parts[-1]["text"][:-2])
    return [text("("), *parts, text(")")]


# After freezing, slice again: what fed only frozen expressions is training only.


def _needed(program: Program, texts: List[Text]) -> List[Text]:
    request = program.request
    wanted: Set[str] = {SERVED}
    if request.output_name:
        wanted.add(request.output_name)
    kept: List[Text] = []
    sharing = names_that_share([ast.parse(source) for _, _, source in texts])
    for entry in reversed(texts):
        statement, part, source = entry
        tree = ast.parse(source)
        if part in {"prelude", "fit", "input"} or statement.number in (request.output_statement, request.predict_statement):
            needed = True
        else:
            needed = bool(_touched(tree, sharing) & wanted)
        if needed:
            kept.append(entry)
            wanted |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | names_in_queries(tree)
    return kept[::-1]


def _touched(tree: ast.AST, sharing: Sharing) -> Set[str]:
    """Names that a statement binds or may change in place, itself or through a name that shares the object."""
    bound: Set[str] = set()
    changed: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            changed |= names_in(node.value)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.Expr):
            changed |= names_in(node)
        elif isinstance(node, ast.For):
            changed |= names_in(node.iter)
    return bound.union(changed, *(sharing.get(name, set()) for name in changed))


class Outcome:
    """What a flat run left: the served fit input, the output, and what names held after each statement."""

    def __init__(self) -> None:
        self.served: Any = None
        self.output: Any = None
        self.outside: Sequence[Any] = ()


class FlatRunner:
    """Runs texts of the edited program in the notebook's namespace."""

    def __init__(self, program: Program, namespace: Dict[str, Any]) -> None:
        self.program, self.namespace = program, namespace

    def run(self, texts: List[Text], tables: Tables, state: Any, *, after_fit: Any = None, aside: Any = None) -> Outcome:
        """Run the texts with `state`, with `after_fit(state)` from the fit on, and the twin before it with `aside(state)`.

        Raises:
            Stopped: a statement raised.
        """
        values = Runner(self.program, self.namespace).values(tables)
        base = set(self.namespace)
        self.namespace.update({STATE: state, "_nb2svc_copy": snapshot})
        outcome = Outcome()
        request = self.program.request
        pending = sorted(values)
        skipped = {kept.statement for kept in request.raws + request.givens}
        try:
            for statement, part, source in texts:
                while pending and pending[0] < statement.number:
                    self.namespace.update(values[pending.pop(0)])
                if state.learning:
                    request.draw_again(statement.number)
                if self.program.fit_input is None and statement.number == request.predict_statement:
                    outcome.served = self._asked(statement, source)
                if not is_shared(statement) and statement.number not in skipped:
                    kept = self.namespace[STATE]
                    self.namespace[STATE] = aside(state) if aside is not None and part == "twin" else kept
                    self._execute(statement, source)
                    self.namespace[STATE] = kept
                while pending and pending[0] <= statement.number:
                    self.namespace.update(values[pending.pop(0)])
                if part in ("fit", "input"):
                    self._after_fit(outcome, state, after_fit)
                if statement.number == request.output_statement:
                    outcome.output = self.namespace.get(request.output_name or "")
            if request.output_name is None and request.predict_statement is None and outcome.served is not None:
                outcome.output = self._answer_to(outcome.served)
            outcome.outside = tuple(getattr(state, "outside", ()))
        finally:
            for name in set(self.namespace) - base:
                self.namespace.pop(name, None)
        return outcome

    def _answer_to(self, served: Any) -> Any:
        """The estimator's own answer, where the notebook only fits; rows that training dropped may be none that it takes."""
        request = self.program.request
        try:
            return getattr(request.estimator.value, request.method)(served)
        except Exception as error:
            raise Stopped(request.estimator.statement, error) from error

    def _after_fit(self, outcome: Outcome, state: Any, after_fit: Any) -> None:
        if SERVED in self.namespace:
            outcome.served = snapshot(self.namespace[SERVED])
        for node, given in self.program.fed if after_fit is None else []:
            if isinstance(node, ast.Name) and given.name in self.namespace:
                self.namespace.setdefault(node.id, self.namespace[given.name])
        if after_fit is not None:
            self.namespace[STATE] = after_fit(state)

    def _asked(self, statement: Statement, source: str) -> Any:
        """What a loaded model is asked about: the argument of the prediction, which no fit stands for."""
        for node in ast.walk(ast.parse(source)):
            method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if isinstance(node, ast.Call) and method == self.program.request.method and node.args:
                code = compile(ast.Expression(node.args[0]), "{} {}>".format(CELL_FILE, statement.number), "eval")
                try:
                    return snapshot(eval(code, self.namespace))
                except Exception as error:
                    raise Stopped(statement.number, error) from error
        return None

    def _execute(self, statement: Statement, source: str) -> None:
        try:
            exec(compile(source, "{} {}>".format(CELL_FILE, statement.number), "exec"), self.namespace)
        except Exception as error:
            raise Stopped(statement.number, error) from error


def positions_of(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """First places of some ids; -1 where an id is missing."""
    place: Dict[int, int] = {}
    for position, row in enumerate(ids.tolist()):
        place.setdefault(row, position)
    return np.array([place.get(row, -1) for row in wanted.tolist()], dtype=np.int64)
