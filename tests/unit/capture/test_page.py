"""The executed notebook as a page: the author's text, no call of ours, nothing that runs or loads."""

import json
import re

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture.copy import copy_notebook, document
from nb2svc.capture.page import executed_page
from nb2svc.read.notebook import parse_notebook
from unit.capture.made import point

CELLS = [
    (
        "markdown",
        "# Loans\nWhat *we* know, $x^2$.\n\n<script>alert(1)</script>\n\n![far](https://example.com/far.png) ![attached](attachment:map.png)",
    ),
    ("code", "import pandas as pd\nloans = pd.read_csv('loans.csv')"),
    ("code", "rate = 3"),
    ("markdown", "## Features"),
    ("code", "%%nb2svc feature applicant\nX = loans[['age']]\nfor k in range(2):\n    X = X + k"),
    ("code", "# nb2svc: model\nmodel = fit(X)\npred = model.predict(X)\n1 / 0"),
    ("markdown", "The end."),
]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def notebook():
    cells = [
        {"cell_type": kind, "id": f"c{place}", "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for place, (kind, source) in enumerate(CELLS)
    ]
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    return parse_notebook(content, path="loans.ipynb")[0]


def page(notebook, outputs=(), *, cell=0, ran=5):
    """The page of a run in which cell `cell` (from 0, the injected one counted) had `outputs`, and the first `ran` cells ran."""
    dataflow = build_dataflow(notebook)
    points = [point("before", statement.number, "X") for statement in dataflow.statements]
    copy = copy_notebook(notebook, dataflow, points)
    executed = document(copy, notebook, kernel="python3")
    injected = {
        "cell_type": "code",
        "id": "7f2b",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "rate = 5",
        "execution_count": None,
    }
    executed["cells"].insert(2, injected)
    for count, each in enumerate(executed["cells"][:ran], start=1):
        each["execution_count"] = count
    executed["cells"].insert(0, {"cell_type": "markdown", "id": "pm", "metadata": {}, "source": "papermill's own remark"})
    executed["cells"][cell + 1]["outputs"] = list(outputs)
    assert "__nb2svc__" in json.dumps(executed)
    return executed_page(executed, notebook, copy)


def shown(**data):
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {kind.replace("_", "/"): value for kind, value in data.items()},
    }


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


def test_code_prose_and_values_stand_in_the_authors_order_and_words(notebook):
    html = page(notebook)
    text = text_of(html.partition("<main>")[2])
    found = [
        text.index(words)
        for words in (
            "Loans",
            "import pandas",
            "rate = 3",
            "rate = 5",
            "Features",
            "feature applicant",
            "# nb2svc: model",
            "The end.",
        )
    ]
    assert found == sorted(found)
    assert "%%nb2svc feature applicant" in text
    assert "# %%nb2svc" not in text
    assert "__nb2svc__" not in html
    assert "papermill" not in html
    assert 'alt="attached"' in html
    assert "celltag_injected-parameters" in html
    assert "All cells ran, from the top" in html
    assert notebook.digest in html


def test_it_is_the_same_each_time(notebook):
    output = shown(text_html="<table><tr><td>1</td></tr></table>", text_plain="1")
    assert page(notebook, [output]) == page(notebook, [output])


def test_nothing_in_it_runs_or_loads(notebook):
    bad = (
        '<b onclick="x()">bold</b><img src="https://example.com/x.png"><img src="data:image/png;base64,AAAA">'
        '<a href="javascript:x()">go</a><meta http-equiv="refresh" content="0;url=https://example.com"><base href="https://example.com">'
        '<style>@import "https://example.com/x.css";</style><div style="background: url(https://example.com/y.png); color: red">c</div>'
        "<form action='https://example.com'><input></form><svg onload='x()'></svg>"
    )
    html = page(notebook, [shown(text_html=bad + "<script>x()</script>", application_javascript="x()")])
    body = html.partition("<main>")[2]
    assert "bold" in body
    assert 'src="data:image/png;base64,AAAA"' in body
    assert not re.search(r"<(script|style|meta|base|form|input|iframe|svg|link)\b", body)
    assert not re.search(r"\son\w+=|javascript:|url\(|refresh", body.replace("rate", ""))
    loads = re.findall(r"""(?:src|href)="(?!#|data:)([^"]*)""", html)
    assert loads == []
    assert "default-src 'none'" in html
    assert "alert(1)" not in html


@pytest.mark.parametrize(
    ("output", "there", "not_there"),
    [
        (shown(text_html="<script>draw()</script><div>x</div>", image_png=PNG, text_plain="Figure"), PNG, "draw()"),
        (shown(text_html="<div class='sk-top-container'>LinearRegression</div>", text_plain="LinearRegression()"), "LinearRegression()", "sk-top"),
        (shown(text_html="<script>x()</script><b>bold</b>", text_plain="<IPython.core.display.HTML object>"), "<b>bold</b>", "IPython"),
        (shown(text_html="<style scoped>a{}</style><table class='dataframe'><th>age</th></table>", text_plain="age"), "<th>age</th>", "scoped"),
        (shown(text_plain="a < b"), "a &lt; b", "<IPython"),
        ({"output_type": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m"}, "ansi-red-fg", "[31m"),
    ],
)  # fmt: skip
def test_of_an_output_what_can_be_kept_is_shown(notebook, output, there, not_there):
    body = page(notebook, [output]).partition("<main>")[2]
    assert there in body
    assert not_there not in body


FRAME = (
    "\x1b[36mCell\x1b[39m \x1b[32mIn[5]\x1b[39m\x1b[32m, line 5\x1b[39m\n\x1b[32m      3\x1b[39m __nb2svc__.keep(\x1b[32m5\x1b[39m); model = fit(X)\n"
    "\x1b[32m      4\x1b[39m \x1b[34m__nb2svc__\x1b[39m.keep(\x1b[32m6\x1b[39m); pred = model.predict(X)\n\x1b[32m----> \x1b[39m\x1b[32m{}\x1b[39m \x1b[32m1\x1b[39m / 0\n"
)


def test_a_failure_shows_the_authors_lines_by_the_authors_numbers(notebook):
    traceback = [
        "\x1b[31mZeroDivisionError\x1b[39m  Traceback (most recent call last)",
        FRAME.format(4),
        "File /x/y.py:3, in f\n----> 3 __nb2svc__.keep(1); g()",
        "ZeroDivisionError: division by zero",
    ]
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": traceback}
    html = page(notebook, [error], cell=4)
    text = text_of(html)
    assert "The run stopped" in text
    assert 'href="#cell-id=cell-4"' in html
    assert 'id="cell-id=cell-4"' in html
    assert (
        "cell 4 (model = fit(X)), line 4\n        1 # nb2svc: model\n        2 model = fit(X)\n        3 pred = model.predict(X)\n----&gt;   4 1 / 0"
        in text
    )
    assert "----&gt; 3 g()" in text
    assert "__nb2svc__" not in html
    assert page(notebook, [{**error, "traceback": ["Cell In[99]\n----> 77 x", "SyntaxError: y"]}], cell=4)


def test_a_run_that_was_cut_off_is_not_said_to_have_ended(notebook):
    assert "did not come to its end" in page(notebook, ran=3)


def test_an_output_that_only_a_script_could_draw_is_left_out_in_silence(notebook, recwarn):
    html = page(notebook, [shown(application_javascript="x()"), shown(**{"application/vnd.jupyter.widget-view+json": "{}"})])
    assert "output_area" not in html.partition("<main>")[2]
    assert not recwarn.list
