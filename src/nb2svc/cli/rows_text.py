"""Captured rows for a terminal: a list, or one row with the notebook's values beside the service's.

cell 3 "burden"
  line 2   loans["burden"] = loans["debt"] / loans["income"]                        features.py:14
             burden                             0.41667   =  0.41667
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WIDTH = 118
_NAME, _VALUE, _LINE = 34, 24, 78
_STANDINGS = {
    "predicted": "the notebook predicted it",
    "fitted": "the notebook trained with it",
    "otherwise": "the notebook prepared it otherwise",
    "dropped": "the notebook dropped it",
    "unused": "it reached no model in the notebook",
}
_SOURCES = {"notebook": "", "model": "  (its model, asked with its own inputs)"}


def list_text(found: Mapping[str, Any]) -> str:
    """A page of rows: number, answer, fields, why it is notable."""
    rows, last = found["rows"], found["offset"] + len(found["rows"])
    head = f"{found['matching']:,} of {found['total']:,} rows of {found['notebook']}"
    if len(rows) < found["matching"]:
        head += f", {found['offset'] + 1:,} to {last:,}" if rows else f", none after {found['offset']:,}"
    table = [("row", "notebook", *_names(found), "notable")]
    for row in rows:
        values = (said(row["values"].get(name)) for name in _names(found))
        answer = _STANDINGS["dropped"].split()[2] if row["standing"] == "dropped" else _answer_said(row["notebook"])
        table.append((str(row["row"]), answer, *(value[:14] for value in values), ", ".join(row["notable"])))
    note = [] if found["replayed"] else ["too many rows to compare them all: rows that differ are not marked"]
    return "\n".join([head, *_notes(found), "", *_columns(table), *note])


def row_text(found: Mapping[str, Any]) -> str:
    """One row, step by step."""
    lines = [*_head(found), "", *_answers(found), *_issues(found), *_checks(found)]
    if found["aside"]:
        lines += ["", "the service does not answer this row; what its code would make of it:"]
    return "\n".join([*lines, *_steps(found), *_inputs(found), *_end(found)])


def said(value: Any) -> str:
    """A value in few characters: 0.41667, missing, north."""
    if value is None:
        return "missing"
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list):
        return f"{len(value)} rows" if value and isinstance(value[0], dict) else f"[{', '.join(map(said, value))}]"
    return str(value)


def _answer_said(value: Any) -> str:
    return "" if value is None else said(value)[:18]


def _names(found: Mapping[str, Any]) -> list[str]:
    """As many fields as a line has room for."""
    return [field["name"] for field in found["fields"]][:7]


def _columns(table: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    for row in table:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    near = found["nearest"]
    if near is None or found["judged"]:
        row = found["row"] if near is None else near["row"]
        yield f"row {row} of {found['notebook']}: {_standing(found)}"
    else:
        beside = f"captured row {near['row']} (distance {near['distance']:g})"
        yield f"row {found['row']} of {found['notebook']} edited, beside {beside}"
        for each in near["differs"]:
            yield f"  {each['field']}: {said(each['captured'])} there, {said(each['here'])} here"
    yield from _notes(found)


def _notes(found: Mapping[str, Any]) -> Iterator[str]:
    if found["note"]:
        yield found["note"]
    if found["proof"] is not None:
        row = found["proof"]["row"]
        yield f"the proof of the last build failed{'' if row is None else f': see row {row}'}"


def _standing(found: Mapping[str, Any]) -> str:
    if found["standing"] == "otherwise" and found["prepared_cell"]:
        return f"the notebook prepared it otherwise, in cell {found['prepared_cell']}"
    return found["dropped"] or _STANDINGS[found["standing"]]


def _answers(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':{_NAME + 4}}{'notebook':>{_VALUE}}      service"
    for value in found["answer"]["values"] or [{"column": "", "equal": None, "changed": False}]:
        yield _value(value, name=value["column"] or "answer") + (_SOURCES.get(found["answer"]["source"], ""))
    for label, chance in (found["result"].get("probability") or {}).items():
        yield f"    {f'probability of {label}':{_NAME}}{'':{_VALUE}}      {chance:.5g}"
    if found["answer"]["knife_edge"]:
        yield "    on a knife edge: equal inputs but for their last bits, and another answer"


def _issues(found: Mapping[str, Any]) -> Iterator[str]:
    if found["result"]["status"] != "ok":
        yield f"    the service's status is {found['result']['status']}"
    for issue in found["result"]["issues"]:
        yield f"    {issue['field'] or 'row'}: {issue['code']}, {issue['message']}"


def _checks(found: Mapping[str, Any]) -> Iterator[str]:
    words = {True: "holds", False: "does not hold", None: "was not reached"}
    for check in found["checks"]:
        yield f"    {check['name']} ({check['where']}) {words[check['holds']]}"


def _steps(found: Mapping[str, Any]) -> Iterator[str]:
    cell = None
    for step in found["steps"]:
        if step["cell"] != cell:
            cell = step["cell"]
            yield ""
            yield found["cells"].get(str(cell)) or f"cell {cell}"
        line = step["text"] if len(step["text"]) <= _LINE else step["text"][: _LINE - 1] + "…"
        yield f"  line {step['line']:<4} {line:<{_LINE}}  {step['file']}:{step['at']}"
        yield from (_value(value, name=_named(value)) for value in step["values"])
        if step["more"]:
            yield f"    and {step['more']} more"
        if step["raised"]:
            yield f"    ≠ raised {step['raised']}"


def _inputs(found: Mapping[str, Any]) -> Iterator[str]:
    if found["inputs"]["values"]:
        yield ""
        yield "what the model receives"
        yield from (_value(value, name=value["column"]) for value in found["inputs"]["values"])
        if found["inputs"]["more"]:
            yield f"    and {found['inputs']['more']} more"


def _end(found: Mapping[str, Any]) -> Iterator[str]:
    parting = found["parting"]
    if parting is None:
        return
    yield ""
    step = next((each for each in found["steps"] if each["statement"] == parting["statement"]), None)
    where = f"cell {step['cell']}, line {step['line']}" if step else "what the model receives or answers"
    yield f"first differs in {where}{', ' + parting['column'] if parting['column'] else ''}"


def _named(value: Mapping[str, Any]) -> str:
    return ".".join(filter(None, (value["name"], value["column"])))


def _value(value: Mapping[str, Any], *, name: str) -> str:
    own, service = (said(value[side]) if side in value else "—" for side in ("notebook", "service"))
    mark = {True: "=", False: "≠", None: "→" if value["changed"] else " "}[value["equal"]]
    return f"    {name[:_NAME]:{_NAME}}{own[:_VALUE]:>{_VALUE}}   {mark}  {service[:_VALUE]}"
