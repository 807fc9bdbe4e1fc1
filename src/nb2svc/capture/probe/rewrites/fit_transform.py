"""R3 and R4: the fitted object is the state; its later uses then read state too.

X = scaler.fit_transform(X)           →  scaler = state.scaler(lambda: scaler.fit(X))
                                         X = scaler.transform(X)
loans[c] = le.fit_transform(loans[c]) →  loans[c] = state.le(lambda: LabelEncoder().fit(loans[c]), c).transform(loans[c])
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
        fresh = "{}.fit{}".format(_again(site, own), arguments)
        before = [[text(own + " = "), learned]]
        yield Candidate("R3", [text(own), *use], before=before, check=[dict(learned, how=fresh), *use])
        return
    rule = "R4" if site.expr.keys else "R3"
    if isinstance(receiver, ast.Name):
        # Fitted again for each key: every key needs an object of its own.
        how = "{}.fit{}".format(_constructor(site, receiver.id) or _again(site, own), arguments)
    yield Candidate(rule, [site.learn(hint, how), *use])


def _again(site: Site, own: str) -> str:
    return "type({0})(**{0}.get_params())".format(own)


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
