"""What stands for a name is written for the name only: a text, an attribute and a keyword of the same letters stay."""

import pytest

from nb2svc.plan.renaming import renamed_text, substituted_text

ALIASES = {"X": "table", "y": "table[mask] + 1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X.fillna(X.mean())", "table.fillna(table.mean())"),
        ('X["X"]', 'table["X"]'),
        ('X["my X here"]', 'table["my X here"]'),
        ("df['a X']", "df['a X']"),
        ("df.X", "df.X"),
        ("df . X", "df . X"),
        ("f(X=X)", "f(X=table)"),
        ("f(X = X)", "f(X = table)"),
        ("X == X", "table == table"),
        ("X1 + _X", "X1 + _X"),
        ("['X', X]", "['X', table]"),
        ('["a", X, "b"]', '["a", table, "b"]'),
        ("y * 2", "(table[mask] + 1) * 2"),
        ("lambda X: X.mean()", "lambda X: X.mean()"),
        ("[X for X in columns]", "[X for X in columns]"),
        (".transform(X)", ".transform(table)"),
        ("scaler.transform(X", "scaler.transform(table"),
        ("(\n    X  # X\n)", "(\n    table  # X\n)"),
        ("ä = X", "ä = table"),
    ],
)
def test_a_piece_of_source_is_renamed(text: str, expected: str) -> None:
    assert renamed_text(text, ALIASES) == expected


def test_names_are_replaced_once_and_not_in_what_replaces_them() -> None:
    assert renamed_text("a + b", {"a": "b", "b": "a"}) == "b + a"
    assert substituted_text('X["X"] + X.X', ALIASES) == 'table["X"] + table.X'
