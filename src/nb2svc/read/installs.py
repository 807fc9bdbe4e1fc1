"""Which packages a line of a notebook installs.

!pip install -q xgboost==2.1 "rich>=13"            (("xgboost", "==2.1"), ("rich", ">=13"))
!{sys.executable} -m pip install lightgbm    →     (("lightgbm", ""),)
%conda install -c conda-forge pyarrow=15           (("pyarrow", "==15.*"),)
"""

import re
import shlex
from collections.abc import Iterable, Iterator

from nb2svc.ir.notebook import Cell, Install

_COMMAND = re.compile(
    r"""(?:^|&&|;|\|)\s*(?:[%!]+\s*)?(?:sudo\s+)?(?:(?:"?\{sys\.executable\}"?|python[\d.]*|py)\s+-m\s+)?
        (?P<tool>(?:uv\s+)?pip[\d.]*|conda|mamba|micromamba)\s+install\s+(?P<words>[^&;|\n]*)""",
    re.VERBOSE,
)
# Options that are followed by a value.
_VALUED = frozenset(
    [
        *("-r", "--requirement", "-c", "--constraint", "--channel", "-e", "--editable", "-t", "--target", "-i", "--index-url"),
        *("-f", "--find-links", "--extra-index-url", "--trusted-host", "-n", "--name", "-p", "--prefix", "--python", "--root"),
        *("--no-binary", "--only-binary", "--upgrade-strategy", "--proxy", "--timeout", "--retries", "--cache-dir", "--log"),
    ]
)
_REDIRECTED = re.compile(r"\s[12&]?>{1,2}\s*(?:&[12]|\S+)")
_PACKAGE = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[\w,\s.-]*\])?\s*(?P<version>(?:[=<>!~]=?=?.*)?)$")


def installs(cells: Iterable[Cell]) -> tuple[Install, ...]:
    """What the lines of these cells install."""
    return tuple(
        Install(name=re.sub(r"[-_.]+", "-", name).lower(), version=version, span=piece.span)
        for cell in cells
        for piece in cell.masked
        for name, version in packages(piece.text)
    )


def packages(text: str) -> tuple[tuple[str, str], ...]:
    """The packages that a line installs by name; files, addresses and folders are no names."""
    found = []
    for command in _COMMAND.finditer(_REDIRECTED.sub("", re.sub(r"\\\s*\n", " ", text))):
        for word in _arguments(command["words"]):
            package = _PACKAGE.match(word)
            if package:
                conda = "pip" not in command["tool"]
                found.append((package["name"], _specifier(package["version"].replace(" ", ""), conda=conda)))
    return tuple(found)


def _arguments(text: str) -> Iterator[str]:
    try:
        words = iter(shlex.split(text, comments=True))
    except ValueError:
        return
    for word in words:
        if word in _VALUED:
            next(words, None)
        elif not word.startswith("-"):
            yield word


def _specifier(version: str, *, conda: bool) -> str:
    """`=1.2` is conda's way to write `==1.2.*`."""
    if conda and re.match(r"=[^=]", version):
        return f"={version}.*"
    return version
