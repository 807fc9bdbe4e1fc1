"""Which of two bounds, filters or column types lets more values through."""

from nb2svc.ir.snapshot import GuardRule, Scalar

_WHOLE = {
    "int8": (-(2**7), 2**7 - 1), "int16": (-(2**15), 2**15 - 1), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1), "uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1), "uint64": (0, 2**64 - 1),
}  # fmt: skip
_LARGEST = {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}
# What nanoseconds can hold; coarser units hold every year that ISO 8601 writes.
_NANOSECONDS = ("1678-01-01", "2261-12-31")


def range_changes(old: tuple[Scalar, Scalar], new: tuple[Scalar, Scalar]) -> tuple[list[str], list[str]]:
    """What is now outside, and what is now inside: ((18, 80), (21, 80)) → (["below 21"], [])."""
    tighter, looser = [], []
    for word, before, after in (("below", old[0], new[0]), ("above", old[1], new[1])):
        if before == after:
            continue
        if after is None or (before is not None and _beyond(word, after, before)):
            looser.append(f"{word} {before}")
        else:
            tighter.append(f"{word} {after}")
    return tighter, looser


def _beyond(word: str, bound: Scalar, other: Scalar) -> bool:
    """Whether a bound lies further out than another."""
    return _less(bound, other) if word == "below" else _less(other, bound)


def _less(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return isinstance(one, int | float) and isinstance(other, int | float) and one < other


def tighter_guard(old: GuardRule, new: GuardRule) -> bool:
    """Whether the new filter stops a row that the old one lets through; both are of one column and operator."""
    return _stops(new, old)


def looser_guard(old: GuardRule, new: GuardRule) -> bool:
    """Whether the old filter stops a row that the new one lets through."""
    return _stops(old, new)


def _stops(guard: GuardRule, other: GuardRule) -> bool:
    """Whether a filter stops a row that the other lets through."""
    mine, theirs = guard.value, other.value
    if mine == theirs:
        return False
    if guard.operator in ("in", "not in"):
        one, two = (set(each) if isinstance(each, tuple) else {each} for each in (mine, theirs))
        return bool(two - one) if guard.operator == "in" else bool(one - two)
    if isinstance(mine, tuple) or isinstance(theirs, tuple):
        return True
    if guard.operator in (">", ">="):
        return _less(theirs, mine)
    if guard.operator in ("<", "<="):
        return _less(mine, theirs)
    return True


def narrower_dtype(old: str, new: str, *, low: Scalar = None, high: Scalar = None) -> bool | None:
    """Whether a column of type `new` can't hold all that one of type `old` could; with `low` and `high`, all between these.

    None where the bounds of a type are not known.
    """
    before, after = _bounds(old), _bounds(new)
    if before is None or after is None or isinstance(before[0], str) != isinstance(after[0], str):
        return None
    wanted = (before[0] if low is None else low, before[1] if high is None else high)
    return _less(wanted[0], after[0]) or _less(after[1], wanted[1])


def _bounds(dtype: str) -> tuple[Scalar, Scalar] | None:
    lower = dtype.lower()
    if lower in _WHOLE:
        return _WHOLE[lower]
    if lower in _LARGEST:
        return -_LARGEST[lower], _LARGEST[lower]
    if lower.startswith("datetime64["):
        return _NANOSECONDS if "[ns" in lower else ("0001-01-01", "9999-12-31T23:59:59.999999")
    return None
