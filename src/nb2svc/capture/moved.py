"""An observation for a notebook whose statements stand elsewhere now: a cell with a plot was put in, a comment added.

The statements themselves must be the same, in the same order: `since.outdated` looks at that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nb2svc.ir.codec import from_json
from nb2svc.ir.observation import Observation
from nb2svc.ir.span import Span


def moved(observation: Observation, then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Observation:
    """The observation with each statement's number and place as they are now; both lists are of probed statements, in order."""
    numbers = {old["number"]: new["number"] for old, new in zip(then, now, strict=True)}
    spans = {
        old["number"]: (from_json(Span, old["span"]), from_json(Span, new["span"])) for old, new in zip(then, now, strict=True)
    }
    if all(old == new for old, new in numbers.items()) and all(old == new for old, new in spans.values()):
        return observation

    def place(number: int, span: Span) -> Span:
        return _moved(span, *spans[number])

    return replace(
        observation,
        rewrites=tuple(
            replace(each, statement=numbers[each.statement], span=place(each.statement, each.span))
            for each in observation.rewrites
        ),
        selections=tuple(
            replace(
                each,
                statement=numbers[each.statement],
                span=place(each.statement, each.span),
                in_place_argument=place(each.statement, each.in_place_argument) if each.in_place_argument else None,
            )
            for each in observation.selections
        ),
        types=tuple((numbers[number], name, kind) for number, name, kind in observation.types if number in numbers),
        unreached=tuple(numbers[number] for number in observation.unreached if number in numbers),
        findings=tuple(
            replace(each, span=_found(each.span, list(spans.values()))) if each.span else each for each in observation.findings
        ),
    )


def _found(span: Span, statements: Sequence[tuple[Span, Span]]) -> Span | None:
    """Where what stood in some statement stands now; None where it stood in none of them."""
    return next((_moved(span, old, new) for old, new in statements if old.contains(span)), None)


def _moved(span: Span, old: Span, new: Span) -> Span:
    """A span within a statement, which stood at `old` and stands at `new`."""
    down, right = new.line - old.line, new.column - old.column
    return Span(
        new.cell,
        span.line + down,
        span.column + (right if span.line == old.line else 0),
        span.end_line + down,
        span.end_column + (right if span.end_line == old.line else 0),
    )
