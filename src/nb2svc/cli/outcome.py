"""The outcome of a project's tests, read from pytest's own report."""

import importlib.util
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET  # the file is pytest's, written a moment ago in a private folder

from nb2svc.errors import EnvironmentProblem, VerdictError

Status = Literal["pass", "fail", "not_evaluated"]
_INTERRUPTED = 2
_NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test: its name as pytest shows it, its status, and why it failed or was skipped."""

    name: str
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All tests of a project."""

    project: str
    cases: tuple[Case, ...]

    @property
    def status(self) -> Status:
        """`fail` where one failed, `not_evaluated` where one could not look or there are none."""
        statuses = {case.status for case in self.cases}
        if "fail" in statuses:
            return "fail"
        return "pass" if statuses == {"pass"} else "not_evaluated"

    @property
    def exit_code(self) -> int:
        """1 where a test failed, or none ran."""
        return VerdictError.exit_code if self.status == "fail" or not any(case.status == "pass" for case in self.cases) else 0

    def document(self) -> dict[str, Any]:
        """The fields of the JSON report."""
        tests = [{"name": case.name, "status": case.status, "reason": case.reason} for case in self.cases]
        return {"project": self.project, "status": self.status, "tests": tests}


def run_tests(folder: Path, *, timeout: float) -> Outcome:
    """Run a project's tests by pytest in a process of its own.

    Raises:
        EnvironmentProblem: pytest is missing, can't start, or does not come to an end.
    """
    from nb2svc.system.processes import run

    if importlib.util.find_spec("pytest") is None:
        raise EnvironmentProblem(
            "pytest is not installed",
            where=sys.executable,
            why="a project's tests run by it",
            fix=f"{sys.executable} -m pip install pytest",
        )
    with tempfile.TemporaryDirectory(prefix="nb2svc-test-") as scratch:
        report, log = Path(scratch) / "report.xml", Path(scratch) / "log.txt"
        words = ["-m", "pytest", "tests", "-q", "--color=no", "-p", "no:cacheprovider", f"--junitxml={report}"]
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        finished = run([sys.executable, *words], log=log, timeout=timeout, cwd=folder, env=env)
        if finished.timed_out:
            raise EnvironmentProblem(
                "the tests did not come to an end", where=str(folder), fix="allow more with --timeout", details=finished.tail()
            )
        if finished.code not in (0, 1, _NOTHING_COLLECTED, _INTERRUPTED) or not report.exists():
            raise EnvironmentProblem("the tests could not run", where=str(folder), fix="see the output", details=finished.tail())
        return Outcome(project=str(folder), cases=read_report(report.read_text(encoding="utf-8")))


def read_report(text: str) -> tuple[Case, ...]:
    """The tests in a JUnit report.

    `<testcase classname="tests.test_parity" name="test_alone"><skipped message="no capture"/></testcase>`
    → Case(name="test_parity::test_alone", status="not_evaluated", reason="no capture")
    """
    return tuple(_case(element) for element in ET.fromstring(text).iter("testcase"))  # noqa: S314 - see the import


def render_outcome(outcome: Outcome) -> str:
    """The outcome as text: counts, then what failed and what was not evaluated, each with its reason."""
    counts = [(status, sum(case.status == status for case in outcome.cases)) for status in ("pass", "fail", "not_evaluated")]
    lines = [f"{outcome.status}: " + (", ".join(f"{count} {status}" for status, count in counts if count) or "no tests")]
    for case in outcome.cases:
        if case.status != "pass":
            lines.append(f"  {case.status:<13} {case.name}")
            lines += [f"                {line}" for line in case.reason.splitlines()]
    return "\n".join(lines)


def _case(element: ET.Element) -> Case:
    name = "::".join(filter(None, (element.get("classname", "").removeprefix("tests."), element.get("name", ""))))
    for tag, status in _STATUS_OF:
        found = element.find(tag)
        if found is not None:
            return Case(name=name, status=status, reason=(found.get("message") or "").strip())
    return Case(name=name, status="pass")


_STATUS_OF: tuple[tuple[str, Status], ...] = (("failure", "fail"), ("error", "fail"), ("skipped", "not_evaluated"))
