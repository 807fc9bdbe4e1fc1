"""Built projects on disk."""

from pathlib import Path


def package_of(folder: Path) -> str:
    """The import name of a project's package: the folder that holds the runtime; "" where there is none."""
    found = sorted(entry.parent.name for entry in folder.glob("*/_nb2svc") if entry.is_dir())
    return found[0] if found else ""
