"""Find IPython syntax with IPython's own transformer, one piece at a time: a `%` in a string or a continuation is no magic."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

EscapeKind = Literal["line_magic", "shell", "help", "autocall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """One piece of IPython syntax: lines `first` to `last` (from 0, inclusive).

    `column` is where the escape itself begins in line `escape_line` (after `x = ` in an assignment). `name` is the magic's,
    `arguments` its text or the shell command; `assigns` says that it stands right of `=`, and `defines` which names that binds.
    """

    kind: EscapeKind
    first: int
    last: int
    escape_line: int
    column: int
    name: str
    arguments: str
    assigns: bool = False
    defines: tuple[str, ...] = ()


def first_escape(lines: Sequence[str]) -> Escape | None:
    """The first piece of IPython syntax in a cell's lines, or None where they are plain Python.

    "x = 1", "files = !ls" → Escape(kind="shell", first=1, arguments="ls", assigns=True, defines=("files",))
    """
    from IPython.core.inputtransformer2 import TokenTransformBase, TransformerManager, make_tokens_by_line

    ended = [f"{line}\n" for line in lines]
    try:
        groups = make_tokens_by_line(ended)
    except SyntaxError:  # an unindent that matches nothing: IPython stumbles too, and the parser says it better
        return None
    kinds: list[Any] = TransformerManager().token_transformers  # type: ignore[no-untyped-call]
    candidates: list[Any] = [found for kind in kinds if (found := kind.find(groups))]
    for candidate in sorted(candidates, key=TokenTransformBase.sortby):
        try:
            after = candidate.transform(list(ended))
        except SyntaxError:
            continue
        last = candidate.start_line + len(ended) - len(after)
        first = _logical_start(groups, candidate.start_line, candidate.start_col)
        return _escape(after[candidate.start_line], ended[first : candidate.start_line], candidate, first=first, last=last)
    return None


def clean(lines: Sequence[str]) -> list[str]:
    """A cell's lines without the indent and the prompts that IPython takes away, line for line.

    "  x = 1", "  y = 2" → "x = 1", "y = 2"
    """
    blank = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    begin = lines[blank] if blank < len(lines) else ""
    if not begin.startswith((" ", "\t", ">>> ", "In [", "...")):
        return list(lines)
    from IPython.core.inputtransformer2 import classic_prompt, ipython_prompt, leading_indent

    rest: list[str] = [f"{line}\n" for line in lines[blank:]]
    transforms: tuple[Any, ...] = (leading_indent, classic_prompt, ipython_prompt)
    for transform in transforms:
        rest = transform(rest)
    # IPython splits at form feeds too: where the count of lines differs positions would be lost.
    if len(rest) != len(lines) - blank:
        return list(lines)
    cleaned = [line.removesuffix("\n") for line in rest]
    return [*lines[:blank], *(new if old.strip() else old for new, old in zip(cleaned, lines[blank:], strict=True))]


def _logical_start(groups: Sequence[Sequence[Any]], line: int, column: int) -> int:
    r"""The first physical line of the logical line that holds a token: `a = \` and `%pwd` below it are one."""
    for group in groups:
        if any(token.start == (line + 1, column) for token in group):
            solid = [token for token in group if token.string.strip()]
            return min(solid[0].start[0] - 1, line) if solid else line
    return line


def _escape(call_line: str, before: Sequence[str], candidate: Any, *, first: int, last: int) -> Escape:
    """Read the Python that IPython made of the piece: `files = get_ipython().getoutput('ls')`."""
    statement = _parse("".join(before).lstrip() + call_line.lstrip() if before else call_line.strip())
    targets = statement.targets if isinstance(statement, ast.Assign) else ()
    value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
    method, texts = _call(value)
    kind: EscapeKind = "autocall"
    name, arguments = "", "".join(texts)
    if method == "run_line_magic" and len(texts) == 2:
        name, arguments = texts
        kind = "help" if name in ("pinfo", "pinfo2", "psearch") else "line_magic"
    elif method in ("system", "getoutput"):
        kind = "shell"
    elif method == "show_usage":
        kind = "help"
    return Escape(
        kind=kind,
        first=first,
        last=last,
        escape_line=candidate.start_line,
        column=candidate.start_col,
        name=name,
        arguments=arguments,
        assigns=isinstance(statement, ast.Assign),
        defines=tuple(dict.fromkeys(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))),
    )


def _parse(text: str) -> ast.stmt | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    return body[-1] if body else None


def _call(value: ast.expr | None) -> tuple[str, tuple[str, ...]]:
    """`get_ipython().run_line_magic('time', 'f()')` → ("run_line_magic", ("time", "f()"))."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Call)):
        return "", ()
    texts = tuple(
        argument.value for argument in value.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
    return value.func.attr, texts
