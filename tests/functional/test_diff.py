"""`nb2svc diff` as a user runs it: builds of one service that differ in one thing each, and their answers for captured rows."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from loans_project.project import LoansProject, build_loans

from nb2svc.cli.main import main
from nb2svc.parity.harness import answers
from nb2svc.parity.harness.service import forget
from nb2svc.parity.request import make_request

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> LoansProject:
    """The hand-written project and its capture, made once."""
    return build_loans(tmp_path_factory.mktemp("loans"), applicants=120)


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Builds are asked in this process, one after the other, where a test does not want the real ones: they cost seconds."""

    def replay(asked: Mapping[str, Any], *, progress: Callable[[str], None], **_: Any) -> dict[str, Any]:
        return json.loads(json.dumps(answers.run(dict(asked), progress=progress)))

    if "real_processes" not in request.fixturenames:
        monkeypatch.setattr("nb2svc.compare.replaying.replay", replay)
    yield
    forget("loans")


@pytest.fixture
def real_processes() -> None:
    """Each build is asked in a process of its own, as a user has it."""


@pytest.fixture
def two(loans: LoansProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two equal builds, `old` and `new`, and their capture beside them."""
    shutil.copytree(loans.capture_folder.parents[1], tmp_path / ".nb2svc")
    for name in ("old", "new"):
        shutil.copytree(loans.project_dir, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB2SVC_CAPTURE", raising=False)
    return tmp_path


def diff(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["diff", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code in (0, 1) else done.output


def document(*arguments: str, code: int = 0) -> dict:
    return json.loads(diff(*arguments, "--format", "json", code=code))["difference"]


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change a file's text; the change must change something."""
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def relearn(project: Path, **values: object) -> None:
    """Let a build have learned something else, with its digest."""
    folder = project / "loans" / "artifacts"
    state = json.loads((folder / "state.json").read_text())
    assert state.keys() >= values.keys()
    (folder / "state.json").write_text(json.dumps(state | values))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["state.json"] = hashlib.sha256((folder / "state.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_equal_builds_answer_alike(two, real_processes) -> None:
    found = document("old", "new", "--fail-on", "any")
    assert found["same_files"]
    assert (found["predictions"]["status"], found["predictions"]["rows"], found["predictions"]["changed"]) == ("compared", 120, 0)
    # The model's inputs were looked at, too: "the same" is no empty list.
    assert found["predictions"]["inputs_compared"] > 80
    assert found["predictions"]["inputs_changed"] == []


def test_equal_builds_in_words(two) -> None:
    assert "no difference; the same answers for 120 captured rows" in diff("old", "new")


def test_another_learned_mean_changes_answers_and_is_told_by_its_size(two) -> None:
    old = json.loads((two / "old" / "loans" / "artifacts" / "state.json").read_text())["income_mean"]
    value = old["value"] if isinstance(old, dict) else old
    relearn(two / "new", income_mean=value / 4)
    found = document("old", "new")
    (change,) = found["state"]
    assert (change["name"], change["role"]) == ("income_mean", "learned")
    assert change["what"].endswith("(-75.0 %)")
    answers = found["predictions"]
    assert [each["name"] for each in answers["inputs_changed"]] == ["income"]
    # Only rows without an income have another one now.
    assert 0 < answers["inputs_changed"][0]["rows"] < 30
    assert answers["changed"] <= answers["inputs_changed"][0]["rows"]
    assert found["request"] == found["code"] == found["readiness"] == []
    assert "1 change of state" in CliRunner().invoke(main, ["diff", "old", "new", "--fail-on", "any", "--no-predictions"]).stderr


def test_a_threshold_that_moved_flips_labels_and_shows_the_line(two) -> None:
    edit(two / "new" / "loans" / "model.py", lambda text: text.replace("0.4", "0.1"))
    found = document("old", "new", "--fail-on", "predictions", code=1)
    answers = found["predictions"]
    assert [each["name"] for each in answers["labels"]] == ['"Low risk" → "High risk"']
    assert answers["changed"] == answers["labels"][0]["rows"] > 0
    assert answers["inputs_changed"] == []
    (change,) = found["code"]
    assert (change["module"], change["status"]) == ("model.py", "changed")
    assert any(line.startswith("-") and "0.4" in line for line in change["diff"])
    assert any(line.startswith("+") and "0.1" in line for line in change["diff"])


def test_a_narrower_guard_refers_rows_and_is_stricter(two) -> None:
    edit(two / "new" / "loans" / "schema.py", lambda text: text.replace('">=", 18', '">=", 40'))
    text = diff("old", "new", "--fail-on", "breaking")
    assert "only rows with age >= 40" in text
    assert "ok → refer" in text
    assert "now below_training_domain age" in text
    assert "1 stricter change of the request" in text
    diff("old", "new", "--no-predictions", "--fail-on", "stricter", code=1)


def test_a_required_field_breaks_callers_in_numbers(two) -> None:
    schema = two / "new" / "loans" / "schema.py"
    edit(schema, lambda text: text.replace("    age: int", "    tax_code: str = seen()\n    age: int", 1))
    found = document("old", "new", "--fail-on", "breaking", code=1)
    (change,) = found["request"]
    assert (change["level"], change["where"], change["rule"]) == ("breaking", "tax_code", "field added")
    answers = found["predictions"]
    # No captured row has the field: none can be answered any more, whichever way it is sent.
    assert answers["as_before"] == [{"name": "invalid", "rows": 120}]
    assert {each["name"].partition(" → ")[2] for each in answers["statuses"]} == {"invalid"}
    assert "now missing_field tax_code" in [each["name"] for each in answers["reasons"]]


def test_a_field_that_the_run_had_is_sent_and_its_absence_counted(two) -> None:
    """OLD does not ask for the age: callers do not send it, though the captured rows have it."""
    edit(
        two / "old" / "loans" / "schema.py",
        lambda text: "\n".join(line for line in text.split("\n") if "    age: int" not in line),
    )
    edit(
        two / "old" / "loans" / "schema.py",
        lambda text: text.replace('"age": "int64"', '"age": "int64"').replace("fixed={", 'fixed={"age": 30, '),
    )
    found = document("old", "new")
    assert [(change["level"], change["where"]) for change in found["request"] if change["rule"] == "field added"] == [
        ("breaking", "age")
    ]
    answers = found["predictions"]
    assert answers["as_before"] == [{"name": "invalid", "rows": 120}]
    assert answers["as_before_reasons"] == [{"name": "missing_field age", "rows": 120}]
    assert all("invalid" not in each["name"] for each in answers["statuses"])


def test_without_a_capture_nothing_is_said_of_answers(two) -> None:
    shutil.rmtree(two / ".nb2svc")
    text = diff("old", "new")
    assert "answers not compared" in text
    assert "not evaluated" in text
    assert "--capture" in text
    edit(two / "new" / "loans" / "model.py", lambda text: text.replace("0.4", "0.1"))
    done = CliRunner().invoke(main, ["diff", "old", "new", "--fail-on", "predictions"])
    assert done.exit_code == 1
    assert "--fail-on predictions: the answers were not compared" in done.stderr


def test_captured_values_are_shown_on_request_only(two) -> None:
    relearn(two / "new", income_mean=1.25)
    found = document("old", "new")["predictions"]["largest"]
    assert found
    assert all(row["values"] == [] for row in found)
    assert all(row["inputs"] == ["income"] for row in found)
    shown = document("old", "new", "--show-values")["predictions"]["largest"]
    assert all(row["values"] == [["income", row["values"][0][1], "1.25"]] for row in shown)


def test_a_capture_is_found_where_it_is_said_to_lie(two, tmp_path_factory, monkeypatch) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (two / ".nb2svc").rename(elsewhere / "captures")
    assert document("old", "new", "--capture", str(elsewhere))["predictions"]["rows"] == 120
    assert document("old", "new", "--rows", "40")["predictions"]["status"] == "not_evaluated"
    monkeypatch.setenv("NB2SVC_CAPTURE", str(elsewhere / "captures" / "loans" / "fixture"))
    found = document("old", "new", "--rows", "40")["predictions"]
    assert (found["rows"], found["total"]) == (40, 120)


def test_a_revision_of_git_is_compared_with_the_folder(two) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=two, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "new")
    git("commit", "-qm", "first")
    edit(two / "new" / "loans" / "model.py", lambda text: text.replace("0.4", "0.1"))
    found = document("main:new", "new")
    assert [change["module"] for change in found["code"]] == ["model.py"]
    assert found["predictions"]["changed"] > 0
    assert document("main:./new", "main:new", "--no-predictions")["same_files"]
    assert "main has no old" in diff("main:old", "new", code=2)
    assert "there is no revision nonesuch" in diff("nonesuch:new", "new", code=2)


def test_one_build_can_be_asked_although_the_other_is_broken(two) -> None:
    edit(two / "old" / "loans" / "model.py", lambda text: "import nonesuch_library\n" + text)
    found = document("old", "new")["predictions"]
    assert found["status"] == "not_evaluated"
    assert "the old build" in found["note"]
    assert "nonesuch_library" in found["note"]


def test_a_damaged_artifact_is_an_error_of_the_environment(two) -> None:
    path = two / "new" / "loans" / "artifacts" / "state.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert "it was changed after the build (its SHA-256 is another)" in diff("old", "new", code=5)
    path.write_bytes(b"version https://git-lfs and so on\n")
    assert "git lfs pull" in diff("old", "new", code=5)
    path.unlink()
    assert "can't read the artifact state.json" in diff("old", "new", code=5)
    (path.parent / "manifest.json").write_text("{")
    assert "can't read the artifact manifest.json" in diff("old", "new", code=5)


def test_what_is_no_build_is_a_mistake_of_usage(two) -> None:
    (two / "empty").mkdir()
    (two / "loans.ipynb").write_text("{}")
    assert "empty is no built project" in diff("empty", "new", code=2)
    assert "there is no project nonesuch" in diff("nonesuch", "new", code=2)
    assert "is a notebook, not a built project" in diff("loans.ipynb", "new", code=2)
    assert "do not go together" in diff("old", "new", "--capture", ".", "--no-predictions", code=2)
    assert "there is no capture empty" in diff("old", "new", "--capture", "empty", code=2)
    assert "is no number of rows" in diff("old", "new", "--rows", "few", code=2)


def test_an_older_build_without_some_files_is_compared_as_far_as_it_goes(two) -> None:
    (two / "old" / "loans" / "_nb2svc" / "origin.json").unlink()
    found = document("old", "new")
    assert found["predictions"]["status"] == "compared"
    assert "old lacks where it comes from (origin.json)" in found["notes"]
    assert "its checklist" in " ".join(found["notes"])
    assert found["model"] == []


def test_papers_that_are_not_as_they_were_written_stop_nothing(two) -> None:
    """Files beside the build that another hand wrote: nothing outside of the project is read, and nothing falls over."""
    (two / "secret.py").write_text("token = 1\n")
    files = {"../secret.py": "", "absent.py": "", str(two / "secret.py"): ""}
    (two / "new" / ".nb2svc-manifest.json").write_text(json.dumps({"files": files}))
    (two / "new" / "readiness.json").write_text(
        json.dumps({"steps": [3, {"items": [{"id": "DAT-01", "evidence": 5}, 7]}], "metrics": []})
    )
    (two / "old" / "readiness.json").write_text("[")
    (two / "new" / "loans" / "_nb2svc" / "origin.json").write_text('{"parameters": [], "notebook": 3}')
    (two / "new" / "loans" / "_nb2svc" / "line_map.json").write_text('[{"file": 3}]')
    (two / "new" / "requirements.txt").write_text("# nothing\n\n")
    text = diff("old", "new", "--no-predictions")
    assert "secret" not in text
    assert "old lacks its checklist" in text


def test_a_build_with_a_runtime_of_before_is_asked_too(two) -> None:
    """What its model receives can't be looked at; its answers can."""
    edit(two / "old" / "loans" / "_nb2svc" / "artifacts.py", lambda text: text.replace("def given(", "def _given("))
    edit(two / "old" / "loans" / "_nb2svc" / "predictor.py", lambda text: text.replace("artifacts.given(", "artifacts._given("))
    found = document("old", "new")["predictions"]
    assert (found["status"], found["changed"], found["rows"], found["inputs_compared"]) == ("compared", 0, 120, 0)


def test_some_of_the_rows_are_those_rows_with_their_children(loans, tmp_path) -> None:
    request = make_request(loans.capture, loans.observation, project=loans.project_dir, package="loans", modes=())
    request["raws"].pop("regions")
    taken = {}
    for most in (None, 25):
        file = tmp_path / f"{most}.json"
        found = answers.captured_rows({**request, "most": most, "rows": str(file)})
        taken[most] = dict(zip(found["ordinals"], json.loads(file.read_text()), strict=True))
    assert (len(taken[None]), len(taken[25])) == (120, 25)
    assert all(taken[None][ordinal] == row for ordinal, row in taken[25].items())
    assert sum(len(row["transactions"]) for row in taken[25].values()) > 25
    assert {"applicant_id", "age", "income", "region", "defaulted"} <= set(taken[25][next(iter(taken[25]))])


def test_a_real_build_and_one_with_another_line(built, tmp_path) -> None:
    """What a build writes is all read: the cells of a line, the checks' numbers, the checklist, the libraries."""
    example = built("diabetes_progression")
    new = tmp_path / "diabetes_progression"
    shutil.copytree(example.project, new)
    edit(new / example.package / "model.py", lambda text: text.replace("np.exp(", "1.1 * np.exp("))
    edit(new / "requirements.txt", lambda text: re.sub(r"pandas==\S+", "pandas==0.1", text))
    edit(new / "readiness.json", lambda text: re.sub(r'"mae": [\d.]+', '"mae": 51.25', text))
    edit(new / "readiness.json", lambda text: text.replace('"status": "pass"', '"status": "fail"', 1))
    found = document(str(example.project), str(new))
    (change,) = found["code"]
    assert (change["module"], change["name"], change["status"], change["edited"]) == ("model.py", "answer", "changed", True)
    assert change["old_cells"] == change["new_cells"] == [6]
    assert {(fact["group"], fact["name"]): fact["new"] for fact in found["model"]} == {
        ("checks", "mae"): "51.25",
        ("libraries", "pandas"): "0.1",
    }
    assert [fact["new"] for fact in found["readiness"]] == ["fail"]
    answers = found["predictions"]
    assert (answers["rows"], answers["changed"]) == (442, 442)
    assert answers["numbers"][0]["new_mean"] == pytest.approx(1.1 * answers["numbers"][0]["old_mean"])
    assert any("it pins 0.1" in note for note in answers["notes"])
    assert found["request"] == found["state"] == []
    assert found["notes"] == []


def test_arrays_are_sent_as_arrays(built, tmp_path) -> None:
    example = built("digits")
    new = tmp_path / "digits"
    shutil.copytree(example.project, new)
    edit(new / "digits" / "schema.py", lambda text: text.replace("high=16.0", "high=15.0"))
    found = document(str(example.project), str(new), "--rows", "50")
    assert [(change["rule"], change["level"]) for change in found["request"]] == [("range", "stricter")]
    answers = found["predictions"]
    assert answers["rows"] == 50
    assert [each["name"] for each in answers["statuses"]] == ["ok → refer"]
    assert answers["changed"] == answers["statuses"][0]["rows"] > 25


def test_reports_for_others_name_what_fails(two) -> None:
    schema = two / "new" / "loans" / "schema.py"
    edit(schema, lambda text: text.replace("    age: int", "    tax_code: str = seen()\n    age: int", 1))
    quick = ("old", "new", "--no-predictions")
    assert "**breaking**" in diff(*quick, "--format", "markdown")
    assert "::warning file=new/loans/schema.py" in diff(*quick, "--format", "github")
    assert "::error file=new/loans/schema.py" in diff(*quick, "--format", "github", "--fail-on", "breaking", code=1)
    assert 'failures="2"' in diff(*quick, "--format", "junit", "--fail-on", "breaking", code=1)
    sarif = json.loads(diff(*quick, "--format", "sarif"))
    assert "request:field-added" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    diff(*quick, "--format", "json", "-o", "report.json")
    assert json.loads((two / "report.json").read_text())["difference"]["request"][0]["where"] == "tax_code"
