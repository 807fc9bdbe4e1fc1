"""What the notebook's tags declare of its metrics, and what a person says besides. Pure.

# nb2svc: check ranks_well metrics=auc margin=auc:0.01 higher=auc
→ Criteria(margins=(("auc", 0.01),), higher=("auc",), places=(("auc", 'cell 6 "ranks_well"'),))
"""

from nb2svc.analysis.index import make_index
from nb2svc.errors import RefusalError
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.margins import margins_of
from nb2svc.ir.notebook import Notebook
from nb2svc.rules.metric_criteria import criteria_findings


def declared(notebook: Notebook, dataflow: Dataflow) -> Criteria:
    """The margins and directions of all tags.

    Raises:
        RefusalError: one is for a metric that no run tells, or two tags contradict each other.
    """
    findings = tuple(criteria_findings(make_index(notebook, dataflow)))
    if findings:
        raise RefusalError(findings, can_not="be judged")
    margins: dict[str, float] = {}
    places: dict[str, str] = {}
    for cell in notebook.cells:
        option = cell.directive.option("margin") if cell.directive else None
        for name, margin in margins_of(option) if option else ():
            margins[name] = margin
            places.setdefault(name, cell.title)
    return Criteria(
        margins=tuple(margins.items()),
        lower=_names(notebook, "lower"),
        higher=_names(notebook, "higher"),
        places=tuple(places.items()),
    )


def together(said: Criteria, tags: Criteria) -> Criteria:
    """What a person says on the command line, and of the tags what it leaves open."""
    given, directed = dict(said.margins), {*said.lower, *said.higher}
    return Criteria(
        margins=(*said.margins, *(pair for pair in tags.margins if pair[0] not in given)),
        lower=(*said.lower, *(name for name in tags.lower if name not in directed)),
        higher=(*said.higher, *(name for name in tags.higher if name not in directed)),
        places=tuple(pair for pair in tags.places if pair[0] not in given),
    )


def _names(notebook: Notebook, key: str) -> tuple[str, ...]:
    options = (cell.directive.option(key) for cell in notebook.cells if cell.directive)
    return tuple(dict.fromkeys(name for option in options if option for name in option.split(",")))
