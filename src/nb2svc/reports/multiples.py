"""Small multiples of a page: a number by each parameter, or by the segments of a column, each picture with its table."""

from dataclasses import dataclass

from markupsafe import Markup

from nb2svc.ir.judgement import LevelMean


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of the small multiples: a picture and its table. `worst` is the value that is, where that is known."""

    parameter: str
    share: float | None
    svg: Markup
    levels: tuple[LevelMean, ...]
    worst: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiples:
    """A number by each parameter; `note` says what can't be told."""

    title: str
    told: str
    panels: tuple[Panel, ...]
    note: str
    baseline: float | None
