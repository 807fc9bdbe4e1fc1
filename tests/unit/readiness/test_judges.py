"""Each check as a function of its evidence: passes, fails, warns, and knows when it has nothing to say."""

from dataclasses import replace

import pytest

from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Divergence, KnifeEdge, Mode, Verdict
from nb2svc.readiness.checks.one_implementation import judge_verdict
from nb2svc.readiness.checks.outcome import counted, listed
from nb2svc.readiness.checks.pinned_data import InputData, PinnedFile, ReadCall, judge_input_data
from nb2svc.readiness.checks.reproducible import Reproduction, judge_reproduction, order_fact
from nb2svc.readiness.checks.safe_artifact import ArtifactFile, Artifacts, Load, judge_artifacts
from unit.readiness.worlds import GOOD, passing

A, B = "a" * 64, "b" * 64
LOANS = PinnedFile(name="loans.csv", pinned=A, reread=A, size=1204)
READ = ReadCall(where="cell 2, line 1", text="loans = pd.read_csv(FILE)", source="file", file="loans.csv")
DATA = InputData(files=(LOANS,), calls=(READ,), kept=(), scanned=True)


# --- DAT-01


def test_pinned_data_passes_with_its_figures() -> None:
    outcome = judge_input_data(DATA)
    assert outcome.status == "pass"
    assert (
        outcome.sentence == "1 file (1,204 bytes) read again and equal; every read call of the training slice accounted for (1)."
    )
    assert outcome.details == (
        ("loans.csv", f"sha256 {A}, 1,204 bytes"),
        ("cell 2, line 1", "loans = pd.read_csv(FILE): loans.csv"),
    )


@pytest.mark.parametrize(
    ("change", "sentence", "action"),
    [
        (
            {"files": (replace(LOANS, reread=B),)},
            f"loans.csv is not what the run read: {A[:12]} then, {B[:12]} now.",
            "Put the old loans.csv back, or build again with the new one.",
        ),
        (
            {"files": (replace(LOANS, reread="", problem="No such file or directory"),)},
            "loans.csv, which the run read, can't be read again: No such file or directory.",
            "Put loans.csv back and build again.",
        ),
        (
            {"calls": (READ, replace(READ, where="cell 5, line 2", file=""))},
            "1 read call of the training slice fits no file that the run recorded: cell 5, line 2.",
            "Write the path in cell 5, line 2 as a string, relative to the notebook.",
        ),
        (
            {"calls": (READ, replace(READ, where="cell 5, line 2", source="remote", file=""))},
            "1 read of the training data can't be pinned, since it comes over the network: cell 5, line 2.",
            "Save what cell 5, line 2 reads to a file beside the notebook, and read that file.",
        ),
    ],
)
def test_pinned_data_fails(change, sentence, action) -> None:
    outcome = judge_input_data(replace(DATA, **change))
    assert (outcome.status, outcome.sentence, outcome.next_action) == ("fail", sentence, action)


def test_data_of_a_library_is_pinned_by_its_version_and_the_captured_value() -> None:
    call = ReadCall(where="cell 1, line 2", text="X = load_diabetes()", source="library", origin="scikit-learn 1.9.1")
    kept = PinnedFile(name="the raw value X", pinned=A, reread=A, size=0)
    outcome = judge_input_data(InputData(files=(), calls=(call,), kept=(kept,), scanned=True))
    assert outcome.status == "pass"
    assert outcome.sentence == (
        "No file is read: the data ships with scikit-learn 1.9.1; 1 captured raw value read again and equal."
    )
    assert judge_input_data(InputData(files=(), calls=(call,), kept=(replace(kept, reread=B),), scanned=True)).status == "fail"


def test_no_record_of_what_was_read_is_not_evaluated() -> None:
    assert judge_input_data(InputData(files=(), calls=(READ,), kept=(), scanned=True)).status == "not_evaluated"
    assert judge_input_data(replace(DATA, scanned=False)).status == "not_evaluated"


# --- DAT-03


def test_the_proof_passes_with_its_figures() -> None:
    outcome = judge_verdict(Verdict(modes=passing("inputs", "alone", "shuffled", "json", total=1947)))
    assert outcome.status == "pass"
    assert outcome.sentence == (
        "The notebook's rows give the notebook's values: inputs 1,947 of 1,947, alone 1,947 of 1,947,"
        " and so in 2 more ways (shuffled, json)."
    )


@pytest.mark.parametrize("name", ["predictions", "inputs", "alone", "shuffled", "json", "http"])
def test_one_failing_mode_fails_the_item(name) -> None:
    modes = tuple(replace(mode, status="fail", different=3) if mode.name == name else mode for mode in GOOD.modes)
    where = Divergence(span=Span(3, 4, 0, 4, 9), statement=7, column="income", text="")
    outcome = judge_verdict(Verdict(modes=modes, divergence=where))
    assert outcome.status == "fail"
    assert outcome.sentence.endswith(f"rows that differ: {name} 3 of 400.")
    assert outcome.next_action.startswith("Look at cell 3, line 4, column income")


@pytest.mark.parametrize("name", ["alone", "shuffled", "json"])
@pytest.mark.parametrize("how", ["absent", "not_evaluated", "nothing compared"])
def test_a_mode_that_compared_nothing_is_no_pass(name, how) -> None:
    changed = {
        "absent": (),
        "not_evaluated": (Mode(name=name, status="not_evaluated", compared=0, total=9, different=0),),
        "nothing compared": (Mode(name=name, status="pass", compared=0, total=9, different=0),),
    }[how]
    modes = (*(mode for mode in GOOD.modes if mode.name != name), *changed)
    outcome = judge_verdict(Verdict(modes=modes))
    assert (outcome.status, outcome.sentence) == ("not_evaluated", f"The proof compared nothing in {name}.")


def test_one_of_both_oracles_is_enough_and_none_is_not() -> None:
    without = tuple(mode for mode in GOOD.modes if mode.name != "predictions")
    assert judge_verdict(Verdict(modes=without)).status == "pass"
    neither = tuple(mode for mode in without if mode.name != "inputs")
    assert judge_verdict(Verdict(modes=neither)).sentence == "The proof compared nothing in predictions or inputs."


def test_without_a_service_the_proof_in_process_counts() -> None:
    assert judge_verdict(Verdict(modes=passing("inputs", "alone", "shuffled", "json"))).status == "pass"


def test_other_items_modes_are_not_this_items_business() -> None:
    retrain = Mode(name="retrain", status="fail", compared=5, total=5, different=5)
    assert judge_verdict(Verdict(modes=(*GOOD.modes[:6], retrain))).status == "pass"


def test_knife_edges_warn_with_the_edit_that_cures() -> None:
    edge = KnifeEdge(row=4, column="total", threshold=0.5, expected="High", actual="Low")
    outcome = judge_verdict(replace(GOOD, knife_edges=(edge, replace(edge, row=9))))
    assert outcome.status == "warn"
    assert "2 rows stand exactly on a threshold" in outcome.sentence
    assert outcome.next_action == "Round total in the notebook, for example with .round(2)."
    assert "1 row stands" in judge_verdict(replace(GOOD, knife_edges=(edge,))).sentence


def test_a_wider_tolerance_warns() -> None:
    modes = (replace(GOOD.modes[0], status="warn"), *GOOD.modes[1:])
    assert "within a wider tolerance" in judge_verdict(Verdict(modes=modes)).sentence


# --- OPS-02

RETRAIN = Mode(name="retrain", status="pass", compared=488, total=488, different=0)
RUN = Reproduction(captured=A, cells=5, order=(1, 2, 3, 4, 5), unused=(), retrain=RETRAIN)


def test_reproduction_passes_with_its_figures() -> None:
    outcome = judge_reproduction(RUN)
    assert outcome.status == "pass"
    assert outcome.sentence == (
        "All 5 cells ran from the top in a clean kernel; training.py trained again, and 488 of 488 predictions agree."
    )
    assert ("cells as saved", "in order") in outcome.details


@pytest.mark.parametrize("status", ["fail", "warn"])
def test_another_model_fails_whether_the_proof_fails_or_warns(status) -> None:
    mode = replace(RETRAIN, status=status, different=7, note="train_test_split (cell 4, line 1) has no seed")
    outcome = judge_reproduction(replace(RUN, retrain=mode))
    assert outcome.status == "fail"
    assert outcome.sentence == (
        "Training again gives another model: 7 of 488 predictions differ (train_test_split (cell 4, line 1) has no seed)."
    )
    assert "seed" in outcome.next_action


def test_training_that_stops_fails() -> None:
    mode = Mode(name="retrain", status="fail", compared=0, total=0, different=0, note="training.py failed: KeyError")
    assert judge_reproduction(replace(RUN, retrain=mode)).sentence == (
        "training.py can't train again (training.py failed: KeyError)."
    )


def test_noise_within_tolerance_warns() -> None:
    outcome = judge_reproduction(replace(RUN, retrain=replace(RETRAIN, status="warn", note="float32 sums")))
    assert (outcome.status, "(float32 sums)" in outcome.sentence) == ("warn", True)


def test_training_that_was_left_out_is_not_evaluated() -> None:
    outcome = judge_reproduction(replace(RUN, retrain=None, reason="it was switched off"))
    assert outcome.status == "not_evaluated"
    assert "it was switched off" in outcome.sentence
    assert "--no-retrain" in outcome.next_action
    empty = Mode(name="retrain", status="not_evaluated", compared=0, total=0, different=0, note="no folder")
    assert "no folder" in judge_reproduction(replace(RUN, retrain=empty)).sentence
    assert judge_reproduction(replace(RUN, captured="")).sentence == "The notebook was not run in a clean kernel."


@pytest.mark.parametrize(
    ("order", "fact"),
    [
        ((1, 2, 3), "in order"),
        ((4, 9, 12), "in order"),
        ((1, 7, 3), "out of order (1, 7, 3)"),
        ((1, 1), "out of order (1, 1)"),
        ((1, None, 3), "in order, 1 cell not run"),
        ((3, None, 1, None), "out of order (3, 1), 2 cells not run"),
        ((None, None), "never run"),
        ((), "never run"),
    ],
)
def test_the_order_of_execution_is_a_fact(order, fact) -> None:
    assert order_fact(order) == fact


# --- GOV-04

MODEL = ArtifactFile(name="model.skops", sha256=A, listed=A)
ARTIFACTS = Artifacts(files=(MODEL,), absent=(), types=("loans.features.Ratio",), load=Load(loaded=True))


def test_safe_artifacts_pass() -> None:
    outcome = judge_artifacts(ARTIFACTS)
    assert outcome.status == "pass"
    assert outcome.sentence == (
        "1 artifact with the manifest's digests, 1 reviewed type, no pickle; loaded by the project's own loader."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"files": (replace(MODEL, sha256=B),)}, "model.skops is not the file that the manifest lists."),
        (
            {"files": (MODEL, replace(MODEL, name="x.npz", listed=""))},
            "x.npz stands in the artifacts' folder and not in its manifest.",
        ),
        ({"absent": ("state.json",)}, "state.json is listed in the manifest and not there."),
        ({"files": (replace(MODEL, name="model.pkl", pickled=True),)}, "model.pkl can run code when loaded: a pickle."),
        ({"load": Load(loaded=False, error="ArtifactError")}, "The project's loader refuses the artifacts: ArtifactError."),
    ],
)
def test_unsafe_artifacts_fail(change, sentence) -> None:
    outcome = judge_artifacts(replace(ARTIFACTS, **change))
    assert (outcome.status, outcome.sentence) == ("fail", sentence)
    assert outcome.next_action.endswith(".")


def test_artifacts_that_nobody_loaded_are_not_evaluated() -> None:
    assert judge_artifacts(replace(ARTIFACTS, load=None)).status == "not_evaluated"
    assert judge_artifacts(replace(ARTIFACTS, files=())).sentence == "There are no artifacts to load: the folder is empty."


# --- words


def test_numbers_and_lists_read_as_english() -> None:
    assert [counted(1, "file"), counted(1200, "row"), counted(2, "copy", plural="copies")] == ["1 file", "1,200 rows", "2 copies"]
    assert [listed(()), listed(("a",)), listed(("a", "b")), listed(("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]
    assert listed(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
