"""Sixty faults of a compiler, planted into a project one by one: what the proof says of each."""

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.conftest import answers_of
from faults.mutator import KINDS, Fault, Tree, draw, plant, tree_of
from nb2svc.ir.verdict import Divergence
from nb2svc.parity.bisect import locate
from nb2svc.parity.harness.compare import compare, length
from nb2svc.parity.harness.replay import run
from nb2svc.parity.request import make_request
from unit.parity.loans import Loans

COUNT = 60
LOCATED = 55
MODES = ("predictions", "inputs", "alone", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One fault and what the proof said of it."""

    fault: Fault
    failed: tuple[str, ...]
    divergence: Divergence | None

    @property
    def located(self) -> bool:
        """Whether cell, line (the statement's) and column are right."""
        found = self.divergence
        return found is not None and found.statement in self.fault.statements and found.column in self.fault.columns

    def __str__(self) -> str:
        said = f"{self.divergence.span}, {self.divergence.column}" if self.divergence else "nowhere"
        return f"{self.fault.kind}: {self.fault.file}: {self.fault.what} — {', '.join(self.failed) or 'passed'}; {said}"


def tree(loans: Loans) -> Tree:
    tables = {table.name: tuple(column.name for column in table.columns) for table in loans.observation.tables}
    return tree_of(loans.project, loans.package, tables)


def request_of(loans: Loans, project: Path) -> dict[str, Any]:
    request = make_request(loans.capture, loans.observation, project=project, package=loans.package, modes=MODES, sample=20)
    return {**request, "batch": 100}


def _try(loans: Loans, fault: Fault, folder: Path) -> Trial:
    project = plant(fault, loans.project, folder)
    answer = run(request_of(loans, project))
    failed = tuple(mode["name"] for mode in answer["modes"] if mode["status"] == "fail")
    divergence = locate(answer["parting"], loans.observation, package_dir=project / loans.package, statements=loans.statements)
    return Trial(fault=fault, failed=failed, divergence=divergence)


def _equivalent(loans: Loans, folder: Path, rights: list[Any]) -> bool:
    """Whether the faulty project gives the same inputs (but for a float's last bits) and answers on every raw row, in both ways."""
    wrongs = answers_of(folder, loans.package, request_of(loans, loans.project))
    return all(_same(right, wrong) for right, wrong in zip(rights, wrongs, strict=True))


def _same(right: Any, wrong: Any) -> bool:
    if any((right[0], wrong[0], len(right[2]) != len(wrong[2]))):
        return False
    rows = range(length(right[1]))
    same_answers = pickle.dumps(right[2]) == pickle.dumps(wrong[2])
    return length(wrong[1]) == len(rows) and not compare(right[1], wrong[1], rows).rows and same_answers


def sixty(loans: Loans, folder: Path) -> None:
    """Plant faults until the proof failed sixty; it must fail all that change an answer, and place nearly all of them."""
    trials, equivalent = [], []
    for number, fault in enumerate(draw(tree(loans), count=1000, seed=7)):
        trial = _try(loans, fault, folder / str(number))
        if trial.failed:
            trials.append(trial)
        else:
            equivalent.append((trial, folder / str(number)))
        if len(trials) == COUNT:
            break

    rights = answers_of(loans.project, loans.package, request_of(loans, loans.project))
    missed = [str(trial) for trial, project in equivalent if not _equivalent(loans, project, rights)]
    lost = [str(trial) for trial in trials if not trial.located]
    print(*lost, f"{len(equivalent)} equivalent", sep="\n", file=sys.stderr)

    assert not missed, "faults that the proof let through:\n" + "\n".join(missed)
    assert len(trials) == COUNT
    assert {trial.fault.kind for trial in trials} == set(KINDS)
    assert len(trials) - len(lost) >= LOCATED, "faults found in another place:\n" + "\n".join(lost)
