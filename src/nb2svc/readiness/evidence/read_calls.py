"""Which statements of the training slice bring data in, and which recorded file each of them reads."""

import ast
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import PurePosixPath

from nb2svc.ir.dataflow import Dataflow, Effect, Statement
from nb2svc.ir.span import Span
from nb2svc.readiness.checks.pinned_data import ReadCall
from nb2svc.readiness.inputs import AssessInputs

_REMOTE = re.compile(
    r"^(?:https?|ftp|s3|gs|gcs|abfss?|az|hdfs|postgresql|mysql|mssql|oracle|snowflake|bigquery)(?:\+\w+)?://", re.IGNORECASE
)
# Calls that list names: what they find is read by another call, of the same statement or a later one.
_LISTING = re.compile(r"\b(?:glob|iglob|listdir|walk|scandir)\s*\(")
_READING = re.compile(r"\b(?:read_?\w*|load\w*|open|imread|ZipFile|connect|genfromtxt|fromfile)\s*\(")
_DATABASE = re.compile(r"\bread_(?:sql|sql_query|sql_table|gbq)\s*\(")
_DATABASE_FILES = (".db", ".sqlite", ".sqlite3", ".duckdb")
# `load_diabetes(…)`, `make_moons(…)`: a library's own data, which its version pins.
_BUNDLED = re.compile(r"^(sklearn|statsmodels)\.datasets\.(?:load|make)_\w+$")
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "statsmodels": "statsmodels"}


def read_calls(inputs: AssessInputs, *, names: Sequence[str]) -> tuple[ReadCall, ...]:
    """The read calls of the training slice, in document order; `names` are the recorded files."""
    assert inputs.dataflow is not None
    assert inputs.outline is not None
    wanted = set(inputs.outline.training.statements)
    found: list[ReadCall] = []
    for statement in inputs.dataflow.statements:
        if statement.number in wanted:
            found += _of_statement(statement, inputs, names)
    return tuple(found)


def unknown_call(inputs: AssessInputs, *, names: Sequence[str]) -> ReadCall:
    """What the scan says of one more statement, which reads a file that no run recorded."""
    assert inputs.dataflow is not None
    span = Span(1, 1, 0, 1, 1)
    effect = Effect(kind="file_read", detail="", span=span)
    number = len(inputs.dataflow.statements)
    planted = Statement(
        number=number, span=span, source='planted = pd.read_csv("a file of the control.csv")', kind="assign", effects=(effect,)
    )
    return _of_statement(planted, inputs, names, guess=False)[0]


def _of_statement(statement: Statement, inputs: AssessInputs, names: Sequence[str], *, guess: bool = True) -> list[ReadCall]:
    assert inputs.dataflow is not None
    where, text = str(statement.span), _first_line(statement.source)
    calls: list[ReadCall] = []
    strings = tuple(_strings_behind(statement, inputs.dataflow))
    for origin in _bundled(statement, inputs):
        calls.append(ReadCall(where=where, text=text, source="library", origin=origin))
    for kind in dict.fromkeys(effect.kind for effect in statement.effects if not _BUNDLED.match(effect.detail)):
        if kind == "network" or (kind == "file_read" and any(_REMOTE.match(string) for string in strings)):
            calls.append(ReadCall(where=where, text=text, source="remote"))
        elif kind == "file_read" and _DATABASE.search(statement.source):
            calls.append(_database(where, text, names))
        elif kind == "file_read" and (_READING.search(statement.source) or not _LISTING.search(statement.source)):
            files = tuple(name for name in names if _named(name, strings))
            if not files and guess and not _literal_path(statement):
                files = tuple(names)  # the path is computed: some file of those that the run recorded
            calls.append(ReadCall(where=where, text=text, source="file", file=", ".join(files)))
    return calls


def _database(where: str, text: str, names: Sequence[str]) -> ReadCall:
    """A query reads the database that the run opened as a file; without one it went over the network."""
    files = tuple(name for name in names if name.endswith(_DATABASE_FILES))
    return ReadCall(where=where, text=text, source="file" if files else "remote", file=", ".join(files))


def _strings_behind(statement: Statement, dataflow: Dataflow) -> Iterator[str]:
    """The string constants of a statement and of all that it is computed from: a path may be a name, or put together."""
    behind, todo = {statement.number}, [statement.number]
    while todo:
        number = todo.pop()
        sources = {edge.source for edge in dataflow.edges if edge.target == number} - behind
        behind |= sources
        todo += sources
    yield from _strings(statement.source)
    for other in dataflow.statements:
        if other.number in behind and other.number != statement.number:
            yield from _strings(other.source)


def _strings(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _named(file: str, strings: Sequence[str]) -> bool:
    """Whether one of the strings is the file's name or a pattern of it.

    _named("data/loans.csv", ("/loans.csv",)) → True; _named("data/loans.csv", ("*.csv",)) → True
    """
    base = PurePosixPath(file).name
    lasts = (re.split(r"[\\/]", string)[-1] for string in strings)
    return any(last and (last == base or (any(sign in last for sign in "*?[") and fnmatch(base, last))) for last in lasts)


def _literal_path(statement: Statement) -> bool:
    """Whether a string of the statement itself looks like a file: then it, and nothing else, must be among the recorded."""
    return any(PurePosixPath(string).suffix[1:].isalnum() and "\n" not in string for string in _strings(statement.source))


def _bundled(statement: Statement, inputs: AssessInputs) -> Iterator[str]:
    """The distributions whose own data a statement loads: `load_diabetes()` → "scikit-learn 1.9.1"."""
    versions = dict(inputs.capture.versions) if inputs.capture else {}
    found = (_BUNDLED.match(effect.detail) for effect in statement.effects)
    for module in dict.fromkeys(match[1] for match in found if match):
        distribution = _DISTRIBUTIONS[module]
        yield f"{distribution} {versions.get(distribution, '')}".strip()


def _first_line(source: str) -> str:
    line = source.split("\n", 1)[0].strip()
    return line if len(line) <= 80 else f"{line[:79]}…"
