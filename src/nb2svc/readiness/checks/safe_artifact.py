"""GOV-04: the artifacts are what was written, of reviewed types, and the project's own loader refuses anything else."""

from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome, counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFile:
    """A file of the artifacts' folder: its digest now, and the manifest's ("" where the manifest does not name it)."""

    name: str
    sha256: str
    listed: str
    pickled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the project's own loader did with a folder: `loaded`, or refused with `error`."""

    loaded: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """The artifacts' folder as it lies: files, what the manifest lists without a file, reviewed types, and a load."""

    files: tuple[ArtifactFile, ...]
    absent: tuple[str, ...]
    types: tuple[str, ...]
    load: Load | None
    problem: str = ""


def judge_artifacts(artifacts: Artifacts) -> Outcome:
    """Pass where every file has the manifest's digest, none is a pickle, and the project's loader took the folder."""
    if artifacts.problem or not artifacts.files:
        return Outcome(
            status="not_evaluated",
            sentence=f"There are no artifacts to load: {artifacts.problem or 'the folder is empty'}.",
            next_action="Build the project with its artifacts.",
        )
    details = _details(artifacts)
    for judge in (_pickled, _altered, _refused):
        if problem := judge(artifacts):
            return Outcome(status="fail", sentence=problem[0], next_action=problem[1], details=details)
    if artifacts.load is None:
        return Outcome(
            status="not_evaluated",
            sentence="The project's loader was not run.",
            next_action="Build where the notebook's interpreter is installed.",
            details=details,
        )
    types = f", {counted(len(artifacts.types), 'reviewed type')}" if artifacts.types else ""
    return Outcome(
        status="pass",
        sentence=f"{counted(len(artifacts.files), 'artifact')} with the manifest's digests{types}, no pickle;"
        " loaded by the project's own loader.",
        details=details,
    )


def _pickled(artifacts: Artifacts) -> tuple[str, str] | None:
    pickles = tuple(file.name for file in artifacts.files if file.pickled)
    if not pickles:
        return None
    return f"{listed(pickles)} can run code when loaded: a pickle.", "Build without the flag that allows pickle."


def _altered(artifacts: Artifacts) -> tuple[str, str] | None:
    altered = tuple(file.name for file in artifacts.files if file.listed and file.sha256 != file.listed)
    unknown = tuple(file.name for file in artifacts.files if not file.listed)
    if altered:
        return f"{listed(altered)} is not the file that the manifest lists.", "Build again, and find out who changed it."
    if unknown:
        return (
            f"{listed(unknown)} stands in the artifacts' folder and not in its manifest.",
            f"Delete {unknown[0]}, or build again.",
        )
    if artifacts.absent:
        return f"{listed(artifacts.absent)} is listed in the manifest and not there.", "Build again."
    return None


def _refused(artifacts: Artifacts) -> tuple[str, str] | None:
    if artifacts.load is None or artifacts.load.loaded:
        return None
    return f"The project's loader refuses the artifacts: {artifacts.load.error}.", "Build again."


def _details(artifacts: Artifacts) -> tuple[tuple[str, str], ...]:
    files = tuple((file.name, f"sha256 {file.sha256}") for file in artifacts.files)
    types = (("reviewed types", listed(artifacts.types, most=20)),) if artifacts.types else ()
    return (*files, *types)
