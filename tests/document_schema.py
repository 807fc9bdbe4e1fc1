"""The JSON Schema of every document, made from the types, and whether a command's output is as it says.

`make schema` runs this file: it writes docs/documents.schema.json, and docs/validation.schema.json of the file that `validate` keeps.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.cli.document_types import DOCUMENTS, EVENTS
from nb2svc.ir.schema import Definitions
from nb2svc.ir.validation import FORMAT, Validation

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

FILE = Path(__file__).resolve().parents[1] / "docs" / "documents.schema.json"
VALIDATION_FILE = FILE.with_name("validation.schema.json")
# The document of each command; one that is not here has no type yet.
KINDS = {
    "analyze": "AnalysisDocument",
    "suggest": "SuggestionDocument",
    "show": "ShownDocument",
    "build": "BuildDocument",
    "test": "TestDocument",
    "ready": "ReadyDocument",
    "validate": "ValidationDocument",
    "diff": "DiffDocument",
    "trace": "TraceDocument",
    "explain": "ExplainDocument",
    "rows": "RowsDocument",
    "rows --row": "RowDocument",
}


def document_schema() -> dict[str, Any]:
    """One schema: a document is any of them; a command's own is `#/$defs/AnalysisDocument` and the like."""
    definitions = Definitions()
    documents = [definitions.schema(kind) for kind in DOCUMENTS]
    for kind in EVENTS:
        definitions.schema(kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What nb2svc says with --format json",
        "description": "Made from src/nb2svc/cli/document_types.py by `make schema`.",
        "anyOf": documents,
        "$defs": dict(sorted(definitions.all.items())),
    }


def validation_schema() -> dict[str, Any]:
    """The schema of `validation.json`: a reader knows by `format` whether it understands the file."""
    definitions = Definitions()
    definitions.schema(Validation)
    validation = definitions.all.pop("Validation")
    validation["properties"]["format"] = {"const": FORMAT}
    # Files of before have none.
    validation["required"].remove("judgement")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "validation.json of nb2svc validate",
        **validation,
        "$defs": dict(sorted(definitions.all.items())),
    }


def schema_text(schema: dict[str, Any] | None = None) -> str:
    """The file's text."""
    return json.dumps(document_schema() if schema is None else schema, indent=1, ensure_ascii=False) + "\n"


@cache
def validator(kind: str) -> "Draft202012Validator":
    """What validates documents of one kind: `validator("ShownDocument").validate(document)`."""
    from jsonschema import Draft202012Validator

    schema = document_schema()
    return Draft202012Validator({"$schema": schema["$schema"], "$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def check_document(arguments: Sequence[str], stdout: str) -> None:
    """Fail where what a command printed for `--format json` is not what the schema says of it."""
    command = " ".join([*arguments[:1], *(["--row"] if "--row" in arguments else [])])
    kind = KINDS.get(command)
    asked = " ".join(arguments).replace("=", " ")
    if kind is None or "--format json" not in asked or not stdout.startswith("{"):
        return
    document = json.loads(stdout)
    validator("ErrorDocument" if document["error"] else kind).validate(document)


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
    VALIDATION_FILE.write_text(schema_text(validation_schema()), encoding="utf-8")
