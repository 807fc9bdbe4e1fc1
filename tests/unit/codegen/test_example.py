"""The example request: made up, of the form that the columns have, and nothing of a captured value in it."""

import pytest

from nb2svc.codegen.example import shape_of


@pytest.mark.parametrize(
    ("seen", "made"),
    [
        ("1100 - 1200", "1111 - 1111"),
        ("1056", "1111"),
        ("2024-05-17", "2011-11-11"),
        ("2024-05-17 08:30:00", "2011-11-11 11:11:11"),
        ("Ann Smith, Ulm", "aaa aaaaa, aaa"),
        ("größe 7", "aaaaa 1"),
        ("", "text"),
    ],
)
def test_a_text_keeps_its_form_and_nothing_else(seen: str, made: str) -> None:
    assert shape_of(seen) == made


def test_a_long_text_is_cut() -> None:
    assert len(shape_of("x" * 5000)) == 80
