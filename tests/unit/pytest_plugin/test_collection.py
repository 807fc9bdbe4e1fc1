"""What pytest collects of notebooks, and what it says of those that it can't. Nothing of a notebook is run."""

import json
import re

import pytest

# Each session below would import it again: pytester takes back what a session imported.
import nb2svc.pytest_plugin.session  # noqa: F401
from conftest import ROOT

pytest_plugins = ["pytester"]

CELLS = [
    "seed = 1\nmodel = 'lr'",
    "open('ran', 'w').close()\nraise SystemExit('a cell was run')",
    "# nb2svc: check ranks_well\nassert seed > 0",
    "# nb2svc: check\nassert model",
]


def notebook(*cells, indent=1):
    document = {
        "cells": [
            {
                "cell_type": "code", "id": f"c{number}", "metadata": {"tags": ["parameters"] if number == 0 else []},
                "execution_count": None, "outputs": [], "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(document, indent=indent)


@pytest.fixture
def project(pytester):
    """A folder with a notebook, another that has no check, and a test."""
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_plain.py").write_text("def test_plain():\n    pass\n")
    (pytester.path / "models").mkdir()
    (pytester.path / "models" / "loans.ipynb").write_text(notebook(*CELLS))
    (pytester.path / "models" / "plots.ipynb").write_text(notebook("x = 1"))
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    return pytester


LOANS = [f"models/loans.ipynb::{name}" for name in ("run", "ranks_well", "check_2")]
PLAIN = "tests/test_plain.py::test_plain"


def collected(project, *arguments):
    done = project.runpytest_inprocess("--collect-only", "-q", "-p", "no:cacheprovider", *arguments)
    assert not (project.path / "models" / "ran").exists()
    return [line for line in done.outlines if "::" in line]


def refused(project, *arguments):
    done = project.runpytest_inprocess("-q", "-p", "no:cacheprovider", *arguments)
    assert done.ret in (2, 4)
    text = "\n".join(done.outlines + done.errlines)
    assert "Traceback" not in text
    assert "nb2svc/" not in text
    return text


def test_named_alone_a_notebook_is_all_that_is_collected(project):
    assert collected(project, "--nb2svc", "models/loans.ipynb") == LOANS
    assert collected(project, "--nb2svc", "models/*.ipynb") == LOANS


def test_beside_a_path_it_comes_on_top(project):
    assert collected(project, "tests", "--nb2svc=models/loans.ipynb") == [PLAIN, *LOANS]
    assert sorted(collected(project, ".", "--nb2svc=models/loans.ipynb")) == sorted([PLAIN, *LOANS])


def test_no_test_of_a_folder_is_lost_in_pytest_8(project, monkeypatch):
    """There a file within a folder that is named, too, was all that came of the folder: the notebook is met on the way."""
    monkeypatch.setattr("nb2svc.pytest_plugin.session._OLD", True)
    assert sorted(collected(project, ".", "--nb2svc=models/loans.ipynb")) == sorted([PLAIN, *LOANS])
    (project.path / "build").mkdir()
    (project.path / "build" / "loans.ipynb").write_text(notebook(*CELLS))
    assert "not collected" in refused(project, ".", "--nb2svc=build/loans.ipynb")
    (project.path / "a_test.py").write_text("import no_such_module\n")
    assert "no_such_module" in "\n".join(
        project.runpytest_inprocess("-x", ".", "a_test.py", "--nb2svc=build/loans.ipynb").outlines
    )


def test_options_of_the_configuration_take_no_test_away(project):
    project.makeini("[pytest]\ntestpaths = tests\naddopts = --nb2svc models/loans.ipynb\n")
    assert collected(project) == [PLAIN, *LOANS]


def test_notebooks_of_the_configuration_come_with_testpaths_and_where_they_are_named(project, monkeypatch):
    project.makeini("[pytest]\ntestpaths = tests\nnb2svc_notebooks =\n    models/*.ipynb\n")
    assert collected(project) == [PLAIN, *LOANS]
    assert collected(project, "tests") == [PLAIN]
    assert collected(project, "models") == LOANS
    assert collected(project, "models/loans.ipynb::ranks_well") == [LOANS[1]]
    monkeypatch.chdir(project.path / "tests")
    assert collected(project) == [PLAIN]


def test_a_grid_gives_each_test_its_id(project):
    grid = ("--nb2svc", "models/loans.ipynb", "--nb2svc-grid", "seed=1..2", "--nb2svc-grid", 'model=["lr", "g b"]')
    found = collected(project, *grid, "-k", "ranks_well")
    assert found == [f"models/loans.ipynb::ranks_well[seed={seed}-model={model}]" for seed in (1, 2) for model in ("lr", "g b")]
    assert collected(project, *grid, "-k", "check_2 and lr") == [
        f"models/loans.ipynb::check_2[seed={seed}-model=lr]" for seed in (1, 2)
    ]
    one = "models/loans.ipynb::ranks_well[seed=2-model=lr]"
    assert collected(project, "--nb2svc", one, *grid[2:]) == [one]
    assert collected(project, one, *grid) == [one]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("small: {seed: 3}\nstress: {seed: 4, model: gb}\n", ["small", "stress"]),
        ("- {seed: 3}\n- {seed: 4, model: gb}\n", ["seed=3", "seed=4-model=gb"]),
        ("- {seed: 3}\n- {seed: 3}\n", ["seed=3-set1", "seed=3-set2"]),
    ],
)
def test_a_file_of_cases_gives_each_test_the_name_of_its_case(project, text, ids):
    (project.path / "cases.yaml").write_text(text)
    asked = ("--nb2svc", "models/loans.ipynb", "--nb2svc-matrix", "cases.yaml")
    assert collected(project, *asked, "-k", "ranks_well") == [f"models/loans.ipynb::ranks_well[{each}]" for each in ids]


def test_cases_and_a_grid_make_each_combination(project):
    (project.path / "cases.yaml").write_text("small: {seed: 3}\nstress: {seed: 4}\n")
    asked = ("--nb2svc", "models/loans.ipynb", "--nb2svc-matrix", "cases.yaml", "--nb2svc-grid", 'model=["lr", "gb"]')
    found = collected(project, *asked, "-k", "ranks_well and stress")
    assert found == [f"models/loans.ipynb::ranks_well[stress-model={model}]" for model in ("lr", "gb")]


def test_tests_have_a_marker_and_a_line(project):
    assert collected(project, ".", "--nb2svc", "models/loans.ipynb", "-m", "nb2svc", "--strict-markers") == LOANS
    items, _ = project.inline_genitems("--nb2svc", "models/loans.ipynb", "-p", "no:cacheprovider")
    text = (project.path / "models" / "loans.ipynb").read_text().splitlines()
    assert "check ranks_well" in text[items[1].location[1]]
    groups = [mark.args for item in items for mark in item.iter_markers("xdist_group")]
    assert groups == [("loans.ipynb",)] * 3


def test_a_script_with_cells_is_never_imported(project):
    cells = ["raise SystemExit('imported')", "# nb2svc: check fine\nassert True"]
    (project.path / "models" / "test_cells.py").write_text("\n".join(f"# %%\n{cell}\n" for cell in cells))
    found = collected(project, "--nb2svc", "models/test_cells.py", "--doctest-modules")
    assert found == ["models/test_cells.py::run", "models/test_cells.py::fine"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", ["broken.ipynb - The notebook is not valid JSON", "do this  Open it in Jupyter"]),
        (notebook("# nb2svc: chek a\nassert True"), ["NB101  cell 1, line 1: `chek` is no role", "Did you mean `check`?"]),
        (notebook("x = 1"), ["broken.ipynb has no check cell, so there is nothing to test", "# nb2svc: check NAME"]),
    ],
)
def test_a_notebook_that_gives_no_tests_is_an_error_in_plain_words(project, content, told):
    (project.path / "models" / "broken.ipynb").write_text(content)
    text = refused(project, "--nb2svc", "models/broken.ipynb")
    for each in told:
        assert each in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--nb2svc", "lonas.ipynb"], "--nb2svc lonas.ipynb: there is no such notebook"),
        (["--nb2svc", "nowhere/*.ipynb"], "--nb2svc nowhere/*.ipynb: there is no such notebook"),
        (["--nb2svc", "tox.ini"], "--nb2svc tox.ini: a notebook is an .ipynb, or a .py with # %% cells"),
        (["--nb2svc-grid", "seed=1..2"], "--nb2svc-grid says how to run a notebook, and none is named: add --nb2svc NOTEBOOK"),
        (["--nb2svc-grid", "sed=1..2"], "do this  did you mean --nb2svc-grid seed=…?"),
        (["--nb2svc-p", "sed=1"], "do this  did you mean --nb2svc-p seed=…?"),
        (["--nb2svc-p", "seed"], "--nb2svc-p: 'seed' has no '='; write NAME=VALUE."),
        (["--nb2svc-p", "seed=1", "--nb2svc-p", "seed=2"], "--nb2svc-p: 'seed' is given twice"),
        (["--nb2svc-p", "model=env:NB2SVC_NO_SUCH"], "there is no secret NB2SVC_NO_SUCH"),
        (["--nb2svc-matrix", "none.yaml"], "--nb2svc-matrix none.yaml: there is no file of cases none.yaml"),
        (["--nb2svc-matrix", "tox.ini"], "tox.ini"),
        (["--nb2svc-timeout", "soon"], "--nb2svc-timeout: 'soon' is no time; write 30m, 90s or 1h30m."),
    ],
)
def test_a_wrong_option_is_told_before_anything_runs(project, arguments, told):
    named = [] if arguments[0] == "--nb2svc" or "none is named" in told else ["--nb2svc", "models/loans.ipynb"]
    assert told in refused(project, *named, *arguments)


def test_a_session_without_notebooks_imports_nothing_of_the_compiler(pytester):
    pytester.makeconftest(
        "import sys\n\ndef pytest_unconfigure():\n"
        "    print('loaded', *sorted(name for name in sys.modules if name.partition('.')[0] == 'nb2svc'))\n"
    )
    pytester.makepyfile("def test_one():\n    pass\n")
    done = pytester.runpytest_subprocess("-q", "-s")
    loaded = next(line for line in done.outlines if line.startswith("loaded"))
    assert loaded.split()[1:] == ["nb2svc", "nb2svc.metrics", "nb2svc.pytest_plugin"]


def test_the_options_are_in_the_help_and_in_the_docs(pytester):
    text = "\n".join(pytester.runpytest_inprocess("--help").outlines)
    documented = re.findall(r"(?m)^\| `(--nb2svc[\w-]*|nb2svc_\w+)", (ROOT / "docs" / "pytest.md").read_text())
    assert len(documented) == 7
    assert [option for option in documented if not re.search(rf"(?<![\w-]){option}(?![\w-])", text)] == []
