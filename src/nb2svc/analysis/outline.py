"""What the tags mean: raw values, estimator and answer, and the part that each statement plays."""

from collections.abc import Collection
from dataclasses import dataclass

from nb2svc.analysis.index import Index, make_index
from nb2svc.analysis.outline_checks import check_uses
from nb2svc.analysis.outline_model import ModelFound, find_model
from nb2svc.analysis.outline_paths import Starts, answer_statements, find_starts
from nb2svc.analysis.outline_problems import slice_problems
from nb2svc.analysis.outline_raws import Raws, find_raws, nothing_enters
from nb2svc.analysis.outline_reasons import reasons
from nb2svc.analysis.outline_tags import Tags, read_tags
from nb2svc.analysis.overruled import kept_problems, statements_of, table_problems, without_dropped
from nb2svc.analysis.prelude import prelude_of, state_setters
from nb2svc.ir.dataflow import Dataflow, Slice
from nb2svc.ir.finding import Finding, refusals
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline, Part

_TRAINED: tuple[Part, ...] = ("prelude", "load", "fit_path", "training")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """The statements of each way, overlapping; `prelude` is taken out of none of them, `setters` hold for all of them."""

    prelude: set[int]
    setters: set[int]
    load: set[int]
    fit_path: set[int]
    twin: set[int]
    answer: set[int]
    training: set[int]


def build_outline(notebook: Notebook, dataflow: Dataflow) -> tuple[Outline | None, tuple[Finding, ...]]:
    """Find what the tags mean; None where there are refusals."""
    tags, findings = read_tags(notebook)
    if tags is None:
        return None, findings
    index = make_index(notebook, without_dropped(notebook, dataflow))
    model, said = find_model(index, tags)
    if model is None:
        return None, said
    starts = find_starts(index, model)
    raws = _raws(index, tags, model, starts)
    misnamed = (*raws.findings, *table_problems(index, tags, raws.bindings))
    if refusals(misnamed):
        return None, misnamed
    ways = _ways(index, model, starts, raws)
    outline = _outline(index, tags, model, starts, raws=raws, ways=ways)
    problems = (*said, *misnamed, *kept_problems(index, outline.kept, ways.prelude), *slice_problems(index, outline))
    if not raws.bindings and not refusals(problems):
        problems = (*problems, nothing_enters(index, tags, needed=dict(outline.parts)))
    return (None if refusals(problems) else outline), problems


def _raws(index: Index, tags: Tags, model: ModelFound, starts: Starts) -> Raws:
    answer = answer_statements(index, model, starts, stops=set())
    needed = index.closure([*starts.fit, *starts.predict]) | answer
    return find_raws(index, tags, needed=needed, prelude=prelude_of(index, needed))


def _ways(index: Index, model: ModelFound, starts: Starts, raws: Raws) -> _Ways:
    stops = set(raws.loading)
    fit_path = index.closure(starts.fit, stops=stops)
    twin = index.closure(starts.predict, stops=stops)
    answer = answer_statements(index, model, starts, stops=stops)
    training = index.closure(starts.training)
    load = index.closure(
        raws.loading & (index.closure([*starts.fit, *starts.predict]) | answer_statements(index, model, starts, stops=set()))
    )
    everything = fit_path | twin | answer | training | load
    kept = statements_of(index.notebook, index.dataflow, "keep")
    before = max(everything, default=0)
    setters = index.closure(one for one in (*state_setters(index, before=before), *kept) if one not in everything)
    prelude = prelude_of(index, everything | setters, never=raws.loading)
    return _Ways(prelude=prelude, setters=setters, load=load, fit_path=fit_path, twin=twin, answer=answer, training=training)


def _parts(ways: _Ways) -> dict[int, Part]:
    """One part for each statement; a statement on two ways plays the part that is listed first."""
    order: tuple[tuple[Part, set[int]], ...] = (
        ("prelude", ways.prelude),
        ("fit_path", ways.fit_path),
        ("twin", ways.twin),
        ("answer", ways.answer),
        ("load", ways.load),
        ("training", ways.training),
    )
    parts: dict[int, Part] = {}
    for part, numbers in order:
        for number in numbers:
            parts.setdefault(number, part)
    return dict(sorted(parts.items()))


def _outline(index: Index, tags: Tags, model: ModelFound, starts: Starts, *, raws: Raws, ways: _Ways) -> Outline:
    use, parts = model.use, _parts(ways)
    served = (ways.fit_path | ways.twin | ways.answer | ways.setters) & parts.keys()
    # What the answer needs as well (an encoder of labels, say) is the answer's part, and training needs it no less.
    trained = {number for number, part in parts.items() if part in _TRAINED} | index.closure(starts.training)
    return Outline(
        raws=raws.bindings,
        model=use,
        checks=check_uses(index, tags),
        parts=tuple(parts.items()),
        serving=_slice(index, use.output or use.estimator, sorted(served), model=model),
        training=_slice(index, use.estimator, sorted(trained), model=model),
        raw_hint=tags.raw,
        request_hint=tags.request,
        lookup_hint=tags.lookup,
        target_hint=tags.target,
        optional_hint=tags.optional,
        dropped=statements_of(index.notebook, index.dataflow, "drop"),
        kept=statements_of(index.notebook, index.dataflow, "keep"),
    )


def _slice(index: Index, target: str, numbers: Collection[int], *, model: ModelFound) -> Slice:
    return Slice(target=target, statements=tuple(numbers), reasons=reasons(index, numbers, model.use))
