"""What a skops file says of a fitted object: its class, its settings, and what it learned. Nothing is loaded.

Ridge(alpha=3.0) fitted  →  class Ridge, settings {"alpha": "3.0", …}, learned {"coef_": Array, "n_features_in_": 10}
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2svc.compare.arrays import Array, read_array

Learned = Array | tuple[Any, ...] | bool | int | float | str | None
_DEEP = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted object: its class by name, its settings as text and what it learned, both by dotted path."""

    kind: str
    settings: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, Learned] = field(default_factory=dict)


def read_fitted(content: bytes) -> Fitted | None:
    """The fitted object of a skops file; None where the file is none, or of a form that is not known."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            document = json.loads(archive.read("schema.json"))
            files = {name: archive.read(name) for name in archive.namelist() if name.endswith(".npy")}
    except (zipfile.BadZipFile, KeyError, ValueError):
        return None
    settings: dict[str, str] = {}
    learned: dict[str, Learned] = {}
    for path, found in _walk(document, "", files, 0):
        last = path.rpartition(".")[2]
        if last.startswith("_"):
            continue
        if last.endswith("_"):
            learned[path] = found
        elif not isinstance(found, Array):
            settings[path] = _text(found)
    return Fitted(kind=str(document.get("__class__", "")), settings=settings, learned=learned)


def _walk(node: Any, path: str, files: Mapping[str, bytes], depth: int) -> Iterator[tuple[str, Learned]]:
    """The leaves of a document by their paths: attributes of objects, entries of dictionaries, named steps."""
    if not isinstance(node, dict) or depth > _DEEP:
        return
    content = node.get("content")
    match node.get("__loader__"):
        case "JsonNode":
            yield path, json.loads(str(content))
        case "NdArrayNode":
            yield from _array(node, path, files)
        case "TypeNode" | "FunctionNode" | "MethodNode" | "OperatorFuncNode":
            yield path, f"{node.get('__module__')}.{node.get('__class__')}"
        case "ListNode" | "TupleNode" | "SetNode":
            yield from _items(content, path, files, depth)
        case _ if isinstance(content, dict):
            if path and node.get("__loader__") != "DictNode":
                yield path, str(node.get("__class__"))
            inner = content.get("content") if "__loader__" in content else content
            for name, value in (inner if isinstance(inner, dict) else {}).items():
                if not _fitted_part(name, value):
                    yield from _walk(value, f"{path}.{name}" if path else name, files, depth + 1)


def _fitted_part(name: str, node: Any) -> bool:
    """Whether an attribute is the inside of a fitted object: trees, clones, tables of search results."""
    return name.startswith("_") or (name.endswith("_") and not _plain(node))


def _plain(node: Any) -> bool:
    """Whether a node is a value, an array, or a dictionary of values (`best_params_`)."""
    if not isinstance(node, dict) or node.get("__loader__") != "DictNode":
        return isinstance(node, dict) and node.get("__loader__") in ("JsonNode", "NdArrayNode")
    inner = node.get("content")
    return isinstance(inner, dict) and all(
        isinstance(each, dict) and each.get("__loader__") == "JsonNode" for each in inner.values()
    )


def _array(node: Mapping[str, Any], path: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, Learned]]:
    if node.get("type") == "numpy" and node.get("file") in files:
        try:
            yield path, read_array(files[node["file"]])
        except (ValueError, SyntaxError):
            return
    elif isinstance(node.get("content"), list):
        yield path, tuple(found for item in node["content"] for _, found in _walk(item, "", files, 0))


def _items(content: Any, path: str, files: Mapping[str, bytes], depth: int) -> Iterator[tuple[str, Learned]]:
    """Items of a list; one that begins with a text is named by it: ("scale", StandardScaler()) → `steps.scale`."""
    items = content if isinstance(content, list) else []
    found = [list(_walk(item, "", files, depth + 1)) for item in items]
    if all(len(leaves) == 1 and leaves[0][0] == "" for leaves in found):
        yield path, tuple(leaves[0][1] for leaves in found)
        return
    for place, item in enumerate(items):
        parts = item.get("content") if isinstance(item, dict) and item.get("__loader__") == "TupleNode" else None
        named = isinstance(parts, list) and parts and isinstance(parts[0], dict) and parts[0].get("__loader__") == "JsonNode"
        if named and isinstance(parts, list):
            name = f"{path}.{json.loads(parts[0]['content'])}"
            for part in parts[1:]:
                yield from _walk(part, name, files, depth + 1)
        else:
            yield from _walk(item, f"{path}.{place}", files, depth + 1)


def _text(found: Learned) -> str:
    if isinstance(found, tuple):
        return f"[{', '.join(_text(item) for item in found)}]"
    return json.dumps(found, ensure_ascii=False, default=str)
