"""The slice as something that can be run again and again: statements in order, instrumented or flat."""

from __future__ import annotations

import ast
from typing import Any, Callable, Container, Dict, List, Optional, Tuple

from .instrument import ITERATE, VALUE, Expr, Numberer, Replacement, number_of, wrap
from .record import CELL_FILE, Run
from .request import Feed, ProbeError, Request, Spot, Statement
from .tabular import snapshot

SERVED = "_nb2svc_served"
COPY = "_nb2svc_copy"
GUARD = "_nb2svc_guard"
OPERAND = "_nb2svc_operand"
SET_AT_START = frozenset({"import", "class"})


class FitInput:
    """What a fit received: an expression of statement `statement`, given to predictions as the variable `name`."""

    __slots__ = ("statement", "node", "name")

    def __init__(self, statement: int, node: ast.expr, name: str) -> None:
        self.statement, self.node, self.name = statement, node, name


class Program:
    """All statements of the slices, numbered, with the nodes that mean something: fit's and predict's input.

    `inputs` are the inputs of fits that predictions are fed, the first fit's first; `fed` are the arguments of those
    predictions, each with its input; `spare` is what else only the notebook's own predictions have: no
    run evaluates it, since a request lacks it and what makes it is in no slice.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        numberer = Numberer()
        parts = ("prelude", "fit_path", "twin", "answer")
        fits = {request.fit_statement} | {feed.fit for feed in request.feeds}
        self.statements: List[Statement] = []
        for statement in request.statements:
            if statement.part in parts or statement.number in fits:
                numberer.statement(statement.tree, statement.number)
                self.statements.append(statement)
        self.exprs: Dict[int, Expr] = numberer.exprs
        self.fit_input = self._node(request.fit_statement, request.fit_input)
        self.predict_input = self._node(request.predict_statement, request.predict_input)
        self.inputs: List[FitInput] = []
        if self.fit_input is not None and request.fit_statement is not None:
            self.inputs.append(FitInput(request.fit_statement, self.fit_input, SERVED))
        self.fed: List[Tuple[ast.expr, FitInput]] = [
            (node, self._input(feed))
            for feed in request.feeds
            if (node := self._node(feed.predict, feed.predict_input)) is not None
        ]

        self.spare: List[ast.expr] = [
            node for feed in request.feeds for spot in feed.spare if (node := self._node(feed.predict, spot)) is not None
        ]

    def _input(self, feed: Feed) -> FitInput:
        node = self._node(feed.fit, feed.fit_input)
        assert node is not None
        for known in self.inputs:
            if known.node is node:
                return known
        self.inputs.append(FitInput(feed.fit, node, "{}_{}".format(SERVED, len(self.inputs) + 1)))
        return self.inputs[-1]

    def inputs_of(self, statement: Statement) -> List[FitInput]:
        """The inputs of the fits that a statement makes; what else it does is training's."""
        return [each for each in self.inputs if each.statement == statement.number]

    def is_fit(self, statement: Statement) -> bool:
        """Whether a statement fits: of it only the input is evaluated."""
        return statement.number == self.request.fit_statement or bool(self.inputs_of(statement))

    def argument_nodes(self) -> List[ast.expr]:
        """The arguments of predictions, which serving replaces (or takes as they are, where no fit is to be seen)."""
        arguments = [node for node, _ in self.fed] or ([self.predict_input] if self.predict_input is not None else [])
        return [*arguments, *self.spare]

    def _node(self, statement: Optional[int], spot: Optional[Spot]) -> Optional[ast.expr]:
        if statement is None or spot is None:
            return None
        owner = self.request.statement(statement)
        found = [node for node in ast.walk(owner.tree) if isinstance(node, ast.expr) and spot_of(owner, node).same(spot)]
        if not found:
            raise ProbeError("statement {} has no expression at cell {}, line {}".format(statement, spot.cell, spot.line))
        return found[0]

    def module_name(self, module: str) -> Optional[str]:
        """The name under which the notebook imported a module: pandas → pd."""
        for statement in self.statements:
            for node in statement.tree.body:
                for alias in node.names if isinstance(node, ast.Import) else []:
                    if alias.name == module:
                        return alias.asname or alias.name
        return None

    def functions_only_in(self, root: ast.AST) -> List[ast.FunctionDef]:
        """The notebook's functions that nothing but this expression names."""
        functions = {
            node.name: node for statement in self.statements for node in statement.tree.body if isinstance(node, ast.FunctionDef)
        }
        inside = {id(node) for node in ast.walk(root)}
        named = [node for statement in self.statements for node in ast.walk(statement.tree) if isinstance(node, ast.Name)]
        elsewhere = {node.id for node in named if id(node) not in inside}
        here = {node.id for node in named if id(node) in inside}
        return [function for name, function in functions.items() if name in here - elsewhere]

    def expr_spot(self, number: int) -> Spot:
        """Where an expression stands in the notebook."""
        expr = self.exprs[number]
        return spot_of(self.request.statement(expr.statement), expr.node)

    def text(self, number: int) -> str:
        """The author's text of an expression."""
        expr = self.exprs[number]
        return node_text(self.request.statement(expr.statement), expr.node)


def _character_column(line: str, offset: int) -> int:
    return len(line.encode("utf-8")[:offset].decode("utf-8", "replace"))


def source_lines(source: str) -> List[str]:
    """Lines as `ast` counts them (form feeds and U+2028 end none)."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def spot_of(statement: Statement, node: Any) -> Spot:
    """The span of a node of a statement, in the notebook's cell; columns in characters."""
    lines = source_lines(statement.source)
    start, end = (
        _character_column(lines[node.lineno - 1], node.col_offset),
        _character_column(lines[node.end_lineno - 1], node.end_col_offset),
    )
    first = statement.spot
    return Spot(
        first.cell,
        first.line + node.lineno - 1,
        start + (first.column if node.lineno == 1 else 0),
        first.line + node.end_lineno - 1,
        end + (first.column if node.end_lineno == 1 else 0),
    )


def offsets(statement: Statement, spot: Spot) -> Tuple[int, int]:
    """Start and end of a span as character offsets in the statement's source."""
    lines = source_lines(statement.source)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    first = statement.spot

    def place(line: int, column: int) -> int:
        return starts[line - first.line] + column - (first.column if line == first.line else 0)

    return place(spot.line, spot.column), place(spot.end_line, spot.end_column)


def node_text(statement: Statement, node: Any) -> str:
    """The verbatim text of a node."""
    start, end = offsets(statement, spot_of(statement, node))
    return source_lines_joined(statement.source)[start:end]


def source_lines_joined(source: str) -> str:
    """The source with plain line ends, which offsets count."""
    return "\n".join(source_lines(source))


Step = Callable[[Dict[str, Any]], None]


class Stopped(Exception):
    """A statement of a run raised: its number and the error."""

    def __init__(self, statement: int, error: BaseException) -> None:
        super().__init__("statement {}: {}: {}".format(statement, type(error).__name__, error))
        self.statement, self.error = statement, error


class Script:
    """Compiled statements in order; `steps` are (number, part, code); `kind` is what each one is run for."""

    def __init__(
        self,
        program: Program,
        *,
        replacements: Optional[Dict[int, Replacement]] = None,
        served: bool,
        needed: Optional[Container[int]] = None,
    ) -> None:
        """`served` replaces predict's argument by the served fit input and leaves the twin out; only `needed` ones are run."""
        self.program = program
        self.served = served
        self.codes: List[Tuple[Statement, str, Any]] = []
        for statement in program.statements:
            if program.is_fit(statement):
                for each in program.inputs_of(statement):
                    part = "fit" if each.name == SERVED else "input"
                    self._add(statement, _assign(each.node, each.name), part, replacements)
            elif not (served and statement.part == "twin") and (needed is None or statement.number in needed):
                self._add(statement, statement.tree, statement.part, self._with_served(statement, replacements))

    def _with_served(self, statement: Statement, replacements: Optional[Dict[int, Replacement]]) -> Dict[int, Replacement]:
        found = dict(replacements or {})
        for node, given in self.program.fed if self.served else []:
            number = number_of(node)
            if number is not None and self.program.exprs[number].statement == statement.number:
                found[number] = lambda _, name=given.name: ast.Name(name, ast.Load())  # type: ignore[misc]
        for number in filter(None, map(number_of, self.program.spare)):
            if self.program.exprs[number].statement == statement.number:
                found[number] = lambda _: ast.Constant(None)
        return found

    def _add(self, statement: Statement, tree: Any, part: str, replacements: Optional[Dict[int, Replacement]]) -> None:
        wrapped = wrap(tree, self.program.exprs, replacements=replacements)
        name = "{} {}>".format(CELL_FILE, statement.number)
        self.codes.append((statement, part, compile(wrapped, name, "exec")))  # type: ignore[call-overload]


def _assign(node: ast.expr, name: str) -> ast.Module:
    return ast.Module([ast.Assign([ast.Name(name, ast.Store())], node, lineno=1, col_offset=0)], [])


def is_shared(statement: Statement) -> bool:
    """Imports and classes run once: what the pickles hold must stay the same class."""
    return statement.part == "prelude" and all(
        isinstance(node, (ast.ClassDef, ast.Import, ast.ImportFrom)) for node in statement.tree.body
    )


def run_prelude(request: Request, namespace: Dict[str, Any]) -> None:
    """Run the prelude flat, so that pickles find their classes."""
    for statement in request.statements:
        if statement.part == "prelude":
            exec(compile(statement.tree, "{} {}>".format(CELL_FILE, statement.number), "exec"), namespace)


class Hooks:
    """What happens between the statements of a run."""

    def before(self, statement: Statement, part: str, namespace: Dict[str, Any]) -> bool:
        """Called before each; False skips it."""
        return True

    def after(self, statement: Statement, part: str, namespace: Dict[str, Any]) -> None:
        """Called after each."""


def play(
    script: Script, run: Run, namespace: Dict[str, Any], *, values: Dict[int, Dict[str, Any]], hooks: Optional[Hooks] = None
) -> None:
    """Run a script: `values` are set after the statement they belong to has its turn.

    Raises:
        Stopped: a statement raised.
    """
    base = set(namespace)
    guarded = Guarded(copied(run))
    namespace.update({VALUE: run.value, ITERATE: run.iterate, COPY: guarded.copy, GUARD: guarded.all_rows, OPERAND: guarded.note})
    _set(values, namespace, -1, script.codes[0][0].number if script.codes else 10**9)
    numbers = [entry[0].number for entry in script.codes] + [10**9]
    try:
        for place, (statement, part, code) in enumerate(script.codes):
            if not is_shared(statement) and (hooks is None or hooks.before(statement, part, namespace)):
                _execute(statement, code, namespace)
            run.row_loops = 0
            _set(values, namespace, statement.number, numbers[place + 1])
            if hooks is not None:
                hooks.after(statement, part, namespace)
    finally:
        for name in set(namespace) - base:
            namespace.pop(name, None)


def _execute(statement: Statement, code: Any, namespace: Dict[str, Any]) -> None:
    try:
        exec(code, namespace)
    except Exception as error:
        raise Stopped(statement.number, error) from error


def _set(values: Dict[int, Dict[str, Any]], namespace: Dict[str, Any], first: int, end: int) -> None:
    """Set what belongs to statements first ≤ number < end (the statements that make raws are not in the script)."""
    for number in sorted(values):
        if first <= number < end:
            namespace.update(values[number])


def copied(run: Run) -> Callable[[Any], Any]:
    """A copy of a removed selection's operand, with the operand's row ids."""

    def copy_operand(value: Any) -> Any:
        twin = snapshot(value)
        rows = run.rows_of(value)
        if rows is not None and twin is not value:
            run.register(twin, rows)
        return twin

    return copy_operand


class Guarded:
    """A removed selection that is evaluated all the same, so that what it depends on is seen; the run goes on with all rows."""

    def __init__(self, copy: Callable[[Any], Any]) -> None:
        self.copy = copy
        self._operands: Dict[int, Any] = {}

    def note(self, number: int, value: Any) -> Any:
        """The operand, as the selection itself evaluated it: a second evaluation would be another one to the recorder."""
        self._operands[number] = value
        return value

    def all_rows(self, number: int, select: Callable[[], Any], taken: Callable[[Any], Any]) -> Any:
        """A copy of the operand; what the selection raises for a row that training never had says nothing here."""
        self._operands.pop(number, None)
        try:
            select()
        except Exception:
            if number not in self._operands:
                raise
        return self.copy(taken(self._operands[number]))
