"""Backward slices: the statements that a value depends on."""

from collections.abc import Collection, Iterable

from nb2svc.analysis.statements import parse_statement
from nb2svc.ir.dataflow import Dataflow


def backward(dataflow: Dataflow, seeds: Iterable[tuple[int, str]], *, stops: Collection[int] = ()) -> tuple[int, ...]:
    """The statements that decide what each seed's name is once its statement has run, in document order.

    A seed `(s, name)` means `name` as it stands after statement `s`. The result is closed: whatever one of its statements
    uses is in it too, except beyond `stops`, which are not entered (their values are taken as given).

    `a = 1; b = a; c = 2; b += a`, seed (3, "b") → 0, 1, 3        with stops {1} → 0, 3
    """
    sources = incoming(dataflow)
    stopped = set(stops)
    todo = [one for statement, name in seeds for one in definitions(dataflow, statement, name)]
    seen: set[int] = set()
    while todo:
        number = todo.pop()
        if number in seen or number in stopped:
            continue
        seen.add(number)
        todo += sources.get(number, ())
    return tuple(sorted(seen))


def incoming(dataflow: Dataflow) -> dict[int, list[int]]:
    """For each statement those that it uses something of."""
    found: dict[int, list[int]] = {}
    for edge in dataflow.edges:
        found.setdefault(edge.target, []).append(edge.source)
    return found


def definitions(dataflow: Dataflow, statement: int, name: str) -> tuple[int, ...]:
    """The statements that a name's value may come from once `statement` has run, the last first."""
    found = []
    for one in reversed(dataflow.statements):
        if one.number > statement:
            continue
        if name in one.deletes and name not in one.defines:
            break
        bound, changed = name in one.defines, name in one.mutates
        if bound or changed:
            found.append(one.number)
            parsed = parse_statement(one.source)
            certain = parsed is None or name in parsed.names.certain
            # Whatever reads the name itself is linked to what came before; certain bindings need nothing before.
            if (bound and certain) or (changed and name in one.reads and not bound):
                break
    return tuple(found)
