"""Moving a statement keeps its meaning, its comments and its lines."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2svc.analysis.positions import Lines, node_span
from nb2svc.codegen.splice import Splicer, undone
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.notebook import Cell
from nb2svc.ir.observation import Learn, Rewrite, Selection, Text
from nb2svc.ir.plan import PlannedSelection, PlannedStatement, Substitution
from nb2svc.ir.source import CellText
from nb2svc.ir.span import Span


def cell(code: str) -> Cell:
    return Cell(number=1, id="a", label="", source=code, code=code)


def statement(code: str, index: int = 0) -> Statement:
    node = ast.parse(code).body[index]
    span = node_span(Lines(code), node, cell=1)
    return Statement(number=index, span=span, source=CellText(code).at(span), kind="assign")


def span_of(code: str, part: str) -> Span:
    start = code.index(part)
    text = CellText(code)
    return Span(1, *text.place(start), *text.place(start + len(part)))


def rendered(code: str, planned: PlannedStatement | None = None, *, depth: int = 1, names: dict[str, str] | None = None) -> str:
    piece = Splicer(names=names or {}).render(cell(code), statement(code), planned or PlannedStatement(number=0), depth=depth)
    return piece.text


def test_a_statement_is_indented_with_the_comments_around_it() -> None:
    code = "# money first\n# then people\nx = f(\n    1,  # one\n)  # done\n"
    assert rendered(code) == "    # money first\n    # then people\n    x = f(\n        1,  # one\n    )  # done"


def test_the_inside_of_a_string_is_not_indented() -> None:
    code = 'x = """a\nb\n"""'
    assert rendered(code) == '    x = """a\nb\n"""'


def test_a_directive_above_is_not_a_comment() -> None:
    from nb2svc.ir.notebook import Directive

    code = "# nb2svc: feature ages\nx = 1"
    tagged = Cell(
        number=1,
        id="a",
        label="",
        source=code,
        code=code,
        directive=Directive(role="feature", spelling="comment", span=Span(1, 1, 0, 1, 22)),
    )
    piece = Splicer(names={}).render(tagged, statement(code), PlannedStatement(number=0), depth=0)
    assert piece.lines == ("x = 1",)


def test_a_frozen_expression_is_wrapped_where_it_stands() -> None:
    code = 'df["é"] = df["é"].fillna(df["é"].median())  # filled'
    span = span_of(code, 'df["é"].median()')
    rewrite = Rewrite(statement=0, span=span, rule="state", parts=(Learn(slot="s1", hint="m", how='df["é"].median()'),))
    text = rendered(code, PlannedStatement(number=0, rewrites=(rewrite,)), names={"s1": "e_median"})
    assert text == '    df["é"] = df["é"].fillna(state.e_median(lambda: df["é"].median()))  # filled'


@pytest.mark.parametrize(
    ("code", "selected", "expected"),
    [
        ("x = df[df.a > 1]  # adults", "df[df.a > 1]", "    x = df[df.a > 1] if state.learning else df  # adults"),
        ("x = df.dropna().copy()", "df.dropna()", "    x = (df.dropna() if state.learning else df).copy()"),
    ],
)
def test_a_row_selection_is_for_learning_only(code: str, selected: str, expected: str) -> None:
    selection = Selection(
        statement=0, span=span_of(code, selected), targets=("x",), operands=("df",), in_place=False, rows_in=3, rows_out=2
    )
    assert rendered(code, PlannedStatement(number=0, selections=(PlannedSelection(selection=selection),))) == expected


@pytest.mark.parametrize(
    ("code", "selected", "argument", "expected"),
    [
        ("x = df[df.z > 1]  # why", "df[df.z > 1]", "", '    x = state.guard(lambda: df[df.z > 1], df, "why (cell 1)")  # why'),
        (
            'x = df.query("z > @low")',
            'df.query("z > @low")',
            "",
            '    x = state.guard(lambda low=low: df.query("z > @low"), df, "why (cell 1)")',
        ),
        (
            "df.dropna(thresh=2, inplace=True)",
            "df.dropna(thresh=2, inplace=True)",
            ", inplace=True",
            '    df = state.guard(lambda: df.dropna(thresh=2), df, "why (cell 1)")',
        ),
    ],
)
def test_a_selection_that_guards_is_evaluated_at_serving_too(code: str, selected: str, argument: str, expected: str) -> None:
    selection = Selection(
        statement=0, span=span_of(code, selected), targets=("x",), operands=("df",), in_place=bool(argument), rows_in=3, rows_out=2,
        guards=True, in_place_argument=span_of(code, argument) if argument else None,
    )  # fmt: skip
    planned = PlannedStatement(number=0, selections=(PlannedSelection(selection=selection, words="why (cell 1)"),))
    assert rendered(code, planned) == expected
    piece = Splicer(names={}).render(cell(code), statement(code), planned, depth=1)
    assert undone(piece.text, piece).strip() == code


def test_in_a_loop_a_selection_in_place_is_for_learning_only() -> None:
    code = "for c in cols:\n    df.dropna(inplace=True)\n    df[c] = 1"
    selection = Selection(
        statement=0,
        span=span_of(code, "df.dropna(inplace=True)"),
        targets=("df",),
        operands=(),
        in_place=True,
        rows_in=3,
        rows_out=2,
    )
    text = rendered(code, PlannedStatement(number=0, selections=(PlannedSelection(selection=selection),)))
    assert text.split("\n")[1] == "        df.dropna(inplace=True) if state.learning else None"


def test_an_operand_keeps_its_own_rewrites() -> None:
    code = "a, b = split(f(x), y)"
    learn = Learn(slot="s1", hint="m", how="fit(x)")
    rewrite = Rewrite(statement=0, span=span_of(code, "f(x)"), rule="R3", parts=(learn,))
    selection = Selection(
        statement=0, span=span_of(code, "split(f(x), y)"), targets=("a", "b"), operands=("f(x)", "None"), in_place=False,
        rows_in=3, rows_out=2, edited_operands=((learn,), (Text(text="None"),)),
    )  # fmt: skip
    planned = PlannedStatement(number=0, rewrites=(rewrite,), selections=(PlannedSelection(selection=selection),))
    learned = "state.m(lambda: fit(x))"
    assert (
        rendered(code, planned, names={"s1": "m"}) == f"    a, b = split({learned}, y) if state.learning else ({learned}, None)"
    )


def test_several_targets_get_a_tuple() -> None:
    code = "a, b = split(x, y)"
    selection = Selection(
        statement=0,
        span=span_of(code, "split(x, y)"),
        targets=("a", "b"),
        operands=("x", "None"),
        in_place=False,
        rows_in=3,
        rows_out=2,
    )
    text = rendered(code, PlannedStatement(number=0, selections=(PlannedSelection(selection=selection),)))
    assert text == "    a, b = split(x, y) if state.learning else (x, None)"


def test_edits_are_undone_to_the_authors_text() -> None:
    code = "y = g(X_test,\n      1)  # answer"
    planned = PlannedStatement(number=0, substitutions=(Substitution(span=span_of(code, "X_test"), text="X"),))
    piece = Splicer(names={}).render(cell(code), statement(code), planned, depth=1)
    assert piece.text == "    y = g(X,\n          1)  # answer"
    assert ast.dump(ast.parse("if 1:\n" + undone(piece.text, piece)).body[0].body[0]) == ast.dump(ast.parse(code).body[0])  # type: ignore[attr-defined]


def test_each_line_knows_its_cell_line() -> None:
    code = "a = 1\n# why\nb = [\n    2,\n]"
    piece = Splicer(names={}).render(cell(code), statement(code, 1), PlannedStatement(number=1), depth=1)
    assert piece.origins == (None, 3, 4, 5)


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\x00\x0c", exclude_categories=("Cs",)), max_size=12)


@given(texts=st.lists(TEXTS, min_size=1, max_size=4), triple=st.booleans(), depth=st.integers(0, 3))
def test_splice_preserves_the_ast(texts: list[str], triple: bool, depth: int) -> None:
    """Whatever strings a statement holds, over however many lines."""
    literals = [('"""' + text.replace("\\", "/").replace('"', "'") + '"""') if triple else repr(text) for text in texts]
    code = "x = [\n  " + ",\n  ".join(literals) + "\n]"
    piece = Splicer(names={}).render(cell(code), statement(code), PlannedStatement(number=0), depth=depth)
    whole = "".join(f"{'    ' * level}if True:\n" for level in range(depth)) + piece.text
    node: ast.AST = ast.parse(whole).body[0]
    for _ in range(depth):
        node = node.body[0]  # type: ignore[attr-defined]
    assert ast.dump(node) == ast.dump(ast.parse(code).body[0])
