"""Names for steps, where a heading or a variable makes them obvious; None where nothing does."""

import keyword
import re

from nb2svc.analysis.index import Index
from nb2svc.analysis.knowledge import BUILTINS
from nb2svc.ir.outline import Outline
from nb2svc.suggest.check_cell import Check

# Names that say nothing of what a row is.
_GENERIC = frozenset(
    """df data dataset dataframe frame table raw train test full input inputs output outputs x y features feature value values
    rows row samples sample records record tmp temp temps new result results base bunch analysis series process class less status
    news axes indices columns axis bias loss stats lens diabetes species""".split()
)
_ORDINAL = re.compile(r"^(?:(?:step|part|section|chapter|exercise|cell)\b\s*)?[\d.IVX]*[^\w`]*", re.IGNORECASE)
_WORDS = 3
# What a heading must speak of to name the step that begins below it: the step is more than that one cell.
_PREPARING = re.compile(r"feature|prepar|preprocess|clean|transform|engineer|encod|wrangl|imput")


def feature_name(index: Index, outline: Outline | None, cell: int) -> str | None:
    """What a row is, by the raw value's name (`loans` → loan), else the heading of the cell."""
    for raw in outline.raws[:1] if outline else ():
        row = _singular(raw.name)
        if row and _is_free(index, row):
            return row
    name = _from_heading(index, cell)
    return name if name and _PREPARING.search(name) else None


def check_name(index: Index, check: Check) -> str | None:
    """What is measured: `roc_auc_score` → roc_auc; else the heading of the cell."""
    name = re.sub(r"_score$", "", check.measure)
    if name not in ("score", "assertion") and _is_free(index, name):
        return name
    return _from_heading(index, check.cell)


def _singular(name: str) -> str | None:
    words = [word for word in name.lower().split("_") if word and not word.isdigit() and word not in _GENERIC]
    text = "_".join(words)
    if not words or len(text) < 4 or not text.endswith("s") or text.endswith(("ss", "us", "is")):
        return None
    return text[:-3] + "y" if text.endswith("ies") else text[:-1]


def _from_heading(index: Index, cell: int) -> str | None:
    label = _ORDINAL.sub("", index.notebook.cell(cell).label.strip("#*_ `"))
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", label.lower())
    name = "_".join(words)
    plain = re.sub(r"[^A-Za-z0-9]+", " ", label).strip()
    if not 1 <= len(words) <= _WORDS or plain.lower() != " ".join(words):
        return None
    return name if _is_free(index, name) and not _is_column(index, name) else None


def _is_column(index: Index, name: str) -> bool:
    """Whether the notebook speaks of a column of that name: a heading "Age" is about one of many."""
    return any(f"{quote}{name}{quote}" in cell.source.lower() for cell in index.notebook.cells for quote in "\"'")


def _is_free(index: Index, name: str) -> bool:
    """Whether a function may have the name, and nothing in the notebook has it."""
    used = name in index.definers or name in index.imports or name in BUILTINS
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and not used and name not in _GENERIC
