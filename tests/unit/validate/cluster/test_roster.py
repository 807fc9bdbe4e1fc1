import json
import os
import sys
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.validate.cluster import roster as module
from nb2svc.validate.cluster.link import scheduler_address
from nb2svc.validate.cluster.roll import Asked, describe, described, objections, question, what_counts
from nb2svc.validate.cluster.roster import Roster
from unit.validate.cluster.fake_link import FakeLink

ASKED = Asked(kernel="python3", libraries=("nb2svc", "numpy", "scikit-learn"))


def other(**changed: str) -> str:
    made = describe(ASKED)
    return json.dumps({**made, "ours": {**made["ours"], **changed}, "kernel": {**made["kernel"], **changed}})


def roster(link: FakeLink) -> tuple[Roster, list[str]]:
    notes: list[str] = []
    return Roster(link=link, asked=ASKED, note=notes.append), notes


def test_a_worker_like_this_machine_has_nothing_against_it():
    here = describe(ASKED)
    assert objections(json.loads(described(question(ASKED))), here, kernel="python3") == ()
    assert here["ours"][""] == ".".join(map(str, sys.version_info[:3]))


def test_what_differs_is_named_with_both_versions():
    here = describe(ASKED)
    numpy, learn = here["ours"]["numpy"], here["ours"]["scikit-learn"]
    there = json.loads(other(numpy="1.0", **{"scikit-learn": ""}))
    assert objections(there, here, kernel="python3") == (
        f"numpy 1.0, here {numpy}", f"scikit-learn is not installed, here {learn}",
    )  # fmt: skip
    assert objections({**here, "code": "x"}, here, kernel="python3") == (
        f"nb2svc {here['ours']['nb2svc']}, but its code is another than here",
    )
    assert objections({**here, "kernel": None}, here, kernel="python3") == ("it has no kernel python3",)
    kernels = {**here, "kernel": {**here["kernel"], "numpy": "1.0"}}
    assert objections(kernels, here, kernel="python3") == (f"numpy 1.0, here {numpy}",)


def test_a_secret_that_a_worker_has_not_is_named_and_none_is_told(monkeypatch: pytest.MonkeyPatch):
    asked = Asked(kernel="python3", libraries=(), secrets=("NB2SVC_A", "NB2SVC_B", "NB2SVC_C"))
    monkeypatch.setenv("NB2SVC_A", "long enough")
    monkeypatch.setenv("NB2SVC_B", "abc")
    monkeypatch.delenv("NB2SVC_C", raising=False)
    there = described(question(asked))
    assert json.loads(there)["secrets"] == ["NB2SVC_B", "NB2SVC_C"]
    assert "long enough" not in there


def test_what_the_notebook_imports_counts():
    assert "xgboost-cpu" in what_counts("python3", ["xgboost", "nothing_at_all"], ()).libraries
    assert "xgboost-cpu" not in what_counts("python3", ["numpy"], ()).libraries


def test_a_kernel_of_another_python_is_asked_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kernel = tmp_path / "kernels" / "other"
    kernel.mkdir(parents=True)
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho \'{"": "3.9.1", "numpy": "1.20"}\'\n')
    python.chmod(0o755)
    (kernel / "kernel.json").write_text(json.dumps({"argv": [str(python), "-m", "x"], "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert describe(Asked(kernel="other", libraries=("numpy",)))["kernel"] == {"": "3.9.1", "numpy": "1.20"}
    python.unlink()
    assert describe(Asked(kernel="other", libraries=("numpy",)))["kernel"] == {"": "can't be started"}


def test_one_worker_is_refused_and_the_others_serve():
    link = FakeLink(made={"b": other(numpy="1.0"), "c": ImportError("No module named 'nb2svc'"), "d": ValueError("x")})
    for address in "abcd":
        link.add(address)
    found, notes = roster(link)
    found.gather()
    assert list(found.workers) == ["a"]
    assert notes[0].startswith("the worker b is refused: numpy 1.0, here ")
    assert notes[1:] == [
        "the worker c is refused: nb2svc can't be imported there (No module named 'nb2svc')",
        "the worker d is refused: it can't say what it is made of (ValueError: x)",
    ]
    found.look()
    assert len(notes) == 3


def test_who_comes_later_is_asked_and_who_dies_meanwhile_is_no_refusal():
    link = FakeLink(made={"b": OSError("connection refused")})
    link.add("a")
    found, notes = roster(link)
    found.gather()
    link.add("b")
    found.look()
    assert (list(found.workers), notes) == (["a"], [])
    link.made.clear()
    found.look()
    assert list(found.workers) == ["a", "b"]
    del link.found["a"]
    found.look()
    assert list(found.workers) == ["b"]


def test_nobody_is_left_to_make_runs(monkeypatch: pytest.MonkeyPatch):
    link = FakeLink(made={"a": other(numpy="1.0")})
    link.add("a")
    with pytest.raises(EnvironmentProblem, match="no worker of the Dask cluster can make these runs") as raised:
        roster(link)[0].gather()
    assert raised.value.why.startswith("a: numpy 1.0, here ")
    monkeypatch.setattr(module, "_NONE_YET", 0.0)
    with pytest.raises(EnvironmentProblem, match="the Dask cluster has no workers"):
        roster(FakeLink())[0].gather()


def test_an_address_is_a_host_and_a_port():
    assert scheduler_address("dask://10.0.0.5:8786") == "tcp://10.0.0.5:8786"
    assert scheduler_address("dask://[::1]:8786") == "tcp://[::1]:8786"
    for wrong in ("dask", "dask://", "dask://host", "dask://:8786", "dask://host:x", "tcp://host:1", "dask://host:1/x", "Local"):
        with pytest.raises(UsageError, match="is no executor"):
            scheduler_address(wrong)


def test_without_dask_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    from nb2svc.validate.cluster.link import Link

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentProblem, match="Dask is not installed") as raised:
        Link("dask://127.0.0.1:1")
    assert "nb2svc[dask]" in raised.value.fix
    assert os.environ
