"""What analysis says of a service that was built: what its run saw of the data, as long as it fits, and not one row of it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from nb2svc.cli.documents import analysis_document

pytestmark = pytest.mark.kernel


def contract_of(notebook: Path, *, change: tuple[str, str] = ("", "")) -> dict[str, Any]:
    """The contract of a notebook's file, or of the same with a text changed as on somebody's screen."""
    content = notebook.read_text(encoding="utf-8")
    if change[0]:
        assert change[0] in content
        content = content.replace(*change)
    contract: dict[str, Any] = analysis_document(content.encode(), notebook.name, place=str(notebook))["contract"]
    return contract


def test_the_contract_of_a_built_service(built) -> None:
    contract = contract_of(built("credit_risk").notebook)
    tables = {table["name"]: table for table in contract["tables"]}
    columns = {column["name"]: column for column in tables["applicants"]["columns"]}
    state = {each["name"]: each for each in contract["state"]}

    assert contract["captured"] != ""
    assert {name: table["role"] for name, table in tables.items()} == {
        "applicants": "main",
        "transactions": "child",
        "regions": "lookup",
    }
    assert (columns["employment"]["kind"], columns["employment"]["categories"]) == ("string", 5)
    assert columns["income"]["optional"]
    assert (columns["defaulted"]["use"], contract["target"]) == ("target", "defaulted")
    assert "loan_to_income" in contract["features"]
    assert state["region_categories"]["entries"] == 6
    assert (state["snapshot"]["value"], state["means"]["value"]) == ("2025-06-30T00:00:00.000000", "")
    assert contract["estimator_type"].endswith("HistGradientBoostingClassifier")
    choices = {choice["key"]: choice for choice in contract["choices"]}
    # Training saw incomes that are missing, and of whole numbers none can be.
    assert "employment" in choices["optional"]["candidates"]
    assert not {"income", "age"} & {*choices["optional"]["candidates"]}
    assert choices["target"]["value"] == "defaulted"


def test_no_row_of_the_data_is_in_it(built) -> None:
    example = built("credit_risk")
    said = json.dumps(contract_of(example.notebook))
    with (example.folder / "applicants.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    # The keys name persons; of the numbers only the extremes are told.
    assert [row["applicant_id"] for row in rows if f'"{row["applicant_id"]}"' in said] == []
    incomes = {row["income"] for row in rows if row["income"]}
    assert len([income for income in incomes if f" {float(income)}," in said]) <= 2
    assert len(incomes) > 1000


def test_a_run_that_does_not_fit_is_not_told(built) -> None:
    notebook = built("credit_risk").notebook
    moved = contract_of(notebook, change=("output=decision", "output=risk"))
    shipped = contract_of(notebook, change=("nb2svc: feature history", "nb2svc: feature history optional=income"))

    assert (moved["captured"], shipped["captured"]) == ("", "")
    assert "does not fit any more" in moved["note"]
    assert shipped["note"].endswith("the options of a tag changed")
    assert all(table["columns"] == [] for table in shipped["tables"])
