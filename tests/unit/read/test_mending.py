"""Each fix cures: made in the example of its case, the finding is gone, none came, and no other byte changed."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from nb2svc import pipeline
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.pages.catalogue import pages
from nb2svc.pipeline import Source
from nb2svc.read.mending import mended
from nb2svc.read.notebook import read_raw
from page_examples import whole_script

CASES = Path(__file__).parents[2] / "cases" / "fixes"
_WAY = re.compile(r"(?m)^# --- (?P<title>.*)\n")


def parts(path: Path) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A case's cells, and for each way to cure them its title and the cells then."""
    before, *rest = _WAY.split(path.read_text(encoding="utf-8"))
    return before.rstrip("\n"), tuple((title, after.rstrip("\n")) for title, after in zip(rest[::2], rest[1::2], strict=True))


NAMES = sorted(path.stem for path in CASES.glob("*.txt"))
WAYS = [(name, way) for name in NAMES for way in range(len(parts(CASES / f"{name}.txt")[1]))]


def as_ipynb(script: str, *, indent: int | None) -> bytes:
    """The same cells as a notebook's JSON."""
    cells = []
    for number, raw in enumerate(read_raw(script.encode(), "x.py").cells):
        metadata = {"tags": list(raw.tags)} if raw.tags else {}
        more = {"outputs": [], "execution_count": None} if raw.kind == "code" else {}
        metadata |= {"nb2svc": raw.settings} if raw.settings is not None else {}
        source = raw.source.splitlines(keepends=True)
        cells.append({"cell_type": raw.kind, "id": f"c{number}", "metadata": metadata, **more, "source": source})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=indent).encode()


def told(findings: tuple[Finding, ...]) -> Counter[tuple[str, str]]:
    return Counter((finding.code, finding.severity) for finding in findings)


def the_finding(source: Source, code: str) -> Finding:
    return next(finding for finding in source.findings if finding.code == code and finding.fixes)


def assert_cured(before: Source, after: Source, code: str) -> None:
    """One finding of the code is gone, and nothing came in its place."""
    was, now = told(before.findings), told(after.findings)
    left = [sum(count for (each, _), count in counted.items() if each == code) for counted in (was, now)]
    assert left[1] == left[0] - 1, f"the fix does not cure {code}"
    assert now - was == Counter(), "the fix brings new findings"


@pytest.mark.parametrize("name", NAMES)
def test_the_ways_to_cure_a_finding_are_told(name: str) -> None:
    example, ways = parts(CASES / f"{name}.txt")
    finding = the_finding(pipeline.analyze_content(whole_script(example).encode(), "x.py"), name.partition("--")[0])
    assert [f"{'choice: ' if fix.choice else ''}{fix.title}" for fix in finding.fixes] == [title for title, _ in ways]


@pytest.mark.parametrize(("name", "way"), WAYS, ids=str)
def test_a_fix_cures_its_finding_in_a_script(name: str, way: int) -> None:
    example, ways = parts(CASES / f"{name}.txt")
    code, script = name.partition("--")[0], whole_script(example)
    before = pipeline.analyze_content(script.encode(), "x.py")
    content = mended(script.encode(), before.notebook, [the_finding(before, code).fixes[way]])
    assert content.decode() == script.replace(example, ways[way][1])
    assert_cured(before, pipeline.analyze_content(content, "x.py"), code)


@pytest.mark.parametrize(("name", "way"), WAYS, ids=str)
@pytest.mark.parametrize("indent", [1, None])
def test_a_fix_cures_its_finding_in_a_notebook(name: str, way: int, indent: int | None) -> None:
    example, ways = parts(CASES / f"{name}.txt")
    code, script = name.partition("--")[0], whole_script(example)
    given = as_ipynb(script, indent=indent)
    before = pipeline.analyze_content(given, "x.ipynb")
    content = mended(given, before.notebook, [the_finding(before, code).fixes[way]])
    wanted = json.loads(as_ipynb(script.replace(example, ways[way][1]), indent=indent))
    assert without_empty(json.loads(content)) == without_empty(wanted)
    assert_cured(before, pipeline.analyze_content(content, "x.ipynb"), code)


def without_empty(document: dict) -> dict:
    """A notebook in which a cell without tags has no empty list of them."""
    for cell in document["cells"]:
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if value != []}
    return document


# Found once the notebook ran: their fixes are tried where they are made, in tests/unit/plan.
AFTER_THE_RUN = {"NB232", "NB240"}


def test_the_pages_say_which_findings_have_a_fix() -> None:
    with_fix = {name.partition("--")[0] for name in NAMES} | AFTER_THE_RUN
    assert with_fix == {page.code for page in pages().values() if page.quick}


def test_a_fix_that_does_not_cure_would_be_seen() -> None:
    example, _ = parts(CASES / "NB225.txt")
    source = pipeline.analyze_content(whole_script(example).encode(), "x.py")
    idle = Fix(title="", edits=the_finding(source, "NB225").fixes[0].edits[:0])
    content = mended(whole_script(example).encode(), source.notebook, [idle])
    with pytest.raises(AssertionError, match="does not cure"):
        assert_cured(source, pipeline.analyze_content(content, "x.py"), "NB225")
