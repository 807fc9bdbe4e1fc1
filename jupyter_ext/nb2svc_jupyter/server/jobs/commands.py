"""Which commands can be jobs, and with which options: a table, never a free list of arguments."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# A `flag` is given where it is true, an `unless` where it is false; `settings` are NAME=VALUE pairs of variables, `margins` of
# whatever has a name, `texts` several values. A `path` is below the server's folder; a `source` is, too, or is `last`, or is one
# in a revision of git; `sources` are NAME=SOURCE pairs.
Kind = Literal["flag", "unless", "text", "choice", "settings", "margins", "texts", "path", "source", "sources"]
_LONGEST = 2_000


class AskedWrongly(ValueError):
    """A job that can't be: says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """How one option of a job is given on the command line."""

    flag: str
    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that can be a job: what its path is, whether it tells its progress as JSON, and its options."""

    takes: Literal["notebook", "project"]
    progress: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)


COMMANDS: Mapping[str, Command] = {
    "build": Command(
        takes="notebook",
        progress=True,
        options={
            "parameters": Option(flag="-p", kind="settings"),
            "fresh": Option(flag="--fresh", kind="flag"),
            "bento": Option(flag="--no-bento", kind="unless"),
            "retrain": Option(flag="--no-retrain", kind="unless"),
            "parity": Option(flag="--parity", kind="choice", choices=("sample", "all")),
            "timeout": Option(flag="--timeout", kind="text"),
            "kernel": Option(flag="--kernel", kind="text"),
            "package": Option(flag="--package", kind="text"),
            "accept_generated": Option(flag="--accept-generated", kind="texts"),
            "merge_generated": Option(flag="--merge-generated", kind="texts"),
            "upgrade_runtime": Option(flag="--upgrade-runtime", kind="flag"),
        },
    ),
    "validate": Command(
        takes="notebook",
        progress=True,
        options={
            "parameters": Option(flag="-p", kind="settings"),
            "grid": Option(flag="--grid", kind="settings"),
            "matrix": Option(flag="--matrix", kind="path"),
            "repeat": Option(flag="--repeat", kind="text"),
            "jobs": Option(flag="--jobs", kind="text"),
            "timeout": Option(flag="--timeout", kind="text"),
            "retries": Option(flag="--retries", kind="text"),
            "kernel": Option(flag="--kernel", kind="text"),
            "fresh": Option(flag="--fresh", kind="flag"),
            "baseline": Option(flag="--baseline", kind="source"),
            "margins": Option(flag="--margin", kind="margins"),
            "lower": Option(flag="--lower-is-better", kind="texts"),
            "higher": Option(flag="--higher-is-better", kind="texts"),
            "gate": Option(flag="--gate", kind="sources"),
            "other_data": Option(flag="--other-data", kind="flag"),
            "segments": Option(flag="--segments", kind="texts"),
            "fork": Option(flag="--no-fork", kind="unless"),
            "reuse": Option(flag="--no-reuse", kind="unless"),
            "service": Option(flag="--service", kind="flag"),
            "project": Option(flag="--project", kind="path"),
        },
    ),
    "test": Command(takes="project", options={"timeout": Option(flag="--timeout", kind="text")}),
    "ready": Command(takes="project", options={"gate": Option(flag="--gate", kind="choice", choices=("build", "release"))}),
}


def arguments(command: str, path: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """`build`, `loans.ipynb`, {"parameters": {"months": "12"}} → `("build", "loans.ipynb", "-p", "months=12")`.

    Raises:
        AskedWrongly: there is no such option, its value has another form, or it leads out of the server's folder.
    """
    given = [each for part in field_arguments(command, options).values() for each in part]
    for name, text in files_of(command, options):
        if leads_out(text):
            raise AskedWrongly(f"{name}: {text} does not lie below the server's folder")
    # A file's name may begin with a dash, too.
    return (command, f"./{path}" if path.startswith("-") else path, *given)


def field_arguments(command: str, options: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The arguments by the field that a person filled in: {"grid": {"seed": "1..3"}} → {"grid.seed": ("--grid", "seed=1..3")}.

    Raises:
        AskedWrongly: there is no such option, or its value has another form.
    """
    known = COMMANDS[command].options
    for name in options:
        if name not in known:
            raise AskedWrongly(f"{command} has no option {name!r} here: {', '.join(known)}")
    found: dict[str, tuple[str, ...]] = {}
    for name, option in known.items():
        value = options.get(name)
        if option.kind in ("settings", "margins", "sources") and isinstance(value, dict):
            found |= {f"{name}.{key}": tuple(_given(name, option, {key: each})) for key, each in value.items()}
        elif given := tuple(_given(name, option, value)):
            found[name] = given
    return found


def files_of(command: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that may name a file or a folder: {"gate": {"champion": "a.json"}} → ("gate.champion", "a.json")."""
    for name, option in COMMANDS[command].options.items():
        value = options.get(name)
        if option.kind in ("path", "source") and isinstance(value, str):
            yield name, value
        if option.kind == "sources" and isinstance(value, dict):
            yield from ((f"{name}.{key}", text) for key, text in value.items() if isinstance(text, str))


def leads_out(text: str) -> bool:
    """Whether a path is not one that is seen from the server's folder; the contents manager says of a link where it may lead."""
    # A URL of a file, and a file in a revision of git as seen from elsewhere, too.
    return text.startswith(("/", "~")) or ".." in re.split(r"[/\\]", text) or re.search(r"(^|:)(file|local):", text) is not None


def command_line(given: tuple[str, ...]) -> str:
    """What a person types in a terminal in the server's folder."""
    return shlex.join(("nb2svc", *given))


def run_arguments(given: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments of the job's process: its result as a document, and its progress as events."""
    return (*given, "--format", "json", *(("--progress", "json") if COMMANDS[given[0]].progress else ()))


def _given(name: str, option: Option, value: Any) -> Iterator[str]:
    if value is None:
        return
    match option.kind:
        case "flag" | "unless":
            if not isinstance(value, bool):
                raise AskedWrongly(f"{name} is true or false")
            if value is (option.kind == "flag"):
                yield option.flag
        case "choice":
            if value not in option.choices:
                raise AskedWrongly(f"{name} is one of {', '.join(option.choices)}")
            yield from (option.flag, value)
        case "text" | "path" | "source":
            # In one argument: a value that begins with a dash is no option.
            yield f"{option.flag}={_text(name, value)}"
        case "texts":
            if not isinstance(value, list):
                raise AskedWrongly(f"{name} is a list of texts")
            yield from (f"{option.flag}={_text(name, each)}" for each in value)
        case "settings" | "sources":
            if not isinstance(value, dict) or not all(isinstance(key, str) and key.isidentifier() for key in value):
                raise AskedWrongly(f"{name} is an object of variable names and values as text")
            for key, each in value.items():
                yield from (option.flag, f"{key}={_text(name, each)}")
        case "margins":
            if not isinstance(value, dict):
                raise AskedWrongly(f"{name} is an object of names and numbers as text")
            # In one argument: a metric's name may begin with a dash.
            yield from (f"{option.flag}={_text(name, key)}={_text(name, each)}" for key, each in value.items())


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST:
        raise AskedWrongly(f"{name} takes a text of at most {_LONGEST} printable characters")
    return value
