"""What a person overrules of the dataflow counts, and what can't be true is refused where it stands."""

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.analysis.outline_reasons import left_out
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from unit.analysis.made_notebook import make_notebook

LOAD = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nhomes = pd.read_csv('homes.csv')\nrates = pd.read_csv('r.csv')"
)
FEATURES = "# nb2svc: feature homes{}\nX = homes.merge(rates)[['size']]"
MODEL = "# nb2svc: model\nmodel = Ridge().fit(X, homes['price'])\nprice = model.predict(X)"


def outlined(notebook: Notebook) -> tuple[Outline | None, tuple[Finding, ...]]:
    return build_outline(notebook, build_dataflow(notebook))


def served(notebook: Notebook) -> set[int]:
    """The cells of which a statement is served."""
    outline, findings = outlined(notebook)
    assert outline is not None, findings
    statements = build_dataflow(notebook).statements
    return {statements[number].span.cell for number in outline.serving.statements}


def test_a_dropped_cell_does_nothing_for_the_answer() -> None:
    looks = "{}X = shown(X)"
    before = make_notebook(LOAD + "\ndef shown(x): return x", FEATURES.format(""), looks.format(""), MODEL)
    after = make_notebook(LOAD + "\ndef shown(x): return x", FEATURES.format(""), looks.format("# nb2svc: drop\n"), MODEL)

    assert served(before) == {1, 2, 3, 4}
    assert served(after) == {2, 4}
    outline, _ = outlined(after)
    assert outline is not None
    reasons = {each.statement: each.text for each in left_out(build_dataflow(after), outline)}
    assert [reasons[number] for number in outline.dropped] == ["is left out: `drop` says so"]


def test_a_single_statement_is_dropped_or_kept_by_a_comment_at_its_line() -> None:
    features = "# nb2svc: feature homes\nX = homes[['size']]\nX = shown(X){}\nhouse_rules.configure(3){}"
    plain = make_notebook(LOAD + "\nimport house_rules\ndef shown(x): return x", features.format("", ""), MODEL)
    marked = make_notebook(
        LOAD + "\nimport house_rules\ndef shown(x): return x", features.format("  # nb2svc: drop", "  # nb2svc: keep"), MODEL
    )

    def served_lines(notebook: Notebook) -> list[int]:
        outline, findings = outlined(notebook)
        assert outline is not None, findings
        statements = build_dataflow(notebook).statements
        return [statements[number].span.line for number in outline.serving.statements if statements[number].span.cell == 2]

    assert served_lines(plain) == [2, 3]
    assert served_lines(marked) == [2, 4]
    outline, _ = outlined(marked)
    assert outline is not None
    assert len(outline.dropped) == len(outline.kept) == 1


def test_what_a_dropped_statement_makes_is_missed_at_its_line() -> None:
    notebook = make_notebook(LOAD, "other = 1\nlimit = 5  # nb2svc: drop", FEATURES.format("") + " * limit", MODEL)
    [finding] = outlined(notebook)[1]

    assert finding.code == "NB245"
    assert "`limit` is made in line 2 of cell 2 (other = 1), which is left out" in finding.message
    assert finding.remedy.startswith("Take `drop` from line 2 of cell 2")


def test_what_a_dropped_cell_makes_is_missed_where_the_answer_needs_it() -> None:
    notebook = make_notebook(LOAD, "# nb2svc: drop\nlimit = 5", FEATURES.format("") + " * limit", MODEL)
    [finding] = outlined(notebook)[1]

    assert (finding.code, finding.span.cell if finding.span else 0) == ("NB245", 3)
    assert "`limit` is made in cell 2 (limit = 5), which is left out" in finding.message
    assert finding.remedy == "Take `drop` from cell 2 (limit = 5), or make `limit` in a cell of its own."


def test_a_kept_cell_is_served_with_what_it_needs() -> None:
    setup = "# nb2svc: keep\nimport house_rules\nhouse_rules.configure(LEVEL)"
    notebook = make_notebook(LOAD, "LEVEL = 3", setup, FEATURES.format(""), MODEL)

    assert served(notebook) == {2, 3, 4, 5}
    assert served(make_notebook(LOAD, "LEVEL = 3", setup.partition("\n")[2], FEATURES.format(""), MODEL)) == {4, 5}
    outline, _ = outlined(notebook)
    assert outline is not None
    assert {outline.part(number) for number in outline.kept} == {"prelude"}
    assert "is kept: `keep` says so" in {reason.text for reason in outline.serving.reasons}


def test_a_kept_cell_that_needs_data_is_refused() -> None:
    notebook = make_notebook(LOAD, FEATURES.format(""), "# nb2svc: keep\nX['size'] = X['size'] + 1", MODEL)
    [finding] = outlined(notebook)[1]

    assert (finding.code, finding.span.cell if finding.span else 0) == ("NB244", 3)
    assert "this works on `X`" in finding.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (" lookup=rats", "`lookup=rats` names a variable that no cell makes: a request is made of `homes` and `rates`."),
        (" request=X", "`request=X` names a variable that is no raw value: a request is made of `homes` and `rates`."),
        (" request=rates lookup=rates", "`rates` is named in `request=` and in `lookup=`: it is sent with a request, or"),
        (" lookup=homes,rates", "`lookup=` names every raw value, so that a request would carry nothing."),
    ],
)
def test_a_table_that_is_none_is_refused(options: str, message: str) -> None:
    outline, [finding] = outlined(make_notebook(LOAD, FEATURES.format(options), MODEL))

    assert outline is None
    assert finding.code == "NB243"
    assert finding.message.startswith(message)
    assert finding.span is not None
    assert finding.span.cell == 2
    assert ("Did you mean `rates`?" in finding.message) == ("rats" in options)


def test_tables_that_are_there_are_taken() -> None:
    outline, findings = outlined(make_notebook(LOAD, FEATURES.format(" request=homes lookup=rates"), MODEL))

    assert findings == ()
    assert outline is not None
    assert (outline.request_hint, outline.lookup_hint) == (("homes",), ("rates",))
