"""What a build prints at its end: what ran, what was frozen, the proof, the checklist, and what to type next.

run       loans.ipynb ran in 9 s; its check passed (auc 0.71)
frozen    snapshot · income_mean · region_categories      3 values learned in training, remembered at serving
left out  4 of 31 statements; 1 row filter is now a guard: age >= 18      nb2svc analyze loans.ipynb
proof     decision 488 of 488 · model inputs 1,947 of 1,947 · …      identical
ready     8 pass, 53 not evaluated      next: BIZ-01 declare the workflow
wrote     loans/
          nb2svc serve loans
          curl -s http://127.0.0.1:3000/predict -H 'content-type: application/json' -d @loans/example.json
"""

import shlex
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Protocol, get_args

from nb2svc.cli.by_hand import by_hand_block
from nb2svc.cli.findings import count_findings, render_findings
from nb2svc.cli.overview import Analyzed
from nb2svc.cli.stages import stage_blocks
from nb2svc.ir.capture import Capture
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Condition
from nb2svc.ir.outline import CheckUse
from nb2svc.ir.plan import Plan, PlannedStatement
from nb2svc.ir.readiness import Checklist, Status
from nb2svc.ir.stages import StageRun
from nb2svc.ir.verdict import KnifeEdge, Verdict
from nb2svc.readiness.gate import next_actions
from nb2svc.system.clock import here_and_now
from nb2svc.upkeep.taken_over import TakenOver

ADDRESS = "http://127.0.0.1:3000"
_NAMES = 6
_EDGES = 3
_STATUSES: tuple[Status, ...] = get_args(Status)
_LABEL = 10


class Built(Protocol):
    """What a build made."""

    @property
    def output(self) -> Path: ...  # noqa: D102
    @property
    def source(self) -> Analyzed: ...  # noqa: D102
    @property
    def capture(self) -> Capture: ...  # noqa: D102
    @property
    def plan(self) -> Plan: ...  # noqa: D102
    @property
    def verdict(self) -> Verdict: ...  # noqa: D102
    @property
    def checklist(self) -> Checklist: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Finding, ...]: ...  # noqa: D102
    @property
    def taken_over(self) -> tuple[TakenOver, ...]: ...  # noqa: D102
    @property
    def given_back(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102
    @property
    def merged(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102
    @property
    def restored(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def bento(self) -> str: ...  # noqa: D102
    @property
    def stages(self) -> tuple[StageRun, ...]: ...  # noqa: D102


def render_summary(built: Built, *, here: PurePath) -> str:
    """The whole summary; paths are told as seen from the folder `here`."""
    text = "\n".join(_block(label, lines) for label, lines in summary_blocks(built, here=here))
    told = [finding for finding in built.findings if finding.severity != "info"]
    return f"{text}\n\n{count_findings(told)}\n\n{render_findings(told, built.source.notebook)}" if told else text


def summary_blocks(built: Built, *, here: PurePath) -> list[tuple[str, list[str]]]:
    """The summary as its labels with the lines of each, for whoever lays it out in another way."""
    notebook, outline = built.source.notebook, built.source.outline
    output = outline.model.output if outline and outline.model.output else "predictions"
    return [
        ("run", [run_line(notebook, built.capture, checks=outline.checks if outline else ())]),
        ("frozen", [frozen_line(built.plan)]),
        ("left out", [left_out_line(built.source, built.plan, here=here)]),
        ("proof", proof_block(built.verdict, output=output)),
        ("ready", ready_block(built.checklist)),
        *([("by hand", by_hand)] if (by_hand := _by_hand(built, here=here)) else []),
        *stage_blocks(built.stages, now=here_and_now()),
        ("wrote", wrote_block(built.output, bento=built.bento, here=here)),
    ]


def run_line(notebook: Notebook, capture: Capture, *, checks: Sequence[CheckUse]) -> str:
    """`loans.ipynb ran in 9 s; its check passed (auc 0.71)`; one that asserts nothing has not passed."""
    from nb2svc.system.clock import readable

    asserting = sum(not check.idle for check in checks)
    passed = {0: "none of its checks asserts anything", 1: "its check passed"}.get(asserting, f"its {asserting} checks passed")
    passed = passed if checks else "it has no check"
    figures = ", ".join(f"{name} {value:.3g}" for name, value in capture.metrics[:_NAMES])
    return f"{notebook.name} ran in {readable(capture.seconds)}; {passed}" + (f" ({figures})" if figures else "")


def frozen_line(plan: Plan) -> str:
    """`snapshot · income_mean      2 values learned in training, remembered at serving`."""
    names = frozen_names(plan)
    if not names:
        return "nothing: no feature depends on other rows"
    more = f" · and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    values = "1 value" if len(names) == 1 else f"{len(names)} values"
    return f"{' · '.join(names[:_NAMES])}{more}      {values} learned in training, remembered at serving"


def frozen_names(plan: Plan) -> list[str]:
    """The values that are learned in training and remembered at serving."""
    return list(dict.fromkeys(name for _, name in plan.names))


def left_out_line(source: Analyzed, plan: Plan, *, here: PurePath) -> str:
    """`4 of 31 statements; 1 row filter is now a guard: age >= 18      nb2svc analyze loans.ipynb`."""
    statements = source.dataflow.statements
    needed = {number for number, _ in source.outline.parts} if source.outline else set()
    checked = {number for check in source.outline.checks for number in check.statements} if source.outline else set()
    left = sum(1 for statement in statements if statement.number not in needed | checked)
    guards = [condition_text(guard.condition) for guard in plan.guards] + _guards_in_place(plan)
    said = f"{left} of {len(statements)} statements"
    if guards:
        filters = "1 row filter is now a guard" if len(guards) == 1 else f"{len(guards)} row filters are now guards"
        said += f"; {filters}: {', '.join(guards)}"
    return f"{said}      nb2svc analyze {shlex.quote(_seen_from(PurePath(source.notebook.path), here))}"


def _guards_in_place(plan: Plan) -> list[str]:
    """The words of the selections that are evaluated where they stand."""
    statements = [each for step in plan.steps for each in step.statements]
    statements += [each for each in plan.answer if isinstance(each, PlannedStatement)]
    return [selection.words for each in statements for selection in each.selections if selection.selection.guards]


def condition_text(condition: Condition) -> str:
    """`age >= 18`; `region in east, north`."""
    value = condition.value
    if condition.operator == "not null":
        return f"{condition.column} not null"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{condition.column} {condition.operator} {text}"


def proof_block(verdict: Verdict, *, output: str) -> list[str]:
    """The proof in three lines, and the knife edges with the edit that cures them."""
    from nb2svc.parity.render import proof_lines

    return [*proof_lines(verdict, output=output), *knife_edge_lines(verdict.knife_edges)]


def knife_edge_lines(edges: Sequence[KnifeEdge]) -> list[str]:
    """Rows whose answer hangs on a float's last digit: the first few, and what to round."""
    if not edges:
        return []
    columns = ", ".join(dict.fromkeys(edge.column for edge in edges))
    rows = "1 row sits" if len(edges) == 1 else f"{len(edges)} rows sit"
    lines = [f"warning: {rows} on a knife edge; round {columns} in the notebook (.round(2) for money)"]
    lines += [
        f"  row {edge.row}: {edge.column} at {edge.threshold!r}, {edge.expected} or {edge.actual}" for edge in edges[:_EDGES]
    ]
    return lines


def ready_block(checklist: Checklist) -> list[str]:
    """`5 pass, 56 not evaluated`, what was evaluated (with the mutants that no test noticed), and the next three actions."""
    counts = [(status, len(checklist.with_status(status))) for status in _STATUSES]
    lines = [", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts if count)]
    evaluated = [item for item in checklist.items if item.status not in ("not_evaluated", "not_applicable")]
    for item in evaluated:
        lines.append(f"{item.status:<5} {item.id}  {item.sentence}")
        details = item.evidence.details if item.evidence else ()
        lines += [f"{'':<14}{name}, {what}" for name, what in details if name.startswith("survived ")]
    lines += [f"next  {item.id}  {item.next_action}" for item in next_actions(checklist)]
    return lines


def _by_hand(built: Built, *, here: PurePath) -> list[str]:
    return by_hand_block(
        built.taken_over,
        given_back=built.given_back,
        merged=built.merged,
        restored=built.restored,
        project=_seen_from(built.output, here),
        notebook=_seen_from(PurePath(built.source.notebook.path), here),
    )


def wrote_block(output: Path, *, bento: str, here: PurePath) -> list[str]:
    """Where the project lies, and the two commands that a person wants next."""
    place = _seen_from(output, here)
    lines = [f"{place}/" + (f"      bento {bento}" if bento else "")]
    example = shlex.quote(f"@{place}/example.json")
    lines.append(f"nb2svc serve {shlex.quote(place)}")
    lines.append(f"curl -s {ADDRESS}/predict -H 'content-type: application/json' -d {example}")
    return lines


def _seen_from(path: PurePath, here: PurePath) -> str:
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _block(label: str, lines: Sequence[str]) -> str:
    first, *rest = lines or [""]
    return "\n".join([f"{label:<{_LABEL}}{first}", *(" " * _LABEL + line for line in rest)])
