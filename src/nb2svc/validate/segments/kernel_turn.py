"""One turn of the steps, on a part of the held-out rows: sent to the kernel beside `kernel_side.py`.

It imports the standard library only (and IPython, which a kernel has), and runs on Python 3.9.
"""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

_MIME = "application/vnd.nb2svc.metric+json"


class Turn:
    """All steps once, of the rows of a mask; `made` are values by name and step, `broken` says why a step has none."""

    def __init__(self, again: Any, mask: Any) -> None:
        self.again = again
        self.mask = mask
        self.made: dict[tuple[str, int], Any] = {}
        self.parts: dict[str, Any] = {}
        self.broken: dict[int, str] = {}
        self.checks: dict[str, dict[str, Any]] = {}
        self.metrics: dict[str, dict[str, Any]] = {}

    def told_by_steps(self) -> dict[str, Any]:
        """Run the steps; what checks and metrics said, and what kept others from it."""
        assertions = self.again.recorder.assertions
        watching = ""
        for step in self.again.plan["steps"]:
            check = step["check"]
            if check and check != watching:
                assertions.begin()
                self.checks[check] = {}
            watching = check
            reason = next((self.broken[source] for _, source in step["reads"] if source in self.broken), "") or self._put(step)
            if not reason:
                self._run(step)
                continue
            self.broken[step["number"]] = reason
            if check and not self.checks[check]:
                self.checks[check] = {"unreached": reason}
        assertions.active = False
        problems = {str(number): reason for number, reason in self.broken.items()}
        problems.update(self._named())
        return {"checks": self.checks, "metrics": self.metrics, "problems": problems}

    def _put(self, step: dict[str, Any]) -> str:
        """Give a step the values that it reads; why that can't be, or ""."""
        for name, source in step["reads"]:
            if source >= 0:
                if (name, source) not in self.made:
                    return f"`{name}` was not made"
                self.again.space[name] = self.made[name, source]
            elif name in self.again.plan["held"]:
                reason = self._cut(name)
                if reason:
                    return reason
                self.again.space[name] = self.parts[name]
            elif name in self.again.run:
                reason = str(self.again.unclear(name))
                if reason:
                    return reason
                self.again.space[name] = self.again.run[name]
        return ""

    def _cut(self, name: str) -> str:
        """Have the part of a value that has the held-out rows; why there is none, or ""."""
        if name in self.parts:
            return ""
        if name not in self.again.held:
            return f"`{name}` has not as many rows as are held out when the run has ended"
        reason = str(self.again.misaligned(name))
        if reason:
            return reason
        try:
            self.parts[name] = self.again.of.cut(self.again.run[name], self.mask)
        except Exception as error:
            return f"`{name}` can't be cut down to a part of its rows: {self.again.of.said(error)}"
        return ""

    def _run(self, step: dict[str, Any]) -> None:
        """Run a step. A failed check ends with its first failure, but what metrics need of its cell is computed all the same."""
        assertions, check = self.again.recorder.assertions, step["check"]
        shown: list[Any] = []
        odd: list[str] = []
        try:
            tree = ast.parse(step["source"])
            if check and self.checks[check] and isinstance(tree.body[0], ast.Assert):
                return
            ast.increment_lineno(tree, step["line"] - 1)
            if check:
                tree.body = [assertions.visit(node) for node in tree.body]
            code = compile(tree, "<segment>", "exec")
            with quiet(shown), without_meaning(odd):
                exec(code, self.again.space)
        except Exception as error:
            seen = assertions.told(error)
            line = seen["line"] or step["line"]
            what = odd[0] if self._is_odd(step, odd) else self.again.of.said(error)
            self.broken[step["number"]] = f"{what} (cell {step['cell']}, line {line})"
            if check and not self.checks[check]:
                reason = self.broken[step["number"]]
                self.checks[check] = {"unreached": reason} if self._is_odd(step, odd) else dict(seen, line=line)
            return
        finally:
            for bundle in shown:
                told = {"value": bundle.get("value"), "special": bundle.get("special", "")}
                self.metrics[str(bundle.get("name"))] = told
        if self._is_odd(step, odd):
            self.broken[step["number"]] = f"{odd[0]} (cell {step['cell']}, line {step['line']})"
            if check and not self.checks[check] and isinstance(tree.body[0], ast.Assert):
                self.checks[check] = {"unreached": self.broken[step["number"]]}
            return
        for name in step["makes"]:
            if name in self.again.space:
                self.made[name, step["number"]] = self.again.space[name]

    def _is_odd(self, step: dict[str, Any], odd: list[str]) -> bool:
        """Whether a metric has no meaning on these rows and has one on all: what was set in its place says nothing."""
        if odd and self.mask is None:
            self.again.usual.add(step["number"])
        return bool(odd) and step["number"] not in self.again.usual

    def _named(self) -> dict[str, str]:
        """Read the variables that tags ask for; why one has no value."""
        problems = {}
        for one in self.again.plan["named"]:
            name, step = one["name"], one["step"]
            if (name, step) not in self.made:
                problems[name] = self.broken.get(step, f"`{name}` was not made")
                continue
            self.again.space[name] = self.made[name, step]
            self.metrics.setdefault(name, json.loads(self.again.recorder.measure([name]))[name])
        return problems


@contextlib.contextmanager
def without_meaning(odd: list[str]) -> Iterator[None]:
    """Gather what scikit-learn says of a metric that these rows do not define: it is set to 0 or to not a number."""
    category = getattr(sys.modules.get("sklearn.exceptions"), "UndefinedMetricWarning", None)
    with warnings.catch_warnings(record=True) as caught:
        if category is not None:
            warnings.filterwarnings("always", category=category)
        try:
            yield
        finally:
            if category is not None:
                odd += [str(one.message).split(". ")[0] for one in caught if issubclass(one.category, category)]


@contextlib.contextmanager
def quiet(shown: list[Any]) -> Iterator[None]:
    """Show and print nothing; metrics that are told go to `shown`."""
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        try:
            yield
        finally:
            shown += [one.data[_MIME] for one in captured.outputs if _MIME in (one.data or {})]
