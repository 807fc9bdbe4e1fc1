"""What a run depends on, by the notebook's source: the statements in a slice, and those that act by other ways than names.

    1  import pandas as pd                          depends: feeds the model
    2  loans = pd.read_csv("loans.csv")             depends
    3  loans["income"].hist()                       does not: it shows something
    4  pd.set_option("mode.copy_on_write", True)    depends: it may change what comes after
    5  model.fit(loans[["income"]], loans["y"])     depends
    6  assert auc > 0.7                             a check: what it reads depends, it does not

After the last statement of a slice nothing can change it. A statement counts as one that acts otherwise unless all of its
effects are known to be harmless and all that it calls is known: a library that is not in the tables may do anything.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from nb2svc.analysis import knowledge as known
from nb2svc.analysis.index import make_index, root_name
from nb2svc.analysis.keep import is_definition_statement
from nb2svc.analysis.slicing import definitions, incoming
from nb2svc.analysis.statements import parse_statement
from nb2svc.ir.capture import KeepPoint
from nb2svc.ir.dataflow import Dataflow, Effect, Statement
from nb2svc.ir.dependence import Dependence, RunText
from nb2svc.ir.notebook import Masked, Notebook
from nb2svc.ir.outline import CheckUse, Outline

# Effects that change nothing that a later statement sees, or that the edges between statements already follow.
_HARMLESS = frozenset({"display", "plot", "clock", "random", "file_read", "network"})
_PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".pdf", ".html", ".gif")
# Of these modules a call may set what all later code sees, unless it is known only to ask.
_ACTING_MODULES = ("os", "sys", "importlib", "gc", "signal", "locale", "ctypes", "decimal", "faulthandler")
_ONLY_ASKING = (
    *(
        "os.path.",
        "os.getcwd",
        "os.getenv",
        "os.environ.get",
        "os.environ.items",
        "os.listdir",
        "os.walk",
        "os.scandir",
        "os.stat",
    ),
    *(
        "os.cpu_count",
        "os.getpid",
        "os.fspath",
        "sys.getsizeof",
        "sys.exc_info",
        "importlib.metadata.",
        "importlib.util.find_spec",
    ),
    *("gc.collect", "decimal.Decimal", "os.uname", "locale.getlocale", "os.get_terminal_size"),
)
_ACTING_BUILTINS = frozenset({"setattr", "delattr", "exec", "__import__", "vars"})
# Their settings change pictures, never values.
_FOR_THE_EYE = ("matplotlib", "seaborn", "plotly", "bokeh", "altair")
# How long something took is measured with these, and nothing else, in practice; like a draw without a seed.
_STOPWATCHES = frozenset({"time.time", "time.perf_counter"})
# These fetch one fixed file, and compare its digest with the one that they know.
_FIXED_SETS = frozenset(
    f"sklearn.datasets.fetch_{name}"
    for name in ("california_housing", "20newsgroups", "covtype", "olivetti_faces", "lfw_people", "rcv1", "kddcup99")
)
_REMOTE = ("http://", "https://", "ftp://", "s3://", "gs://", "hdfs://", "az://", "abfs://")
# Magics that do the same each time, whatever lies on the disk.
_STEADY_MAGICS = ("%cd", "%env", "%set_env", "%%writefile", "%%file", "%reset", "%aimport", "%%capture")
# Tags by which a cell may be left out, or fail, without ending the run.
_RUN_TAGS = frozenset({"raises-exception", "skip-execution"})
_CHECK = "check_value"


def run_dependence(notebook: Notebook, dataflow: Dataflow, outline: Outline, points: Iterable[KeepPoint]) -> Dependence:
    """What the capture of a run depends on, statement by statement."""
    points = tuple(points)
    reach = _Reach(notebook, dataflow)
    model = {number for number, _ in outline.parts}.union(outline.serving.statements, outline.training.statements)
    model |= {point.statement for point in points if point.kind != _CHECK}
    slices = reach.closure(model)
    needed = reach.with_others(slices, before=max(slices, default=-1) + 1)
    place = {number: index for index, number in enumerate(needed)}
    aliases = {
        (point.expression, point.statement): _known_as(point, place)
        for point in points
        if point.when == "after" and point.kind != _CHECK
    }
    return Dependence(
        texts=(*(reach.text(number) for number in needed), *reach.masked(before=max(slices, default=-1))),
        points=tuple(_names(point, place, reach, aliases) for point in points),
        checks=tuple(reach.text(number).code for check in outline.checks for number in _evaluated(dataflow, check)),
        definitions=_definitions(dataflow, outline, needed),
        imports=tuple(sorted(_imported(dataflow.statements))),
        unknowable=tuple(dict.fromkeys([*reach.unknowable(slices), *reach.anything(before=max(slices, default=-1))])),
    )


def _evaluated(dataflow: Dataflow, check: CheckUse) -> tuple[int, ...]:
    """The statements of a check cell, and the functions, classes and imports that they use: these are no values to keep."""
    defining = (number for number in check.slice.statements if is_definition_statement(dataflow, number))
    return (*defining, *check.statements)


def _definitions(dataflow: Dataflow, outline: Outline, needed: Iterable[int]) -> tuple[int, ...]:
    numbers = set(needed).union(*(check.slice.statements for check in outline.checks))
    return tuple(number for number in sorted(numbers) if is_definition_statement(dataflow, number))


def _names(
    point: KeepPoint, place: Mapping[int, int], reach: "_Reach", aliases: Mapping[tuple[str, int], str]
) -> tuple[str, ...]:
    """How a keep point is known in another run of the notebook; a check's value also as what the model keeps of it."""
    if point.kind != _CHECK:
        return (_known_as(point, place),)
    made = definitions(reach.dataflow, point.statement - 1, point.expression)
    leading = reach.with_others(reach.closure(made), before=point.statement)
    own = _digest("\n".join([_CHECK, point.expression, *(reach.text(number).code for number in leading)]))
    alias = aliases.get((point.expression, made[0])) if len(made) == 1 else None
    return (own, alias) if alias else (own,)


def _known_as(point: KeepPoint, place: Mapping[int, int]) -> str:
    where = place[point.statement]
    label = str(where) if point.kind == "random" else point.label
    return _digest("\n".join([point.kind, label, point.expression, str(where), point.when]))


class _Reach:
    """What leads to a statement, by names and otherwise."""

    def __init__(self, notebook: Notebook, dataflow: Dataflow) -> None:
        self.notebook = notebook
        self.dataflow = dataflow
        self._sources = incoming(dataflow)
        self._index = make_index(notebook, dataflow)
        self._aliases = self._module_aliases()
        self._foreign = self._foreign_names()
        self._texts: dict[int, RunText] = {}

    def closure(self, starts: Iterable[int]) -> set[int]:
        """The starts and all that they use."""
        seen: set[int] = set()
        todo = list(starts)
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                todo += self._sources.get(number, ())
        return seen

    def with_others(self, needed: set[int], *, before: int) -> tuple[int, ...]:
        """The needed statements with all before a place that may act on them by no name, and what those use; in order."""
        others = [one.number for one in self.dataflow.statements[:before] if not self._is_harmless(one)]
        return tuple(sorted(needed | self.closure(others)))

    def _is_harmless(self, statement: Statement) -> bool:
        if not all(_is_harmless(effect) for effect in statement.effects):
            return False
        names = (*statement.reads, *(statement.defines if statement.kind == "import" else ()))
        is_definition = statement.kind in ("function", "class") and not statement.source.lstrip().startswith("@")
        return is_definition or (self._foreign.isdisjoint(names) and not self._acts(statement.number))

    def _module_aliases(self) -> dict[str, str]:
        """Names of what belongs to a module: `options = pd.options`, into which a later line may store."""
        found: dict[str, str] = {}
        for statement in self.dataflow.statements:
            parsed = parse_statement(statement.source)
            node = parsed.node if parsed else None
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Attribute | ast.Name):
                root = root_name(node.value) or ""
                module = self._index.imports.get(root, "") or found.get(root, "")
                found |= dict.fromkeys(statement.defines, module) if module else {}
        return found

    def _foreign_names(self) -> set[str]:
        """Names that stand for code of which nothing is known, or that acts: what is done by calling them can't be told."""
        found: set[str] = set()
        for statement in self.dataflow.statements:
            unknown = statement.kind == "import" and not _imported([statement]) <= known.KNOWN_LIBRARIES | known.INSTALLED
            if (
                unknown
                or (statement.kind in ("function", "class") and self._acts(statement.number))
                or (statement.kind in ("function", "class") and not found.isdisjoint((*statement.reads, *statement.defers)))
            ):
                found.update(statement.defines)
        return found

    def _acts(self, number: int) -> bool:
        """Whether a statement calls what sets something for all later code, or stores into a module."""
        parsed = parse_statement(self.dataflow.statements[number].source)
        return parsed is not None and any(self._node_acts(node) for node in ast.walk(parsed.node))

    def _node_acts(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _ACTING_BUILTINS:
                return True
            # `np.add(a, 1, out=a.values)` writes into what it is given; `getattr(pd, name)(…)` calls anything.
            if any(keyword.arg == "out" for keyword in node.keywords) or _calls_by_name(node):
                return True
            path = self._index.path(node.func)
            return path.partition(".")[0] in _ACTING_MODULES and not path.startswith(_ONLY_ASKING)
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return True
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            root = root_name(node) or ""
            module = self._index.imports.get(root, "") or self._aliases.get(root, "")
            return bool(module) and not module.startswith(_FOR_THE_EYE)
        return False

    def text(self, number: int) -> RunText:
        """A statement without comments and layout; with the tags that say whether its cell counts."""
        if number not in self._texts:
            statement = self.dataflow.statements[number]
            cell = self.notebook.cell(statement.span.cell)
            parsed = parse_statement(statement.source)
            code = ast.dump(parsed.node) if parsed is not None else statement.source
            tags = sorted(_RUN_TAGS & set(cell.tags))
            settings = ["parameters"] if cell.parameters else []
            self._texts[number] = RunText(
                text=statement.source, code="\n".join([code, *tags, *settings]), place=str(statement.span)
            )
        return self._texts[number]

    def masked(self, *, before: int) -> Iterator[RunText]:
        """IPython's lines that may do more than show something, down to the cell of a statement."""
        for piece in self._pieces(before):
            yield RunText(text=piece.text, code=piece.text, place=str(piece.span))

    def anything(self, *, before: int) -> Iterator[str]:
        """IPython's lines that may do another thing each time."""
        for piece in self._pieces(before):
            text = piece.text.strip()
            if piece.treatment == "refused" and piece.runs and not text.startswith(_STEADY_MAGICS):
                yield f"`{_short(text)}` ({piece.span}) may do another thing each time"

    def _pieces(self, before: int) -> Iterator[Masked]:
        last = self.dataflow.statements[before].span.cell if before >= 0 else 0
        for cell in self.notebook.cells[:last]:
            for piece in cell.masked:
                if piece.treatment in ("definitional", "refused") or _loads_code(piece):
                    yield piece

    def unknowable(self, numbers: Iterable[int]) -> Iterator[str]:
        """What statements ask of the network, the calendar, a process or a person."""
        for number in sorted(numbers):
            statement = self.dataflow.statements[number]
            for effect in statement.effects:
                said = next((say(effect) for kind, say in _ASKS if kind == effect.kind), None)
                if said:
                    yield f"{said} ({effect.span})"


def _loads_code(piece: Masked) -> bool:
    """`%load_ext foo` runs what foo likes; what only reloads modules, or is ours, does not."""
    words = piece.text.split()
    loads = bool(words) and words[0] in ("%load_ext", "%reload_ext")
    return loads and not any(word.startswith(("autoreload", "nb2svc")) for word in words[1:])


def _calls_by_name(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Call) and isinstance(node.func.func, ast.Name) and node.func.func.id == "getattr"


def _network(effect: Effect) -> str | None:
    return None if effect.detail in _FIXED_SETS else f"`{_short(effect.detail)}` asks the network"


def _file(effect: Effect) -> str | None:
    return f"{_short(effect.detail)} is read from the network" if effect.detail.lower().startswith(_REMOTE) else None


def _clock(effect: Effect) -> str | None:
    return None if effect.detail in _STOPWATCHES else f"`{_short(effect.detail)}` asks for the date"


_ASKS: tuple[tuple[str, Callable[[Effect], str | None]], ...] = (
    ("network", _network),
    ("file_read", _file),
    ("clock", _clock),
    ("process", lambda effect: f"`{_short(effect.detail)}` starts a program"),
    ("input", lambda effect: f"`{_short(effect.detail)}` asks a person"),
)


def _is_harmless(effect: Effect) -> bool:
    """Whether an effect is nothing that a later statement sees by another way than through names."""
    match effect.kind:
        case "library_state":
            return known.STATE_SETTERS.get(effect.detail) in ("display", "warnings")
        case "file_write":
            return effect.detail.lower().endswith(_PICTURES)
        case _:
            return effect.kind in _HARMLESS


def _imported(statements: Iterable[Statement]) -> set[str]:
    """The top-level modules that statements import, in functions too."""
    modules: set[str] = set()
    for statement in statements:
        parsed = parse_statement(statement.source)
        for node in ast.walk(parsed.node) if parsed is not None else ():
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    return modules


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _short(text: str) -> str:
    first = text.split("\n", 1)[0]
    return first if len(first) <= 60 else first[:59] + "…"
