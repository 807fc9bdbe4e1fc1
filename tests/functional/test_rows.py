"""Captured rows of real projects, one at a time: equal to the notebook at every step, and to what the service answers over HTTP."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conftest import Built
from nb2svc.bento.serve import running
from nb2svc.parity.asking import RowProcess
from nb2svc.rowwise import Site, document, site_of, start

ROWS = (0, 5, 17, 40)


@pytest.fixture(scope="module")
def hero(built: Callable[[str], Built]) -> Iterator[tuple[Site, RowProcess]]:
    site = site_of(built("credit_risk").project)
    process = start(site)
    yield site, process
    process.close()


def test_the_command_shows_a_row_and_exits_by_its_verdict(built: Callable[[str], Built]) -> None:
    done = built("diabetes_progression").run("rows", "diabetes_progression", "--row", "5")
    assert done.returncode == 0, done.stderr
    assert 'visits["hdl_share"] = visits["hdl"] / visits["cholesterol"]' in done.stdout
    assert "features.py:" in done.stdout
    assert "≠" not in done.stdout
    edited = built("diabetes_progression").run(
        "rows", "diabetes_progression", "--row", "5", "--set", "bmi=30.5", "--format", "json"
    )
    found = json.loads(edited.stdout)
    assert (edited.returncode, found["error"], found["nearest"]["row"]) == (0, None, 5)
    changed = {(value["name"], value["column"]) for step in found["steps"] for value in step["values"] if value["changed"]}
    assert ("visits", "bmi_pressure") in changed
    assert ("visits", "hdl_share") not in changed


def test_a_row_that_is_not_there_is_told(built: Callable[[str], Built]) -> None:
    done = built("diabetes_progression").run("rows", "diabetes_progression", "--row", "442")
    assert done.returncode == 2
    assert "there is no row 442: the notebook had 442, counted from 0" in done.stderr


def test_rows_of_a_proved_project_are_equal_at_every_step(hero: tuple[Site, RowProcess]) -> None:
    site, process = hero
    page = process.ask({"ask": "list", "limit": 60})
    for row in {*ROWS, *(each["row"] for each in page["rows"])}:
        found = document(site, process.ask({"ask": "row", "row": row}))
        assert found["parting"] is None, (row, found["parting"])
        equal = [value["equal"] for step in found["steps"] for value in step["values"]]
        assert False not in equal
        if found["standing"] in ("predicted", "fitted"):
            assert equal.count(True) > 5
            assert found["inputs"]["values"]
            assert found["answer"]["values"][0]["equal"] is True


def test_an_edited_row_is_answered_as_over_http(hero: tuple[Site, RowProcess]) -> None:
    site, process = hero
    edits: tuple[dict[str, Any], ...] = (
        {"income": None},
        {"loan_amount": 60_000, "region": "north"},
        {"age": 17},
        {"region": "atlantis"},
        {"transactions": []},
        {"income": "much"},
    )
    with running(site.project, interpreter=site.capture.interpreter) as server:
        for row, edit in zip((*ROWS, 3, 8), edits, strict=True):
            request = {**process.ask({"ask": "row", "row": row})["request"], **edit}
            found = process.ask({"ask": "try", "row": row, "request": request})
            body = json.dumps({"rows": [request]}).encode()
            sent = urllib.request.Request(f"{server.url}/predict", data=body, headers={"content-type": "application/json"})
            with urllib.request.urlopen(sent, timeout=60) as response:
                (served,) = json.loads(response.read())["results"]
            assert found["result"] == {name: value for name, value in served.items() if name != "id"}


def test_no_row_is_left_behind(hero: tuple[Site, RowProcess]) -> None:
    """What the process was given names files, and holds none of their rows."""
    site, process = hero
    request = json.loads((process.folder / "request.json").read_text())
    assert [path.name for path in process.folder.iterdir()] == ["request.json"]
    assert set(request["raws"]) <= {table.name for table in site.observation.tables}
    assert all(set(entry) == {"file", "sha256"} for entry in request["raws"].values())
