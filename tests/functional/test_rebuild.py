"""Building again: the same capture gives the same bytes, and what a person edited is neither lost nor believed unproved."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import nb2svc

EXAMPLE = "diabetes_progression"
# Compiles a captured notebook into a folder of its own and prints each file's digest; nothing is run again.
COMPILE = """
import hashlib, json, sys, tempfile
from pathlib import Path
from nb2svc import pipeline
from nb2svc.capture.pack import pack_artifacts
from nb2svc.ir.capture import Capture
from nb2svc.ir.codec import from_json
from nb2svc.ir.observation import Observation

notebook, folder = Path(sys.argv[1]), Path(sys.argv[2])
capture = from_json(Capture, json.loads((folder / "manifest.json").read_text()))
observation = from_json(Observation, json.loads((folder / "observation.json").read_text()))
compiled, project = pipeline.compile_project(pipeline.analyze(notebook), capture, observation)
with tempfile.TemporaryDirectory() as scratch:
    files = (*project.files, *pack_artifacts(project, compiled.plan, capture, scratch=Path(scratch), places={}))
print(json.dumps({file.path: hashlib.sha256(file.content).hexdigest() for file in files}, sort_keys=True))
"""


def compiled(notebook: Path, *, seed: str, cwd: Path) -> dict[str, str]:
    (manifest,) = (notebook.parent / ".nb2svc" / EXAMPLE).glob("*/manifest.json")
    done = subprocess.run(
        [sys.executable, "-c", COMPILE, str(notebook), str(manifest.parent)],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_same_capture_gives_the_same_bytes(built, tmp_path: Path) -> None:
    made = built(EXAMPLE)
    elsewhere = tmp_path / "a longer path"
    elsewhere.mkdir()
    one, two = compiled(made.notebook, seed="1", cwd=tmp_path), compiled(made.notebook, seed="2", cwd=elsewhere)
    assert one == two
    written = {path: hashlib.sha256((made.project / path).read_bytes()).hexdigest() for path in one}
    assert written == one


FEATURES = f"{EXAMPLE}/features.py"
CHECKS = "tests/test_checks.py"
QUICKLY = ("--no-bento", "--no-retrain")


def test_a_project_that_people_live_with(built, tmp_path: Path) -> None:
    """One project through its life: edited, made wrong, given back; its runtime kept, then renewed."""
    folder = tmp_path / "desk"
    shutil.copytree(built(EXAMPLE).folder, folder)
    project = folder / EXAMPLE
    generated = (project / FEATURES).read_text(encoding="utf-8")
    harmless = generated.replace("visits = patients", "# the target is no feature\n    visits = patients")
    (project / FEATURES).write_text(harmless, encoding="utf-8")
    (project / CHECKS).unlink()
    age_runtime(project)
    old_runtime = tree(project / EXAMPLE / "_nb2svc")

    kept = nb2svc("build", f"{EXAMPLE}.ipynb", *QUICKLY, cwd=folder)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert re.search(rf"by hand   {FEATURES} is taken over \(edited 20.*, \+1 -0 line\): the service was proved", kept.stdout)
    assert f"nb2svc build {EXAMPLE}.ipynb --accept-generated {FEATURES}" in kept.stdout
    assert f"{CHECKS} was deleted, and is there again" in kept.stdout
    assert "warning NB411" in kept.stdout
    assert (project / FEATURES).read_text(encoding="utf-8") == harmless
    assert (project / ".nb2svc" / "generated" / FEATURES).read_text(encoding="utf-8") == generated
    assert f"Edited by hand, and judged so: `{FEATURES}`" in (project / "READINESS.md").read_text(encoding="utf-8")
    assert (project / CHECKS).is_file()
    assert tree(project / EXAMPLE / "_nb2svc") == old_runtime

    wrong = harmless.replace("/ 100", "/ 101")
    (project / FEATURES).write_text(wrong, encoding="utf-8")
    before = tree(project)
    refused = nb2svc("build", f"{EXAMPLE}.ipynb", *QUICKLY, cwd=folder)
    assert refused.returncode == 1
    assert f"look at the files you edited ({FEATURES}): --accept-generated takes the compiler's, which are in " in refused.stderr
    [beside] = (folder / ".nb2svc" / EXAMPLE).glob(f"*/generated/{FEATURES}")
    assert beside.read_text(encoding="utf-8") == generated
    assert "the project's runtime is an older one" in refused.stderr
    assert "bmi_pressure" in refused.stderr
    assert tree(project) == before

    asked = ("--accept-generated", "features.py", "--upgrade-runtime", "--format", "json")
    returned = nb2svc("build", f"{EXAMPLE}.ipynb", *QUICKLY, *asked, cwd=folder)
    assert returned.returncode == 0, returned.stdout + returned.stderr
    document = json.loads(returned.stdout)
    [given_back] = document["given_back"]
    assert (given_back["path"], document["taken_over"], document["findings"]) == (FEATURES, [], [])
    assert (project / given_back["kept"]).read_text(encoding="utf-8") == wrong
    assert (project / FEATURES).read_text(encoding="utf-8") == generated
    assert "0.0.9" not in (project / EXAMPLE / "_nb2svc" / "version.py").read_text(encoding="utf-8")


def age_runtime(project: Path) -> None:
    """Make the project one that an older nb2svc built: another version in its runtime, and in its record."""
    path, manifest = f"{EXAMPLE}/_nb2svc/version.py", project / ".nb2svc-manifest.json"
    text = re.sub(r'(?m)^VERSION = ".*"', 'VERSION = "0.0.9"', (project / path).read_text(encoding="utf-8"))
    (project / path).write_text(text, encoding="utf-8")
    record = json.loads(manifest.read_text())
    record["files"][path] = hashlib.sha256(text.encode()).hexdigest()
    manifest.write_text(json.dumps(record))


def test_what_can_not_be_given_back_is_said_before_anything_runs(built, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(built(EXAMPLE).folder, folder)
    shutil.rmtree(folder / ".nb2svc")
    unknown = nb2svc("build", f"{EXAMPLE}.ipynb", "--accept-generated", "featurs.py", cwd=folder)
    assert unknown.returncode == 2
    assert "did you mean features.py?" in unknown.stderr
    assert "running cell" not in unknown.stderr
    assert not (folder / ".nb2svc" / EXAMPLE / "failed").exists()


def tree(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
