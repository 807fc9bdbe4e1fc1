"""Runs that were divided into two regions."""

from nb2svc.ir.validation import BySegment, CheckOutcome, MetricValue, Parameter, RunResult, RunSpec, SegmentRows, Validation

NORTH, SOUTH = "region=north", "region=south"


def run(
    seed: int, *, north: float | None = 0.7, south: float | None = 0.8, name: str = "auc", check: str = "pass", rows: int = 90
):
    spec = RunSpec(key=str(seed), parameters=(Parameter(name="seed", value=str(seed)),), seed=str(seed))
    checks = (
        CheckOutcome(name="good", cell=4, outcome="pass"),
        CheckOutcome(name="good", cell=4, outcome="pass", segment=SOUTH),
        CheckOutcome(name="good", cell=4, outcome=check, segment=NORTH, message="can't be told of its 3 rows", line=2),
    )
    metrics = (
        MetricValue(name=name, value=0.75 + seed / 1000),
        MetricValue(name=name, value=south and south + seed / 100, segment=SOUTH),
        MetricValue(name=name, value=north and north + seed / 100, segment=NORTH),
    )
    divided = BySegment(rows=(SegmentRows(segment=SOUTH, rows=200), SegmentRows(segment=NORTH, rows=rows + seed)))
    status = "failed" if check == "fail" else "ok"
    return RunResult(key=spec.key, spec=spec, status=status, checks=checks, metrics=metrics, segments=divided)


def of(*runs: RunResult, columns: tuple[str, ...] = ("region",)) -> Validation:
    return Validation(notebook="a.ipynb", notebook_digest="", runs=runs, segments=columns)
