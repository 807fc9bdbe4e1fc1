"""The captured objects as the project's artifacts: the project's own runtime packs them, in the kernel's interpreter."""

import json
from pathlib import Path

from nb2svc.errors import Nb2svcError, RefusalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.finding import Finding
from nb2svc.ir.plan import Plan
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.system.files import read_bytes, write_atomic
from nb2svc.system.processes import run

_TIMEOUT = 600.0


def pack_artifacts(project: Project, plan: Plan, capture: Capture, *, scratch: Path) -> tuple[ProjectFile, ...]:
    """The files below `<package>/artifacts/`, made from the capture in a copy of the project under `scratch`.

    Raises:
        RefusalError: the estimator or a learned value can't be kept as data (an unreviewed type, a class that is not at
            module level).
    """
    for file in project.files:
        path = scratch / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    request = scratch / "pack_request.json"
    write_atomic(request, json.dumps(pack_request(plan, capture), indent=1).encode())
    command = [capture.interpreter, "-m", f"{plan.package}._nb2svc.pack", capture.folder, str(request)]
    finished = run(command, log=scratch / "pack.log", timeout=_TIMEOUT, cwd=scratch)
    if finished.timed_out:
        raise Nb2svcError("packing the model took over ten minutes", where=capture.folder, fix="serve a smaller model")
    if finished.code == 1 and "Traceback" not in finished.tail():
        raise RefusalError([_unpackable(finished.tail(5))])
    if finished.code:
        raise Nb2svcError("packing the model failed", where=capture.folder, details=finished.tail())
    folder = scratch / plan.package / "artifacts"
    return tuple(
        ProjectFile(path=f"{plan.package}/artifacts/{path.name}", content=read_bytes(path)) for path in sorted(folder.iterdir())
    )


def pack_request(plan: Plan, capture: Capture) -> dict[str, object]:
    """What the runtime's `pack` reads: files of the capture with their digests, and learned values by their final name."""
    names = dict(plan.names)
    raws = {kept.label: kept for kept in capture.kept if kept.kind in ("raw", "given")}
    return {
        "estimators": [
            {"name": name, "file": kept.file, "sha256": kept.sha256}
            for name in plan.estimators
            if (kept := capture.find("estimator", name)) is not None
        ],
        "learned": [
            {"name": names[each.slot], "key": each.key, "value": each.value, "file": each.file, "sha256": each.sha256}
            for each in plan.learned
            if each.slot in names
        ],
        "lookups": [
            {"name": table.name, "file": raws[table.name].file, "sha256": raws[table.name].sha256}
            for table in plan.tables
            if table.role == "lookup"
        ],
    }


def _unpackable(message: str) -> Finding:
    return Finding(
        code="NB401",
        severity="refusal",
        message=f"the model can't be kept as data: {message.strip()}",
        remedy="define it at the top level of a cell, and keep scikit-learn's own classes inside the model",
    )
