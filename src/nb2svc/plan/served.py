"""Slice again after freezing: what a request must run, and what only training does.

`snapshot = transactions["when"].max()` feeds `state.snapshot(lambda: …)` only: a request never runs it.
"""

from collections.abc import Sequence
from dataclasses import replace

from nb2svc.analysis.dataflow import link, parse_statements
from nb2svc.analysis.slicing import backward
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation, Rewrite, Selection
from nb2svc.ir.outline import Feed, Outline
from nb2svc.ir.plan import Substitution
from nb2svc.ir.replacement import remembered
from nb2svc.ir.selecting import is_whole, selection_edits
from nb2svc.ir.source import CellText, TextEdit, apply_edits

ANSWER = "_nb2svc_answer"


def edited_statement(
    notebook: Notebook,
    statement: Statement,
    *,
    rewrites: Sequence[Rewrite] = (),
    selections: Sequence[Selection] = (),
    substitutions: Sequence[Substitution] = (),
) -> str:
    """A statement's text as a request sees it, "" where its whole work is an in-place selection."""
    if any(each.in_place and not each.guards and is_whole(statement, each) for each in selections):
        return ""
    text = CellText(notebook.cell(statement.span.cell).code)
    start, end = text.bounds(statement.span)
    gone = [each.span for each in selections if not each.guards]
    edits = [
        TextEdit(*text.bounds(rewrite.span), remembered(rewrite.parts))
        for rewrite in rewrites
        if not any(span.contains(rewrite.span) for span in gone)
    ]
    edits += [edit for selection in selections for edit in selection_edits(text, selection)]
    edits += [TextEdit(*text.bounds(each.span), each.text) for each in substitutions]
    moved = [TextEdit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    before = "".join(remembered(line) + "\n" for rewrite in rewrites for line in rewrite.before)
    return before + apply_edits(text.text[start:end], moved)


def fit_input_text(notebook: Notebook, outline: Outline) -> str:
    """The text of the first argument of `fit`, or "" where the model was not fitted here."""
    span = outline.model.fit_input
    return CellText(notebook.cell(span.cell).code).at(span) if span else ""


def spared(feeds: Sequence[Feed]) -> list[Substitution]:
    """What a request has no value for, as None: `xgb.DMatrix(X_test, label=y_test)` → `xgb.DMatrix(X, label=None)`."""
    return [Substitution(span=span, text="None") for span in dict.fromkeys(span for feed in feeds for span in feed.spare)]


def fed_text(notebook: Notebook, feed: Feed) -> str:
    """What a request predicts on: the text of what the fit received."""
    return CellText(notebook.cell(feed.fit_input.cell).code).at(feed.fit_input)


def served_statements(notebook: Notebook, dataflow: Dataflow, outline: Outline, observation: Observation) -> frozenset[int]:
    """The statements of the fit path and the answer that a request must run."""
    numbers = [number for number, part in outline.parts if part in ("prelude", "fit_path", "answer")]
    program: list[Statement] = []
    owners: list[int] = []
    texts = [(number, _served_source(notebook, dataflow, outline, observation, number)) for number in numbers]
    for number, source in sorted([*_given_tables(outline, observation), *texts]):
        for parsed in parse_statements(source, cell=dataflow.statements[number].span.cell):
            program.append(replace(parsed, number=len(program)))
            owners.append(number)
    program.append(replace(parse_statements(_answer_source(notebook, outline))[0], number=len(program)))
    owners.append(-1)
    needed = backward(link(program), [(len(program) - 1, ANSWER)])
    return frozenset(owners[index] for index in needed) & frozenset(numbers)


# The statements that make the raw values are not served. What they make must be something all the same: changes of a
# name that stands for nothing would be changes of nothing.
_MADE = {
    "frame": "import pandas as _nb2svc_pandas\n{name} = _nb2svc_pandas.DataFrame()",
    "series": "import pandas as _nb2svc_pandas\n{name} = _nb2svc_pandas.Series()",
    "array": "import numpy as _nb2svc_numpy\n{name} = _nb2svc_numpy.empty(0)",
    "list": "{name} = list()",
}


def _given_tables(outline: Outline, observation: Observation) -> list[tuple[int, str]]:
    """For each raw value the statement that a request stands for, and a text that makes a value of its kind."""
    kinds = {table.name: table.kind for table in observation.tables}
    return [(raw.statement, _MADE[kinds[raw.name]].format(name=raw.name)) for raw in outline.raws if kinds.get(raw.name) in _MADE]


def _served_source(notebook: Notebook, dataflow: Dataflow, outline: Outline, observation: Observation, number: int) -> str:
    feeds = outline.model.fed_at(number)
    fed = [Substitution(span=each.predict_input, text=fed_text(notebook, each)) for each in feeds] + spared(feeds)
    return edited_statement(
        notebook,
        dataflow.statements[number],
        rewrites=[rewrite for rewrite in observation.rewrites if rewrite.statement == number],
        selections=[each for each in observation.selections if each.statement == number],
        substitutions=fed,
    )


def _answer_source(notebook: Notebook, outline: Outline) -> str:
    model = outline.model
    if model.output is not None:
        return f"{ANSWER} = {model.output}"
    if model.predict is None:
        return f"{ANSWER} = {model.estimator}.{model.method}({fit_input_text(notebook, outline)})"
    call = CellText(notebook.cell(model.predict_call.cell).code).at(model.predict_call) if model.predict_call else "None"
    return f"{ANSWER} = {call}"
