"""Nothing is written unless the generated code is the author's, edits undone, and every name in it is defined."""

import ast
import builtins
import textwrap

from nb2svc.codegen.context import Context
from nb2svc.codegen.modules import Module
from nb2svc.codegen.splice import undone
from nb2svc.errors import InternalError


def verify(context: Context, modules: tuple[Module, ...]) -> None:
    """Check each module against the cells that it came from.

    Raises:
        InternalError: a moved statement's AST differs from the cell's, or a module uses a name that it never defines.
    """
    for module in modules:
        for placed in module.placed:
            if placed.piece.body_offset >= 0:
                end = placed.offset + len(placed.piece.text)
                _same_statement(context, module, undone(module.text[placed.offset : end], placed.piece), placed.piece.statement)
        missing = undefined_names(module.text)
        if missing:
            raise InternalError(
                f"the generated {module.name}.py uses a name that it never defines: {', '.join(sorted(missing))}",
                where=context.plan.notebook_name,
                fix="nothing was written; please report this with the notebook",
            )


def _same_statement(context: Context, module: Module, text: str, number: int) -> None:
    statement = context.statement(number)
    moved = _parsed(text)
    if moved is None or ast.dump(moved) != ast.dump(ast.parse(statement.source)):
        raise InternalError(
            f"moving a statement into {module.name}.py changed its meaning",
            where=f"{context.plan.notebook_name}, {statement.span}",
            fix="nothing was written; please report this with the notebook",
        )


def _parsed(text: str) -> ast.Module | None:
    """The AST of a statement that may be indented: it is parsed inside an `if`, where indentation is free."""
    try:
        if text[:1] in (" ", "\t"):
            tree = ast.parse("if True:\n" + text)
            return ast.Module(body=tree.body[0].body, type_ignores=[])  # type: ignore[attr-defined]
        return ast.parse(textwrap.dedent(text) if text[:1].isspace() else text)
    except SyntaxError:
        return None


def undefined_names(text: str) -> set[str]:
    """Names that a module reads somewhere and binds nowhere: not at module level, not as a parameter or local."""
    tree = ast.parse(text)
    bound = set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
    star = False
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                bound.add(node.id)
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                bound.add(node.name)
            case ast.arg():
                bound.add(node.arg)
            case ast.ExceptHandler(name=str() as name):
                bound.add(name)
            case ast.Import() | ast.ImportFrom():
                star = star or any(alias.name == "*" for alias in node.names)
                bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                bound.add(name)
            case _:
                pass
    if star:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in bound}
