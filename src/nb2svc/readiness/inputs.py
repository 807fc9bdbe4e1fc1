"""What the assessment is given: the values of the build so far, the tree on disk, and the runners of the controls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.ir.capture import Capture
from nb2svc.ir.checks import CheckAccount
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.validation import Validation
from nb2svc.ir.verdict import Verdict
from nb2svc.readiness.catalogue.item import Tier
from nb2svc.readiness.checks.tested_pipeline import CiFacts

# Proves a mutated copy of the project tree: the folder that holds it → what the proof found.
Prover = Callable[[Path], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessInputs:
    """All that evidence is collected from.

    `project_dir` is the project's root as it lies on disk (staged, before it is swapped in). What is None was not made:
    the items that need it are `not_evaluated`. `working_dir` is where the run resolved relative paths (default: the
    notebook's folder). `prove_copy` proves a mutated copy of the tree in process; `retrain_copy` trains a mutated copy again
    and returns a verdict with the mode `retrain`. `retrain=False` says that the second training was switched off.
    `trials` tries the project in one process of the notebook's interpreter (feature tests, schema, model code) and gives what it
    answered by name; `assess` makes it where there is none.
    `by_hand` are the generated files that a person edited. `validation` is the last one of the notebook, whatever it says and
    however old it is; `checks` say what each check cell reads, `ci` what is known of CI.
    `on_timing` receives each item's id and seconds: durations never enter the project's files.
    """

    notebook: Notebook
    project_dir: Path
    package: str
    capture: Capture | None
    observation: Observation | None
    verdict: Verdict | None
    dataflow: Dataflow | None = None
    outline: Outline | None = None
    working_dir: Path | None = None
    prove_copy: Prover | None = None
    retrain_copy: Prover | None = None
    retrain: bool = True
    tier: Tier = "standard"
    trials: Callable[[], Mapping[str, Any]] | None = None
    on_timing: Callable[[str, float], None] | None = None
    by_hand: tuple[str, ...] = ()
    validation: Validation | None = None
    checks: tuple[CheckAccount, ...] = ()
    ci: CiFacts | None = None

    @property
    def notebook_dir(self) -> Path:
        """The folder that the notebook lies in."""
        return Path(self.notebook.path).resolve().parent

    @property
    def run_dir(self) -> Path:
        """The folder that the run resolved relative paths in."""
        return self.working_dir.resolve() if self.working_dir else self.notebook_dir

    @property
    def package_dir(self) -> Path:
        """The generated package's folder."""
        return self.project_dir / self.package

    def tried(self, name: str) -> Mapping[str, Any]:
        """What the trial of that name answered; `{"problem": why}` where there was none."""
        answer: Mapping[str, Any] = (self.trials() if self.trials else {}).get(name, {"problem": "it was not tried"})
        return answer
