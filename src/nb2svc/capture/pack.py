"""The captured objects as the project's artifacts: the project's own runtime packs them, in the kernel's interpreter."""

import json
from collections.abc import Mapping
from pathlib import Path

from nb2svc.errors import Nb2svcError, RefusalError
from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.observation import Learn, Observation
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Plan
from nb2svc.ir.project import Project, ProjectFile
from nb2svc.ir.span import Span
from nb2svc.system.files import read_bytes, write_atomic
from nb2svc.system.processes import run

_TIMEOUT = 600.0


def pack_artifacts(
    project: Project, plan: Plan, capture: Capture, *, scratch: Path, places: Mapping[str, Span]
) -> tuple[ProjectFile, ...]:
    """The files below `<package>/artifacts/`, made from the capture in a copy of the project under `scratch`.

    `places` says where in the notebook each packed value was made (see `made_at`).

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
        raise RefusalError([unpackable(finished.tail(5), places)])
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


def made_at(plan: Plan, dataflow: Dataflow, outline: Outline, observation: Observation) -> dict[str, Span]:
    """What the runtime calls each packed value → where the notebook makes it."""
    fitted = {each.name: dataflow.statements[each.statement].span for each in outline.model.fitted}
    alone = {"the model": fitted[plan.estimators[0]]} if len(plan.estimators) == 1 else {}
    names = dict(plan.names)
    learned = {
        f"the learned value {names[part.slot]}": rewrite.span
        for rewrite in observation.rewrites
        for part in (*rewrite.parts, *(part for line in rewrite.before for part in line))
        if isinstance(part, Learn) and part.slot in names
    }
    return {**fitted, **alone, **learned}


def unpackable(message: str, places: Mapping[str, Span]) -> Finding:
    """The refusal of a value that can't be kept, at the place where it is made."""
    message = message.strip()
    # `the learned value age` begins `the learned value age_mean`, too: the longest name is meant.
    what = max((name for name in places if message.startswith(name)), key=len, default="")
    return Finding(
        code="NB401",
        severity="refusal",
        message=f"The model can't be kept as data: {message}",
        remedy="Define it at the top level of a cell, and keep scikit-learn's own classes inside the model.",
        span=places.get(what),
    )
