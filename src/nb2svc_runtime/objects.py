"""Fitted objects as skops files that are the same bytes each time, without pickle.

skops names the parts of a file after memory addresses, so two dumps of one object differ; `canonical` gives the parts
the numbers of their order. What skops can't hold (tables of pandas, dates, dictionaries with keys of other kinds) is taken
out before and put back after; see `parts`.
"""

import io
import json
import zipfile
from typing import Any, Dict, List, Sequence, Tuple

from .parts import ArtifactError, blame, put_tables, take_tables
from .reviewed import REVIEWED

__all__ = ["ArtifactError", "canonical", "dump", "restore"]

_DATE = (1980, 1, 1, 0, 0, 0)


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
                blame(bare, what, skops.io.dumps), type(error).__name__, error
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
    return put_tables(skops.io.loads(data, trusted=sorted(known)), tables)


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
