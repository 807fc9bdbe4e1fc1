"""What a requirements file asks for, beside what nb2svc and the notebook need: many were written for something else."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def conflicts(text: str, needs: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Lines that can't be installed beside what is needed: (`click==7.1.2`, `click>=8.1`)."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    needed: dict[str, list[Requirement]] = {}
    for need in map(Requirement, needs):
        needed.setdefault(canonicalize_name(need.name), []).append(need)
    return tuple(
        (str(line), f"{need.name}{need.specifier}")
        for line in _lines(text)
        for version in _pinned(line)
        for need in needed.get(canonicalize_name(line.name), ())
        if not need.specifier.contains(version, prereleases=True)
    )


def own_needs() -> tuple[str, ...]:
    """What nb2svc with a server needs, and what that server needs."""
    found = [*_needs("nb2svc", extra="bento"), *_needs("bentoml", extra="")]
    return tuple(found)


def unnamed(text: str, modules: Iterable[str], distributions: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Modules that no line of a file brings, as far as it is known here; none where the file takes in others."""
    from packaging.utils import canonicalize_name

    if any(line.strip().startswith(("-r", "-c", "-e", "--", ".", "git+", "http")) for line in text.splitlines()):
        return ()
    brought = _with_theirs({canonicalize_name(line.name) for line in _lines(text)})
    names = {module: {canonicalize_name(name) for name in (module, *distributions.get(module, ()))} for module in modules}
    return tuple(sorted(module for module in names if not brought & names[module]))


def _needs(distribution: str, *, extra: str) -> Sequence[str]:
    from packaging.requirements import Requirement

    try:
        listed = list(map(Requirement, metadata.requires(distribution) or ()))
    except metadata.PackageNotFoundError:
        return ()
    return [f"{need.name}{need.specifier}" for need in listed if need.marker is None or need.marker.evaluate({"extra": extra})]


def _with_theirs(named: set[str]) -> set[str]:
    """Packages, and those that they need in turn, as far as they are installed here."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: set[str] = set()
    waiting = list(named)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [canonicalize_name(Requirement(need).name) for need in _needs(name, extra="")]
    return found


def _lines(text: str) -> list["Requirement"]:
    """The lines that name a package; options, addresses and what pip alone understands are left out."""
    from packaging.requirements import InvalidRequirement, Requirement

    found = []
    for line in text.splitlines():
        said = line.partition(" #")[0].partition(" --")[0].strip().rstrip("\\").strip()
        try:
            requirement = Requirement(said)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            found.append(requirement)
    return found


def _pinned(requirement: "Requirement") -> list[str]:
    """The version that a line asks for and no other: `7.1.2` of `click==7.1.2`."""
    return [each.version for each in requirement.specifier if each.operator == "==" and not each.version.endswith(".*")]
