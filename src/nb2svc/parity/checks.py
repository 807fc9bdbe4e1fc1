"""The author's check cells as generated tests: run by pytest on the served model, read from its JUnit file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

from nb2svc.ir.verdict import Difference, Mode
from nb2svc.parity.results import failed, unevaluated
from nb2svc.system.clock import readable
from nb2svc.system.processes import run

LIMIT = 1800.0
FILE = "tests/test_checks.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One generated check: `name` is its test's, `message` the first line of why it was skipped or failed."""

    name: str
    state: Literal["pass", "fail", "skipped"]
    message: str = ""


def run_checks(project_dir: Path, capture_folder: str, *, interpreter: str, scratch: Path) -> Mode:
    """Run the project's `tests/test_checks.py`; not evaluated where there is none or the interpreter has no pytest."""
    told = ask_checks(project_dir, capture_folder, interpreter=interpreter, scratch=scratch)
    return told if isinstance(told, Mode) else read_junit(told.read_text(encoding="utf-8"))


def ask_checks(
    project_dir: Path, capture_folder: str, *, interpreter: str, scratch: Path, limit: float | None = LIMIT
) -> Path | Mode:
    """The JUnit file that the generated checks wrote, or why there is none."""
    if not (project_dir / FILE).exists():
        return unevaluated("checks", "the notebook has no check cell")
    junit, log = scratch / "checks.xml", scratch / "checks.log"
    junit.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    command = [interpreter, "-B", "-m", "pytest", FILE, "-q", "-p", "no:cacheprovider", f"--junitxml={junit}"]
    env = {**os.environ, "NB2SVC_CAPTURE": capture_folder, "PYTHONDONTWRITEBYTECODE": "1"}
    done = run(command, log=log, timeout=limit, cwd=project_dir, env=env)
    if done.timed_out:
        return failed("checks", f"the checks took longer than {readable(limit or 0.0)}")
    if not junit.exists():
        no_pytest = "No module named pytest" in done.tail()
        return unevaluated("checks", f"{interpreter} has no pytest") if no_pytest else failed("checks", done.tail(3))
    return junit


def read_cases(text: str) -> Iterator[Case]:
    """What a JUnit file says of each check."""
    for case in ET.fromstring(text).iter("testcase"):  # noqa: S314 - written by our own pytest run
        skipped = case.find("skipped")
        if skipped is not None:
            yield Case(name=case.get("name", ""), state="skipped", message=skipped.get("message", ""))
        elif case.find("failure") is not None or case.find("error") is not None:
            yield Case(name=case.get("name", ""), state="fail", message=_message(case))
        else:
            yield Case(name=case.get("name", ""), state="pass")


def read_junit(text: str) -> Mode:
    """Count a JUnit file: a failed or broken check fails, a skipped one was not compared.

    2 tests, 1 failed, 0 skipped  →  Mode(checks, fail, compared=2, total=2, different=1)
    """
    cases = list(read_cases(text))
    skipped = [case for case in cases if case.state == "skipped"]
    bad = [case for case in cases if case.state == "fail"]
    compared = len(cases) - len(skipped)
    if not compared:
        note = skipped[0].message if skipped else "no check was collected"
        return Mode(name="checks", status="not_evaluated", compared=0, total=len(cases), different=0, note=note)
    return Mode(
        name="checks",
        status="fail" if bad else "pass",
        compared=compared,
        total=len(cases),
        different=len(bad),
        differences=tuple(Difference(row=-1, column=case.name, expected="the check holds", actual=case.message) for case in bad),
    )


def _message(case: ET.Element) -> str:
    found = case.find("failure")
    found = found if found is not None else case.find("error")
    return (found.get("message", "") if found is not None else "").split("\n")[0][:200]
