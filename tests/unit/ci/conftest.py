"""A small git repository to write workflows for, and the command line in it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

EXAMPLES = Path(__file__).parents[3] / "example_notebooks"
EXAMPLE = EXAMPLES / "diabetes_progression.ipynb"
SCRIPTS = Path(sys.executable).parent


def git(*words, cwd):
    settings = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *settings, *words], cwd=cwd, check=True, capture_output=True, text=True).stdout


def tool(name, *words, cwd):
    """Run a tool of the environment that the tests run in."""
    return subprocess.run([str(SCRIPTS / name), *words], cwd=cwd, capture_output=True, text=True, check=False)


def notebook_bytes(*sources):
    cells = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source} for i, source in enumerate(sources)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.fixture
def repository(tmp_path):
    """A repository with one tagged notebook in a folder with a space, and a requirements file."""
    root = tmp_path / "repo"
    root.mkdir()
    git("init", "-q", cwd=root)
    (root / "risk models").mkdir()
    shutil.copy(EXAMPLE, root / "risk models" / "progression of 2024.ipynb")
    (root / "requirements.txt").write_text("numpy\npandas\nscikit-learn\n")
    git("add", ".", cwd=root)
    git("commit", "-qm", "first", cwd=root)
    return root


@pytest.fixture
def run(repository, monkeypatch):
    """Run the command line in the repository's root."""
    from nb2svc.cli.main import main

    monkeypatch.chdir(repository)
    monkeypatch.setattr("nb2svc.cli.main._end_politely", lambda: None)
    return lambda *arguments: CliRunner().invoke(main, list(arguments))
