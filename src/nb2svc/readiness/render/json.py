"""readiness.json: the same checklist for programs, with a version and a schema (`readiness/schema.json`)."""

import json
from typing import Any

from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.readiness import Checklist
from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.gate import blocking, counts, next_actions

VERSION = 1


def render_json(checklist: Checklist) -> str:
    """The document as text, keys in a fixed order, without times."""
    return json.dumps(document(checklist), indent=2, ensure_ascii=False) + "\n"


def document(checklist: Checklist) -> dict[str, Any]:
    """The document as JSON values; items are grouped by step, each as the noun `ItemResult` writes itself."""
    return {
        "version": VERSION,
        "service": checklist.service,
        "notebook": checklist.notebook,
        "metrics": dict(checklist.metrics),
        "by_hand": list(checklist.by_hand),
        "gates": {gate: [item.id for item in blocking(checklist, gate)] for gate in ("build", "release")},
        "counts": dict(counts(checklist)),
        "next_actions": [{"id": item.id, "action": item.next_action} for item in next_actions(checklist)],
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "items": [to_json(item) for item in checklist.items if item.step == step.number],
            }
            for step in STEPS
        ],
    }


def read_json(text: str) -> Checklist:
    """The checklist in a readiness.json.

    Raises:
        DecodeError: it is no such document, or of another version.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DecodeError(f"readiness.json is not JSON: {error}") from error
    return from_document(document)


def from_document(document: Any) -> Checklist:
    """The checklist that `document` made a document of.

    Raises:
        DecodeError: it is no such document, or of another version.
    """
    if not isinstance(document, dict) or document.get("version") != VERSION or not isinstance(document.get("steps"), list):
        raise DecodeError(f"readiness.json is not of version {VERSION}: build the project again")
    items = [item for step in document["steps"] for item in step.get("items", [])]
    named = {name: document.get(name, "") for name in ("service", "notebook")}
    metrics = [[name, value] for name, value in (document.get("metrics") or {}).items()]
    return from_json(Checklist, {"items": items, "metrics": metrics, "by_hand": document.get("by_hand") or [], **named})
