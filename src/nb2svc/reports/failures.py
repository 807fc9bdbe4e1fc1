"""What was not well in a validation, each thing once: with the runs that say so, and what each of them compared.

500 runs, of which 40 fail one assertion → one entry, with the 40 runs and their values
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.judge import label
from nb2svc.validate.service.outcome import failure_of

_MOST = 8
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A run, or a segment of it: what it said, and the values that its assertion compared."""

    name: str
    segment: str
    text: str
    values: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Failing:
    """One thing that runs said at one place, in words that are the same but for their numbers."""

    place: str
    runs: list[Said] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What all of them said; "" where their numbers differ."""
        texts = {one.text for one in self.runs}
        return texts.pop() if len(texts) == 1 else ""

    @property
    def segments(self) -> bool:
        """Whether segments are among them."""
        return any(one.segment for one in self.runs)

    @property
    def compared(self) -> tuple[str, ...]:
        """The expressions whose values are told."""
        return tuple(dict.fromkeys(name for one in self.told for name in one.values))

    @property
    def told(self) -> list[Said]:
        """The first of them."""
        return self.runs[:_MOST]

    @property
    def more(self) -> int:
        """How many others there are."""
        return len(self.runs) - len(self.told)


def failures(validation: Validation, notebook: Notebook, names: frozenset[str]) -> list[Failing]:
    """What was not well, the most frequent first. `names` are the parameters that tell runs apart."""
    found: dict[tuple[str, str], Failing] = {}
    for run in validation.runs:
        for place, text, values, segment in _of_run(run, notebook):
            one = found.setdefault((place, _NUMBER.sub("0", text)), Failing(place=place))
            name = label(run.spec, names) + (f", {segment}" if segment else "")
            one.runs.append(Said(name=name, segment=segment, text=text, values=values))
    return sorted(found.values(), key=lambda one: -len(one.runs))


def _of_run(run: RunResult, notebook: Notebook) -> Iterator[tuple[str, str, Mapping[str, str], str]]:
    """Place, words, values and segment of each."""
    for check in run.checks:
        if check.outcome in ("fail", "error"):
            line = f", line {check.line}" if check.line else ""
            yield f"{notebook.cell(check.cell).title}{line}", check.message, dict(check.values), check.segment
    if run.failure is not None:
        yield "", run.failure.what, {}, ""
        return
    failure = failure_of(run)
    if failure is not None:
        place = f"{notebook.cell(failure.cell).title}, line {failure.line}" if failure.cell else ""
        yield place, f"{failure.what}{f' ({failure.why})' if failure.why else ''}", {}, ""
