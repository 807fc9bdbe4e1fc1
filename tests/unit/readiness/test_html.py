"""The checklist as HTML: everything is told in words, nothing in it is loaded or run, and text of a notebook stays text."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from nb2svc.ir.readiness import Checklist, Control, Evidence
from nb2svc.readiness.assess import assess
from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.items import ITEMS
from nb2svc.readiness.render.html import render_fragment, render_page, standing
from nb2svc.readiness.render.places import Links
from nb2svc.readiness.render.words import SHAPES

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """The elements and the text of a page; each element has to be closed where it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def checklist(world) -> Checklist:
    return assess(world.inputs, ())


def with_item(checklist: Checklist, name: str, **changes) -> Checklist:
    return replace(checklist, items=tuple(replace(item, **changes) if item.id == name else item for item in checklist.items))


PASSED = {
    "status": "pass",
    "sentence": "read again at cell 1, line 8",
    "next_action": "",
    "evidence": Evidence(
        summary="",
        details=(("cell 9, lines 1-2", "x <b>&"),),
        command="nb2svc build a.ipynb",
        subjects=(("notebook", "8fff9c7eea98e67f"),),
        control=Control(description="one byte changed", fired=True, detail=""),
        files=((".nb2svc/executed.html", "722bad6e3919fbde"), ("data.csv", "00aa")),
    ),
}


def test_every_item_says_its_status_in_words_and_what_to_do(checklist) -> None:
    page = Reader(render_page(checklist))
    for item in ITEMS:
        assert f"not evaluated {item.id} {item.title}" in page.text
        assert item.next_action in page.text
    assert [step.name for step in STEPS if f"{step.number}. {step.name}" not in page.text] == []


@pytest.mark.parametrize("status", SHAPES)
def test_a_sign_is_never_alone(checklist, status) -> None:
    page = Reader(render_page(with_item(checklist, "DAT-01", status=status)))
    assert f"{SHAPES[status]} {status.replace('_', ' ')} DAT-01" in page.text
    hidden = [each for each in page.all("span") if "nb2svc-sign" in (each.get("class") or "").split()]
    # In the overview many signs stand in one hidden element; a sign of an item is hidden itself, and its word follows.
    assert sum(each.get("aria-hidden") == "true" for each in hidden) == len(ITEMS)


def test_headings_lead_through_the_steps(checklist) -> None:
    levels = [name for name, _ in Reader(render_page(checklist)).elements if name in ("h1", "h2", "h3", "h4")]
    assert levels == ["h1", "h2", *["h2"] * len(STEPS)]
    inside = [name for name, _ in Reader(render_fragment(checklist, level=3)).elements if name in ("h1", "h2", "h3", "h4")]
    assert inside == ["h3", "h4", *["h4"] * len(STEPS)]


def test_evidence_is_linked_where_it_is_here_and_told_where_not(checklist) -> None:
    links = Links(cells={1: "#cell-id=data"}, files={".nb2svc/executed.html": "../.nb2svc/executed.html"})
    page = Reader(render_fragment(with_item(checklist, "DAT-01", **PASSED), links))
    assert [each["href"] for each in page.all("a")] == ["#cell-id=data", "../.nb2svc/executed.html"]
    for told in (
        "cell 9, lines 1-2 x <b>&",
        "✓ fired : one byte changed".replace(" :", ":"),
        "data.csv beside the notebook",
        "notebook 8fff9c7eea98",
    ):
        assert told in page.text


def test_what_a_notebook_says_is_text(checklist) -> None:
    hostile = "<script>x</script> cell 1 <img src=x onerror=y>"
    made = with_item(checklist, "DAT-01", status="fail", sentence=hostile, title=hostile, next_action=hostile)
    page = render_page(
        replace(made, service=hostile, notebook=hostile, by_hand=(hostile,)), Links(cells={1: '"><i>'}), notes=[hostile]
    )
    assert not Reader(page).all("script") + Reader(page).all("img") + Reader(page).all("i")
    assert {each["href"] for each in Reader(page).all("a")} == {'"><i>'}


def test_it_loads_nothing(checklist) -> None:
    page = render_page(with_item(checklist, "DAT-01", **PASSED))
    assert "default-src 'none'" in page
    assert [each for each in Reader(page).elements if {"src", "srcset", "onclick"} & set(each[1])] == []
    assert "url(" not in page
    assert "@import" not in page
    assert len(page.encode()) < 300_000


def test_a_step_is_good_only_when_all_of_it_was_looked_at(checklist) -> None:
    step = [replace(item, status="pass") for item in checklist.items if item.step == 2]
    assert standing(step) == "good"
    assert standing([*step, replace(step[0], status="not_evaluated")]) == "open"
    assert standing([*step, replace(step[0], status="stale")]) == "bad"


def test_a_red_step_is_unfolded_in_a_notebook_and_all_are_on_a_page(checklist) -> None:
    red = with_item(checklist, "OPS-02", status="fail")
    unfolded = [each for each in Reader(render_fragment(red)).all("details") if "open" in each]
    assert [each["class"] for each in unfolded] == ["nb2svc-step nb2svc-is-bad"]
    assert sum("open" in each for each in Reader(render_page(red)).all("details")) == len(STEPS)
