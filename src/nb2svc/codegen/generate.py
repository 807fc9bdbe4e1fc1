"""Plan → Project: the author's modules, the runtime's copy, the schema, tests and scaffolding."""

import json
from collections.abc import Sequence

from nb2svc.codegen.context import Context
from nb2svc.codegen.example import example_rows
from nb2svc.codegen.marks import marked_module, marked_schema
from nb2svc.codegen.modules import author_modules
from nb2svc.codegen.request_checks import request_checks_module
from nb2svc.codegen.schema import schema_module
from nb2svc.codegen.steps import training_steps
from nb2svc.codegen.tests import test_files
from nb2svc.codegen.verify import verify
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.draft import Draft
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.plan import Plan
from nb2svc.ir.project import LineOrigin, Project, ProjectFile
from nb2svc.ir.source import split_lines


def generate(
    plan: Plan,
    notebook: Notebook,
    dataflow: Dataflow,
    *,
    runtime: Sequence[ProjectFile] = (),
    scaffolding: Sequence[ProjectFile] = (),
    draft: Draft | None = None,
) -> Project:
    """The generated project in memory.

    `runtime` are the files of the runtime package, by name; they are copied verbatim to `<package>/_nb2svc/`.
    `scaffolding` are the service module and project files, paths relative to the project's root. `draft` says that the plan
    is one: what it could not know is then marked in the modules.

    Raises:
        InternalError: the generated code is not the author's (see `verify`); nothing may then be written.
    """
    context = Context(plan=plan, notebook=notebook, dataflow=dataflow)
    modules = author_modules(context)
    verify(context, modules)
    marked = [marked_module(context, module, draft) for module in modules]
    schema = marked_schema(context, schema_module(plan), draft)
    marks = tuple(mark for module in (*marked, schema) for mark in module.marks)
    lines = tuple(line for module in marked for line in module.lines)
    files = [
        _text(f"{plan.package}/__init__.py", f'"""The service of {plan.notebook_name}."""\n'),
        *(_text(f"{plan.package}/{each.file}", each.text) for each in (*marked, schema)),
        *([_text(f"{plan.package}/checks.py", request_checks_module(context))] if plan.request_checks else []),
        *(ProjectFile(path=f"{plan.package}/_nb2svc/{file.path}", content=file.content) for file in runtime),
        _text(f"{plan.package}/_nb2svc/line_map.json", line_map(lines, notebook)),
        _text(f"{plan.package}/_nb2svc/origin.json", _origin(plan, notebook, lines)),
        _text(f"{plan.package}/_nb2svc/steps.json", json.dumps(training_steps(context), indent=2) + "\n"),
        _text("example.json", example_request(plan)),
        *test_files(context),
        *scaffolding,
    ]
    return Project(package=plan.package, files=tuple(sorted(files, key=lambda file: file.path)), lines=lines, marks=marks)


def example_request(plan: Plan) -> str:
    """example.json: a request that works, made up from what training's columns look like."""
    return json.dumps({"rows": example_rows(plan)}, indent=2, ensure_ascii=False) + "\n"


def line_map(lines: Sequence[LineOrigin], notebook: Notebook) -> str:
    """The line map as JSON, each with the author's line, so that an exception can be told where no notebook is."""
    entries = ",\n".join(f"  {json.dumps({**to_json(line), 'text': _author_line(notebook, line)})}" for line in lines)
    return f"[\n{entries}\n]\n"


def _author_line(notebook: Notebook, line: LineOrigin) -> str:
    return split_lines(notebook.cell(line.cell).source)[line.cell_line - 1]


def _origin(plan: Plan, notebook: Notebook, lines: Sequence[LineOrigin]) -> str:
    cells = [notebook.cell(number) for number in sorted({line.cell for line in lines})]
    document = {
        "notebook": plan.notebook_name,
        "notebook_digest": plan.notebook_digest,
        "capture_digest": plan.capture_digest,
        "parameters": dict(plan.parameters),
        "cells": {str(cell.number): {"title": cell.title, "id": cell.id, "file_line": cell.file_line} for cell in cells},
    }
    return json.dumps(document, indent=2) + "\n"


def _text(path: str, text: str) -> ProjectFile:
    return ProjectFile(path=path, content=text.encode())
