"""What the author asserts of every request: checks that run on a request's rows after they were answered."""

import importlib
from typing import Any, Callable, Dict, Mapping, Sequence

from . import scalars


class RequestCheck:
    """A check cell of the notebook: `function` takes what `reads` names, and raises where it does not hold."""

    def __init__(self, name: str, function: Callable[..., Any], *, reads: Sequence[str], where: str) -> None:
        self.name = name
        self.function = function
        self.reads = tuple(reads)
        self.where = where


class Unheld(Exception):
    """A check does not hold for some rows, or could not be run on them: never taken for one that holds."""

    def __init__(self, check: RequestCheck, error: BaseException) -> None:
        said = str(error).strip().split("\n")[0] if isinstance(error, AssertionError) else ""
        broke = "" if isinstance(error, AssertionError) else "could not be checked: {}".format(type(error).__name__)
        what = scalars.short(said or broke or "it does not hold", 160)
        super().__init__("{} ({}): {}".format(check.name, check.where, what))


class RequestChecks:
    """All of them, with the names of what `model.answer` returns."""

    def __init__(self, checks: Sequence[RequestCheck] = (), results: Sequence[str] = ()) -> None:
        self.checks = tuple(checks)
        self.results = tuple(results)

    def hold(self, given: Mapping[str, Any], value: Any) -> None:
        """Run every check on some rows: the raw tables and models that `model.answer` was given for them, and what it gave.

        Raises:
            Unheld: one of them does not hold.
        """
        if not self.checks:
            return
        named: Dict[str, Any] = {**given, **dict(zip(self.results, value if len(self.results) > 1 else (value,)))}
        for check in self.checks:
            try:
                check.function(*(named[name] for name in check.reads))
            except Exception as error:
                raise Unheld(check, error) from error


def load_checks(package: str) -> RequestChecks:
    """The checks of an importable project; none where it has no `checks.py`.

    Raises:
        RuntimeError: Python runs without `assert` (-O): no check would ever fail.
    """
    try:
        module = importlib.import_module(package + ".checks")
    except ModuleNotFoundError as error:
        if error.name != package + ".checks":
            raise
        return RequestChecks()
    if not __debug__:
        raise RuntimeError("the service checks its requests with assert: don't run it with -O or PYTHONOPTIMIZE")
    return RequestChecks(module.CHECKS, module.RESULTS)
