"""Which names may stand for one object: `both = [train, test]`, `frame = train`."""

from __future__ import annotations

import ast
from typing import Dict, Sequence, Set

Sharing = Dict[str, Set[str]]
# A value of these alone holds the objects of its names; a call makes another one.
_HOLDS = (ast.Name, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Starred, ast.Constant, ast.expr_context)


def names_that_share(trees: Sequence[ast.AST]) -> Sharing:
    """For each name all that it may share an object with, itself included.

    `both = [train, test]` → {"both": {"both", "train", "test"}, "train": …, "test": …}
    """
    sharing: Sharing = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if (
            isinstance(node, ast.Assign)
            and all(isinstance(part, _HOLDS) for part in ast.walk(node.value))
            and names_in(node.value)
        ):
            together = names_in(node.value).union(*(names_in(target) for target in node.targets))
            together = together.union(*(sharing.get(name, set()) for name in together))
            sharing.update(dict.fromkeys(together, together))
    return sharing


def names_in(tree: ast.AST) -> Set[str]:
    """All names of an expression."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
