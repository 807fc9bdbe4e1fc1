"""The file of `--matrix`: a list of sets of parameters, or cases by name.

- {seed: 1, model: lr}          small: {months: 3}
- {seed: 2, model: gb}          stress: {months: 3, noise: 0.5}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2svc.errors import UsageError

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
    why = "it is empty" if not document else f"at its top it has a {type(document).__name__}"
    raise UsageError(f"{name} holds no cases", where="--matrix", why=why, fix=_FORM)


def _document(content: bytes, name: str) -> Any:
    import yaml

    try:
        # The key `on` is true for YAML 1.1; a key that stands twice would lose the first: the loader below refuses that.
        return yaml.load(content, Loader=_strict_loader())  # noqa: S506 - a safe loader with one more rule
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        why = getattr(error, "problem", None) or str(error)
        raise UsageError(f"{name} is no YAML", where=where, why=why, fix=_FORM) from error


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
        why = f"it is {type(values).__name__}, not parameters with values"
        raise UsageError(f"{place} of {file} is no set of parameters", where="--matrix", why=why, fix=_FORM)
    wrong = next((key for key in values if not (isinstance(key, str) and key.isidentifier())), None)
    if wrong is not None:
        raise UsageError(f"{place} of {file}: {wrong!r} is no parameter's name", where="--matrix", why="", fix=_FORM)
    return Case(name=name, values=tuple(values.items()), place=place)
