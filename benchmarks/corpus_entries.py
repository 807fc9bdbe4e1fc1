"""The notebooks of `corpus.toml` as values: read, verified by their digest, tagged in their metadata only."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

Kind = Literal["built", "held", "refused", "not proved", "could not run", "broken"]
MOST_TAGGED = 3
_MARKER = re.compile(r"^# %%.*$", re.MULTILINE)


class Problem(Exception):
    """Why a notebook can't be built again: it is not there, not what was recorded, or its environment can't be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An interpreter with pinned libraries."""

    name: str
    python: str
    requirements: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What it was made from, so that a changed list makes it again."""
        return hashlib.sha256("\n".join((self.python, *self.requirements)).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What we say of one cell: its index among all cells of the file, and a directive as in the documentation."""

    cell: int
    directive: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A public notebook.

    `root` is the folder that is copied, `inner` the notebook in it, `cwd` the folder in it that the notebook runs in. `expect`
    is what should come of the build: `found` the refusals' codes and places, `because` why that is right, or what it is for
    lack of; `needless` says that a refusal is no merit: a better compiler would not need it.
    """

    name: str
    shows: str
    repository: str
    commit: str
    path: str
    sha256: str
    tags: tuple[Tag, ...]
    environment: str
    expect: Kind
    root: str = ""
    cwd: str = ""
    parameters: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    because: str = ""
    needless: bool = False
    minutes: int = 20

    @property
    def checkout(self) -> str:
        """The folder of its repository: `owner+name`."""
        return self.repository.replace("/", "+")

    @property
    def inner(self) -> str:
        """The notebook's path in the copied folder."""
        return str(PurePosixPath(self.path).relative_to(self.root))


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that `corpus.toml` says."""

    environments: Mapping[str, Environment]
    entries: tuple[Entry, ...]


def parse_corpus(text: str) -> Corpus:
    """The corpus of a file's text.

    Raises:
        ValueError: an entry contradicts itself; the message names it.
    """
    data = tomllib.loads(text)
    environments = {
        name: Environment(name=name, python=table.get("python", "3.11"), requirements=tuple(table["requirements"]))
        for name, table in data["environments"].items()
    }
    entries = tuple(_entry(table) for table in data["notebook"])
    for entry in entries:
        if trouble := _trouble(entry, environments):
            raise ValueError(f"{entry.name}: {trouble}")
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise ValueError("two notebooks have one name")
    return Corpus(environments=environments, entries=entries)


def _entry(table: Mapping[str, Any]) -> Entry:
    root = table.get("root", str(PurePosixPath(table["path"]).parent))
    lists = {key: tuple(table.get(key, ())) for key in ("parameters", "found")}
    tags = tuple(Tag(cell=tag["cell"], directive=tag["directive"]) for tag in table["tags"])
    return Entry(**{**table, **lists, "root": root, "tags": tags})


def _trouble(entry: Entry, environments: Mapping[str, Environment]) -> str:
    if entry.environment not in environments:
        return f"there is no environment {entry.environment}"
    if not 0 < len({tag.cell for tag in entry.tags}) == len(entry.tags) <= MOST_TAGGED:
        return f"one to {MOST_TAGGED} cells are tagged, each once"
    if entry.expect not in get_args(Kind):
        return f"{entry.expect} is no outcome"
    if entry.expect != "built" and not entry.because:
        return "an outcome other than `built` says why"
    if (entry.expect == "refused") != bool(entry.found):
        return "refusals, and only they, say which are found"
    return ""


def verify(entry: Entry, content: bytes) -> None:
    """Whether these are the bytes that were recorded.

    Raises:
        Problem: they are not.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise Problem(f"{entry.path} has the digest {digest[:12]}…, not {entry.sha256[:12]}… as recorded")


def tagged(entry: Entry, content: bytes) -> bytes:
    """The notebook with our tags in its cells' metadata; every source is as it was.

    Raises:
        Problem: there is no such code cell.
    """
    if entry.path.endswith(".py"):
        return _tagged_script(entry, content.decode("utf-8")).encode("utf-8")
    document = json.loads(content)
    before = [cell["source"] for cell in document["cells"]]
    for tag in entry.tags:
        if not (0 <= tag.cell < len(before) and document["cells"][tag.cell]["cell_type"] == "code"):
            raise Problem(f"cell {tag.cell} is no code cell")
        _put(document["cells"][tag.cell].setdefault("metadata", {}), tag.directive)
    assert [cell["source"] for cell in document["cells"]] == before, "a tag is metadata"
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def _put(metadata: dict[str, Any], directive: str) -> None:
    # `feature ages raw=df` → the tag `nb2svc:feature`, the name and the options beside it.
    role, *words = directive.split()
    metadata["tags"] = [*metadata.get("tags", []), f"nb2svc:{role}"]
    names: Sequence[str] = [word for word in words if "=" not in word]
    options = dict(word.split("=", 1) for word in words if "=" in word)
    if words:
        metadata["nb2svc"] = {**({"name": names[0]} if names else {}), **({"options": options} if options else {})}


def _tagged_script(entry: Entry, text: str) -> str:
    markers = list(_MARKER.finditer(text))
    for tag in sorted(entry.tags, key=lambda tag: -tag.cell):
        if not 0 <= tag.cell < len(markers) or "[markdown]" in markers[tag.cell][0]:
            raise Problem(f"cell {tag.cell} is no code cell")
        metadata: dict[str, Any] = {}
        _put(metadata, tag.directive)
        words = " ".join(f"{key}={json.dumps(value)}" for key, value in metadata.items())
        end = markers[tag.cell].end()
        text = f"{text[:end].rstrip(' ')} {words}{text[end:]}"
    return text
