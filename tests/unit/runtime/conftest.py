"""One hand-written project for all tests of the runtime."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from loans_project import build_loans, import_loans


@pytest.fixture(scope="session")
def loans(tmp_path_factory):
    return build_loans(tmp_path_factory.mktemp("loans"), applicants=300)


@pytest.fixture(scope="session")
def predictor(loans):
    return import_loans(loans)
