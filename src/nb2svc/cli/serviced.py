"""What a validation prints of the built service: how its answers compare with the runs', and where both part.

service  diabetes_progression, trained again with each run's parameters
  answers alike  2 of 3 runs  answers 111 of 111, model inputs 442 of 442, rows alone 100 of 100
  differs        1 of 3 runs  model inputs: 331 of 331 rows differ (column 10: 0.61, in the notebook 1.22)
"""

from nb2svc.cli.table import section
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, ServiceOutcome, Validation
from nb2svc.validate.service.outcome import SAID, failure_of, said

_WIDEST = 160
_DETAILS = 3


def service_block(validation: Validation) -> str:
    """The part on the service; "" where nobody asked for it."""
    asked = [run.service for run in validation.runs if run.service is not None]
    if not asked:
        return ""
    groups: dict[tuple[str, str], list[ServiceOutcome]] = {}
    for service in asked:
        # Where both part is the same in many runs, the values that differ there are not.
        parted = service.divergence
        key = f"{parted.span} {parted.column}" if parted is not None and service.status == "fail" else said(service)
        groups.setdefault((service.status, key), []).append(service)
    rows = [(SAID[told[0].status], f"{len(told)} of {len(asked)} runs", _short(said(told[0]))) for told in groups.values()]
    rows += [("check", name, told) for name, told in _checks(asked)]
    return section(f"service  {asked[0].project}, trained again with each run's parameters", rows)


def service_word(run: RunResult) -> str:
    """The service's part of a run's line."""
    return f"service {SAID[run.service.status]}" if run.service is not None else ""


def service_failure(run: RunResult, notebook: Notebook) -> str:
    """Why the service failed a run, with the place; "" where it did not."""
    failure = failure_of(run)
    if failure is None or run.failure is not None:
        return ""
    place = f"{notebook.cell(failure.cell).title}, line {failure.line}: " if 0 < failure.cell <= len(notebook.cells) else ""
    details = [line for line in failure.details.split("\n") if line.strip()][-_DETAILS:]
    return place + failure.what + (f" ({failure.why})" if failure.why else "") + (f" [{' | '.join(details)}]" if details else "")


def _checks(asked: list[ServiceOutcome]) -> list[tuple[str, str]]:
    """How often each generated check held; why, where it could not be evaluated."""
    found: dict[str, list[tuple[str, str]]] = {}
    for service in asked:
        for check in service.checks:
            found.setdefault(check.name, []).append((check.outcome, check.message))
    told = []
    for name, outcomes in found.items():
        passed = sum(outcome == "pass" for outcome, _ in outcomes)
        why = next((message for outcome, message in outcomes if outcome == "not_reached" and message), "")
        left_out = f"; not evaluated: {_short(why)}" if why else ""
        told.append((name, f"holds for the service in {passed} of {len(outcomes)}{left_out}"))
    return told


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line[:_WIDEST] + ("…" if len(line) > _WIDEST else "")
