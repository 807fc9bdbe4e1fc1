"""By which paths the runs of a validation came, in a line: `30 runs forked, 2 plain: the forked kernel died`. Pure."""

from collections import Counter
from collections.abc import Mapping

from nb2svc.ir.validation import RunPath, Validation

_WORDS: Mapping[RunPath, str] = {"reuse": "with shared cells", "fork": "forked", "plain": "plain"}
_MOST = 3


def told_paths(validation: Validation) -> str:
    """The runs that were made now, by path, and why not all came by the fastest; "" where there is nothing to tell."""
    made = [run for run in validation.runs if run.status != "not_run" and not run.reused]
    counts = Counter(run.path for run in made)
    if len(made) < 2 or (set(counts) == {"plain"} and not any(run.path_note for run in made)):
        return ""
    parts: list[str] = []
    for path, words in _WORDS.items():
        if counts[path]:
            notes = dict.fromkeys(run.path_note for run in made if run.path == path and run.path_note)
            count = f"{counts[path]} {'run' if counts[path] == 1 else 'runs'} " if not parts else f"{counts[path]} "
            parts.append(count + words + (f": {_noted(list(notes))}" if notes else ""))
    return ("; " if any(":" in part for part in parts[:-1]) else ", ").join(parts)


def _noted(notes: list[str]) -> str:
    more = f"; and {len(notes) - _MOST} more reasons" if len(notes) > _MOST else ""
    return "; ".join(notes[:_MOST]) + more
