"""The catalogue is the checklist that we promised: sixty-one items, by these ids, with these severities."""

import re
from collections import Counter

import pytest

from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.items import ITEMS, by_id

# id, severity (B blocker, W warning, I info; ↑ a blocker in tier high)
TABLE = """
BIZ-01 B   BIZ-02 B   BIZ-03 B   BIZ-04 W↑  BIZ-05 W↑  BIZ-06 B
DAT-01 B   DAT-02 B   DAT-03 B   DAT-04 W↑  DAT-05 B   DAT-06 W   DAT-07 I   DAT-08 B   DAT-09 W
API-01 B   API-02 B   API-03 W↑  API-04 B   API-05 W↑  API-06 B
OPS-01 B   OPS-02 B   OPS-03 W   OPS-04 B   OPS-05 B   OPS-06 B   OPS-07 W↑  OPS-08 B   OPS-09 W↑  OPS-10 B   OPS-11 W
GOV-01 B   GOV-02 B   GOV-03 B   GOV-04 B   GOV-05 B   GOV-06 B   GOV-07 W↑  GOV-08 B   GOV-09 W↑  GOV-10 W   GOV-11 B
GOV-12 B   GOV-13 B
UX-01 B    UX-02 B    UX-03 B    UX-04 B    UX-05 B    UX-06 W↑   UX-07 W
MON-01 B   MON-02 B   MON-03 B   MON-04 B   MON-05 W↑  MON-06 W   MON-07 B   MON-08 B   MON-09 B
"""
LETTERS = {"blocker": "B", "warning": "W", "info": "I"}


def test_the_items_are_those_of_the_table() -> None:
    expected = re.findall(r"([A-Z]+-\d\d) ([BWI]↑?)", TABLE)
    assert [(item.id, LETTERS[item.severity] + ("↑" if item.rises else "")) for item in ITEMS] == expected


def test_the_steps_have_6_9_6_11_13_7_9_items() -> None:
    numbers = Counter(item.step for item in ITEMS)
    assert [numbers[step.number] for step in STEPS] == [6, 9, 6, 11, 13, 7, 9]
    assert len(ITEMS) == 61


def test_every_item_of_the_ml_test_score_is_mapped() -> None:
    mapped = {test for item in ITEMS for test in re.findall(r"(?:Data|Model|Infra|Mon) \d", item.maps)}
    assert mapped == {f"{section} {number}" for section in ("Data", "Model", "Infra", "Mon") for number in range(1, 8)}


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_an_item_speaks_in_whole_sentences(item) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", item.title)
    assert re.fullmatch(r"[A-Z\"].*[.?]", item.why)
    assert re.fullmatch(r"[A-Z].*\.", item.next_action)
    # It completes "It would take …."
    assert re.fullmatch(r"(?:[a-z]|OpenAPI|AI ).*[^.]", item.proof)
    assert "\n" not in item.title + item.why + item.proof + item.next_action
    assert "  " not in item.title + item.why + item.proof + item.next_action


def test_no_two_items_say_the_same() -> None:
    for told in ("title", "why", "proof", "next_action"):
        assert [text for text, number in Counter(getattr(item, told) for item in ITEMS).items() if number > 1] == []


def test_the_risk_tier_raises_only_what_is_marked() -> None:
    assert by_id("DAT-04").severity_in("high") == "blocker"
    assert by_id("DAT-04").severity_in("standard") == "warning"
    assert by_id("DAT-06").severity_in("high") == "warning"
    assert by_id("DAT-07").severity_in("high") == "info"


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError, match="DAT-99"):
        by_id("DAT-99")
