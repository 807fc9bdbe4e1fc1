"""Statements that only one host can run, left out of the run: Colab's mounts, uploads and forms.

    from google.colab import drive      # from google.colab import drive
    drive.mount("/content/drive")   →   # drive.mount("/content/drive")
    up = files.upload()                 # up = files.upload()               (defines up)

Inside `try` or `if` they stay: there the author has said what happens elsewhere.
"""

import ast
from collections.abc import Iterable
from dataclasses import replace

from nb2svc.ir.notebook import Cell, Masked, Treatment
from nb2svc.ir.span import Span
from nb2svc.read.directives import as_comment
from nb2svc.read.lines import join_lines, split_lines

_HOSTS = ("google.colab", "kaggle_secrets")


def without_hosts_own(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The cells with such statements masked; `Masked.runs` is False for them."""
    cells = tuple(cells)
    if not any(host in cell.code for cell in cells for host in _HOSTS):
        return cells
    own: set[str] = set()
    return tuple(_mask(cell, own) for cell in cells)


def _mask(cell: Cell, own: set[str]) -> Cell:
    lines, ends = split_lines(cell.code)
    pieces: list[Masked] = []
    tree = ast.parse(cell.code)
    for node in tree.body:
        last = node.end_lineno or node.lineno
        alone = not any(
            other is not node and other.lineno <= last and node.lineno <= (other.end_lineno or 0) for other in tree.body
        )
        bound = _bound(node, own)
        if bound is None:
            own -= _stored(node)
        if bound is None or not alone:
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= set(bound)
            bound = ()
        text = "\n".join(lines[node.lineno - 1 : last])
        span = Span(cell.number, node.lineno, 0, last, len(lines[last - 1].rstrip()))
        treatment: Treatment = "definitional" if bound else "dropped"
        pieces.append(Masked(span=span, text=text, treatment=treatment, defines=tuple(bound), runs=False))
        for number in range(node.lineno - 1, last):
            lines[number] = as_comment(lines[number]) if lines[number].strip() else lines[number]
    if not pieces:
        return cell
    masked = tuple(sorted((*cell.masked, *pieces), key=lambda piece: piece.span))
    return replace(cell, code=join_lines(lines, ends), masked=masked)


def _bound(node: ast.stmt, own: set[str]) -> tuple[str, ...] | None:
    """The names that a host's own statement binds; None for any other statement."""
    match node:
        case ast.Import(names=names) if all(_is_host(alias.name) for alias in names):
            return tuple(alias.asname or alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(module), names=names) if _is_host(module) or _is_host(f"{module}.{names[0].name}"):
            return tuple(alias.asname or alias.name for alias in names)
        case ast.Expr(value=ast.Call() as call) if _root(call.func) in own:
            return ()
        case ast.Assign(targets=targets, value=ast.Call() as call) if _root(call.func) in own:
            return tuple(name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        case _:
            return None


def _stored(node: ast.stmt) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}


def _is_host(module: str) -> bool:
    return any(module == host or module.startswith(f"{host}.") for host in _HOSTS)


def _root(node: ast.expr) -> str:
    """`drive.mount` → drive, `UserSecretsClient().get_secret` → UserSecretsClient."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""
