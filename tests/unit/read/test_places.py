"""Where a cell's line stands in the notebook's file, computed from its bytes."""

import json

import pytest

from nb2svc.ir.report import Region
from nb2svc.ir.source import CellText
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.places import locator

FIRST = 'x = 1\r\ny = "é😀\\t\\"q\\""  # ∑\nz = 3'
SECOND = "\n\ndef f():\n    return '\\n'\n"


def notebook(first, second) -> dict:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["x = 1\n", "{"]},
        {"cell_type": "code", "metadata": {}, "outputs": [{"text": ["x = 1\n"], "source": "x"}], "source": first},
        {"source": second, "outputs": [], "cell_type": "code", "metadata": {"source": ["x"]}},
    ]
    return {"metadata": {"cells": []}, "cells": cells, "nbformat": 4, "nbformat_minor": 5}


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


FORMS = [
    json.dumps(notebook(lines(FIRST), lines(SECOND)), indent=1, ensure_ascii=False).encode(),
    json.dumps(notebook(lines(FIRST), lines(SECOND)), indent=1, ensure_ascii=True).encode(),
    json.dumps(notebook(FIRST, SECOND), indent=4).encode("utf-8-sig"),
    json.dumps(notebook(lines(FIRST), ["", SECOND])).encode(),
    json.dumps(notebook(lines(FIRST), SECOND), indent="\t").replace("\n", "\r\n").encode(),
]


def at(content: bytes, region: Region) -> str:
    """The text of a region in a file, as an editor selects it; within a string its escapes are read."""
    text = content.decode("utf-8-sig")
    file = CellText(text.replace("\r\n", "\n").replace("\r", "\n"))
    found = file.at(Span(1, region.line, region.column - 1, region.end_line, region.end_column - 1))
    return json.loads(f'"{found}"')


@pytest.mark.parametrize("content", FORMS, ids=["lines", "escaped", "one string", "minified", "tabs and CRLF"])
@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(1, 1, 0, 1, 5), "x = 1"),
        (Span(1, 2, 4, 2, 13), '"é😀\\t\\"q\\""'[:9]),
        (Span(1, 2, 17, 2, 20), "# ∑"),
        (Span(1, 3, 4, 3, 5), "3"),
        (Span(2, 4, 11, 4, 15), "'\\n'"),
    ],
)
def test_a_span_is_found_in_each_way_of_writing_it(content, span, text):
    parsed, _ = parse_notebook(content, path="x.ipynb")
    assert CellText(parsed.cell(span.cell).source).at(span) == text
    region = locator(content, parsed)(span)
    assert region is not None
    assert at(content, region) == text


def test_lines_count_in_the_file_where_each_has_its_own():
    parsed, _ = parse_notebook(FORMS[0], path="x.ipynb")
    locate = locator(FORMS[0], parsed)
    start = FORMS[0].decode().split("\n").index('    "x = 1\\r\\n",') + 1
    assert [locate(Span(1, line, 0, line, 1)).line for line in (1, 2, 3)] == [start, start + 1, start + 2]


def test_a_file_without_line_breaks_is_one_line():
    parsed, _ = parse_notebook(FORMS[3], path="x.ipynb")
    regions = [locator(FORMS[3], parsed)(Span(1, line, 0, line, 1)) for line in (1, 2, 3)]
    assert {region.line for region in regions} == {1}
    assert regions[0].column < regions[1].column < regions[2].column


@pytest.mark.parametrize("span", [Span(3, 1, 0, 1, 1), Span(0, 1, 0, 1, 1), Span(1, 9, 0, 9, 1)])
def test_what_the_notebook_does_not_have_has_no_place(span):
    parsed, _ = parse_notebook(FORMS[0], path="x.ipynb")
    assert locator(FORMS[0], parsed)(span) is None


def test_a_column_behind_the_end_is_the_end():
    parsed, _ = parse_notebook(FORMS[0], path="x.ipynb")
    region = locator(FORMS[0], parsed)(Span(1, 1, 2, 1, 99))
    assert at(FORMS[0], region) == "= 1"


def test_worksheets_of_format_3():
    cells = [{"cell_type": "heading", "source": "A"}, {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "outputs": []}]
    document = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    content = json.dumps(document, indent=1).encode()
    parsed, _ = parse_notebook(content, path="x.ipynb")
    assert at(content, locator(content, parsed)(Span(1, 2, 0, 2, 5))) == "b = 2"


SCRIPT = "# a script\n# %% one\nx = 1\n# %matplotlib inline\nif x:\n    y = 2\n\n# %% [markdown]\n# text\n# %%\nz = 'é'\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_script_is_its_own_file(ending):
    content = SCRIPT.replace("\n", ending).encode()
    parsed, _ = parse_notebook(content, path="x.py")
    locate = locator(content, parsed)
    number = next(cell.number for cell in parsed.cells if cell.source.startswith("x = 1"))
    assert locate(Span(number, 1, 0, 1, 5)) == Region(line=3, column=1, end_line=3, end_column=6)
    assert locate(Span(number, 2, 0, 2, 18)) == Region(line=4, column=3, end_line=4, end_column=21)
    assert locate(Span(number, 3, 0, 4, 9)) == Region(line=5, column=1, end_line=6, end_column=10)
    assert locate(Span(number + 1, 1, 4, 1, 7)) == Region(line=11, column=5, end_line=11, end_column=8)
