"""The runs of a session: each set of parameters is run once, whichever test or worker asks first.

They lie in pytest's cache (`.pytest_cache/d/nb2svc/`), never beside the notebook. Each session makes its own.
"""

import os
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from nb2svc.errors import Nb2svcError
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.pytest_plugin.asked import OneSet, Wishes
from nb2svc.system.digests import digest_of
from nb2svc.system.files import disk_errors
from nb2svc.system.lock import locked

_SESSION = "session"
# Beside a run's own time: attempts, a kernel's start.
_BESIDE = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A run, and the folder that `result.folder` is seen from."""

    result: RunResult
    folder: Path


class Runs:
    """All runs of a session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        # All workers of xdist have the same one.
        self._session = getattr(config, "workerinput", {}).get("testrunuid") or uuid.uuid4().hex
        self._home: Path | None = None
        self._known: dict[str, Made | Nb2svcError] = {}

    def made(self, content: bytes, path: Path, *, one: OneSet, wishes: Wishes) -> Made:
        """The run of a notebook with one set of parameters.

        Raises:
            Nb2svcError: it could not be made.
            KeyboardInterrupt: a person ended it.
        """
        name = f"{path.stem}-{digest_of([str(path), one.shown, one.id, wishes.kernel, wishes.timeout])[:12]}"
        if name not in self._known:
            try:
                self._known[name] = self._make(name, content, path, one=one, wishes=wishes)
            except Nb2svcError as error:
                self._known[name] = error
        found = self._known[name]
        if isinstance(found, Nb2svcError):
            raise found
        return found

    def _make(self, name: str, content: bytes, path: Path, *, one: OneSet, wishes: Wishes) -> Made:
        from nb2svc.validate.folder import VALIDATION, read_validation

        folder = self._folder() / name
        marker = folder / _SESSION
        with disk_errors("keep the runs", where=folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Another worker may be making it.
        with locked(folder / ".making", what=f"{path.name} is being run", wait=2 * wishes.timeout + _BESIDE):
            if marker.is_file() and marker.read_text(encoding="utf-8") == self._session:
                validation = read_validation(folder / VALIDATION)
            else:
                validation = _validated(content, path, folder=folder, one=one, wishes=wishes)
                marker.write_text(self._session, encoding="utf-8")
        return Made(result=validation.runs[0], folder=folder)

    def _folder(self) -> Path:
        if self._home is None:
            cache = getattr(self._config, "cache", None)
            self._home = cache.mkdir("nb2svc") if cache is not None else Path(tempfile.mkdtemp(prefix="nb2svc-pytest-"))
        return self._home


def _validated(content: bytes, path: Path, *, folder: Path, one: OneSet, wishes: Wishes) -> Validation:
    from nb2svc.validate.driver import ValidateOptions, validate

    options = ValidateOptions(
        notebook=path, asked=one.asked, output=str(folder), kernel=wishes.kernel, timeout=wishes.timeout, fresh=True
    )
    validation = validate(content, options, environment=os.environ, progress=lambda _: None).validation
    if validation.interrupted:
        raise KeyboardInterrupt
    return validation
