"""`nb2svc cache`: what earlier builds left beside notebooks, and its removal."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2svc.cli.options import format_option, report_option

if TYPE_CHECKING:
    from nb2svc.capture.inventory import Entry, Pruned

_AGE = re.compile(r"(\d+)\s*(d|w|h|m)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.3
    """An age such as `30d`, `2w` or `12h` → a time span."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The time span that a text says."""
        if isinstance(value, timedelta):
            return value
        match = _AGE.fullmatch(value.strip().lower())
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is no age; write 30d, 2w or 12h.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command(
    "cache",
    short_help="Show what earlier builds left beside notebooks, and remove it.",
    epilog="""\b
Examples:
  nb2svc cache                                  of all notebooks in this folder
  nb2svc cache loans.ipynb --format json
  nb2svc cache loans.ipynb --prune              all but the newest capture
  nb2svc cache notebooks --prune --older-than 30d
  nb2svc cache --prune --all
""",
)
@click.argument("place", metavar="[NOTEBOOK|DIR]", type=click.Path(path_type=Path), default=Path())
@click.option("--prune", is_flag=True, help="Remove captures: all but the newest of each notebook, unless you say which.")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="Keep the newest N captures of each notebook.")
@click.option("--older-than", type=Age(), metavar="AGE", help="Remove what is older: 30d, 2w, 12h.")
@click.option("--all", "everything", is_flag=True, help="Remove everything.")
@format_option
@report_option
def command(
    place: Path, *, prune: bool, keep: int | None, older_than: timedelta | None, everything: bool, form: str, output: str | None
) -> None:
    """Show what builds left in the folder `.nb2svc` beside a notebook, or beside all notebooks of a folder; or remove it.

    Removing costs time only: the next build runs again what it needs. Tests of a built project need the capture that it was built
    from. What a running build uses is never removed.
    """
    from nb2svc.capture.inventory import entries
    from nb2svc.capture.inventory import prune as remove
    from nb2svc.cli.output import document, emit
    from nb2svc.ir.codec import to_json
    from nb2svc.system.clock import now

    _check(prune=prune, keep=keep, older=older_than, everything=everything)
    folder, notebook = _meant(place)
    found = entries(folder, notebook=notebook)
    pruned = None
    if prune:
        kept = None if everything or (older_than is not None and keep is None) else 1 if keep is None else keep
        pruned = remove(found, keep=kept, older=now() - older_than if older_than is not None else None)
        found = entries(folder, notebook=notebook)
    if form == "json":
        fields = {"removed": to_json(pruned.removed), "busy": list(pruned.busy)} if pruned else {"removed": [], "busy": []}
        emit(document(entries=to_json(found), size=sum(entry.size for entry in found), **fields), output=output)
        return
    emit("\n".join([*(_removed(pruned) if pruned else []), *_listed(found, place)]), output=output)


def _check(*, prune: bool, keep: int | None, older: timedelta | None, everything: bool) -> None:
    given = [
        name for name, value in (("--keep", keep), ("--older-than", older), ("--all", everything or None)) if value is not None
    ]
    if given and not prune:
        raise click.UsageError(f"{given[0]} says what to remove: give --prune with it.")
    if everything and len(given) > 1:
        raise click.UsageError("--all removes everything: give it alone.")


def _meant(place: Path) -> tuple[Path, str | None]:
    """The folder whose cache is meant, and the notebook of it.

    Raises:
        UsageError: there is no such folder or notebook.
    """
    from nb2svc.errors import UsageError

    if place.is_dir():
        return place.absolute(), None
    if place.is_file() or (place.absolute().parent / ".nb2svc" / place.stem).is_dir():
        return place.absolute().parent, place.stem
    raise UsageError(
        f"there is no notebook or folder {place}", where=str(place), fix="name a notebook, or the folder that it lies in"
    )


def _removed(pruned: "Pruned") -> list[str]:
    freed = sum(entry.size for entry in pruned.removed)
    lines = [f"removed {len(pruned.removed)} of them, {_bytes(freed)}" if pruned.removed else "nothing was there to remove"]
    return [*lines, *(f"left alone, a build uses it: {name}" for name in pruned.busy), ""]


def _listed(found: "Sequence[Entry]", place: Path) -> list[str]:
    from datetime import datetime

    from nb2svc.cli.stages import moment
    from nb2svc.system.clock import here_and_now

    if not found:
        return [f"no build left anything for {place if str(place) != '.' else 'the notebooks of this folder'}"]
    rows = [
        (
            entry.notebook,
            entry.kind,
            entry.name,
            moment(datetime.fromisoformat(entry.made), now=here_and_now()),
            _bytes(entry.size),
        )
        for entry in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join([*(text.ljust(width) for text, width in zip(row[:4], widths, strict=False)), row[4].rjust(widths[4])])
        for row in rows
    ]
    return [*lines, f"{_bytes(sum(entry.size for entry in found))} in all"]


def _bytes(size: int) -> str:
    """A size as a person says it: 512 B, 1.4 MB."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes any size")
