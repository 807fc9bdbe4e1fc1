"""Building again: the same capture gives the same bytes, and what a person edited is neither lost nor believed unproved."""

import hashlib
import os
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
    import json

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


def test_what_a_person_edited_is_kept_and_proved_as_it_lies(built, tmp_path: Path) -> None:
    made = built(EXAMPLE)
    folder = tmp_path / "desk"
    shutil.copytree(made.folder, folder)
    features = folder / EXAMPLE / EXAMPLE / "features.py"
    generated = features.read_text(encoding="utf-8")

    harmless = generated.replace("visits = patients", "# the target is no feature\n    visits = patients")
    features.write_text(harmless, encoding="utf-8")
    kept = nb2svc("build", f"{EXAMPLE}.ipynb", "--no-bento", "--no-retrain", cwd=folder)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert f"{EXAMPLE}/features.py" in kept.stdout
    assert features.read_text(encoding="utf-8") == harmless

    wrong = harmless.replace("/ 100", "/ 101")
    features.write_text(wrong, encoding="utf-8")
    before = tree(folder / EXAMPLE)
    refused = nb2svc("build", f"{EXAMPLE}.ipynb", "--no-bento", "--no-retrain", cwd=folder)
    assert refused.returncode == 1
    assert "features.py" in refused.stderr
    assert "bmi_pressure" in refused.stderr
    assert tree(folder / EXAMPLE) == before


def tree(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
