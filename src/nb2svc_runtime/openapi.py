"""The service's OpenAPI 3.1 document, from its schema: the row's type in full, and an example that works."""

from typing import Any, Dict, List, Type

from .envelope import MAX_BYTES, MAX_ROWS
from .schema import Field, Row, Schema, Table

Document = Dict[str, Any]

_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "string": "string", "datetime": "string"}
_ERRORS = {
    "400": "The body is not JSON, not UTF-8, nested too deeply, or has a field twice.",
    "413": "The body is larger than {:,} bytes.".format(MAX_BYTES),
    "415": "The body is not JSON by its Content-Type.",
    "422": "The body is not an object with at least one row in `rows`.",
    "429": "Too many requests at once; try again later.",
    "500": "A mistake of the service; nothing that a caller sends should cause it.",
    "504": "The answer took too long.",
}


def openapi_document(schema: Schema, *, version: str) -> Document:
    """The document as plain JSON values; all its addresses are relative, so that it works under any prefix."""
    return {
        "openapi": "3.1.0",
        "info": {"title": schema.name, "version": version or "0", "description": _description(schema)},
        "servers": [{"url": "."}],
        "paths": {
            "/predict": {"post": _predict(schema)},
            "/livez": {"get": _health("live", "The process runs.")},
            "/readyz": {"get": _health("ready", "The model is loaded; requests are answered.")},
        },
        "components": {"schemas": _schemas(schema)},
    }


def _description(schema: Schema) -> str:
    return (
        "Answers as the notebook {} did. Each row is checked by itself: `ok` rows are answered, rows unlike those in training "
        "are `refer` (a person should decide), rows that can't be computed are `invalid`."
    ).format(schema.notebook)


def _predict(schema: Schema) -> Document:
    example = {"rows": schema.example}
    answers = {status: _error(words) for status, words in _ERRORS.items()}
    return {
        "operationId": "predict",
        "tags": ["predictions"],
        "summary": "Answer some rows",
        "description": "Sends up to {:,} rows, gets one result a row in the same order. A bad row never fails the others.".format(
            MAX_ROWS
        ),
        "parameters": [
            {
                "name": "X-Request-ID",
                "in": "header",
                "required": False,
                "description": "Your own name for the request; echoed in the answer.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference("PredictRequest"), "example": example}},
        },
        "responses": {
            "200": {
                "description": "One result a row.",
                "content": {"application/json": {"schema": _reference("PredictResponse")}},
            },
            **answers,
        },
    }


def _health(name: str, words: str) -> Document:
    return {
        "operationId": name,
        "tags": ["health"],
        "summary": words,
        "responses": {"200": {"description": words}, "503": _error("Not yet.")},
    }


def _error(words: str) -> Document:
    return {"description": words, "content": {"application/json": {"schema": _reference("Error")}}}


def _reference(name: str) -> Document:
    return {"$ref": "#/components/schemas/{}".format(name)}


def _schemas(schema: Schema) -> Document:
    rows = {_name(table): _row(table, schema) for table in (schema.main, *schema.children.values())}
    request = {
        "type": "object",
        "required": ["rows"],
        "additionalProperties": False,
        "properties": {"rows": {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": _reference(_name(schema.main))}},
    }
    response = {
        "type": "object",
        "required": ["request_id", "model", "results"],
        "properties": {
            "request_id": {"type": "string"},
            "model": {
                "type": "object",
                "required": ["name", "version"],
                "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
            },
            "results": {"type": "array", "items": _reference("Result")},
        },
    }
    return {
        "PredictRequest": request,
        **rows,
        "PredictResponse": response,
        "Result": _result(schema),
        "Issue": _issue(),
        "Error": _error_schema(),
    }


def _result(schema: Schema) -> Document:
    return {
        "type": "object",
        "required": ["id", "status", "prediction", "issues"],
        "properties": {
            "id": {
                "type": ["string", "integer"],
                "description": "The row's own `id`, else its place in the request (`0`, `1` …).",
            },
            "status": {"enum": ["ok", "refer", "invalid"]},
            "prediction": _prediction(schema),
            "probability": {
                "type": "object",
                "description": "The probability of each class, where the model gives them for its label.",
                "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
            },
            "issues": {"type": "array", "items": _reference("Issue")},
        },
    }


def _prediction(schema: Schema) -> Document:
    single: Document = {"type": ["string", "integer", "number", "boolean", "null"]}
    if schema.answer.kind == "number":
        single = {"type": ["number", "null"]}
    if schema.answer.kind in ("label", "number"):
        return {**single, "description": "null unless the row is answered"}
    several: Document = {"type": ["array", "null"]}
    if schema.answer.names:
        several = {"type": ["object", "null"], "properties": dict.fromkeys(schema.answer.names, single)}
    return {**several, "description": "one value an output; null unless the row is answered"}


def _issue() -> Document:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["field", "code", "message"],
        "properties": {"field": text, "code": text, "message": text},
    }


def _error_schema() -> Document:
    text = {"type": "string"}
    error = {"type": "object", "required": ["code", "message"], "properties": {"code": text, "message": text}}
    return {
        "type": "object",
        "required": ["request_id", "error", "issues"],
        "properties": {"request_id": text, "error": error, "issues": {"type": "array", "items": _reference("Issue")}},
    }


def _name(table: Table) -> str:
    """The row class's name, unless a part of the document has it."""
    taken = ("PredictRequest", "PredictResponse", "Result", "Issue", "Error")
    return table.row.__name__ + "Row" if table.row.__name__ in taken else table.row.__name__


def _row(table: Table, schema: Schema) -> Document:
    properties: Document = {field.name: _field(field, schema) for field in table.fields}
    if table is schema.main and "id" not in properties:
        properties["id"] = {"type": ["string", "integer"], "description": "Your own name for the row; echoed in its result."}
    required: List[str] = [field.name for field in table.fields if not field.nullable and field.kind != "table"]
    document: Document = {"type": "object", "description": _first_line(table.row), "properties": properties}
    return {**document, "required": required} if required else document


def _first_line(row: Type[Row]) -> str:
    return (row.__doc__ or "").strip().split("\n")[0]


def _field(field: Field, schema: Schema) -> Document:
    if field.kind == "table":
        return {"type": "array", "items": _reference(_name(schema.children[field.name])), "default": []}
    words = _words(field)
    inner: Document = {} if field.kind == "any" else {"type": _TYPES[field.kind]}
    if field.kind == "integer":
        inner["format"] = "int64"
    for width in reversed(field.seen.shape):
        inner = {"type": "array", "items": inner, "minItems": width, "maxItems": width}
    if field.nullable and "type" in inner:
        inner["type"] = [inner["type"], "null"]
    if field.seen.values:
        inner["examples"] = list(field.seen.values[:10])
    return {**inner, "description": words} if words else inner


def _words(field: Field) -> str:
    """What training saw, in words: rows outside it are referred, not refused."""
    parts = []
    if field.kind == "datetime":
        parts.append("ISO 8601 date or time")
    if field.seen.values:
        known = ", ".join(str(value) for value in field.seen.values[:20])
        parts.append("in training: {}{}".format(known, ", …" if len(field.seen.values) > 20 else ""))
    if field.seen.low is not None and field.seen.high is not None:
        parts.append("in training: {} to {}".format(field.seen.low, field.seen.high))
    return "; ".join(parts)
