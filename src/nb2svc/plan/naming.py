"""Names of packages, services, steps and state: valid, unique, and the author's own where they can be."""

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable

from nb2svc.ir.names import unique
from nb2svc.ir.observation import Categories, Learn, Rewrite

# What `State` already means by these names.
STATE_MEMBERS = frozenset({"learning", "categories", "entries", "guard", "outside", "remember"})


def package_name(notebook_name: str, *, installed: Collection[str] = ()) -> str:
    """The import name for a notebook's package.

    1-model (2).ipynb → model        loans.ipynb → loans        json.ipynb → json_service

    A standard-library or installed top-level module's name gets `_service`, so that nothing is shadowed.
    """
    stem = re.sub(r"\.(ipynb|py)$", "", notebook_name)
    words = re.sub(r"[^0-9A-Za-z]+", " ", re.sub(r"\(\d+\)", " ", _ascii(stem))).lower().split()
    while words and words[0].isdigit():
        words = words[1:]
    name = identifier("_".join(words), otherwise="notebook")
    taken = name in sys.stdlib_module_names or name in installed or keyword.iskeyword(name) or name in ("tests", "test")
    return f"{name}_service" if taken else name


def identifier(text: str, *, otherwise: str) -> str:
    """A lower-case identifier made from any text.

    "Applicant features" → applicant_features        "3 ages" → ages
    """
    name = re.sub(r"[^0-9a-z]+", "_", _ascii(text).lower()).strip("_")
    name = re.sub(r"^[0-9_]+", "", name)
    return name if name and not keyword.iskeyword(name) else otherwise


def _ascii(text: str) -> str:
    """Letters without their accents: über → uber."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def class_name(package: str) -> str:
    """The service class's name: credit_risk → CreditRisk."""
    return "".join(word.capitalize() for word in package.split("_"))


def step_names(wishes: Iterable[tuple[int, str]], *, taken: Collection[str]) -> dict[int, str]:
    """A function name for each feature cell: (cell, wish) → {cell: name}; never a builtin or a module-level name."""
    names: dict[int, str] = {}
    for cell, wish in wishes:
        name = identifier(wish, otherwise="features")
        reserved = {*taken, *names.values(), *dir(builtins), "state", "features"}
        # The module's own name is free for a step, unless the notebook has a function of that name.
        names[cell] = unique(f"{name}_features" if name in dir(builtins) else name, reserved - ({"features"} - {*taken}))
    return names


def state_names(rewrites: Iterable[Rewrite]) -> dict[str, str]:
    """Slot → state name, unique in the project: a second `income_median` becomes `income_median_2`."""
    names: dict[str, str] = {}
    taken = set(STATE_MEMBERS)
    for rewrite in rewrites:
        for part in (*(part for line in rewrite.before for part in line), *rewrite.parts):
            if isinstance(part, Learn) and part.slot not in names:
                names[part.slot] = unique(identifier(part.hint, otherwise="value"), taken)
                taken.add(names[part.slot])
            elif isinstance(part, Categories) and part.slots[0] not in names:
                suffix = _free_suffix(part.columns, taken)
                for slot, column in zip(part.slots, part.columns, strict=True):
                    names[slot] = f"{column}_categories{suffix}"
                    taken.add(names[slot])
    return names


def _free_suffix(columns: tuple[str, ...], taken: Collection[str]) -> str:
    """The first of "", "_2", "_3" … under which none of the columns' entries is taken."""
    count = 1
    while True:
        suffix = "" if count == 1 else f"_{count}"
        if not any(f"{column}_categories{suffix}" in taken for column in columns):
            return suffix
        count += 1
