"""A pass needs a control that fired: the meta-tests of the checklist."""

from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.errors import InternalError
from nb2svc.ir.verdict import Verdict
from nb2svc.readiness.assess import assess
from nb2svc.readiness.checks.controlled import Trial, evaluate
from nb2svc.readiness.checks.outcome import Outcome
from nb2svc.readiness.checks.safe_artifact import Load
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence import artifacts as artifacts_evidence
from nb2svc.readiness.evidence import input_data as input_evidence
from unit.readiness.worlds import GOOD, compared, drawn

IDS = [evaluator.id for evaluator in EVALUATORS]


def result(checklist, identifier):
    return next(item for item in checklist.items if item.id == identifier)


def only(identifier, **changes):
    """The one evaluator, changed: the others take time and have their own tests."""
    return tuple(replace(each, **changes) for each in EVALUATORS if each.id == identifier)


def assessed(inputs, identifier, **changes):
    return result(assess(inputs, only(identifier, **changes)), identifier)


def test_these_items_are_evaluated() -> None:
    assert IDS == [
        "BIZ-05",
        "DAT-01",
        "DAT-02",
        "DAT-03",
        "DAT-04",
        "OPS-02",
        "OPS-03",
        "OPS-04",
        "OPS-05",
        "GOV-03",
        "GOV-04",
        "GOV-07",
    ]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_good_world_passes_and_every_control_fires_on_copies_only(world) -> None:
    before = contents(world.root)
    checklist = assess(world.inputs)
    assert contents(world.root) == before
    for identifier in IDS:
        item = result(checklist, identifier)
        assert item.status == "pass", item.sentence
        assert item.evidence.control.fired, item.evidence.control.detail
        assert item.next_action == ""


@pytest.mark.parametrize("identifier", IDS)
def test_a_check_that_always_passes_is_broken(world, identifier) -> None:
    """The meta-test: whatever the check, its control finds out that it looks at nothing."""
    item = assessed(world.inputs, identifier, judge=lambda _: Outcome(status="pass", sentence="All is well."))
    assert item.status == "broken"
    assert "NOT caught" in item.sentence
    assert item.next_action.startswith(f"Report {identifier}")


@pytest.mark.parametrize("identifier", IDS)
def test_a_check_that_only_warns_is_broken_too(world, identifier) -> None:
    shy = Outcome(status="warn", sentence="Hm.", next_action="Look.")
    assert assessed(world.inputs, identifier, judge=lambda _: shy).status == "broken"


@pytest.mark.parametrize("identifier", IDS)
def test_a_control_without_bad_input_did_not_fire(world, identifier) -> None:
    assert assessed(world.inputs, identifier, spoil=lambda *_: iter(())).status == "broken"


def blind_loader(_inputs, folders):
    return tuple(Load(loaded=True) for _ in folders)


def test_a_loader_that_takes_everything_is_found(world, monkeypatch) -> None:
    monkeypatch.setattr(artifacts_evidence, "_loads", blind_loader)
    item = assessed(world.inputs, "GOV-04")
    assert item.status == "broken"
    assert "by the project's loader: NOT caught" in item.sentence
    assert "pickle that would run code, with a matching digest: NOT caught" in item.sentence


def test_a_project_loader_that_unpickles_is_found(world) -> None:
    """The real project's loader, made careless: the hidden code runs, and the item says so."""
    module = world.inputs.package_dir / "_nb2svc" / "artifacts.py"
    careless = "\n\ndef load(folder):\n    import pickle\n    data = (Path(folder) / 'model.skops').read_bytes()\n"
    careless += "    return pickle.loads(data) if data[:1] == b'\\x80' else None\n"
    module.write_text(module.read_text() + careless)
    item = assessed(world.inputs, "GOV-04")
    assert item.status == "broken"
    assert "the loader ran the hidden code" in item.sentence


def test_a_digest_that_never_changes_is_found(world, monkeypatch) -> None:
    """A digest over the first bytes of a file misses the byte that the control changes at its end."""
    real = input_evidence.file_digest
    expected = world.inputs.capture.inputs[0].sha256
    monkeypatch.setattr(input_evidence, "file_digest", lambda path: expected if path.stat().st_size < 10**6 else real(path))
    item = assessed(world.inputs, "DAT-01")
    assert item.status == "broken"
    assert "one byte changed in a copy of loans.csv: NOT caught" in item.sentence


def test_a_proof_that_compares_nothing_is_found(world) -> None:
    item = assessed(world.but(prove_copy=lambda _: GOOD), "DAT-03")
    assert item.status == "broken"
    assert "40 → 40.04 in loans/features.py, line 6: NOT caught" in item.sentence


def test_a_copy_that_crashes_shows_nothing_of_the_proof(world) -> None:
    """Broken code fails any proof: a control counts only where values were compared and one differed."""

    def crashing(_copy: Path) -> Verdict:
        failed = tuple(replace(mode, status="fail", different=mode.total) for mode in GOOD.modes)
        return Verdict(modes=failed)

    item = assessed(world.but(prove_copy=crashing), "DAT-03")
    assert item.status == "broken"
    assert "did not run as far as a comparison" in item.sentence


def test_a_prover_that_fails_itself_fires_no_control(world) -> None:
    def unable(_copy: Path) -> Verdict:
        raise InternalError("the harness stopped")

    proved = assessed(world.but(prove_copy=unable), "DAT-03")
    assert proved.status == "broken"
    assert "could not be proved: the harness stopped" in proved.sentence
    trained = assessed(world.but(retrain_copy=unable), "OPS-02")
    assert trained.status == "broken"
    assert "did not train: the harness stopped" in trained.sentence


@pytest.mark.parametrize(("runner", "identifier"), [("prove_copy", "DAT-03"), ("retrain_copy", "OPS-02")])
def test_without_a_runner_a_pass_counts_for_nothing(world, runner, identifier) -> None:
    assert assessed(world.but(**{runner: None}), identifier).status == "broken"


def test_where_only_objects_were_learned_the_answers_are_made_wrong(world) -> None:
    """A fitted scaler times 1.01 crashes, so none of these copies shows anything of the proof; the last one does."""
    learned = "".join(f"    rows = state.scaler_{place}(lambda: rows)\n" for place in range(5))
    (world.inputs.package_dir / "features.py").write_text(f"def ages(rows, state):\n{learned}    return rows\n")
    (world.inputs.package_dir / "model.py").write_text("def answer(rows, model, state):\n    return model.predict(rows)\n")

    def prove(copy: Path) -> Verdict:
        swapped = "[::-1]" in (copy / "loans" / "model.py").read_text()
        shown = compared("predictions", [1, 2], [2, 1]) if swapped else replace(GOOD.modes[0], status="fail", different=400)
        return Verdict(modes=(shown, *GOOD.modes[1:]))

    item = assessed(world.but(prove_copy=prove), "DAT-03")
    assert item.status == "pass"
    assert item.evidence.control.description == "the order of the predictions changed in loans/model.py, line 2"


def test_an_equivalent_mutant_is_not_held_against_the_proof(world) -> None:
    """The first constant makes no difference to any row; the next one does."""
    features = world.inputs.package_dir / "features.py"
    features.write_text(features.read_text().replace("(row - 40) / 30", "(row - 40) / 30 + 0 * (row + 7)"))
    item = assessed(world.inputs, "DAT-03")
    assert item.status == "pass"
    assert item.evidence.control.fired


def test_deterministic_training_falls_back_to_other_rows(world) -> None:
    """Where the seed does not matter, half of the rows must."""
    training = world.inputs.package_dir / "training.py"
    text = training.read_text()
    training.write_text(text.replace("sum(generator.choice(rows) for _ in range(20))", "sum(rows)"))

    def retrained(copy: Path) -> Verdict:
        return Verdict(modes=(compared("retrain", [sum(range(1000))], drawn(copy)),))

    item = assessed(world.but(retrain_copy=retrained), "OPS-02")
    assert item.status == "pass"
    assert item.evidence.control.description == "every second training row left out in loans/training.py, line 20"


def test_a_failure_stands_whether_or_not_the_control_fires() -> None:
    judge = lambda evidence: Outcome(status="fail", sentence=str(evidence), next_action="Mend it.")  # noqa: E731
    done = evaluate(judge, "bad", trials=lambda _: iter([Trial(description="worse", evidence=None, problem="no copy")]))
    assert done.outcome.status == "fail"
    assert not done.control.fired


def test_nothing_is_spoiled_where_nothing_was_evaluated() -> None:
    def never(_good):
        raise AssertionError("the control ran without a check")

    done = evaluate(lambda _: Outcome(status="not_evaluated", sentence="Nothing."), "", trials=never)
    assert done.control is None


def test_all_trials_must_be_caught_unless_one_is_enough() -> None:
    judge = lambda evidence: Outcome(status="fail" if evidence == "bad" else "pass", sentence="Seen.")  # noqa: E731
    trials = (Trial(description="a", evidence="good"), Trial(description="b", evidence="bad"))
    assert not evaluate(judge, "good", trials=lambda _: iter(trials)).control.fired
    one = evaluate(judge, "good", trials=lambda _: iter(trials), needed="one").control
    assert one.fired
    assert one.description == "b"
    assert one.detail == "a: NOT caught (Seen); b: caught (Seen)"


def test_figures_that_change_from_run_to_run_are_not_told() -> None:
    """A training without seeds gives other figures each time; the files of the same build must not."""
    judge = lambda evidence: Outcome(status=evidence, sentence="7 of 488 differ.")  # noqa: E731
    trial = Trial(description="no seed", evidence="fail", noisy=True)
    assert evaluate(judge, "pass", trials=lambda _: iter([trial])).control.detail == "no seed: caught"
