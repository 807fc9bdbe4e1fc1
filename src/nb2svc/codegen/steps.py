"""`_nb2svc/steps.json`: where training takes each step's arguments from, and after which statement each result stood.

The generated tests compare a step with what the notebook had there.
"""

from typing import Any

from nb2svc.codegen.context import Context
from nb2svc.ir.plan import Call, Step


def training_steps(context: Context) -> dict[str, Any]:
    """The steps in training's order.

    → {"applicant": {"arguments": [{"name": "loans", "from": "raw"}], "results": [{"name": "X", "after": 31}]}}
    """
    steps = {step.name: step for step in context.plan.steps}
    done: set[int] = set()
    found: dict[str, Any] = {}
    for entry in context.plan.training:
        if not isinstance(entry, Call):
            continue
        step = steps[entry.step]
        found[step.name] = {
            "arguments": [_argument(context, name, step, done) for name in entry.arguments],
            "results": [_result(context, name, step) for name, _ in step.results],
        }
        done |= {planned.number for planned in step.statements}
    return found


def _argument(context: Context, name: str, step: Step, done: set[int]) -> dict[str, Any]:
    """A name as it stands before the step: another step's result, a raw value, or what a line of training made of it."""
    first = min(planned.number for planned in step.statements)
    lines = {entry.number for entry in context.plan.training if not isinstance(entry, Call)}
    makers = [number for number in sorted(lines | done) if number < first and _makes(context, number, name)]
    last = makers[-1] if makers else -1
    if last in done:
        return {"name": name, "from": "step"}
    if last <= dict(context.plan.loaded).get(name, -2):
        return {"name": name, "from": "raw"}
    return {"name": name, "from": "line", "after": last}


def _result(context: Context, name: str, step: Step) -> dict[str, Any]:
    numbers = [planned.number for planned in step.statements if _makes(context, planned.number, name)]
    return {"name": name, "after": max(numbers, default=-1)}


def _makes(context: Context, number: int, name: str) -> bool:
    statement = context.statement(number)
    return name in statement.defines or name in statement.mutates
