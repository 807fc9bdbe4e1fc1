"""The author's own modules go with the project: where the slice imports one, with what it imports in turn."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.analysis.dataflow import link, parse_statements
from nb2svc.bento.template import project_files
from nb2svc.errors import RunError
from nb2svc.ir.capture import InputFile
from nb2svc.pipeline import author_files
from nb2svc.plan.modules import modules_out_of_reach, own_modules
from nb2svc.plan.planner import make_plan
from unit.plan import loans
from unit.plan.loans import CAPTURE

SOURCE = "import pandas as pd\nfrom tidying import halved\nimport plots\n"
DATAFLOW = link(parse_statements(SOURCE))
PLAN = make_plan(loans.NOTEBOOK, loans.DATAFLOW, loans.OUTLINE, CAPTURE, loans.OBSERVATION)
FILES = ("tidying.py", "shared/numbers.py", "../elsewhere.py", "data.csv")


def capture(folder: Path, **changed: object):
    inputs = tuple(InputFile(path=path, sha256=hashlib.sha256(b"x = 1\n").hexdigest(), size=6) for path in FILES)
    modules = (("pandas", "pandas"), ("tidying", ""), ("elsewhere", ""))
    return replace(CAPTURE, inputs=inputs, modules=modules, cwd=str(folder), **changed)


def test_modules_that_the_slice_imports_are_taken_along_with_their_neighbours(tmp_path: Path) -> None:
    assert own_modules(DATAFLOW, (0, 1), capture(tmp_path)) == ("shared/numbers.py", "tidying.py")


def test_modules_that_only_the_rest_of_the_notebook_imports_are_not(tmp_path: Path) -> None:
    assert own_modules(DATAFLOW, (0,), capture(tmp_path)) == ()
    assert own_modules(DATAFLOW, (0, 2), capture(tmp_path)) == ()


def test_a_module_that_sys_path_finds_elsewhere_is_refused_where_it_is_imported(tmp_path: Path) -> None:
    source = "import pandas as pd\nfrom tidying import halved\nimport elsewhere.deep as e\nimport numpy\n"
    dataflow = link(parse_statements(source))
    outline = replace(loans.OUTLINE, serving=replace(loans.OUTLINE.serving, statements=(0, 1, 2, 3)))
    without = replace(outline, serving=replace(outline.serving, statements=(0, 1, 3)))

    (finding,) = modules_out_of_reach(dataflow, outline, capture(tmp_path))

    assert (finding.code, finding.severity, finding.span) == ("NB236", "refusal", dataflow.statements[2].span)
    assert (
        finding.message
        == "`elsewhere` is a module of yours that does not lie beside the notebook: the service would not find it."
    )
    assert "into the notebook's folder" in finding.remedy
    assert modules_out_of_reach(dataflow, without, capture(tmp_path)) == ()


def test_the_files_are_the_project_s_and_are_shipped(tmp_path: Path) -> None:
    plan = replace(PLAN, modules=("shared/numbers.py", "tidying.py"))
    (tmp_path / "shared").mkdir()
    for path in plan.modules:
        (tmp_path / path).write_bytes(b"x = 1\n")
    assert [(file.path, file.content) for file in author_files(plan, capture(tmp_path))] == [
        ("shared/numbers.py", b"x = 1\n"),
        ("tidying.py", b"x = 1\n"),
    ]
    texts = {file.path: file.content.decode() for file in project_files(plan, versions={})}
    assert 'py-modules = ["tidying"]' in texts["pyproject.toml"]
    assert 'include = ["loans*", "shared*"]' in texts["pyproject.toml"]
    assert 'include = ["loans/**", "shared/**", "tidying.py", ' in texts["pyproject.toml"]


def test_a_module_that_was_changed_since_the_run_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "tidying.py").write_bytes(b"x = 2\n")
    with pytest.raises(RunError) as caught:
        author_files(replace(PLAN, modules=("tidying.py",)), capture(tmp_path))
    assert (caught.value.where, caught.value.fix) == ("tidying.py", "build again")
