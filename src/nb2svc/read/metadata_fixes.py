"""Fixes of what a cell's metadata says: its tags, and `metadata.nb2svc` by a patch that leaves the rest of it."""

import json
from collections.abc import Sequence
from dataclasses import replace

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix, Retag


def patched(cell: str, title: str, patch: object, *, choice: bool = False) -> tuple[Fix, ...]:
    """`metadata.nb2svc` changed by a merge patch."""
    return (Fix(title=title, metadata=(Retag(cell=cell, settings=json.dumps(patch)),), choice=choice),)


def renamed_tag(cell: str, old: str, new: str) -> tuple[Fix, ...]:
    """A tag that is misspelt as what it was meant to be."""
    return (Fix(title=f"Write the tag as `{new}`", metadata=(Retag(cell=cell, add=(new,), remove=(old,)),)),)


def one_tag(cell: str, tags: Sequence[str]) -> tuple[Fix, ...]:
    """One of several tags stays."""
    return tuple(
        Fix(
            title=f"Keep the tag `{kept}`",
            metadata=(Retag(cell=cell, remove=tuple(tag for tag in tags if tag != kept)),),
            choice=True,
        )
        for kept in tags
    )


def without_metadata(cell: str, tags: Sequence[str], *, settings: bool) -> tuple[Fix, ...]:
    """The source says the role; what the metadata says besides goes."""
    retag = Retag(cell=cell, remove=tuple(tags), settings="null" if settings else "")
    return (Fix(title="Remove what the metadata says; the source counts", metadata=(retag,)),)


def moved_off(cell: str, tags: Sequence[str], *, below: str | None) -> tuple[Fix, ...]:
    """A tag goes from a cell that holds no code; to the code cell `below` where that has none."""
    gone = Retag(cell=cell, remove=tuple(tags))
    if below is None:
        return (Fix(title="Remove the tag", metadata=(gone,)),)
    moved = (gone, Retag(cell=below, add=tuple(tags)))
    return (
        Fix(title="Move the tag to the code cell below", metadata=moved, choice=True),
        Fix(title="Remove the tag", metadata=(gone,), choice=True),
    )


def in_metadata(finding: Finding, fixes: tuple[Fix, ...]) -> Finding:
    """A finding of the grammar about a word that stands in the metadata: an edit of the source would not cure it."""
    return replace(finding, fixes=fixes)
