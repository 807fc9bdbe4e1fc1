"""Where runs lie when that is a URL of fsspec: `s3://bucket/loans`, `file:///mnt/shared/loans`, `memory://loans`.

    URL/validation.json
    URL/runs/<start of the key>.json               the commit: the run's result, and which attempt it is of
    URL/runs/<start of the key>-<attempt>/…        what that attempt wrote, whole before the commit names it

A run is made in a folder on this machine and put there file by file, its commit last, which is created only if there is none:
of many attempts one counts. Nothing is renamed, since object stores can't.
"""

import json
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nb2svc.errors import EnvironmentProblem, Nb2svcError, UsageError
from nb2svc.ir.codec import DecodeError, from_json, to_json
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.validate.folder import NOTED, RESULT, RUNS, VALIDATION, check_same, decoded_validation, place_of, validation_folder

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(://|::)")
_SIGNED_IN = re.compile(r"(?<=://)[^/@]*@")
_EXTRA = "pip install 'nb2svc[dask]'"
# Object stores have no folders: what their file systems make for one is a bucket, or a container.
_WITH_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "tos"})
_NO_BUCKET = "check its name, or make it first: none is made for you"
# What can be read, as a baseline's place, and takes no file after the other.
_READ_ONLY = {
    **dict.fromkeys(("zip", "tar", "libarchive"), "an archive is written once and as a whole"),
    **dict.fromkeys(("http", "https"), "a web server takes no files"),
    **dict.fromkeys(("git", "github", "data", "reference"), "it can only be read"),
}
# What a protocol's package is called, where the protocol does not say.
_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
}


def is_url(text: str) -> bool:
    """Whether a person means a URL of fsspec and no path: `s3://bucket/loans`, `simplecache::s3://bucket/loans`."""
    return _URL.match(text) is not None


def shown_url(url: str) -> str:
    """A URL without who signs in: `ftp://ann:secret@host/runs` → `ftp://host/runs`."""
    return _SIGNED_IN.sub("", url)


@dataclass(frozen=True)
class UrlOutput:
    """A validation's runs at a URL."""

    url: str

    @property
    def shown(self) -> str:
        """What a person reads."""
        return shown_url(self.url)

    @property
    def place(self) -> str:
        """What a program reads."""
        return self.shown

    @contextmanager
    def held(self, notebook: str) -> Iterator[Path]:
        """The folder of this machine to make runs in; before the first it is tried whether the URL takes files.

        Raises:
            UsageError: there is no such protocol, or the validation of a notebook of another name lies there.
            EnvironmentProblem: what the protocol needs is not installed, or nothing can be written there.
        """
        protocol = re.split(r"://|::", self.url, maxsplit=1)[0]
        if protocol in _READ_ONLY:
            why = f"{_READ_ONLY[protocol]}, and runs are put there one by one"
            raise UsageError(f"runs can't be kept at {self.shown}", where=f"-o {self.shown}", why=why, fix=_forms())
        check_same(self._last(), notebook, where=self.shown)
        self.write(f"{RUNS}/.gitignore", b"*\n")
        with tempfile.TemporaryDirectory(prefix="nb2svc-validate-") as made:
            staging = Path(made).resolve()
            with validation_folder(staging):
                yield staging

    def finished(self, spec: RunSpec) -> tuple[RunResult, Mapping[str, Any]] | None:
        """A run that an earlier command finished, with what it depended on; None where there is none that can be read."""
        with suppress(ValueError, DecodeError, KeyError, TypeError):
            result = _decoded(json.loads(self.read(_commit(spec)) or b""))
            noted = json.loads(self.read(f"{result.folder}/{NOTED}") or b"")
            return (result, noted) if result.key == spec.key and isinstance(noted, dict) else None
        return None

    def committed(self, spec: RunSpec, *, session: str) -> RunResult | None:
        """The run where it was finished by this very command, if only by another of its workers."""
        with suppress(ValueError, DecodeError, KeyError, TypeError):
            document = json.loads(self.read(_commit(spec)) or b"")
            result = _decoded(document)
            return result if document["session"] == session and result.key == spec.key else None
        return None

    def put(self, folder: Path, result: RunResult, *, session: str) -> RunResult:
        """Put a finished run there from its folder on this machine: what was committed, by us or by whoever came first.

        Raises:
            EnvironmentProblem: it can't be written.
        """
        place = f"{place_of(result.spec)}-{secrets.token_hex(4)}"
        kept = replace(result, folder=place)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != folder / RESULT:
                self.write(f"{place}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        self.write(f"{place}/{RESULT}", _text(to_json(kept)))
        if self._commit(kept, session):
            return kept
        self._remove(place)
        return self.committed(result.spec, session=session) or kept

    def write(self, name: str, content: bytes) -> None:
        """Write a file below the URL.

        Raises:
            EnvironmentProblem: it can't be written.
        """
        path = f"{self._root}/{name}"
        with _url_errors(f"write {name}", self.url):
            if not self._has_buckets:
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            try:
                self._files.pipe_file(path, content)
            except FileNotFoundError as error:
                if not self._has_buckets:
                    raise
                raise EnvironmentProblem(
                    f"there is no bucket for {self.shown}", where=self.shown, why=_said(error, self.url), fix=_NO_BUCKET
                ) from error

    def write_validation(self, validation: Validation) -> None:
        """Write `validation.json`.

        Raises:
            EnvironmentProblem: it can't be written.
        """
        self.write(VALIDATION, _text(to_json(validation), strict=True))

    def read(self, name: str) -> bytes | None:
        """A file below the URL; None where there is none.

        Raises:
            EnvironmentProblem: it can't be read.
        """
        try:
            with _url_errors(f"read {name}", self.url, but=FileNotFoundError):
                content: bytes = self._files.cat_file(f"{self._root}/{name}")
                return content
        except FileNotFoundError:
            return None

    def _commit(self, kept: RunResult, session: str) -> bool:
        """Whether this attempt is the one that counts; the commit of an earlier command makes room."""
        path, content = f"{self._root}/{_commit(kept.spec)}", _text({"session": session, "result": to_json(kept)})
        with _url_errors("commit the run", self.url):
            while True:
                try:
                    self._files.pipe_file(path, content, mode="create")
                except FileExistsError:
                    if self.committed(kept.spec, session=session):
                        return False
                    self._make_room(path)
                else:
                    return True

    def _make_room(self, path: str) -> None:
        with suppress(FileNotFoundError):
            old = self._files.cat_file(path)
            self._files.rm_file(path)
            with suppress(ValueError, KeyError, TypeError):
                self._remove(str(json.loads(old)["result"]["folder"]))

    def _remove(self, place: str) -> None:
        # Its result stands elsewhere or is replaced: what can't be deleted is only in the way.
        if place.startswith(f"{RUNS}/"):
            with suppress(Exception):
                self._files.rm(f"{self._root}/{place}", recursive=True)

    def _last(self) -> str:
        """The name of the notebook whose validation lies there; "" where none can be read."""
        content = self.read(VALIDATION)
        with suppress(ValueError, DecodeError):
            return Path(decoded_validation(content or b"").notebook).name
        return ""

    @cached_property
    def _found(self) -> tuple[Any, str]:
        return _filesystem(self.url)

    @cached_property
    def _has_buckets(self) -> bool:
        """Whether a folder that is made there would be a bucket: a misspelt one must not come into being."""
        files: Any = self._files
        while files is not None:
            protocols = (files.protocol,) if isinstance(files.protocol, str) else files.protocol
            if not _WITH_BUCKETS.isdisjoint(protocols):
                return True
            files = getattr(files, "fs", None)
        return False

    @property
    def _files(self) -> Any:
        return self._found[0]

    @property
    def _root(self) -> str:
        return self._found[1].rstrip("/")


def read_url(url: str) -> bytes | None:
    """A file at a URL; None where there is none.

    Raises:
        UsageError: there is no such protocol.
        EnvironmentProblem: it can't be read.
    """
    folder, _, name = url.rpartition("/")
    return UrlOutput(folder).read(name)


def _filesystem(url: str) -> tuple[Any, str]:
    shown, protocol = shown_url(url), re.split(r"://|::", url, maxsplit=1)[0]
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise EnvironmentProblem("fsspec is not installed", where=shown, why="it writes to URLs", fix=_EXTRA) from error
    try:
        found: tuple[Any, str] = url_to_fs(url)
    except ValueError as error:
        if not str(error).startswith("Protocol not known"):
            raise UsageError(f"{shown} is no URL to write to", where=shown, why=_said(error, url), fix=_forms()) from error
        raise UsageError(f"there is no protocol {protocol}", where=shown, why=str(error), fix=_forms()) from error
    except ImportError as error:
        named = f"pip install {_PACKAGES[protocol]}" if protocol in _PACKAGES else "install what it names"
        fix = f"{named}, beside nb2svc and on all workers"
        raise EnvironmentProblem(f"what {protocol}:// needs is not installed", where=shown, why=str(error), fix=fix) from error
    except Exception as error:
        why = _said(error, url)
        raise EnvironmentProblem(f"can't reach {shown}", where=shown, why=why, fix="check the URL, and who may use it") from error
    return found


def _forms() -> str:
    return "name a folder, or a URL such as s3://BUCKET/PATH, gs://BUCKET/PATH or file:///PATH"


@contextmanager
def _url_errors(action: str, url: str, *, but: type[Exception] | None = None) -> Iterator[None]:
    """Tell whatever a file system raises: each has errors of its own."""
    try:
        yield
    except Nb2svcError:
        raise
    except Exception as error:
        if but is not None and isinstance(error, but):
            raise
        if isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
            why = f"you may not do that there: {_said(error, url)}"
            fix = "sign in as the protocol does it (variables, a profile), or have somebody allow it"
        else:
            why, fix = _said(error, url), "put that right and run it again: finished runs are kept"
        raise EnvironmentProblem(f"can't {action}", where=shown_url(url), why=why, fix=fix) from error


def _said(error: Exception, url: str) -> str:
    return f"{type(error).__name__}: {error}".replace(url, shown_url(url))


def _commit(spec: RunSpec) -> str:
    return f"{place_of(spec)}.json"


def _decoded(document: Mapping[str, Any]) -> RunResult:
    return from_json(RunResult, document["result"])


def _text(document: object, *, strict: bool = False) -> bytes:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=not strict) + "\n"
    return text.encode("utf-8", "surrogatepass")
