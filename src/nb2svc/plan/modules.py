"""The author's own modules (`from cleaning import tidy`): files beside the notebook that the project takes along."""

from collections.abc import Iterable

from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.plan.requirements import imported_modules


def own_modules(dataflow: Dataflow, prelude: Iterable[int], capture: Capture) -> tuple[str, ...]:
    """Paths of the modules to take along, relative to where the notebook ran; all of them where one is needed.

    A module may import its neighbours, which the run then loaded, too.
    """
    loaded = [file.path for file in capture.inputs if file.path.endswith(".py") and not file.path.startswith(("/", ".."))]
    found = {name for name, distribution in capture.modules if not distribution}
    beside = {path.split("/")[0].removesuffix(".py") for path in loaded} & found
    needed = {name for number in prelude for name in imported_modules(dataflow.statements[number].source)}
    return tuple(sorted(loaded)) if beside & needed else ()
