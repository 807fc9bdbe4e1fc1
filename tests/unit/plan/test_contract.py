"""What a service would promise, from the source alone: what a person is shown, and what they may choose instead."""

import json
from typing import Any

from nb2svc.cli.documents import analysis_document

LOAD = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nhomes = pd.read_csv('homes.csv')\nrates = pd.read_csv('r.csv')"
)
FEATURES = "homes['size'] = homes['size'].fillna(homes['size'].median())\nX = homes.merge(rates)[['size']]"
MODEL = "model = Ridge().fit(X, homes['price'])\nother = Ridge().fit(X, homes['rent'])\nprice = model.predict(X)\nrent = other.predict(X)"
CHECK = "assert (rent >= 0).all()"


def analysed(*cells: str, **settings: dict[str, Any]) -> dict[str, Any]:
    """The document of a notebook of these cells; `settings` are the `metadata.nb2svc` of the first feature cell."""
    made = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for number, source in enumerate(cells, start=1)
    ]
    if settings:
        next(cell for cell in made if "feature" in str(cell["source"]))["metadata"] = {"nb2svc": settings}
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return analysis_document(json.dumps(content).encode(), "homes.ipynb")


def tagged(*, feature: str = "", model: str = "", **settings: dict[str, Any]) -> dict[str, Any]:
    return analysed(
        LOAD,
        f"# nb2svc: feature homes{feature}\n{FEATURES}",
        "X.plot()",
        f"# nb2svc: model{model}\n{MODEL}",
        f"# nb2svc: check\n{CHECK}",
        **settings,
    )


def choice(document: dict[str, Any], key: str) -> dict[str, Any]:
    return next(each for each in document["contract"]["choices"] if each["key"] == key)


def test_cells_are_linked_by_the_values_that_they_give() -> None:
    document = tagged()
    links = {(link["source"], link["target"]): link["names"] for link in document["links"]}

    # The import of pandas, which every cell uses, is no line of the picture.
    assert links == {
        (1, 2): ["homes", "rates"], (2, 3): ["X"], (2, 4): ["homes", "X"], (4, 5): ["rent"],
    }  # fmt: skip
    assert [(each["standing"], each["pulled"]) for each in document["standings"]] == [
        ("training", True), ("served", False), ("out", False), ("served", False), ("check", False),
    ]  # fmt: skip


def test_without_tags_there_are_links_and_no_contract() -> None:
    document = analysed(LOAD, FEATURES)
    assert [(link["source"], link["target"]) for link in document["links"]] == [(1, 2)]
    assert (document["contract"], document["standings"]) == (None, [])


def test_the_contract_says_what_the_source_tells() -> None:
    contract = tagged()["contract"]

    assert contract["captured"] == ""
    assert [(table["name"], table["role"], table["columns"]) for table in contract["tables"]] == [
        ("homes", "main", []),
        ("rates", "lookup", []),
    ]
    assert [(each["name"], each["text"], each["span"]["cell"]) for each in contract["state"]] == [
        ("size_median", "homes['size'].median()", 2)
    ]
    assert (contract["feature_text"], contract["estimator_type"]) == ("X", "sklearn.linear_model.Ridge")


def test_each_inference_has_what_holds_and_what_it_could_be() -> None:
    document = tagged()
    said = {
        each["key"]: (each["cell"], each["value"], each["candidates"], each["given"]) for each in document["contract"]["choices"]
    }

    assert said == {
        "raw": (2, "homes", ["homes", "rates", "X"], False),
        "request": (2, "", ["rates"], False),
        "lookup": (2, "rates", ["rates"], False),
        "optional": (2, "", [], False),
        "estimator": (4, "other", ["other", "model"], False),
        "output": (4, "rent", ["rent", "price"], False),
        "target": (4, "", [], False),
        "answer_outside_domain": (4, "false", [], False),
        "serve": (5, "false", [], False),
    }


def test_each_candidate_is_taken() -> None:
    """What is offered can be chosen: no candidate of a name gives a finding of its own."""
    document = tagged()
    for key, role in (
        ("raw", "feature"),
        ("request", "feature"),
        ("lookup", "feature"),
        ("output", "model"),
        ("estimator", "model"),
    ):
        for name in choice(document, key)["candidates"]:
            chosen = tagged(**{role: f" {key}={name}"})
            assert [finding["message"] for finding in chosen["findings"] if f"{key}=" in finding["message"]] == []
            assert choice(chosen, key)["value"] == name
            assert choice(chosen, key)["given"]


def test_what_metadata_overrules_is_told_as_given() -> None:
    document = tagged(options={"request": "rates"})
    assert (choice(document, "request")["value"], choice(document, "request")["given"]) == ("rates", True)
    assert [table["role"] for table in document["contract"]["tables"]] == ["main", "child"]
