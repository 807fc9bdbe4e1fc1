"""Statements: spans in characters, verbatim source, one per top-level statement."""

import pytest

from nb2svc.analysis.dataflow import build_dataflow, link, parse_statements
from nb2svc.analysis.positions import Lines, text_at
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.span import Span
from unit.analysis.made_notebook import make_notebook


def test_two_on_one_line_are_two() -> None:
    first, second = parse_statements("a = 1; b = [2,\n     3]  # two", cell=4)

    assert (first.source, first.span) == ("a = 1", Span(4, 1, 0, 1, 5))
    assert (second.source, second.span) == ("b = [2,\n     3]", Span(4, 1, 7, 2, 7))
    assert [first.number, second.number] == [0, 1]


def test_a_decorated_function_begins_at_its_decorator() -> None:
    [statement] = parse_statements("# above\n@cache\n@other(1)\ndef f():\n    return 1  # one\n# below")

    assert statement.span == Span(1, 2, 0, 5, 12)
    assert statement.source.startswith("@cache")
    assert statement.source.endswith("return 1")


def test_columns_are_characters() -> None:
    first, second = parse_statements('name = "Zoë 😀"; größe = name')

    assert first.source == 'name = "Zoë 😀"'
    assert second.span == Span(1, 1, 16, 1, 28)
    assert second.defines == ("größe",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_python_ends_them(end: str) -> None:
    statements = parse_statements(f"a = 1{end}text = '''x{end}y'''{end}b = 2")

    assert [statement.span.line for statement in statements] == [1, 2, 4]
    assert statements[1].source == f"text = '''x{end}y'''"


def test_a_form_feed_ends_no_line() -> None:
    statements = parse_statements("a = 1\n\x0cb = 2\nc = '\x0b\x1c'\nd = 4")

    assert [(statement.span.line, statement.source[0]) for statement in statements] == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_a_cell_that_does_not_parse_contributes_nothing() -> None:
    dataflow = build_dataflow(make_notebook("a = 1", "def (", "b = a"))

    assert [statement.source for statement in dataflow.statements] == ["a = 1", "b = a"]
    assert [(edge.source, edge.target, edge.name) for edge in dataflow.edges] == [(0, 1, "a")]


def test_numbers_run_through_all_cells() -> None:
    dataflow = build_dataflow(make_notebook("a = 1\nb = 2", "", "c = 3"))

    assert [(statement.number, statement.span.cell) for statement in dataflow.statements] == [(0, 1), (1, 1), (2, 3)]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import a", "import"),
        ("def f(): pass", "function"),
        ("async def f(): pass", "function"),
        ("class A: pass", "class"),
        ("a += 1", "assign"),
        ("a: int = 1", "assign"),
        ("a.b()", "expression"),
        ("with a: pass", "compound"),
        ("match a:\n    case 1: pass", "compound"),
        ("del a", "delete"),
        ("assert a", "other"),
    ],
)
def test_kinds(source: str, kind: str) -> None:
    assert parse_statements(source)[0].kind == kind


def test_an_escape_that_python_warns_of_is_no_warning_of_ours(recwarn: pytest.WarningsRecorder) -> None:
    parse_statements("a = '\\d'")

    assert not recwarn.list


def test_what_is_read_is_what_comes_from_before() -> None:
    [loop] = parse_statements("for i in rows:\n    n = i + k\n    print(n)\n    m += n")
    assert loop.reads == ("rows", "k", "m")
    assert loop.defines == ("i", "n", "m")

    [call] = parse_statements("df.apply(lambda r: r * factor, axis=1)")
    assert call.reads == ("df", "factor")


def test_a_builtin_is_read_only_where_it_is_shadowed() -> None:
    statements = parse_statements("a = len([1])\nlen = 3\nb = len")

    assert [statement.reads for statement in statements] == [(), (), ("len",)]


def test_statements_made_by_hand_are_linked_by_their_names() -> None:
    def made(number: int, *, defines: tuple[str, ...] = (), reads: tuple[str, ...] = ()) -> Statement:
        return Statement(
            number=number, span=Span(1, number + 1, 0, number + 1, 1), source="", kind="assign", defines=defines, reads=reads
        )

    dataflow = link([made(0, defines=("a",)), made(1, defines=("b",), reads=("a",)), made(2, reads=("b",))])
    assert [(edge.source, edge.target, edge.name, edge.kind) for edge in dataflow.edges] == [
        (0, 1, "a", "binding"),
        (1, 2, "b", "binding"),
    ]


def test_text_at_a_span() -> None:
    [_, second] = parse_statements('é = "ü"; model.fit(X[["a"]],\n  y=log(y))')
    at = second.span

    assert text_at(second, Span(1, 1, at.column + 10, 1, at.column + 18)) == 'X[["a"]]'
    assert text_at(second, Span(1, 2, 4, 2, 10)) == "log(y)"


def test_offsets_count_characters_of_wide_text() -> None:
    lines = Lines("a = 'ü'\nb = '😀' + c")

    assert lines.offset(2, len("b = '😀' + ".encode())) == len("a = 'ü'\nb = '😀' + ")
    assert lines.column(2, len("b = '😀'".encode())) == 7
