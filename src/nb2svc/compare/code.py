"""The author's modules, function by function: what changed, and what only moved to another cell or has other comments.

# loans.ipynb, cell 2 "Applicant"            # loans.ipynb, cell 3 "Applicant"
def applicant(loans, state): …        →      def applicant(loans, state): …              moved, cell 2 → cell 3
"""

import ast
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nb2svc.ir.difference import CodeChange, CodeStatus
from nb2svc.ir.snapshot import CellLine, Module

OUTSIDE = "outside of functions"
_ORIGIN = re.compile(r"\s*# .+, cell (\d+)( [\"(].*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """A function, a class, or what stands outside of them: its lines, their syntax, and its cells."""

    lines: tuple[str, ...]
    syntax: str
    cells: tuple[int, ...]

    @property
    def own(self) -> list[str]:
        """The lines without those that say where they came from."""
        return [line for line in self.lines if not _ORIGIN.fullmatch(line)]


def code_changes(
    old: Sequence[Module], new: Sequence[Module], old_lines: Sequence[CellLine] = (), new_lines: Sequence[CellLine] = ()
) -> tuple[tuple[CodeChange, ...], tuple[str, ...]]:
    """What changed, and the names of what did not."""
    before, after = {each.path: each for each in old}, {each.path: each for each in new}
    found, same = [], []
    for path in dict.fromkeys([*after, *before]):
        units = _units(before.get(path), old_lines), _units(after.get(path), new_lines)
        edited = bool(path in after and after[path].edited)
        for name in dict.fromkeys([*units[1], *units[0]]):
            change = _change(units[0].get(name), units[1].get(name), path=path, name=name, edited=edited)
            if change is None:
                same.append(f"{_short(path)}: {name}")
            else:
                found.append(change)
    order: tuple[CodeStatus, ...] = ("changed", "added", "removed", "comments", "moved")
    return tuple(sorted(found, key=lambda change: order.index(change.status))), tuple(same)


def _short(path: str) -> str:
    return path.rpartition("/")[2]


def _change(old: _Unit | None, new: _Unit | None, *, path: str, name: str, edited: bool) -> CodeChange | None:
    status = _status(old, new)
    if status is None:
        return None
    return CodeChange(
        module=path,
        name=name,
        status=status,
        old_cells=old.cells if old else (),
        new_cells=new.cells if new else (),
        diff=() if status == "moved" else _diff(old.own if old else [], new.own if new else []),
        edited=edited,
    )


def _status(old: _Unit | None, new: _Unit | None) -> CodeStatus | None:
    if old is None or new is None:
        return "added" if old is None else "removed"
    if old.syntax != new.syntax:
        return "changed"
    if old.own != new.own:
        return "comments"
    return "moved" if old.lines != new.lines or old.cells != new.cells else None


def _diff(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """A unified diff without its file names."""
    lines = difflib.unified_diff(old, new, lineterm="", n=2)
    return tuple(lines)[2:]


def _units(module: Module | None, lines: Sequence[CellLine]) -> dict[str, _Unit]:
    if module is None:
        return {}
    text = module.text.replace("\r\n", "\n").split("\n")
    try:
        tree = ast.parse(module.text)
    except (SyntaxError, ValueError):
        return {OUTSIDE: _Unit(lines=tuple(text), syntax=module.text, cells=())}
    cells = {each.line: each.cell for each in lines if _short(each.file) == _short(module.path)}
    units: dict[str, _Unit] = {}
    taken: set[int] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            numbers = range(_start(node, text), (node.end_lineno or node.lineno) + 1)
            taken.update(numbers)
            units[node.name] = _unit([node], numbers, text, cells)
    rest = [number for number in range(1, len(text) + 1) if number not in taken and text[number - 1].strip()]
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return {**units, OUTSIDE: _unit(outside, rest, text, cells)} if rest else units


def _start(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, text: Sequence[str]) -> int:
    """A definition's first line: its decorators, and the comments right above them."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    while first > 1 and text[first - 2].lstrip().startswith("#"):
        first -= 1
    return first


def _unit(nodes: Sequence[ast.stmt], numbers: Sequence[int], text: Sequence[str], cells: dict[int, int]) -> _Unit:
    body = [node for node in nodes if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    lines = tuple(text[number - 1] for number in numbers)
    return _Unit(
        lines=lines,
        syntax="\n".join(ast.dump(node) for node in body),
        cells=tuple(sorted({*(cells[number] for number in numbers if number in cells), *_said_cells(lines)})),
    )


def _said_cells(lines: Sequence[str]) -> list[int]:
    """The cells that comments name: `# loans.ipynb, cell 2 "Applicant"` → [2]."""
    return [int(found.group(1)) for line in lines if (found := _ORIGIN.fullmatch(line))]
