"""Import lines of a generated module: only the names that it uses, sorted as a formatter would."""

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Imported:
    """One imported name: `from module import name as bound`, or `import module as bound` where `name` is ""."""

    module: str
    name: str
    bound: str
    level: int = 0


def imported_names(source: str) -> tuple[Imported, ...]:
    """What an import statement binds: `import a.b, c as d` binds `a` and `d`."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found += [
                Imported(module=alias.name, name="", bound=alias.asname or alias.name.partition(".")[0]) for alias in node.names
            ]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                bound = alias.asname or alias.name
                found.append(Imported(module=node.module or "", name=alias.name, bound=bound, level=node.level))
    return tuple(found)


def import_lines(imports: Iterable[Imported], local: Mapping[str, Iterable[str]], *, runtime: str = "._nb2svc") -> list[str]:
    """Import lines in three groups: standard library, others, the project's own (`local`: module → names).

    nb2svc is in no project: what a notebook tells with `nb2svc.metric` goes to the `runtime`'s own, which does nothing.
    """
    imports, local = _without_nb2svc(imports, local, runtime)
    groups: list[list[str]] = []
    future = [each for each in imports if each.module == "__future__"]
    rest = imports - set(future)
    standard = {each for each in rest if each.module.partition(".")[0] in sys.stdlib_module_names}
    for group in (future, standard, rest - standard):
        lines = _group(group)
        if lines:
            groups.append(lines)
    own = [f"from {module} import {', '.join(sorted(names, key=_case))}" for module, names in sorted(local.items()) if names]
    if own:
        groups.append(own)
    return [line for index, group in enumerate(groups) for line in ([""] if index else []) + group]


def _without_nb2svc(
    imports: Iterable[Imported], local: Mapping[str, Iterable[str]], runtime: str
) -> tuple[set[Imported], dict[str, list[str]]]:
    """`import nb2svc` → `from ._nb2svc import metrics as nb2svc`, and the same for `from nb2svc import metric`."""
    own = {module: list(names) for module, names in local.items()}
    kept = set()
    for each in sorted(imports):
        if each.module != "nb2svc" or each.level or each.name not in ("", "metric"):
            kept.add(each)
            continue
        module, name = (f"{runtime}.metrics", each.name) if each.name else (runtime, "metrics")
        text = name if name == each.bound else f"{name} as {each.bound}"
        if text not in own.setdefault(module, []):
            own[module].append(text)
    return kept, own


def _group(imports: Iterable[Imported]) -> list[str]:
    plain: list[str] = []
    froms: dict[str, list[str]] = {}
    for each in sorted(imports):
        if not each.name:
            renamed = each.bound != each.module.partition(".")[0]
            plain.append(f"import {each.module} as {each.bound}" if renamed else f"import {each.module}")
        else:
            text = each.name if each.name == each.bound else f"{each.name} as {each.bound}"
            froms.setdefault("." * each.level + each.module, []).append(text)
    return [*plain, *(f"from {module} import {', '.join(sorted(names, key=_case))}" for module, names in sorted(froms.items()))]


def _case(name: str) -> tuple[str, str]:
    return name.lower(), name
