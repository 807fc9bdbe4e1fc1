"""Fitted objects as skops files that are the same bytes each time, without pickle.

skops names the parts of a file after memory addresses, so two dumps of one object differ; `canonical` gives the parts
the numbers of their order. Tables of pandas inside an object, which skops can't hold, are taken out before and put back
after (`take_tables`, `put_tables`).
"""

import copy
import io
import json
import zipfile
from typing import Any, Dict, List, Sequence, Tuple

from . import codec
from .reviewed import REVIEWED

_DATE = (1980, 1, 1, 0, 0, 0)
# A place in an object: ("attribute" | "key" | "item", name) from the outside in.
Path = List[Tuple[str, Any]]


class ArtifactError(Exception):
    """An artifact can't be written, or must not be read; the message says which and what to do."""


def dump(value: Any, what: str) -> Tuple[bytes, List[List[Any]], List[str]]:
    """The object as canonical bytes, the tables taken out of it ([[path, document], …]), and the types to trust.

    Raises:
        ArtifactError: it holds something that a skops file can't (a lambda, an open file); named by `what`.
    """
    import skops.io

    bare, tables = take_tables(value, what)
    try:
        data = canonical(skops.io.dumps(bare))
        types = list(skops.io.get_untrusted_types(data=data))
    except Exception as error:
        raise ArtifactError(
            "{} can't be kept as data: {}: {}. Use importable functions and scikit-learn's own classes in it".format(
                what, type(error).__name__, error
            )
        ) from error
    return data, tables, types


def restore(data: bytes, tables: Sequence[Sequence[Any]], trusted: Sequence[str]) -> Any:
    """The object of bytes whose digest was checked; only reviewed types and `trusted` are built.

    Raises:
        ArtifactError: the file names another type.
    """
    import skops.io

    known = {*REVIEWED, *trusted}
    strange = sorted(set(skops.io.get_untrusted_types(data=data)) - known)
    if strange:
        raise ArtifactError("the file names types that nobody reviewed: {}".format(", ".join(strange)))
    value = skops.io.loads(data, trusted=sorted(known))
    put_tables(value, tables)
    return value


def canonical(data: bytes) -> bytes:
    """A skops file with its parts numbered in order of appearance, without times and compression."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        ids: Dict[Any, int] = {}
        files: Dict[str, str] = {}
        _renumber(schema, ids, files)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as result:
            for old, new in files.items():
                result.writestr(_member(new), archive.read(old))
            result.writestr(_member("schema.json"), json.dumps(schema, indent=1))
    return out.getvalue()


def _renumber(node: Any, ids: Dict[Any, int], files: Dict[str, str]) -> None:
    if isinstance(node, dict):
        if "__id__" in node and "__loader__" in node:
            # Whether two equal numbers or types are one object in memory is chance: each gets a number of its own.
            name = ("fresh", len(ids)) if node["__loader__"] in ("JsonNode", "TypeNode") else node["__id__"]
            node["__id__"] = ids.setdefault(name, len(ids) + 1)
        if "__loader__" in node and isinstance(node.get("file"), str):
            name = node["file"]
            node["file"] = files.setdefault(
                name, "part_{}{}".format(len(files) + 1, name[name.rfind(".") :] if "." in name else "")
            )
        for item in node.values():
            _renumber(item, ids, files)
    elif isinstance(node, list):
        for item in node:
            _renumber(item, ids, files)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.external_attr = 0o644 << 16
    return info


def take_tables(value: Any, what: str) -> Tuple[Any, List[List[Any]]]:
    """The object without the pandas tables that it holds, and those tables as [[path, document], …].

    The object itself is not changed: where there is something to take, it is taken from a copy.

    Raises:
        ArtifactError: a table stands where it can't be put back (inside a tuple); the message names the attribute.
    """
    found = [path for path, _ in _tables(value, [], set())]
    if not found:
        return value, []
    bare = copy.deepcopy(value)
    taken: List[List[Any]] = []
    for path in found:
        holder = _follow(bare, path[:-1])
        if isinstance(holder, (tuple, set, frozenset)):
            raise ArtifactError(
                "{}{} is a pandas table inside a {}: keep it in an attribute".format(what, words(path), type(holder).__name__)
            )
        taken.append([[list(step) for step in path], codec.encode(_step(holder, path[-1]))])
        _set(holder, path[-1], None)
    return bare, taken


def put_tables(value: Any, tables: Sequence[Sequence[Any]]) -> None:
    """Put back what `take_tables` took."""
    for steps, document in tables:
        path = [(kind, name) for kind, name in steps]
        _set(_follow(value, path[:-1]), path[-1], codec.decode(document))


def words(path: Sequence[Tuple[str, Any]]) -> str:
    """A path as its author would write it: `.encoder_.table_["east"]`."""
    return "".join(".{}".format(name) if kind == "attribute" else "[{!r}]".format(name) for kind, name in path)


def _tables(value: Any, path: Path, seen: Any) -> Any:
    """Every pandas object below `value`, with its path."""
    if type(value).__module__.split(".")[0] == "pandas":
        if path:
            yield path, value
        return
    if (
        isinstance(value, (str, bytes, int, float, complex, type(None), type))
        or id(value) in seen
        or type(value).__module__ == "numpy"
    ):
        return
    seen.add(id(value))
    if isinstance(value, dict):
        steps: List[Tuple[Tuple[str, Any], Any]] = [
            (("key", key), item) for key, item in value.items() if isinstance(key, (str, int))
        ]
    elif isinstance(value, (list, tuple)):
        steps = [(("item", place), item) for place, item in enumerate(value)]
    else:
        steps = [(("attribute", name), item) for name, item in getattr(value, "__dict__", {}).items()]
    for step, item in steps:
        for inner in _tables(item, [*path, step], seen):
            yield inner


def _follow(value: Any, path: Sequence[Tuple[str, Any]]) -> Any:
    for step in path:
        value = _step(value, step)
    return value


def _step(value: Any, step: Tuple[str, Any]) -> Any:
    return vars(value)[step[1]] if step[0] == "attribute" else value[step[1]]


def _set(holder: Any, step: Tuple[str, Any], value: Any) -> None:
    if step[0] == "attribute":
        vars(holder)[step[1]] = value
    else:
        holder[step[1]] = value
