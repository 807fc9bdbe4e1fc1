"""Is BentoML there? The answer names the interpreter and the line to run."""

import sys

import pytest

from nb2svc.bento import environment
from nb2svc.bento.build import build_bento
from nb2svc.bento.environment import require_bentoml, require_kernel
from nb2svc.bento.serve import running, serve
from nb2svc.errors import EnvironmentProblem, UsageError


def interpreter(tmp_path, script):
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_installed_version_is_found():
    assert require_bentoml(sys.executable).startswith("1.4.")


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("exit 1", "BentoML is not installed"),
        ("echo 1.3.9", "BentoML 1.3.9 is installed"),
        ("echo 1.5.0", "BentoML 1.5.0 is installed"),
    ],
)
def test_what_is_missing_comes_with_the_line_to_run(tmp_path, script, what):
    python = interpreter(tmp_path, script)
    with pytest.raises(EnvironmentProblem, match=what) as caught:
        require_bentoml(python)
    assert caught.value.exit_code == 5
    assert caught.value.fix == f'run: {python} -m pip install "bentoml>=1.4.39,<1.5"'


def test_a_kernel_without_skops_is_told_before_anything_is_packed(tmp_path):
    require_kernel(sys.executable)
    python = interpreter(tmp_path, 'case "$2" in *skops*) exit 1;; *) echo 1.4.39;; esac')
    with pytest.raises(EnvironmentProblem, match="skops is not installed") as caught:
        require_kernel(python)
    assert caught.value.exit_code == 5
    assert caught.value.where == python
    assert caught.value.fix == f'run: {python} -m pip install "skops>=0.11"'
    with pytest.raises(EnvironmentProblem, match="BentoML is not installed"):
        require_kernel(interpreter(tmp_path, 'case "$2" in *bentoml*) exit 1;; *) echo 0.14;; esac'))


def test_an_interpreter_that_is_not_there(tmp_path):
    with pytest.raises(EnvironmentProblem, match="can't be started"):
        require_bentoml(str(tmp_path / "nothing"))


@pytest.mark.parametrize("version", ["1.4.39", "1.4.40", "1.4.100", "1.4.39.post1"])
def test_good_versions(tmp_path, version):
    assert require_bentoml(interpreter(tmp_path, f"echo {version}")) == version
    assert environment.LOWEST == (1, 4, 39)


def test_a_folder_that_is_no_project(tmp_path):
    with pytest.raises(UsageError, match="no service project"):
        serve(tmp_path)
    with pytest.raises(UsageError, match="no service project"):
        build_bento(tmp_path)


def test_a_tag_that_was_never_built(tmp_path, monkeypatch):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="there is no bento loans:none"), running("loans:none"):
        pytest.fail("it started")


def test_a_port_that_is_taken(tmp_path):
    import socket

    (tmp_path / "pyproject.toml").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(EnvironmentProblem, match="can't be used") as caught:
            serve(tmp_path, port=taken.getsockname()[1])
    assert "--port" in caught.value.fix


def test_a_service_that_cannot_be_imported_fails_at_once_with_its_log(tmp_path):
    (tmp_path / "service.py").write_text("raise RuntimeError('no such data')\n")
    with pytest.raises(EnvironmentProblem, match="did not start") as caught, running(tmp_path, seconds=60):
        pytest.fail("it started")
    assert "no such data" in caught.value.details


def test_the_bento_is_named_as_bentoml_names_it(tmp_path):
    from nb2svc.bento.build import _service_name

    (tmp_path / "service.py").write_text('@bentoml.service(name="credit_risk", threads=4)\nclass CreditRisk: ...\n')
    assert _service_name(tmp_path / "service.py") == "credit-risk"
