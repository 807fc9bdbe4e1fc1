"""What a workflow is made from: one job a notebook, and the words that all of them share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nb2svc.ci.environment import Environment, environment_of
from nb2svc.ci.repository import Repository
from nb2svc.ci.tagged import imports_of
from nb2svc.ci.validating import baseline_of, runs_of
from nb2svc.errors import UsageError
from nb2svc.ir.names import unique
from nb2svc.ir.notebook import Notebook

# Where GitHub's expressions begin: it would read a path that holds it as something else.
_EXPRESSION = "${{"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One notebook in CI; paths are relative to the repository's root.

    `id` is unique among the jobs (two folders may each hold a loans.ipynb). `bento` is the name that BentoML gives the
    package's service. `committed` says that the project is in git, so that two versions of it can be compared. `runs` are the
    option and value that say which validation runs to make, None where there is nothing to validate; `baseline` is the validation
    in git to compare them with, or "".
    """

    id: str
    notebook: str
    package: str
    project: str
    bento: str
    captures: str
    environment: Environment
    committed: bool
    runs: tuple[str, str] | None = None
    baseline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The jobs, and what they share. `install` is a requirement for pip (`nb2svc[bento]==0.1.0`)."""

    jobs: tuple[Job, ...]
    branch: str
    python: str
    install: str
    lfs: bool
    cache_captures: bool

    @property
    def kind(self) -> str:
        """What pip is given: a requirements file or a project; the same kind for all jobs."""
        return self.jobs[0].environment.kind

    @property
    def light(self) -> str:
        """What analysis needs installed: no server."""
        return re.sub(r"^nb2svc\[[^\]]*\]", "nb2svc", self.install)

    @property
    def committed(self) -> bool:
        """Whether there is a project in git to compare with."""
        return any(job.committed for job in self.jobs)

    @property
    def validated(self) -> tuple[Job, ...]:
        """The jobs with validation runs."""
        return tuple(job for job in self.jobs if job.runs)

    @property
    def compared(self) -> bool:
        """Whether a validation is in git to compare with."""
        return any(job.baseline for job in self.validated)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that say what is installed, each once."""
        return tuple(dict.fromkeys(job.environment.file for job in self.jobs))


def jobs_of(
    notebooks: Sequence[tuple[str, Notebook]], repository: Repository, *, named: Environment | None, otherwise: Environment
) -> tuple[Job, ...]:
    """A job for each notebook: with the environment that a person `named`, its own, or the one that is made `otherwise`.

    Raises:
        UsageError: a path can't stand in a workflow, or one notebook has requirements.txt and another a project.
    """
    jobs: list[Job] = []
    for path, notebook in notebooks:
        if _EXPRESSION in path or not path.isprintable():
            why = "a line break, ${{ or a letter that is no text in it would be read as something else"
            raise UsageError("this path can't stand in a workflow", where=repr(path), why=why, fix="rename the notebook")
        environment = named or environment_of(path, root=repository.root) or otherwise
        jobs.append(_job(path, notebook, repository, environment=environment, taken=[job.id for job in jobs]))
    kinds = {job.environment.kind: job.environment.file for job in jobs}
    if len(kinds) > 1:
        raise UsageError(
            "the notebooks say in two ways what they need",
            where=", ".join(kinds.values()),
            why="one workflow installs all of them alike",
            fix="name the one to use with --requirements, or write a workflow for each with --notebook and --output",
        )
    return tuple(jobs)


def uses_lfs(root: Path) -> bool:
    """Whether some of the repository's files lie in Git LFS, where a plain checkout leaves pointers."""
    try:
        return "filter=lfs" in (root / ".gitattributes").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _job(path: str, notebook: Notebook, repository: Repository, *, environment: Environment, taken: Sequence[str]) -> Job:
    from nb2svc.plan.naming import package_name

    package = package_name(notebook.name, installed=imports_of(notebook))
    folder = PurePosixPath(path).parent
    project = (folder / package).as_posix()
    return Job(
        id=unique(package, taken),
        notebook=path,
        package=package,
        project=project,
        bento=package.lower().replace("_", "-"),
        captures=(folder / ".nb2svc").as_posix(),
        environment=environment,
        committed=repository.holds_folder(project),
        runs=runs_of(notebook),
        baseline=baseline_of(path, repository.tracked, root=repository.root),
    )
