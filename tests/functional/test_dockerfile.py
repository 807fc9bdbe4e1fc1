"""A project's Dockerfile, done without Docker: only what it copies lies there, only what it sets is set, and the service answers."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.conftest import nb2svc

from dockerfile_meaning import Image, build
from nb2svc.bento.serve import free_port

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from loans_project import build_loans

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def loans(tmp_path_factory):
    return build_loans(tmp_path_factory.mktemp("loans"), applicants=300)


def image_of(project: Path, folder: Path, *, port: int) -> Image:
    made = nb2svc("serve", str(project), "--dockerfile", "--port", str(port), "-o", str(folder / "Dockerfile"), cwd=folder)
    assert made.returncode == 0, made.stderr
    ignore = (folder / "Dockerfile.dockerignore").read_text()
    return build((folder / "Dockerfile").read_text(), project, folder / "image", ignore=ignore)


def in_process(project: Path, request: bytes) -> list[dict]:
    """What the project itself answers, without a server or a copy."""
    code = """
import json, sys
from loans._nb2svc.predictor import load_predictor
print(json.dumps(load_predictor("loans").predict(json.load(sys.stdin)["rows"])))
"""
    done = subprocess.run([sys.executable, "-c", code], input=request, cwd=project, capture_output=True, check=True)
    return json.loads(done.stdout)


def ready(image: Image, *, seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while not image.healthy() and time.monotonic() < deadline:
        time.sleep(0.3)
    return image.healthy()


def test_what_is_copied_serves_as_the_project_does(loans, tmp_path: Path) -> None:
    project, port = Path(loans.project_dir), free_port()
    (project / "readiness.json").write_text("{}")
    image = image_of(project, tmp_path, port=port)
    assert image.base.startswith(f"python:{sys.version_info.major}.{sys.version_info.minor}-slim-")
    assert (image.user, image.ports) == ("10001", [str(port)])
    assert image.place("requirements.txt").read_bytes() == (project / "requirements.txt").read_bytes()
    assert sorted(path.name for path in image.place(".").iterdir()) == ["loans", "requirements.txt"]
    with image.start(tmp_path / "server.log") as process:
        assert ready(image), process.tail()
        example = (project / "example.json").read_bytes()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/predict", data=example, headers={"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        answer = json.loads(opener.open(request, timeout=60).read())
    expected = in_process(project, example)
    assert answer["results"] == expected
    assert [result["status"] for result in expected] == ["ok", "ok"]
    assert not image.healthy(), "the health check notices a service that is gone"


def test_a_service_that_lacks_a_file_is_never_healthy(loans, tmp_path: Path) -> None:
    project = tmp_path / "loans"
    shutil.copytree(loans.project_dir, project)
    (project / "readiness.json").write_text("{}")
    image = image_of(project, tmp_path, port=free_port())
    image.place("loans/artifacts/manifest.json").unlink()
    with image.start(tmp_path / "server.log") as process:
        assert not ready(image, seconds=8)
        assert "manifest.json" in process.tail(200)
