"""What a build ran and what it reused, in two lines.

reused    capture of 14:02, observation, packing, proof, retraining, checks
ran       readiness
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nb2svc.ir.stages import StageRun

# Stages of one build follow one another; a longer pause says that another build made the next.
_PAUSE = timedelta(minutes=30)


def stage_blocks(stages: Sequence[StageRun], *, now: datetime) -> list[tuple[str, list[str]]]:
    """The blocks of the summary; none for a build that had nothing to reuse."""
    reused = [stage for stage in stages if stage.reused]
    ran = [stage for stage in stages if not stage.reused]
    if not reused and not any(stage.why for stage in ran):
        return []
    blocks = [("reused", [_reused(reused, now=now)])] if reused else []
    if ran:
        return [*blocks, ("ran", [", ".join(f"{stage.stage} ({stage.why})" if stage.why else stage.stage for stage in ran)])]
    return [*blocks, ("ran", ["nothing: all that the service depends on is as it was (--fresh runs everything)"])]


def _reused(stages: Sequence[StageRun], *, now: datetime) -> str:
    """Each stage, with its time where it is another than of the one before."""
    said, last = [], None
    for stage in stages:
        made = datetime.fromisoformat(stage.made)
        told = last is not None and abs(made - last) < _PAUSE
        said.append(stage.stage if told else f"{stage.stage} of {moment(made, now=now)}")
        last = made
    return ", ".join(said)


def moment(made: datetime, *, now: datetime) -> str:
    """A time as a person says it here: `14:02` today, else `Nov 24, 14:02`; with its year where that is another."""
    local, here = made.astimezone(now.tzinfo), now
    if local.date() == here.date():
        return f"{local:%H:%M}"
    return f"{local:%b} {local.day}, {local:%H:%M}" if local.year == here.year else f"{local:%Y-%m-%d}"
