"""The line that begins a cell of a percent script, and what it says about the cell.

# %%                                          a code cell
# %% Load the data                            its title
# %% [markdown]                               another kind of cell
# %% tags=["nb2svc:feature"] id="ages"        jupytext's metadata; `{"tags": […]}` is the same
# %% language="bash"                          a cell of `%%bash`, its lines commented
#%%   # In[3]:   # <codecell>                 Spyder's, nbconvert's and IPython's
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2svc.read.directives import OWN_MAGICS
from nb2svc.read.magic_table import CELL_MAGICS, FOREIGN_CELLS

KINDS = {"markdown": "markdown", "md": "markdown", "raw": "raw", "code": "code"}

_PERCENT = re.compile(r"#\s*%%(?P<depth>%*)(?P<text>.*)$")
_OTHER = re.compile(r"#\s*(?:In\s?\[[\d ]*\]:?|<(?P<kind>codecell|markdowncell|rawcell)>)\s*$")
_WORD = re.compile(r"[A-Za-z_]\w*")
_KIND = re.compile(r"\[\s*(markdown|md|raw|code)\s*\]")
_METADATA = re.compile(r"(?:^|\s)(?:[A-Za-z_][\w.-]*=|\{\s*\")")
_KEY = re.compile(r"\s*(?P<key>[A-Za-z_][\w.-]*)=")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMarker:
    """What a marker says: `broken` is the part of it that was meant as metadata and can't be read."""

    kind: str = "code"
    title: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    broken: str = ""

    @property
    def magic(self) -> str:
        """The cell magic that jupytext turned into metadata, or ""."""
        language = self.metadata.get("language")
        if not isinstance(language, str):
            return ""
        return f"%%{language} {self.metadata.get('magic_args', '')}".rstrip()


def cell_marker(line: str) -> CellMarker | None:
    """The marker in a line of a script, or None: `# %%time` is a commented cell magic, `#%%Load data` Spyder's title."""
    other = _OTHER.match(line)
    if other:
        kind = (other["kind"] or "code").removesuffix("cell")
        return CellMarker(kind=kind)
    match = _PERCENT.match(line)
    if match is None:
        return None
    text: str = match["text"]
    if text[:1].strip() and not match["depth"] and _names_a_magic(text):
        return None
    return _read(text.strip())


def _names_a_magic(text: str) -> bool:
    word = _WORD.match(text)
    return word is not None and (word[0] in CELL_MAGICS or word[0] in FOREIGN_CELLS or word[0] in OWN_MAGICS)


def _read(text: str) -> CellMarker:
    kind = _KIND.search(text)
    if kind:
        metadata, rest = _metadata(text[kind.end() :])
        return CellMarker(kind=KINDS[kind[1]], title=text[: kind.start()].strip(), metadata=metadata, broken=rest)
    begin = _METADATA.search(text)
    if begin is None:
        return CellMarker(title=text)
    metadata, rest = _metadata(text[begin.start() :])
    if not rest:
        return CellMarker(title=text[: begin.start()].strip(), metadata=metadata)
    # A title may hold `x=y`; what speaks of tags was meant as metadata.
    broken = text if re.search(r"\b(?:tags|nb2svc|id)\b\"?\s*[=:]", text) else ""
    return CellMarker(title=text, broken=broken)


def _metadata(text: str) -> tuple[dict[str, object], str]:
    """`tags=["a"] id="b"`, or one JSON object → ({"tags": ["a"], "id": "b"}, ""); what can't be read comes second."""
    found: dict[str, object] = {}
    text = text.strip()
    if text.startswith("{"):
        value, end = _value(text, 0)
        return (value, "") if isinstance(value, dict) and end == len(text) else (found, text)
    position = 0
    while text[position:].strip():
        key = _KEY.match(text, position)
        if key is None:
            return found, text[position:].strip()
        value, end = _value(text, key.end())
        if end < 0:
            return found, text[position:].strip()
        found[key["key"]] = value
        position = end
    return found, ""


def _value(text: str, start: int) -> tuple[object, int]:
    """The JSON value at a place and where it ends; -1 where there is none."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, -1
