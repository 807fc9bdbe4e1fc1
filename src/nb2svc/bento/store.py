"""The user's store of bentos, as files."""

import os
from pathlib import Path


def bento_folder(tag: str) -> Path:
    """Where the bento of a tag (`loans:abc123`, `loans:latest`) lies, whether or not there is one."""
    name, _, version = tag.partition(":")
    home = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml") / "bentos" / name
    latest = home / "latest"
    if version in ("", "latest") and latest.is_file():
        version = latest.read_text(encoding="utf-8").strip()
    return home / version


def is_bento(tag: str) -> bool:
    """Whether the store has a bento of that tag."""
    return ":" in tag and (bento_folder(tag) / "bento.yaml").is_file()
