"""What was not well in a validation, each thing once: with the runs that say so, and what each of them compared.

500 runs, of which 40 fail one assertion → one line, with the 40 runs and their values
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import RunResult, Validation
from nb2svc.validate.judge import label
from nb2svc.validate.service.outcome import failure_of

_MOST = 8


@dataclass(slots=True, kw_only=True)
class Failing:
    """One thing that runs said at one place; `runs` are their names, with the values that a failed assertion compared."""

    place: str
    text: str
    runs: list[str] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
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
            one = found.setdefault((place, text), Failing(place=place, text=text))
            name = label(run.spec, names) + (f", {segment}" if segment else "")
            one.runs.append(f"{name}: {values}" if values else name)
    return sorted(found.values(), key=lambda one: -len(one.runs))


def _of_run(run: RunResult, notebook: Notebook) -> Iterator[tuple[str, str, str, str]]:
    """Place, words, values and segment of each."""
    for check in run.checks:
        if check.outcome in ("fail", "error"):
            line = f", line {check.line}" if check.line else ""
            values = ", ".join(f"{text} = {value}" for text, value in check.values)
            yield f"{notebook.cell(check.cell).title}{line}", check.message, values, check.segment
    if run.failure is not None:
        yield "", run.failure.what, "", ""
        return
    failure = failure_of(run)
    if failure is not None:
        place = f"{notebook.cell(failure.cell).title}, line {failure.line}" if failure.cell else ""
        yield place, f"{failure.what}{f' ({failure.why})' if failure.why else ''}", "", ""
