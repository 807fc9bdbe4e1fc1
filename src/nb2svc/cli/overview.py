"""What `nb2svc analyze` shows: cells and roles, raw values, slices with the reason of each statement, what is left out."""

from collections.abc import Iterable
from itertools import groupby
from typing import Protocol

from nb2svc.cli.check_sections import check_sections
from nb2svc.cli.findings import count_findings, render_findings
from nb2svc.cli.table import first_line, section
from nb2svc.ir.dataflow import Dataflow, Reason, Slice, Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.source import split_lines
from nb2svc.read.notebook import is_tagged

_SHOWS = frozenset({"display", "plot"})


class Analyzed(Protocol):
    """A notebook that was read and analysed."""

    @property
    def notebook(self) -> Notebook: ...  # noqa: D102
    @property
    def dataflow(self) -> Dataflow: ...  # noqa: D102
    @property
    def outline(self) -> Outline | None: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Finding, ...]: ...  # noqa: D102


def render_overview(source: Analyzed) -> str:
    """The whole analysis as text; without an outline what can be said without one."""
    notebook, dataflow, outline = source.notebook, source.dataflow, source.outline
    sections = [_head(notebook, dataflow), section("cells", _cell_rows(notebook))]
    if outline is not None:
        sections += [
            section("raw values: what one request carries", _raw_rows(outline, dataflow)),
            section(f"serving slice: raw value → {outline.serving.target}", _slice_rows(outline.serving, dataflow)),
            section(f"training slice: data → {outline.training.target}", _training_rows(outline, dataflow)),
            *check_sections(notebook, dataflow, outline),
            section("left out of the service", _left_out_rows(outline, dataflow)),
        ]
    sections += [section("imports", _import_rows(dataflow)), section("effects", _effect_rows(dataflow))]
    sections.append(section("masked IPython syntax", _masked_rows(notebook)))
    found = render_findings(source.findings, notebook)
    sections.append(f"findings: {count_findings(source.findings)}" + (f"\n\n{found}" if found else ""))
    return "\n\n".join(section for section in sections if section)


def is_untagged(notebook: Notebook, findings: Iterable[Finding]) -> bool:
    """Whether nobody tagged anything."""
    return not is_tagged(notebook, findings)


def _head(notebook: Notebook, dataflow: Dataflow) -> str:
    roles = [cell.role for cell in notebook.cells]
    counts = [f"{roles.count(role)} {role}" for role in ("feature", "model", "check") if role in roles]
    tagged = ", ".join(counts) or "none tagged"
    return f"{notebook.name}: {len(notebook.cells)} code cells ({tagged}), {len(dataflow.statements)} statements"


def _cell_rows(notebook: Notebook) -> list[tuple[str, ...]]:
    return [(str(cell.number), _role(cell), _text(cell)) for cell in notebook.cells]


def _text(cell: Cell) -> str:
    """A cell's first line that is not its directive."""
    hidden = {cell.directive.span.line} if cell.directive and cell.directive.spelling != "metadata" else set()
    lines = split_lines(cell.source)
    return first_line("\n".join(line for number, line in enumerate(lines, start=1) if number not in hidden))


def _role(cell: Cell) -> str:
    if cell.directive is None:
        return "parameters" if cell.parameters else "-"
    return " ".join([cell.directive.role, *([cell.directive.name] if cell.directive.name else [])])


def _raw_rows(outline: Outline, dataflow: Dataflow) -> list[tuple[str, ...]]:
    return [(raw.name, f"as it stands after {dataflow.statements[raw.statement].span}") for raw in outline.raws]


def _slice_rows(part: Slice, dataflow: Dataflow) -> list[tuple[str, ...]]:
    reasons = {reason.statement: reason.text for reason in part.reasons}
    return [_statement_row(dataflow.statements[number], reasons.get(number, "")) for number in part.statements]


def _training_rows(outline: Outline, dataflow: Dataflow) -> list[tuple[str, ...]]:
    """What training has besides; what serving runs too stands above, and is counted."""
    served = set(outline.serving.statements) & set(outline.training.statements)
    reasons = {reason.statement: reason.text for reason in outline.training.reasons}
    own = [number for number in outline.training.statements if number not in served]
    rows = [_statement_row(dataflow.statements[number], reasons.get(number, "")) for number in own]
    return [*rows, ("", f"and {len(served)} of the serving slice", "")] if served else rows


def _left_out_rows(outline: Outline, dataflow: Dataflow) -> list[tuple[str, ...]]:
    """A row for each run of statements of a cell that are left out for one reason."""
    from nb2svc.analysis.outline_reasons import left_out

    rows: list[tuple[str, ...]] = []
    for (_, reason), several in groupby(left_out(dataflow, outline), key=lambda one: (_cell(dataflow, one), one.text)):
        first, *others = [dataflow.statements[one.statement] for one in several]
        lines = f"cell {first.span.cell}, lines {first.span.line}-{others[-1].span.end_line}" if others else str(first.span)
        text = first_line(first.source)
        rows.append((lines, f"{text.removesuffix('…').rstrip()} …" if others else text, reason))
    return rows


def _cell(dataflow: Dataflow, reason: Reason) -> int:
    return dataflow.statements[reason.statement].span.cell


def _statement_row(statement: Statement, reason: str) -> tuple[str, ...]:
    return str(statement.span), first_line(statement.source), reason


def _import_rows(dataflow: Dataflow) -> list[tuple[str, ...]]:
    return [(str(it.span), first_line(it.source)) for it in dataflow.statements if it.kind == "import"]


def _effect_rows(dataflow: Dataflow) -> list[tuple[str, ...]]:
    effects = (effect for statement in dataflow.statements for effect in statement.effects if effect.kind not in _SHOWS)
    return [(str(effect.span), effect.kind.replace("_", " "), effect.detail) for effect in effects]


def _masked_rows(notebook: Notebook) -> list[tuple[str, ...]]:
    rows = []
    for cell in notebook.cells:
        for piece in cell.masked:
            if piece.treatment != "dropped" or piece.text.startswith(("%", "!", "?")):
                defines = f"defines {', '.join(piece.defines)}" if piece.defines else ""
                rows.append((str(piece.span), first_line(piece.text), piece.treatment, defines))
    return [row for row in rows if not row[1].startswith("%%nb2svc")]
