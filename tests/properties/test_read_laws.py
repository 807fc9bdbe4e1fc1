"""Laws of reading: masking keeps every line where it is, plain Python as it is, and always leaves Python."""

import ast
import json

from hypothesis import example, given
from hypothesis import strategies as st

from nb2svc.ir.span import Span
from nb2svc.read.directives import runnable, spell
from nb2svc.read.grammar import NAMELESS, OPTIONS, Place, parse_directive
from nb2svc.read.ipython import mask
from nb2svc.read.lines import join_lines, split_lines
from nb2svc.read.notebook import parse_notebook

PIECES = [
    *(
        "x = 1",
        "%time y = f(x)",
        "%matplotlib inline",
        "files = !ls",
        "!pip install a \\",
        "   b",
        "if x:",
        "    !ls",
        "    z = 2",
    ),
    *(
        "    %time w = 3",
        "s = '''",
        "%foo",
        "'''",
        "t = (1",
        "  % 2)",
        "u = x \\",
        " % 3",
        "x?",
        "%%time",
        "%%capture out",
        "%%bash",
    ),
    *(
        "# nb2svc: feature a",
        "%%feature a",
        "%%nb2svc model",
        "",
        "   ",
        "print 'a'",
        "print('a?')",
        "# %time",
        "for i in x: pass",
        "\f",
    ),
    *("%run a.py", "a = %pwd", "\tq = 1", "/f a", "é = 'ü'  # ü", "@dec", "def f():", "    return 1"),
]
cells = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("\n".join),
    st.text(alphabet=" \n\r\t%!?'\"\\(){}=:#ab1\f\x0b\u2028é", max_size=60),
)


@given(cells)
@example("a = \\\n%pwd\n")
@example("%time x = 1 \\\n")
@example(":\r \n")
@example("\r\u2028\n")
@example("%%capture\n\n%%capture\nif x:\n    !ls")
def test_masking_keeps_lines_and_leaves_python(source):
    masked = mask(source)
    before, ends = split_lines(source)
    after, ends_after = split_lines(masked.code)
    assert len(before) == len(after)
    assert ends == ends_after
    ast.parse(masked.code)


@given(cells)
def test_lines_that_nothing_masked_stay_as_they_were(source):
    masked = mask(source)
    touched = {line for piece in masked.masked for line in range(piece.span.line, piece.span.end_line + 1)}
    pairs = zip(split_lines(source)[0], split_lines(masked.code)[0], strict=True)
    for number, (before, after) in enumerate(pairs, start=1):
        assert before == after or number in touched


@given(cells)
def test_plain_python_is_left_alone(source):
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return
    assert mask(source).code == source


@given(cells)
def test_masking_twice_changes_nothing_more(source):
    code = mask(source).code
    assert mask(code).code == code


@given(cells)
def test_what_runs_has_the_same_lines(source):
    lines, _ = split_lines(source)
    assert len(runnable(lines)) == len(lines)


@given(st.text())
def test_splitting_and_joining_is_the_identity(text):
    assert join_lines(*split_lines(text)) == text


@given(st.lists(cells, min_size=1, max_size=4))
def test_a_notebook_of_any_cells_is_read_the_same_each_time(sources):
    document = {"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": source} for source in [*sources, "x"]]}
    content = json.dumps(document).encode()
    first = parse_notebook(content, path="a.ipynb")
    assert first == parse_notebook(content, path="a.ipynb")
    assert len(first[0].cells) == len(sources) + 1


names = st.from_regex(r"[a-z]{1,6}_[0-9]", fullmatch=True)


@st.composite
def directive_lines(draw):
    role = draw(st.sampled_from(sorted(OPTIONS)))
    several = st.lists(names, min_size=1, max_size=3).map(",".join)
    flags = st.sampled_from(["true", "false"])
    margins = st.lists(names, min_size=1, max_size=2, unique=True).map(lambda found: ",".join(f"{name}:0.5" for name in found))
    values = {"name": names, "names": several, "column": names, "columns": several, "flag": flags}
    values |= {"metrics": several, "margins": margins}
    keys = draw(st.lists(st.sampled_from(sorted(OPTIONS[role])), unique=True)) if OPTIONS[role] else []
    options = [(key, draw(values[OPTIONS[role][key]])) for key in keys]
    quotes = [draw(st.sampled_from(["", '"', "'"])) for _ in options]
    name = None if role in NAMELESS else draw(st.none() | names)
    words = [role, *([name] if name else []), *(f"{k}={q}{v}{q}" for (k, v), q in zip(options, quotes, strict=True))]
    return draw(st.sampled_from([" ", "   ", "\t"])).join(words), (role, name, tuple(options))


@given(directive_lines())
def test_a_directive_says_what_was_written_and_spells_itself(pair):
    line, expected = pair
    place, span = Place(cell=1, line=1), Span(1, 1, 0, 1, len(line))
    directive, findings = parse_directive(line, place, spelling="comment", span=span)
    assert findings == ()
    assert (directive.role, directive.name, directive.options) == expected
    assert parse_directive(spell(directive), place, spelling="comment", span=span)[0] == directive


@given(st.text(max_size=40))
def test_any_text_is_a_directive_or_has_a_finding(text):
    line = text.replace("\n", " ").replace("\r", " ")
    directive, findings = parse_directive(line, Place(cell=1, line=1), spelling="comment", span=Span(1, 1, 0, 1, len(line)))
    assert (directive is None) == bool(findings)
    assert all(finding.severity == "refusal" and finding.remedy for finding in findings)
