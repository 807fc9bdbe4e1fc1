"""What two runs of a notebook with the same parameters say differently, but for what differs from process to process. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nb2svc.ir.validation import RunResult

_PASSING = re.compile(r"0x[0-9a-f]{6,}|/tmp/ipykernel_\d+/\d+\.py")


def differences(one: RunResult, its: Mapping[str, Any], other: RunResult, others: Mapping[str, Any]) -> frozenset[str]:
    """In words what differs between two results and their executed documents: `the outputs of code cell 3`, `metric auc`."""
    found = set(_of_documents(its, others))
    if one.status != other.status:
        found.add(f"how it ends ({one.status}, {other.status})")
    for kind, here, there in (("check", one.checks, other.checks), ("metric", one.metrics, other.metrics)):
        named = [{f"{each.name} {each.segment}".strip(): _steady(repr(each)) for each in told} for told in (here, there)]
        found |= {f"{kind} {name}" for name in {*named[0], *named[1]} if named[0].get(name) != named[1].get(name)}
    if _steady(repr(one.failure)) != _steady(repr(other.failure)):
        found.add("what it says of its failure")
    return frozenset(found)


def _of_documents(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    cells = [[cell for cell in document["cells"] if cell["cell_type"] == "code"] for document in (one, other)]
    if len(cells[0]) != len(cells[1]):
        yield "how many cells it has"
        return
    for place, (here, there) in enumerate(zip(*cells, strict=True), start=1):
        if here["execution_count"] != there["execution_count"]:
            yield f"the execution count of code cell {place}"
        if _shown(here["outputs"]) != _shown(there["outputs"]):
            yield f"the outputs of code cell {place}"


def _shown(outputs: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Outputs with what one stream says in one piece: how often a kernel flushes is a matter of time."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream" and found and found[-1].get("name") == output["name"]:
            found[-1]["text"] = _text(found[-1]["text"]) + _text(output["text"])
        elif output["output_type"] == "stream":
            found.append({**output, "text": _text(output["text"])})
        else:
            found.append(dict(output))
    return [_steady(output) for output in found]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def _steady(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSING.sub("…", value)
    if isinstance(value, Mapping):
        return {key: _steady(item) for key, item in value.items()}
    if isinstance(value, list):
        # A file keeps the lines of a text apart.
        joined = "".join(value) if value and all(isinstance(item, str) for item in value) else None
        return _steady(joined) if joined is not None else [_steady(item) for item in value]
    return value
