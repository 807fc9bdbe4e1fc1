"""The parts of a fitted object that a skops file can't hold, taken out as JSON and put back.

model.medians_ = a Series            → [["attribute", "medians_"], {"$type": "Series", …}], and None in its place
model.pair_ = (a DataFrame, 2)       → [["attribute", "pair_"], ["item", 0]], and a tuple with None in its place
model.seen_ = {Timestamp(…), …}      → the whole set
model.table_ = {("east", 3): 1.5}    → the whole dictionary: skops keeps keys that are texts or numbers
"""

import copy
import datetime as dt
import decimal
import re
from collections import Counter, deque
from typing import Any, Callable, Iterator, List, Sequence, Tuple

from . import codec

# A place in an object: ("attribute" | "key" | "item", name) from the outside in.
Path = List[Tuple[str, Any]]

# Types that the codec gives back exactly, and skops not at all, or only as types that nobody reviewed.
_CODED = (
    complex, frozenset, range, Counter, deque, decimal.Decimal, dt.date, dt.time, dt.timedelta, re.Pattern,
)  # fmt: skip
_PLAIN = (str, bytes, int, float, type(None), type)


class ArtifactError(Exception):
    """An artifact can't be written, or must not be read; the message says which and what to do."""


def take_tables(value: Any, what: str) -> Tuple[Any, List[List[Any]]]:
    """The object without what skops can't hold, and that as [[path, document], …].

    The object itself is not changed: where there is something to take, it is taken from a copy.

    Raises:
        ArtifactError: something can't be taken (a dictionary of estimators by tuples); the message names the attribute.
    """
    found = list(_foreign(value, [], set()))
    if not found:
        return value, []
    bare = copy.deepcopy(value)
    taken: List[List[Any]] = []
    for path in found:
        part = _follow(bare, path)
        try:
            document = codec.encode(part)
        except codec.NotJson as error:
            raise ArtifactError(
                "{}{} is {} that holds {}, which can't be kept as data: keep each in an attribute of its own, with texts as "
                "keys".format(what, words(path), _kind(part), error)
            ) from error
        taken.append([[list(step) for step in path], document])
        bare = _with(bare, path, None)
    return bare, taken


def put_tables(value: Any, tables: Sequence[Sequence[Any]]) -> Any:
    """The object with what `take_tables` took from it."""
    for steps, document in tables:
        value = _with(value, [(kind, name) for kind, name in steps], codec.decode(document))
    return value


def words(path: Sequence[Tuple[str, Any]]) -> str:
    """A path as its author would write it: `.encoder_.table_["east"]`."""
    return "".join(".{}".format(name) if kind == "attribute" else "[{!r}]".format(name) for kind, name in path)


def blame(value: Any, what: str, dump: Callable[[Any], Any]) -> str:
    """The innermost part that `dump` refuses, in words; `what` names the whole."""
    path: Path = []
    while True:
        for step, part in _steps(value):
            try:
                dump(part)
            except Exception:  # noqa: BLE001 - whatever it raises, this is the part
                path.append(step)
                value = part
                break
        else:
            return what + words(path)


def holding(value: Any, name: str) -> str:
    """Where in an object a class or function of that name is: `.steps[0][1].func`; "" where it is not found.

    One that a function made has two names: `cell.fit.<locals>.<lambda>`, and what skops calls it, `cell.<lambda>`.
    """
    for path, part in _walk(value, [], set()):
        kind = part if isinstance(part, type) or hasattr(part, "__qualname__") else type(part)
        own = [getattr(kind, "__qualname__", ""), getattr(kind, "__name__", "")]
        if name in ["{}.{}".format(getattr(kind, "__module__", ""), each) for each in own]:
            return words(path)
    return ""


def _walk(value: Any, path: Path, seen: Any) -> Iterator[Tuple[Path, Any]]:
    """An object and all that it holds, each with its path."""
    yield path, value
    if isinstance(value, _PLAIN) or id(value) in seen:
        return
    seen.add(id(value))
    for step, part in _steps(value):
        for inner in _walk(part, [*path, step], seen):
            yield inner


def _foreign(value: Any, path: Path, seen: Any) -> Iterator[Path]:
    """The paths of what has to be taken out, outermost first."""
    if path and _must_go(value):
        yield path
        return
    if isinstance(value, _PLAIN) or id(value) in seen or _is_table(value):
        return
    seen.add(id(value))
    for step, part in _steps(value):
        for inner in _foreign(part, [*path, step], seen):
            yield inner


def _must_go(value: Any) -> bool:
    if _is_table(value) or isinstance(value, _CODED):
        return True
    if isinstance(value, dict):
        return any(type(key) not in (str, int, float, bool, type(None)) and not _is_numpy(key) for key in value)
    if isinstance(value, set):
        return any(isinstance(part, tuple) or _must_go(part) for part in value)
    if _is_numpy(value) and getattr(value, "ndim", None) and value.dtype.kind == "O":
        return any(_must_go(part) for part in value.ravel())
    return False


def _is_table(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "pandas"


def _is_numpy(value: Any) -> bool:
    return type(value).__module__ == "numpy"


def _steps(value: Any) -> List[Tuple[Tuple[str, Any], Any]]:
    """What an object holds, each with the step that leads there."""
    if isinstance(value, _PLAIN) or _is_numpy(value) or _is_table(value):
        return []
    if isinstance(value, dict):
        return [(("key", key), part) for key, part in value.items() if isinstance(key, (str, int))]
    if isinstance(value, (list, tuple)):
        return [(("item", place), part) for place, part in enumerate(value)]
    return [(("attribute", name), part) for name, part in getattr(value, "__dict__", {}).items()]


def _kind(value: Any) -> str:
    return "a " + type(value).__name__


def _follow(value: Any, path: Sequence[Tuple[str, Any]]) -> Any:
    for step in path:
        value = _step(value, step)
    return value


def _step(value: Any, step: Tuple[str, Any]) -> Any:
    return vars(value)[step[1]] if step[0] == "attribute" else value[step[1]]


def _with(whole: Any, path: Sequence[Tuple[str, Any]], value: Any) -> Any:
    """The whole with another value at a path; a tuple on the way is made anew, everything else is changed in place."""
    if not path:
        return value
    holder = _follow(whole, path[:-1])
    kind, name = path[-1]
    if kind == "attribute":
        vars(holder)[name] = value
    elif isinstance(holder, tuple):
        parts = [*holder[:name], value, *holder[name + 1 :]]
        return _with(whole, path[:-1], type(holder)._make(parts) if hasattr(holder, "_make") else tuple(parts))
    else:
        holder[name] = value
    return whole
