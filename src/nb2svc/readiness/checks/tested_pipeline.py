"""OPS-04: the whole pipeline ran in CI, of this very commit: built, trained again, served, asked over HTTP.

On a desk it can't be known that a run was green: there it is not evaluated, whatever files lie here.
"""

from dataclasses import dataclass

from nb2svc.ir.verdict import Mode
from nb2svc.readiness.checks.outcome import Outcome, counted, listed

# What a pipeline is made of, by the modes of the proof that tell it.
_PARTS = {"retrain": "training again", "http": "serving and predicting over HTTP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRun:
    """A run of CI as its environment tells it; `page` is where it can be read, "" where that is not told."""

    provider: str
    run: str
    commit: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CiFacts:
    """`files` are those of CI in the repository, `building` those that run `nb2svc build`; `run` is the one that this is part of.

    `head` is the commit that is checked out, "" outside a repository; `changed` says that the notebook is not as it has it.
    """

    files: tuple[str, ...] = ()
    building: tuple[str, ...] = ()
    run: CiRun | None = None
    head: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What is known of CI, and how the parts of the pipeline ended in this build."""

    ci: CiFacts
    modes: tuple[Mode, ...]


def judge_pipeline(pipeline: Pipeline) -> Outcome:
    """Pass in a run of CI, of the commit that is checked out, in which each part of the pipeline did its work."""
    ci, run = pipeline.ci, pipeline.ci.run
    if not ci.building:
        why = f"{listed(ci.files)} runs no `nb2svc build`" if ci.files else "the repository has no file of a CI that is known"
        return _open(why, "Let nb2svc ci init github (or gitlab) write a workflow, and commit it.")
    if run is None:
        why = f"{listed(ci.building)} builds it, but this build is no run of CI, and of others no word is here"
        return _open(why, "Ask the release gate in CI, after the build: nb2svc ready DIR --gate release.")
    if not ci.head or run.commit != ci.head or ci.changed:
        what = (
            "the notebook was changed since the commit"
            if run.commit == ci.head
            else f"{ci.head[:12] or 'nothing'} is checked out"
        )
        return _open(f"{_name(run)} is of commit {run.commit[:12]}, and {what}", "Build the commit that the run is about.")
    broken = tuple(mode.name for mode in pipeline.modes if mode.status == "fail")
    details = _details(pipeline)
    if broken:
        sentence = f"The pipeline stopped in {_name(run)}: {listed(broken)}."
        return Outcome(status="fail", sentence=sentence, next_action="Read the log of that run, and mend it.", details=details)
    done = {mode.name for mode in pipeline.modes if mode.status in ("pass", "warn") and mode.compared}
    left = tuple(text for name, text in _PARTS.items() if name not in done)
    if left:
        return _open(f"{_name(run)} left out {listed(left)}", "Build in CI without --no-retrain.")
    return Outcome(
        status="pass",
        sentence=f"{_name(run)} built it from commit {run.commit[:12]}: trained again, served and asked over HTTP, and"
        f" {counted(sum(mode.compared for mode in pipeline.modes), 'answer')} are the notebook's.",
        details=details,
    )


def _name(run: CiRun) -> str:
    return f"{run.provider} run {run.run}"


def _details(pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
    ci, run = pipeline.ci, pipeline.ci.run
    facts = [("files of CI", listed(ci.building))]
    if run is not None:
        facts += [("run", run.page or run.run), ("commit", run.commit)]
    return tuple(facts)


def _open(why: str, action: str) -> Outcome:
    return Outcome(status="not_evaluated", sentence=f"No green run in CI is known: {why}.", next_action=action)
