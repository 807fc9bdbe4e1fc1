import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.capture import InputFile
from nb2svc.ir.validation import RunResult, RunSpec
from nb2svc.read.notebook import parse_notebook
from nb2svc.system.digests import file_digest
from nb2svc.validate.cluster import travel
from nb2svc.validate.cluster.making import keep, of_same_data, puts_there
from nb2svc.validate.cluster.placing import as_if_at, placed
from nb2svc.validate.cluster.travel import Luggage, Return, Trip, luggage, obeyed, own_files, packed, unpacked
from nb2svc.validate.folder import NOTED, finished_run, validation_folder
from nb2svc.validate.task import RunTask
from nb2svc.validate.url import UrlOutput

SPEC = RunSpec(key="0123456789abcdef01")
RESULT = RunResult(key=SPEC.key, spec=SPEC, status="ok", worker="w")


def notebook(folder: Path, *sources: str):
    cells = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": text} for text in sources]
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
    return parse_notebook(content, path=str(folder / "n.ipynb"))[0]


def trip(folder: Path, taken: Luggage) -> Trip:
    task = RunTask(
        spec=SPEC,
        content=b"{}",
        path=str(folder / "n.ipynb"),
        kernel="python3",
        cwd=str(folder),
        folder="/o",
        timeout=9.0,
        retries=2,
    )
    return Trip(task=task, luggage=taken, secrets=("A",), function="m:f", topic="t", ours="k")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "notebooks"
    (folder / "package" / "deep").mkdir(parents=True)
    (folder / "package" / "__pycache__").mkdir()
    (folder / "unused").mkdir()
    for name, text in {
        "beside.py": "import below\nimport numpy\n", "below.py": "from package.deep import x\n", "other.py": "", "package/__init__.py": "",
        "package/deep/__init__.py": "x = 1\n", "package/words.json": "{}", "package/__pycache__/x.pyc": "", "unused/__init__.py": "",
        "broken.py": "def", "rows.csv": "1\n",
    }.items():  # fmt: skip
        (folder / name).write_text(text)
    (tmp_path / "project" / "more.csv").write_text("2\n")
    return folder


def test_modules_travel_with_what_they_import(project: Path):
    found = own_files(notebook(project, "import beside, broken\nimport pandas"), project)
    assert [path.relative_to(project).as_posix() for path in found] == [
        "below.py", "beside.py", "broken.py", "package/__init__.py", "package/deep/__init__.py", "package/words.json",
    ]  # fmt: skip


def test_modules_that_are_too_large_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(travel, "_MOST", 10)
    with pytest.raises(UsageError, match="the modules beside the notebook have"):
        luggage(notebook(project, "import beside"), cwd=project)


def test_data_that_the_code_names_are_known_by_their_digests(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    read = "import pandas as pd\na = pd.read_csv('rows.csv')\nb = pd.read_csv('../more.csv')\nc = pd.read_csv('none.csv')"
    taken = luggage(notebook(project, read), cwd=project)
    assert taken.data == (("../more.csv", file_digest(project / "../more.csv")), ("rows.csv", file_digest(project / "rows.csv")))
    assert ("OMP_NUM_THREADS", "3") in taken.environment
    assert taken.inodes == (project.stat().st_ino, project.parent.stat().st_ino)


def test_a_trip_comes_as_it_went(project: Path):
    there = trip(project, luggage(notebook(project, "import beside\nopen('rows.csv')"), cwd=project))
    there = replace(there, task=replace(there.task, folder="", output="s3://b/x", session="s", segments=("region",)))
    assert unpacked(packed(there)) == there


def test_a_worker_obeys_the_variables_of_the_command():
    taken = Luggage(files=(), data=(), inodes=(), environment=(("TZ", "UTC"),))
    assert obeyed(taken, {"OMP_NUM_THREADS": "1", "PATH": "/bin", "TZ": "CET"}) == {"PATH": "/bin", "TZ": "UTC"}


def test_a_run_is_made_in_the_folder_itself_where_the_worker_sees_it(project: Path, tmp_path: Path):
    taken = luggage(notebook(project, "import beside"), cwd=project)
    with placed(trip(project, taken), scratch=str(tmp_path), worker="w") as place:
        assert (place.cwd, place.moved) == (project, False)
        home = place.home
    assert not home.exists()


def test_elsewhere_it_is_made_in_a_fresh_folder_with_the_data_of_the_same_path(project: Path, tmp_path: Path):
    read = "import beside\nopen('rows.csv')\nopen('../more.csv')"
    taken = replace(luggage(notebook(project, read), cwd=project), inodes=(1, 2))
    (project / "beside.py").write_text("changed meanwhile")
    with placed(trip(project, taken), scratch=str(tmp_path), worker="w") as place:
        assert place.moved
        assert place.cwd.is_relative_to(place.home)
        assert (place.cwd / "beside.py").read_text() == "import below\nimport numpy\n"
        assert (place.cwd / "package/deep/__init__.py").exists()
        assert (place.cwd / "rows.csv").read_text() == "1\n"
        assert (place.cwd / "../more.csv").read_text() == "2\n"
        assert not (place.cwd / "other.py").exists()
        text = json.dumps({"at": str(place.cwd / "rows.csv")})
        assert json.loads(as_if_at(text, place, str(project))) == {"at": str(project / "rows.csv")}


def test_a_file_that_a_worker_has_not_or_has_otherwise_is_named(project: Path, tmp_path: Path):
    taken = replace(luggage(notebook(project, "open('rows.csv')"), cwd=project), inodes=(1, 2))
    (project / "rows.csv").write_text("other")
    with (
        pytest.raises(EnvironmentProblem, match=r"the worker w has another rows\.csv"),
        placed(trip(project, taken), scratch=None, worker="w"),
    ):
        pass
    (project / "rows.csv").unlink()
    with (
        pytest.raises(EnvironmentProblem, match=r"the worker w has no rows\.csv") as raised,
        placed(trip(project, taken), scratch=None, worker="w"),
    ):
        pass
    assert raised.value.where == str(project / "rows.csv")


def test_a_run_about_other_data_is_an_error(project: Path):
    task = trip(project, Luggage(files=(), data=(), inodes=(), environment=())).task
    same = InputFile(path="rows.csv", sha256=file_digest(project / "rows.csv"), size=2)
    gone = InputFile(path="gone.csv", sha256="x", size=2)
    module = InputFile(path="beside.py", sha256="x", size=2)
    whole = replace(RESULT, inputs=(same, gone, module))
    assert of_same_data(whole, task) == whole
    made = of_same_data(replace(RESULT, inputs=(replace(same, sha256="x"),)), task)
    assert (made.status, made.failure.what) == ("error", "the worker w read another rows.csv")


def test_what_came_back_is_kept_whole(project: Path, tmp_path: Path):
    out = tmp_path / "out"
    task = replace(trip(project, Luggage(files=(), data=(), inodes=(), environment=())).task, folder=str(out), session="s")
    came = Return(result=RESULT, files=((NOTED, b"{}"), ("more/plot.png", b"png")))
    with validation_folder(out):
        assert keep(task, came) == RESULT
        assert finished_run(out, SPEC) == (RESULT, {})
        far = UrlOutput(f"file://{tmp_path}/far")
        kept = keep(replace(task, output=far.url), came)
        assert far.finished(SPEC) == (kept, {})
        assert far.read(f"{kept.folder}/more/plot.png") == b"png"
        # Its worker may have put it there itself.
        assert keep(replace(task, output=far.url), replace(came, files=())) == kept


def test_workers_put_runs_only_where_they_see_the_same_and_no_password_is_sent():
    assert puts_there("s3://bucket/x")
    assert not any(map(puts_there, ["", "file:///x", "memory://x", "local://x", "sftp://ann:secret@host/x"]))
    assert os.environ
