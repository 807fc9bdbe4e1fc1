"""Notebook + Dataflow + Outline → Draft: the observation that a run would make, as far as the source tells it."""

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.keep import keep_points
from nb2svc.ir.capture import Capture, Kept
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.draft import Draft, Guess, MarkKind
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.observation import (
    Answer,
    Column,
    Observation,
    Oracles,
    Part,
    Rewrite,
    Selection,
    Table,
    TableKind,
    TableRole,
    Text,
)
from nb2svc.ir.outline import Outline
from nb2svc.ir.replacement import remembered
from nb2svc.ir.span import Span
from nb2svc.plan.draft.found import Found
from nb2svc.plan.draft.places import node_at, span_of, text_of
from nb2svc.plan.draft.roles import guess_roles
from nb2svc.plan.draft.selecting import Selecting
from nb2svc.plan.draft.values import ARRAY, FRAME, SERIES, Site
from nb2svc.plan.draft.walk import walk
from nb2svc.plan.draft.wording import Wording, edited_text, outermost
from nb2svc.plan.requirements import imported_modules
from nb2svc.plan.served import served_statements

NONE: tuple[Part, ...] = (Text(text="None"),)
_KINDS: Mapping[str, TableKind] = {FRAME: "frame", SERIES: "series", ARRAY: "array"}


def make_draft(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> Draft:
    """What the source says of frozen state, row selections and tables; nothing was run, and each guess is on record."""
    index = make_index(notebook, dataflow)
    roles = guess_roles(index, outline)
    main = frozenset(name for name, role in roles.items() if role == "main")
    found = walk(index, outline, main=main)
    rewrites, guesses = _rewrites(index, found)
    bare = _observation(outline, found, roles, rewrites=rewrites)
    served = served_statements(notebook, dataflow, outline, bare) if found.selections else frozenset[int]()
    seen = [each for each in found.selections.values() if each.site.statement in served]
    selections = _selections(index, outline, seen, rewrites)
    unworded: tuple[tuple[MarkKind, Iterable[Site]], ...] = (
        ("selection", found.selecting.values()),
        ("state", found.bounds.values()),
    )
    for kind, sites in unworded:
        guesses += [Guess(kind=kind, statement=each.statement, span=span_of(index, each.statement, each.node)) for each in sites]
    guesses += [Guess(kind="state", statement=number, span=index.statement(number).span) for number in found.unread]
    guesses += _moving(index, guesses)
    guesses += [Guess(kind="selection", statement=each.statement, span=each.span) for each in selections]
    return Draft(
        observation=replace(bare, selections=tuple(selections)),
        guesses=tuple(sorted(dict.fromkeys(guesses), key=lambda each: (each.statement, each.span))),
        told=len(outline.raws) == 1,
    )


def _moving(index: Index, guesses: Iterable[Guess]) -> list[Guess]:
    """A function that learns moves into a step: all of it is marked, too."""
    found = [index.statement(each.statement) for each in guesses]
    return [
        Guess(kind="state", statement=each.number, span=each.span) for each in dict.fromkeys(found) if each.kind == "function"
    ]


def without_guesses(draft: Draft) -> Draft:
    """The author's lines as they stand: what was guessed is marked and not written."""
    return replace(draft, observation=replace(draft.observation, rewrites=(), selections=()))


def draft_capture(notebook: Notebook, dataflow: Dataflow, outline: Outline) -> Capture:
    """A capture that nobody made: the plan asks it what was imported and what was kept."""
    imported = [name for each in dataflow.statements if each.kind == "import" for name in sorted(imported_modules(each.source))]
    points = keep_points(dataflow, outline)
    kept = tuple(Kept(kind=each.kind, label=each.label, file="", sha256="", type="") for each in points)
    return Capture(
        folder="",
        digest="",
        notebook_digest=notebook.digest,
        parameters=(),
        interpreter="",
        python="",
        versions=(),
        modules=tuple((name, name) for name in dict.fromkeys(imported)),
        kept=kept,
        inputs=(),
        metrics=(),
        seconds=0.0,
        points=points,
    )


def _observation(outline: Outline, found: Found, roles: Mapping[str, TableRole], *, rewrites: tuple[Rewrite, ...]) -> Observation:
    return Observation(
        tables=tuple(_table(raw.name, roles[raw.name], found) for raw in outline.raws),
        target=None,
        rewrites=rewrites,
        selections=(),
        learned=(),
        answer=Answer(kind="label", dtype="", container=""),
        oracles=Oracles(fit_rows="", predict_rows="", checkpoints="", sha256=()),
        estimator_rows=0,
        types=tuple((number, name, kind) for (number, name), kind in found.types.items()),
    )


def _table(name: str, role: TableRole, found: Found) -> Table:
    kind = _KINDS.get(found.loaded.get(name, ""), "frame")
    columns = () if kind == "frame" else (Column(name=name, dtype="", kind="other", nullable=False),)
    return Table(name=name, role=role, kind=kind, rows=0, columns=columns)


def _rewrites(index: Index, found: Found) -> tuple[tuple[Rewrite, ...], list[Guess]]:
    """The guesses in words, and the record of all of them: those without words are marked as they stand."""
    wording = Wording(index)
    frozen = [wording.frozen(site) for site in found.frozen.values()]
    guesses = [Guess(kind="state", statement=each.statement, span=each.span) for each in frozen]
    worded: list[Rewrite] = []
    # Inner ones first: what holds a rewrite is left as it stands, and only marked.
    for site in sorted(found.aligned.values(), key=lambda each: _size(index, each)):
        span = span_of(index, site.statement, site.node)
        guesses.append(Guess(kind="aligned", statement=site.statement, span=span))
        inside = any(each.statement == site.statement and span.contains(each.span) for each in (*frozen, *worded))
        rewrite = None if inside else wording.aligned(site)
        if rewrite is not None:
            worded.append(rewrite)
    return tuple(outermost([*frozen, *worded])), guesses


def _size(index: Index, site: Site) -> int:
    return len(text_of(index, site.statement, site.node))


def _selections(index: Index, outline: Outline, found: Collection[Selecting], rewrites: Collection[Rewrite]) -> list[Selection]:
    """Outermost selections; operands that no served statement reads are None."""
    read = _read_names(index, outline)
    selections: list[Selection] = []
    spans = {id(each.site.node): span_of(index, each.site.statement, each.site.node) for each in found}
    by_node = {id(each.site.node): each for each in found}
    for each in sorted(found, key=lambda one: (one.site.statement, -_size(index, one.site))):
        span = spans[id(each.site.node)]
        if any(other.statement == each.site.statement and other.span.contains(span) for other in selections):
            continue
        operands = [_operand(index, by_node, node, each, rewrites) for node in each.operands]
        if len(operands) > 1:
            operands = [parts if name in read else NONE for name, parts in zip(each.targets, operands, strict=True)]
        edited = any(not isinstance(part, Text) for parts in operands for part in parts)
        selections.append(
            Selection(
                statement=each.site.statement,
                span=span,
                targets=each.targets,
                operands=() if each.in_place else tuple(remembered(parts) for parts in operands),
                edited_operands=tuple(operands) if edited else (),
                in_place=each.in_place,
                rows_in=0,
                rows_out=0,
                derived=each.guards,
                guards=each.guards,
            )
        )
    return sorted(selections, key=lambda each: (each.statement, each.span))


def _operand(
    index: Index, by_node: Mapping[int, Selecting], node: ast.expr, selecting: Selecting, rewrites: Collection[Rewrite]
) -> tuple[Part, ...]:
    """What stands for a selection: its operand with its edits, and without selections inside it."""
    inner, number = by_node.get(id(node)), selecting.site.statement
    if inner is not None:
        parts = _operand(index, by_node, inner.operands[0], inner, rewrites)
    else:
        parts = edited_text(index, number, node, [each for each in rewrites if each.statement == number])
    columns = selecting.columns
    return parts if columns is None else (*parts, Text(text=f".loc[:, {text_of(index, number, columns)}]"))


def _read_names(index: Index, outline: Outline) -> set[str]:
    """Names that the served statements read; of the fit only what it is given counts."""
    model = outline.model
    found: set[str] = set()
    for number, part in outline.parts:
        if part not in ("prelude", "fit_path", "answer") and number != model.fit:
            continue
        given = node_at(index, number, model.fit_input) if number == model.fit and model.fit_input else None
        nodes = ast.walk(given) if given is not None else iter(index.nodes(number))
        skipped = {id(part) for feed in model.fed_at(number) for part in _walked(index, number, feed.predict_input)}
        found |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in skipped}
    return found


def _walked(index: Index, number: int, span: Span) -> Iterable[ast.AST]:
    node = node_at(index, number, span)
    return ast.walk(node) if node is not None else ()
