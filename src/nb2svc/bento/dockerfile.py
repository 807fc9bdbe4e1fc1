"""A built project → its Dockerfile: the project's folder is the build context, and only what serves goes in."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.bento.template import render
from nb2svc.errors import UsageError

_USER = 10001
_HOME = "/srv/service"
_DEBIAN = "bookworm"
_REQUIREMENTS = "requirements.txt"
# What `tool.bentoml.build.include` names beside the code: needed to build a bento, not to serve.
_PAPERS = frozenset({"pyproject.toml", _REQUIREMENTS, "README.md", "example.json"})
# Libraries whose wheels need something of the system that a slim image lacks.
_SYSTEM = {"lightgbm": "libgomp1"}
_PINNED = re.compile(r"^[A-Za-z0-9._-]+(\[[^\]]*\])?\s*===?\s*[^\s*,;]+\s*(;.*)?$")
_REBUILD = "build the notebook again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A Dockerfile and what belongs to it.

    `ignore` is the .dockerignore that keeps everything but `sources` out of the build; `loose` are the requirements that
    are not pinned to one version.
    """

    dockerfile: str
    ignore: str
    image: str
    sources: tuple[str, ...]
    loose: tuple[str, ...]


def container(project: Path, *, port: int = 3000) -> Container:
    """The Dockerfile of a built project, for a service that listens on `port`.

    Raises:
        UsageError: the project lacks something that goes into the image.
    """
    settings = _settings(project)
    build = settings["tool"]["bentoml"]["build"]
    version = str(build.get("docker", {}).get("python_version", ""))
    if not version:
        raise _unfit(
            project, "pyproject.toml does not say which Python it runs on", "[tool.bentoml.build.docker] has no python_version"
        )
    requirements = _requirements(project)
    sources = _sources(project, build["include"])
    names = {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-") for line in requirements}
    image = f"python:{version}-slim-{_DEBIAN}"
    probe = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/readyz', timeout=4)"
    text = render(
        "Dockerfile.j2",
        service=settings["project"]["name"],
        tag=settings["project"]["name"],
        image=image,
        user=_USER,
        home=_HOME,
        packages=sorted(_SYSTEM[name] for name in names & set(_SYSTEM)),
        sources=sources,
        port=port,
        health=json.dumps(["python", "-c", probe]),
        command=json.dumps(["bentoml", "serve", build["service"], "--host", "0.0.0.0", "--port", str(port)]),  # noqa: S104 - in a container
    )
    loose = tuple(line for line in requirements if not _PINNED.match(line))
    return Container(dockerfile=text, ignore=_ignore(sources), image=image, sources=(_REQUIREMENTS, *sources), loose=loose)


def _ignore(sources: tuple[str, ...]) -> str:
    """Everything is left out but what is copied: no captured rows, no secrets, nothing that is made by running."""
    kept = "".join(f"!{source.rstrip('/')}\n" for source in (_REQUIREMENTS, *sources))
    return f"*\n{kept}**/__pycache__\n**/*.pyc\n"


def _settings(project: Path) -> Mapping[str, Any]:
    try:
        settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        settings["project"]["name"], settings["tool"]["bentoml"]["build"]["service"]
        [str(entry) for entry in settings["tool"]["bentoml"]["build"]["include"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unfit(project, "pyproject.toml does not say what to serve", f"{type(error).__name__}: {error}") from error
    return settings


def _requirements(project: Path) -> tuple[str, ...]:
    try:
        lines = (project / _REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise _unfit(project, f"there is no {_REQUIREMENTS}", error.strerror or str(error)) from error
    stripped = (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines)
    return tuple(line for line in stripped if line)


def _sources(project: Path, include: list[str]) -> tuple[str, ...]:
    """What the image gets: loans/** → loans/, pricing.py → pricing.py."""
    found = []
    for pattern in include:
        path = pattern.removesuffix("**").strip()
        if path in _PAPERS:
            continue
        if re.search(r"[*?\[\s]", path) or path.startswith(("/", "..")):
            raise _unfit(
                project,
                f"{pattern!r} can't be copied into an image",
                "a pattern of tool.bentoml.build.include is a folder/** or a file",
            )
        if not (project / path).exists():
            raise _unfit(project, f"{path} is missing", "the service needs it")
        found.append(path)
    return tuple(found)


def _unfit(project: Path, what: str, why: str) -> UsageError:
    return UsageError(f"no Dockerfile can be made: {what}", where=str(project), why=why, fix=_REBUILD)
