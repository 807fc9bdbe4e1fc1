"""Segments in which the model errs more: a shallow tree finds one on half of the held-out rows, the other half must confirm it.

What is found among errors that were dealt out at random is no segment: the same search is made of such errors, too.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .held_out import HeldOut, Unknown, held_out
from .limits import at_most

LEAST_ROWS, LEAST_LEAF, MANY_VALUES = 200, 20, 20
LEVEL, SHUFFLES, RANDOM = 0.01, 999, 20


def try_found_segments(request: Dict[str, Any]) -> Dict[str, Any]:
    """→ {"kind", "rows", "worst": {"text", "rows", "error", "low", "high", "others", "chance"}, "random", "tries"}, or why not.

    `chance` is how often errors dealt out at random make a segment as bad; `random` counts the searches among such errors that
    called something a segment, of `tries`.
    """
    limit = float(request["seconds"])
    try:
        with at_most(limit, RuntimeError("looking for segments took longer than {:.0f} s".format(limit)), processor=True):
            held = held_out(request["package"], tuple(request["labels"]))
            names, table = _table(held)
            return {"kind": held.kind, "rows": len(held.rows), **searched(names, table, held.errors_of(held.model))}
    except Unknown as error:
        return {"problem": str(error)}


def searched(names: List[str], table: Any, errors: Any) -> Dict[str, Any]:
    """The search among the errors as they are, and among those that were dealt out at random."""
    import numpy as np

    if len(errors) < LEAST_ROWS:
        raise Unknown("fewer than {} rows were held out with their labels".format(LEAST_ROWS))
    random = np.random.RandomState(0)
    worst = _worst(names, table, errors, random=random, shuffles=SHUFFLES)
    found = 0
    for _ in range(RANDOM):
        other = _worst(names, table, random.permutation(errors), random=random, shuffles=SHUFFLES // 4)
        found += bool(other and other["chance"] <= LEVEL)
    return {"worst": worst, "random": found, "tries": RANDOM}


def _worst(names: List[str], table: Any, errors: Any, *, random: Any, shuffles: int) -> Any:
    """The worst leaf of a tree on half of the rows, as the other half sees it; None where it has too few rows there."""
    import numpy as np
    from sklearn.tree import DecisionTreeRegressor

    order = random.permutation(len(errors))
    one, two = order[: len(order) // 2], order[len(order) // 2 :]
    tree = DecisionTreeRegressor(max_depth=2, min_samples_leaf=max(LEAST_LEAF, len(one) // 10), random_state=0)
    tree.fit(table[one], errors[one])
    leaves = tree.apply(table[one])
    leaf = max(sorted(set(leaves.tolist())), key=lambda each: float(errors[one][leaves == each].mean()))
    inside, seen = tree.apply(table[two]) == leaf, errors[two]
    if inside.all() or int(inside.sum()) < LEAST_LEAF // 2:
        return None
    apart = seen[inside].mean() - seen[~inside].mean()
    mixed = [random.permutation(seen) for _ in range(shuffles)]
    as_bad = sum(each[inside].mean() - each[~inside].mean() >= apart for each in mixed)
    drawn = [random.choice(seen[inside], int(inside.sum())).mean() for _ in range(500)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {
        "text": _text(tree.tree_, leaf, names),
        "rows": int(inside.sum()),
        "error": float(seen[inside].mean()),
        "low": float(low),
        "high": float(high),
        "others": float(seen[~inside].mean()),
        "chance": (as_bad + 1) / (shuffles + 1.0),
    }


def _text(tree: Any, leaf: int, names: List[str]) -> str:
    """`age <= 30 and region is north`."""
    above = {int(child): (node, side) for node in range(tree.node_count) for side, child in _children(tree, node)}
    parts: List[str] = []
    while leaf in above:
        leaf, side = above[leaf]
        name, limit = names[tree.feature[leaf]], float(tree.threshold[leaf])
        column, equals, value = name.partition("\0")
        if equals:
            parts.append("{} is {}{}".format(column, "" if side == ">" else "not ", value))
        else:
            parts.append("{} {} {:.4g}".format(column, side, limit))
    return " and ".join(reversed(parts))


def _children(tree: Any, node: int) -> List[Tuple[str, int]]:
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    return [] if left == right else [("<=", left), (">", right)]


def _table(held: HeldOut) -> Tuple[List[str], Any]:
    """The raw columns of the held-out rows as numbers: a category as a column for each of its values."""
    import numpy as np

    main = next(each for each in held.capture.observation["tables"] if each["role"] == "main")
    table = held.capture.tables(held.rows)[main["name"]]
    if not hasattr(table, "columns"):
        raise Unknown("the rows have no named columns")
    used = [
        column["name"] for column in main["columns"] if column["use"] in ("read", "unused") and column["name"] in table.columns
    ]
    names: List[str] = []
    columns: List[Any] = []
    for name in used:
        values = table[name]
        if str(values.dtype).lower().rstrip("0123456789") in ("int", "uint", "float", "bool", "boolean"):
            number = values.astype("float64")
            names.append(str(name))
            columns.append(number.fillna(number.median()).fillna(0.0).to_numpy())
            continue
        texts = values.astype(str)
        common = texts.value_counts()
        if len(common) <= MANY_VALUES:
            names += ["{}\0{}".format(name, value) for value in common.index]
            columns += [(texts == value).to_numpy().astype(float) for value in common.index]
    if not columns:
        raise Unknown("no raw column is a number or has few values")
    return names, np.stack(columns, axis=1)
