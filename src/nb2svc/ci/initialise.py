"""`ci init`: what is looked at, what is written, and what a person should know of it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nb2svc.ci.environment import REQUIREMENTS, Environment, installed, named_environment, own_modules, requirement_lines
from nb2svc.ci.hooks import CONFIG, with_hooks
from nb2svc.ci.pins import conflicts, own_needs, unnamed
from nb2svc.ci.render import render_hooks, render_workflow
from nb2svc.ci.repository import Repository, repository_at
from nb2svc.ci.tagged import imports_of, tagged_among, tagged_notebook
from nb2svc.ci.workflow import Job, Workflow, jobs_of, uses_lfs
from nb2svc.errors import NotebookError, UsageError
from nb2svc.ir.names import unique
from nb2svc.ir.notebook import Notebook
from nb2svc.read.notebook import parse_notebook
from nb2svc.system.files import disk_errors, read_bytes, write_atomic

Provider = Literal["github", "gitlab", "pre-commit"]
Status = Literal["wrote", "unchanged", "replaced", "extended"]
# Where each provider looks for it, and the template.
_PLACES = {"github": ".github/workflows/nb2svc.yml", "gitlab": ".gitlab/nb2svc.yml"}
_TEMPLATES = {"github": "github.yml.j2", "gitlab": "gitlab.yml.j2"}
_GITLAB_ROOT = ".gitlab-ci.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of `nb2svc ci init github|gitlab`."""

    notebooks: tuple[Path, ...] = ()
    output: Path | None = None
    python: str
    install: str
    requirements: Path | None = None
    cache_captures: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file: its path from the repository's root, what became of it, and where the old text is kept."""

    path: str
    status: Status
    diff: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """What was done: files, jobs, what the workflow stands on, and what a person has to see to.

    `commit` are the files that have to be in git for the workflow to run, and are not yet.
    """

    files: tuple[Written, ...]
    jobs: tuple[Job, ...] = ()
    branch: str = ""
    notes: tuple[str, ...] = ()
    commit: tuple[str, ...] = ()


def initialise_hooks(folder: Path) -> Initialised:
    """Write our hooks into the pre-commit configuration of the repository that holds a folder."""
    repository = repository_at(folder)
    path = repository.root / CONFIG
    old = _text(path) if path.is_file() else ""
    new = with_hooks(old, render_hooks())
    if new == old:
        return Initialised(files=(Written(path=CONFIG, status="unchanged"),))
    write_atomic(path, new.encode())
    return Initialised(
        files=(Written(path=CONFIG, status="extended" if old else "wrote", diff=_diff(CONFIG, old, new) if old else ""),),
        commit=(CONFIG,),
    )


def initialise_workflow(provider: Provider, folder: Path, wishes: Wishes) -> Initialised:
    """Write a provider's workflow for the tagged notebooks of the repository that holds a folder.

    Raises:
        NotebookError: no notebook is tagged, or one that was named isn't.
        UsageError: there is no repository, or a file is there that says something else.
    """
    repository = repository_at(folder)
    notebooks = _notebooks(repository, wishes)
    named = named_environment(repository.relative(wishes.requirements)) if wishes.requirements else None
    jobs = jobs_of(notebooks, repository, named=named, otherwise=Environment(kind="requirements", path=REQUIREMENTS))
    workflow = Workflow(
        jobs=jobs,
        branch=repository.branch,
        python=wishes.python,
        install=wishes.install,
        lfs=uses_lfs(repository.root),
        cache_captures=wishes.cache_captures,
    )
    place = repository.relative(wishes.output) if wishes.output else _PLACES[provider]
    texts = {place: render_workflow(workflow, template=_TEMPLATES[provider], place=place)}
    new, without = _without_requirements(repository, jobs, notebooks)
    if without:
        texts[new] = _requirements(repository, without)
    notes = [*_notes(repository, jobs, notebooks), *([_made_note(repository, new)] if without else [])]
    if provider == "gitlab":
        notes += _included(repository.root, place, texts)
    files = _write(repository.root, texts, force=wishes.force)
    return Initialised(
        files=files,
        jobs=jobs,
        branch=f"{repository.branch} ({repository.branch_from})",
        notes=tuple(dict.fromkeys(notes)),
        commit=_to_commit(repository, files, jobs, notebooks),
    )


def _text(path: Path) -> str:
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        fix = "save it as UTF-8, then run this again"
        raise UsageError(f"{path.name} is no text in UTF-8", where=str(path), why=str(error), fix=fix) from error


def _notebooks(repository: Repository, wishes: Wishes) -> tuple[tuple[str, Notebook], ...]:
    if not wishes.notebooks:
        names = [*repository.tracked, *repository.untracked]
        found = tagged_among(names, root=repository.root)
        if not found:
            looked = sum(name.endswith(".ipynb") for name in names)
            raise NotebookError(
                "no notebook of this repository is tagged",
                where=str(repository.root),
                why=f"CI builds tagged notebooks; of {looked} here none has a tag" if looked else "git lists no notebook here",
                fix="nb2svc suggest NOTEBOOK says which cells to tag; then run this again",
            )
        return found
    chosen = []
    for path in wishes.notebooks:
        notebook = tagged_notebook(path)
        if notebook is None:
            # One that can't be read has no tags either, and it would be no use to propose some.
            parse_notebook(read_bytes(path, what="notebook"), path=str(path))
            fix = f"nb2svc suggest {path} says which cells to tag"
            raise NotebookError(f"no cell of {path.name} is tagged", where=str(path), why="CI builds tagged notebooks", fix=fix)
        chosen.append((repository.relative(path), notebook))
    return tuple(sorted(dict(chosen).items()))


def _without_requirements(
    repository: Repository, jobs: Sequence[Job], notebooks: Sequence[tuple[str, Notebook]]
) -> tuple[str, list[tuple[str, Notebook]]]:
    """The requirements file that is not there yet, and the notebooks that need it.

    Raises:
        UsageError: a project was named that does not exist: that can't be made from imports.
    """
    pairs = [(job.environment, each) for job, each in zip(jobs, notebooks, strict=True)]
    missing = [(environment, each) for environment, each in pairs if not (repository.root / environment.file).is_file()]
    for environment, _ in missing:
        if environment.kind == "project":
            read_bytes(repository.root / environment.file, what="project")
    return (missing[0][0].path if missing else ""), [each for _, each in missing]


def _requirements(repository: Repository, notebooks: Sequence[tuple[str, Notebook]]) -> str:
    lines = requirement_lines([(repository.root / path, notebook) for path, notebook in notebooks])
    names = ", ".join(path for path, _ in notebooks)
    return "\n".join([f"# What {names} imports, at the versions that were here when nb2svc ci init wrote this.", *lines, ""])


def _made_note(repository: Repository, name: str) -> str:
    conda = any((repository.root / each).is_file() for each in ("environment.yml", "environment.yaml"))
    besides = " (environment.yml is conda's; the workflow installs with pip)" if conda else ""
    return f"{name} is new: it lists what the notebooks import{besides}. Look at it."


def _notes(repository: Repository, jobs: Sequence[Job], notebooks: Sequence[tuple[str, Notebook]]) -> list[str]:
    """What may make the first run fail, as far as it can be told from here.

    Raises:
        UsageError: a requirements file can't be installed beside nb2svc.
    """
    notes = []
    for job, (path, notebook) in zip(jobs, notebooks, strict=True):
        for name in _read_files(repository, path, notebook):
            if repository.held(name) == "ignored":
                notes.append(
                    f"{name}, which {path} reads, is ignored by git: a clone won't have it. Commit it, or fetch it first."
                )
        file = repository.root / job.environment.file
        if job.environment.kind == "requirements" and file.is_file():
            text = read_bytes(file).decode(errors="replace")
            _refuse_conflicts(job.environment.file, text)
            modules = imports_of(notebook) - own_modules(file.parent) - own_modules((repository.root / path).parent)
            missing = unnamed(text, modules, installed(repository.root / path)[0])
            if missing:
                way = "add them, or let --requirements notebook-requirements.txt write one from the imports"
                notes.append(f"{path} imports {', '.join(missing)}, which no line of {job.environment.file} brings: {way}.")
    return notes


def _refuse_conflicts(name: str, text: str) -> None:
    found = conflicts(text, own_needs())
    if not found:
        return
    asked, needed = (", ".join(dict.fromkeys(side)) for side in zip(*found, strict=True))
    raise UsageError(
        f"{name} can't be installed beside nb2svc",
        where=name,
        why=f"it asks for {asked}; nb2svc needs {needed}",
        fix="loosen these lines, or keep the notebook's own: --requirements notebook-requirements.txt writes it from the imports",
    )


def _read_files(repository: Repository, path: str, notebook: Notebook) -> list[str]:
    """The files of the repository that a notebook's source reads by their names."""
    from nb2svc.analysis.dataflow import build_dataflow

    folder = (repository.root / path).parent
    effects = (effect for statement in build_dataflow(notebook).statements for effect in statement.effects)
    paths = (folder / effect.detail for effect in effects if effect.kind == "file_read" and effect.detail)
    files = (place.resolve() for place in paths if place.is_file())
    inside = (file.relative_to(repository.root).as_posix() for file in files if file.is_relative_to(repository.root))
    return list(dict.fromkeys(inside))


def _included(root: Path, place: str, texts: dict[str, str]) -> list[str]:
    """GitLab reads one file: it is written where there is none, and never changed where there is one."""
    path = root / _GITLAB_ROOT
    line = f"include:\n  - local: {place}\n"
    if not path.is_file():
        texts[_GITLAB_ROOT] = line
        return []
    if place in path.read_text(encoding="utf-8", errors="replace"):
        return []
    return [f"{_GITLAB_ROOT} is yours and stays as it is. Add to it:\n{line.rstrip()}"]


def _write(root: Path, texts: dict[str, str], *, force: bool) -> tuple[Written, ...]:
    """Write all files, or none where one is there that says something else."""
    old = {path: read_bytes(root / path).decode(errors="replace") for path in texts if (root / path).is_file()}
    differing = {path: _diff(path, text, texts[path]) for path, text in old.items() if text != texts[path]}
    if differing and not force:
        raise UsageError(
            f"{', '.join(differing)} is there, and says something else",
            where=str(root),
            why="somebody may have edited it, so it is not overwritten; below is what would change",
            fix="edit it by hand, or give --force: the old text is then kept beside it",
            details="\n".join(differing.values()),
        )
    written = []
    for path, text in texts.items():
        target = root / path
        if old.get(path) == text:
            written.append(Written(path=path, status="unchanged"))
            continue
        with disk_errors(f"make the folder of {target.name}", where=target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
        kept = _keep(target, root) if path in old else ""
        write_atomic(target, text.encode())
        written.append(Written(path=path, status="replaced" if kept else "wrote", diff=differing.get(path, ""), kept=kept))
    return tuple(written)


def _keep(path: Path, root: Path) -> str:
    """Copy a file that is going to be replaced to a name beside it that is free."""
    name = unique(f"{path.name}.orig", {entry.name for entry in path.parent.iterdir()})
    write_atomic(path.with_name(name), read_bytes(path))
    return path.with_name(name).relative_to(root).as_posix()


def _to_commit(
    repository: Repository, files: Sequence[Written], jobs: Sequence[Job], notebooks: Sequence[tuple[str, Notebook]]
) -> tuple[str, ...]:
    wanted = [file.path for file in files]
    for job, (path, notebook) in zip(jobs, notebooks, strict=True):
        wanted += [path, job.environment.file, *_read_files(repository, path, notebook)]
    changed = {file.path for file in files if file.status != "unchanged"}
    return tuple(dict.fromkeys(name for name in wanted if name in changed or repository.held(name) in ("changed", "untracked")))


def _diff(path: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), f"{path} (there)", f"{path} (new)", lineterm="")
    return "\n".join(lines)
