"""Names that are free: what we call something steps aside where the notebook has that name."""

from collections.abc import Collection


def unique(name: str, taken: Collection[str]) -> str:
    """`name`, or `name_2`, `name_3` … where it is taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def free_name(name: str, taken: Collection[str], *, otherwise: str) -> str:
    """A name of ours, which steps aside where the notebook has it: `state`, `learned` where that is taken."""
    return unique(name if name not in taken else otherwise, taken)
