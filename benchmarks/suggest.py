"""How often `nb2svc suggest` proposes the cells that a person would tag, on public notebooks.

    python benchmarks/suggest.py DIR [--half tune|held|late] [--only NAME] [--verbose]

`suggest.toml` says which notebooks and which cells; DIR holds a checkout of each repository, as `owner+name`. A notebook's bytes
are compared with the recorded digest; nothing of it is run. Printed are precision and recall of cells by role, with a simple
baseline beside them, and how often a proposal was right by its confidence. Whoever looks at the late part and changes the
heuristics then has no held-out part any more.
"""

import argparse
import hashlib
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.notebook import Notebook, Role
from nb2svc.ir.proposal import ProposedCell
from nb2svc.read.notebook import parse_notebook
from nb2svc.suggest.propose import propose

HERE = Path(__file__).resolve().parent
ROLES: tuple[Role, ...] = ("feature", "model", "check")
_TUNED = frozenset("01234567")
_METRIC = re.compile(r"_score\(|_error\(|\.score\(|classification_report|confusion_matrix")
_BINS = ((0.85, "sure"), (0.6, "likely"), (0.0, "a guess"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A public notebook and the right answers for it; see the head of suggest.toml."""

    name: str
    repository: str
    path: str
    sha256: str
    answers: tuple[Mapping[Role, tuple[int, ...]], ...]
    optional: frozenset[str]
    late: bool

    @property
    def half(self) -> str:
        """`late`, or else `tune` or `held` by its address alone."""
        if self.late:
            return "late"
        return "tune" if hashlib.sha256(f"{self.repository}/{self.path}".encode()).hexdigest()[0] in _TUNED else "held"


@dataclass(slots=True)
class Counts:
    """Cells of one role: proposed and right, proposed and wrong, wanted and not proposed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def row(self) -> str:
        """Precision and recall with what they are made of."""
        proposed, wanted = self.right + self.wrong, self.right + self.missed
        return f"{_share(self.right, proposed)} | {_share(self.right, wanted)}"


def main() -> int:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the checkouts are")
    parser.add_argument("--half", choices=["tune", "held", "late"], help="only this half")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only these notebooks")
    parser.add_argument("--verbose", action="store_true", help="show each proposal that is not as labelled")
    options = parser.parse_args()

    labels = parse_labels((HERE / "suggest.toml").read_text(encoding="utf-8"))
    chosen = [one for one in labels if options.half in (None, one.half) and (not options.only or one.name in options.only)]
    ours, simple = {role: Counts() for role in ROLES}, {role: Counts() for role in ROLES}
    by_words: Counter[tuple[str, bool]] = Counter()
    slowest = 0.0
    for label in chosen:
        notebook = read(label, options.folder)
        began = time.perf_counter()
        proposal = propose(notebook, build_dataflow(notebook))
        slowest = max(slowest, time.perf_counter() - began)
        answer = score(label, {one.role: one.cell for one in proposal.cells}, ours)
        score(label, baseline(notebook), simple)
        for one in proposal.cells:
            by_words[one.words, one.cell in answer[one.role]] += 1
        if options.verbose:
            sys.stderr.writelines(f"{label.name}: {line}\n" for line in differences(answer, label, proposal.cells))
    print(table(chosen, ours, simple))
    print(calibration(by_words))
    print(f"\nslowest: {slowest:.2f} s")
    return 0


def parse_labels(text: str) -> tuple[Label, ...]:
    """The labels of suggest.toml."""
    return tuple(
        Label(
            name=entry["name"],
            repository=entry["repository"],
            path=entry["path"],
            sha256=entry["sha256"],
            answers=tuple({role: tuple(answer[role]) for role in ROLES} for answer in entry["answers"]),
            optional=frozenset(entry.get("optional", ())),
            late=entry.get("late", False),
        )
        for entry in tomllib.loads(text)["notebook"]
    )


def read(label: Label, folder: Path) -> Notebook:
    """The notebook, verified, without the tags that it may have.

    Raises:
        SystemExit: it is not there, or not what was labelled.
    """
    path = folder / label.repository.replace("/", "+") / label.path
    if not path.is_file():
        sys.exit(f"{label.name}: there is no {path}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != label.sha256:
        sys.exit(f"{label.name}: {path} is not what was labelled")
    return parse_notebook(content, path=str(path))[0]


def score(label: Label, proposed: Mapping[Role, int], counts: Mapping[Role, Counts]) -> Mapping[Role, tuple[int, ...]]:
    """Count a proposal against the answer that it meets best, and give that answer."""
    answer = max(label.answers, key=lambda one: _merit(one, proposed))
    for role in ROLES:
        if role in proposed:
            hit = proposed[role] in answer[role]
            counts[role].right += hit
            counts[role].wrong += not hit
        if answer[role] and proposed.get(role) not in answer[role] and (role not in label.optional or role in proposed):
            counts[role].missed += 1
    return answer


def _merit(answer: Mapping[Role, tuple[int, ...]], proposed: Mapping[Role, int]) -> int:
    return sum(proposed[role] in answer[role] if role in proposed else not answer[role] for role in ROLES)


def baseline(notebook: Notebook) -> dict[Role, int]:
    """What one would try first: the last cell with `.fit(`, the first below the load that assigns with the table, a metric."""
    fits = [cell.number for cell in notebook.cells if ".fit(" in cell.code]
    found: dict[Role, int] = {}
    if fits:
        found["model"] = fits[-1]
    load = next((match for match in _loads(notebook)), None)
    if load is not None:
        loaded, name = load
        mention = re.compile(rf"^(?!.*\bread_).*=.*\b{re.escape(name)}\b|^{re.escape(name)}\b.*=", re.MULTILINE)
        after = (cell.number for cell in notebook.cells if cell.number > loaded and mention.search(cell.code))
        first = next(after, None)
        if first is not None and first not in fits[-1:]:
            found["feature"] = first
    measured = next(
        (cell.number for cell in notebook.cells if fits and cell.number > fits[-1] and _METRIC.search(cell.code)), None
    )
    if measured is not None:
        found["check"] = measured
    return found


def _loads(notebook: Notebook) -> Iterator[tuple[int, str]]:
    for cell in notebook.cells:
        match = re.search(r"^\s*(\w+)\s*=.*\bread_\w+\(", cell.code, re.MULTILINE)
        if match:
            yield cell.number, match[1]


def differences(answer: Mapping[Role, tuple[int, ...]], label: Label, cells: Sequence[ProposedCell]) -> Iterator[str]:
    """What is not as labelled, a line a cell."""
    proposed = {one.role: one for one in cells}
    for role in ROLES:
        one = proposed.get(role)
        if one is not None and one.cell not in answer[role]:
            yield f"{role} {one.cell}, labelled {list(answer[role])}: {one.reason}"
        elif one is None and answer[role] and role not in label.optional:
            yield f"{role} not proposed, labelled {list(answer[role])}"


def table(chosen: Sequence[Label], ours: Mapping[Role, Counts], simple: Mapping[Role, Counts]) -> str:
    """Precision and recall by role as Markdown."""
    lines = [
        f"{len(chosen)} notebooks",
        "",
        "| role | precision | recall | baseline: precision | recall |",
        "|---|---|---|---|---|",
        *(f"| {role} | {ours[role].row()} | {simple[role].row()} |" for role in ROLES),
    ]
    return "\n".join(lines)


def calibration(by_words: Mapping[tuple[str, bool], int]) -> str:
    """How often a proposed cell was right, by the words of its confidence."""
    lines = ["", "| confidence | right |", "|---|---|"]
    for floor, words in _BINS:
        right, wrong = by_words.get((words, True), 0), by_words.get((words, False), 0)
        lines.append(f"| {words} ({floor:.2f} and more) | {_share(right, right + wrong)} |")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "none"


if __name__ == "__main__":
    sys.exit(main())
