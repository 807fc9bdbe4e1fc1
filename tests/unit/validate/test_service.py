"""What is asked of the built service, and what becomes of its answers; without a project, a kernel or a process."""

from dataclasses import replace

import pytest

from nb2svc.errors import UsageError
from nb2svc.ir.span import Span
from nb2svc.ir.validation import CheckOutcome, Failure, Parameter, RunResult, RunSpec, ServiceOutcome, Validation
from nb2svc.ir.verdict import Difference, Divergence, Mode
from nb2svc.parity.checks import Case, read_cases, read_junit
from nb2svc.validate.judge import exit_code
from nb2svc.validate.service.outcome import (
    check_outcomes,
    compared_words,
    differs_only,
    failure_of,
    judged_service,
    with_service,
    without_service,
)
from nb2svc.validate.service.parameters import read_knobs, training_parameters
from nb2svc.validate.service.wanted import as_asked
from nb2svc.validate.task import RunTask, ServiceTask, as_message, from_message
from nb2svc.validate.verdict import judge

TRAINING = """
alpha = 3.0

def train(state):
    limit = alpha * rate
    return fit(limit)

if __name__ == "__main__":
    from ._nb2svc.training import main

    main(train, parameters=("alpha", "rows"))
"""
DEFAULTS = (
    Parameter(name="alpha", value="3.0"),
    Parameter(name="rows", value="[1.0]"),
    Parameter(name="rate", value="0.5"),
    Parameter(name="floor", value="0.9"),
)
PARTED = Divergence(span=Span(5, 3, 0, 3, 20), statement=4, column="bmi", text="visits['bmi'] = visits['bmi'] / per")
GOOD = CheckOutcome(name="good", cell=8, outcome="pass")


def given(built: dict[str, str] | None = None, **values: str) -> tuple[tuple[str, str], ...]:
    spec = RunSpec(key="k", parameters=tuple(Parameter(name=name, value=value) for name, value in values.items()))
    return training_parameters(spec, DEFAULTS, read_knobs({"training": TRAINING}, built or {}), project="loans")


def test_training_is_given_what_differs_from_the_project():
    assert given() == ()
    assert given(alpha="3.0", floor="0.1") == ()  # no generated module knows `floor`
    assert given(alpha="1.5") == (("alpha", "1.5"),)
    assert given({"alpha": "1.5"}, alpha="1.5") == ()
    # The notebook's own value, where the project was built with another one.
    assert given({"alpha": "1.5"}) == (("alpha", "3.0"),)
    assert given(alpha="3") == (("alpha", "3"),)  # a whole number is another value to Python
    assert given(rows="[1.0, float('inf'), float('-inf')]") == (("rows", "[1.0, 1e999, -1e999]"),)


def test_what_was_frozen_at_the_build_is_refused_with_its_reason():
    assert given(rate="0.5") == ()
    with pytest.raises(UsageError) as refused:
        given(rate="0.7")
    assert "can't be trained with rate=0.7" in refused.value.what
    assert "takes alpha, rows only" in refused.value.why
    assert "rate = 0.5" in refused.value.why
    assert "build" in refused.value.fix
    assert given({"rate": "0.7"}, rate="0.7") == ()


def test_what_training_cannot_be_given_as_it_is_is_refused():
    with pytest.raises(UsageError, match="nan"):
        given(rows="[float('nan')]")
    knobs = read_knobs({"training": TRAINING}, {})
    spec = RunSpec(key="k", parameters=(Parameter(name="alpha", value="", secret="TOKEN"),))
    with pytest.raises(UsageError, match="secret alpha"):
        training_parameters(spec, DEFAULTS, knobs, project="loans")
    other = RunSpec(key="k", parameters=(Parameter(name="floor", value="", secret="TOKEN"),))
    assert training_parameters(other, DEFAULTS, knobs, project="loans") == ()


def mode(name: str, status: str = "pass", *, compared: int = 100, different: int = 0, note: str = "") -> Mode:
    cells = (Difference(row=3, column="10", expected="1.5", actual="2.5"),) if different else ()
    return Mode(name=name, status=status, compared=compared, total=100, different=different, differences=cells, note=note)


ALIKE = (mode("predictions", compared=40), mode("inputs"), mode("retrain", compared=40), mode("alone", compared=20))
OTHER = (mode("predictions", "not_evaluated", compared=0), mode("inputs", "fail", different=60), *ALIKE[2:])


def asked(modes: tuple[Mode, ...], **more: object) -> ServiceOutcome:
    options = {"divergence": None, "checks": (GOOD,), "own_checks": (GOOD,), **more}
    return judged_service(modes, **options)


def test_a_service_that_gives_what_the_notebook_gave_passes():
    told = asked(ALIKE)
    assert (told.status, told.compared, told.identical, told.reason) == ("pass", 100, 100, "")
    assert compared_words(told) == "answers 40 of 40, model inputs 100 of 100, rows alone 20 of 20"


def test_a_difference_fails_with_how_many_and_where():
    told = asked(OTHER, divergence=PARTED)
    assert (told.status, told.compared, told.identical) == ("fail", 100, 40)
    assert told.reason == "model inputs: 60 of 100 rows differ (column 10: 2.5, in the notebook 1.5)"
    failure = failure_of(with_service(result(), told))
    assert (failure.cell, failure.line) == (5, 3)
    assert "column bmi" in failure.why


def test_only_what_a_second_training_makes_otherwise_excuses_a_difference():
    # A model that draws says nothing of inputs that differ …
    assert asked(OTHER, drawn=("model.skops",), unseeded=("Forest has no seed",)).status == "fail"
    # … but of its answers; and a split that draws of all.
    other_answers = (mode("predictions", "fail", compared=40, different=9), mode("inputs"))
    told = asked(other_answers, drawn=("model.skops",), unseeded=("Forest has no seed: set random_state",))
    assert (told.status, told.reason) == (
        "not_evaluated",
        "training.py gives another model each time: Forest has no seed: set random_state",
    )
    assert asked(OTHER, drawn=("state.json", "model.skops")).status == "not_evaluated"
    assert asked(other_answers).status == "fail"


def test_nothing_is_green_without_rows_and_answers():
    assert asked(()).status == "not_evaluated"
    nothing = asked((mode("predictions", "not_evaluated", compared=0, note="the notebook predicts nothing"),))
    assert (nothing.status, nothing.reason) == ("not_evaluated", "the notebook predicts nothing")
    inputs_only = asked((mode("predictions", "not_evaluated", compared=0, note="it predicts nothing"), mode("inputs")))
    assert (inputs_only.status, inputs_only.reason) == ("not_evaluated", "no answer could be compared: it predicts nothing")
    edge = asked((mode("predictions", "warn", different=1, note="1 rows on a knife edge"), mode("inputs")))
    assert (edge.status, edge.reason) == ("warn", "1 rows on a knife edge")


def test_a_check_that_holds_in_the_notebook_must_hold_for_the_service():
    bad = replace(GOOD, outcome="fail", message="auc 0.4")
    told = asked(ALIKE, checks=(bad,))
    assert (told.status, told.reason) == ("fail", "check good holds in the notebook and not for the service")
    assert asked(ALIKE, checks=(bad,), own_checks=(bad,)).status == "pass"
    skipped = replace(GOOD, outcome="not_reached")
    assert asked(ALIKE, checks=(skipped,)).status == "pass"


def test_generated_checks_are_told_by_the_notebooks_names():
    own = (CheckOutcome(name="Good AUC", cell=8, outcome="pass"), CheckOutcome(name="%", cell=9, outcome="pass"))
    cases = (
        Case(name="test_good_auc", state="fail", message="assert 0.4 > 0.6"),
        Case(name="test_cell_9", state="skipped", message="the run did not keep p"),
        Case(name="test_of_a_person", state="pass"),
    )
    assert [(each.name, each.cell, each.outcome, each.message) for each in check_outcomes(cases, own)] == [
        ("Good AUC", 8, "fail", "assert 0.4 > 0.6"),
        ("%", 9, "not_reached", "the run did not keep p"),
        ("test_of_a_person", 0, "pass", ""),
    ]


def test_a_junit_file_tells_each_case():
    text = (
        '<testsuites><testsuite><testcase name="test_a"/>'
        '<testcase name="test_b"><failure message="AssertionError: low&#10;more"/></testcase>'
        '<testcase name="test_c"><skipped message="no data"/></testcase></testsuite></testsuites>'
    )
    assert [(case.name, case.state, case.message) for case in read_cases(text)] == [
        ("test_a", "pass", ""),
        ("test_b", "fail", "AssertionError: low"),
        ("test_c", "skipped", "no data"),
    ]
    assert (read_junit(text).status, read_junit(text).compared, read_junit(text).different) == ("fail", 2, 1)


def result(status: str = "ok", *, check: str = "pass", service: ServiceOutcome | None = None, key: str = "k") -> RunResult:
    checks = (CheckOutcome(name="good", cell=8, outcome=check),)
    failure = Failure(what="it died") if status == "died" else None
    return RunResult(key=key, spec=RunSpec(key=key), status=status, checks=checks, service=service, failure=failure)


def of(*runs: RunResult) -> Validation:
    return Validation(notebook="a.ipynb", notebook_digest="", runs=runs)


def judged(*services: ServiceOutcome) -> tuple[str, tuple[str, ...], int]:
    validation = of(*(with_service(result(key=str(at)), service) for at, service in enumerate(services)))
    judgement = judge(validation)
    return judgement.outcome, judgement.reasons, exit_code(replace(validation, judgement=judgement))


def test_a_run_whose_service_differs_has_failed():
    other, alike = asked(OTHER), asked(ALIKE)
    run = with_service(result(), other)
    assert (run.status, differs_only(run)) == ("failed", True)
    assert without_service(run) == result()
    assert without_service(with_service(result("failed", check="fail"), other)).status == "failed"
    assert with_service(result("died"), other).status == "died"
    assert with_service(result(), alike).status == "ok"
    outcome, reasons, code = judged(alike, other, alike)
    assert (outcome, code) == ("fail", 1)
    assert reasons == (f"the service does not answer as the notebook in 1 of 3 runs: {other.reason}",)


def test_what_was_not_compared_leaves_the_verdict_open():
    missing = ServiceOutcome(status="not_evaluated", reason="no row could be compared")
    outcome, reasons, code = judged(asked(ALIKE), missing)
    assert (outcome, code) == ("open", 1)
    assert reasons == ("the service was not compared in 1 of 2 runs: no row could be compared",)
    assert judged(asked(ALIKE), asked(ALIKE))[0] == "pass"
    edge = asked((mode("predictions", "warn", different=1, note="1 rows on a knife edge"), mode("inputs")))
    assert judged(edge)[0] == "warn"
    # A run that broke is told as such, and not once more.
    judgement = judge(of(with_service(result("died"), missing), with_service(result(key="b"), asked(ALIKE))))
    assert not any("service" in reason for reason in judgement.reasons)


def test_the_judging_of_a_service_is_evidence_without_a_check():
    bare = replace(result(), checks=())
    assert judge(of(bare)).outcome == "open"
    assert judge(of(with_service(bare, asked(ALIKE)))).outcome == "pass"


def test_an_earlier_run_counts_only_with_the_service_that_is_asked_for():
    task = ServiceTask(shown="loans", package="loans", digest="d1", content=b"zip")
    told = replace(asked(OTHER), digest="d1")
    run = with_service(result(), told)
    assert as_asked(run, {"k": task}) == run
    assert as_asked(run, {"k": replace(task, digest="d2")}) is None
    assert as_asked(result(), {"k": task}) is None
    assert as_asked(run, {}) == result()
    hindered = replace(told, status="not_evaluated", failure=Failure(what="no time left"))
    assert as_asked(with_service(result(), hindered), {"k": task}) is None


def test_a_service_travels_with_its_run():
    task = RunTask(
        spec=RunSpec(key="k"), content=b"{}", path="/a.ipynb", kernel="python3", cwd="/", folder="/runs", timeout=60.0, retries=0,
        service=ServiceTask(shown="loans", package="loans", digest="d", content=b"\x00zip", given=(("alpha", "1.0"),)),
    )  # fmt: skip
    assert from_message(as_message(task, staged="/staged")).service == task.service
    assert (task.limit, replace(task, service=None).limit, replace(task, timeout=None).limit) == (120.0, 60.0, None)
