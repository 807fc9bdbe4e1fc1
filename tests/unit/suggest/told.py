"""A proposal in lines, as the cases of tests/cases/suggest write it."""

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.proposal import Proposal, ProposedCell
from nb2svc.read.notebook import parse_notebook
from nb2svc.suggest.propose import propose


def proposal_of(text: str) -> Proposal:
    """What is proposed for a percent script."""
    notebook, _ = parse_notebook(text.encode(), path="notebook.py")
    return propose(notebook, build_dataflow(notebook))


def told(text: str) -> str:
    """One line a proposed cell, `instead` before second choices, the reason where there is nothing to propose."""
    proposal = proposal_of(text)
    lines = [_line(one) for one in proposal.cells]
    lines += [f"instead {_line(one)}" for one in proposal.instead]
    lines += [f"tagged: {', '.join(map(str, proposal.tagged))}"] if proposal.tagged else []
    return "\n".join([*lines, *([f"nothing: {proposal.nothing}"] if proposal.nothing else [])])


def _line(one: ProposedCell) -> str:
    said = [one.role, *([one.name] if one.name else []), *(f"{key}={value}" for key, value in one.options)]
    return f"cell {one.cell}: {' '.join(said)} ({one.words}): {one.reason}"
