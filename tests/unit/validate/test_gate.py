"""The gate in front of a release: only declared margins decide, only on the same data, and nothing passes unseen."""

from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.cli.reporting import validation_report
from nb2svc.cli.validation import render_validation
from nb2svc.errors import UsageError
from nb2svc.ir.capture import InputFile
from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import Parameter, Validation
from nb2svc.reports.render import render_report
from nb2svc.reports.validation_page import validation_page
from nb2svc.system.digests import file_digest
from nb2svc.validate.champion import read_champion
from nb2svc.validate.folder import write_validation
from nb2svc.validate.gate import Champion, differing_data, judge_gate
from nb2svc.validate.judge import exit_code
from nb2svc.validate.output import output_at
from nb2svc.validate.verdict import judge
from unit.capture.made import made
from unit.validate.test_verdict import OLD, declared, of, run, seeds

WORSE = tuple(value - 0.03 for value in OLD)
BETTER = tuple(value + 0.002 * at for at, value in enumerate(OLD))


def reading(validation: Validation, **files: str) -> Validation:
    inputs = tuple(InputFile(path=name.replace("_", "."), sha256=digest, size=1) for name, digest in files.items())
    return replace(validation, runs=tuple(replace(run, inputs=inputs) for run in validation.runs))


def champion(validation: Validation | None = None, **more: object) -> Champion:
    return Champion(validation=validation or seeds(OLD), source="champion.json", **more)


def code(validation: Validation, criteria: Criteria, against: Champion) -> int:
    return exit_code(replace(validation, judgement=judge(validation, criteria=criteria, champion=against)))


def test_a_challenger_that_is_no_worse_passes_and_one_that_is_worse_is_rejected():
    passed = judge_gate(seeds(BETTER), champion(), declared(auc=0.01))
    assert (passed.outcome, passed.reasons, passed.champion.source) == ("pass", (), "champion.json")
    rejected = judge_gate(seeds(WORSE), champion(), declared(auc=0.01))
    assert rejected.outcome == "fail"
    assert rejected.reasons == ("auc: it is 0.03 worse (up to 0.03 is likely), and the margin is 0.01",)
    assert code(seeds(BETTER), declared(auc=0.01), champion()) == 0
    assert code(seeds(WORSE), declared(auc=0.01), champion()) == 1


def test_what_can_t_be_shown_does_not_pass():
    noisy = [value + (0.08 if at % 2 else -0.08) for at, value in enumerate(OLD)]
    assert judge_gate(seeds(noisy), champion(), declared(auc=0.01)).outcome == "fail"
    alone = judge_gate(seeds(OLD[:1]), champion(seeds(OLD[:1])), declared(auc=0.01))
    assert (alone.outcome, "can't say how sure" in alone.reasons[0]) == ("fail", True)
    silent = judge_gate(seeds(OLD, name="f1"), champion(), declared(auc=0.01))
    assert (silent.outcome, silent.reasons) == ("fail", ("auc: it has no number in 5 runs that had one before",))
    stopped = of(*seeds(BETTER).runs, run(None, seed=9, status="not_run", check=""))
    assert judge_gate(stopped, champion(), declared(auc=0.01)).outcome == "open"


def test_a_metric_without_a_margin_only_warns_and_a_margin_without_its_metric_rejects():
    both = of(*(replace(each, metrics=(*each.metrics, *other.metrics)) for each, other in _two(BETTER, WORSE)))
    old = of(*(replace(each, metrics=(*each.metrics, *other.metrics)) for each, other in _two(OLD, OLD)))
    warned = judge_gate(both, champion(old), declared(auc=0.01))
    assert (warned.outcome, "nobody declared a margin" in warned.reasons[0]) == ("warn", True)
    assert code(both, declared(auc=0.01), champion(old)) == 0
    missing = judge_gate(seeds(BETTER), champion(), declared(auc=0.01, acu=0.1))
    assert (missing.outcome, missing.reasons) == ("fail", ("the champion has no metric acu; did you mean auc?",))


def _two(first, second):
    return zip(seeds(first).runs, seeds(second, name="f1").runs, strict=True)


def test_the_gate_and_the_baseline_are_told_apart_and_each_can_reject():
    said = judge(seeds(WORSE), criteria=declared(auc=0.01), baseline=seeds(WORSE), source="last", champion=champion())
    assert [one.outcome for one in said.comparisons] == ["no_worse"]
    assert said.gate
    assert [one.outcome for one in said.gate.comparisons] == ["worse"]
    assert said.outcome == "fail"
    assert said.reasons[0].startswith("gate, against the champion: auc: it is 0.03 worse")
    assert not [reason for reason in said.reasons[1:] if reason.startswith("gate")]
    assert from_json(type(said), to_json(said)) == said


def test_a_champion_of_other_data_is_no_measure_unless_somebody_says_so():
    new, old = reading(seeds(BETTER), loans_csv="a"), reading(seeds(OLD), loans_csv="b")
    assert differing_data(new, old) == ("loans.csv is another file",)
    closed = judge_gate(new, champion(old), declared(auc=0.01))
    assert (closed.outcome, closed.data_stated) == ("fail", False)
    assert closed.reasons[0].startswith("the champion was validated on other data (loans.csv is another file)")
    stated = judge_gate(new, champion(old, other_data=True), declared(auc=0.01))
    assert (stated.outcome, stated.data_stated, stated.other_data) == ("pass", True, ("loans.csv is another file",))


def test_what_counts_as_the_same_data():
    old = reading(seeds(OLD), loans_csv="b", rules_py="1")
    assert differing_data(reading(seeds(BETTER), credits_csv="b", rules_py="2"), old) == ()
    assert differing_data(reading(seeds(BETTER), loans_csv="b", more_csv="c"), old) == ("only the challenger read more.csv",)
    assert differing_data(seeds(BETTER), old) == ("only the champion read loans.csv",)
    assert differing_data(old, seeds(OLD)) == ("it is not known which files the champion read",)
    assert differing_data(seeds(BETTER), seeds(OLD)) == ()


def test_runs_of_another_model_pair_by_seed_and_what_differs_is_told():
    own = (Parameter(name="seed", value="0"), Parameter(name="trees", value="60"))
    new = of(*(run(value, seed=at, trees=2) for at, value in enumerate(BETTER)), defaults=own)
    found = judge_gate(new, champion(replace(seeds(OLD), defaults=own)), declared(auc=0.01))
    assert [(one.paired, one.count) for one in found.comparisons] == [(True, 5)]
    assert (found.outcome, found.parameters) == ("pass", ("trees=2, was 60",))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loans.csv").write_text("a\n1\n")
    write_validation(tmp_path, reading(seeds(OLD), loans_csv=file_digest(tmp_path / "loans.csv")))
    return tmp_path


def asked(folder: Path, criteria: Criteria, *, name: str = "champion", source: str = "validation.json", other: bool = False):
    return read_champion(((name, source),), criteria, output=output_at(str(folder)), cwd=folder, other=other)


def test_a_champion_is_read_before_anything_runs(kept: Path):
    found = asked(kept, declared(auc=0.01))
    assert found
    assert len(found.validation.runs) == 5
    assert read_champion((), Criteria(), output=output_at(str(kept)), cwd=kept, other=False) is None


@pytest.mark.parametrize(
    ("given", "criteria", "said"),
    [
        ({"name": "champoin"}, declared(auc=0.01), r"there is no gate champoin; did you mean champion\?"),
        ({"source": "last"}, declared(auc=0.01), "that is no champion"),
        ({"source": ""}, declared(auc=0.01), "that is no champion"),
        ({"source": "nowhere.json"}, declared(auc=0.01), r"there is no file nowhere\.json"),
        ({"source": "loans.csv"}, declared(auc=0.01), r"loans\.csv is no validation"),
        ({}, Criteria(), "nothing is declared that the gate could decide by"),
        ({}, declared(gini=0.01), "the champion has no metric gini; it has auc"),
    ],
)
def test_what_a_gate_can_t_be_is_refused_before_anything_runs(kept: Path, given, criteria, said):
    with pytest.raises(UsageError, match=said):
        asked(kept, criteria, **given)


def test_a_metric_whose_direction_nobody_knows_decides_nothing(kept: Path):
    write_validation(kept, seeds(OLD, name="score"))
    with pytest.raises(UsageError, match="the gate can't judge score"):
        asked(kept, declared(score=0.01))
    assert asked(kept, Criteria(margins=(("score", 0.01),), higher=("score",)))


def test_a_file_that_is_another_one_now_is_told_before_the_runs(kept: Path):
    (kept / "loans.csv").write_text("a\n2\n")
    with pytest.raises(UsageError, match=r"the champion was validated on another loans\.csv") as refused:
        asked(kept, declared(auc=0.01))
    assert "--other-data" in refused.value.fix
    assert asked(kept, declared(auc=0.01), other=True)
    with pytest.raises(UsageError, match="there is no gate"):
        read_champion((), Criteria(), output=output_at(str(kept)), cwd=kept, other=True)


@pytest.fixture
def notebook(tmp_path: Path):
    return made("auc = 0.8", "# nb2svc: check good\nassert auc > 0.7", path=str(tmp_path / "a.ipynb"))[0]


def gated(values, **more: object) -> Validation:
    against = champion(reading(seeds(OLD), loans_csv="b"), **more)
    new = reading(seeds(values), loans_csv="a" if more else "b")
    return replace(new, judgement=judge(new, criteria=declared(auc=0.01), champion=against))


def test_every_report_shows_the_gate(notebook):
    shut, open_ = gated(WORSE), gated(BETTER, other_data=True)
    text = render_validation(shut, notebook, folder="runs")
    assert "gate: against the champion champion.json, 5 runs of no known time: closed\n  auc  worse  0.798, was 0.828" in text
    assert "verdict: fail\n  gate, against the champion: auc: it is 0.03 worse" in text
    text = render_validation(open_, notebook, folder="runs")
    assert "no known time: open\n" in text
    assert "on other data, as was said: loans.csv is another file" in text
    for each in (True, False):
        records = {record.name: record for record in validation_report(shut, notebook, each=each, exit_code=1).records}
        assert records["gate, against the champion"].status == "fail"
        assert records["auc against the champion"].status == "fail"
        records = {record.name: record for record in validation_report(open_, notebook, each=each, exit_code=0).records}
        assert records["gate, against the champion"].status == "pass"
        assert "on other data, as was said" in records["gate, against the champion"].message
    for form in ("junit", "sarif", "github"):
        told = render_report(validation_report(shut, notebook, each=form == "junit", exit_code=1), form)
        assert "gate, against the champion" in told or "champion" in told
    page = validation_page(shut, notebook)
    assert "The gate, against the champion: ✗ closed" in page
    assert "The gate, against the champion: ✓ open" in validation_page(open_, notebook)
    assert "The gate" not in validation_page(seeds(OLD), notebook)
