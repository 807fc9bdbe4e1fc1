"""What stops a build and a release, what comes next, and what a changed digest takes away."""

from dataclasses import replace

import pytest

from nb2svc.ir.readiness import Checklist, Evidence
from nb2svc.readiness.assess import assess
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.gate import blocking, counts, next_actions, refreshed
from unit.readiness.worlds import GOOD


def with_items(checklist: Checklist, **changes: dict[str, object]) -> Checklist:
    """The checklist with some items changed; DAT_01 stands for DAT-01."""
    named = {name.replace("_", "-"): change for name, change in changes.items()}
    return replace(checklist, items=tuple(replace(item, **named.get(item.id, {})) for item in checklist.items))


@pytest.fixture
def nothing_seen(world) -> Checklist:
    return assess(world.inputs, ())


def test_what_was_not_evaluated_stops_a_release_and_no_build(nothing_seen) -> None:
    assert blocking(nothing_seen) == ()
    blockers = [item.id for item in nothing_seen.items if item.severity == "blocker"]
    assert [item.id for item in blocking(nothing_seen, "release")] == blockers
    assert len(blockers) == 42


@pytest.mark.parametrize("status", ["fail", "broken", "stale", "expired"])
def test_a_red_blocker_stops_both(nothing_seen, status) -> None:
    checklist = with_items(nothing_seen, DAT_01={"status": status})
    assert [item.id for item in blocking(checklist, "build")] == ["DAT-01"]
    assert "DAT-01" in [item.id for item in blocking(checklist, "release")]


@pytest.mark.parametrize("status", ["pass", "warn", "attested", "waived", "not_applicable"])
def test_an_answered_blocker_stops_neither(nothing_seen, status) -> None:
    checklist = with_items(nothing_seen, DAT_01={"status": status})
    assert "DAT-01" not in [item.id for item in (*blocking(checklist), *blocking(checklist, "release"))]


def test_a_red_warning_stops_nothing(nothing_seen) -> None:
    assert blocking(with_items(nothing_seen, DAT_06={"status": "fail"})) == ()


def test_the_tier_makes_blockers(world) -> None:
    high = assess(world.but(tier="high"), ())
    assert len(blocking(high, "release")) == 42 + 11


def test_counts_are_numbers_in_a_fixed_order(nothing_seen) -> None:
    checklist = with_items(nothing_seen, DAT_01={"status": "pass"}, DAT_03={"status": "fail"}, GOV_03={"status": "pass"})
    assert counts(checklist) == (("fail", 1), ("pass", 2), ("not_evaluated", 58))


def test_next_come_red_blockers_then_red_then_warnings_then_the_cheapest_open_blocker(nothing_seen) -> None:
    checklist = with_items(
        nothing_seen,
        DAT_03={"status": "warn"},
        DAT_06={"status": "fail"},
        GOV_03={"status": "broken"},
        DAT_01={"status": "pass", "next_action": ""},
    )
    assert [item.id for item in next_actions(checklist, most=5)] == ["GOV-03", "DAT-06", "DAT-03", "BIZ-01", "DAT-02"]


def test_the_first_thing_to_do_is_to_declare_the_workflow(nothing_seen) -> None:
    first = next_actions(nothing_seen)
    assert len(first) == 3
    assert first[0].id == "BIZ-01"


def test_every_red_or_open_item_has_one_next_action(world) -> None:
    (world.root / "loans.csv").write_text("age\n1\n")
    some_fail = assess(world.but(verdict=replace(GOOD, modes=()), retrain=False), EVALUATORS[:4])
    assert dict(counts(some_fail))["fail"] == 1
    for item in some_fail.items:
        assert bool(item.next_action) == (item.status != "pass"), item.id
        assert "\n" not in item.next_action


def test_changed_subjects_make_evidence_stale(nothing_seen) -> None:
    bound = Evidence(summary="seen", subjects=(("notebook", "a" * 64), ("data", "b" * 64)))
    checklist = with_items(
        nothing_seen,
        DAT_01={"status": "pass", "next_action": "", "evidence": bound},
        DAT_03={"status": "fail", "evidence": bound},
    )
    same = {"notebook": "a" * 64, "data": "b" * 64, "code": "c" * 64}
    assert refreshed(checklist, same) == checklist
    stale = refreshed(checklist, {**same, "data": "d" * 64}).items[6]
    assert (stale.id, stale.status) == ("DAT-01", "stale")
    assert stale.sentence == "Its evidence is about another data than the one here now."
    assert stale.next_action
    assert refreshed(checklist, {}).items[6].status == "stale"
    # A failure stays a failure: it names what to mend.
    assert refreshed(checklist, {}).items[8].status == "fail"
