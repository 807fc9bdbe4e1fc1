"""What a change of the schema means to whoever sends requests: one table of rules.

    RULES: name, old form, new form → changes, each breaking, stricter or compatible

`breaking`: a row that was valid is now `invalid`, or a part of the answer is gone or of another type. `stricter`: a row that
was answered is now `refer`. `compatible`: neither, though a caller may want to know.
"""

from collections.abc import Callable, Iterator, Sequence

from nb2svc.compare.domain import looser_guard, narrower_dtype, range_changes, tighter_guard
from nb2svc.compare.words import counted, listed, said
from nb2svc.ir.difference import Level, Predictions, RequestChange
from nb2svc.ir.snapshot import Field, GuardRule, RequestForm

Said = tuple[Level, str, str]
FieldRule = Callable[[Field, Field], Iterator[Said]]
FormRule = Callable[[RequestForm, RequestForm], Iterator[tuple[Level, str, str, str]]]

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "datetime": "a date or time",
    "any": "any value",
    "table": "a list of rows",
}
# Every value of the first kind is one of the second, too.
_WIDER = frozenset({("integer", "number"), ("datetime", "string")})
_ORDERED = frozenset({"integer", "number", "datetime"})


def request_changes(old: RequestForm, new: RequestForm) -> tuple[RequestChange, ...]:
    """The changes between two forms, the gravest first."""
    found = [change for rule, judge in FORM_RULES for change in _of_form(rule, judge, old, new)]
    for field in old.fields:
        other = new.field(field.path)
        if other is not None:
            found += [
                RequestChange(rule=rule, level=level, where=field.path, what=what, do=do)
                for rule, judge in FIELD_RULES
                for level, what, do in judge(field, other)
            ]
    order = ("breaking", "stricter", "compatible")
    return tuple(sorted(found, key=lambda change: order.index(change.level)))


def _of_form(rule: str, judge: FormRule, old: RequestForm, new: RequestForm) -> Iterator[RequestChange]:
    for level, where, what, do in judge(old, new):
        yield RequestChange(rule=rule, level=level, where=where, what=what, do=do)


# One field, old and new


def _kind(old: Field, new: Field) -> Iterator[Said]:
    if old.kind == new.kind:
        return
    words = f"was {_KINDS[old.kind]}, is {_KINDS[new.kind]}"
    if "table" not in (old.kind, new.kind) and (new.kind == "any" or (old.kind, new.kind) in _WIDER):
        yield "compatible", words, "nothing: what was sent still does"
    else:
        yield "breaking", words, f"send {_KINDS[new.kind]}: other values are invalid"


def _nullable(old: Field, new: Field) -> Iterator[Said]:
    if old.nullable and not new.nullable:
        do = "send a value in each row: rows without the field are invalid, rows with null are referred"
        yield "breaking", "was optional, is required", do
    elif new.nullable and not old.nullable:
        yield "compatible", "was required, is optional", "nothing: it may be left out now"


def _shape(old: Field, new: Field) -> Iterator[Said]:
    if old.shape != new.shape:
        shapes = [" x ".join(map(str, each.shape)) or "a single value" for each in (old, new)]
        yield "breaking", f"the array's shape was {shapes[0]}, is {shapes[1]}", f"send nested lists of {shapes[1]}"


def _dtype(old: Field, new: Field) -> Iterator[Said]:
    zones = ["," in each.dtype for each in (old, new)]
    if old.kind == new.kind == "datetime" and zones[0] != zones[1]:
        what = "times have a zone now" if zones[1] else "times have no zone now"
        yield "breaking", what, "send times with their zone, like +01:00" if zones[1] else "send times without a zone"
    elif old.kind == new.kind and narrower_dtype(old.dtype, new.dtype):
        fits = narrower_dtype(old.dtype, new.dtype, low=old.low, high=old.high) is False
        level: Level = "stricter" if fits else "breaking"
        yield level, f"the column was {old.dtype}, is {new.dtype}", "keep to what that type holds: other values are invalid"


def _range(old: Field, new: Field) -> Iterator[Said]:
    if old.kind not in _ORDERED or new.kind not in _ORDERED or (old.kind == "datetime") != (new.kind == "datetime"):
        return
    tighter, looser = range_changes((old.low, old.high), (new.low, new.high))
    words = f"training saw {_span(old)}, now sees {_span(new)}"
    if tighter:
        yield "stricter", words, f"expect rows {' and '.join(tighter)} to be referred"
    elif looser:
        yield "compatible", words, f"nothing: rows {' and '.join(looser)} are answered now"


def _span(field: Field) -> str:
    low, high = ("…" if each is None else str(each) for each in (field.low, field.high))
    return "any value" if field.low is None and field.high is None else f"{low} to {high}"


def _categories(old: Field, new: Field) -> Iterator[Said]:
    if old.kind == new.kind == "table" or old.values == new.values:
        return
    if not new.values:
        yield "compatible", "its values are no longer listed", "nothing: other values may be answered now"
        return
    gone = [value for value in old.values if value not in new.values]
    come = [value for value in new.values if value not in old.values]
    if not old.values:
        yield "stricter", f"only {listed(new.values)} were in training", "expect rows with other values to be referred"
        return
    if gone:
        what = f"training no longer has {listed(gone)}" + (f"; it has {listed(come)} instead" if come else "")
        yield "stricter", what, f"expect rows with {listed(gone)} to be referred"
    elif come:
        yield "compatible", f"training has {listed(come)} too", "nothing: such rows are answered now"


FIELD_RULES: tuple[tuple[str, FieldRule], ...] = (
    ("kind", _kind),
    ("nullable", _nullable),
    ("shape", _shape),
    ("dtype", _dtype),
    ("range", _range),
    ("categories", _categories),
)


# The form as a whole


def _fields_added(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    for field in new.fields:
        if old.field(field.path) is not None or _within_new(field, old, new):
            continue
        said_kind = f"new: {_KINDS[field.kind]}"
        if field.nullable:
            what = "rows count as having none" if field.kind == "table" else "rows without it count as missing it"
            yield "compatible", field.path, f"{said_kind}, optional", f"send it where it is known: {what}"
        else:
            yield "breaking", field.path, f"{said_kind}, required", "send it in each row: rows without it are invalid"


def _within_new(field: Field, old: RequestForm, new: RequestForm) -> bool:
    """Whether a field belongs to a child table that is new as a whole (or gone, with the forms exchanged)."""
    table, inside, _ = field.path.rpartition("[].")
    return bool(inside) and old.field(table) is None and new.field(table) is not None


def _fields_removed(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    for field in old.fields:
        if new.field(field.path) is None and not _within_new(field, new, old):
            yield "compatible", field.path, "gone: the model does not read it", "stop sending it: it is ignored"


def _guards(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    read = {field.path for field in new.fields}
    before, after = list(old.guards), [guard for guard in new.guards if guard.column in read]
    for guard in list(after):
        if guard_text(guard) in map(guard_text, before):
            before = [each for each in before if guard_text(each) != guard_text(guard)]
            after.remove(guard)
    for guard in after:
        twin = next((each for each in before if (each.column, each.operator) == (guard.column, guard.operator)), None)
        if twin is not None:
            before.remove(twin)
        yield _guard_change(twin, guard)
    for guard in before:
        yield "compatible", guard.column, f"no longer only {guard_text(guard)}", "nothing: other rows are answered now"


def _guard_change(old: GuardRule | None, new: GuardRule) -> tuple[Level, str, str, str]:
    where = f" ({new.where})" if new.where else ""
    if old is None:
        what = f"only rows with {guard_text(new)} now{where}"
        return "stricter", new.column, what, "expect other rows to be referred"
    what = f"only rows with {guard_text(new)}{where}; it was {guard_text(old)}"
    if looser_guard(old, new) and not tighter_guard(old, new):
        return "compatible", new.column, what, "nothing: more rows are answered now"
    return "stricter", new.column, what, "expect other rows to be referred"


def guard_text(guard: GuardRule) -> str:
    """`age >= 18`."""
    if guard.operator == "not null":
        return f"{guard.column} not missing"
    return f"{guard.column} {guard.operator} {said(guard.value)}"


def _outside(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    if old.answer_outside_domain and not new.answer_outside_domain:
        yield "stricter", "answer", "rows outside of training get no prediction now", "expect `refer` without a prediction"
    elif new.answer_outside_domain and not old.answer_outside_domain:
        what = "rows outside of training get a prediction beside `refer`"
        yield "compatible", "answer", what, "look at `status` before you use a prediction"


def _answer(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    if old.answer != new.answer:
        words = {"label": "a label", "number": "a number", "labels": "several labels", "numbers": "several numbers"}
        what = f"the prediction was {words.get(old.answer, old.answer)}, is {words.get(new.answer, new.answer)}"
        yield "breaking", "answer", what, "read the prediction as what it is now"


def _outputs(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    if bool(old.outputs) != bool(new.outputs):
        forms = ("a list" if old.answer.endswith("s") else "one value", "an object by name")
        was, now = forms if new.outputs else forms[::-1]
        yield "breaking", "answer", f"the prediction was {was}, is {now}", "read it in its new form"
        return
    gone, come = _apart(old.outputs, new.outputs)
    if gone:
        yield "breaking", "answer", f"the prediction no longer has {listed(gone)}", "do without it"
    if come:
        yield "compatible", "answer", f"the prediction has {listed(come)} too", "nothing: it can be ignored"


def _classes(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    gone, come = _apart(old.classes, new.classes)
    if old.classes and new.classes and {type(each) for each in old.classes} != {type(each) for each in new.classes}:
        what = f"the classes were {listed(old.classes)}, are {listed(new.classes)}"
        yield "breaking", "answer", what, "compare labels with values of the new type"
    elif old.classes and come:
        what = f"there is a class {listed(come)}" + (f", and none {listed(gone)}" if gone else "")
        yield "breaking", "answer", what, "handle the label that could not come before"
    elif new.classes and gone:
        yield "compatible", "answer", f"there is no class {listed(gone)} now", "nothing: that label does not come any more"


def _keys(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    gone, come = _apart(old.keys, new.keys)
    if gone:
        yield "breaking", "answer", f"{listed(gone)} no longer comes back as a result's id", "send `id` with each row"
    if come:
        yield "compatible", "answer", f"{listed(come)} comes back as a result's id, if there is no `id`", "nothing"


def _limits(old: RequestForm, new: RequestForm) -> Iterator[tuple[Level, str, str, str]]:
    before = dict(old.limits)
    for words, limit in new.limits:
        if words in before and before[words] != limit:
            level: Level = "breaking" if limit < before[words] else "compatible"
            do = "send smaller requests" if limit < before[words] else "nothing"
            yield level, "request", f"at most {limit:,} {words}; it was {before[words]:,}", do


def _apart(old: Sequence[object], new: Sequence[object]) -> tuple[list[object], list[object]]:
    return [each for each in old if each not in new], [each for each in new if each not in old]


FORM_RULES: tuple[tuple[str, FormRule], ...] = (
    ("field added", _fields_added),
    ("field removed", _fields_removed),
    ("guard", _guards),
    ("answer outside", _outside),
    ("answer", _answer),
    ("outputs", _outputs),
    ("classes", _classes),
    ("key", _keys),
    ("limit", _limits),
)


def observed_changes(known: tuple[RequestChange, ...], predictions: Predictions) -> tuple[RequestChange, ...]:
    """The changes with those that only answers show: whether a row's class probabilities come with it."""
    if not predictions.probability_lost and not predictions.probability_gained:
        return known
    if predictions.probability_lost:
        what = f"{counted(predictions.probability_lost, 'answer')} no longer with the classes' probability"
        do = "do without `probability`"
        return (RequestChange(rule="probability", level="breaking", where="answer", what=what, do=do), *known)
    what = f"{counted(predictions.probability_gained, 'answer')} with the classes' probability too"
    return (*known, RequestChange(rule="probability", level="compatible", where="answer", what=what, do="nothing"))
