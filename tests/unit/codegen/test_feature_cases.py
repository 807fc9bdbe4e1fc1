"""Ways to write features and models: each case is a notebook and the module that comes of it, or the refusal; see `compile_cases`.

`pytest tests/unit/codegen/test_feature_cases.py -k NAME --update-golden` writes the expected text; nothing else ever does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sklearn

from case_tables import write_tables
from case_values import proof_problems, training_problems, unseen_problems
from compile_cases import FEATURES, FINDINGS, compile_case, findings_differ, read_case, write_case

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(autouse=True)
def no_options_left() -> Iterator[None]:
    """A notebook that sets scikit-learn's options sets them for this process."""
    with sklearn.config_context():
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(folder)
    return folder


@pytest.mark.parametrize("path", sorted([*CASES.glob("features/*.txt"), *CASES.glob("models/*.txt")]), ids=lambda path: path.stem)
def test_case(path: Path, data: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    case = read_case(path)
    made = compile_case(case, tmp_path, data=data)
    if made.project is not None:
        # Two trainings that draw without a seed differ, of which the author is warned.
        seeded = all(finding.code != "NB225" for finding in made.findings)
        assert [*proof_problems(made), *(training_problems(made) if seeded else []), *unseen_problems(made)] == []
    if request.config.getoption("--update-golden"):
        write_case(case, made)
        case = read_case(path)
    if made.project is None:
        assert findings_differ(case, made, FEATURES) == ""
        return
    assert findings_differ(case, made, FINDINGS) == ""
    for name, text in case.expected.items():
        if name != FINDINGS:
            assert made.module(name) == text
    assert FEATURES in case.expected
