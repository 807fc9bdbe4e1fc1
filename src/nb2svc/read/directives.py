"""Which directive a cell has: three spellings, one grammar.

    %%nb2svc feature ages raw=loans      a magic; `%%feature ages raw=loans` is the same
    # nb2svc: feature ages raw=loans     a comment above the code; `#|` and `# |` may begin it
    tag "nb2svc:feature", metadata {"nb2svc": {"name": "ages", "options": {"raw": "loans"}}}

The source wins over the metadata, and saying different things in both is a finding. What only the metadata says of a cell
whose source has the role counts too: that is where the panel keeps what a person overrules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.notebook import TAG_PREFIX, Directive, Role, Spelling
from nb2svc.ir.span import Span
from nb2svc.read.comments import comments, has_code_before
from nb2svc.read.directive_fixes import kept_alone, meant_as, reworded, to_the_top
from nb2svc.read.grammar import (
    NAMELESS,
    OPTIONS,
    ROLES,
    Place,
    check_name,
    check_option,
    meant_flag,
    nearest_option,
    nearest_role,
    parse_directive,
    parse_role,
    usable_name,
)
from nb2svc.read.magic_table import CELL_MAGICS
from nb2svc.read.metadata_fixes import in_metadata, one_tag, patched, renamed_tag

OWN_MAGICS = ("nb2svc", *(role for role in ROLES if role not in NAMELESS))

_MAGIC = re.compile(r"\s*%%(?P<name>nb2svc|feature|model|check)(?=\s|$)(?P<text>.*)", re.DOTALL)
_COMMENT = re.compile(r"\s*#\s*\|?\s*nb2svc\s*:(?P<text>.*)", re.DOTALL)
_ALMOST_COMMENT = re.compile(r"\s*#\s*\|?\s*(?P<word>[\w-]+)\s*:?\s+(?P<text>(?:feature|model|check|keep|drop)\b.*)")
_ANY_MAGIC = re.compile(r"\s*%%(?P<name>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A line of a cell that holds a directive: `line` counts from 0, `text` is the directive, from `column` on."""

    line: int
    column: int
    text: str
    spelling: Spelling


def marker_in(line: str, *, number: int = 0) -> Marker | None:
    """The directive that a line of source holds, well-formed or not, or None."""
    magic = _MAGIC.match(line)
    if magic:
        # `%%feature ages` says `feature ages`; `%%nb2svc feature ages` says it after its own name.
        start = magic.start("text") if magic["name"] == "nb2svc" else magic.start("name")
        return Marker(line=number, column=start, text=line[start:], spelling="magic")
    comment = _COMMENT.match(line)
    if comment:
        return Marker(line=number, column=comment.start("text"), text=comment["text"], spelling="comment")
    return None


def header_length(lines: Sequence[str]) -> int:
    """How many lines stand above a cell's code: blank lines, comments, directives, transparent cell magics."""
    for number, line in enumerate(lines):
        text = line.strip()
        if text and not text.startswith("#") and not marker_in(line) and not _lets_run(text):
            return number
    return len(lines)


def _lets_run(line: str) -> bool:
    magic = _ANY_MAGIC.match(line)
    return magic is not None and CELL_MAGICS.get(magic["name"]) == "transparent"


def source_directive(lines: Sequence[str], *, cell: int) -> tuple[Directive | None, tuple[Marker, ...], tuple[Finding, ...]]:
    """The directive in a cell's source, every marker line found above its code, and what is wrong with them."""
    header = header_length(lines)
    markers = tuple(marker for number in range(header) if (marker := marker_in(lines[number], number=number)))
    findings = [*_almost(lines, header=header, cell=cell)]
    directive = None
    for position, marker in enumerate(markers):
        span = _line_span(lines, marker.line, cell=cell)
        if position:
            message, remedy = (
                "the cell has a second directive",
                "Keep one directive a cell; split the cell where it has two roles.",
            )
            fixes = kept_alone(lines, markers[0].line, marker.line, cell=cell) if len(markers) == 2 else ()
            findings.append(_refusal("NB107", message, remedy, span, fixes=fixes))
            continue
        place = Place(cell=cell, line=marker.line + 1, column=marker.column)
        directive, problems = parse_directive(marker.text, place, spelling=marker.spelling, span=span)
        findings.extend(reworded(problems, marker.text, place))
    return directive, markers, tuple(findings)


def metadata_directive(
    tags: Sequence[str], settings: object, *, span: Span, cell: str = "", said: Role | None = None
) -> tuple[Directive | None, tuple[Finding, ...]]:
    """The directive that a cell's metadata gives: its tags say the role, `metadata.nb2svc` name and options.

    `cell` is the cell's id, by which a fix finds it. `said` is the role that the source gives, to which the options belong where
    no tag says one.
    """
    roles: list[Role] = []
    findings: list[Finding] = []
    for tag in own_tags(tags):
        word = tag.removeprefix(TAG_PREFIX).strip()
        role = parse_role(word, span)
        if isinstance(role, Finding):
            close = nearest_role(word)
            fixes = renamed_tag(cell, tag, TAG_PREFIX + close) if close else ()
            message = f"the tag `{TAG_PREFIX}{word}`: {role.message}"
            findings.append(_refusal(role.code, message, role.remedy, span, fixes=fixes))
        elif role not in roles:
            roles.append(role)
    if len(roles) > 1:
        message = "the cell is tagged " + " and ".join(f"`{TAG_PREFIX}{role}`" for role in roles)
        remedy = "Keep one of the tags; split the cell where it has two roles."
        findings.append(_refusal("NB108", message, remedy, span, fixes=one_tag(cell, own_tags(tags))))
    if findings:
        return None, tuple(findings)
    if not roles and said is None:
        return None, _of_no_role(settings, span, cell=cell)
    meant = roles[0] if roles else said
    assert meant is not None, "a tag or the source says it"
    name, options, problems = _settings(meant, settings, span, cell=cell)
    if any(finding.severity == "refusal" for finding in problems):
        return None, tuple(problems)
    return Directive(role=meant, name=name, options=options, spelling="metadata", span=span), tuple(problems)


def own_tags(tags: Sequence[str]) -> list[str]:
    """Those of a cell's tags that are meant for nb2svc."""
    return [tag for tag in tags if tag.startswith(TAG_PREFIX)]


def resolve(
    source: Directive | None, metadata: Directive | None, *, fixes: tuple[Fix, ...] = ()
) -> tuple[Directive | None, tuple[Finding, ...]]:
    """One directive of two: what both say the source says; where the metadata says it otherwise it is a warning, with `fixes`.

    source `feature ages raw=loans`, metadata {"options": {"lookup": "rates"}}   →  feature ages raw=loans lookup=rates
    """
    if source is None or metadata is None:
        return source or metadata, ()
    if source.role == metadata.role and not _contradicts(source, metadata):
        more = tuple((key, value) for key, value in metadata.options if source.option(key) is None)
        return replace(source, name=source.name or metadata.name, options=(*source.options, *more)), ()
    message = f"the source says `{spell(source)}`, the cell's metadata `{spell(metadata)}`; the source counts"
    remedy = "Remove the tag and `metadata.nb2svc`, or make both say the same."
    return source, (Finding(code="NB106", severity="warning", message=message, remedy=remedy, span=source.span, fixes=fixes),)


def _contradicts(source: Directive, metadata: Directive) -> bool:
    named = source.name is not None and metadata.name is not None and source.name != metadata.name
    return named or any(source.option(key) not in (None, value) for key, value in metadata.options)


def spell(directive: Directive) -> str:
    """A directive as text: `feature ages raw=loans`."""
    pairs = [f"{key}={_quoted(value)}" for key, value in directive.options]
    return " ".join([directive.role, *([directive.name] if directive.name else []), *pairs])


def _quoted(value: str) -> str:
    """`home town` → `"home town"`: as the grammar takes a value that has spaces."""
    if not re.search(r"[\s'\"#]", value):
        return value
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'"{escaped}"'


def misplaced_comments(lines: Sequence[str], *, cell: int) -> tuple[Finding, ...]:
    """Refusals for directive comments below a cell's first statement: they would silently not count.

    `lines` are plain Python; comments are found by Python's own tokens, so a line of a string is none.
    """
    header = header_length(lines)
    numbers = [number for number in _comment_lines(lines) if number >= header and marker_in(lines[number])]
    only = len(numbers) == 1 and not any(marker_in(line.replace("# %%", "%%", 1)) for line in lines[:header])
    return tuple(
        below_code(
            lines[number], _line_span(lines, number, cell=cell), fixes=to_the_top(lines, number, cell=cell) if only else ()
        )
        for number in numbers
    )


def below_code(line: str, span: Span, *, fixes: tuple[Fix, ...] = ()) -> Finding:
    """The refusal of a directive that stands below code."""
    message = f"the directive `{line.strip()}` stands below code, where it doesn't count"
    return _refusal("NB107", message, "Move it to the top of the cell, or split the cell there.", span, fixes=fixes)


def runnable(source_lines: Sequence[str]) -> list[str]:
    """A cell's lines as a kernel without nb2svc can run them: directives are comments, the count of lines is the same.

        %%feature ages          →  %%time
        %%time                     # %%feature ages
        y = f(x)                   y = f(x)

    A cell magic below a directive moves to the top, where IPython looks for it.
    """
    lines = list(source_lines)
    magic_above = False
    for number in range(header_length(lines)):
        marker = marker_in(lines[number])
        if marker and marker.spelling == "magic":
            magic_above = True
            lines[number] = as_comment(lines[number])
    return cell_magic_first(lines) if magic_above else lines


def cell_magic_first(lines: Sequence[str]) -> list[str]:
    """Move the first cell magic above the comments that stand before it; nothing changes where there is none."""
    number = 0
    while number < len(lines) and (not lines[number].strip() or lines[number].lstrip().startswith("#")):
        number += 1
    if number == len(lines) or not lines[number].lstrip().startswith("%%"):
        return list(lines)
    return [lines[number], *lines[:number], *lines[number + 1 :]]


def as_comment(line: str) -> str:
    """`  %%feature ages` → `  # %%feature ages`."""
    bare = line.lstrip(" \t")
    return f"{line[: len(line) - len(bare)]}# {bare}"


def _comment_lines(lines: Sequence[str]) -> list[int]:
    """Numbers (from 0) of the lines that hold nothing but a comment."""
    return [comment.start[0] - 1 for comment in comments(lines) if not has_code_before(comment)]


def _almost(lines: Sequence[str], *, header: int, cell: int) -> list[Finding]:
    """Lines above the code that were surely meant as directives: `# nbsvc: feature a`, `%%featur a`."""
    findings = []
    for number in range(min(header + 1, len(lines))):
        line = lines[number]
        wish = None if marker_in(line) else _wish(line, in_header=number < header)
        if wish:
            span = _line_span(lines, number, cell=cell)
            said = marker_in(wish)
            fixes = meant_as(line, wish, Place(cell=cell, line=number + 1), text=said.text) if said else ()
            findings.append(_refusal("NB101", f"`{line.strip()}` is no directive", f"Did you mean `{wish}`?", span, fixes=fixes))
    return findings


def _wish(line: str, *, in_header: bool) -> str | None:
    magic = _ANY_MAGIC.match(line)
    if magic and magic["name"] not in CELL_MAGICS and not line.strip().endswith("?"):
        close = get_close_matches(magic["name"], OWN_MAGICS, n=1, cutoff=0.8)
        return f"%%{close[0]}{line[magic.end() :].rstrip()}" if close else None
    comment = _ALMOST_COMMENT.match(line)
    if not (comment and in_header and get_close_matches(comment["word"].lower(), ["nb2svc"], n=1, cutoff=0.75)):
        return None
    # Prose such as `# nb2svc feature engineering below` is no directive: only what parses as one was meant as one.
    span = Span(0, 1, 0, 1, 0)
    directive, _ = parse_directive(comment["text"], Place(cell=0, line=1), spelling="comment", span=span)
    return f"# nb2svc: {comment['text'].strip()}" if directive else None


def _settings(
    role: Role, settings: object, span: Span, *, cell: str
) -> tuple[str | None, tuple[tuple[str, str], ...], list[Finding]]:
    form = 'Write `metadata.nb2svc` as {"name": "ages", "options": {"raw": "loans"}}.'
    if settings is None:
        return None, (), []
    if not isinstance(settings, Mapping):
        return None, (), [_refusal("NB108", "`metadata.nb2svc` is no object", form, span)]
    findings = [
        _unknown_setting(role, str(key), span, cell=cell, settings=settings) for key in settings if key not in ("name", "options")
    ]
    name = settings.get("name")
    if name is not None and not isinstance(name, str):
        findings.append(_refusal("NB108", "`metadata.nb2svc.name` is no text", form, span))
        name = None
    if name:
        fixes = patched(cell, f"Call it `{usable_name(name)}`", {"name": usable_name(name)}) if role not in NAMELESS else ()
        findings.extend(in_metadata(problem, fixes) for problem in check_name(name, span, role=role))
    given = settings.get("options") or {}
    if not isinstance(given, Mapping):
        return None, (), [*findings, _refusal("NB108", "`metadata.nb2svc.options` is no object", form, span)]
    options = []
    for key, value in given.items():
        text, problems = check_option(role, str(key), _as_text(value), span)
        fixes = _option_fixes(role, str(key), value, cell=cell, given=given)
        findings.extend(in_metadata(problem, fixes) for problem in problems)
        options.append((str(key), text))
    return name or None, tuple(options), findings


def _of_no_role(settings: object, span: Span, *, cell: str) -> tuple[Finding, ...]:
    options = settings.get("options") if isinstance(settings, Mapping) else None
    if not options:
        return ()
    message = "`metadata.nb2svc.options` says something of a cell that has no role, so it does not count"
    remedy = "Tag the cell (`nb2svc:feature`, `nb2svc:model`, `nb2svc:check`), or remove `metadata.nb2svc`."
    fixes = patched(cell, "Remove `metadata.nb2svc`", None, choice=True)
    return (Finding(code="NB108", severity="warning", message=message, remedy=remedy, span=span, fixes=fixes),)


def _option_fixes(role: Role, key: str, value: object, *, cell: str, given: Mapping[object, object]) -> tuple[Fix, ...]:
    if key in OPTIONS[role]:
        meant = meant_flag(_as_text(value)) if OPTIONS[role][key] == "flag" else None
        return patched(cell, f"Write `{key}` as {meant}", {"options": {key: meant == "true"}}) if meant else ()
    close = nearest_option(role, key)
    if close is None or close in given:
        return ()
    return patched(cell, f"Write the option as `{close}`", {"options": {key: None, close: value}})


def _unknown_setting(role: Role, key: str, span: Span, *, cell: str, settings: Mapping[object, object]) -> Finding:
    message, value = f"`metadata.nb2svc.{key}` is not read", settings[key]
    if key in OPTIONS[role]:
        under = settings.get("options")
        free = under is None or (isinstance(under, Mapping) and key not in under)
        fixes = patched(cell, f"Put `{key}` under `options`", {key: None, "options": {key: value}}) if free else ()
        return _refusal("NB108", message, f"Put `{key}` under `options`.", span, fixes=fixes)
    close = get_close_matches(key.lower(), ["name", "options"], n=1, cutoff=0.6)
    if close:
        fixes = () if close[0] in settings else patched(cell, f"Write the key as `{close[0]}`", {key: None, close[0]: value})
        return _refusal("NB108", message, f"Did you mean `{close[0]}`?", span, fixes=fixes)
    return Finding(
        code="NB108",
        severity="warning",
        message=message,
        remedy="Remove it; `name` and `options` are read.",
        span=span,
        fixes=patched(cell, f"Remove `{key}`", {key: None}),
    )


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{item}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


def _line_span(lines: Sequence[str], number: int, *, cell: int) -> Span:
    line = lines[number]
    return Span(cell, number + 1, len(line) - len(line.lstrip()), number + 1, len(line.rstrip()))


def _refusal(code: str, message: str, remedy: str, span: Span | None, *, fixes: tuple[Fix, ...] = ()) -> Finding:
    return Finding(code=code, severity="refusal", message=message, remedy=remedy, span=span, fixes=fixes)
