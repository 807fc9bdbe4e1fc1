"""`nb2svc ready`: no answer stays green whose evidence is not about what lies here, and the gates open and close by it."""

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner

import nb2svc.readiness
from document_schema import check_document
from nb2svc.cli.main import main
from nb2svc.ir.capture import Capture, InputFile
from nb2svc.ir.codec import to_json
from nb2svc.ir.readiness import Checklist, Control, Evidence, ItemResult
from nb2svc.ir.validation import MetricValue, RunResult, RunSpec, Validation
from nb2svc.read.notebook import written_digest
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence.digests import joined, tree_subjects
from nb2svc.readiness.evidence.validations import validation_digest
from nb2svc.readiness.items import ITEMS
from nb2svc.readiness.recheck import recheck
from nb2svc.readiness.render.json import render_json
from nb2svc.validate.folder import write_validation

PAGE = ".nb2svc/loans/{}/executed.html"
DIGEST = "c" * 64
EVALUATED = {evaluator.id: evaluator.subjects for evaluator in EVALUATORS}
OPEN = sum(item.severity == "blocker" and item.id not in EVALUATED for item in ITEMS)
SCHEMA = json.loads((Path(nb2svc.readiness.__file__).parent / "schema.json").read_text())


RUN = RunResult(key="1", spec=RunSpec(key="1"), status="ok", seconds=3.0, metrics=(MetricValue(name="auc", value=0.8),))
VALIDATION = Validation(notebook="loans.ipynb", notebook_digest="", runs=(RUN,), began="2026-11-20T10:00:00")


def sha(content):
    return hashlib.sha256(content.encode()).hexdigest()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project beside its notebook, data and captured run, with all that this version evaluates on `pass`."""
    monkeypatch.delenv("NB2SVC_CAPTURE", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    files = {
        "loans.ipynb": "the notebook",
        "loans.csv": "age\n1\n",
        "loans/README.md": "# loans",
        "loans/loans/__init__.py": "",
        "loans/loans/features.py": "def applicant(): ...",
        "loans/loans/artifacts/model.skops": "model",
        "loans/loans/artifacts/state.json": "{}",
        "loans/loans/artifacts/prices.npz": "numbers",
        "loans/tests/test_features.py": "",
        PAGE.format(DIGEST[:12]): "<html>",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    origin = {"notebook": "loans.ipynb", "notebook_digest": sha("the notebook"), "capture_digest": DIGEST}
    (tmp_path / "loans/loans/_nb2svc").mkdir()
    (tmp_path / "loans/loans/_nb2svc/origin.json").write_text(json.dumps(origin))
    write_capture(tmp_path)
    (tmp_path / ".nb2svc/loans/validation").mkdir()
    write_validation(tmp_path / ".nb2svc/loans/validation", VALIDATION)
    write_checklist(tmp_path / "loans")
    return tmp_path / "loans"


def write_capture(folder):
    place = folder / PAGE.format(DIGEST[:12])
    capture = Capture(
        folder=str(place.parent), digest=DIGEST, notebook_digest=sha("the notebook"), parameters=(), interpreter="python", python="3.11",
        versions=(), modules=(), kept=(), inputs=(InputFile(path="loans.csv", sha256=sha("age\n1\n"), size=6),), metrics=(), seconds=1.0,
        cwd=str(folder),
    )  # fmt: skip
    (place.parent / "manifest.json").write_text(json.dumps(to_json(capture)))


def write_checklist(project, **statuses):
    subjects = {
        **tree_subjects(project, "loans"),
        "notebook": sha("the notebook"),
        "notebook_file": sha("the notebook"),
        "data": joined({"loans.csv": sha("age\n1\n")}),
        "validation": validation_digest(VALIDATION),
    }
    items = []
    for item in ITEMS:
        status = statuses.get(item.id.replace("-", "_"), "pass" if item.id in EVALUATED else "not_evaluated")
        evidence = None
        if item.id in EVALUATED:
            files = ((PAGE.format(DIGEST[:12]), sha("<html>")),) if item.id == "OPS-02" else ()
            bound = tuple((name, subjects[name]) for name in EVALUATED[item.id])
            control = Control(description="one byte", fired=True, detail="caught")
            evidence = Evidence(summary="seen", subjects=bound, control=control, files=files)
        sentence = "It was seen." if evidence else f"Not evaluated. It would take {item.proof}."
        action = "" if status == "pass" else item.next_action
        items.append(
            ItemResult(
                id=item.id, step=item.step, title=item.title, severity=item.severity, status=status, sentence=sentence,
                next_action=action, why=item.why, maps=item.maps, evidence=evidence,
            )
        )  # fmt: skip
    (project / "readiness.json").write_text(render_json(Checklist(items=tuple(items), service="loans", notebook="loans.ipynb")))


def statuses(project):
    checked = recheck(project, "loans", digest_of=written_digest)
    return {item.id: item.status for item in checked.checklist.items if item.id in EVALUATED}


def ready(*options, code=0):
    result = CliRunner().invoke(main, ["ready", "loans", *options])
    assert result.exit_code == code, result.output
    check_document(["ready", *options], result.stdout)
    return result.stdout if code in (0, 1) else result.output


def test_where_nothing_changed_all_stays_green(project):
    assert set(statuses(project).values()) == {"pass"}
    checked = recheck(project, "loans", digest_of=written_digest)
    assert checked.notebook == project.parent / "loans.ipynb"
    assert checked.capture == project.parent / PAGE.format(DIGEST[:12]).removesuffix("/executed.html")


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("loans.ipynb", "notebook"),
        ("loans.csv", "data"),
        ("loans/loans/features.py", "features"),
        ("loans/tests/test_features.py", "code"),
        ("loans/mine.py", "code"),
        ("loans/loans/artifacts/model.skops", "model"),
        ("loans/loans/artifacts/state.json", "state"),
        ("loans/loans/artifacts/prices.npz", "state"),
        ("loans/README.md", "project"),
    ],
)
def test_what_is_bound_to_something_that_changed_is_stale_and_the_rest_is_not(project, path, subject):
    (project.parent / path).write_text("another")
    found = statuses(project)
    also = {"code", "project"} if path.endswith(".py") else {"project"} if path.startswith("loans/") else {"notebook_file"}
    also = set() if path == "loans.csv" else also
    for item, bound in EVALUATED.items():
        assert found[item] == ("stale" if {subject, *also} & set(bound) else "pass"), item
    text = ready()
    assert "Its evidence is about another" in text
    assert "→ Build again, so that the evidence is about what is here." in text


def test_a_validation_that_says_something_else_makes_its_items_stale_and_one_made_again_does_not(project):
    folder = project.parent / ".nb2svc/loans/validation"
    write_validation(folder, replace(VALIDATION, began="2026-11-21T10:00:00", seconds=9.0, runs=(replace(RUN, seconds=5.0),)))
    assert set(statuses(project).values()) == {"pass"}
    write_validation(folder, replace(VALIDATION, runs=(replace(RUN, metrics=(MetricValue(name="auc", value=0.7),)),)))
    found = statuses(project)
    assert {item for item, status in found.items() if status == "stale"} == {
        item for item, bound in EVALUATED.items() if "validation" in bound
    }
    assert "OPS-05" in ready("--gate", "build", code=1)
    (folder / "validation.json").unlink()
    assert statuses(project)["OPS-05"] == "not_evaluated"
    assert "its validation is not here" in " ".join(ready().split())


def test_a_validation_may_be_given_where_none_lies_beside_the_notebook(project, tmp_path_factory):
    kept = shutil.move(project.parent / ".nb2svc/loans/validation", tmp_path_factory.mktemp("kept"))
    assert statuses(project)["OPS-05"] == "not_evaluated"
    for given in (kept, f"{kept}/validation.json"):
        assert f"({len(EVALUATED)} pass" in ready("--gate", "build", "--validation", str(given))
    write_validation(Path(kept), replace(VALIDATION, notebook_digest="another"))
    assert "Its evidence is about another validation than the one here now." in ready("--validation", str(kept))
    assert "OPS-05" in ready("--gate", "build", "--validation", str(kept), code=1)
    checklist = project / "readiness.json"
    checklist.write_text(checklist.read_text().replace('"validation"', '"nothing"'))
    assert "no line is about a validation" in " ".join(ready("--validation", str(kept)).split())


def test_a_removed_file_is_a_change_too(project):
    (project / "loans" / "features.py").unlink()
    assert statuses(project)["DAT-03"] == "stale"


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ("loans.ipynb", "the notebook is not here"),
        ("loans.csv", "the data that it read is not here"),
        (".nb2svc", "the data that it read and .nb2svc/loans/cccccccccccc/executed.html are not here"),
    ],
)
def test_what_can_not_be_checked_is_neither_green_nor_red(project, gone, words):
    path = project.parent / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    found = statuses(project)
    assert found["OPS-02"] == "not_evaluated"
    assert found["GOV-04"] == "pass"
    assert "stale" not in found.values()
    assert words in " ".join(ready().split())
    gate = ready("--gate", "build")
    assert gate.startswith("gate build: open")
    assert "answered by the build, and can't be checked here: " in gate
    assert "OPS-02" in gate
    assert "OPS-02" in json.loads(ready("--format", "json"))["unchecked"]


def test_the_page_of_the_run_must_be_the_one_that_was_kept(project):
    page = project.parent / PAGE.format(DIGEST[:12])
    page.write_text("<html>altered")
    assert statuses(project)["OPS-02"] == "stale"
    assert "executed.html is not the file that the build kept" in " ".join(ready().split())
    assert "OPS-02" in ready("--gate", "build", code=1)
    page.unlink()
    assert statuses(project)["OPS-02"] == "not_evaluated"


def test_the_notebook_and_the_run_may_lie_elsewhere(project, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.move(project.parent / "loans.ipynb", elsewhere / "loans.ipynb")
    shutil.move(project.parent / ".nb2svc", elsewhere / "kept")
    assert statuses(project)["OPS-02"] == "not_evaluated"
    monkeypatch.setenv("NB2SVC_CAPTURE", str(elsewhere / "kept" / "loans" / DIGEST[:12]))
    document = json.loads(ready("--notebook", str(elsewhere / "loans.ipynb"), "--format", "json"))
    assert document["readiness"]["counts"]["pass"] == len(EVALUATED)


def test_another_runs_folder_is_not_taken_for_it(project):
    manifest = project.parent / PAGE.format(DIGEST[:12]).replace("executed.html", "manifest.json")
    manifest.write_text(manifest.read_text().replace(DIGEST, DIGEST[:12] + "d" * 52))
    assert statuses(project)["DAT-01"] == "not_evaluated"
    manifest.write_text("{")
    assert statuses(project)["DAT-01"] == "not_evaluated"


def test_a_red_answer_stays_red(project):
    write_checklist(project, DAT_01="fail", GOV_03="broken")
    (project.parent / "loans.ipynb").unlink()
    assert (statuses(project)["DAT-01"], statuses(project)["GOV-03"]) == ("fail", "broken")
    text = ready("--gate", "build", code=1)
    assert text.startswith("gate build: closed for loans by 2 blockers (1 fail, 1 broken, ")
    assert "✖ DAT-01" in text
    assert "● DAT-02" not in text
    assert "◌ DAT-02" not in text


def test_the_release_gate_counts_what_nobody_looked_at(project):
    assert (
        ready("--gate", "build") == f"gate build: open for loans ({len(EVALUATED)} pass, {61 - len(EVALUATED)} not evaluated)\n"
    )
    text = ready("--gate", "release", code=1)
    assert (
        f"gate release: closed for loans by {OPEN} blockers ({len(EVALUATED)} pass, {61 - len(EVALUATED)} not evaluated)" in text
    )
    assert text.count("\n◌ ") == OPEN
    assert "    → Write down the decision" in text
    write_checklist(project, **{item.id.replace("-", "_"): "attested" for item in ITEMS if item.id not in EVALUATED})
    assert "gate release: open" in ready("--gate", "release")


def test_text_fits_the_terminal_and_tells_every_item(project, monkeypatch):
    (project / "README.md").write_text("edited")
    for width in (60, 80, 120, 500):
        monkeypatch.setenv("COLUMNS", str(width))
        text = ready()
        assert max(map(len, text.splitlines())) <= min(width, 120)
        assert all(item.id in text for item in ITEMS)
        assert "open .nb2svc/loans/cccccccccccc/executed.html" in " ".join(text.split())


def test_json_follows_the_schema_and_names_the_gate(project):
    (project / "README.md").write_text("edited")
    document = json.loads(ready("--gate", "build", "--format", "json", code=1))
    jsonschema.Draft202012Validator(SCHEMA).validate(document["readiness"])
    assert document["gate"] == {"name": "build", "open": False, "blocking": ["GOV-03"]}
    assert json.loads(ready("--format", "json"))["gate"] is None


def test_the_other_formats(project):
    assert "# Readiness of loans" in ready("--format", "markdown")
    suite = ET.fromstring(ready("--gate", "release", "--format", "junit", code=1))
    assert len(list(suite.iter("failure"))) == OPEN
    assert len(list(ET.fromstring(ready("--gate", "build", "--format", "junit")).iter("failure"))) == 0
    assert json.loads(ready("--format", "sarif"))["version"] == "2.1.0"
    assert "::error" in ready("--gate", "release", "--format", "github", code=1)
    ready("--format", "markdown", "-o", "ready.md")
    assert Path("ready.md").read_text().startswith("# Readiness of loans")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 1, "steps": [{"items": [{}]}]}', '{"version": 99, "steps": []}', "\udcff"]
)
def test_a_damaged_checklist_is_an_error_with_its_cure(project, content):
    (project / "readiness.json").write_text(content, errors="surrogateescape")
    output = ready(code=2)
    assert "error: the checklist of loans can't be read" in output
    assert "build the project again" in output


def test_bad_input(project):
    assert "there is no notebook none.ipynb" in ready("--notebook", "none.ipynb", code=2)
    (project / "readiness.json").unlink()
    assert "is no built project" in ready(code=2)
    result = CliRunner().invoke(main, ["ready", "loans.ipynb"])
    assert (result.exit_code, "is a notebook, not a built project" in result.output) == (2, True)


def test_a_damaged_origin_finds_nothing_and_says_so(project):
    (project / "loans" / "_nb2svc" / "origin.json").write_text("[7]")
    assert statuses(project)["OPS-02"] == "not_evaluated"


def test_the_page_leads_to_the_evidence_from_where_it_lies(project):
    place = project.parent / PAGE.format(DIGEST[:12])
    for output in ("ready.html", "pages/ready.html"):
        (project.parent / output).parent.mkdir(exist_ok=True)
        ready("--format", "html", "-o", output)
        (address,) = re.findall(r'<a href="([^"]+)">', (project.parent / output).read_text())
        assert ((project.parent / output).parent / address).resolve() == place.resolve()
    place.unlink()
    assert "<a " not in ready("--format", "html")


def test_cells_are_named_only_while_the_notebook_is_as_it_was_built(project):
    notebook = project.parent / "loans.ipynb"
    cell = {"cell_type": "code", "id": "ages", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    notebook.write_text(text)
    said = json.loads(ready("--format", "json"))
    assert (said["as_built"], said["cells"]) == (False, {})
    origin = project / "loans/_nb2svc/origin.json"
    origin.write_text(
        json.dumps({**json.loads(origin.read_text()), "notebook_digest": written_digest(text.encode(), "loans.ipynb")})
    )
    said = json.loads(ready("--format", "json"))
    assert (said["as_built"], said["cells"]) == (True, {"1": "ages"})
    assert [file["path"] for file in said["files"]] == [PAGE.format(DIGEST[:12])]


def test_a_notebook_that_was_run_again_and_saved_says_what_it_said(project):
    """JupyterLab saves outputs, counts and its own metadata; only a secret could stand in those."""
    notebook = project.parent / "loans.ipynb"
    cell = {"cell_type": "code", "id": "ages", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}
    document = {"cells": [cell], "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
    notebook.write_text(json.dumps(document))
    rebind(project, notebook.read_bytes())
    assert stale(project) == []

    shown = {"output_type": "stream", "name": "stdout", "text": ["1"]}
    run = {**cell, "outputs": [shown], "execution_count": 7, "metadata": {"collapsed": False}}
    info = {**document["metadata"], "language_info": {"name": "python", "version": "3.11.9"}}
    notebook.write_text(json.dumps({**document, "cells": [run], "metadata": info}, indent=1))
    assert stale(project) == ["GOV-03"]

    for edit in ({"source": "x = 2"}, {"metadata": {"tags": ["nb2svc:feature"]}}, {"metadata": {"nb2svc": {"raw": "x"}}}):
        notebook.write_text(json.dumps({**document, "cells": [{**cell, **edit}]}))
        assert set(stale(project)) == {item for item, names in EVALUATED.items() if {"notebook", "notebook_file"} & set(names)}


def rebind(project, content):
    """Let the build have been one of this notebook."""
    path = project / "readiness.json"
    text = path.read_text()
    new = {"notebook": written_digest(content, "loans.ipynb"), "notebook_file": hashlib.sha256(content).hexdigest()}
    document = json.loads(text)
    for step in document["steps"]:
        for item in step["items"]:
            for subject in (item["evidence"] or {}).get("subjects", ()):
                subject[1] = new.get(subject[0], subject[1])
    path.write_text(json.dumps(document))


def stale(project):
    """The items that are about another state of something than what lies here."""
    checked = recheck(project, "loans", digest_of=written_digest)
    return [item.id for item in checked.checklist.items if item.status == "stale"]
