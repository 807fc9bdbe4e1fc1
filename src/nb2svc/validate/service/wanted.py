"""`--service`: which project the runs are compared with, and what each run's training.py is given. Told before anything runs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import Parameter, RunResult, RunSpec
from nb2svc.validate.service.outcome import without_service
from nb2svc.validate.service.parameters import training_parameters
from nb2svc.validate.service.project import built_project
from nb2svc.validate.task import ServiceTask


def service_tasks(
    notebook: Notebook,
    specs: Iterable[RunSpec],
    *,
    defaults: Iterable[Parameter],
    project: Path | None,
    beside: Path | None = None,
) -> dict[str, ServiceTask]:
    """What is asked of the built service for each run, by the run's key; `project` None is the one beside the notebook.

    `beside` is where the notebook lies, if that is not its path.

    Raises:
        UsageError: there is no project of this notebook as it is, or a run's parameters can't be given to its training.py.
    """
    built, own = built_project(notebook, project, beside=beside), tuple(defaults)
    return {
        spec.key: ServiceTask(
            shown=built.shown,
            package=built.package,
            digest=built.digest,
            content=built.content,
            given=training_parameters(spec, own, built.knobs, project=built.shown),
        )
        for spec in specs
    }


def as_asked(result: RunResult, services: Mapping[str, ServiceTask]) -> RunResult | None:
    """An earlier result as it is asked for now: without its service, or with that of the same project; None where it has none.

    What kept a service from being asked may be mended the next time.
    """
    wanted = services.get(result.key)
    if wanted is None:
        return without_service(result)
    told = result.service
    return result if told is not None and told.digest == wanted.digest and told.failure is None else None
