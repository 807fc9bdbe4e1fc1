"""`nb2svc ci init`: what it finds, what it writes, and what it never overwrites."""

import json
import os
import shutil
import subprocess

import pytest
import yaml

from nb2svc.ci.render import render_hooks
from unit.ci.conftest import EXAMPLE, git, notebook_bytes, tool

ROOT = EXAMPLE.parents[1]
WORKFLOW = ".github/workflows/nb2svc.yml"
TAGGED = ("import json\nimport yaml\nx = 1", "# nb2svc: feature a\ny = x", "# nb2svc: model\nm = y")


def matrix(root, job="service"):
    return yaml.safe_load((root / WORKFLOW).read_text())["jobs"][job]["strategy"]["matrix"]["include"]


def test_a_notebook_in_a_subfolder_with_spaces(repository, run):
    done = run("ci", "init", "github")
    assert done.exit_code == 0, done.output
    assert matrix(repository) == [
        {
            "id": "progression_of_2024",
            "notebook": "risk models/progression of 2024.ipynb",
            "package": "progression_of_2024",
            "project": "risk models/progression_of_2024",
            "bento": "progression-of-2024",
            "requirements": "requirements.txt",
            "artifact": "progression_of_2024-validation",
            "validation": "validated/validation",
        }
    ]
    assert f"wrote      {WORKFLOW}" in done.output
    assert "next       git add .github/workflows/nb2svc.yml &&" in done.output


def test_again_changes_nothing(repository, run):
    run("ci", "init", "github")
    first = (repository / WORKFLOW).read_bytes()
    done = run("ci", "init", "github")
    assert (repository / WORKFLOW).read_bytes() == first
    assert f"unchanged  {WORKFLOW}" in done.output


def test_what_somebody_edited_is_shown_and_stays(repository, run):
    run("ci", "init", "github")
    path = repository / WORKFLOW
    edited = path.read_text().replace("timeout-minutes: 45", "timeout-minutes: 90")
    path.write_text(edited)
    done = run("ci", "init", "github")
    assert done.exit_code == 2
    assert "-    timeout-minutes: 90\n+    timeout-minutes: 45" in done.output
    assert path.read_text() == edited
    done = run("ci", "init", "github", "--force")
    assert done.exit_code == 0
    assert "timeout-minutes: 45" in path.read_text()
    assert path.with_name("nb2svc.yml.orig").read_text() == edited
    assert "the old text is in .github/workflows/nb2svc.yml.orig" in done.output


def test_several_notebooks_and_two_of_one_name(repository, run):
    for folder in ("a", "b"):
        (repository / folder).mkdir()
        (repository / folder / "loans.ipynb").write_bytes(notebook_bytes(*TAGGED))
    (repository / "b" / "requirements.txt").write_text("pandas\n")
    (repository / "a" / "untagged.ipynb").write_bytes(notebook_bytes("x = 1"))
    (repository / "a" / "broken.ipynb").write_text('{"nb2svc": ')
    (repository / "a" / "script.py").write_text("# nb2svc: feature a, says this comment\n")
    (repository / "a" / "percent.py").write_text("# %%\nx = 1\n# %%\n# nb2svc: feature a\ny = x\n# %%\n# nb2svc: model\nm = y\n")
    assert run("ci", "init", "github").exit_code == 0
    found = [(job["id"], job["notebook"], job["requirements"]) for job in matrix(repository)]
    assert found == [
        ("loans", "a/loans.ipynb", "requirements.txt"),
        ("percent", "a/percent.py", "requirements.txt"),
        ("loans_2", "b/loans.ipynb", "b/requirements.txt"),
        ("progression_of_2024", "risk models/progression of 2024.ipynb", "requirements.txt"),
    ]
    assert [job["id"] for job in matrix(repository, "analyze")] == [each[0] for each in found]


def test_one_of_several_is_named_from_its_own_folder(repository, run, monkeypatch):
    (repository / "loans.ipynb").write_bytes(notebook_bytes(*TAGGED))
    monkeypatch.chdir(repository / "risk models")
    assert run("ci", "init", "github", "--notebook", "../loans.ipynb", "--python", "3.12").exit_code == 0
    assert [job["notebook"] for job in matrix(repository)] == ["loans.ipynb"]
    assert "python-version: '3.12'" in (repository / WORKFLOW).read_text()


def test_without_requirements_they_are_what_the_notebook_imports(repository, run):
    (repository / "requirements.txt").unlink()
    done = run("ci", "init", "github")
    assert done.exit_code == 0, done.output
    lines = (repository / "requirements.txt").read_text().splitlines()
    assert lines[0].startswith("# What risk models/progression of 2024.ipynb imports")
    assert [line.partition("==")[0] for line in lines[1:]] == ["numpy", "pandas", "scikit-learn"]
    assert all(line.partition("==")[2] for line in lines[1:])
    assert "requirements.txt is new" in done.output
    assert "unchanged" in run("ci", "init", "github").output


def test_requirements_of_another_program_are_refused_with_a_way_out(repository, run):
    (repository / "requirements.txt").write_text("click==7.1.2\npandas==2.0\nscikit-learn\n")
    done = run("ci", "init", "github")
    assert done.exit_code == 2
    assert "it asks for click==7.1.2; nb2svc needs click>=8.1" in done.output
    assert not (repository / WORKFLOW).exists()
    done = run("ci", "init", "github", "--requirements", "notebook-requirements.txt")
    assert done.exit_code == 0, done.output
    assert matrix(repository)[0]["requirements"] == "notebook-requirements.txt"
    assert "scikit-learn==" in (repository / "notebook-requirements.txt").read_text()
    assert "unchanged" in run("ci", "init", "github", "--requirements", "notebook-requirements.txt").output


def test_an_import_that_the_requirements_do_not_name_is_told(repository, run):
    (repository / "requirements.txt").write_text("pandas\n")
    output = run("ci", "init", "github").output
    assert "progression of 2024.ipynb imports sklearn, which no line of requirements.txt brings" in output


def test_tags_that_are_not_in_git_yet_are_to_be_committed(repository, run):
    path = repository / "risk models" / "progression of 2024.ipynb"
    path.write_text(path.read_text() + "\n")
    assert "git add .github/workflows/nb2svc.yml 'risk models/progression of 2024.ipynb' &&" in run("ci", "init", "github").output


def test_what_brings_a_module_is_not_guessed(repository, run):
    (repository / "requirements.txt").unlink()
    (repository / "own.py").write_text("")
    (repository / "loans.ipynb").write_bytes(notebook_bytes("import nobody_has_this, own", *TAGGED))
    done = run("ci", "init", "github", "--notebook", "loans.ipynb")
    assert done.exit_code == 2
    assert "what brings nobody_has_this is not known" in done.output
    assert not (repository / WORKFLOW).exists()
    assert not (repository / "requirements.txt").exists()


def test_a_project_with_its_own_requirements(repository, run):
    (repository / "requirements.txt").unlink()
    (repository / "pyproject.toml").write_text("[tool.ruff]\n")
    assert run("ci", "init", "github").exit_code == 0
    assert matrix(repository)[0]["requirements"] == "requirements.txt"  # settings of tools are no environment
    (repository / "requirements.txt").unlink()
    (repository / "pyproject.toml").write_text('[project]\nname = "risk"\nversion = "1"\ndependencies = ["pandas"]\n')
    assert run("ci", "init", "github", "--force").exit_code == 0
    assert matrix(repository)[0]["pyproject"] == "pyproject.toml"
    assert 'pip install "./$REQUIREMENTS" "$NB2SVC"' in (repository / WORKFLOW).read_text()


def test_two_kinds_of_environments_need_a_word(repository, run):
    (repository / "b").mkdir()
    (repository / "b" / "loans.ipynb").write_bytes(notebook_bytes(*TAGGED))
    (repository / "b" / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling"]\n')
    done = run("ci", "init", "github")
    assert done.exit_code == 2
    assert "--requirements" in done.output
    assert run("ci", "init", "github", "--requirements", "requirements.txt").exit_code == 0


def test_data_that_a_clone_lacks_is_named(repository, run):
    (repository / "risk models" / "loans.csv").write_text("a\n1\n")
    (repository / "risk models" / "more.csv").write_text("a\n1\n")
    source = 'import pandas as pd\nloans = pd.read_csv("loans.csv")\nmore = pd.read_csv("more.csv")'
    (repository / "risk models" / "loans.ipynb").write_bytes(notebook_bytes(source, *TAGGED[1:]))
    (repository / ".gitignore").write_text("loans.csv\n")
    done = run("ci", "init", "github")
    assert "risk models/loans.csv, which risk models/loans.ipynb reads, is ignored by git" in done.output
    assert "git add .github/workflows/nb2svc.yml 'risk models/loans.ipynb' 'risk models/more.csv' &&" in done.output


def test_large_files_are_fetched(repository, run):
    (repository / ".gitattributes").write_text("*.csv filter=lfs diff=lfs merge=lfs -text\n")
    run("ci", "init", "github")
    assert "lfs: true" in (repository / WORKFLOW).read_text()


def test_a_project_in_git_is_compared_with_the_base_branch(repository, run):
    project = repository / "risk models" / "progression_of_2024"
    project.mkdir()
    (project / "README.md").write_text("x")
    run("ci", "init", "github")
    assert "nb2svc diff" not in (repository / WORKFLOW).read_text()
    git("add", ".", cwd=repository)
    run("ci", "init", "github", "--force")
    assert 'nb2svc diff "HEAD^1:$PROJECT" "$PROJECT"' in (repository / WORKFLOW).read_text()


@pytest.mark.parametrize("remote", [True, False])
def test_the_default_branch(remote, repository, run):
    git("checkout", "-qb", "work", cwd=repository)
    if remote:
        git("update-ref", "refs/remotes/origin/develop", "HEAD", cwd=repository)
        git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop", cwd=repository)
    run("ci", "init", "github")
    branches = yaml.safe_load((repository / WORKFLOW).read_text())[True]["push"]["branches"]
    assert branches == (["develop"] if remote else ["main"])


def test_nothing_tagged_leads_to_suggest(repository, run):
    path = repository / "risk models" / "progression of 2024.ipynb"
    path.write_bytes(notebook_bytes("x = 1"))
    for words in ((), ("--notebook", str(path))):
        done = run("ci", "init", "github", *words)
        assert done.exit_code == 3
        assert "nb2svc suggest" in done.output


def test_a_named_notebook_that_cant_be_read_is_told_as_that(repository, run):
    path = repository / "cut.ipynb"
    path.write_text('{"cells": [')
    done = run("ci", "init", "github", "--notebook", str(path))
    assert done.exit_code == 3
    assert "error: The notebook is not valid JSON" in done.output


def test_no_repository(tmp_path, run, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = run("ci", "init", "github")
    assert done.exit_code == 2
    assert "there is no git repository here" in done.output
    monkeypatch.chdir(tmp_path / "repo")
    shutil.copy(EXAMPLE, tmp_path / "elsewhere" / "a.ipynb")
    done = run("ci", "init", "github", "--notebook", "../elsewhere/a.ipynb")
    assert done.exit_code == 2
    assert "a.ipynb is not in this repository" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("github", "--notebook", "none.ipynb"), "there is no notebook none.ipynb"),
        (("github", "--requirements", "none/pyproject.toml"), "there is no project pyproject.toml"),
        (("github", "--python", "3.8"), "3.8"),
        (("jenkins",), "jenkins"),
        (("pre-commit", "--python", "3.12"), "--python is for github and gitlab"),
        (("gitlab", "--output", "../out.yml"), "out.yml is not in this repository"),
    ],
)
def test_bad_input(words, said, run, repository):
    done = run("ci", "init", *words)
    assert done.exit_code == 2
    assert said in done.output
    assert git("status", "--short", cwd=repository) == ""


@pytest.mark.parametrize("name", [b"${{ x }}.ipynb", b"two\nlines.ipynb", b"gr\xf6\xdfe.ipynb"])
def test_a_path_that_a_workflow_misreads(name, repository, run):
    shutil.copy(EXAMPLE, os.fsencode(repository) + b"/" + name)
    done = run("ci", "init", "github")
    assert done.exit_code == 2
    assert "can't stand in a workflow" in done.output


def test_a_configuration_that_is_no_text(repository, run):
    (repository / ".pre-commit-config.yaml").write_bytes(b"repos: # gr\xf6\xdfe\n")
    done = run("ci", "init", "pre-commit")
    assert done.exit_code == 2
    assert "is no text in UTF-8" in done.output


def test_json(repository, run):
    done = json.loads(run("ci", "init", "github", "--format", "json").output)
    assert done["error"] is None
    assert done["files"] == [{"path": WORKFLOW, "status": "wrote", "diff": "", "kept": ""}]
    assert done["jobs"][0]["notebook"] == "risk models/progression of 2024.ipynb"


def test_gitlab_has_one_entrance_of_its_own(repository, run):
    done = run("ci", "init", "gitlab")
    assert done.exit_code == 0
    assert yaml.safe_load((repository / ".gitlab-ci.yml").read_text()) == {"include": [{"local": ".gitlab/nb2svc.yml"}]}
    assert "unchanged  .gitlab/nb2svc.yml" in run("ci", "init", "gitlab").output
    (repository / ".gitlab-ci.yml").write_text("stages: [test]\n")
    done = run("ci", "init", "gitlab")
    assert done.exit_code == 0
    assert "include:\n             - local: .gitlab/nb2svc.yml" in done.output
    assert (repository / ".gitlab-ci.yml").read_text() == "stages: [test]\n"


def test_pre_commit_accepts_its_configuration(repository, run):
    done = run("ci", "init", "pre-commit")
    assert done.exit_code == 0
    assert tool("pre-commit", "validate-config", cwd=repository).returncode == 0
    assert "unchanged" in run("ci", "init", "pre-commit").output


def test_hooks_are_added_to_a_configuration(repository, run):
    before = "# ours\nrepos:\n  - repo: local\n    hooks:\n      - {id: a, name: a, entry: 'true', language: system}\n"
    (repository / ".pre-commit-config.yaml").write_text(before)
    done = run("ci", "init", "pre-commit")
    assert "extended   .pre-commit-config.yaml" in done.output
    assert (repository / ".pre-commit-config.yaml").read_text().startswith(before)
    assert tool("pre-commit", "validate-config", cwd=repository).returncode == 0


def test_the_repository_is_read_with_git(repository, run, monkeypatch):
    def none(*words, **options):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", none)
    done = run("ci", "init", "github")
    assert done.exit_code == 5
    assert "git is not installed" in done.output


def test_check_looks_at_tagged_notebooks_only(repository, run):
    (repository / "untagged.ipynb").write_bytes(notebook_bytes("x = 1"))
    (repository / "notes.md").write_text("nb2svc")
    names = ["untagged.ipynb", "notes.md", "risk models/progression of 2024.ipynb"]
    done = run("ci", "check", *names)
    assert (done.exit_code, done.output) == (0, "1 tagged notebook, nothing refused\n")


def test_check_tells_refusals(repository, run):
    (repository / "bad.ipynb").write_bytes(notebook_bytes("# nb2svc: featur a\nx = 1"))
    done = run("ci", "check", "bad.ipynb")
    assert done.exit_code == 3
    assert "1 tagged notebook, 1 of them can't be compiled" in done.output
    assert "refusal NB1" in done.output
    document = json.loads(run("ci", "check", "bad.ipynb", "--format", "json").output)
    assert document["notebooks"][0]["findings"]
    (repository / "bad.ipynb").write_text('{"nb2svc": ')
    assert run("ci", "check", "bad.ipynb").exit_code == 3


def test_nothing_half_written_where_a_folder_is_read_only(repository, run, monkeypatch):
    from nb2svc.errors import EnvironmentProblem

    (repository / ".github").write_text("a file")
    done = run("ci", "init", "github")
    assert done.exit_code == EnvironmentProblem.exit_code
    assert "can't make the folder of nb2svc.yml" in done.output


def test_the_group_shows_its_help(run):
    done = run("ci")
    assert done.exit_code == 0
    assert "init" in done.output


def test_the_hooks_that_this_repository_offers_are_those_that_init_writes(tmp_path):
    offered = ROOT / ".pre-commit-hooks.yaml"
    done = tool("pre-commit", "validate-manifest", str(offered), cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    written = {hook["id"]: hook for hook in yaml.safe_load(render_hooks())[0]["hooks"]}
    assert [hook["id"] for hook in yaml.safe_load(offered.read_text())] == list(written)
    for hook in yaml.safe_load(offered.read_text()):
        same = ("entry", "files", "name")
        assert [hook[key] for key in same] == [written[hook["id"]][key] for key in same]
