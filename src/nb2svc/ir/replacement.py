"""Replacement texts: parts → source, with state's names or, for slicing, without the code that learns.

(Learn(slot="s1", hint="income_median", how='df["income"].median()'),)
→ state.income_median(lambda: df["income"].median())
"""

from collections.abc import Mapping

from nb2svc.ir.observation import Categories, Learn, Part

# Stands for the state in texts that are only sliced: the notebook may have a `state` of its own.
STATE = "_nb2svc_state"


def render_parts(parts: tuple[Part, ...], names: Mapping[str, str], *, state: str = "state") -> str:
    """The source text of a replacement in generated code."""
    return "".join(_render(part, names, state) for part in parts)


def _render(part: Part, names: Mapping[str, str], state: str) -> str:
    match part:
        case Learn():
            key = f", {part.key}" if part.key is not None else ""
            return f"{state}.{names[part.slot]}(lambda: {part.how}{key})"
        case Categories():
            columns = part.wanted or "[" + ", ".join(quoted(column) for column in part.columns) + "]"
            suffix = names[part.slots[0]].removeprefix(f"{part.columns[0]}_categories")
            extra = f", {quoted(suffix)}" if suffix else ""
            return f"{state}.categories({part.frame}, {columns}{extra})"
        case _:
            return part.text


def remembered(parts: tuple[Part, ...]) -> str:
    """The replacement as a request sees it: what only learning reads is gone, keys and operands stay.

    state.income_median(lambda: df["income"].median(), c) → _nb2svc_state.s1(c)
    """
    pieces = []
    for part in parts:
        match part:
            case Learn():
                pieces.append(f"{STATE}.{part.slot}({part.key or ''})")
            case Categories():
                pieces.append(f"{STATE}.categories({part.frame}, {part.wanted or ()})")
            case _:
                pieces.append(part.text)
    return "".join(pieces)


def quoted(text: str) -> str:
    """A string literal with double quotes where that needs no escapes."""
    return f'"{text}"' if text.isprintable() and '"' not in text and "\\" not in text else repr(text)
