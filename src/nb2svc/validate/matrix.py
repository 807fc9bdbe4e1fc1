"""The file of `--matrix`: a list of sets of parameters, or cases by name.

- {seed: 1, model: lr}          small: {months: 3}
- {seed: 2, model: gb}          stress: {months: 3, noise: 0.5}
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2svc.errors import UsageError

_TAG = re.compile(r"tag:yaml\.org,2002:([^'\s]+)")
# How a person calls what YAML read.
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a set",
    type(None): "nothing",
}
_FORM = "write a list of sets (- {seed: 1, model: lr}) or named cases (stress: {noise: 0.5})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One set of the file; `place` is how a message calls it: `case stress`, `set 2`."""

    name: str
    values: tuple[tuple[str, object], ...]
    place: str = ""


def read_matrix(content: bytes, *, name: str) -> tuple[Case, ...]:
    """The cases of a file, in its order.

    Raises:
        UsageError: it is no YAML, or has another form.
    """
    document = _document(content, name)
    match document:
        case list() if document:
            return tuple(_case(values, "", f"set {place}", name) for place, values in enumerate(document, start=1))
        case dict() if document:
            return tuple(_case(values, str(key), f"case {key}", name) for key, values in document.items())
    why = "it is empty" if not document else f"at its top it has {_kind(document)}"
    raise UsageError(f"{name} holds no cases", where=f"--matrix {name}", why=why, fix=_FORM)


def _document(content: bytes, name: str) -> Any:
    import yaml

    try:
        # The key `on` is true for YAML 1.1; a key that stands twice would lose the first: the loader below refuses that.
        return yaml.load(content, Loader=_strict_loader())  # noqa: S506 - a safe loader with one more rule
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        what, why = f"{name} is no YAML", getattr(error, "problem", None) or str(error)
        if isinstance(error, yaml.reader.ReaderError):
            what, why = f"{name} is no text", f"byte {error.position} of it belongs to no text in UTF-8"
        elif tag := _TAG.search(why):
            what = f"{name} holds more than plain values"
            why = f"the tag !!{tag[1]} makes an object, and cases may hold numbers, texts and lists only"
        raise UsageError(what, where=where, why=why, fix=_FORM) from error


def _strict_loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Refuses a key that stands twice: YAML's own takes the last."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's signature
            keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                raise yaml.constructor.ConstructorError(None, None, f"{twice} stands there twice", node.start_mark)
            return super().construct_mapping(node, deep)

    return Loader


def _case(values: object, name: str, place: str, file: str) -> Case:
    if not isinstance(values, Mapping):
        why = f"it is {_kind(values)}, not parameters with values"
        fix = _meant(name, values) or _FORM
        raise UsageError(f"{place} of {file} is no set of parameters", where=f"--matrix {file}, {place}", why=why, fix=fix)
    wrong = next((key for key in values if not (isinstance(key, str) and key.isidentifier())), None)
    if wrong is not None:
        why = f"it is {_kind(wrong)}" if not isinstance(wrong, str) else "a name is one that Python takes for a variable"
        raise UsageError(
            f"{place} of {file}: {wrong!r} is no parameter's name", where=f"--matrix {file}, {place}", why=why, fix=_FORM
        )
    return Case(name=name, values=tuple(values.items()), place=place)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def _meant(name: str, value: object) -> str:
    """What was surely meant by a parameter where a case belongs: "seed: [1, 2]" is a grid, "seed: 1" one set."""
    if not name.isidentifier():
        return ""
    if isinstance(value, list) and value and all(isinstance(each, bool | int | float | str) for each in value):
        return f"many values of one parameter are a grid: --grid '{name}={json.dumps(value, ensure_ascii=False)}'"
    if isinstance(value, bool | int | float | str):
        one = f"{{{name}: {json.dumps(value, ensure_ascii=False)}}}"
        return f"put what belongs together into one set, as a list of sets (- {one}) or as a named case (first: {one})"
    return ""
