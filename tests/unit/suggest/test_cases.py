"""Each file of `tests/cases/suggest` is a notebook as a percent script, `# ---`, and what is proposed for it."""

from pathlib import Path

import pytest

from unit.suggest.told import proposal_of, told

CASES = sorted((Path(__file__).parents[2] / "cases" / "suggest").glob("*.txt"))


def read(path: Path) -> tuple[str, str]:
    notebook, _, expected = path.read_text(encoding="utf-8").partition("\n# ---\n")
    return notebook, expected.strip()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    notebook, expected = read(path)
    assert told(notebook) == expected


def test_there_are_cases() -> None:
    assert len(CASES) > 15


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_never_more_than_three_cells_and_one_role_each(path: Path) -> None:
    proposal = proposal_of(read(path)[0])
    cells = [one.cell for one in proposal.cells]
    assert len(cells) + len(proposal.tagged) <= 3
    assert len({*cells, *proposal.tagged}) == len(cells) + len(proposal.tagged)
    assert len({one.role for one in proposal.cells}) == len(cells)
    assert all(0 < one.confidence < 1 for one in (*proposal.cells, *proposal.instead))


def test_a_second_choice_is_less_sure_than_the_first() -> None:
    for path in CASES:
        proposal = proposal_of(read(path)[0])
        model = [one for one in proposal.cells if one.role == "model"]
        assert all(other.confidence < model[0].confidence for other in proposal.instead), path.stem
