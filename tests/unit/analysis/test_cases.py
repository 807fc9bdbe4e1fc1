"""Each file of `tests/cases/analysis` is one behaviour: code, `# ---`, and what the analysis makes of it.

`slice_*` name the lines that a variable's slice keeps; `outline_*` show the outline of a notebook; `refusal_*` its findings.
"""

from pathlib import Path

import pytest

from nb2svc.analysis.dataflow import build_dataflow, link, parse_statements
from nb2svc.analysis.outline import build_outline
from nb2svc.analysis.positions import text_at
from nb2svc.analysis.slicing import backward
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.span import Span
from unit.analysis.made_notebook import make_notebook

CASES = Path(__file__).parents[2] / "cases" / "analysis"


def _read(path: Path) -> tuple[str, str]:
    source, _, expected = path.read_text(encoding="utf-8").partition("\n# ---\n")
    return source, expected.strip()


def _notebook(source: str) -> Notebook:
    return make_notebook(*(cell for cell in source.split("# %%\n") if cell.strip()))


def _cases(kind: str) -> list[object]:
    return [pytest.param(path, id=path.stem) for path in sorted(CASES.glob(f"{kind}_*.txt"))]


@pytest.mark.parametrize("path", _cases("slice"))
def test_a_slice_keeps_these_lines(path: Path) -> None:
    source, expected = _read(path)
    dataflow = link(parse_statements(source))
    last = len(dataflow.statements) - 1

    for line in expected.splitlines():
        name, _, wanted = line.partition(":")
        kept = [dataflow.statements[number].span.line for number in backward(dataflow, [(last, name)])]
        assert " ".join(map(str, kept)) == wanted.strip(), name


@pytest.mark.parametrize("path", _cases("outline"))
def test_the_tags_mean_this(path: Path) -> None:
    source, expected = _read(path)
    notebook = _notebook(source)
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)

    assert outline is not None, findings
    assert _shown(dataflow, outline) == expected


@pytest.mark.parametrize("path", _cases("refusal"))
def test_what_can_not_be_served_is_refused(path: Path) -> None:
    source, expected = _read(path)
    notebook = _notebook(source)
    outline, findings = build_outline(notebook, build_dataflow(notebook))

    assert outline is None
    assert "\n".join(map(_told, findings)) == expected


def _told(finding: Finding) -> str:
    return f"{finding.code} {finding.span}: {finding.message}\n    {finding.remedy}"


def _shown(dataflow: Dataflow, outline: Outline) -> str:
    model = outline.model
    lines = ["raw: " + ", ".join(raw.name for raw in outline.raws)]
    lines.append(
        f"fit: {model.estimator} on {_text(dataflow, model.fit, model.fit_input)}, {_text(dataflow, model.fit, model.fit_target)}"
    )
    lines.append(
        f"predict: {_text(dataflow, model.predict, model.predict_call)} of {_text(dataflow, model.predict, model.predict_input)}"
    )
    if len(model.fitted) > 1:
        lines.append("fitted: " + ", ".join(each.name for each in model.fitted))
    lines.append(f"answer: {model.output or f'{model.estimator}.{model.method}'}")
    for part in ("prelude", "load", "fit_path", "twin", "answer", "training"):
        numbers = [number for number, one in outline.parts if one == part]
        lines += [f"{part}: {_line(dataflow, number)}" for number in numbers]
    lines += [
        f"check {check.name}: {', '.join(_line(dataflow, number) for number in check.statements)}" for check in outline.checks
    ]
    return "\n".join(lines)


def _text(dataflow: Dataflow, number: int | None, span: Span | None) -> str:
    return "-" if number is None or span is None else text_at(dataflow.statements[number], span)


def _line(dataflow: Dataflow, number: int) -> str:
    return dataflow.statements[number].source.splitlines()[0]
