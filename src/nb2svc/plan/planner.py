"""The plan: steps with parameters and results, two bodies, names, guards, checks."""

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import replace

from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.names import free_name
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Observation, Table
from nb2svc.ir.outline import CheckUse, Outline
from nb2svc.ir.plan import Call, Plan, PlannedCheck, PlannedStatement, RequestCheck, Step
from nb2svc.ir.selecting import is_whole
from nb2svc.plan.bodies import (
    Body,
    Material,
    answer_body,
    answered,
    body_reads,
    fitted_names,
    fitting,
    names_in,
    request_names,
    training_body,
)
from nb2svc.plan.guards import plan_guards, plan_selection
from nb2svc.plan.lambdas import with_named_lambdas
from nb2svc.plan.modules import own_modules
from nb2svc.plan.naming import class_name, package_name, state_names, step_names
from nb2svc.plan.placing import Placement, place
from nb2svc.plan.request_checks import plan_request_checks
from nb2svc.plan.requirements import requirements
from nb2svc.plan.served import served_statements


def make_plan(
    notebook: Notebook,
    dataflow: Dataflow,
    outline: Outline,
    capture: Capture,
    observation: Observation,
    *,
    package: str | None = None,
) -> Plan:
    """What the service will contain, from tags, dataflow and probes; `package` overrides the name that the notebook's gives."""
    observation = _beside_what_is_fed(outline, observation)
    outline = _nested_functions(dataflow, outline, observation)
    served = served_statements(notebook, dataflow, outline, observation)
    placement = place(notebook, dataflow, outline, observation, served=served)
    prelude = tuple(number for number, part in outline.parts if part == "prelude")
    known = {name for number in prelude for name in dataflow.statements[number].defines}
    material = Material(
        notebook=notebook,
        dataflow=dataflow,
        outline=outline,
        observation=observation,
        placement=placement,
        steps=_steps(notebook, dataflow, observation=observation, placement=placement, served=served, known=known),
        served=served,
    )
    material = replace(material, steps=_with_read_results(material))
    name = package or package_name(notebook.name, installed=[module for module, _ in capture.modules])
    results, body, returned = _answer(material)
    tables = _served_tables(material, body, returned)
    plan = Plan(
        package=name,
        service=class_name(name),
        notebook_name=notebook.name,
        notebook_digest=notebook.digest,
        capture_digest=capture.digest,
        prelude=prelude,
        steps=tuple(material.steps.values()),
        answer=body,
        training=training_body(material),
        results=(*_also_returned(_asserted(material, prelude), results, material), *results),
        returned=returned,
        copied=_copied(material, tables),
        estimators=tuple(each.name for each in outline.model.fitted),
        tables=tables,
        target=observation.target,
        guards=plan_guards(notebook, observation),
        checks=tuple(_planned_check(check, dataflow, capture, results=results, prelude=prelude) for check in outline.checks),
        names=tuple(state_names(observation.rewrites).items()),
        learned=observation.learned,
        answer_shape=observation.answer,
        parameters=capture.parameters,
        modules=own_modules(dataflow, prelude, capture),
        requirements=requirements(notebook, dataflow, prelude, capture),
        python=capture.python,
        answer_outside_domain=_answers_outside(notebook),
        request_checks=_asserted(material, prelude),
        loaded=tuple((raw.name, raw.statement) for raw in outline.raws),
        function=free_name("answer", known, otherwise="answer_rows"),
    )
    return with_named_lambdas(plan, notebook, dataflow, outline)


def _answers_outside(notebook: Notebook) -> bool:
    """Whether the model's tag says `answer_outside_domain=true`."""
    directives = [cell.directive for cell in notebook.cells if cell.directive is not None and cell.role == "model"]
    return any((each.option("answer_outside_domain") or "").lower() == "true" for each in directives)


def _beside_what_is_fed(outline: Outline, observation: Observation) -> Observation:
    """Without what happens inside predict's argument, for which all of fit's input stands: `model.predict(X_test[:5])`."""
    fed = [feed.predict_input for feed in outline.model.feeds]
    return replace(
        observation,
        selections=tuple(each for each in observation.selections if not any(span.contains(each.span) for span in fed)),
        rewrites=tuple(each for each in observation.rewrites if not any(span.contains(each.span) for span in fed)),
    )


def _nested_functions(dataflow: Dataflow, outline: Outline, observation: Observation) -> Outline:
    """Functions that learn go where `state` is: out of the module's top, into the step that calls them first."""
    learning = {each.statement for each in observation.rewrites} | {each.statement for each in observation.selections}
    parts = tuple(
        (
            number,
            "fit_path" if part == "prelude" and number in learning and dataflow.statements[number].kind == "function" else part,
        )
        for number, part in outline.parts
    )
    return replace(outline, parts=parts)


def _steps(
    notebook: Notebook,
    dataflow: Dataflow,
    *,
    observation: Observation,
    placement: Placement,
    served: frozenset[int],
    known: set[str],
) -> dict[int, Step]:
    """Each step with all that it defines as results; what is read later is kept by `_with_read_results`."""
    wishes = [(cell, _wish(notebook, cell)) for cell in placement.steps]
    names = step_names(wishes, taken=known)
    types = {(number, name): kind for number, name, kind in observation.types}
    steps = {}
    for cell, numbers in placement.steps.items():
        statements = tuple(_planned(dataflow.statements[number], notebook, observation, served) for number in numbers)
        reads = _reads(dataflow, numbers, known)
        parameters = tuple((name, _type(name, observation, types, before=numbers[0])) for name in reads)
        made = dict.fromkeys(
            name for number in numbers for name in (*dataflow.statements[number].defines, *dataflow.statements[number].mutates)
        )
        own = {*reads, *(name for number in numbers for name in dataflow.statements[number].defines)}
        results = tuple((name, _type(name, observation, types, before=numbers[-1] + 1)) for name in made if name in own)
        steps[cell] = Step(name=names[cell], cell=cell, parameters=parameters, results=results, statements=statements)
    return steps


def _wish(notebook: Notebook, cell: int) -> str:
    directive = notebook.cell(cell).directive
    return (directive.name if directive and directive.name else notebook.cell(cell).label) or "features"


def _planned(statement: Statement, notebook: Notebook, observation: Observation, served: frozenset[int]) -> PlannedStatement:
    selections = [each for each in observation.selections if each.statement == statement.number]
    in_place = any(each.in_place and not each.guards and is_whole(statement, each) for each in selections)
    return PlannedStatement(
        number=statement.number,
        rewrites=tuple(rewrite for rewrite in observation.rewrites if rewrite.statement == statement.number),
        selections=() if in_place else tuple(plan_selection(notebook, each) for each in selections),
        learning=in_place or statement.number not in served,
    )


def _reads(dataflow: Dataflow, numbers: tuple[int, ...], known: set[str]) -> list[str]:
    """The names that a step takes: what the notebook made first comes first, whatever is read first."""
    order = {name: statement.number for statement in reversed(dataflow.statements) for name in statement.defines}
    names = _free_names((dataflow.statements[number] for number in numbers), known)
    return sorted(names, key=lambda name: (order.get(name, -1), name))


def _type(name: str, observation: Observation, types: Mapping[tuple[int, str], str], *, before: int) -> str:
    """The qualified type of a name as the last statement before one left it, "" where nothing saw it."""
    for number in range(before - 1, -1, -1):
        if (number, name) in types:
            return types[number, name]
    kinds = {"frame": "pandas.DataFrame", "series": "pandas.Series", "array": "numpy.ndarray"}
    return next((kinds.get(table.kind, "") for table in observation.tables if table.name == name), "")


def _with_read_results(material: Material) -> dict[int, Step]:
    """Steps whose results are only what a later line of training or of the answer reads, in order of definition."""
    bodies: list[Body] = [training_body(material), answer_body(material)[0]]
    read: dict[str, set[str]] = {}
    for body in bodies:
        for entry in body:
            if isinstance(entry, Call):
                read.setdefault(entry.step, set()).update(entry.targets)
    steps = {}
    for cell, step in material.steps.items():
        results = tuple(pair for pair in step.results if pair[0] in read.get(step.name, ()))
        names = {name for name, _ in results}
        statements = tuple(_kept_for_results(each, names, material.dataflow) for each in step.statements)
        steps[cell] = replace(step, results=results, statements=statements)
    return steps


def _kept_for_results(planned: PlannedStatement, results: set[str], dataflow: Dataflow) -> PlannedStatement:
    """A statement that only training needs runs always where its name is returned: an unbound name would raise."""
    if planned.learning and not planned.selections and results & set(dataflow.statements[planned.number].defines):
        return replace(planned, learning=False)
    return planned


def _answer(material: Material) -> tuple[tuple[str, ...], Body, str]:
    """What `answer` returns by name, its lines, and the expression that it returns where the answer has no name."""
    lines, fed = answer_body(material)
    results, unnamed = _answer_results(material, fed)
    return (results, *_returned_line(material, lines, unnamed))


def _answer_results(material: Material, fed: str) -> tuple[tuple[str, ...], str]:
    """Names that `answer` returns (those that checks read, the output last), or an expression."""
    model = material.outline.model
    if model.output is None:
        return (), f"{model.estimator}.{model.method}({fed})"
    others = [name for name in answered(material) if name != model.output]
    return (*others, model.output), ""


def _asserted(material: Material, prelude: tuple[int, ...]) -> tuple[RequestCheck, ...]:
    tables = [table.name for table in material.observation.tables]
    names = request_names(material)
    target = material.observation.target
    return plan_request_checks(
        material.outline,
        material.dataflow,
        notebook=material.notebook,
        names=names,
        tables=tables,
        prelude=prelude,
        target=target,
    )


def _also_returned(checks: Iterable[RequestCheck], results: tuple[str, ...], material: Material) -> tuple[str, ...]:
    """What request checks read beside the answer's own results: features, mostly; raw tables and the model are there anyway."""
    there = {table.name for table in material.observation.tables} | fitted_names(material)
    read = dict.fromkeys(name for check in checks for _, name in check.reads)
    return tuple(name for name in read if name not in results and name not in there)


def _returned_line(material: Material, body: Body, returned: str) -> tuple[Body, str]:
    """An answer without a name: the prediction's own expression is returned instead of standing as a line."""
    model = material.outline.model
    if model.output is not None or model.predict is None:
        return body, returned
    rest = tuple(entry for entry in body if isinstance(entry, Call) or entry.number != model.predict)
    return rest, returned


def _served_tables(material: Material, body: Body, returned: str) -> tuple[Table, ...]:
    """The main table and those that the answer reads; labels that only a split reads are not asked for."""
    read = body_reads(material, body) | names_in(returned)
    return tuple(table for table in material.observation.tables if table.role == "main" or table.name in read)


def _copied(material: Material, tables: Iterable[Table]) -> tuple[str, ...]:
    """The raw tables that a step or a line changes in place, perhaps under another name.

    A lookup table is the same object for every request: it is copied only where it may change, by whatever name.
    """
    changed = {
        name
        for number, part in material.outline.parts
        if part in ("fit_path", "answer") and number not in fitting(material)
        for name in material.dataflow.statements[number].mutates
    }
    tabular = [table for table in tables if table.kind in ("frame", "series", "array")]
    return tuple(table.name for table in tabular if (changed if table.role != "lookup" else table.name in changed))


def _planned_check(
    check: CheckUse, dataflow: Dataflow, capture: Capture, *, results: tuple[str, ...], prelude: tuple[int, ...]
) -> PlannedCheck:
    """A check as a test: statements that depend on the answer run again, the rest comes from the capture."""
    around = [dataflow.statements[number] for number in check.slice.statements]
    defining = ("import", "function", "class")
    top = tuple(each.number for each in around if each.kind in defining or each.number in prelude)
    known = {name for number in top for name in dataflow.statements[number].defines}
    after = set(results)
    rerun = []
    for statement in around:
        if statement.number not in top and set(statement.reads) & after and not set(statement.defines) & set(results):
            rerun.append(statement)
            after |= set(statement.defines)
    statements = (*rerun, *(dataflow.statements[number] for number in check.statements))
    reads = _free_names(statements, known)
    kept = {each.label for each in capture.kept if each.kind == "check_value" and not each.problem}
    return PlannedCheck(
        name=check.name,
        cell=check.cell,
        statements=tuple(statement.number for statement in statements),
        given=tuple(name for name in reads if name not in results and name in kept),
        served=tuple(name for name in reads if name in results),
        missing=tuple(name for name in reads if name not in results and name not in kept),
        prelude=top,
        idle=check.idle,
    )


def _free_names(statements: Iterable[Statement], known: set[str]) -> list[str]:
    """The names that statements in order read and do not define before, in order of first use."""
    defined: set[str] = set()
    reads: dict[str, None] = {}
    for statement in statements:
        for name in (*statement.reads, *statement.defers):
            if name not in defined and name not in known and not hasattr(builtins, name):
                reads.setdefault(name)
        defined.update(statement.defines)
    return list(reads)
