"""What the probe is asked: the serving slice's statements, and the captured values that they start from."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nb2svc.capture.parameters import with_values
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.span import Span

VERSION = 1
# Methods whose text argument names a column: df.pop("price").
_COLUMN_METHODS = frozenset({"pop", "get", "getattr"})


def probe_request(
    capture: Capture, notebook: Notebook, dataflow: Dataflow, outline: Outline, *, options: Mapping[str, object]
) -> dict[str, Any]:
    """The request as JSON values; paths of values are relative to the capture's folder."""
    model = outline.model
    return {
        "version": VERSION,
        "folder": capture.folder,
        "notebook": notebook.name,
        "cwd": capture.cwd,
        "beside": loaded_beside(capture),
        "statements": probed_statements(capture, notebook, dataflow, outline),
        "raws": [
            {"name": raw.name, "file": _file(capture.find("raw", raw.name)), "statement": raw.statement} for raw in outline.raws
        ],
        "givens": _givens(capture),
        "random": [
            {"file": kept.file, "statement": point.statement}
            for point, kept in zip(capture.points, capture.kept, strict=True)
            if kept.kind == "random" and kept.file
        ],
        "fitted": [
            {"name": each.name, "file": _file(capture.find("estimator", each.name)), "statement": each.statement}
            for each in model.fitted
        ],
        "estimator": model.estimator,
        "feeds": [
            {
                "predict": each.predict,
                "predict_input": _span(each.predict_input),
                "fit": each.fit,
                "fit_input": _span(each.fit_input),
                "spare": [_span(span) for span in each.spare],
            }
            for each in model.feeds
        ],
        "fit": {
            "statement": model.fit,
            "input": _span(model.fit_input),
            "target": _span(model.fit_target),
            "input_file": _file(capture.find("fit_input")),
            "target_file": _file(capture.find("fit_target")),
        },
        "predict": {
            "statement": model.predict,
            "call": _span(model.predict_call),
            "input": _span(model.predict_input),
            "input_file": _file(capture.find("predict_input")),
        }
        if model.predict is not None
        else None,
        "method": model.method,
        "output": {"name": model.output, "statement": model.output_statement, "file": _file(capture.find("output"))}
        if model.output
        else None,
        "target_names": list(target_names(dataflow, outline)),
        **hints(outline),
        "dropped": list(dict.fromkeys(_said_at(notebook, dataflow.statements[n].span) for n in outline.dropped)),
        "options": dict(options),
    }


def loaded_beside(capture: Capture) -> list[str]:
    """The modules that the run loaded from its folder: `random.py` is none where the kernel had loaded Python's own by then."""
    own = (file.path for file in capture.inputs if file.path.endswith(".py") and not file.path.startswith(("/", "..")))
    return sorted({path.split("/")[0].removesuffix(".py") for path in own})


def _said_at(notebook: Notebook, span: Span) -> str:
    return notebook.cell(span.cell).title_at(span.line)


def hints(outline: Outline) -> dict[str, Any]:
    """What the tags say of the data, which the probe takes for given."""
    return {
        "raw_hint": outline.raw_hint,
        "request_hint": list(outline.request_hint),
        "lookup_hint": list(outline.lookup_hint),
        "target_hint": outline.target_hint,
        "optional_hint": list(outline.optional_hint),
    }


def target_names(dataflow: Dataflow, outline: Outline) -> tuple[str, ...]:
    """Names that may be the target's column: texts in subscripts and attributes on the way to `fit`'s target, nearest first.

    y = loans["defaulted"]; model.fit(X, y)   → ("defaulted",)
    """
    model = outline.model
    if model.fit_target is None:
        return ()
    fit = dataflow.statements[model.fit]
    target = _text(fit, model.fit_target)
    found = list(_columns(target))
    seeds = {node.id for node in ast.walk(ast.parse(target, mode="eval")) if isinstance(node, ast.Name)}
    for number in _backward(dataflow, fit.number, seeds):
        found += _columns(dataflow.statements[number].source)
    return tuple(dict.fromkeys(found))


def probed_statements(capture: Capture, notebook: Notebook, dataflow: Dataflow, outline: Outline) -> list[dict[str, Any]]:
    """The statements that are replayed, as JSON values: serving slice and training, not what loads the raw values."""
    parts = dict(outline.parts)
    given = dict(capture.parameters)
    return [
        {
            "number": statement.number,
            "span": to_json(statement.span),
            # The run had the values that were given, not the cell's own.
            "source": with_values(statement.source, given) if notebook.cell(statement.span.cell).parameters else statement.source,
            "part": parts[statement.number],
            "feature": notebook.cell(statement.span.cell).role == "feature",
        }
        for statement in dataflow.statements
        if parts.get(statement.number, "load") != "load"
    ]


def _givens(capture: Capture) -> list[dict[str, Any]]:
    return [
        {"name": point.expression, "file": kept.file, "statement": point.statement}
        for point, kept in zip(capture.points, capture.kept, strict=True)
        if kept.kind == "given" and kept.file
    ]


def _file(kept: Kept | None) -> str | None:
    return kept.file or None if kept else None


def _span(span: Span | None) -> dict[str, int] | None:
    return to_json(span) if span else None


def _backward(dataflow: Dataflow, start: int, names: set[str]) -> Iterator[int]:
    """Statements that lead to `names` as `start` uses them, nearest first."""
    sources: dict[int, list[tuple[int, str]]] = {}
    for edge in dataflow.edges:
        sources.setdefault(edge.target, []).append((edge.source, edge.name))
    layer = [source for source, name in sources.get(start, ()) if name in names]
    seen: set[int] = set()
    while layer:
        fresh = sorted(set(layer) - seen, reverse=True)
        yield from fresh
        seen.update(fresh)
        layer = [source for number in fresh for source, _ in sources.get(number, ())]


def _text(statement: Statement, span: Span) -> str:
    """The source of a span within a statement, in parentheses so that it may run over several lines."""
    lines = statement.source.split("\n")
    first, last = span.line - statement.span.line, span.end_line - statement.span.line
    picked = lines[first : last + 1]
    # Only a statement's first line may begin past its line's start.
    begin = span.column - (statement.span.column if first == 0 else 0)
    end = span.end_column - (statement.span.column if last == 0 else 0)
    picked[-1] = picked[-1][:end]
    picked[0] = picked[0][begin:]
    return "(" + "\n".join(picked) + "\n)"


def _columns(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(slice=index):
                yield from _texts([index])
            case ast.Attribute(attr=name) if id(node) not in called:
                yield name
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=arguments) if name in _COLUMN_METHODS:
                yield from _texts(arguments)


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                yield from _texts(elements)
