import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.errors import UsageError
from nb2svc.ir.codec import to_json
from nb2svc.ir.judgement import Criteria
from nb2svc.validate.baseline import check_criteria, read_baseline
from nb2svc.validate.folder import write_validation
from nb2svc.validate.output import FolderOutput
from nb2svc.validate.verdict import judge
from unit.ir.test_validation import VALIDATION

JUDGED = replace(VALIDATION, judgement=judge(VALIDATION))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_validation(tmp_path, JUDGED)
    return tmp_path


def git(*words: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)


def test_a_baseline_is_the_last_one_a_file_its_folder_or_a_file_in_a_revision(kept: Path):
    for text in ("last", "validation.json", str(kept)):
        assert read_baseline(text, output=FolderOutput(kept)) == JUDGED
    git("init", "-q", "-b", "main")
    git("add", "validation.json")
    git("commit", "-qm", "champion")
    (kept / "validation.json").unlink()
    assert read_baseline("main:validation.json", output=FolderOutput(kept)) == JUDGED
    with pytest.raises(UsageError, match=r"git has no main:other\.json"):
        read_baseline("main:other.json", output=FolderOutput(kept))
    with pytest.raises(UsageError, match="is no revision and file"):
        read_baseline("--output=x:validation.json", output=FolderOutput(kept))


def test_a_validation_of_before_there_was_a_judgement_is_a_baseline(kept: Path):
    document = to_json(VALIDATION)
    del document["judgement"]
    (kept / "old.json").write_text(json.dumps(document))
    assert read_baseline("old.json", output=FolderOutput(kept)) == VALIDATION


def test_a_margin_needs_a_baseline_that_has_its_metric():
    check_criteria(Criteria(), None)
    check_criteria(Criteria(margins=(("auc", 0.1),)), VALIDATION)
    with pytest.raises(UsageError, match="nothing to compare with"):
        check_criteria(Criteria(margins=(("auc", 0.1),)), None)
    with pytest.raises(UsageError, match=r"no metric gini; it has auc, loss"):
        check_criteria(Criteria(margins=(("gini", 0.1),)), VALIDATION)


@pytest.mark.parametrize(("option", "offers"), [("--baseline ", True), ("--gate champion=", False)])
def test_the_last_validation_is_offered_where_it_is_taken(tmp_path: Path, option: str, offers: bool):
    with pytest.raises(UsageError, match="there is no file none") as raised:
        read_baseline(str(tmp_path / "none.json"), output=FolderOutput(tmp_path), option=option)
    assert raised.value.fix.endswith("; or last") == offers
