"""Sixty faults of a compiler, planted one by one: the proof fails each, and names the statement and column where it begins."""

from pathlib import Path

import pytest

from faults.mutator import draw
from faults.sixty import COUNT, MODES, request_of, sixty, tree
from nb2svc.parity.harness.replay import run
from unit.parity.loans import Loans

pytestmark = pytest.mark.slow


def test_sixty_faults_fail_the_proof_where_they_are(loans: Loans, tmp_path: Path, one_thread: None) -> None:
    sixty(loans, tmp_path)


def test_the_project_without_a_fault_passes_and_names_no_place(loans: Loans, one_thread: None) -> None:
    answer = run(request_of(loans, loans.project))

    assert {mode["name"]: mode["status"] for mode in answer["modes"]} == dict.fromkeys(MODES, "pass")
    assert answer["parting"] is None


def test_one_seed_draws_one_list_of_faults(loans: Loans) -> None:
    project = tree(loans)

    assert draw(project, count=COUNT, seed=7) == draw(project, count=COUNT, seed=7)
    assert [fault.what for fault in draw(project, count=COUNT, seed=7)] != [
        fault.what for fault in draw(project, count=COUNT, seed=8)
    ]
