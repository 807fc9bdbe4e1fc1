"""What a service was given by training: the estimator, learned values and lookup tables, as files with digests.

    artifacts/ manifest.json state.json model.skops [state_<name>.skops] [lookup_<name>.json | .npz | .skops]

Where training leaves several values they are model_<name>.skops (or .json, .npz), one each.
A file's SHA-256 is checked before anything in it is read. Nothing is ever unpickled.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from . import codec, columns, objects, parts
from .objects import ArtifactError
from .reviewed import REVIEWED
from .state import Keyed, State

MANIFEST = "manifest.json"
# Above this many values a table is no longer read by a person.
READABLE = 10_000

__all__ = ["ArtifactError", "Artifacts", "Models", "given", "load", "save"]


class Models(Dict[str, Any]):
    """Several fitted values by the names that the answer takes them by, in its order."""


class Artifacts:
    """What `load` gives: `model` (or `Models`), `state` (remembering), `lookups` by name, and the manifest's `digest`.

    `parameters` are the values that training was given in place of the notebook's own.
    """

    def __init__(
        self, model: Any, state: State, lookups: Dict[str, Any], digest: str, parameters: Optional[Dict[str, Any]] = None
    ) -> None:
        self.model = model
        self.state = state
        self.lookups = lookups
        self.digest = digest
        self.parameters = parameters or {}


def given(model: Any) -> List[Any]:
    """What the answer takes of an artifact's model: the model itself, or each of several."""
    return list(model.values()) if isinstance(model, Models) else [model]


def save(
    folder: Any,
    model: Any,
    state: State,
    lookups: Optional[Mapping[str, Any]] = None,
    *,
    package: str = "",
    parameters: Optional[Mapping[str, Any]] = None,
) -> Dict[str, str]:
    """Write the artifacts; returns {file: sha256}, the manifest's own included. `model` is one fitted value, or `Models`.

    `parameters` are values that training was given in place of the notebook's own: who loads this needs them.

    Classes and functions of `package` (by default the one that this runtime lies in) that the files name are recorded in
    the manifest as trusted.

    Raises:
        ArtifactError: something can't be kept as data, or names a type of neither the reviewed list nor the package.
    """
    package = package or (__package__ or "").rpartition(".")[0]
    writer = _Writer(Path(folder), package)
    entries = {name: writer.entry(name, value) for name, value in sorted(state.entries().items())}
    writer.write("state.json", _lines(entries))
    manifest = {
        "version": 1,
        "package": package,
        "model": writer.model(model),
        "lookups": {
            name: writer.value("lookup_{}".format(name), value, "the table " + name)
            for name, value in sorted((lookups or {}).items())
        },
        "types": sorted(writer.types),
        "files": dict(sorted(writer.digests.items())),
    }
    if parameters:
        manifest["parameters"] = {name: codec.encode(value) for name, value in parameters.items()}
    writer.write(MANIFEST, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))
    return dict(sorted(writer.digests.items()))


def load(folder: Any) -> Artifacts:
    """Read the artifacts.

    Raises:
        ArtifactError: a file is missing or was changed, or names a type that was not reviewed.
    """
    reader = _Reader(Path(folder))
    model = reader.model(reader.manifest["model"])
    state = State({name: reader.entry(document) for name, document in json.loads(reader.read("state.json")).items()})
    lookups = {name: reader.value(document) for name, document in reader.manifest["lookups"].items()}
    parameters = {name: codec.decode(document) for name, document in reader.manifest.get("parameters", {}).items()}
    return Artifacts(model, state, lookups, reader.digest, parameters)


class _Writer:
    """Writes files, and remembers their digests and the types that they name."""

    def __init__(self, folder: Path, package: str) -> None:
        self.folder = folder
        self.package = package
        self.digests: Dict[str, str] = {}
        self.types: List[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def entry(self, name: str, value: Any) -> Any:
        """A learned value's document in state.json."""
        what = "the learned value {}".format(name)
        if not isinstance(value, Keyed):
            return self.value("state_{}".format(_file_stem(name)), value, what)
        pairs = [
            [codec.encode(key), self.value("state_{}_{}".format(_file_stem(name), place), item, "{}[{!r}]".format(what, key))]
            for place, (key, item) in enumerate(value.items(), start=1)
        ]
        return {"$keyed": pairs}

    def model(self, model: Any) -> Any:
        """The document of what training left: one estimator's file, or each of several by name."""
        if not isinstance(model, Models):
            return self.object("model.skops", model, "the model")
        return {"$models": [[name, self.value("model_" + _file_stem(name), value, name)] for name, value in model.items()]}

    def value(self, stem: str, value: Any, what: str) -> Any:
        """A value's document: its JSON, or where its file is."""
        large = columns.size(value) > READABLE
        if large and columns.holds(value):
            self.write(stem + ".npz", columns.dump(value))
            return {"$file": stem + ".npz"}
        try:
            document = codec.encode(value)
        except codec.NotJson:
            return self.object(stem + ".skops", value, what)
        if not stem.startswith("lookup_") and not large:
            return document
        self.write(stem + ".json", _lines(document) if isinstance(document, dict) else json.dumps(document).encode("utf-8"))
        return {"$file": stem + ".json"}

    def object(self, name: str, value: Any, what: str) -> Any:
        data, tables, types = objects.dump(value, what)
        strange = sorted(kind for kind in types if kind not in REVIEWED and not kind.startswith(self.package + "."))
        if strange:
            raise ArtifactError(
                "{} holds {}, which nobody reviewed for loading. Use scikit-learn's own classes, or define it in a cell".format(
                    what, _told(value, strange)
                )
            )
        self.types.extend(kind for kind in types if kind not in REVIEWED and kind not in self.types)
        self.write(name, data)
        return {"$file": name, "tables": tables} if tables else {"$file": name}


def _told(value: Any, strange: List[str]) -> str:
    """Types with the attributes that hold them; those without one are told only where no other is: they may be its cause."""
    places = [(kind, parts.holding(value, kind)) for kind in strange]
    told = ["{} in {}".format(kind, place) for kind, place in places if place]
    return ", ".join(told or strange)


class _Reader:
    """Reads files whose digest is the manifest's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            content = (folder / MANIFEST).read_bytes()
            self.manifest = json.loads(content)
            self.files: Dict[str, str] = self.manifest["files"]
            package: str = self.manifest["package"]
            self.trusted: List[str] = self.manifest["types"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(
                "{} can't be read ({}): build the service again".format(folder / MANIFEST, type(error).__name__)
            ) from error
        foreign = [kind for kind in self.trusted if not kind.startswith(package + ".")]
        if foreign:
            raise ArtifactError("{} trusts types outside the project's package: {}".format(folder / MANIFEST, ", ".join(foreign)))
        self.digest = hashlib.sha256(content).hexdigest()

    def read(self, name: str) -> bytes:
        if name not in self.files or Path(name).name != name:
            raise ArtifactError("{} is not in the manifest: build the service again".format(self.folder / name))
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise ArtifactError("{} can't be read: build the service again".format(self.folder / name)) from error
        if hashlib.sha256(content).hexdigest() != self.files[name]:
            raise ArtifactError(
                "{} was changed after the build (its SHA-256 is another): build the service again".format(self.folder / name)
            )
        return content

    def entry(self, document: Any) -> Any:
        if isinstance(document, dict) and "$keyed" in document:
            return Keyed((codec.decode(key), self.value(item)) for key, item in document["$keyed"])
        return self.value(document)

    def model(self, document: Any) -> Any:
        if "$models" in document:
            return Models((name, self.value(inner)) for name, inner in document["$models"])
        return self.value(document)

    def value(self, document: Any) -> Any:
        name = document.get("$file") if isinstance(document, dict) else None
        if name is None:
            return codec.decode(document)
        content = self.read(name)
        if name.endswith(".json"):
            return codec.decode(json.loads(content))
        if name.endswith(".npz"):
            return columns.restore(content)
        return objects.restore(content, document.get("tables", []), self.trusted)


def _lines(entries: Mapping[str, Any]) -> bytes:
    """One line an entry, so that a person can read and compare."""
    lines = ["  {}: {}".format(codec.text(name), codec.text(document)) for name, document in entries.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8") if lines else b"{}\n"


def _file_stem(name: str) -> str:
    """A state name (which may be a column's) as part of a file name; the digest keeps two such names apart."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in name)
    return (
        plain if plain == name else "{}_{}".format(plain, hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8])
    )
