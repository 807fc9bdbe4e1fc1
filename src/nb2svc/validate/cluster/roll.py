"""What a worker is made of, and why it can't make runs: asked of each before its first run, and of this machine."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from typing import Any

from nb2svc.capture.libraries import kernel_specification
from nb2svc.system.digests import compiler_digest
from nb2svc.validate.secrets import SHORTEST

# What makes runs, and what nearly every notebook computes with: results of other versions can't be put beside each other.
_ALWAYS = ("nb2svc", "papermill", "ipykernel", "scikit-learn", "pandas", "numpy")
_OWN = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
# Asked of a kernel's Python where that is another than ours; `sys.argv` are the names.
_ASK = """
import json, platform, sys
from importlib import metadata
found = {"": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        found[name] = ""
print(json.dumps(found))
"""
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a worker: the kernel that runs are made in, the libraries that count, the variables that hold secrets."""

    kernel: str
    libraries: tuple[str, ...]
    secrets: tuple[str, ...] = ()


def what_counts(kernel: str, imports: Iterable[str], secrets: Iterable[str]) -> Asked:
    """What to ask for a notebook that imports those modules: xgboost's version counts where it is imported."""
    known = _distributions()
    named = {name for module in imports for name in known.get(module, ())}
    return Asked(kernel=kernel, libraries=(*_ALWAYS, *sorted(named - {*_ALWAYS})), secrets=tuple(sorted(set(secrets))))


def describe(asked: Asked) -> dict[str, Any]:
    """What this Python is made of, as JSON: libraries without a version are not installed."""
    specification = kernel_specification(asked.kernel)
    own = {name: _version(name) for name in asked.libraries}
    return {
        "ours": {"": platform.python_version(), **own},
        "code": compiler_digest(),
        "kernel": _of_kernel(specification, asked.libraries) if specification else None,
        "secrets": [name for name in asked.secrets if len(os.environ.get(name, "")) < SHORTEST],
    }


def described(text: str) -> str:
    """`describe` for a worker: JSON in, JSON out."""
    asked = json.loads(text)
    return json.dumps(
        describe(Asked(kernel=asked["kernel"], libraries=tuple(asked["libraries"]), secrets=tuple(asked["secrets"])))
    )


def question(asked: Asked) -> str:
    """What `described` takes."""
    return json.dumps(asdict(asked))


def objections(there: Mapping[str, Any], here: Mapping[str, Any], *, kernel: str) -> tuple[str, ...]:
    """Why runs of a worker could not be put beside those of this machine; () where nothing speaks against it.

    ("scikit-learn 1.5.0, here 1.9.1", "it has no variable API_TOKEN for the secret")
    """
    found = [*_versions(there["ours"], here["ours"])]
    same = there["ours"].get("nb2svc") == here["ours"].get("nb2svc")
    if same and there["code"] != here["code"]:
        found.append(f"nb2svc {there['ours'].get('nb2svc')}, but its code is another than here")
    if there["kernel"] is None:
        found.append(f"it has no kernel {kernel}")
    elif here["kernel"] is not None:
        found += [text for text in _versions(there["kernel"], here["kernel"]) if text not in found]
    found += [f"its variable {name} does not hold the secret" for name in there["secrets"]]
    return tuple(found)


def _versions(there: Mapping[str, str], here: Mapping[str, str]) -> Iterable[str]:
    for name in here:
        if there.get(name, "") != here[name]:
            yield f"{name or 'Python'} {there.get(name) or 'is not installed'}, here {here[name] or 'it is not'}"


def _of_kernel(specification: Mapping[str, object], libraries: Sequence[str]) -> dict[str, str]:
    argv = specification.get("argv")
    python = str(argv[0]) if isinstance(argv, list) and argv else sys.executable
    if python in _OWN or python == sys.executable:
        return {"": platform.python_version(), **{name: _version(name) for name in libraries}}
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        command = [python, "-c", _ASK, *libraries]
        told = subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL)
        found: dict[str, str] = json.loads(told.stdout)
        return found
    return {"": "can't be started"}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


@cache
def _distributions() -> Mapping[str, Sequence[str]]:
    return metadata.packages_distributions()
