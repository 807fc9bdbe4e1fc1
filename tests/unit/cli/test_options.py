"""Values of options, and the options of a build as one value."""

from pathlib import Path

import click
import pytest

from nb2svc.cli.options import Duration, Setting, asked_form, asked_output
from nb2svc.config import BuildOptions
from nb2svc.ir.progress import ProgressEvent


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("90s", 90), ("45", 45), ("1h30m", 5400), ("1h2m3s", 3723), ("0.5m", 30), (" 2H ", 7200)]
)
def test_durations(text, seconds):
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "0s", "-5", "5d", "m30", "1m1h", "nan", "inf", "30 m"])
def test_no_durations(text):
    with pytest.raises(click.BadParameter):
        Duration().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "pair"), [("a=1", ("a", "1")), ("a=", ("a", "")), ("a=b=c", ("a", "b=c")), ("é='x'", ("é", "'x'"))]
)
def test_settings(text, pair):
    assert Setting().convert(text, None, None) == pair


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--format", "json"], "json"),
        (["--format=json", "x"], "json"),
        (["--format", "text"], "text"),
        (["build", "--format=sarif"], "sarif"),
        (["--format", "junit", "--nonsense"], "junit"),
        (["x.ipynb", "--format", "github"], "github"),
        (["--format", "xml"], "text"),
        (["--format"], "text"),
        (["json"], "text"),
        ([], "text"),
    ],
)
def test_the_format_is_seen_before_anything_is_parsed(arguments, wanted):
    assert asked_form(arguments) == wanted


def test_the_project_goes_beside_the_notebook_unless_told_otherwise():
    assert BuildOptions(notebook=Path("a/loans.ipynb")).target("loans") == Path("a/loans")
    assert BuildOptions(notebook=Path("a/loans.ipynb"), output=Path("b")).target("loans") == Path("b")


def test_the_run_gets_what_was_said_and_tells_each_cell_once():
    from nb2svc.capture.settings import CellProgress

    told: list[ProgressEvent] = []
    options = BuildOptions(notebook=Path("a.ipynb"), parameters=(("n", "3"),), cwd=Path("data"), timeout=60.0, kernel="py311")
    settings = options.run_settings(told.append)
    assert (settings.parameters, settings.cwd, settings.timeout, settings.kernel) == ((("n", "3"),), "data", 60.0, "py311")
    assert settings.progress is not None
    for state in ("started", "ended"):
        settings.progress(CellProgress(state=state, number=2, total=9, title='cell 2 "Data"', seconds=0.1))
    assert {event.text for event in told} == {'running cell 2 "Data": 2 of 9'}
    assert [(event.stage, event.cell, event.done, event.total) for event in told] == [("run", 2, 1, 9), ("run", 2, 2, 9)]
    assert settings.output is not None
    settings.output(2, "loaded\n")
    assert told[-1] == ProgressEvent(stage="run", cell=2, output="loaded\n")


def test_every_option_reaches_the_build(run, pipeline):
    seen = []

    def build(options, *, progress):
        seen.append(options)
        raise KeyboardInterrupt

    pipeline(build=build)
    run(
        *("build", "a.ipynb", "-o", "out", "-p", "n=3", "-p", "m=x y", "--cwd", "data", "--timeout", "90s", "--kernel", "k"),
        *("--package", "pkg", "--parity", "all", "--no-retrain", "--no-bento"),
    )
    run("build", "a.ipynb")
    assert seen == [
        BuildOptions(
            notebook=Path("a.ipynb"), output=Path("out"), parameters=(("n", "3"), ("m", "x y")), cwd=Path("data"), timeout=90.0,
            kernel="k", parity="all", retrain=False, bento=False, package="pkg",
        ),
        BuildOptions(notebook=Path("a.ipynb")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (["analyze", "x.ipynb", "-o", "out.json"], "out.json"),
        (["analyze", "x.ipynb", "-oout.json"], "out.json"),
        (["test", "--output", "out.xml", "loans"], "out.xml"),
        (["test", "--output=out.xml", "loans"], "out.xml"),
        (["analyze", "x.ipynb", "-o", "-"], None),
        (["analyze", "x.ipynb", "-o"], None),
        (["show", "x.ipynb", "-o", "modules/"], None),
        (["show", "x.ipynb", "-o", "."], None),
        (["build", "x.ipynb", "-o", "loans"], None),
        (["ci", "init", "github", "-o", "flow.yml"], None),
        (["analyze", "x.ipynb"], None),
    ],
)
def test_the_file_of_an_errors_report_is_seen_before_anything_is_parsed(arguments, file):
    assert asked_output(arguments) == file
