"""What ran and what was reused, as a person reads it."""

from datetime import UTC, datetime

from nb2svc.cli.stages import stage_blocks
from nb2svc.ir.stages import StageRun

NOW = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


def stage(name: str, made: str, *, reused: bool = True, why: str = "") -> StageRun:
    return StageRun(stage=name, reused=reused, made=f"{made}+00:00", why=why)


def test_a_first_build_says_nothing() -> None:
    assert stage_blocks([stage("capture", "2026-11-26T15:29:00", reused=False)], now=NOW) == []


def test_times_are_told_where_they_are_others() -> None:
    stages = [
        stage("capture", "2026-11-26T14:02:10"),
        stage("observation", "2026-11-26T14:02:20"),
        stage("bento", "2026-11-24T09:10:00"),
        stage("checks", "2025-02-01T09:10:00"),
        stage("proof", "2026-11-26T15:30:00", reused=False),
        stage("readiness", "2026-11-26T15:30:00", reused=False, why="it was damaged"),
    ]
    assert stage_blocks(stages, now=NOW) == [
        ("reused", ["capture of 14:02, observation, bento of Nov 24, 09:10, checks of 2025-02-01"]),
        ("ran", ["proof, readiness (it was damaged)"]),
    ]


def test_nothing_ran() -> None:
    blocks = stage_blocks([stage("capture", "2026-11-26T14:02:10")], now=NOW)
    assert blocks[1] == ("ran", ["nothing: all that the service depends on is as it was (--fresh runs everything)"])
