"""The documents of the examples are as the one schema says, in which the panel's types have their source."""

import json
from dataclasses import make_dataclass
from pathlib import Path

import jsonschema
import pytest

from document_schema import FILE, check_document, document_schema, schema_text, validator
from nb2svc.cli.documents import analysis_document, error_only, show_document, suggestion_document_of
from nb2svc.errors import Nb2svcError
from nb2svc.ir.schema import Definitions

EXAMPLES = Path(__file__).resolve().parents[3] / "example_notebooks"
NOTEBOOKS = ("credit_risk.ipynb", "diabetes_progression.ipynb", "digits.ipynb", "messy_car_price.ipynb")
DOCUMENTS = {"AnalysisDocument": analysis_document, "SuggestionDocument": suggestion_document_of, "ShownDocument": show_document}


def test_the_schema_in_the_documentation_is_what_the_types_say() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "make schema"
    jsonschema.Draft202012Validator.check_schema(document_schema())


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_is_said_of_an_example_is_valid(kind: str, name: str, tmp_path) -> None:
    # Not beside the example: what it is shown from must not be a capture that lies there.
    document = DOCUMENTS[kind]((EXAMPLES / name).read_bytes(), str(tmp_path / name))
    validator(kind).validate(json.loads(json.dumps(document)))


def test_an_error_is_a_document_too() -> None:
    with pytest.raises(Nb2svcError) as error:
        analysis_document(b"[]", "loans.ipynb")
    validator("ErrorDocument").validate(error_only(error.value))


@pytest.mark.parametrize("change", [{"bogus": 1}, {"findings": None}, {"outline": {}}, {"version": 2}])
def test_a_document_of_another_form_is_not_valid(change: dict) -> None:
    document = analysis_document((EXAMPLES / "digits.ipynb").read_bytes(), "digits.ipynb")
    text = json.dumps({**document, **change})
    with pytest.raises(jsonschema.ValidationError):
        check_document(["analyze", "digits.ipynb", "--format", "json"], text)


def test_a_member_of_a_union_says_which_it_is() -> None:
    from nb2svc.ir.codec import to_json
    from nb2svc.ir.observation import Learn, Text

    definitions = Definitions()
    schema = {**definitions.schema(Text | Learn), "$defs": definitions.all}
    jsonschema.validate(to_json(Text(text="x")), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"text": "x"}, schema)


def test_two_nouns_of_one_name_are_no_schema() -> None:
    from nb2svc.ir import span, verdict

    other = make_dataclass("Difference", [("span", span.Span)])
    definitions = Definitions()
    definitions.schema(verdict.Difference)
    with pytest.raises(ValueError, match="two nouns are called Difference"):
        definitions.schema(other)
