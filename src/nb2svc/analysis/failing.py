"""Whether statements of a check can fail by themselves, so that a pass says something."""

import ast
import re
from collections.abc import Iterable

from nb2svc.analysis.index import Index

# What such a function is for is to raise: `np.testing.assert_allclose`, `validate_frame`, `expect_no_gaps`, `sys.exit`.
_RAISES = re.compile(r"assert|testing|expect|validat|check|verif|require|ensure|raise|fail|exit", re.IGNORECASE)


def can_fail(index: Index, numbers: Iterable[int]) -> bool:
    """Whether there is an `assert` or a `raise` in these statements or in what of the notebook they call, or a call named so.

    A call of anything else may raise, too, but then the check is broken, not failed.
    """
    todo, seen = list(numbers), set[int]()
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        parsed = index.parsed(number)
        if parsed and any(_fails(node) for node in ast.walk(parsed.node)):
            return True
        sources = (edge.source for edge in index.into.get(number, ()))
        todo += [source for source in sources if index.statement(source).kind in ("function", "class")]
    return False


def _fails(node: ast.AST) -> bool:
    match node:
        case ast.Assert() | ast.Raise():
            return True
        case ast.Call(func=called):
            return _RAISES.search(ast.unparse(called)) is not None
    return False
