"""What the tags ask for: the model cell, feature cells, check cells and their options."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nb2svc.analysis.tag_edits import untagged, with_option
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tagged cells, and the options of features and model together."""

    model: Cell
    features: tuple[Cell, ...]
    checks: tuple[Cell, ...]
    output: str | None
    estimator: str | None
    raw: str | None
    request: tuple[str, ...]
    lookup: tuple[str, ...]
    target: str | None = None
    optional: tuple[str, ...] = ()

    def span_of(self, option: str) -> Span | None:
        """Where an option was given."""
        for cell in (*self.features, self.model):
            if cell.directive and cell.directive.option(option):
                return cell.directive.span
        return None

    def renaming(self, option: str, known: Sequence[str]) -> tuple[Fix, ...]:
        """An option's misspelt variable as the nearest one that there is."""
        for cell in (*self.features, self.model):
            value = cell.directive.option(option) if cell.directive else None
            close = get_close_matches(value, known, n=1) if value else []
            if close:
                return with_option(cell, option, close[0], title=f"Write `{option}={close[0]}`", choice=False)
        return ()

    def leaving_out(self, option: str) -> tuple[Fix, ...]:
        """The directives without an option: the author has to choose that."""
        for cell in (*self.features, self.model):
            if cell.directive and cell.directive.option(option):
                return with_option(cell, option, None, title=f"Leave `{option}=` out", choice=True)
        return ()


def read_tags(notebook: Notebook) -> tuple[Tags | None, tuple[Finding, ...]]:
    """The tags of a notebook, or why they do not make a service."""
    cells = {role: tuple(cell for cell in notebook.cells if cell.role == role) for role in ("feature", "model", "check")}
    models = cells["model"]
    if not any(cells.values()):
        return None, (_nothing_tagged(notebook),)
    if not models:
        return None, (_no_model(notebook, cells["feature"]),)
    if len(models) > 1:
        return None, tuple(_second_model(models[0], cell) for cell in models[1:])
    tagged = (*cells["feature"], models[0])
    return (
        Tags(
            model=models[0],
            features=cells["feature"],
            checks=cells["check"],
            output=_option(tagged, "output"),
            estimator=_option(tagged, "estimator"),
            raw=_option(tagged, "raw"),
            request=_names(tagged, "request"),
            lookup=_names(tagged, "lookup"),
            target=_option(tagged, "target"),
            optional=_names(tagged, "optional"),
        ),
        (),
    )


def _option(cells: Sequence[Cell], key: str) -> str | None:
    return next((value for cell in cells if cell.directive and (value := cell.directive.option(key))), None)


def _names(cells: Sequence[Cell], key: str) -> tuple[str, ...]:
    values = [cell.directive.option(key) or "" for cell in cells if cell.directive]
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _nothing_tagged(notebook: Notebook) -> Finding:
    fitting = next((cell for cell in notebook.cells if ".fit(" in cell.code), None)
    where = f" (it looks like {fitting.title})" if fitting else ""
    return Finding(
        code="NB201",
        severity="refusal",
        message="No cell is tagged, so nothing says which code makes the features and which makes the answer.",
        remedy="Write `# nb2svc: feature` as the first line of the cell that prepares the features, and `# nb2svc: model` "
        f"as the first line of the cell that fits the model{where}; `nb2svc suggest` proposes the cells.",
        span=cell_span(fitting) if fitting else None,
    )


def _no_model(notebook: Notebook, features: Sequence[Cell]) -> Finding:
    fitting = next((cell for cell in notebook.cells if ".fit(" in cell.code), None)
    where = fitting.title if fitting else "the cell that fits the model"
    return Finding(
        code="NB202",
        severity="refusal",
        message="No cell is tagged as the model, so there is nothing to answer with.",
        remedy=f"Write `# nb2svc: model` as the first line of {where}.",
        span=cell_span(fitting or (features or notebook.cells)[0]),
    )


def _second_model(first: Cell, second: Cell) -> Finding:
    return Finding(
        code="NB203",
        severity="refusal",
        message=f"{second.title} is tagged as the model, and so is {first.title}; a service has one.",
        remedy="Remove the tag of the model that is not to be served.",
        span=second.directive.span if second.directive else cell_span(second),
        fixes=tuple(fix for cell in (second, first) for fix in untagged(cell, f"Remove the tag of cell {cell.number}")),
    )


def cell_span(cell: Cell) -> Span:
    """The first line of a cell."""
    first = cell.source.split("\n", 1)[0].rstrip("\r")
    return Span(cell.number, 1, 0, 1, len(first))


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """` Did you mean X?`, or nothing where no known name is close."""
    close = get_close_matches(name, known, n=1)
    return f" Did you mean `{close[0]}`?" if close else ""
