"""The same sixty kinds of fault in what the compiler itself made of the hero, from a real run."""

from pathlib import Path

import pytest

from faults.sixty import sixty
from unit.parity.loans import Loans

pytestmark = pytest.mark.kernel


def test_sixty_faults_of_the_compiled_hero_fail_the_proof_where_they_are(hero: Loans, tmp_path: Path, one_thread: None) -> None:
    sixty(hero, tmp_path)
