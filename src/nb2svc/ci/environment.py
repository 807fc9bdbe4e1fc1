"""What a notebook needs installed: the file of its repository that says so, else what it imports, at the versions that ran."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

from nb2svc.ci.tagged import imports_of
from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Notebook
from nb2svc.plan.requirements import ALWAYS

REQUIREMENTS = "requirements.txt"
_PROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What pip is given: a requirements file, or the folder of a project. `path` is relative to the root, "." for it."""

    kind: Literal["requirements", "project"]
    path: str

    @property
    def file(self) -> str:
        """The file that says it, by whose content a cache is keyed."""
        return self.path if self.kind == "requirements" else f"{self.path}/{_PROJECT}".removeprefix("./")


def environment_of(notebook: str, *, root: Path) -> Environment | None:
    """The nearest requirements.txt, or project with its own requirements, from the notebook's folder up to the root."""
    folder = Path(notebook).parent
    for place in (folder, *folder.parents):
        if (root / place / REQUIREMENTS).is_file():
            return Environment(kind="requirements", path=(place / REQUIREMENTS).as_posix())
        if _is_project(root / place / _PROJECT):
            return Environment(kind="project", path=place.as_posix())
    return None


def named_environment(path: str) -> Environment:
    """What a person named: a requirements file, or a pyproject.toml."""
    if Path(path).name == _PROJECT:
        return Environment(kind="project", path=Path(path).parent.as_posix())
    return Environment(kind="requirements", path=path)


def requirement_lines(notebooks: Sequence[tuple[Path, Notebook]]) -> tuple[str, ...]:
    """`pandas==2.3.1` for each library that the notebooks import, at the version of the last run, else of this Python.

    Raises:
        UsageError: the distribution behind an import is not known here, and is not guessed from its name.
    """
    lines: dict[str, str] = {}
    unknown: list[str] = []
    for path, notebook in notebooks:
        distributions, versions = installed(path)
        for module in sorted(imports_of(notebook) - own_modules(path.parent)):
            found = next((name for name in distributions.get(module, ()) if name in versions), "")
            if found:
                lines.setdefault(found.lower(), f"{found}=={versions[found]}")
            else:
                unknown.append(module)
        # A model and its tables are loaded by these, also where the notebook imports them by no name of theirs.
        lines |= {name: f"{name}=={versions[name]}" for name in ALWAYS if name in versions and name not in lines}
        for install in notebook.installs:
            lines.setdefault(install.name, f"{install.name}{install.version}")
    if unknown:
        raise UsageError(
            f"what brings {', '.join(dict.fromkeys(unknown))} is not known",
            where=", ".join(path.name for path, _ in notebooks),
            why="there is no requirements file, they are not installed beside nb2svc, and no package is guessed from a module",
            fix="install here what the notebook imports, or write requirements.txt by hand, then run this again",
        )
    return tuple(lines[name] for name in sorted(lines))


def _is_project(path: Path) -> bool:
    """Whether pip can install what a pyproject.toml describes; many hold settings of tools only."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "project" in settings or "build-system" in settings


def own_modules(folder: Path) -> set[str]:
    """Modules that the author wrote beside the notebook."""
    return {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/*.py")}


def installed(path: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Module → distributions, and distribution → version: of this Python, and before it of the notebook's last run."""
    from nb2svc.capture.recall import latest

    here, at = _installed_here()
    distributions, versions = dict(here), dict(at)
    known = latest(path)
    if known is not None:
        capture, _ = known
        distributions |= {module: (name,) for module, name in capture.modules if name}
        versions |= dict(capture.versions)
    return distributions, versions


@cache
def _installed_here() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    distributions = {name: tuple(sorted(found)) for name, found in metadata.packages_distributions().items()}
    names = {name for found in distributions.values() for name in found}
    # `+cpu` and the like name a build that only its own index has.
    return distributions, {name: re.sub(r"\+.*", "", metadata.version(name)) for name in names}
