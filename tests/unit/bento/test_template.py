"""The project's own files: valid, pinned, the same each time."""

import ast
import dataclasses
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "fixtures"))

from loans_project.data import read_data, write_data
from loans_project.plan import loans_plan

from nb2svc.bento.template import project_files, service_class, service_module

VERSIONS = {"bentoml": "1.4.39", "skops": "0.16.0"}


@pytest.fixture
def plan(tmp_path):
    write_data(tmp_path, applicants=60)
    return loans_plan(read_data(tmp_path), requirements=(("pandas", "3.1.1"), ("scikit-learn", "1.9.1")))


@pytest.fixture
def files(plan):
    return {file.path: file.content.decode() for file in project_files(plan, versions=VERSIONS)}


def test_the_files(files):
    assert sorted(files) == [".gitignore", "README.md", "loans/service.py", "pyproject.toml", "requirements.txt"]


def test_the_service_module_is_python_of_39_and_names_the_service(plan):
    text = service_module(plan)
    ast.parse(text, feature_version=(3, 9))
    assert '@bentoml.service(name="loans", service_class=NotebookService' in text
    assert "class Loans:" in text
    assert "import pandas" not in text


def test_a_hostile_notebook_name_stays_text(plan):
    odd = dataclasses.replace(plan, notebook_name='a"""b\\.ipynb')
    for file in project_files(odd, versions=VERSIONS):
        if file.path.endswith(".py"):
            ast.parse(file.content)
        if file.path.endswith(".toml"):
            tomllib.loads(file.content.decode())


def test_requirements_are_pinned_and_sorted(files):
    assert files["requirements.txt"] == "bentoml==1.4.39\npandas==3.1.1\nscikit-learn==1.9.1\nskops==0.16.0\n"


def test_unknown_versions_are_bounded(plan):
    (text,) = (file.content.decode() for file in project_files(plan, versions={}) if file.path == "requirements.txt")
    assert "bentoml>=1.4.39,<1.5\n" in text


def test_pyproject_tells_bentoml_what_to_build(files):
    build = tomllib.loads(files["pyproject.toml"])["tool"]["bentoml"]["build"]
    assert build["service"] == "loans.service:Loans"
    assert build["python"] == {"lock_packages": False, "requirements_txt": "requirements.txt"}


def test_a_service_never_hides_what_it_imports(plan):
    assert service_class(dataclasses.replace(plan, service="NotebookService")) == "NotebookServiceService"
    assert service_class(dataclasses.replace(plan, service="CreditRisk")) == "CreditRisk"
