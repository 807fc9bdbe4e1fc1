"""The magics that tag a cell, without running it in any other way.

An input transformer turns the directive into a comment before IPython looks at the cell, so the rest runs exactly as if
the line were not there: top-level `await`, other magics, one traceback, the right line numbers.

    %%feature ages raw=loans      # %%feature ages raw=loans
    x = await load()          →   x = await load()

The names are registered as cell magics too: for completion, for `%%feature?`, and to refuse a directive that is wrong.
`%nb2svc` as a line is a command: see `lines`.
"""

from collections.abc import Callable
from typing import Any

from nb2svc.ir.span import Span
from nb2svc.read.directives import OWN_MAGICS, Marker, header_length, marker_in, runnable
from nb2svc.read.grammar import Place, parse_directive

Transformer = Callable[[list[str]], list[str]]

_COMMAND = "nb2svc"
_HELP = {
    "nb2svc": "%%nb2svc feature|model|check|keep|drop [name] [key=value ...]: say what this cell is for nb2svc; it runs as is.",
    "feature": "%%feature [name] [raw=NAME] [request=NAMES] [lookup=NAMES] [optional=COLUMNS]: "
    "this cell makes columns that the model reads.",
    "model": "%%model [name] [output=NAME] [estimator=NAME] [target=COLUMN] [answer_outside_domain=true] [metrics=NAMES]: "
    "the cell of the model and its answer.",
    "check": "%%check [name] [serve=true] [metrics=NAMES] [margin=METRIC:NUMBER] [lower=METRICS] [higher=METRICS]: "
    "what this cell asserts must hold in every build.",
}


class Extension:
    """What `%load_ext nb2svc` adds to one shell, and how it goes again."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._magics = {name: _refusing_magic(name) for name in OWN_MAGICS}
        self._line = _line_magic(shell)

    def load(self) -> None:
        """Register the magics whose names are free (`%%nb2svc` always), and the transformer."""
        for name, magic in self._magics.items():
            if name == "nb2svc" or name not in self._registered:
                self._shell.register_magic_function(magic, magic_kind="cell", magic_name=name)
        if _COMMAND not in self._lines:
            self._shell.register_magic_function(self._line, magic_kind="line", magic_name=_COMMAND)
            self._shell.set_hook("complete_command", _completions, str_key=f"%{_COMMAND}")
        # Last: leading blank lines, indents and prompts are gone by then, and `%%` is not yet a call.
        self._shell.input_transformers_cleanup.append(self.transform)

    def unload(self) -> None:
        """Take away what `load` added; a name that another extension took meanwhile stays with it."""
        self._shell.input_transformers_cleanup.remove(self.transform)
        for name in OWN_MAGICS:
            if self._owns(name):
                del self._registered[name]
        if self._lines.get(_COMMAND) is self._line:
            del self._lines[_COMMAND]

    def transform(self, lines: list[str]) -> list[str]:
        """Mask the directive of a cell; pure, since IPython calls it several times a cell."""
        ended = [line.rstrip("\r\n") for line in lines]
        markers = [marker for number in range(header_length(ended)) if (marker := marker_in(ended[number], number=number))]
        magics = [marker for marker in markers if marker.spelling == "magic"]
        if not magics or not all(self._owns(_magic_name(ended[marker.line])) for marker in magics):
            return lines
        wrong = next((marker for marker in magics if mistake(marker) or len(markers) > 1), None)
        if wrong:
            # IPython calls a magic only in the first line: there ours says what is wrong with it.
            return [lines[wrong.line], *lines[: wrong.line], *lines[wrong.line + 1 :]]
        return [f"{line}\n" for line in runnable(ended)]

    @property
    def _registered(self) -> dict[str, Any]:
        registered: dict[str, Any] = self._shell.magics_manager.magics["cell"]
        return registered

    @property
    def _lines(self) -> dict[str, Any]:
        registered: dict[str, Any] = self._shell.magics_manager.magics["line"]
        return registered

    def _owns(self, name: str) -> bool:
        return self._registered.get(name) is self._magics[name]


def mistake(marker: Marker) -> str:
    """What is wrong with a directive and what to write instead; "" where it is right."""
    span = Span(1, marker.line + 1, 0, marker.line + 1, marker.column + len(marker.text))
    place = Place(cell=1, line=marker.line + 1, column=marker.column)
    _, findings = parse_directive(marker.text, place, spelling=marker.spelling, span=span)
    return " ".join(f"{finding.message}. {finding.remedy}" for finding in findings)


def load(shell: Any) -> None:
    """Add the magics to a shell, once."""
    if _loaded(shell) is None:
        extension = Extension(shell)
        extension.load()
        _EXTENSIONS.append((shell, extension))


def unload(shell: Any) -> None:
    """Take the magics from a shell, if they are there."""
    extension = _loaded(shell)
    if extension:
        extension.unload()
        _EXTENSIONS.remove((shell, extension))


# `%load_ext nb2svc` and `%load_ext nb2svc_jupyter` are two extensions to IPython and one to us.
_EXTENSIONS: list[tuple[Any, Extension]] = []


def _loaded(shell: Any) -> Extension | None:
    return next((extension for loaded, extension in _EXTENSIONS if loaded is shell), None)


def _magic_name(line: str) -> str:
    return line.strip().removeprefix("%%").split(maxsplit=1)[0]


def _refusing_magic(name: str) -> Callable[[str, str], None]:
    """A cell magic that is only reached by a directive that can't be read; `unload` knows it by its identity."""

    def magic(line: str, cell: str) -> None:
        from IPython.core.error import UsageError

        first = f"%%{name} {line}".rstrip()
        marker = marker_in(first)
        reason = mistake(marker) if marker else ""
        others = any(marker_in(text) for text in cell.splitlines())
        if not reason and others:
            reason = "the cell has a second directive. Keep one directive a cell; split the cell where it has two roles."
        raise UsageError(f"{first}: {reason or 'it must stand above the code of its cell'}")

    magic.__name__ = name
    magic.__doc__ = _HELP[name]
    return magic


def _line_magic(shell: Any) -> Callable[[str], None]:
    """`%nb2svc build` and the like; what carries it out is imported when it is called."""
    from nb2svc_jupyter.lines.words import HELP

    def nb2svc(line: str) -> None:
        from nb2svc_jupyter.lines.magic import command

        command(line, shell)

    nb2svc.__doc__ = HELP
    return nb2svc


def _completions(_shell: Any, event: Any) -> list[str]:
    from nb2svc_jupyter.lines.words import completions

    return completions(event.line)
