"""The bodies of `training.train` and `model.answer`: calls of steps and the author's own lines, in notebook order."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nb2svc.analysis.dataflow import parse_statements
from nb2svc.analysis.positions import Lines, node_span, within_cell
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import Categories, Learn, Observation, Part, Rewrite, Selection
from nb2svc.ir.outline import Outline
from nb2svc.ir.plan import Call, PlannedStatement, Step, Substitution
from nb2svc.ir.selecting import is_all
from nb2svc.ir.source import CellText
from nb2svc.plan.guards import plan_selection
from nb2svc.plan.placing import Placement
from nb2svc.plan.renaming import operand, renamed_text, substituted_text
from nb2svc.plan.request_checks import is_name, request_reads
from nb2svc.plan.served import edited_statement, fed_text, fit_input_text, spared

Body = tuple[Call | PlannedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What both bodies are made from."""

    notebook: Notebook
    dataflow: Dataflow
    outline: Outline
    observation: Observation
    placement: Placement
    steps: Mapping[int, Step]
    served: frozenset[int]

    def selection(self, number: int) -> Selection | None:
        """The row selection that a statement is and nothing else, or None."""
        found = [each for each in self.observation.selections if each.statement == number]
        return found[0] if is_all(self.dataflow.statements[number], found) else None

    def planned(self, number: int, substitutions: Iterable[Substitution] = ()) -> PlannedStatement:
        """A line of its own with its rewrites; a selection in it applies in training only."""
        rewrites = tuple(rewrite for rewrite in self.observation.rewrites if rewrite.statement == number)
        selections = [each for each in self.observation.selections if each.statement == number]
        kept = () if self.selection(number) is not None else tuple(plan_selection(self.notebook, each) for each in selections)
        return PlannedStatement(number=number, rewrites=rewrites, selections=kept, substitutions=tuple(substitutions))


def training_body(material: Material) -> Body:
    """The author's training in order: loads, steps, selections, the fit; results nobody reads are "_"."""
    trained = set(material.outline.training.statements)
    loads = [
        number for number, part in material.outline.parts if part == "load" or (part in ("answer", "twin") and number in trained)
    ]
    numbers = {*loads, *material.placement.lines, *fitting(material)}
    entries: list[tuple[int, Call | PlannedStatement]] = [(number, material.planned(number)) for number in numbers]
    for cell, step in material.steps.items():
        names = tuple(name for name, _ in step.parameters)
        call = Call(step=step.name, targets=tuple(name for name, _ in step.results), arguments=names)
        entries.append((material.placement.position(cell, material.dataflow), call))
    entries.sort(key=lambda entry: entry[0])
    return _with_read_targets([entry for _, entry in entries], material, last=fitted_names(material))


def fitted_names(material: Material) -> set[str]:
    """The names of what training leaves for the answer."""
    return {each.name for each in material.outline.model.fitted}


def fitting(material: Material) -> set[int]:
    """The statements that fit, or make what training leaves."""
    model = material.outline.model
    return {model.fit, *(each.statement for each in model.fitted), *(each.fit for each in model.feeds)}


@dataclass(slots=True)
class _Answering:
    """The answer's body while it is built: which names exist, and which stand for others."""

    available: set[str]
    aliases: dict[str, str] = field(default_factory=dict)
    body: list[Call | PlannedStatement] = field(default_factory=list)

    def bind(self, names: Iterable[str]) -> None:
        for name in names:
            self.available.add(name)
            self.aliases.pop(name, None)

    def argument(self, name: str) -> str:
        """What to pass for a step's parameter: `None` for what only training has (a stratified split's labels)."""
        stand_in = self.aliases.get(name)
        if stand_in is not None:
            return stand_in
        return name if name in self.available else "None"


def answer_body(material: Material) -> tuple[Body, str]:
    """The body of `model.answer`, and the text of the model input (fit's argument as a request has it)."""
    answering, fed = _answering(material)
    read = {stand_in for name, stand_in in _request_names(material, answering, fed).items() if name in _guarding(material)}
    last = names_in(fed) | read | {name for name in (material.outline.model.output, *answered(material)) if name}
    return _with_read_targets(answering.body, material, last=last), fed


def request_names(material: Material) -> dict[str, str]:
    """What each of the notebook's names is called in `model.answer`, for names that a request has: X_test → X."""
    return _request_names(material, *_answering(material))


def _guarding(material: Material) -> set[str]:
    return request_reads(material.outline, material.dataflow)


def _request_names(material: Material, answering: "_Answering", fed: str) -> dict[str, str]:
    model = material.outline.model
    made = {name: name for name in answering.available}
    stand_ins = {name: text for name, text in answering.aliases.items() if is_name(text) and text in made}
    given = CellText(material.notebook.cell(model.predict_input.cell).code).at(model.predict_input) if model.predict_input else ""
    twin = {given: fed} if is_name(given) and is_name(fed) and given not in made else {}
    return {**twin, **made, **stand_ins}


def _answering(material: Material) -> tuple["_Answering", str]:
    outline, dataflow = material.outline, material.dataflow
    answering = _Answering(available={table.name for table in material.observation.tables} | fitted_names(material))
    entries: list[tuple[int, int | None]] = [
        (number, None)
        for number, part in outline.parts
        if number not in fitting(material) and (part == "answer" or (part == "fit_path" and number in material.placement.lines))
    ]
    entries += [
        (material.placement.position(cell, dataflow), cell)
        for cell in material.steps
        if any(number in material.served for number in material.placement.steps[cell])
    ]
    for position, cell in sorted(entries, key=lambda entry: entry[0]):
        if cell is not None:
            _add_call(answering, material.steps[cell])
        else:
            _add_line(answering, material, position)
    return answering, substituted_text(fit_input_text(material.notebook, outline), answering.aliases)


def _add_call(answering: _Answering, step: Step) -> None:
    arguments = tuple(answering.argument(name) for name, _ in step.parameters)
    targets = tuple(name for name, _ in step.results)
    answering.body.append(Call(step=step.name, targets=targets, arguments=arguments))
    answering.bind(targets)


def _add_line(answering: _Answering, material: Material, number: int) -> None:
    statement = material.dataflow.statements[number]
    selection = material.selection(number)
    if selection is not None:
        if not selection.in_place:
            for target, text in zip(selection.targets, selection.operands, strict=True):
                answering.aliases[target] = substituted_text(text, answering.aliases)
        return
    if number not in material.served:
        return
    if material.outline.part(number) == "answer":
        _stand_ins(material, answering)
    planned = material.planned(number, _substitutions(material, number, answering.aliases))
    rewrites = tuple(_renamed(rewrite, answering.aliases) for rewrite in planned.rewrites)
    answering.body.append(replace(planned, rewrites=rewrites))
    answering.bind(statement.defines)


def _substitutions(material: Material, number: int, aliases: Mapping[str, str]) -> list[Substitution]:
    """Names that stand for others, and predict's argument, which becomes what `fit` received."""
    statement = material.dataflow.statements[number]
    lines = Lines(statement.source)
    feeds = material.outline.model.fed_at(number)
    found = spared(feeds)
    written = [each.span for each in found] + [feed.predict_input for feed in feeds]
    written += [rewrite.span for rewrite in material.observation.rewrites if rewrite.statement == number]
    for node in ast.walk(ast.parse(statement.source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in aliases:
            span = within_cell(statement.span, node_span(lines, node, cell=statement.span.cell))
            if not any(one.contains(span) for one in written):
                found.append(Substitution(span=span, text=operand(aliases[node.id])))
    for span, received in dict.fromkeys((feed.predict_input, fed_text(material.notebook, feed)) for feed in feeds):
        text = substituted_text(received, aliases)
        if text != CellText(material.notebook.cell(span.cell).code).at(span):
            found.append(Substitution(span=span, text=text))
    return found


def _renamed(rewrite: Rewrite, aliases: Mapping[str, str]) -> Rewrite:
    """A rewrite whose own texts name what stands for names: `state.scaler(lambda: scaler.fit(X)).transform(X)`."""
    return replace(
        rewrite,
        parts=tuple(_renamed_part(part, aliases) for part in rewrite.parts),
        before=tuple(tuple(_renamed_part(part, aliases) for part in line) for line in rewrite.before),
    )


def _renamed_part(part: Part, aliases: Mapping[str, str]) -> Part:
    match part:
        case Learn(how=how, key=key):
            return replace(part, how=renamed_text(how, aliases), key=renamed_text(key, aliases) if key else key)
        case Categories(frame=frame, wanted=wanted):
            return replace(part, frame=renamed_text(frame, aliases), wanted=renamed_text(wanted, aliases))
        case _:
            return replace(part, text=renamed_text(part.text, aliases))


def _stand_ins(material: Material, answering: _Answering) -> None:
    """A name that only the notebook's own way to its prediction rows makes stands for what a request predicts on."""
    for feed in material.outline.model.feeds:
        name = CellText(material.notebook.cell(feed.predict_input.cell).code).at(feed.predict_input)
        if name.isidentifier() and name not in answering.available and name not in answering.aliases:
            answering.aliases[name] = substituted_text(fed_text(material.notebook, feed), answering.aliases)


def names_in(text: str) -> set[str]:
    """Every name that a text mentions."""
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)} if text else set()


def answered(material: Material) -> list[str]:
    """The names that statements of the answer make and checks read, in order of definition."""
    read = check_reads(material.outline, material.dataflow)
    made = dict.fromkeys(
        name
        for number, part in material.outline.parts
        if part == "answer" and number in material.served
        for name in material.dataflow.statements[number].defines
    )
    return [name for name in made if name in read]


def check_reads(outline: Outline, dataflow: Dataflow) -> set[str]:
    """The names that check cells read, and the statements of their own on the way to them."""
    own = {number for check in outline.checks for number in check.slice.statements if outline.part(number) is None}
    numbers = own.union(*(check.statements for check in outline.checks))
    return {name for number in numbers for name in dataflow.statements[number].reads}


def _with_read_targets(body: Sequence[Call | PlannedStatement], material: Material, *, last: set[str]) -> Body:
    """Calls with "_" for results that no later entry reads; walks backwards with the names still wanted."""
    wanted = set(last)
    done: list[Call | PlannedStatement] = []
    for entry in reversed(body):
        if isinstance(entry, Call):
            targets = tuple(target if target in wanted else "_" for target in entry.targets)
            wanted -= set(entry.targets)
            wanted |= {name for argument in entry.arguments for name in names_in(argument)}
            done.append(Call(step=entry.step, targets=targets, arguments=entry.arguments))
        else:
            statement = material.dataflow.statements[entry.number]
            wanted -= set(statement.defines)
            wanted |= read_names(material, entry)
            done.append(entry)
    return tuple(reversed(done))


def body_reads(material: Material, body: Body) -> set[str]:
    """Every name that some entry of a body reads."""
    reads: set[str] = set()
    for entry in body:
        if isinstance(entry, Call):
            reads |= {name for argument in entry.arguments for name in names_in(argument)}
        else:
            reads |= read_names(material, entry)
    return reads


def read_names(material: Material, entry: PlannedStatement) -> set[str]:
    """The names that a planned line reads after its edits."""
    statement = material.dataflow.statements[entry.number]
    if not entry.substitutions:
        return {*statement.reads, *statement.defers}
    selections = [each.selection for each in entry.selections]
    text = edited_statement(
        material.notebook, statement, rewrites=entry.rewrites, selections=selections, substitutions=entry.substitutions
    )
    return {name for parsed in parse_statements(text) for name in (*parsed.reads, *parsed.defers)}
