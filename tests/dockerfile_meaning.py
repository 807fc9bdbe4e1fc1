"""What a Dockerfile would do, without Docker: Docker's parser reads it, hadolint judges it, and its steps happen in a folder.

The image's root is a folder; COPY copies from the context as far as the .dockerignore lets it, RUN pip asks pip whether this
Python has what is wanted, ENV, WORKDIR, USER and CMD are remembered for `Image.start`.
"""

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import dockerfile

from nb2svc.system.processes import Running, started


def complaints(text: str, folder: Path) -> list[str]:
    """The rules of hadolint that a Dockerfile breaks, by code."""
    path = folder / "Dockerfile"
    path.write_text(text)
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts"), "hadolint"), "--no-color", "--format", "json", path],
        capture_output=True,
        text=True,
        check=False,
    )
    return [f"{found['code']} {found['message']}" for found in json.loads(done.stdout)]


def ignored(path: str, rules: Sequence[str]) -> bool:
    """Whether a .dockerignore keeps a path out: patterns match a path or a folder above it, and the last one that does wins."""
    out = False
    for rule in rules:
        pattern, keeps = rule.removeprefix("!"), rule.startswith("!")
        parts = PurePosixPath(path).parts
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        tail = pattern.removeprefix("**/")
        names = [name.rpartition("/")[2] for name in above] if tail != pattern else above
        if any(fnmatch.fnmatchcase(name, tail) and name.count("/") == tail.count("/") for name in names):
            out = not keeps
    return out


@dataclass
class Image:
    """A folder that holds what an image would, and how its process starts."""

    root: Path
    base: str = ""
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"
    ports: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def place(self, path: str) -> Path:
        """Where a path of the image lies."""
        return self.root / str(PurePosixPath(self.folder, path)).lstrip("/")

    @contextmanager
    def start(self, log: Path) -> Iterator[Running]:
        """The image's command, with the image's environment and files and no others; this Python stands for the image's."""
        env = {name: str(self.place(value)) if value.startswith("/") else value for name, value in self.env.items()}
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        with started(self.command, log=log, cwd=self.place("."), env={"PATH": path, **env}) as process:
            yield process

    def healthy(self) -> bool:
        """What the image's health check says."""
        command = [sys.executable, *self.health[1:]]
        return subprocess.run(command, capture_output=True, check=False, env={"PATH": os.defpath}).returncode == 0


def build(text: str, context: Path, root: Path, *, ignore: str = "") -> Image:
    """Do what `docker build` would.

    Raises:
        FileNotFoundError: COPY names what the context lacks, or the .dockerignore keeps out.
        AssertionError: a step that has no meaning here.
    """
    image = Image(root=root)
    for step in dockerfile.parse_string(text):
        words = list(step.value)
        match step.cmd.upper():
            case "FROM":
                [image.base] = words
            case "ENV":
                image.env |= dict(zip(words[::3], words[1::3], strict=True))
            case "WORKDIR":
                image.folder = str(PurePosixPath(image.folder, words[0]))
                image.place(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                for source in words[:-1]:
                    _copy(context, source, image.place(words[-1]), rules=ignore.splitlines())
            case "RUN":
                image.ran += [_run(command.strip(), image) for command in words[0].split("&&")]
            case "USER":
                [image.user] = words
            case "EXPOSE":
                image.ports += words
            case "HEALTHCHECK":
                image.health = words[1:]
                assert step.json is not None
            case "CMD":
                assert step.json, "a shell between Docker and the service would swallow its signals"
                image.command = words
            case other:
                raise AssertionError(f"{other} has no meaning here")
    return image


def _copy(context: Path, source: str, place: Path, *, rules: Sequence[str]) -> None:
    start = context / source
    found = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
    kept = [path for path in found if not ignored(path.relative_to(context).as_posix(), rules)]
    if not kept:
        raise FileNotFoundError(source)
    for path in kept:
        to = place / (path.name if start.is_file() else path.relative_to(start))
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)


def _run(command: str, image: Image) -> str:
    words = command.split()
    if words[:2] == ["pip", "install"]:
        file = image.place(words[words.index("--requirement") + 1])
        wanted = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--requirement", str(file)]
        done = subprocess.run(wanted, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    else:
        assert words[0] in ("useradd", "apt-get", "rm"), command
    return command
