"""What the runs of a validation say together: how sure each number is, what moves it, and whether it is worse than it was.

Validation.runs + Criteria + an earlier Validation → Judgement, which stands in `validation.json` beside the runs
"""

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower", "unknown"]
Outcome = Literal["pass", "warn", "fail", "open"]
Compared = Literal["no_worse", "worse", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a person declared before the runs: how much worse a metric may be, and which direction is better.

    `places` are the cells whose tags declare a metric's margin; of one that is not there the command line does.
    """

    margins: tuple[tuple[str, float], ...] = ()
    lower: tuple[str, ...] = ()
    higher: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()

    def place(self, name: str) -> str:
        """Where a metric's margin is declared: `cell 6 "good_auc"`, or `--margin auc=…`."""
        return dict(self.places).get(name, f"--margin {name}=…")


UNDECLARED = Criteria()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the true value lies, in 95 of 100 such validations."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCount:
    """One check over all runs that came to an end of any kind; of a `segment`, over those that have it."""

    name: str
    cell: int
    passed: int
    failed: int
    errors: int
    not_reached: int
    segment: str = ""

    @property
    def runs(self) -> int:
        """How many runs it could have been evaluated in."""
        return self.passed + self.failed + self.errors + self.not_reached


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCheck:
    """A check and the share of runs that it does not pass in, as sure as its `sample` (`8 seeds`) makes it; "" of one run.

    `flaky` says that it passes in some runs only where nothing but the seed or the repeat differs; `depends` is what it goes by
    where it does not: `fails at threshold ≥ 0.7, on all 8 seeds`.
    """

    count: CheckCount
    failing: Interval | None
    flaky: bool
    depends: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """One metric over the runs that told it: `spread` is the standard deviation of the sample, None of fewer than two.

    `special` counts values that were no finite numbers, `missing` the runs that did not tell it.
    """

    name: str
    segment: str
    count: int
    mean: float | None
    spread: float | None
    low: float | None
    high: float | None
    special: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMean:
    """A metric over the runs with one value of a parameter, which is shown as a person gave it."""

    value: str
    count: int
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterEffect:
    """A metric by a parameter: `share` of its variance, None where that can't be told."""

    parameter: str
    share: float | None
    levels: tuple[LevelMean, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMetric:
    """A metric, where its mean lies, and what moves it; `shares_note` says why no shares are told.

    `interval_note` says what is to be known of its interval: that it was cut where no such metric can lie, or is of runs
    that no seed tells apart.
    """

    summary: MetricSummary
    interval: Interval | None
    parameters: tuple[ParameterEffect, ...]
    shares_note: str
    interval_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A metric now and in the baseline.

    `worse_by` is how much worse it may be at most, with 95 % confidence; below 0 it is better. `count` and `baseline_count` are
    the runs that were compared: equal where they are `paired`, set by set. `margin` is what it may be worse by; one that nobody
    `declared` can only warn; `declared_in` is the cell whose tag did, "" where the command line did.
    """

    metric: str
    segment: str
    better: Better
    paired: bool
    count: int
    baseline_count: int
    mean: float | None
    baseline_mean: float | None
    difference: float | None
    worse_by: float | None
    margin: float
    declared: bool
    outcome: Compared
    reason: str
    declared_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The validation that was compared with: where it was read, and of which notebook it is."""

    source: str
    notebook: str
    notebook_digest: str
    began: str
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """This validation, the challenger, against that of the model in service, the champion: by declared margins only.

    `name` is what the model in service is called. A comparison without a declared margin only warns. `other_data` says how the
    files that both read differ, `data_stated` that a person let them. `parameters` are those that all runs of each set otherwise.
    """

    name: str
    champion: Baseline
    comparisons: tuple[Comparison, ...]
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    other_data: tuple[str, ...] = ()
    data_stated: bool = False
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSegment:
    """A part of the held-out rows: in how many `runs` it is, and with how many rows at least and at most."""

    segment: str
    runs: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstSegment:
    """The segment in which a metric is worst, with its mean there, and `whole`, its mean on all held-out rows.

    Means are compared over the same runs: the `runs` of `of` in which each segment has a number; where there is none, nothing is
    compared. `segment` is "" where nobody knows which direction is better: then only the `lowest` and the `highest` are told.
    """

    metric: str
    better: Better
    segment: str
    mean: float | None
    interval: Interval | None
    whole: float | None
    lowest: str
    highest: str
    runs: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict and what it stands on; `reasons` are told where it is not `pass`. `open` is: it can't be told."""

    outcome: Outcome
    reasons: tuple[str, ...]
    checks: tuple[JudgedCheck, ...]
    metrics: tuple[JudgedMetric, ...]
    criteria: Criteria = UNDECLARED
    baseline: Baseline | None = None
    comparisons: tuple[Comparison, ...] = ()
    confidence: float = 0.95
    segments: tuple[JudgedSegment, ...] = ()
    worst: tuple[WorstSegment, ...] = ()
    gate: Gated | None = None
