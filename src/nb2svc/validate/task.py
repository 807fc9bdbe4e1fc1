"""One run as it travels to where it is made: everything in it, and nothing that only this machine knows but its folders."""

import base64
from dataclasses import dataclass, field
from typing import Any

from nb2svc.ir.codec import from_json, to_json
from nb2svc.ir.validation import RunSpec
from nb2svc.validate.prefix import Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTask:
    """The built service to ask about a run's rows: `content` is the project as an archive, `given` what its training.py gets."""

    shown: str
    package: str
    digest: str
    content: bytes = field(repr=False)
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """A run to make.

    `content` is the notebook's file and `path` its absolute path, `cwd` the folder to run in, `folder` the one that keeps the
    finished runs. `retries` is how often a run that died is tried again. `plain` says why its kernel is not forked ("": it may
    be). `shared_by` is how many runs of a worker may share cells, 0 where nobody knows. `compares_plain` has the first run
    that shares cells compared with one in a kernel of its own. `secrets` are values by their variables. `output` is the URL
    that a finished run is put to from that folder, or "", and
    `session` the command that asks for it. `segments` are columns. `service` is
    asked afterwards, and may take as long as the run. `alone` says that no other run is made in that folder meanwhile.
    """

    spec: RunSpec
    content: bytes = field(repr=False)
    path: str
    kernel: str
    cwd: str
    folder: str
    timeout: float | None
    retries: int
    plain: str = ""
    prefix: Prefix | None = None
    shared_by: int = 0
    unshared: str = ""
    compares_plain: bool = False
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    output: str = field(default="", repr=False)
    session: str = ""
    segments: tuple[str, ...] = ()
    service: ServiceTask | None = None
    alone: bool = False

    @property
    def limit(self) -> float | None:
        """What the run and all that follows it may take, in seconds."""
        return None if self.timeout is None else self.timeout * (1 if self.service is None else 2)


def as_message(task: RunTask, *, staged: str) -> dict[str, Any]:
    """The task as JSON for the process that runs it; `staged` is the folder to write to."""
    return {
        "spec": to_json(task.spec),
        "content": base64.b64encode(task.content).decode(),
        "path": task.path,
        "kernel": task.kernel,
        "cwd": task.cwd,
        "folder": staged,
        "timeout": task.timeout,
        "retries": 0,
        "plain": task.plain,
        "unshared": task.unshared,
        "compares_plain": task.compares_plain,
        "prefix": to_json(task.prefix) if task.prefix else None,
        "shared_by": task.shared_by,
        "secrets": [list(pair) for pair in task.secrets],
        "segments": list(task.segments),
        "alone": task.alone,
        "service": _service_message(task.service) if task.service else None,
    }


def from_message(message: dict[str, Any]) -> RunTask:
    """What `as_message` wrote."""
    return RunTask(
        spec=from_json(RunSpec, message["spec"]),
        content=base64.b64decode(message["content"]),
        path=message["path"],
        kernel=message["kernel"],
        cwd=message["cwd"],
        folder=message["folder"],
        timeout=message["timeout"],
        retries=message["retries"],
        plain=message["plain"],
        unshared=message["unshared"],
        compares_plain=message["compares_plain"],
        prefix=from_json(Prefix, message["prefix"]) if message["prefix"] else None,
        shared_by=message["shared_by"],
        secrets=tuple((name, value) for name, value in message["secrets"]),
        segments=tuple(message["segments"]),
        alone=message["alone"],
        service=_service(message["service"]) if message.get("service") else None,
    )


def _service_message(service: ServiceTask) -> dict[str, Any]:
    content = base64.b64encode(service.content).decode()
    given = [list(pair) for pair in service.given]
    return {"shown": service.shown, "package": service.package, "digest": service.digest, "content": content, "given": given}


def _service(message: dict[str, Any]) -> ServiceTask:
    given = tuple((name, value) for name, value in message["given"])
    return ServiceTask(**{**message, "content": base64.b64decode(message["content"]), "given": given})
