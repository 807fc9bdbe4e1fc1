"""Close upwards: which state-kind expressions are used by something that is not state-kind. Only these are kept."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Set

from .instrument import FUNCTIONS, Expr, made_with, number_of, query_names
from .probing import Probing
from .program import Program
from .training import Record

Defs = Set[int]
LITERALS = (ast.Dict, ast.List, ast.Tuple, ast.Set)


class Frontiers:
    """What must be kept: expressions to freeze, fitted objects, names changed in place, and what still needs a rewrite."""

    def __init__(self) -> None:
        self.frozen: List[int] = []
        self.names: List[int] = []
        self.batch: List[int] = []

    def add(self, kind: List[int], number: int) -> None:
        """Note an expression once."""
        if number not in kind:
            kind.append(number)


def records_by_expr(found: Probing) -> Dict[int, List[Record]]:
    """The training run's evaluations of each expression."""
    grouped: Dict[int, List[Record]] = {}
    for key, record in found.training.records.items():
        grouped.setdefault(key[0], []).append(record)
    return grouped


def close(program: Program, found: Probing) -> Frontiers:
    """Walk the served program in order, with what each name holds."""
    return _Walk(program, found).walk()


class _Walk:
    def __init__(self, program: Program, found: Probing) -> None:
        self.program = program
        self.found = found
        self.records = records_by_expr(found)
        self.frontiers = Frontiers()
        self.functions = self._functions()
        self.live: Set[str] = set()
        self.env: Dict[str, Defs] = {}
        served = set(found.training.alone) | set(self.records)
        by_rule = {number for number, records in self.records.items() if any(record.by_rule for record in records)}
        fitted = {number for number, records in self.records.items() if any(_fitted(record) for record in records)}
        state = set(found.blames.having("state"))
        self.state = {number for number in (by_rule | fitted | state) if number in served}
        self.needs = set(found.blames.having("batch"))
        self.needs |= {
            n for n in found.blames.having("fit") if any(record.rows is not None for record in self.records.get(n, []))
        }
        self.named = set(found.blames.having("name"))
        self.fitted = fitted

    def _functions(self) -> Dict[str, Any]:
        found = {}
        for statement in self.program.statements:
            for node in ast.walk(statement.tree):
                if isinstance(node, FUNCTIONS):
                    found[node.name] = node
        return found

    def walk(self) -> Frontiers:
        for statement in self.program.statements:
            if self.program.is_fit(statement):
                for each in self.program.inputs_of(statement):
                    self.visit(each.node)
            elif statement.part in ("fit_path", "answer", "prelude") and self._is_served(statement.number):
                self.body(statement.tree.body)
        return self.frontiers

    def _is_served(self, number: int) -> bool:
        return self.found.needed is None or number in self.found.needed

    # Statements

    def body(self, statements: List[Any]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: Any) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return
        if isinstance(node, FUNCTIONS):
            for part in made_with(node):
                self.visit(part)
        elif isinstance(node, ast.ClassDef):
            self.definition(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                self.assign(target, node.value)
        elif isinstance(node, ast.Expr):
            self.expression_statement(node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.visit(node.iter)
            self.unbind(node.target)
            self.branches([node.body + node.body, []])
            self.body(node.orelse)
        elif isinstance(node, (ast.If, ast.While)):
            self.visit(node.test)
            self.branches([node.body, node.orelse])
        elif isinstance(node, ast.Try):
            self.branches([node.body, [s for handler in node.handlers for s in handler.body]])
            self.body(node.orelse + node.finalbody)
        elif isinstance(node, ast.With):
            for item in node.items:
                self.visit(item.context_expr)
            self.body(node.body)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child)

    def definition(self, node: ast.ClassDef) -> None:
        """A class: no edit is made in there, so what it reads is frozen where its name is bound.

        middle = X["a"].mean()           →   middle = state.middle(lambda: X["a"].mean())
        class Scaled: center = middle        class Scaled: center = middle
        """
        for name in ast.walk(node):
            if isinstance(name, ast.Name):
                for definition in sorted(self.env.get(name.id, set())):
                    self.freeze(definition)

    def branches(self, bodies: List[List[Any]]) -> None:
        start = dict(self.env)
        ends = []
        for body in bodies:
            self.env = dict(start)
            self.body(body)
            ends.append(self.env)
        self.env = {}
        for end in ends:
            for name, defs in end.items():
                self.env[name] = self.env.get(name, set()) | defs

    def assign(self, target: Any, value: Optional[ast.expr]) -> None:
        if value is None:
            return
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, (ast.Tuple, ast.List))
            and len(target.elts) == len(value.elts)
        ):
            for part, own in zip(target.elts, value.elts):
                self.assign(part, own)
            return
        number = number_of(value)
        if number is None or not self.is_state(number):
            self.visit(value)
            self.unbind(target)
            return
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        if number in self.fitted and self._receiver_name(number):
            self.freeze(number)
            self.unbind(target)
        elif all(isinstance(part, ast.Name) for part in parts):
            for part in parts:
                self.env[getattr(part, "id", "")] = self.definitions(number)
        else:
            self.visit(target)
            self.freeze(number)

    def definitions(self, number: int) -> Defs:
        node = self.program.exprs[number].node
        if isinstance(node, ast.Name) and self.env.get(node.id):
            return set(self.env[node.id])
        return {number}

    def unbind(self, target: Any) -> None:
        if isinstance(target, ast.Name):
            self.env.pop(target.id, None)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self.unbind(part)
        else:
            self.visit(target)

    def expression_statement(self, value: ast.expr) -> None:
        number = number_of(value)
        if number is not None and self.is_state(number):
            if number in self.fitted:
                self.freeze(number)
            return
        self.visit(value)

    # Expressions

    def visit(self, node: Any) -> None:
        """Something that is not state-kind uses this node."""
        if node is None or isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            return
        number = number_of(node)
        if number is not None and number in self.found.removed:
            for operand in self.found.removed[number].operands:
                if operand is not None:
                    self.visit(self.program.exprs[operand].node)
            if self.found.removed[number].guards:
                for child in ast.iter_child_nodes(node):
                    self.visit(child)
            return
        if number is not None and any(node is argument for argument in self.program.argument_nodes()):
            return
        if number is not None and self.is_state(number):
            self.freeze(number)
            return
        if number is not None and number in self.named:
            self.frontiers.add(self.frontiers.names, number)
            return
        if number is not None and number in self.needs:
            self.frontiers.add(self.frontiers.batch, number)
        if isinstance(node, ast.Name) and node.id in self.functions:
            self.enter(node.id)
        for name in query_names(node):
            for definition in sorted(self.env.get(name, set())):
                self.freeze(definition)
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def enter(self, name: str) -> None:
        """A function that the served program still calls: its body is served too."""
        if name in self.live:
            return
        self.live.add(name)
        saved = self.env
        self.env = dict(saved)
        for argument in ast.walk(self.functions[name].args):
            if isinstance(argument, ast.arg):
                self.env.pop(argument.arg, None)
        self.body(self.functions[name].body)
        self.env = saved

    def freeze(self, number: int) -> None:
        expr = self.program.exprs[number]
        if isinstance(expr.node, ast.Name):
            for definition in sorted(self.env.get(expr.node.id, set())):
                if definition != number:
                    self.freeze(definition)
            if self.env.get(expr.node.id):
                return
        self.frontiers.add(self.frontiers.frozen, number)

    def _receiver_name(self, number: int) -> bool:
        node = self.program.exprs[number].node
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)

    def is_state(self, number: int) -> bool:
        """State-kind: blamed, or not aligned in any evaluation and made of something state-kind."""
        if number in self.state:
            return True
        if number in self.needs or number in self.found.removed:
            return False
        expr: Expr = self.program.exprs[number]
        if isinstance(expr.node, LITERALS):
            return False  # `{"age": df["age"].mean()}` stays a literal with frozen parts
        if isinstance(expr.node, ast.Name):
            return bool(self.env.get(expr.node.id))
        records = self.records.get(number, [])
        alone = self.found.training.alone.get(number)
        if not records and alone is None:
            return False
        if any(record.rows is not None or record.carries or record.error for record in records) or (
            alone is not None and alone.aligned
        ):
            return False
        if alone is not None and alone.varied:
            return False  # in a loop over rows: each row has its own
        if records and all(record.value is None for record in records):
            return False
        return any(self._holds_state(child) for child in expr.children)

    def _holds_state(self, number: int) -> bool:
        expr = self.program.exprs[number]
        if isinstance(expr.node, LITERALS):
            return any(self._holds_state(child) for child in expr.children)
        return self.is_state(number)


def _fitted(record: Record) -> bool:
    """A fit that returned the fitted object (not its transformed rows)."""
    return record.receiver is not None and record.rows is None
