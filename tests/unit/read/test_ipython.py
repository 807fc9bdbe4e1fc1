"""Masking: each case file is one behaviour (cell, masked cell, what was masked and found)."""

from pathlib import Path

import pytest

from nb2svc.read.ipython import MaskedCell, mask

CASES = sorted((Path(__file__).resolve().parents[2] / "cases" / "read").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path):
    source, code, report = case.read_bytes().decode().split("# ---\n")
    masked = mask(source)
    assert masked.code == code
    assert describe(masked) == report


def test_there_are_cases():
    assert len(CASES) > 20


def describe(masked: MaskedCell) -> str:
    lines = []
    for piece in masked.masked:
        span = piece.span
        place = f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
        lines.append(f"{place} {piece.treatment}" + (f" defines {', '.join(piece.defines)}" if piece.defines else ""))
    for finding in masked.findings:
        lines.append(f"{finding.code} {finding.severity} line {finding.span.line}: {finding.message} -> {finding.remedy}")
    return "".join(f"{line}\n" for line in lines)


def test_time_of_a_statement_keeps_the_authors_columns():
    source = "%time total = add(1, 2)"
    code = mask(source).code
    assert code.index("total") == source.index("total")


def test_line_ends_stay():
    assert mask("%time x = 1\r\ny = 2\r\n!ls\rz = 3").code == "pass; x = 1\r\ny = 2\r\n# !ls\rz = 3"


def test_a_cell_without_a_last_newline():
    assert mask("%matplotlib inline").code == "# %matplotlib inline"


@pytest.mark.parametrize("source", ["x = 1\x00", "x = '\ud800'", "(" * 3000 + ")" * 3000])
def test_what_no_parser_takes_is_a_refusal_and_no_crash(source: str):
    masked = mask(source)
    assert [finding.code for finding in masked.findings] == ["NB120"]
    assert masked.code.startswith("#")


def test_an_invalid_escape_is_no_warning_of_ours(recwarn: pytest.WarningsRecorder):
    assert mask("%time a = '\\d'\nb = '\\w'").findings == ()
    assert not recwarn.list
