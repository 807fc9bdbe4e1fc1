"""Results of earlier builds by the digest of what they depend on: a private folder of small files, each with its own digest.

    results/proof-3f9c….json    {"sha256": …, "made": "2026-11-26T14:02:11+00:00", "value": …}

A file is written whole or not at all, so a killed build leaves none by half, and two builds that make the same result
write the same file. A file that is not what was written is no result: it is told, and made again.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.stages import Stage, StageRun
from nb2svc.system.clock import now
from nb2svc.system.digests import digest_of
from nb2svc.system.files import write_atomic

# So many results of one kind stay; a build uses one of most kinds, and one a control of some.
_KEEP = 40
# Models may be large.
_KEEP_FILES = 3
_BLOBS = "files"

Keep = Callable[[Any], bool]
Files = Mapping[str, bytes]


@dataclass(slots=True, kw_only=True)
class Memo:
    """Recalls results, or makes and keeps them. `fresh` recalls nothing; `ran` collects what ran and what was reused.

    `folder` None keeps nothing. `base` is what every result depends on: while it is None, nothing is recalled or kept, since
    whether it would be the same result can't be known. `tell` hears of each damaged file.
    """

    folder: Path | None
    fresh: bool = False
    tell: Callable[[str], None] = lambda _: None
    base: Mapping[str, object] | None = None
    ran: list[StageRun] = field(default_factory=list)
    _damaged: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell of something damaged; the stage that runs for it says so too."""
        self.tell(text)
        self._damaged.append(text)

    def recall(self, kind: str, depends: Mapping[str, object], make: Callable[[], Any], *, keep: Keep = bool) -> Any:
        """The JSON value of an earlier build that depends on the same, else what `make` gives, kept where `keep` says so."""
        value, _ = self._recall(kind, depends, make, keep=keep)
        return value

    def stage(self, stage: Stage, depends: Mapping[str, object], make: Callable[[], Any], *, keep: Keep = bool) -> Any:
        """`recall` for a whole stage, which is told: what ran, and what was reused and from when."""
        value, made = self._recall(stage.replace(" ", "_"), depends, make, keep=keep)
        self.note(stage, reused=made is not None, made=made or "")
        return value

    def files(self, stage: Stage, depends: Mapping[str, object], make: Callable[[], Files]) -> Files:
        """`stage` for a stage whose result is files by their paths; they lie beside the results under their digests."""
        key = self._key(depends)
        if key is not None and self.folder is not None and not self.fresh:
            found = self._read(self.folder / f"{stage}-{key[:32]}.json", key)
            content = {path: self._blob(digest) for path, digest in found["value"].items()} if found else {}
            if found and all(each is not None for each in content.values()):
                self.note(stage, reused=True, made=str(found["made"]))
                return {path: each for path, each in content.items() if each is not None}
        made = make()
        if key is not None and self.folder is not None:
            _write_blobs(self.folder, made.values())
            _write(
                self.folder / f"{stage}-{key[:32]}.json",
                key,
                {path: sha256(each) for path, each in made.items()},
                keep=_KEEP_FILES,
            )
            _drop_unnamed(self.folder, stage)
        self.note(stage, reused=False)
        return made

    def note(self, stage: Stage, *, reused: bool, made: str = "", why: str = "") -> None:
        """Tell of a stage that ended: `made` is when its result was made (default: now)."""
        damaged, self._damaged = self._damaged, []
        said = why or ("" if reused else "; ".join(damaged))
        self.ran.append(StageRun(stage=stage, reused=reused, made=made or now().isoformat(), why=said))

    def _key(self, depends: Mapping[str, object]) -> str | None:
        return digest_of({"base": dict(self.base), **depends}) if self.base is not None else None

    def _recall(self, kind: str, depends: Mapping[str, object], make: Callable[[], Any], *, keep: Keep) -> tuple[Any, str | None]:
        key = self._key(depends)
        path = self.folder / f"{kind}-{key[:32]}.json" if key is not None and self.folder is not None else None
        if path is not None and key is not None and not self.fresh:
            found = self._read(path, key)
            if found is not None:
                return found["value"], str(found["made"])
        # What comes back is JSON, whether it was kept or not: nobody may depend on the difference.
        value = json.loads(json.dumps(make()))
        if path is not None and key is not None and keep(value):
            _write(path, key, value)
        return value, None

    def _blob(self, digest: str) -> bytes | None:
        assert self.folder is not None
        try:
            content = (self.folder / _BLOBS / digest).read_bytes()
        except OSError:
            content = b""
        if sha256(content) == digest:
            return content
        self.say(f"{_BLOBS}/{digest[:12]}… in the cache is damaged: made again")
        return None

    def _read(self, path: Path, key: str) -> dict[str, Any] | None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self.say(f"{path.name} in the cache can't be read ({error.strerror}): made again")
            return None
        found = opened(content)
        if found is None or found.get("key") != key:
            self.say(f"{path.name} in the cache is damaged: made again")
            return None
        return found


def sealed(document: Mapping[str, object]) -> bytes:
    """A JSON document with its digest."""
    body = {name: value for name, value in document.items() if name != "sha256"}
    return (json.dumps({"sha256": _seal(body), **body}) + "\n").encode()


def opened(content: bytes) -> dict[str, Any] | None:
    """A document that `sealed` wrote; None where it is not what was written."""
    try:
        document = json.loads(content)
        body = {name: value for name, value in document.items() if name != "sha256"}
        return body if document["sha256"] == _seal(body) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def sha256(content: bytes) -> str:
    """The digest of some bytes."""
    return hashlib.sha256(content).hexdigest()


def _seal(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _write(path: Path, key: str, value: object, *, keep: int = _KEEP) -> None:
    # What can't be kept is made again the next time: no reason to stop a build that has its result.
    with suppress(EnvironmentProblem, OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(path, sealed({"key": key, "made": now().isoformat(), "value": value}), mode=0o600)
        _tidy(path, keep)


def _write_blobs(folder: Path, contents: Iterable[bytes]) -> None:
    with suppress(EnvironmentProblem, OSError):
        place = folder / _BLOBS
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for content in contents:
            path = place / sha256(content)
            if not path.is_file() or sha256(path.read_bytes()) != path.name:
                write_atomic(path, content, mode=0o600)


def _drop_unnamed(folder: Path, kind: str) -> None:
    """Remove files that no result names any more."""
    found = [opened(path.read_bytes()) for path in folder.glob(f"{kind}-*.json")]
    named = {digest for each in found if each is not None for digest in each["value"].values()}
    for path in (folder / _BLOBS).glob("*"):
        if path.name not in named:
            with suppress(OSError):
                path.unlink()


def _tidy(written: Path, keep: int) -> None:
    """Remove all but the newest results of the written one's kind."""
    kind = written.name.rpartition("-")[0]
    others = []
    for path in written.parent.glob(f"{kind}-*.json"):
        with suppress(FileNotFoundError):
            others.append((path.stat().st_mtime, path))
    for _, path in sorted(others, reverse=True)[keep:]:
        with suppress(OSError):
            path.unlink()
