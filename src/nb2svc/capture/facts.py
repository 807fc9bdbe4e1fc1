"""What a run depended on, written down beside its capture, and whether that is still so.

Compared without a kernel, and in words: `difference` says the first thing that is not as it was.

    the compiler's own code · the kernel, its Python and the libraries that were loaded · the folder, the parameters
    the statements that count (analysis/dependence.py) · the modules that the notebook imports
    each file that was read, by digest · each that was looked for and absent · the names in each folder that was listed
    the author's own modules, by digest · variables of the environment that the code reads or that libraries obey

A file is read again to compare it. One of over 16 MiB is taken as unchanged where its size, both its times, its inode and its
device are as they were before the run read it, and it was then at rest for some seconds; anything else is read.

**Run again each time**, since nobody can know: what is read from the network, the date where a slice asks for it, a program that
is started, a line of IPython that may do anything. **Not noticed**: a path that is put together while the code runs and is only
looked for, never opened; a library changed by hand where it is installed; what the author's own modules ask of a clock. `--fresh`
is for these. A draw without a seed gives another model on each run: its capture is reused like any other.
"""

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from nb2svc.capture import libraries
from nb2svc.capture.kernel_facts import folder_digest
from nb2svc.ir.capture import InputFile
from nb2svc.ir.dependence import Dependence
from nb2svc.system.clock import now
from nb2svc.system.digests import compiler_digest, digest_of, file_digest

_LARGE = 16 << 20
_REST = 5.0
# Variables that libraries obey, whether the notebook reads them or not.
_OBEYED = (
    *(
        "PYTHONPATH",
        "PYTHONHASHSEED",
        "TZ",
        "LANG",
        "LC_ALL",
        "LC_NUMERIC",
        "LC_TIME",
        "SCIKIT_LEARN_DATA",
        "CUDA_VISIBLE_DEVICES",
    ),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_CORETYPE"),
)
# What runs the generated project and its tests, and variables that they obey.
_SERVING = ("bentoml", "skops", "pytest", "scikit-learn", "pandas", "numpy")
_SERVERS = ("BENTOML_CONFIG", "BENTOML_CONFIG_OPTIONS", "PYTEST_ADDOPTS", "http_proxy", "no_proxy")
# What runs a kernel, and is loaded in it whether or not the notebook needs it.
_MACHINERY = frozenset(
    """asttokens comm debugpy decorator executing ipykernel ipython ipython-pygments-lexers jedi jupyter-client jupyter-core
    matplotlib-inline nest-asyncio parso pexpect platformdirs prompt-toolkit psutil ptyprocess pure-eval pygments pyzmq stack-data
    tornado traitlets wcwidth""".split()
)
# They differ from shell to shell and mean nothing to a notebook.
_RESTLESS = re.compile(r"_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|TERM.*|SSH_.*|WINDOWID|PYTEST_.*|JPY_.*|NB2SVC_PROCESS")
_LONGEST = 200
_MOST = 400


def settings(dependence: Dependence, *, kernel: str, cwd: Path, parameters: Mapping[str, object]) -> dict[str, Any]:
    """What can be said before a run: the notebook's part, and what it is to be run by."""
    return {
        "compiler": compiler_digest(),
        "kernel": {"name": kernel, **(libraries.kernel_specification(kernel) or {"unknown": True})},
        "cwd": str(cwd),
        "parameters": dict(parameters),
        "texts": [[text.code, text.place] for text in dependence.texts],
        "imports": list(dependence.imports),
        "unknowable": list(dependence.unknowable),
    }


def record(
    known: Mapping[str, Any],
    seen: Mapping[str, Any],
    *,
    dependence: Dependence,
    interpreter: str,
    inputs: Sequence[InputFile],
    installed: libraries.Installed | None = None,
) -> dict[str, Any]:
    """The facts of a run that has just ended; `seen` is what its kernel noted (`kernel_facts.py`).

    `installed` are the libraries that runs before it found, so that what has not changed is not read again.
    """
    cwd = Path(known["cwd"])
    installed = installed or libraries.Installed()
    sources = dict(seen.get("sources", {}))
    texts = [text.text for text in dependence.texts] + [_text(Path(path)) for path in sources]
    texts += [_text(cwd / file.path) for file in inputs if file.path.endswith(".py")]
    metadata = {name: place for name, place in seen.get("distributions", {}).items() if name not in _MACHINERY}
    hosts = [f"the run asked {host}" for host in seen.get("hosts", ())]
    return {
        **known,
        "texts": [[hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest(), place] for code, place in known["texts"]],
        "unknowable": [*known["unknowable"], *(hosts if not known["unknowable"] else ())],
        "points": [list(names) for names in dependence.points],
        "checks": digest_of(list(dependence.checks)),
        "interpreter": [interpreter, libraries.python_at(interpreter)],
        "libraries": installed.fingerprints(metadata),
        "metadata": metadata,
        "path": list(seen.get("path", ())),
        "found": installed.search_path(seen.get("path", ()), metadata),
        "sources": sources,
        "files": [[str((cwd / file.path).resolve()), file.path, file.sha256, _stat(seen, cwd, file)] for file in inputs],
        "absent": list(seen.get("absent", ())),
        "listed": dict(seen.get("listed", {})),
        "places": _places(texts, cwd, inputs),
        "environment": _environment(texts),
    }


def service_environment(noted: Mapping[str, Any]) -> dict[str, object]:
    """What a result of the kernel's Python depends on beside its own values: the compiler, the libraries and their variables.

    To those that the run loaded come the ones that serve, pack and test, with all that they need.
    """
    interpreter = noted["interpreter"][0]
    metadata = libraries.needed(noted["path"], [*noted["metadata"], *_SERVING])
    return {
        "compiler": compiler_digest(),
        "interpreter": [interpreter, libraries.python_at(interpreter)],
        "libraries": libraries.fingerprints(metadata),
        "environment": {name: _variable(name) for name in (*_OBEYED, *_SERVERS)},
    }


def difference(facts: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The first thing that is not as it was in a run; "" where all is. `wanted` are the `settings` of now."""
    return next(filter(None, _differences(facts, wanted)), "")


def _differences(facts: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    if wanted["compiler"] != facts["compiler"]:
        yield "nb2svc is another version"
    if wanted["cwd"] != facts["cwd"]:
        yield f"it ran in {facts['cwd']}"
    if wanted["kernel"] != facts["kernel"]:
        yield f"the kernel {wanted['kernel']['name']} is started in another way"
    interpreter, python = facts["interpreter"]
    if not libraries.starts(wanted["kernel"], interpreter):
        yield "which Python its kernel runs can't be told without starting it"
    if libraries.python_at(interpreter) != python:
        yield f"{interpreter} is another Python"
    yield from _parameters(facts["parameters"], wanted["parameters"])
    yield from _texts(facts["texts"], wanted["texts"])
    new = set(wanted["imports"]) - set(facts["imports"])
    if new:
        yield f"the notebook imports {min(new)}, which it did not"
    yield from facts["unknowable"]
    yield from _libraries(facts)
    yield from _files(facts)
    yield from _surroundings(facts)


def _parameters(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name) or (name in old) != (name in new):
            yield f"the parameter {name} is another"


def _texts(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> Iterator[str]:
    digests = [hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest() for code, _ in new]
    for number, digest in enumerate(digests):
        if number >= len(old) or old[number][0] != digest:
            known = {was for was, _ in old}
            yield f"{new[number][1]} is {'in another place' if digest in known else 'new or changed'}"
    if len(old) > len(digests):
        yield "a statement is gone"


def _libraries(facts: Mapping[str, Any]) -> Iterator[str]:
    now_found = libraries.fingerprints(facts["metadata"])
    for name, fingerprint in facts["libraries"].items():
        if now_found[name] != fingerprint:
            yield f"{name} was installed anew" if now_found[name] else f"another version of {name} is installed"
    if libraries.search_path(facts["path"], facts["metadata"]) != facts["found"]:
        yield "the kernel finds its libraries in another place"


def _files(facts: Mapping[str, Any]) -> Iterator[str]:
    for path, named, sha256, seen in facts["files"]:
        if not _is_at_rest(Path(path), seen) and _digest(Path(path)) != sha256:
            yield f"{named} has changed" if Path(path).exists() else f"{named} is gone"
    for path, sha256 in facts["sources"].items():
        if _digest(Path(path)) != sha256:
            yield f"{path} has changed"
    for path in facts["absent"]:
        if Path(path).exists():
            yield f"{path} was not there"


def _surroundings(facts: Mapping[str, Any]) -> Iterator[str]:
    for path, digest in facts["listed"].items():
        if folder_digest(path) != digest:
            yield f"other files lie in {path}"
    for path, kind in facts["places"].items():
        if _kind(Path(path)) != kind:
            yield f"{path} is {'gone' if kind else 'there now'}"
    for name, digest in facts["environment"].items():
        if _variable(name) != digest:
            yield "the environment has other variables" if name == "*" else f"the variable {name} is another"


def _stat(seen: Mapping[str, Any], cwd: Path, file: InputFile) -> list[int]:
    """What the kernel saw of a large file before it read it, where it was at rest by then; else nothing."""
    found: list[int] = seen.get("stats", {}).get(str((cwd / file.path).resolve()), [])
    if not found or file.size < _LARGE:
        return []
    return found if now().timestamp() - max(found[1], found[2]) / 1e9 > _REST else []


def _is_at_rest(path: Path, seen: Sequence[int]) -> bool:
    if not seen:
        return False
    with suppress(OSError):
        found = path.stat()
        return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev] == list(seen)
    return False


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError:
        return ""


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def _nodes(text: str) -> Iterator[ast.AST]:
    with suppress(SyntaxError, ValueError):
        yield from ast.walk(ast.parse(text))


@lru_cache(maxsize=4096)
def _said(text: str) -> frozenset[str]:
    """The texts that code holds."""
    return frozenset(node.value for node in _nodes(text) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _places(texts: Iterable[str], cwd: Path, inputs: Sequence[InputFile]) -> dict[str, str]:
    """What lies at each path that a text of the code names: an existence test leaves no other trace.

    `if Path("override.csv").exists()` → {"/home/ann/override.csv": ""}
    """
    named = {said for text in texts for said in _said(text)}
    plain = sorted(text for text in named if 0 < len(text) <= _LONGEST and "\n" not in text and "\0" not in text)
    folders = {cwd, *((cwd / file.path).parent for file in inputs), *(cwd / text for text in plain if (cwd / text).is_dir())}
    paths = [folder / text for text in plain[:_MOST] if "." in text or "/" in text for folder in sorted(folders)[:20]]
    read = {str(cwd / file.path) for file in inputs}
    return {str(path): _kind(path) for path in paths if str(path) not in read}


def _kind(path: Path) -> str:
    try:
        return "folder" if path.is_dir() else "file" if path.exists() else ""
    except (OSError, ValueError):
        return ""


def _environment(texts: Iterable[str]) -> dict[str, str]:
    """The variables that code reads by name, or all of them where it computes a name, and those that libraries obey."""
    names = {*_OBEYED, *(name for text in texts for name in _asked(text))}
    return {name: _variable(name) for name in sorted(names)}


@lru_cache(maxsize=4096)
def _asked(text: str) -> frozenset[str]:
    names = set()
    for node in _nodes(text):
        match node:
            case ast.Call(func=ast.Attribute(attr="getenv") | ast.Name(id="getenv"), args=[key, *_]):
                names.add(_named(key))
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ") | ast.Name(id="environ"), attr="get"), args=[key, *_]
            ):
                names.add(_named(key))
            case ast.Subscript(value=ast.Attribute(attr="environ") | ast.Name(id="environ"), slice=key):
                names.add(_named(key))
            case ast.Compare(left=key, comparators=[ast.Attribute(attr="environ") | ast.Name(id="environ")]):
                names.add(_named(key))
    return frozenset(names)


def _named(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "*"


def _variable(name: str) -> str:
    """A digest of a variable's value: it may be a secret."""
    if name == "*":
        return digest_of({key: value for key, value in os.environ.items() if not _RESTLESS.fullmatch(key)})
    value = os.environ.get(name)
    return "" if value is None else hashlib.sha256(f"{name}={value}".encode("utf-8", "surrogateescape")).hexdigest()
