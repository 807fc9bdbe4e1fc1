"""`nb2svc explain`: a page in each format, codes as people write them, and what is said of one that is none."""

import json
from pathlib import Path

import pytest

from nb2svc.pages.catalogue import pages
from nb2svc.readiness.items import ITEMS

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_all_codes_are_listed_by_stage(run):
    result = run("explain")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {*pages(), *(item.id for item in ITEMS)}
    assert [line for line in lines if line and line[0] != " "][:4] == [
        "While the notebook is read", "Before anything runs", "Once the notebook ran", "In the project",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["NB229", "nb229", "229", " NB-229 ", "NB 229"])
def test_a_finding_is_found_as_people_write_it(run, code):
    result = run("explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "NB229 (warning): a change in place that does not arrive\n\nWhat it finds\n  `inplace=True` on"
    )
    assert '      loans["income"].fillna(0, inplace=True)\n' in result.stdout


@pytest.mark.parametrize("code", ["DAT-02", "dat-2", "DAT02", "dat 2"])
def test_an_item_tells_how_it_is_evaluated_and_what_to_do(run, code):
    text = run("explain", code).stdout
    assert text.startswith("DAT-02 (blocker, step 2 of the checklist): The schema of all raw inputs")
    assert "Each build evaluates it." in text
    assert "What to do\n  Review the ranges" in text


def test_an_item_that_nothing_evaluates_says_so(run):
    assert "No build evaluates it yet" in " ".join(run("explain", "BIZ-06").stdout.split())


def test_several_are_told_once_each_in_the_order_asked(run):
    document = json.loads(run("explain", "NB304", "OPS-03", "nb225", "304", "--format", "json").stdout)
    assert [page["code"] for page in document["pages"]] == ["NB304", "NB225"]
    assert [item["id"] for item in document["items"]] == ["OPS-03"]
    assert document["pages"][0]["example_cells"].startswith("# nb2svc: feature loans\n")
    assert document["pages"][0]["stage"] == "run"


def test_all_of_them_as_json(run):
    document = json.loads(run("explain", "--format", "json").stdout)
    assert (len(document["pages"]), len(document["items"])) == (len(pages()), len(ITEMS))


@pytest.mark.parametrize(
    ("code", "said"),
    [("NB2299", "did you mean NB229"), ("DTA-02", "did you mean DAT-02"), ("inplace", "nb2svc explain lists all of them")],
)
def test_a_code_that_is_none(run, code, said):
    result = run("explain", code)
    assert result.exit_code == 2
    assert f"there is no finding and no item {code!r}" in result.stderr
    assert said in result.stderr


def test_a_page_as_markdown_has_its_code_in_fences(run):
    text = run("explain", "NB229", "--format", "markdown").stdout
    assert text.startswith("## NB229: a change in place that does not arrive\n")
    assert '```python\n# nb2svc: feature loans\nloans["income"].fillna(0, inplace=True)\n' in text


def test_the_documentation_is_what_the_pages_say(run):
    said = (DOCS / "findings.md").read_text(encoding="utf-8")
    assert run("explain", "--format", "markdown").stdout == said, "run: nb2svc explain --format markdown -o docs/findings.md"


def test_it_goes_to_a_file(run):
    result = run("explain", "--format", "markdown", "-o", "findings.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert Path("findings.md").read_text(encoding="utf-8").startswith("# Findings\n")


def test_on_a_terminal_the_code_is_coloured(monkeypatch, capsys):
    from nb2svc.cli.explained import entries, show

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    show(entries(["NB229"]))
    assert "\x1b[" in capsys.readouterr().out
