"""What a person may say about a build, as one frozen value."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nb2svc.ir.progress import Progress, ProgressEvent
from nb2svc.system.record import MANIFEST

if TYPE_CHECKING:
    from nb2svc.capture.settings import RunSettings

ParityRows = Literal["sample", "all"]
DEFAULT_TIMEOUT = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """The options of `nb2svc build`.

    `output` is the project's folder (default: a folder of the package's name beside the notebook). `parameters` are NAME and
    VALUE of each `-p` as text: the notebook's own parameters cell says which kind a value is. `cwd` is the folder that the
    notebook runs in (default: its own), `timeout` the limit of that run in seconds (None: none), `kernel` replaces the
    notebook's. `parity` says on how many rows the single-row and HTTP modes replay; `retrain` whether `training.py` is run,
    `bento` whether the store gets a bento. `package` replaces the name made from the notebook's. `accept_generated` names files
    of the project that a person edited and gives back (`all`: all of them), `merge_generated` those that the compiler's change
    goes into; `upgrade_runtime` renews its `_nb2svc/`. `fresh` runs everything, whatever an earlier build left. `validation` is
    what `nb2svc validate` left somewhere else, a file or its folder, in place of what lies beside the notebook.
    """

    notebook: Path
    output: Path | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    cwd: Path | None = None
    timeout: float | None = DEFAULT_TIMEOUT
    kernel: str | None = None
    parity: ParityRows = "sample"
    retrain: bool = True
    bento: bool = True
    package: str | None = None
    accept_generated: tuple[str, ...] = ()
    merge_generated: tuple[str, ...] = ()
    upgrade_runtime: bool = False
    fresh: bool = False
    validation: Path | None = None

    def target(self, package: str) -> Path:
        """The folder that the project goes to."""
        return self.output if self.output is not None else self.notebook.parent / package

    def standing(self, packages: Iterable[str]) -> Path | None:
        """The project that this build will replace, as far as that is known before the notebook ran: the first that exists."""
        targets = (self.target(package) for package in ([self.package] if self.package else packages))
        return next((target for target in targets if (target / MANIFEST).is_file()), None)

    def run_settings(self, progress: Progress) -> "RunSettings":
        """How the notebook's one run is made; each cell that starts or ends is told, and what it prints."""
        from nb2svc.capture.settings import CellProgress, RunSettings

        def tell(event: CellProgress) -> None:
            done = event.number if event.state == "ended" else event.number - 1
            text = f"running {event.title}: {event.number} of {event.total}"
            progress(ProgressEvent(stage="run", text=text, cell=event.number, done=done, total=event.total))

        def tell_output(number: int, text: str) -> None:
            progress(ProgressEvent(stage="run", cell=number, output=text))

        return RunSettings(
            parameters=self.parameters,
            cwd=str(self.cwd) if self.cwd is not None else None,
            timeout=self.timeout,
            kernel=self.kernel,
            progress=tell,
            output=tell_output,
        )
