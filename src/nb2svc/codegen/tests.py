"""The generated project's own tests: parity, features, checks and requests."""

import ast
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from nb2svc.codegen.context import Context
from nb2svc.codegen.imports import Imported, import_lines, imported_names
from nb2svc.codegen.prelude import used_names
from nb2svc.codegen.schema import literal
from nb2svc.codegen.splice import INDENT
from nb2svc.codegen.templating import render
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.observation import Column, Table
from nb2svc.ir.plan import PlannedCheck, PlannedStatement, check_test
from nb2svc.ir.project import ProjectFile


def test_files(context: Context) -> tuple[ProjectFile, ...]:
    """The files below `tests/`; `test_checks.py` only where the notebook has checks."""
    words = {
        "package": context.plan.package,
        "notebook": context.plan.notebook_name,
        "steps": [step.name for step in context.plan.steps],
        "learning": [step.name for step in context.plan.steps if any(each.rewrites for each in step.statements)],
        "fitting": _fitting_classes(context)[:1],
        "gaps": _fields(context, lambda column: column.nullable)[:1],
        "targets": [column.name for column in _main(context).columns if column.use == "target"],
        "categories": _fields(context, lambda column: bool(column.values))[:1],
        "complete": _fields(context, lambda column: not column.nullable)[:1],
    }
    names = ["conftest.py", "test_parity.py", "test_features.py", "test_service.py"]
    files = [ProjectFile(path=f"tests/{name}", content=render(f"{name}.j2", **words).encode()) for name in names]
    if context.plan.checks:
        files.append(ProjectFile(path="tests/test_checks.py", content=checks_module(context).encode()))
    return tuple(files)


def _fitting_classes(context: Context) -> list[str]:
    """The notebook's classes that learn something, where one estimator is fitted, on rows and labels alone."""
    classes = [context.statement(number) for number in context.plan.prelude if context.statement(number).kind == "class"]
    learning = [each for each in classes if "fit" in _methods(each)]
    return [name for each in learning for name in each.defines] if _plain_fit(context) else []


def _methods(statement: Statement) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(statement.source)) if isinstance(node, ast.FunctionDef)}


def _plain_fit(context: Context) -> bool:
    """Whether training has one `fit`, which is given rows and labels only, so that a test can call it alike."""
    trained = [context.statement(each.number) for each in context.plan.training if isinstance(each, PlannedStatement)]
    calls = [node for each in trained for node in ast.walk(ast.parse(each.source)) if isinstance(node, ast.Call)]
    fits = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "fit"]
    return len(fits) == 1 and len(fits[0].args) <= 2 and {each.arg for each in fits[0].keywords} <= {"X", "y"}


def _fields(context: Context, wanted: Callable[[Column], bool]) -> list[str]:
    """The fields of a request's main row that are columns of a wanted kind, as Python literals."""
    main = _main(context)
    return [literal(column.name) for column in main.columns if main.kind == "frame" and column.use == "read" and wanted(column)]


def _main(context: Context) -> Table:
    return next(table for table in context.plan.tables if table.role == "main")


def checks_module(context: Context) -> str:
    """Each check cell as a test of the served model on the rows that the notebook held out."""
    bodies = [_check_lines(context, check) for check in context.plan.checks]
    top = sorted({number for check in context.plan.checks for number in check.prelude})
    lines = [f'"""The checks of {context.plan.notebook_name}, on the served model and the rows that the notebook held out."""']
    skips = any(check.missing or check.idle for check in context.plan.checks)
    foreign = [Imported(module="pytest", name="", bound="pytest")] if skips else []
    runtime = f"{context.plan.package}._nb2svc"
    return "\n".join([*lines, *module_lines(context, bodies, top=top, foreign=foreign, runtime=runtime)]) + "\n"


def module_lines(
    context: Context,
    bodies: Sequence[Sequence[str]],
    *,
    top: Sequence[int],
    foreign: Sequence[Imported] = (),
    local: Mapping[str, Sequence[str]] = MappingProxyType({}),
    runtime: str = "._nb2svc",
) -> list[str]:
    """A module's lines below its docstring: the imports and definitions that the bodies need out of `top`, then the bodies.

    `foreign` are imports that the notebook has not, `local` names that are taken from the project's own modules.
    """
    used = used_names("\n".join(line for body in bodies for line in body))
    definitions = _needed(context, used, top)
    used = used.union(*(set(each.reads) | set(each.defers) for each in definitions))
    imports = [*foreign] + [
        imported
        for number in top
        if context.statement(number).kind == "import"
        for imported in imported_names(context.statement(number).source)
        if imported.bound in used
    ]
    written = import_lines(imports, local, runtime=runtime)
    lines = ["", *written] if written else []
    for definition in definitions:
        piece = context.splicer.render(
            context.cell_of(definition.number), definition, PlannedStatement(number=definition.number), depth=0
        )
        lines += ["", *piece.lines]
    for body in bodies:
        lines += ["", "", *body]
    return lines


def _needed(context: Context, used: set[str], top: Sequence[int]) -> list[Statement]:
    """Constants, functions and classes that the checks need, in notebook order."""
    wanted = set(used)
    found: list[Statement] = []
    for number in reversed(top):
        statement = context.statement(number)
        if statement.kind != "import" and set(statement.defines) & wanted:
            wanted |= {*statement.reads, *statement.defers}
            found.insert(0, statement)
    return found


def _check_lines(context: Context, check: PlannedCheck) -> list[str]:
    lines = [
        f"# {context.plan.notebook_name}, {context.notebook.cell(check.cell).title}",
        f"def {check_test(check.name, check.cell)}(capture):",
    ]
    if check.missing:
        reason = f"the run did not keep {', '.join(check.missing)}, which this check reads"
        return [*lines, f"{INDENT}pytest.skip({reason!r})"]
    lines += [f'{INDENT}{name} = capture.value("check_value", "{name}")' for name in check.given]
    if check.served:
        targets = ", ".join(result if result in check.served else "_" for result in context.plan.results)
        lines.append(f"{INDENT}{targets} = capture.served()")
    for number in check.statements:
        planned = PlannedStatement(number=number)
        lines += context.splicer.render(context.cell_of(number), context.statement(number), planned, depth=1).lines
    if check.idle:
        lines.append(f'{INDENT}pytest.skip("it asserts nothing: it ran, and could not fail")')
    return lines
