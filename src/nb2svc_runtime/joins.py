"""Whether the joins of a request leave each of its rows once.

An inner merge may lose one row and repeat another one; the answer is then as long as the request, and says nothing of it:

    loans         regions             loans.merge(regions, on="region")
    0  north      north  4.2          0  north  4.2
    1  moon       south  5.9     →    1  south  5.9        row 1 would be answered as row 2
    2  south      south  6.1          2  south  6.1

pandas' `merge`, through which every join goes, is watched while a thread computes several rows; each join is made a second
time with the rows of both sides numbered. The author's own result is left alone.
"""

import contextlib
import functools
import threading
from typing import Any, Callable, Dict, Iterator, List

_LEFT, _RIGHT = "_nb2svc_left", "_nb2svc_right"
# Where the watched `merge` keeps who watches it: several projects in one process share it.
_WATCH = "_nb2svc_watch"
_installing = threading.Lock()


class Joins:
    """What was seen of the joins of `count` request rows: `unsure` where some may stand in another one's place, `lost` where
    one left no row at all.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.unsure = False
        self.lost = False


def install() -> Any:
    """Let pandas' `merge` be watched, and give what holds each thread's `Joins`.

    To be called before the notebook's functions are imported, which may import it by name.
    """
    try:
        import pandas as pd
        from pandas.core.reshape import merge as module
    except ImportError:
        return threading.local()
    with _installing:
        if not hasattr(module.merge, _WATCH):
            module.merge = pd.merge = _watched(module.merge)
        return getattr(module.merge, _WATCH)


@contextlib.contextmanager
def watching(joins: Joins) -> Iterator[None]:
    """Note what this thread joins inside."""
    watch = install()
    before = getattr(watch, "joins", None)
    watch.joins = joins
    try:
        yield
    finally:
        watch.joins = before


def _watched(merge: Callable[..., Any]) -> Callable[..., Any]:
    watch = threading.local()

    @functools.wraps(merge)
    def watched(*given: Any, **named: Any) -> Any:
        joins = getattr(watch, "joins", None)
        result = merge(*given, **named)
        if joins is not None:
            joins.lost = joins.lost or len(result) == 0
        if joins is not None and joins.count > 1 and not joins.unsure:  # one row alone has no place to lose
            joins.unsure = not _keeps_rows(merge, list(given), dict(named), count=joins.count)
        return result

    setattr(watched, _WATCH, watch)
    return watched


def _keeps_rows(merge: Callable[..., Any], given: List[Any], named: Dict[str, Any], *, count: int) -> bool:
    """Whether one side's rows are all there, each once; which side is the request's is not known.

    Where only one side's are, it may be the table that `count` rows of a request are looked up in: where both sides are as
    long, or where it stands on the right and the answer would be as long as the request.
    """
    left = given[0] if given else named.pop("left")
    right = given[1] if len(given) > 1 else named.pop("right")
    try:
        found = merge(_numbered(left, _LEFT), _numbered(right, _RIGHT), *given[2:], **named)
        sides = [_each_once(found[name], len(side)) for name, side in ((_LEFT, left), (_RIGHT, right))]
    except Exception:  # noqa: BLE001 - what can't be numbered can't be told
        return False
    one = len(left) != len(right) and (sides[0] or (sides[1] and len(right) != count))
    return all(sides) or one


def _numbered(side: Any, name: str) -> Any:
    frame = side if hasattr(side, "columns") else side.to_frame()
    return frame.assign(**{name: range(len(frame))})


def _each_once(numbers: Any, count: int) -> bool:
    return len(numbers) == count and bool(numbers.notna().all()) and bool(numbers.is_unique)
