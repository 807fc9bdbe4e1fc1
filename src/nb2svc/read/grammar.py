"""The one directive grammar: `role [name] {key=value}`.

    feature ages raw=loans lookup="regions, rates"
    → Directive(role="feature", name="ages", options=(("raw", "loans"), ("lookup", "regions,rates")))

Values that contain spaces stand in single or double quotes. A `#` before a word begins a remark.
"""

import keyword
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal, cast, get_args

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix, replaced
from nb2svc.ir.margins import plain_margins, with_colons, wrong_margin
from nb2svc.ir.notebook import Directive, Role, Spelling
from nb2svc.ir.span import Span

ROLES: tuple[Role, ...] = get_args(Role)
ValueKind = Literal["name", "names", "flag", "column", "columns", "metrics", "margins"]
# How a metric is judged in validation runs.
_JUDGED: Mapping[str, ValueKind] = MappingProxyType(
    {"metrics": "names", "margin": "margins", "lower": "metrics", "higher": "metrics"}
)

# Every option that a directive knows, and what its value must be.
OPTIONS: Mapping[Role, Mapping[str, ValueKind]] = MappingProxyType(
    {
        "feature": MappingProxyType({"raw": "name", "request": "names", "lookup": "names", "optional": "columns"}),
        "model": MappingProxyType(
            {"output": "name", "estimator": "name", "target": "column", "answer_outside_domain": "flag", **_JUDGED}
        ),
        "check": MappingProxyType({"serve": "flag", **_JUDGED}),
        # What the dataflow says of a cell is overruled: it is part of the service, or it is none.
        "keep": MappingProxyType({}),
        "drop": MappingProxyType({}),
    }
)
# Roles that make nothing of their own in the service, so that there is nothing to name.
NAMELESS: tuple[Role, ...] = ("keep", "drop")

# What people write for the two values of a flag.
_FLAGS = MappingProxyType(dict.fromkeys(("yes", "on", "1", "true"), "true") | dict.fromkeys(("no", "off", "0", "false"), "false"))

_WORD = re.compile(
    r"""(?:(?P<key>[^\s='"\#]+)=)?
        (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s'"\#][^\s'"]*)?)
        (?=\s|\#|$)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a directive's text begins: code cell, line (from 1) and column (from 0)."""

    cell: int
    line: int
    column: int = 0

    def span(self, start: int, end: int) -> Span:
        """The span of characters start … end of the text that begins here."""
        return Span(self.cell, self.line, self.column + start, self.line, self.column + end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    key: str | None
    value: str
    quoted: bool
    span: Span


def parse_directive(text: str, place: Place, *, spelling: Spelling, span: Span) -> tuple[Directive | None, tuple[Finding, ...]]:
    """Parse a directive's text; `span` is the whole directive as it stands in the cell.

    Returns:
        The directive, or None with at least one refusal.
    """
    words, findings = _words(text, place)
    if findings:
        return None, tuple(findings)
    if not words:
        return None, (_refusal("NB104", "the directive says no role", f"Write a role: {_listing(ROLES)}.", span),)
    role = parse_role(words[0].value if words[0].key is None else f"{words[0].key}=…", words[0].span)
    if isinstance(role, Finding):
        return None, (role if words[0].key is None else replace(role, fixes=()),)
    rest = words[1:]
    name = rest[0].value if rest and rest[0].key is None else None
    if name is not None:
        findings.extend(check_name(name, rest[0].span, role=role))
        rest = rest[1:]
    options, problems = _options(role, rest, before=words[len(words) - len(rest) - 1], named=name is not None)
    findings.extend(problems)
    if findings:
        return None, tuple(findings)
    return Directive(role=role, name=name, options=options, spelling=spelling, span=span), ()


def parse_role(word: str, span: Span | None) -> Role | Finding:
    """The role that a word names, or a refusal with the nearest one."""
    if word in ROLES:
        return word
    close = nearest_role(word)
    remedy = f"Did you mean `{close}`?" if close else f"Use one of {_listing(ROLES)}."
    return _refusal("NB101", f"`{word}` is no role", remedy, span, fixes=_replacing(span, close) if close else ())


def nearest_role(word: str) -> Role | None:
    """The role that a misspelt one was meant to be."""
    close = get_close_matches(word.lower(), ROLES, n=1, cutoff=0.6)
    return next((role for role in ROLES if role in close), None)


def check_name(name: str, span: Span | None, *, role: Role) -> tuple[Finding, ...]:
    """A refusal where a name can't become the name of a function, or where there is no function to name."""
    if role in NAMELESS:
        return (_refusal("NB104", f"`{role}` takes no name, and `{name}` is one", f"Write `{role}` alone.", span),)
    if name.isidentifier() and not keyword.iskeyword(name):
        return ()
    wish = usable_name(name)
    message = f"`{name}` can't be the name of a function"
    return (_refusal("NB105", message, f"Call it `{wish}`.", span, fixes=_replacing(span, wish)),)


def usable_name(name: str) -> str:
    """The nearest name that a function can have: `loan-features` → loan_features."""
    wish = re.sub(r"\W+", "_", name).strip("_").lower()
    return wish if wish.isidentifier() and not keyword.iskeyword(wish) else f"step_{wish}".rstrip("_")


def nearest_option(role: Role, key: str) -> str | None:
    """The option of a role that a misspelt one was meant to be."""
    known = any(key in options for options in OPTIONS.values())
    close = [] if known or key == "name" else get_close_matches(key.lower(), OPTIONS[role], n=1, cutoff=0.6)
    return close[0] if close else None


def meant_flag(value: str) -> str | None:
    """`yes` → true; None where it can't be told."""
    return _FLAGS.get(value.strip().lower())


def check_option(role: Role, key: str, value: str, span: Span | None) -> tuple[str, tuple[Finding, ...]]:
    """An option's value in its plain form, or a refusal: unknown key, or a value of the wrong kind."""
    kind = OPTIONS[role].get(key)
    if kind is None:
        return value, (_unknown_option(role, key, value, span),)
    if kind == "flag":
        if value in ("true", "false"):
            return value, ()
        message, remedy = f"`{key}={value}` is neither true nor false", f"Write `{key}=true` or `{key}=false`."
        meant = meant_flag(value)
        return value, (_refusal("NB105", message, remedy, span, fixes=_replacing(span, f"{key}={meant}") if meant else ()),)
    if kind in ("column", "columns"):
        return _columns(key, value, span, several=kind == "columns")
    if kind == "metrics":
        return _metrics(key, value, span)
    if kind == "margins":
        return _margins(value, span)
    names = [name.strip() for name in value.split(",")] if kind == "names" else [value]
    wrong = next((name for name in names if not name.isidentifier() or keyword.iskeyword(name)), None)
    if wrong is None:
        return ",".join(names), ()
    remedy = f"Write `{key}=NAME` with the name of a variable of the notebook"
    remedy += ", or several with commas between." if kind == "names" else "."
    return value, (_refusal("NB105", f"`{key}={value}`: `{wrong}` is no variable name", remedy, span),)


def _columns(key: str, value: str, span: Span | None, *, several: bool) -> tuple[str, tuple[Finding, ...]]:
    """The names of columns, which may be any text; whether there are such columns only the data says."""
    names = [name.strip() for name in value.split(",")] if several else [value.strip()]
    if all(names):
        return ",".join(names), ()
    remedy = f"Write `{key}=COLUMN` with the name of a column" + (", or several with commas between." if several else ".")
    return value, (_refusal("NB105", f"`{key}={value}` names no column", remedy, span),)


def _metrics(key: str, value: str, span: Span | None) -> tuple[str, tuple[Finding, ...]]:
    """The names of metrics, which may be any text."""
    names = [name.strip() for name in value.split(",")]
    if all(names):
        return ",".join(names), ()
    remedy = f"Write `{key}=METRIC` with the name of a metric, or several with commas between."
    return value, (_refusal("NB105", f"`{key}={value}` names no metric", remedy, span),)


def _margins(value: str, span: Span | None) -> tuple[str, tuple[Finding, ...]]:
    """Metrics, each with a number: `auc:0.01`."""
    wrong = wrong_margin(value)
    if wrong is None:
        return plain_margins(value), ()
    meant = with_colons(value)
    fixes = _replacing(span, f"margin={meant}") if wrong_margin(meant) is None else ()
    return value, (_refusal("NB105", wrong[0], wrong[1], span, fixes=fixes),)


def _words(text: str, place: Place) -> tuple[list[_Word], list[Finding]]:
    words: list[_Word] = []
    position = 0
    while True:
        position += len(text[position:]) - len(text[position:].lstrip())
        if position >= len(text) or text[position] == "#":
            return words, []
        match = _WORD.match(text, position)
        end = match.end() if match else len(text)
        span = place.span(position, end)
        if match is None or match.end() == position:
            return words, [_refusal("NB104", f"a quote in `{text[position:].strip()}` is not closed", "Close the quote.", span)]
        word = _Word(key=match["key"], value=_value(match), quoted=match["bare"] is None, span=span)
        problem = _word_problem(word, first=not words, second=len(words) == 1)
        if problem:
            return words, [problem]
        words.append(word)
        position = end


def _value(match: re.Match[str]) -> str:
    quoted = match["double"] if match["double"] is not None else match["single"]
    return re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match["bare"] or ""


def _word_problem(word: _Word, *, first: bool, second: bool) -> Finding | None:
    if word.key is not None:
        if word.value:
            return None
        return _refusal(
            "NB104", f"`{word.key}=` has no value", f"Write `{word.key}=VALUE`, without spaces around `=`.", word.span
        )
    if word.value.startswith("="):
        return _refusal(
            "NB104", f"`{word.value}` has no key before it", "Write `key=value` without spaces around `=`.", word.span
        )
    if first or second:
        return None
    message = f"`{word.value}` is neither a name (that comes right after the role) nor `key=value`"
    return _refusal("NB104", message, "Write `role name key=value …`; put a value with spaces in quotes.", word.span)


def _options(role: Role, words: list[_Word], *, before: _Word, named: bool) -> tuple[tuple[tuple[str, str], ...], list[Finding]]:
    """The options of a role; `before` is the word that stands before the first of them, `named` whether it is a name."""
    options: dict[str, str] = {}
    findings: list[Finding] = []
    left, keys = [before, *words], {word.key for word in words}
    for place, word in enumerate(words):
        key = cast(str, word.key)
        if key in options:
            first = next(number for number, one in enumerate(words) if one.key == key)
            fixes = _one_of_two(left, first + 1, place + 1)
            message = f"the option `{key}` is given twice"
            findings.append(_refusal("NB103", message, "Keep one of the two.", word.span, fixes=fixes))
            continue
        options[key], problems = check_option(role, key, word.value, word.span)
        respelt = _respelt_key(role, word, taken=keys, named=named or place > 0)
        findings.extend(replace(one, fixes=respelt or one.fixes) for one in problems)
    return tuple(options.items()), findings


def _respelt_key(role: Role, word: _Word, *, taken: Collection[str | None], named: bool) -> tuple[Fix, ...]:
    """A misspelt option's key as it was meant; `name=loans` as the name that it is, where none is given."""
    key, at = cast(str, word.key), word.span
    span = Span(at.cell, at.line, at.column, at.line, at.column + len(key))
    meant = nearest_option(role, key) if key not in OPTIONS[role] else None
    if meant and meant not in taken:
        return _replacing(span, meant)
    if key == "name" and not named and not check_name(word.value, None, role=role) and word.value not in ROLES:
        edit = replaced(Span(at.cell, at.line, at.column, at.line, at.column + len("name=")), "")
        return (Fix(title=f"Write the name as `{word.value}`, without a key", edits=(edit,)),)
    return ()


def _one_of_two(words: list[_Word], first: int, second: int) -> tuple[Fix, ...]:
    """Take away one of two words with its space; which of them is a choice where they say different things."""
    differ = words[first].value != words[second].value
    pairs = ((second, first), (first, second)) if differ else ((second, first),)
    return tuple(
        Fix(
            title=f"Keep `{words[kept].key}={words[kept].value}`",
            edits=(replaced(_from_to(words[gone - 1].span, words[gone].span), ""),),
            choice=differ,
        )
        for gone, kept in pairs
    )


def _from_to(before: Span, word: Span) -> Span:
    return Span(word.cell, word.line, before.end_column, word.line, word.end_column)


def _replacing(span: Span | None, text: str) -> tuple[Fix, ...]:
    return (Fix(title=f"Write `{text}`", edits=(replaced(span, text),)),) if span else ()


def _unknown_option(role: Role, key: str, value: str, span: Span | None) -> Finding:
    message = f"`{role}` has no option `{key}`"
    owner = next((other for other in ROLES if key in OPTIONS[other]), None)
    close = nearest_option(role, key)
    if key == "name":
        remedy = f"Write the name without a key: `{role} {value}`."
    elif owner:
        remedy = f"`{key}` belongs to `{owner}`; `{role}` knows {_listing(tuple(OPTIONS[role]))}."
    elif close:
        remedy = f"Did you mean `{close}`?"
    else:
        remedy = f"`{role}` knows {_listing(tuple(OPTIONS[role]))}."
    return _refusal("NB102", message, remedy, span)


def _listing(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"


def _refusal(code: str, message: str, remedy: str, span: Span | None, *, fixes: tuple[Fix, ...] = ()) -> Finding:
    return Finding(code=code, severity="refusal", message=message, remedy=remedy, span=span, fixes=fixes)
