"""Draws faults from a generated project: what a compiler could get wrong, put into code and artifacts on purpose.

    constant      loans["stale"] = (loans["days_since"] > 30)        → > 37
    comparison    risk > 0.4                                         → risk <= 0.4
    category      home == "owner" → "owner_"; a level renamed in state.json; a level missing in schema.py
    order         columns of a table in another order
    dropped       a statement replaced by `pass`
    state         a learned number or time in state.json is another
    swapped       one table (or its rows) in place of another

Only lines of the author's count, by the project's line map; what only training runs is left alone.
"""

import ast
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: "<=", ast.GtE: "<", ast.Lt: ">=", ast.LtE: ">", ast.Eq: "!=", ast.NotEq: "==",
}  # fmt: skip
# Calls whose result has the columns of the tables they read.
PASSING = frozenset(
    {"assign", "astype", "concat", "drop", "fillna", "get_dummies", "join", "merge", "rename", "replace", "round"}
)
KINDS = ("constant", "comparison", "category", "order", "dropped", "state", "swapped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change of one file, and where the proof should see it: the statement, and columns that it can name."""

    kind: str
    file: str
    content: str
    what: str
    statements: frozenset[int]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A project's sources with their line map, and the columns of its raw tables."""

    package: Path
    records: tuple[Mapping[str, Any], ...]
    tables: Mapping[str, tuple[str, ...]]

    def text(self, file: str) -> str:
        """A file of the package."""
        return (self.package / file).read_text(encoding="utf-8")

    def statement(self, file: str, line: int) -> int | None:
        """The notebook's statement on a line, or None where the line is the generator's own."""
        found = (each["statement"] for each in self.records if Path(each["file"]).name == file and each["line"] == line)
        return next(found, None)

    def naming(self, *texts: str) -> frozenset[int]:
        """The first statement of which a generated line holds all the texts."""
        for each in sorted(self.records, key=lambda each: each["statement"]):
            line = self.text(Path(each["file"]).name).split("\n")[each["line"] - 1]
            if all(text in line for text in texts):
                return frozenset({each["statement"]})
        return frozenset()


def tree_of(project: Path, package: str, tables: Mapping[str, tuple[str, ...]]) -> Tree:
    """The tree of a built project; `tables` are the raw tables' columns."""
    home = project / package
    records = json.loads((home / "_nb2svc" / "line_map.json").read_text(encoding="utf-8"))
    return Tree(package=home, records=tuple(records), tables=tables)


def draw(tree: Tree, *, count: int, seed: int) -> list[Fault]:
    """`count` faults in turn from each kind, in an order that `seed` decides; all there are where there are fewer."""
    chance = random.Random(seed)
    piles = {kind: [] for kind in KINDS}
    for fault in _all(tree, chance):
        piles[fault.kind].append(fault)
    for pile in piles.values():
        chance.shuffle(pile)
    turns = max(len(pile) for pile in piles.values())
    found = [pile[turn] for turn in range(turns) for pile in piles.values() if turn < len(pile)]
    return found[:count]


def plant(fault: Fault, project: Path, copy: Path) -> Path:
    """A copy of the project with the fault in it; artifact digests are made to fit, so that only the proof can see it."""
    shutil.copytree(project, copy, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__"))
    path = next(iter(copy.glob(f"*/{fault.file}")))
    _rewrite(path, fault.content)
    manifest = path.parent / "manifest.json"
    if path.parent.name == "artifacts" and manifest.exists():
        document = json.loads(manifest.read_text(encoding="utf-8"))
        document["files"][path.name] = hashlib.sha256(fault.content.encode()).hexdigest()
        _rewrite(manifest, json.dumps(document))
    return copy


def _rewrite(path: Path, content: str) -> None:
    path.unlink()  # the copy is made of links: never write through one
    path.write_text(content, encoding="utf-8")


def _all(tree: Tree, chance: random.Random) -> Iterator[Fault]:
    for file in ("features.py", "model.py"):
        if (tree.package / file).exists():
            yield from _code(tree, file)
    yield from _state(tree, chance)
    yield from _schema(tree)
    yield from _lookups(tree)


def _code(tree: Tree, file: str) -> Iterator[Fault]:
    text = tree.text(file)
    made: dict[str, set[str]] = {name: set(columns) for name, columns in tree.tables.items()}
    for function in [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]:
        for node in function.body:
            number = tree.statement(file, node.lineno)
            columns = _columns(node, made)
            if number is None:
                continue
            place = _Place(tree=tree, file=file, text=text, statement=number, columns=frozenset(columns))
            yield from place.faults(node)


def _columns(node: ast.stmt, made: dict[str, set[str]]) -> set[str]:
    """The columns that a statement can change: of `loans["n"] = …` that one, else all that the names it reads have."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    for target in targets:
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.value, ast.Name):
            made.setdefault(target.value.id, set()).add(str(target.slice.value))
            return {str(target.slice.value)}
    names = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    keywords = {
        each.arg for each in ast.walk(node) if isinstance(each, ast.keyword) and each.arg and isinstance(each.value, ast.Tuple)
    }
    calls = {getattr(each.func, "attr", "") for each in ast.walk(node) if isinstance(each, ast.Call)}
    read = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - (names if calls & {"merge", "join"} else set())
    keywords |= (
        {each.arg for each in ast.walk(node) if isinstance(each, ast.keyword) and each.arg} if "assign" in calls else set()
    )
    brought = {column for name in read for column in made.get(name, ())} if calls & PASSING else set()
    for name in names:
        made[name] = keywords or {column for each in read | names for column in made.get(each, ())}
    return names | keywords | (set() if keywords else brought)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One of the author's statements in a generated function."""

    tree: Tree
    file: str
    text: str
    statement: int
    columns: frozenset[str]

    def faults(self, node: ast.stmt) -> Iterator[Fault]:
        """Every fault that this statement can have."""
        indent = " " * node.col_offset
        lines = max(0, (node.end_lineno or node.lineno) - node.lineno)
        yield self.fault("dropped", node, "pass" + ("\n" + indent + "pass") * lines)
        for part in _served(node):
            if isinstance(part, ast.Compare) and type(part.ops[0]) in COMPARISONS:
                left, right = ast.unparse(part.left), ast.unparse(part.comparators[0])
                yield self.fault("comparison", part, f"{left} {COMPARISONS[type(part.ops[0])]} {right}")
                if isinstance(part.comparators[0], ast.Constant) and isinstance(part.comparators[0].value, str):
                    yield self.fault("category", part.comparators[0], repr(part.comparators[0].value + "_"))
            elif isinstance(part, ast.Constant) and type(part.value) in (int, float):
                yield from (self.fault("constant", part, text) for text in _others(part.value))
            elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "agg" and len(part.keywords) > 1:
                yield self.fault("order", part, _turned(part))
            elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "get_dummies":
                yield self.fault("order", part, f"(lambda frame: frame[list(frame.columns)[::-1]])({ast.unparse(part)})")
        yield from self._swaps(node)

    def _swaps(self, node: ast.stmt) -> Iterator[Fault]:
        others = [name for name in self.tree.tables if name in self.text]
        for part in _served(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in self.tree.tables:
                for other in others:
                    if other != part.id and set(self.tree.tables[other]) == set(self.tree.tables[part.id]):
                        yield self.fault("swapped", part, other)

    def fault(self, kind: str, node: ast.AST, text: str) -> Fault:
        """The statement with one node written otherwise."""
        start, end = _offset(self.text, node.lineno, node.col_offset), _offset(self.text, node.end_lineno, node.end_col_offset)
        return Fault(
            kind=kind,
            file=self.file,
            content=self.text[:start] + _as_long(text, self.text[start:end]) + self.text[end:],
            what=f"{self.text[start:end]} → {text}",
            statements=frozenset({self.statement}),
            columns=self.columns,
        )


def _served(node: ast.AST) -> Iterator[ast.AST]:
    """The parts that a request runs: not what is learned, nor a selection that only training makes."""
    if isinstance(node, ast.IfExp) and "state.learning" in ast.unparse(node.test):
        yield from _served(node.orelse)
        return
    if isinstance(node, ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _served(child)


def _as_long(text: str, old: str) -> str:
    """An expression over as many lines as the old one, so that the line map still fits."""
    missing = old.count("\n") - text.count("\n")
    return f"({text}" + "\n" * missing + ")" if missing > 0 else text


def _others(value: float) -> tuple[str, str]:
    if isinstance(value, int):
        return repr(value + 1), repr(value + 7)
    return repr(round(value * 1.5 + 0.05, 3)), repr(round(value * 0.6 - 0.05, 3))


def _turned(call: ast.Call) -> str:
    turned = ast.Call(func=call.func, args=call.args, keywords=call.keywords[::-1])
    return ast.unparse(turned)


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + len(lines[line - 1].encode()[:column].decode())


def _state(tree: Tree, chance: random.Random) -> Iterator[Fault]:
    path = "artifacts/state.json"
    document = json.loads(tree.text(path))
    for name, value in document.items():
        if name.endswith("_categories"):
            column = name.removesuffix("_categories")
            yield from _levels(tree, path, document, name=name, column=column)
            continue
        for changed, what in _stale(value, chance):
            columns = frozenset({name, *(_made_with(tree, f"state.{name}("))})
            content = json.dumps({**document, name: changed})
            yield Fault(
                kind="state",
                file=path,
                content=content,
                what=f"{name}: {what}",
                statements=tree.naming(f"state.{name}("),
                columns=columns,
            )


def _stale(value: Any, chance: random.Random) -> Iterator[tuple[Any, str]]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        for factor in (chance.uniform(1.01, 1.05), chance.uniform(1.2, 1.6), chance.uniform(0.4, 0.8)):
            yield value * factor, f"times {factor:.3f}"
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "$type":
                continue
            if isinstance(inner, str) and inner[:2] == "20":
                for year in ("2024", "2023"):
                    yield {**value, key: year + inner[4:]}, f"in {year}"
            else:
                yield from (({**value, key: changed}, what) for changed, what in _stale(inner, chance))


def _levels(tree: Tree, path: str, document: dict[str, Any], *, name: str, column: str) -> Iterator[Fault]:
    found = document[name]
    holder: Callable[[list[Any]], Any] = (
        (lambda levels: levels) if isinstance(found, list) else (lambda levels: _with(found, levels))
    )
    levels = found if isinstance(found, list) else next(value for value in found.values() if isinstance(value, list))
    columns = frozenset({column, "X", *(f"{column}_{level}" for level in [*levels, "zz"])})
    statements = tree.naming("state.categories(", f'"{column}"')
    changes = [
        ("category", [*levels[:place], "zz", *levels[place + 1 :]], f"level {levels[place]} → zz") for place in range(len(levels))
    ]
    changes += [("category", levels[1:], "the first level is missing"), ("category", [*levels, "zz"], "a level too many")]
    changes += [("order", levels[::-1], "levels turned round"), ("order", [*levels[1:], levels[0]], "levels rotated")]
    for kind, changed, what in changes:
        content = json.dumps({**document, name: holder(changed)})
        yield Fault(kind=kind, file=path, content=content, what=f"{name}: {what}", statements=statements, columns=columns)


def _with(found: dict[str, Any], levels: list[Any]) -> dict[str, Any]:
    return {key: levels if isinstance(value, list) else value for key, value in found.items()}


def _made_with(tree: Tree, text: str) -> set[str]:
    """The columns that the line with a text assigns: `loans["income"] = …`."""
    for file in ("features.py", "model.py"):
        for line in tree.text(file).split("\n") if (tree.package / file).exists() else ():
            if text in line:
                return _columns(ast.parse(line.strip()).body[0], {})
    return set()


def _schema(tree: Tree) -> Iterator[Fault]:
    text = tree.text("schema.py")
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.value, ast.Call)
            and node.value.args
            and isinstance(node.target, ast.Name)
        ):
            column = node.target.id
            for place in range(len(node.value.args)):
                kept = [ast.unparse(each) for at, each in enumerate(node.value.args) if at != place]
                yield _in_schema(tree, text, node.value, f"seen({', '.join(kept)})", kind="category", columns={column})
        elif isinstance(node, ast.keyword) and node.arg == "columns" and isinstance(node.value, ast.Dict):
            pairs = [
                f"{ast.unparse(key)}: {ast.unparse(value)}"
                for key, value in zip(node.value.keys, node.value.values, strict=True)
                if key
            ]
            names = {ast.literal_eval(key) for key in node.value.keys if key is not None}
            turned = "{" + ", ".join(pairs[::-1]) + "}"
            yield _in_schema(tree, text, node.value, turned, kind="order", columns=names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Guard" and isinstance(node.args[2], ast.Constant):
            bound, column = node.args[2], str(ast.literal_eval(node.args[0]))
            if isinstance(bound.value, int):
                yield _in_schema(tree, text, bound, repr(bound.value + 9), kind="constant", columns={column})


def _in_schema(tree: Tree, text: str, node: ast.AST, changed: str, *, kind: str, columns: set[str]) -> Fault:
    start, end = _offset(text, node.lineno, node.col_offset), _offset(text, node.end_lineno, node.end_col_offset)
    statements: set[int] = set()
    for column in columns:
        statements |= tree.naming(f'"{column}"')
    return Fault(
        kind=kind,
        file="schema.py",
        content=text[:start] + changed + text[end:],
        what=f"{text[start:end]} → {changed}",
        statements=frozenset(statements),
        columns=frozenset(columns),
    )


def _lookups(tree: Tree) -> Iterator[Fault]:
    """A lookup table whose rows have each other's numbers."""
    for path in sorted((tree.package / "artifacts").glob("lookup_*.json")):
        document, name = json.loads(path.read_text(encoding="utf-8")), path.stem.removeprefix("lookup_")
        rows = document.get("rows", [])
        for place, column in enumerate(tree.tables.get(name, ()) if rows else ()):
            numbers = [row[place] for row in rows]
            if all(type(number) in (int, float) for number in numbers) and len(set(numbers)) > 1:
                for shift in range(1, len(numbers)):
                    moved = [
                        [*row[:place], numbers[(at + shift) % len(numbers)], *row[place + 1 :]] for at, row in enumerate(rows)
                    ]
                    yield Fault(
                        kind="swapped",
                        file=f"artifacts/{path.name}",
                        content=json.dumps({**document, "rows": moved}),
                        what=f"{path.name}: {column} moved by {shift} rows",
                        statements=tree.naming(f"({name},"),
                        columns=frozenset({column}),
                    )
