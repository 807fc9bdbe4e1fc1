"""The checklist as people and programs read it; a case file holds the items (JSON), `# ---`, and the text expected."""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import nb2svc.readiness
from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.readiness.assess import assess
from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.items import by_id
from nb2svc.readiness.render.json import document, read_json, render_json
from nb2svc.readiness.render.markdown import render_markdown
from nb2svc.readiness.render.terminal import render_terminal
from nb2svc.readiness.render.words import SHAPES

CASES = sorted((Path(__file__).resolve().parents[2] / "cases" / "readiness").glob("*.*"))
RENDERERS = {".txt": render_terminal, ".md": render_markdown}
SCHEMA = json.loads((Path(nb2svc.readiness.__file__).parent / "schema.json").read_text())


def open_checklist(inputs) -> Checklist:
    return assess(inputs, ())


def of_case(text: str) -> Checklist:
    """Items of a case: an id, and what differs from the item as it is before anything was looked at."""
    items = []
    for given in json.loads(text):
        item = by_id(given["id"])
        plain = {
            "step": item.step,
            "title": item.title,
            "severity": item.severity,
            "status": "not_evaluated",
            "sentence": f"Not evaluated. It would take {item.proof}.",
            "next_action": "" if given.get("status") == "pass" else item.next_action,
            "why": item.why,
            "maps": item.maps,
        }
        items.append(from_json(ItemResult, {**plain, **given}))
    return Checklist(items=tuple(items), service="loans", notebook="loans.ipynb", metrics=(("auc", 0.731), ("rows", 1984.0)))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case, request) -> None:
    given, _, expected = case.read_text(encoding="utf-8").partition("# ---\n")
    rendered = RENDERERS[case.suffix](of_case(given))
    if request.config.getoption("--update-golden"):
        case.write_text(f"{given}# ---\n{rendered}", encoding="utf-8")
    else:
        assert rendered == expected


def test_there_are_cases() -> None:
    assert len(CASES) >= 5


def test_every_status_has_a_shape_of_a_kind_and_a_word() -> None:
    assert set(SHAPES) == set(SCHEMA["$defs"]["item"]["properties"]["status"]["enum"])
    good = {SHAPES[status] for status in ("pass", "attested")}
    assert good.isdisjoint({SHAPES[status] for status in SHAPES if status not in ("pass", "attested")})


def test_nothing_open_looks_green(world) -> None:
    checklist = open_checklist(world.inputs)
    for text in (render_markdown(checklist), render_terminal(checklist)):
        assert SHAPES["pass"] not in text
        assert "61 not evaluated" in text


def test_no_page_has_an_aggregate_percentage(world) -> None:
    checklist = open_checklist(world.inputs)
    # Percentages inside an item's own words are figures of that item.
    words = " ".join((item.sentence + item.next_action + item.why) for item in checklist.items)
    for text in (render_markdown(checklist), render_terminal(checklist), render_json(checklist)):
        assert set(re.findall(r"\d+ ?%", text)) <= set(re.findall(r"\d+ ?%", words))


def test_the_page_has_all_items_once_in_the_order_of_the_steps(world) -> None:
    page = render_markdown(open_checklist(world.inputs))
    places = [page.index(f"## {step.number}. {step.name}") for step in STEPS]
    assert places == sorted(places)
    ids = re.findall(r"- \*\*([A-Z]+-\d\d) ", page)
    assert len(ids) == len(set(ids)) == 61


def test_what_a_notebook_says_is_no_markup() -> None:
    item = replace(of_case('[{"id": "DAT-01", "status": "fail"}]').items[0], sentence="# a_b <script> [x](http://y) `z` *w*\n_u_")
    page = render_markdown(Checklist(items=(item,), service="a_b", notebook="n.ipynb"))
    assert "\n\\# a_b \\<script> [x]\\(http://y) \\`z\\` \\*w\\* \\_u\\_\n" in page


def test_json_follows_its_schema(world) -> None:
    checklist = assess(world.inputs)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document(checklist), SCHEMA, cls=jsonschema.Draft202012Validator)
    text = render_json(checklist)
    jsonschema.validate(json.loads(text), SCHEMA, cls=jsonschema.Draft202012Validator)
    assert read_json(text) == checklist
    assert_timeless(checklist, world)


def test_what_a_person_edited_is_told_where_code_was_judged(world) -> None:
    two = [each for each in EVALUATORS if each.id in ("DAT-01", "DAT-03")]
    checklist = assess(world.but(by_hand=("loans/features.py",)), two)
    assert "\nEdited by hand, and judged so: `loans/features.py`. Everything else" in render_markdown(checklist)
    assert read_json(render_json(checklist)) == checklist
    edited = ("edited by hand", "loans/features.py")
    told = [item.id for item in checklist.items if item.evidence and edited in item.evidence.details]
    assert told == ["DAT-03"], "of code, not of data"
    assert "Edited by hand" not in render_markdown(assess(world.inputs, two))


@pytest.mark.parametrize(
    "change",
    [
        {"status": "green"},
        {"status": "pass", "next_action": "Do it."},
        {"status": "pass", "next_action": "", "evidence": None},
        {"status": "fail", "next_action": ""},
        {"severity": "serious"},
        {"percent": 80},
        {"id": "DAT-1"},
    ],
)
def test_the_schema_refuses_what_the_rules_forbid(world, change) -> None:
    made = document(open_checklist(world.inputs))
    made["steps"][1]["items"][0] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_refuses_a_pass_whose_control_did_not_fire(world) -> None:
    made = document(assess(world.inputs, ()))
    control = {"description": "a byte", "fired": False, "detail": ""}
    evidence = {"summary": "x", "details": [], "command": "", "subjects": [], "control": control}
    made["steps"][1]["items"][0] |= {"status": "pass", "next_action": "", "evidence": evidence}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)
    control["fired"] = True
    jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_numbers_of_the_checks_are_kept_but_for_those_that_json_has_no_form_for(world) -> None:
    capture = replace(world.inputs.capture, metrics=(("auc", 0.75), ("ratio", float("nan"))))
    made = json.loads(render_json(assess(replace(world.inputs, capture=capture), ())))
    assert made["metrics"] == {"auc": 0.75}
    del made["metrics"]
    assert read_json(json.dumps(made)).metrics == ()


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "steps": []}', '{"version": 1}'])
def test_another_document_is_refused(text) -> None:
    with pytest.raises(DecodeError, match=r"readiness\.json is not"):
        read_json(text)


def assert_timeless(checklist, world) -> None:
    for text in (render_json(checklist), render_markdown(checklist)):
        assert str(world.root) not in text
        assert "/tmp" not in text
        assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d|\b\d+(?:\.\d+)? s\b", text)


def test_the_files_hold_no_time_and_no_path_of_this_machine(world) -> None:
    seconds = []
    quick = [
        each for each in EVALUATORS if each.id != "GOV-04"
    ]  # without the loader's processes; its part is looked at where the schema is
    checklist = assess(world.but(on_timing=lambda identifier, spent: seconds.append((identifier, spent))), quick)
    assert [identifier for identifier, _ in seconds] == [each.id for each in quick]
    assert all(spent >= 0 for _, spent in seconds)
    assert_timeless(checklist, world)
    again = assess(world.inputs, quick)
    assert (render_json(again), render_markdown(again)) == (render_json(checklist), render_markdown(checklist))
