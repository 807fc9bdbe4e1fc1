"""An exception of the author's code is told by notebook, cell and line, and never by a value."""

import importlib.util
import json
import logging
import sys

import pytest

from nb2svc_runtime.origins import Faults, Origins, told

FEATURES = """\
def clean(loans):
    loans = loans.copy()
    return area(loans)


def area(loans):
    try:
        return loans["length"] * loans["width"]
    except KeyError as error:
        raise ValueError("Zaphod has no area") from error


def forever(loans):
    return forever(loans)
"""
LINES = [
    {"file": "features.py", "line": 2, "cell": 1, "cell_line": 3, "statement": 0, "text": "loans = loans.copy()"},
    {"file": "features.py", "line": 8, "cell": 2, "cell_line": 1, "statement": 1, "text": "    area = length * width"},
    {"file": "features.py", "line": 14, "cell": 3, "cell_line": 2, "statement": 2},
]
ORIGIN = {
    "notebook": "loans.ipynb",
    "notebook_digest": "ab" * 32,
    "cells": {"2": {"title": 'cell 2 "applicant"', "file_line": 41}, "3": {"title": "cell 3 (forever)", "file_line": 0}},
}


@pytest.fixture
def package(tmp_path):
    home = tmp_path / "loans"
    (home / "_nb2svc").mkdir(parents=True)
    (home / "features.py").write_text(FEATURES)
    (home / "_nb2svc" / "line_map.json").write_text(json.dumps(LINES))
    (home / "_nb2svc" / "origin.json").write_text(json.dumps(ORIGIN))
    return home


def failure(package, function, value):
    spec = importlib.util.spec_from_file_location("features_of_test", package / "features.py")
    features = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(features)
    with pytest.raises(Exception) as caught:
        getattr(features, function)(value)
    return caught.value


def test_the_place_is_the_authors_last_line_also_of_the_exception_that_led_to_it(package):
    place = Origins(package / "_nb2svc").place(failure(package, "area", {"Zaphod": 1}))
    assert str(place) == 'loans.ipynb, cell 2 "applicant", line 1 (loans.ipynb:41): area = length * width'


def test_a_line_of_ours_has_no_place(package):
    assert Origins(package / "_nb2svc").place(KeyError("x")) is None


def test_a_map_that_is_damaged_or_missing_changes_nothing_else(package, caplog):
    error = failure(package, "area", {"Zaphod": 1})
    for content in (b"[{}]", b"{", b"7", b'{"a": 1}', b"\xff"):
        (package / "_nb2svc" / "line_map.json").write_bytes(content)
        assert Origins(package / "_nb2svc").place(error) is None
    (package / "_nb2svc" / "line_map.json").unlink()
    assert Origins(package / "_nb2svc").place(error) is None
    assert Origins(package / "nothing").place(error) is None


def test_a_traceback_holds_lines_and_types_and_no_message(package):
    text = told(failure(package, "clean", {"Zaphod": 1}))
    assert 'raise ValueError("Zaphod has no area")' in text
    assert text.replace("Zaphod has no area", "").count("Zaphod") == 0
    assert "\nKeyError\n\nThe above exception was the direct cause" in text
    assert text.endswith("\nValueError")


def test_a_recursion_without_end_is_told_in_a_few_lines(package):
    limit = sys.getrecursionlimit()
    error = failure(package, "forever", 1)
    text = told(error)
    assert limit == sys.getrecursionlimit()
    assert "frames left out" in text
    assert len(text.splitlines()) < 120
    assert str(Origins(package / "_nb2svc").place(error)) == "loans.ipynb, cell 3 (forever), line 2"


def test_rows_that_fail_alike_are_one_record(package, caplog):
    faults = Faults(Origins(package / "_nb2svc"))
    for _ in range(30):
        faults.add(failure(package, "area", {"Zaphod": 1}))
    faults.add(TypeError("Zaphod"))
    with caplog.at_level(logging.WARNING):
        faults.tell("r-1", 40)
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(
        '30 of 40 rows of request r-1 could not be computed: ValueError in loans.ipynb, cell 2 "applicant", line 1'
    )
    assert "[loans " in first.splitlines()[0]
    assert f"notebook {'ab' * 6}]" in first.splitlines()[0]
    assert second.startswith("1 of 40 rows of request r-1 could not be computed: TypeError [loans ")
    assert "Zaphod" not in caplog.text.replace("Zaphod has no area", "")
    assert caplog.records[0].nb2svc["rows"] == 30


def test_different_failures_of_one_request_are_not_told_without_end(package, caplog):
    faults = Faults(Origins(package / "_nb2svc"))
    for number in range(100):
        faults.add(type(f"Error{number}", (Exception,), {})())
    with caplog.at_level(logging.WARNING):
        faults.tell("", 100)
    assert len(caplog.records) == 20
