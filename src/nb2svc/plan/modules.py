"""The author's own modules (`from cleaning import tidy`): files beside the notebook that the project takes along."""

from collections.abc import Iterable

from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.outline import Outline
from nb2svc.plan.requirements import imported_modules


def own_modules(dataflow: Dataflow, prelude: Iterable[int], capture: Capture) -> tuple[str, ...]:
    """Paths of the modules to take along, relative to where the notebook ran; all of them where one is needed.

    A module may import its neighbours, which the run then loaded, too.
    """
    loaded, beside = _beside(capture)
    needed = {name for number in prelude for name in imported_modules(dataflow.statements[number].source)}
    return tuple(sorted(loaded)) if beside & needed else ()


def modules_out_of_reach(dataflow: Dataflow, outline: Outline, capture: Capture) -> tuple[Finding, ...]:
    """A refusal for each import of a module that no package provides and that does not lie beside the notebook.

    The notebook found it through `sys.path`, or its package is installed from a checkout: the service would not find it.
    """
    _, beside = _beside(capture)
    foreign = _without_distribution(capture) - beside
    return tuple(
        Finding(
            code="NB236",
            severity="refusal",
            message=f"`{module}` is a module of yours that does not lie beside the notebook: the service would not find it.",
            remedy=f"Put `{module}` (and what it imports) into the notebook's folder, which the project takes along, or install "
            "it as a package (not from an editable checkout).",
            span=dataflow.statements[number].span,
        )
        for number in outline.serving.statements
        for module in sorted(imported_modules(dataflow.statements[number].source) & foreign)
    )


def _beside(capture: Capture) -> tuple[list[str], set[str]]:
    """The author's files that the run loaded from the notebook's folder, and the modules that stand directly in it."""
    loaded = [file.path for file in capture.inputs if file.path.endswith(".py") and not file.path.startswith(("/", ".."))]
    return loaded, {path.split("/")[0].removesuffix(".py") for path in loaded} & _without_distribution(capture)


def _without_distribution(capture: Capture) -> set[str]:
    return {name for name, distribution in capture.modules if not distribution}
