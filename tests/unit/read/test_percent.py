"""Percent scripts: each case file is one behaviour (script, and its cells with the file's line of each)."""

from pathlib import Path

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture.copy import copy_notebook
from nb2svc.capture.failure import Ran, cell_failed
from nb2svc.cli.findings import render_finding
from nb2svc.errors import NotebookError
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.percent import read_script
from nb2svc.read.raw import RawCell, made_id

CASES = sorted((Path(__file__).resolve().parents[2] / "cases" / "scripts").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path):
    script, _, expected = case.read_text(encoding="utf-8").rpartition("# ---\n")
    notebook = read_script(script.encode(), "loans.py")
    shown = [
        f"kernel {notebook.kernel}".rstrip(),
        *(line for at, cell in enumerate(notebook.cells) for line in describe(cell, at)),
    ]
    assert "".join(f"{line}\n" for line in shown) == expected


def describe(cell: RawCell, position: int) -> list[str]:
    facts = [
        f'"{cell.title}"' if cell.title else "",
        f"id={cell.id}" if cell.id != made_id(position, cell.source) else "",
        f"[{', '.join(cell.tags)}]" if cell.tags else "",
        str(cell.settings or ""),
        f"broken: {cell.broken}" if cell.broken else "",
    ]
    head = " ".join([str(cell.first_line), cell.kind, *filter(None, facts)])
    return [head, *(f"| {line}".rstrip() for line in cell.source.split("\n") if cell.source)]


def test_a_script_is_a_notebook_with_directives_titles_and_lines_of_the_file():
    script = b'import pandas as pd\n\n# %% Ages\n# nb2svc: feature\nx = 1\n%%foo\n# %% tags=["nb2svc:model"]\ny = x\n'
    notebook, findings = parse_notebook(script, path="folder/loans.py")
    assert [(cell.number, cell.title, cell.role, cell.file_line) for cell in notebook.cells] == [
        (1, "cell 1 (import pandas as pd)", None, 1),
        (2, 'cell 2 "Ages"', "feature", 4),
        (3, "cell 3 (y = x)", "model", 8),
    ]
    (finding,) = findings
    assert render_finding(finding, notebook).startswith('refusal NB121  cell 2 "Ages", line 3 (loans.py:6)\n    %%foo\n')
    assert notebook.place(Span(9, 1, 0, 1, 1)) == "cell 9, line 1"


def test_metadata_that_can_not_be_read_is_a_refusal():
    _, findings = parse_notebook(b"# %% tags=[nb2svc:feature]\nx = 1", path="loans.py")
    (finding,) = findings
    assert (finding.code, finding.severity) == ("NB111", "refusal")
    assert "`tags=[nb2svc:feature]`" in finding.message
    assert "JSON" in finding.remedy


def test_byte_order_mark_line_ends_and_declared_encodings():
    with_mark, _ = parse_notebook("\ufeff# %%\r\nx = 'é'\r\ny = 1\r\n".encode(), path="a.py")
    declared, _ = parse_notebook("# coding: latin-1\n# %%\nx = 'é'\ny = 1".encode("latin-1"), path="a.py")
    assert with_mark.cells[0].source == declared.cells[1].source == "x = 'é'\ny = 1"


@pytest.mark.parametrize(
    ("content", "what", "fix"),
    [
        (b" \n", "The notebook file is empty", "Save the notebook again."),
        (b"\x80 = 1", "The script is no text", "Save it as UTF-8."),
        (b"# coding: nonsense\nx = 1", "The script is no text", "Save it as UTF-8."),
        (b"# %% [markdown]\n# text", "The notebook has no code", "Give a notebook that trains a model."),
        (b"# +\nx = 1\n# -\n", "The script is one of jupytext's light form", "Convert it: `jupytext --to py:percent a.py`."),
        (
            b"# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: sphinx\n# ---\nx = 1",
            "The script is one of jupytext's sphinx form",
            "Convert it: `jupytext --to py:percent a.py`.",
        ),
        (
            b"# Databricks notebook source\nx = 1\n# COMMAND ----------\n",
            "The script is one of Databricks",
            "Export it from Databricks as an IPython notebook (.ipynb).",
        ),
        (
            b"import marimo\napp = marimo.App()\n@app.cell\ndef _(): pass",
            "The script is one of marimo",
            "Export it: `marimo export ipynb a.py -o a.ipynb`.",
        ),
        (
            b"# ---\n# jupyter:\n#   kernelspec:\n#     language: R\n#     name: ir\n# ---\n# %%\nx <- 1",
            "The notebook is written in R",
            "nb2svc compiles Python notebooks.",
        ),
    ],
)
def test_no_percent_script(content, what, fix):
    with pytest.raises(NotebookError) as caught:
        parse_notebook(content, path="folder/a.py")
    assert (caught.value.what, caught.value.where, caught.value.fix) == (what, "a.py", fix)
    assert caught.value.why


def test_a_comment_of_jupytexts_light_form_below_percent_markers_is_a_comment():
    notebook, _ = parse_notebook(b"# %%\nx = 1\n# +\ny = 2", path="a.py")
    assert notebook.cells[0].code == "x = 1\n# +\ny = 2"


def test_without_commented_magics_the_header_says_so():
    header = b"# ---\n# jupyter:\n#   jupytext:\n#     comment_magics: false\n#     formats: ipynb,py:percent\n# ---\n# %%\n"
    notebook, _ = parse_notebook(header + b"# !rm a\n!ls\nx = 1", path="a.py")
    assert notebook.cells[0].source == "# !rm a\n!ls\nx = 1"


def test_a_cell_that_failed_is_named_with_the_line_of_the_file(tmp_path: Path):
    notebook, _ = parse_notebook(b"# %%\nx = 1\n\n# %% Load\n\ny = x.z\n", path="a.py")
    copy = copy_notebook(notebook, build_dataflow(notebook), ())
    ran = Ran(notebook=notebook, copy=copy, counts={}, cwd=tmp_path, interpreter="python", executed=tmp_path)
    failure = {"name": "AttributeError", "value": "no z", "kinds": [], "frames": [], "count": None, "syntax_line": 2}
    error = cell_failed(ran, {**failure, "module": None, "file": None}, "cell-2")
    assert error.where == "a.py, cell 2, line 2 (a.py:6)"
