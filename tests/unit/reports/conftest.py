"""Reports as fixtures, and the schemas that they are validated against."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema

from nb2svc.ir.report import Problem, Report
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.places import locator
from nb2svc.reports.records import checklist_records, verdict_records
from unit.reports.samples import CELLS, CHECKLIST, VERDICT, findings_report, notebook_text

SCHEMAS = Path(__file__).resolve().parents[2] / "fixtures" / "schemas"


@pytest.fixture
def content():
    return notebook_text(*CELLS)


@pytest.fixture
def report(content):
    return findings_report(content)


@pytest.fixture
def verdict_report(content):
    path = "loans.ipynb"
    notebook, _ = parse_notebook(content, path=path)
    records = verdict_records(VERDICT, notebook, file=path, locate=locator(content, notebook))
    return Report(command="build", subject=path, records=(*records, *checklist_records(CHECKLIST, file=path)), exit_code=1)


@pytest.fixture
def stopped():
    problem = Problem(what="there is no notebook x: y", where="a,b.ipynb", why="100% <gone>\nsecond", fix="did you mean a.ipynb?")
    return Report(command="analyze", subject="", problem=problem, exit_code=2)


@pytest.fixture
def empty(report):
    return replace(report, records=(), exit_code=0)


@pytest.fixture(scope="session")
def check_sarif():
    """Validate a SARIF document; each object of the schema is closed, so a wrong name is seen too."""
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema)

    def check(text: str) -> dict:
        document = json.loads(text)
        validator.validate(document)
        return document["runs"][0]

    return check


@pytest.fixture(scope="session")
def check_junit():
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))

    def check(text: str) -> ET.Element:
        schema.validate(text)
        return ET.fromstring(text.encode())

    return check
