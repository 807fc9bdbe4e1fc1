"""R3 and R4: the fitted object is the state; its later uses then read state too.

X = scaler.fit_transform(X)           →  scaler = state.scaler(lambda: scaler.fit(X))
                                         X = scaler.transform(X)
loans[c] = le.fit_transform(loans[c]) →  loans[c] = state.le(lambda: LabelEncoder().fit(loans[c]), c).transform(loans[c])
                                         and (le := state.le(…)).transform(…) where `le` is read again: le.transform(tests[c])
"""

from __future__ import annotations

import ast
from typing import Iterator, Optional

from ..edits import text
from ..sites import Candidate, Site, receiver_hint
from .shape import called

METHODS = {"fit_transform": "transform", "fit_predict": "predict", "fit_resample": ""}


def fit_transform(site: Site) -> Iterator[Candidate]:
    """`fit_transform(X)` and `fit_predict(X)` of any object that has the two methods apart."""
    node = site.node
    after = METHODS.get(called(node), "")
    if not after or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return
    receiver = node.func.value
    own, data = site.text(receiver), node.args[0]
    arguments = site.text(node)[len(own) :].lstrip().lstrip(".")
    arguments = arguments[arguments.index("(") :]
    how = "{}.fit{}".format(own, arguments)
    hint = receiver_hint(node)
    use = [text("." + after + "("), *site.compose(data), text(")")]
    if isinstance(receiver, ast.Name) and not site.compound:
        learned = site.learn(hint, how)
        # With what was set after it was made (`set_output`), and not the object itself: the original has fitted that.
        fresh = "__import__('sklearn.base').base.clone({}, safe=False).fit{}".format(own, arguments)
        before = [[text(own + " = "), learned]]
        yield Candidate("R3", [text(own), *use], before=before, check=[dict(learned, how=fresh), *use])
        return
    rule = "R4" if site.expr.keys else "R3"
    if isinstance(receiver, ast.Name):
        # Fitted again for each key: every key needs an object of its own.
        how = "{}.fit{}".format(_constructor(site, receiver.id) or _again(own), arguments)
    learned = site.learn(hint, how)
    if isinstance(receiver, ast.Name) and _binds_here(site, receiver.id) and _read_elsewhere(site, receiver.id):
        yield Candidate(rule, [text("(" + own + " := "), learned, text(")"), *use], check=[learned, *use])
        return
    yield Candidate(rule, [learned, *use])


def _binds_here(site: Site, name: str) -> bool:
    """Whether a name that is bound inside the expression is the one that the statements around it read."""
    if site.expr.in_comprehension:
        return False
    scopes = [node for node in ast.walk(site.statement.tree) if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef))]
    around = [scope for scope in scopes if any(node is site.node for node in ast.walk(scope))]
    if not around:
        return not site.expr.called
    # The innermost is the last that the walk, which goes level by level, comes to; a lambda's names are its own.
    inner = around[-1]
    return isinstance(inner, ast.FunctionDef) and any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(inner)
    )


def _read_elsewhere(site: Site, name: str) -> bool:
    """Whether anything but this call reads the fitted object by its name."""
    own = {id(node) for node in ast.walk(site.node)}
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in own
        for statement in site.program.statements
        for node in ast.walk(statement.tree)
    )


def _again(own: str) -> str:
    return "type({0})(**{0}.get_params(deep=False))".format(own)


def _constructor(site: Site, name: str) -> Optional[str]:
    """The text that made the object, where that is one plain call of constants: `LabelEncoder()`."""
    found = []
    for statement in site.program.statements:
        for node in ast.walk(statement.tree):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                found.append((statement, node.value))
    if len(found) != 1 or not isinstance(found[0][1], ast.Call):
        return None
    call = found[0][1]
    if not all(isinstance(value, ast.Constant) for value in list(call.args) + [item.value for item in call.keywords]):
        return None
    from ..program import node_text

    return node_text(found[0][0], call)
