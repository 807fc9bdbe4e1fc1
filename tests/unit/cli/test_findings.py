"""How findings look."""

import json

from nb2svc.cli.findings import count_findings, render_findings
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook


def notebook(*sources):
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return parse_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode(), path="a.ipynb")[0]


def finding(span, severity="refusal", code="NB210"):
    return Finding(code=code, severity=severity, message="it reads other rows", remedy="Drop it.", span=span)


BOOK = notebook("# nb2svc: feature ages\nages = table.shift(1)", "x = 1\n\ty = 2\nlast = (1 +\n  2)")


def test_the_line_is_shown_with_carets_under_the_span():
    assert render_findings([finding(Span(1, 2, 7, 2, 21))], BOOK) == (
        'refusal NB210  cell 1 "ages", line 2\n'
        "    ages = table.shift(1)\n"
        "           ^^^^^^^^^^^^^^\n"
        "  it reads other rows\n"
        "  do this: Drop it.\n"
        "\n"
        "nb2svc explain NB210 shows an example, and the same mended."
    )


def test_tabs_keep_the_carets_in_place():
    assert "    \ty = 2\n    \t^\n" in render_findings([finding(Span(2, 2, 1, 2, 2))], BOOK)


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first():
    assert "    last = (1 +\n           ^^^^\n" in render_findings([finding(Span(2, 3, 7, 4, 4))], BOOK)


def test_a_long_line_is_cut_and_its_carets_with_it():
    book = notebook("x = " + "1" * 300)
    lines = render_findings([finding(Span(1, 1, 4, 1, 304))], book).splitlines()
    assert len(lines[1]) < 130
    assert len(lines[2]) <= len(lines[1])


def test_without_a_place_or_a_notebook_the_message_stands_alone():
    assert render_findings([finding(None)], BOOK).startswith("refusal NB210\n  it reads other rows\n  do this: Drop it.\n\n")
    assert render_findings([finding(Span(1, 2, 0, 2, 1))], None).startswith("refusal NB210  cell 1, line 2\n  it reads")


def test_a_place_outside_the_notebook_is_no_crash():
    assert "it reads other rows" in render_findings([finding(Span(9, 9, 9, 9, 9)), finding(Span(1, 99, 0, 99, 1))], BOOK)


def test_the_worst_comes_first_then_notebook_order():
    mixed = [
        finding(Span(1, 1, 0, 1, 1), "info", "NB1"),
        finding(Span(2, 1, 0, 1, 1), "warning", "NB2"),
        finding(Span(2, 1, 0, 2, 1), "refusal", "NB3"),
        finding(Span(1, 2, 0, 2, 1), "refusal", "NB4"),
    ]
    text = render_findings(mixed, BOOK)
    told, hint = text.rsplit("\n\n", 1)
    assert [code for code in told.split() if code.startswith("NB")] == ["NB4", "NB3", "NB2", "NB1"]
    assert hint == "nb2svc explain NB4 NB3 NB2 NB1 shows an example of each, and the same mended."


def test_how_to_learn_more_is_said_once():
    many = [finding(Span(1, 1, 0, 1, 1), code=f"NB{number}") for number in (1, 2, 2, 3, 4, 5)]
    assert render_findings(many, BOOK).count("nb2svc explain") == 1
    assert render_findings(many, BOOK).endswith("nb2svc explain NB1 NB2 NB3 NB4 shows an example of each, and the same mended.")
    assert render_findings([], BOOK) == ""


def test_counts():
    one, two = finding(None), finding(None, "warning")
    assert count_findings([]) == "no findings"
    assert count_findings([one]) == "1 refusal"
    assert count_findings([one, two, two, finding(None, "info")]) == "1 refusal, 2 warnings, 1 note"
