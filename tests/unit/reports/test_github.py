"""GitHub's workflow commands, read back by the rules of its runner."""

import re
from dataclasses import replace

import pytest

from nb2svc.reports.github import SHOWN, render_github

# As the runner reads a line: a name, properties up to `::`, and the message.
COMMAND = re.compile(r"::(?P<name>error|warning|notice)(?: (?P<properties>(?:[a-zA-Z]+=[^,:\n]*,?)+))?::(?P<message>.*)")
ESCAPES = (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%"))


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner understands it.

    Raises:
        ValueError: the runner would take it for plain text, or lose a part of it.
    """
    match = COMMAND.fullmatch(line)
    if match is None:
        raise ValueError(line)
    pairs = (pair.partition("=")[::2] for pair in (match["properties"] or "").split(",") if pair)
    return match["name"], {key: unescaped(value) for key, value in pairs}, unescaped(match["message"])


def unescaped(text: str) -> str:
    if re.search(r"%(?!25|0A|0D|3A|2C)", text):
        raise ValueError(text)
    for code, character in ESCAPES:
        text = text.replace(code, character)
    return text


@pytest.mark.parametrize(
    "line",
    ["::fatal file=a::x", "::error file=a:b::x", "error::x", "::error file=a,b::x::", "::error title=x\n::y", "::error::100%"],
)
def test_the_reader_rejects_what_a_runner_would_lose(line):
    with pytest.raises(ValueError):
        read(line)


def test_each_finding_is_one_line_that_says_all(report):
    *lines, summary = render_github(report).split("\n")
    assert [read(line)[0] for line in lines] == ["error", "warning", "warning", "notice"]
    _, properties, message = read(lines[0])
    assert properties["file"] == "note books/früh, 1.ipynb"
    assert properties["title"] == "NB223: a secret in the code"
    assert properties["line"] == properties["endLine"]
    assert properties["line"] == str(report.records[0].place.region.line)
    assert message.startswith('cell 2 "früh", line 2: a `key` & <more>: 100%\nsecond line ::warning::x\r\n')
    assert message.endswith("Do this: Read it from `os.environ`, e.g. os.environ['K'].")
    assert summary == "nb2svc analyze früh, 1.ipynb: 1 failed, 2 warned, 1 noted"


def test_what_passed_is_only_counted(verdict_report):
    *lines, summary = render_github(verdict_report).split("\n")
    *told, http, workflow = lines
    assert [read(line)[0] for line in told] == ["error", "error", "warning", "warning"]
    assert http == "not evaluated: proof http: http: no server"
    assert workflow == "not evaluated: BIZ-01 Workflow: Nobody said."
    assert summary.endswith("2 failed, 2 warned, 2 not evaluated, 2 passed")


def test_an_error_stands_alone(stopped):
    line, summary = render_github(stopped).split("\n")
    assert summary == "nb2svc analyze: stopped by an error"
    assert read(line) == (
        "error",
        {"title": "there is no notebook x: y"},
        "a,b.ipynb\n100% <gone>\nsecond\ndid you mean a.ipynb?",
    )


def test_what_github_does_not_show_is_counted(report):
    many = replace(report, records=report.records[1:2] * (SHOWN + 3))
    assert render_github(many).endswith("; 3 more than GitHub shows beside the code, they stand above")


def test_nothing_to_report_says_so(empty):
    assert render_github(empty) == "nb2svc analyze früh, 1.ipynb: nothing to report"
