"""Drafts of notebooks made of a few cells, and how a draft's module compares with a built one."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from nb2svc.ir.shown import Shown, ShownModule
from nb2svc.pipeline import Source, analyze
from nb2svc.showing import show

PREFIX = "# not yet observed: "
HEAD = 'import pandas as pd\nimport numpy as np\n\ndf = pd.read_csv("homes.csv")'
TAIL = "# nb2svc: model\nmodel = Ridge().fit(X, y)\npred = model.predict(X)"


def analyzed(tmp_path: Path, *cells: str) -> Source:
    path = tmp_path / "homes.py"
    path.write_text("".join(f"# %%\n{cell}\n" for cell in cells))
    return analyze(path)


def drafted(tmp_path: Path, features: str, *, head: str = HEAD, tail: str = TAIL, directive: str = "feature home") -> Shown:
    """The draft of a notebook with one feature cell; `X` is what the model is fitted on."""
    imports = "from sklearn.linear_model import Ridge\nfrom sklearn.model_selection import train_test_split\n"
    return show(analyzed(tmp_path, imports + head, f"# nb2svc: {directive}\n{features}", tail), draft=True)


def module(shown: Shown, name: str = "features") -> ShownModule:
    return next(each for each in shown.modules if each.name == name)


def code(shown: Shown, name: str = "features") -> list[str]:
    """A module's lines without marks and indentation."""
    return [line.strip() for line in unmarked(module(shown, name).text) if line.strip()]


def unmarked(text: str) -> list[str]:
    return [line for line in text.split("\n")[2:] if not line.strip().startswith(PREFIX)]


@dataclass(frozen=True)
class Compared:
    """How many of a built module's lines a draft has, and which lines differ without a mark."""

    lines: int
    equal: int
    silent: tuple[str, ...]


def compared(draft: ShownModule, built: str) -> Compared:
    covered = {number for mark in draft.marks for number in range(mark.first, mark.last + 1)}
    own = [(n, line) for n, line in enumerate(draft.text.split("\n"), start=1) if n > 2 and not line.strip().startswith(PREFIX)]
    theirs = built.split("\n")
    equal, silent = 0, []
    matcher = difflib.SequenceMatcher(None, theirs, [line for _, line in own], autojunk=False)
    for operation, a, b, i, j in matcher.get_opcodes():
        if operation == "equal":
            equal += b - a
            continue
        # Lines that the draft lacks belong to a mark beside them.
        beside = range(max(i - 1, 0), min(j + 1, len(own))) if i == j else range(i, j)
        if not any(own[place][0] in covered for place in beside):
            silent += theirs[a:b]
        silent += [own[place][1] for place in range(i, j) if own[place][0] not in covered and own[place][1].strip()]
    return Compared(lines=len(theirs), equal=equal, silent=tuple(silent))
