"""The git repository that a workflow is written for: its root, its default branch, and which files git holds."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nb2svc.errors import EnvironmentProblem, UsageError

Held = Literal["tracked", "changed", "untracked", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository: `tracked` and `untracked` are paths relative to `root`; what is in neither, git ignores.

    `changed` are those of the tracked whose text is not that of the last commit.
    `branch_from` says where the default branch was read from, for a person.
    """

    root: Path
    branch: str
    branch_from: str
    tracked: frozenset[str]
    changed: frozenset[str]
    untracked: frozenset[str]

    def relative(self, path: Path) -> str:
        """A path below the root as git writes it.

        Raises:
            UsageError: it lies elsewhere.
        """
        place = path.resolve()
        if not place.is_relative_to(self.root):
            fix = "run nb2svc ci init in the repository that holds it"
            raise UsageError(f"{path.name} is not in this repository", where=str(place), why=f"its root is {self.root}", fix=fix)
        return place.relative_to(self.root).as_posix()

    def held(self, name: str) -> Held:
        """What git knows of a path below the root."""
        if name in self.tracked:
            return "changed" if name in self.changed else "tracked"
        return "untracked" if name in self.untracked else "ignored"

    def holds_folder(self, name: str) -> bool:
        """Whether something below a folder is tracked."""
        return any(path.startswith(f"{name}/") for path in self.tracked)


def repository_at(folder: Path) -> Repository:
    """The repository that holds a folder.

    Raises:
        UsageError: none does.
        EnvironmentProblem: there is no git.
    """
    top = _git("rev-parse", "--show-toplevel", cwd=folder)
    if not top:
        why = "a workflow runs in a clone, and its paths are told from the repository's root"
        raise UsageError("there is no git repository here", where=str(folder), why=why, fix="git init, then run it again")
    root = Path(top).resolve()
    branch, source = _default_branch(root)
    return Repository(
        root=root,
        branch=branch,
        branch_from=source,
        tracked=_listed("ls-files", "-z", root=root),
        changed=_listed("diff", "--name-only", "-z", "HEAD", root=root),
        untracked=_listed("ls-files", "-z", "--others", "--exclude-standard", root=root),
    )


def _default_branch(root: Path) -> tuple[str, str]:
    """The branch that a remote calls its own, else the current one: (`main`, `as origin says`)."""
    remote = _git("symbolic-ref", "--short", "refs/remotes/origin/HEAD", cwd=root)
    if remote:
        return remote.removeprefix("origin/"), "as origin says"
    # Of a branch that is none of these it is more likely that it is somebody's work.
    for name in ("main", "master", "trunk"):
        if _git("rev-parse", "--verify", "--quiet", f"refs/heads/{name}", cwd=root):
            return name, "no remote says which is the default"
    current = _git("symbolic-ref", "--short", "HEAD", cwd=root)
    return (current, "the current branch; no remote says which is the default") if current else ("main", "HEAD is on no branch")


def _listed(*words: str, root: Path) -> frozenset[str]:
    return frozenset(name for name in _git(*words, cwd=root).split("\0") if name)


def _git(*words: str, cwd: Path) -> str:
    """What git prints, "" where it refuses."""
    try:
        command = ["git", *words]
        done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise EnvironmentProblem(
            "git is not installed", where=str(cwd), why="the repository is read with it", fix="install git"
        ) from error
    # A file's name can be any bytes.
    return done.stdout.decode("utf-8", errors="surrogateescape").strip("\n") if done.returncode == 0 else ""
