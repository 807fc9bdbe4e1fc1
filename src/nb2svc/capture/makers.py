"""Which scripts beside a notebook may make a file that it misses: those that name the file, and write some."""

import re
from pathlib import Path

_KINDS = frozenset({".py", ".ipynb", ".sh", ".r", ".mk", ".sql"})
_NAMES = frozenset({"makefile", "snakefile", "justfile", "dvc.yaml"})
# How what writes or fetches a file looks, in the languages of such scripts. A module that only reads the file is no maker.
_WRITES = re.compile(
    r"\.to_(?:csv|parquet|pickle|excel|feather|json|hdf|sql)\b|\bsave\w*\(|\bdump\w*\(|\.write\w*\(|\bwrite[._]\w+\(|writer\("
    r"|open\([^)\n]*['\"][wax]|urlretrieve|\bdownload|\b(?:curl|wget|gsutil|dvc)\b|\s>\s|^outs?:",
    re.MULTILINE,
)
_LARGEST = 2_000_000
_MOST = 500


def likely_makers(file: str, notebook: Path) -> tuple[str, ...]:
    """The names of the scripts beside a notebook that may make a file, those that name it together with its folder first.

    loans.csv, beside make_loans.py with `frame.to_csv("loans.csv")`    → ("make_loans.py",)
    """
    name = Path(file).name
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    found = []
    for path in _scripts(notebook):
        text = _text(path)
        if named.search(text) and _WRITES.search(text):
            found.append((Path(file).as_posix() not in text, path.name))
    return tuple(name for _, name in sorted(found))


def how_to_run(script: str) -> str:
    """What a person types: `python make_loans.py`."""
    match Path(script).suffix.lower():
        case ".py":
            return f"python {script}"
        case ".sh":
            return f"sh {script}"
        case ".ipynb":
            return f"run {script}"
    return f"look at {script}"


def _scripts(notebook: Path) -> list[Path]:
    try:
        paths = sorted(notebook.resolve().parent.iterdir())[:_MOST]
    except OSError:
        return []
    return [
        path
        for path in paths
        if (path.suffix.lower() in _KINDS or path.name.lower() in _NAMES) and path.name != notebook.name and path.is_file()
    ]


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_LARGEST)
    except OSError:
        return ""
