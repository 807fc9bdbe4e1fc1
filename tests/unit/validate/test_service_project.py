"""Which project is asked, and what of it: found on the disk, and refused before anything runs."""

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Notebook
from nb2svc.parity.retrain import train_again
from nb2svc.read.notebook import parse_notebook
from nb2svc.validate.service.project import built_project


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    path = tmp_path / "loans.py"
    path.write_text('# %% tags=["parameters"]\nalpha = 3.0\n')
    return parse_notebook(path.read_bytes(), path=str(path))[0]


def project(folder: Path, digest: str, *, notebook: str = "loans.py", parameters: dict[str, str] | None = None) -> Path:
    """The files of a project that are looked at."""
    package = folder / "loans"
    (package / "_nb2svc").mkdir(parents=True)
    origin = {"notebook": notebook, "notebook_digest": digest, "parameters": parameters or {}}
    (package / "_nb2svc" / "origin.json").write_text(json.dumps(origin))
    (package / "training.py").write_text('main(train, parameters=("alpha",))\n')
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "training.pyc").write_bytes(b"x")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_checks.py").write_text("")
    (folder / "readiness.json").write_text("{}")
    return folder


def test_the_project_of_the_notebook_as_it_is_is_found_beside_it(notebook: Notebook, tmp_path: Path):
    made = project(tmp_path / "mine", notebook.digest, parameters={"alpha": "1.0"})
    project(tmp_path / "newer", "another state")
    found = built_project(notebook, None)
    assert (found.shown, found.package, found.knobs.takes, found.knobs.built) == ("mine", "loans", ("alpha",), {"alpha": "1.0"})
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert sorted(archive.namelist()) == ["loans/_nb2svc/origin.json", "loans/training.py", "tests/test_checks.py"]
    assert built_project(notebook, made).digest == found.digest
    (made / "loans" / "training.py").write_text("main(train)\n")
    assert built_project(notebook, made).digest != found.digest


def test_a_notebook_that_was_not_built_is_refused(notebook: Notebook):
    with pytest.raises(UsageError) as refused:
        built_project(notebook, None)
    assert refused.value.what == "loans.py was not built yet"
    assert f"nb2svc build {notebook.path}" in refused.value.fix


def test_a_project_of_another_state_of_the_notebook_is_refused(notebook: Notebook, tmp_path: Path):
    stale = project(tmp_path / "stale", "0" * 64)
    for asked in (None, stale):
        with pytest.raises(UsageError) as refused:
            built_project(notebook, asked)
        assert refused.value.what == "stale was built from another state of loans.py"
        assert notebook.digest[:12] in refused.value.why
        assert "build it first" in refused.value.fix


def test_what_is_no_project_of_this_notebook_is_refused(notebook: Notebook, tmp_path: Path):
    other = project(tmp_path / "other", notebook.digest, notebook="churn.ipynb")
    with pytest.raises(UsageError, match=r"other was built from churn\.ipynb"):
        built_project(notebook, other)
    with pytest.raises(UsageError, match="is no built project"):
        built_project(notebook, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty is no built project"):
        built_project(notebook, tmp_path / "empty")


def test_a_training_that_takes_too_long_is_ended(tmp_path: Path):
    package = tmp_path / "project" / "loans"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "training.py").write_text("import sys, time\nprint(sys.argv[5:], flush=True)\ntime.sleep(60)\n")
    said = train_again(
        tmp_path / "project", "loans", data=tmp_path, interpreter=sys.executable, scratch=tmp_path,
        parameters=(("alpha", "'a b'"),), limit=1.0,
    )  # fmt: skip
    assert said == "training.py took longer than 1.0 s"
    assert "alpha='a b'" in (tmp_path / "retrain.log").read_text()
