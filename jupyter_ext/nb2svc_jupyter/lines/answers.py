"""The document of a command → what the notebook shows of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from nb2svc_jupyter.lines.parts import Part, Row, Told, told
from nb2svc_jupyter.lines.validation import validation_told

_SEVERITIES = {"refusal": "bad", "warning": "warning", "info": "open"}
_STATES = {"pass": "good", "fail": "bad", "warn": "warning", "not_evaluated": "open"}


def analysis_told(document: Mapping[str, Any], cells: Mapping[int, str]) -> Told:
    """Findings with their places, and the contract where there is one."""
    outline, statements = document["outline"], document["dataflow"]["statements"]
    refused = any(finding["severity"] == "refusal" for finding in document["findings"])
    head = "It can't be built yet." if refused else "It can be built: %nb2svc build"
    return told([head], [findings_part(document), *_contract(document, outline, statements)], cells=cells)


def findings_part(document: Mapping[str, Any]) -> Part:
    """All findings, refusals first."""
    ordered = sorted(document["findings"], key=lambda finding: list(_SEVERITIES).index(finding["severity"]))
    rows = tuple(
        Row(
            state=_SEVERITIES[finding["severity"]],
            head=f"{finding['severity']} {finding['code']}",
            text=" ".join(filter(None, (_place(finding["span"]), finding["message"]))),
            below=f"Do this: {finding['remedy']}",
        )
        for finding in ordered
    )
    return Part(title="Findings", rows=rows)


def modules_told(document: Mapping[str, Any], cells: Mapping[int, str]) -> Told:
    """What they were made from, and each module with its colours."""
    basis = document["basis"]
    source = "A draft, from the source alone: nothing was run, and what only a run can tell is marked."
    if basis["kind"] == "capture":
        source = f"As the run of {basis['captured']} makes them."
    parts = [Part(title=each["path"], html=_coloured(each["text"]), plain=each["text"]) for each in document["modules"]]
    return told([source, basis["note"]], [findings_part(document), *parts], cells=cells)


def build_told(document: Mapping[str, Any], cells: Mapping[int, str]) -> Told:
    """The verdict in a sentence, its counts, where the project lies, and the checklist."""
    from nb2svc.ir.codec import from_json
    from nb2svc.ir.readiness import Checklist
    from nb2svc_jupyter.lines.checklist import part_of

    checklist = from_json(Checklist, document["readiness"])
    wrote = Row(head="wrote", text=document["output"] + (f", bento {document['bento']}" if document["bento"] else ""))
    serve = Row(head="serve it", text="in a terminal:", code=f"nb2svc serve {document['output']}")
    parts = [_proof(document["verdict"]), Part(title="The project", rows=(wrote, serve)), part_of(checklist, cells)]
    verdict = "The service answers as the notebook did." if document["passed"] else "The proof did not hold."
    return told([verdict], [findings_part(document), *parts], cells=cells)


def failure_told(document: Mapping[str, Any], cells: Mapping[int, str]) -> Told:
    """What is known besides the error: findings, and the proof where there is one."""
    parts = [findings_part({"findings": document.get("findings", ())})]
    if document.get("verdict"):
        parts.append(_proof(document["verdict"]))
    return told([], parts, cells=cells)


def tests_told(document: Mapping[str, Any], _cells: Mapping[int, str]) -> Told:
    """Counts, then what failed or could not look; what passed is folded."""
    tests = document["tests"]
    counts = [(status, sum(test["status"] == status for test in tests)) for status in ("pass", "fail", "not_evaluated")]
    said = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts if count) or "no tests"
    told_first = [test for test in tests if test["status"] != "pass"]
    rows = tuple(_test(test) for test in told_first)
    passed = Part(title="Passed", rows=tuple(_test(test) for test in tests if test["status"] == "pass"), folded=True)
    return told([f"{document['project']}: {said}."], [Part(title="Not passed", rows=rows), passed])


def _test(test: Mapping[str, str]) -> Row:
    return Row(state=_STATES[test["status"]], head=test["status"].replace("_", " "), text=test["name"], code=test["reason"])


def _contract(document: Mapping[str, Any], outline: Mapping[str, Any] | None, statements: Sequence[Any]) -> Iterator[Part]:
    if outline is None:
        return
    model = outline["model"]
    raws = tuple(
        Row(head=raw["name"], text=f"as it stands after {_place(statements[raw['statement']]['span'])}")
        for raw in outline["raws"]
    )
    answer = f"{model['estimator']}.{model['method']}(…)"
    answer = f"{model['output']} = {answer}" if model["output"] else answer
    yield Part(title="What a request carries", rows=raws)
    yield Part(title="What answers", rows=(Row(head=answer, text=_place(statements[model["output_statement"]]["span"])),))
    checks = tuple(
        Row(head=check["name"], text=f"cell {check['cell']}" + (", also at each request" if check["serve"] else ""))
        for check in outline["checks"]
    )
    yield Part(title="Checks", rows=checks)
    yield _statements_part("Served", outline["serving"]["statements"], outline["serving"]["reasons"], statements)
    left = document["left_out"]
    yield _statements_part("Left out", [reason["statement"] for reason in left], left, statements)


def _statements_part(title: str, numbers: Sequence[int], reasons: Sequence[Any], statements: Sequence[Any]) -> Part:
    why = {reason["statement"]: reason["text"] for reason in reasons}
    rows = tuple(
        Row(head=_place(statements[number]["span"]), text=why.get(number, ""), code=statements[number]["source"])
        for number in numbers
    )
    return Part(title=f"{title}: {len(rows)} of {len(statements)} statements", rows=rows, folded=True)


def _proof(verdict: Mapping[str, Any]) -> Part:
    rows = [_mode(mode) for mode in verdict["modes"]]
    divergence = verdict["divergence"]
    if divergence:
        place = f"{_place(divergence['span'])}, column {divergence['column']}"
        rows.append(Row(state="bad", head="first differs in", text=place, below=divergence["text"]))
    return Part(title="The proof", rows=tuple(rows))


def _mode(mode: Mapping[str, Any]) -> Row:
    text = f"{mode['compared']:,} of {mode['total']:,} compared, {mode['different']:,} different"
    text = text if mode["compared"] else ""
    said = " ".join(filter(None, (text, f"({mode['note']})" if mode["note"] else "")))
    return Row(state=_STATES[mode["status"]], head=f"{mode['status'].replace('_', ' ')} {mode['name']}", text=said)


def _place(span: Mapping[str, int] | None) -> str:
    return f"cell {span['cell']}, line {span['line']}" if span else ""


def _coloured(text: str) -> str:
    from pygments import highlight
    from pygments.lexers import PythonLexer

    return str(highlight(text, PythonLexer(), _formatter()))


@cache
def _formatter() -> Any:
    from jupyterlab_pygments import JupyterStyle
    from pygments.formatters import HtmlFormatter

    # Inline, in the colours of the reader's theme: a style sheet is taken out of a notebook that is not trusted.
    return HtmlFormatter(style=JupyterStyle, noclasses=True, nobackground=True)


TELLERS: Mapping[str, Callable[[Mapping[str, Any], Mapping[int, str]], Told]] = {
    "analyze": analysis_told,
    "build": build_told,
    "test": tests_told,
    "show": modules_told,
    "validate": validation_told,
}
