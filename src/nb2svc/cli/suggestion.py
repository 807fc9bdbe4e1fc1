"""A proposal as it is shown: which cells to tag and why, and what a build would then serve."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nb2svc.cli.findings import count_findings, render_findings
from nb2svc.errors import NotebookError
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding, refusals
from nb2svc.ir.notebook import Cell, Directive, Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.proposal import Proposal, ProposedCell
from nb2svc.ir.source import split_lines
from nb2svc.ir.span import Span

_LINE = 72
_REFUSALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A proposal for a notebook, and what an analysis finds with its tags: an outline, or refusals."""

    notebook: Notebook
    dataflow: Dataflow
    proposal: Proposal
    outline: Outline | None
    findings: tuple[Finding, ...]


class UntaggedError(NotebookError):
    """Nobody tagged the notebook; `shown` is the proposal for whoever asked for JSON."""

    def __init__(self, what: str, *, why: str, fix: str, details: str, suggestion: Suggestion) -> None:
        super().__init__(what, where=suggestion.notebook.name, why=why, fix=fix, details=details)
        self.shown: Mapping[str, Any] = suggestion_document(suggestion)


def suggestion_for(notebook: Notebook, dataflow: Dataflow, read_findings: Iterable[Finding] = ()) -> Suggestion:
    """Propose tags, and try them: nothing is written, nothing is run."""
    from nb2svc import rules
    from nb2svc.analysis.outline import build_outline
    from nb2svc.suggest.propose import propose
    from nb2svc.suggest.tagging import tagged

    proposal = propose(notebook, dataflow)
    then = tagged(notebook, proposal.cells)
    outline, found = build_outline(then, dataflow)
    findings = (*read_findings, *found, *rules.check(then, dataflow, outline))
    return Suggestion(notebook=then, dataflow=dataflow, proposal=proposal, outline=outline, findings=findings)


def untagged(notebook: Notebook, dataflow: Dataflow, read_findings: Iterable[Finding] = ()) -> NotebookError:
    """The error of a command that needs tags, with the proposal."""
    suggestion = suggestion_for(notebook, dataflow, read_findings)
    if suggestion.proposal.nothing:
        return nothing_to_serve(suggestion)
    return UntaggedError(
        "no cell is tagged",
        why="a build has to know where a request's data begins and which model answers",
        fix=f"read the proposal below, then accept it: {accept_command(notebook.path)}",
        details=render_suggestion(suggestion),
        suggestion=suggestion,
    )


def nothing_to_serve(suggestion: Suggestion) -> NotebookError:
    """The error for a notebook without a model."""
    return UntaggedError(
        f"nothing in {suggestion.notebook.name} can be served",
        why=suggestion.proposal.nothing,
        fix="fit a model in a cell (`model.fit(X, y)`) and predict with it, or tag the cell that does (`# nb2svc: model`)",
        details="",
        suggestion=suggestion,
    )


def accept_command(path: str) -> str:
    """What writes the tags."""
    return f"nb2svc suggest {shlex.quote(path)} --accept"


def directive_of(one: ProposedCell) -> Directive:
    """The directive that a proposed cell gets."""
    return Directive(role=one.role, name=one.name, options=one.options, spelling="comment", span=Span(one.cell, 1, 0, 1, 0))


def render_suggestion(suggestion: Suggestion, *, accepted: bool = False) -> str:
    """The proposal, second choices, what would be served, and what to type next."""
    proposal = suggestion.proposal
    parts = [_head(suggestion, accepted=accepted), *(_proposed(suggestion.notebook, one) for one in proposal.cells)]
    if proposal.instead and not accepted:
        parts.append("\n".join(["or instead", *(_instead(suggestion.notebook, one) for one in proposal.instead)]))
    parts.append(_served(suggestion))
    parts.append(_next(suggestion, accepted=accepted))
    return "\n\n".join(part for part in parts if part)


def suggestion_document(suggestion: Suggestion, *, accepted: bool = False) -> dict[str, Any]:
    """The proposal as JSON values."""
    proposal, outline = suggestion.proposal, suggestion.outline
    return {
        "proposal": {
            "cells": [_cell_document(suggestion.notebook, one) for one in proposal.cells],
            "instead": [_cell_document(suggestion.notebook, one) for one in proposal.instead],
            "tagged": list(proposal.tagged),
            "nothing": proposal.nothing,
        },
        "accepted": accepted,
        "serves": dict(_facts(suggestion, outline)) if outline else None,
        "refusals": to_json(refusals(suggestion.findings)),
    }


def _head(suggestion: Suggestion, *, accepted: bool) -> str:
    proposal, notebook = suggestion.proposal, suggestion.notebook
    count = len(proposal.cells)
    tags = "1 tag" if count == 1 else f"{count} tags"
    if accepted:
        return f"tagged {notebook.name}: {tags} added, and no other byte changed"
    roles = ", ".join(f"cell {number} {notebook.cell(number).role}" for number in proposal.tagged)
    if not count:
        return f"{notebook.name} is tagged ({roles}); nothing is missing"
    state = f"tagged are {roles}; {tags} missing" if roles else f"none tagged; {tags} would do"
    return f"{notebook.name}: {len(notebook.cells)} code cells, {state}"


def _proposed(notebook: Notebook, one: ProposedCell) -> str:
    from nb2svc.read.directives import spell

    head = (
        f"  cell {one.cell}{_label(notebook, one)}  # nb2svc: {spell(directive_of(one))}      {one.words} ({one.confidence:.2f})"
    )
    return "\n".join([head, f"    {first_line(notebook.cell(one.cell))}", f"    {one.reason}"])


def _instead(notebook: Notebook, one: ProposedCell) -> str:
    line = first_line(notebook.cell(one.cell))
    return f"  cell {one.cell}{_label(notebook, one)}  {one.role}  {line}\n    {one.reason} ({one.confidence:.2f})"


def _label(notebook: Notebook, one: ProposedCell) -> str:
    label = notebook.cell(one.cell).label
    return f' "{label}"' if label and label != one.name else ""


def first_line(cell: Cell) -> str:
    """A cell's first line that does something: no comment, magic or import where there is another."""
    lines = [line.strip() for line in split_lines(cell.code) if line.strip() and not line.lstrip().startswith("#")]
    telling = [line for line in lines if not line.startswith(("import ", "from "))] or lines or [""]
    if len(telling[0]) > _LINE:
        return telling[0][: _LINE - 1].rstrip() + "…"
    return telling[0] + (" …" if len(telling) > 1 else "")


def _served(suggestion: Suggestion) -> str:
    blocking = refusals(suggestion.findings)
    lines = []
    if suggestion.outline is not None:
        facts = _facts(suggestion, suggestion.outline)
        lines = ["a build would then serve", *(f"  {label:<9} {text}" for label, text in facts.items())]
    if not blocking:
        return "\n".join(lines)
    shown = render_findings(blocking[:_REFUSALS], suggestion.notebook)
    said = f"a build would still stop for {count_findings(blocking)}"
    return "\n".join([*lines, *([""] if lines else []), f"{said}:" if shown else said, "", shown])


def _facts(suggestion: Suggestion, outline: Outline) -> dict[str, str]:
    """What enters, what is computed, what answers."""
    statements, use = suggestion.dataflow.statements, outline.model
    features = sorted({statements[number].span.cell for number, part in outline.parts if part == "fit_path"})
    raws = [f"`{raw.name}`, as it stands after {statements[raw.statement].span}" for raw in outline.raws]
    count = sum(1 for _, part in outline.parts if part == "fit_path")
    answer = f"`{use.output}`, by {use.estimator}.{use.method}" if use.output else f"{use.estimator}.{use.method} of a row"
    facts = {
        "request": f"a row of {'; '.join(raws)}" if raws else "no value that is loaded",
        "features": f"{count} statement{'s' * (count != 1)} of {_cells(features)}"
        if features
        else "none: the model takes the row",
        "model": f"`{use.estimator}`, fitted at {statements[use.fit].span}",
        "answer": f"{answer} ({statements[use.output_statement].span})",
    }
    if outline.checks:
        facts["checks"] = ", ".join(f"{check.name} (cell {check.cell})" for check in outline.checks)
    return facts


def _cells(numbers: Sequence[int]) -> str:
    return f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {', '.join(map(str, numbers))}"


def _next(suggestion: Suggestion, *, accepted: bool) -> str:
    path = suggestion.notebook.path
    if accepted:
        return f"next      nb2svc analyze {shlex.quote(path)}\n          nb2svc build {shlex.quote(path)}"
    if not suggestion.proposal.cells:
        return f"next      nb2svc analyze {shlex.quote(path)}"
    return f"accept    {accept_command(path)}"


def _cell_document(notebook: Notebook, one: ProposedCell) -> dict[str, Any]:
    from nb2svc.read.directives import spell

    cell = notebook.cell(one.cell)
    more = {"id": cell.id, "line": first_line(cell), "directive": spell(directive_of(one)), "words": one.words}
    return {**to_json(one), "options": dict(one.options), **more}
