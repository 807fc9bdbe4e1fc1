"""Each rule has a case file: a notebook that it finds something in, what it says, and a notebook where it says nothing."""

import re
from dataclasses import replace
from inspect import cleandoc
from pathlib import Path

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.pages.catalogue import pages
from nb2svc.pages.page import read_page
from nb2svc.rules import RULES, check
from unit.analysis.made_notebook import make_notebook

CASES = Path(__file__).parents[2] / "cases" / "rules"
_COUNT = re.compile(r"# \[(\d+)\]")


def _name(rule: object) -> str:
    return rule.__name__.rpartition(".")[2]


def _rule_of(case: str) -> str:
    """`out_of_order--again` is a second case of `out_of_order`."""
    return case.partition("--")[0]


def _notebook(source: str) -> Notebook:
    notebook = make_notebook(*source.split("# %%\n"))
    counts = [_COUNT.match(cell.source) for cell in notebook.cells]
    cells = tuple(
        replace(cell, execution_count=int(count[1]) if count else None)
        for cell, count in zip(notebook.cells, counts, strict=True)
    )
    return replace(notebook, cells=cells)


def _found(source: str, code: str) -> list[Finding]:
    notebook = _notebook(source)
    dataflow = build_dataflow(notebook)
    outline, _ = build_outline(notebook, dataflow)
    assert outline is not None or code == "NB220"
    return [finding for finding in check(notebook, dataflow, outline) if finding.code == code]


def _told(finding: Finding) -> str:
    return f"{finding.code} {finding.severity} {finding.span}: {finding.message}\n    {finding.remedy}"


@pytest.mark.parametrize("case", [path.stem for path in sorted(CASES.glob("*.txt"))])
def test_a_rule_finds_this_and_not_that(case: str) -> None:
    (rule,) = (rule for rule in RULES if _name(rule) == _rule_of(case))
    found, expected, clean = (CASES / f"{case}.txt").read_text(encoding="utf-8").split("# ---\n")

    assert "\n".join(map(_told, _found(found, rule.CODE))) == expected.strip()
    assert expected.strip()
    assert _found(clean, rule.CODE) == []


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_a_rule_is_its_own_page(rule) -> None:
    page = read_page(cleandoc(rule.__doc__) + "\n")
    assert page.code == rule.CODE
    assert pages()[rule.CODE] == page


def test_every_rule_file_is_listed_once() -> None:
    files = {path.stem for path in Path(RULES[0].__file__).parent.glob("*.py")} - {"__init__", "context"}

    assert sorted(map(_name, RULES)) == sorted(files)
    assert {_rule_of(path.stem) for path in CASES.glob("*.txt")} == files
    assert len({rule.CODE for rule in RULES}) == len(RULES)


def test_findings_stand_in_the_notebook_s_order() -> None:
    source = (CASES / "clock.txt").read_text(encoding="utf-8").split("# ---\n")[0]
    notebook = _notebook(source.replace('"homes.csv"', '"/home/ana/homes.csv"'))
    dataflow = build_dataflow(notebook)
    outline, _ = build_outline(notebook, dataflow)

    assert [finding.code for finding in check(notebook, dataflow, outline)] == ["NB222", "NB224", "NB224"]


def test_a_secret_is_never_repeated() -> None:
    source = (CASES / "literal_secret.txt").read_text(encoding="utf-8").split("# ---\n")[0]

    for finding in _found(source, "NB223"):
        assert not any(secret in _told(finding) for secret in ("sk-1234", "correct horse", "s3cretword"))
