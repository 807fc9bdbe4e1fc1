"""Where a validation's runs lie: a folder of this machine, or a URL. Both are asked the same."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nb2svc.errors import UsageError
from nb2svc.ir.validation import RunResult, RunSpec, Validation
from nb2svc.system.files import disk_problem, write_atomic
from nb2svc.validate.folder import finished_run, validation_folder, write_validation
from nb2svc.validate.url import UrlOutput, is_url


class Output(Protocol):
    """What keeps runs: asked before they are made, and told of what came."""

    @property
    def url(self) -> str:
        """Where runs are put when they are made, or ""."""

    @property
    def place(self) -> str:
        """The absolute path, or the URL without who signs in."""

    @property
    def shown(self) -> str:
        """How a person reads where it is."""

    def held(self, notebook: str) -> AbstractContextManager[Path]:
        """The folder to make runs in, while the place is ours."""

    def finished(self, spec: RunSpec) -> tuple[RunResult, Mapping[str, Any]] | None:
        """A run of an earlier command, with what it depended on."""

    def read(self, name: str) -> bytes | None:
        """A file of it."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file of it."""

    def write_validation(self, validation: Validation) -> None:
        """Write `validation.json`."""


@dataclass(frozen=True, slots=True)
class FolderOutput:
    """A validation's runs in a folder, where they are made."""

    folder: Path

    @property
    def url(self) -> str:
        """No URL: what is committed is there."""
        return ""

    @property
    def place(self) -> str:
        """Its absolute path."""
        return str(self.folder)

    @property
    def shown(self) -> str:
        """What a person reads: as seen from where they stand."""
        here = Path.cwd()
        return str(self.folder.relative_to(here) if self.folder.is_relative_to(here) else self.folder)

    @contextmanager
    def held(self, notebook: str) -> Iterator[Path]:
        """The folder itself, and nobody else writes to it meanwhile.

        Raises:
            UsageError: it holds the validation of a notebook of another name.
            EnvironmentProblem: it can't be written, or another validation uses it.
        """
        with validation_folder(self.folder, notebook=notebook):
            yield self.folder

    def finished(self, spec: RunSpec) -> tuple[RunResult, Mapping[str, Any]] | None:
        """A run that an earlier command finished, with what it depended on; None where there is none that can be read."""
        return finished_run(self.folder, spec)

    def read(self, name: str) -> bytes | None:
        """A file of the folder; None where there is none.

        Raises:
            EnvironmentProblem: it can't be read.
        """
        path = self.folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_problem(error, f"read {name}", where=path) from error

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the folder, whole or not at all.

        Raises:
            EnvironmentProblem: it can't be written.
        """
        write_atomic(self.folder / name, content, mode=0o600)

    def write_validation(self, validation: Validation) -> None:
        """Write `validation.json`.

        Raises:
            EnvironmentProblem: it can't be written.
        """
        write_validation(self.folder, validation)


def output_at(text: str) -> Output:
    """What a person names with `-o`: a URL, or the path of a folder.

    Raises:
        UsageError: a file lies at that path.
    """
    if is_url(text):
        return UrlOutput(text)
    folder = Path(text).absolute()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder.name} is a file", where=f"-o {text}", why="runs lie in a folder", fix="name a folder or a URL")
    return FolderOutput(folder)
