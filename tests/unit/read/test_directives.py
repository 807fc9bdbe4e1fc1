"""The three spellings of a directive are one grammar, and every mistake in one has an answer."""

import json

import pytest

from nb2svc.ir.notebook import Directive
from nb2svc.ir.span import Span
from nb2svc.read.directives import marker_in, runnable, spell
from nb2svc.read.grammar import OPTIONS, Place, parse_directive
from nb2svc.read.notebook import parse_notebook


def cell_of(source="x = 1", *, tags=(), settings=None):
    metadata = {"tags": list(tags), **({"nb2svc": settings} if settings is not None else {})}
    cell = {"cell_type": "code", "metadata": metadata, "source": source}
    notebook, findings = parse_notebook(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}).encode(), path="a.ipynb")
    return notebook.cells[0], findings


def meaning(directive: Directive):
    return directive.role, directive.name, directive.options


AGES = ("feature", "ages", (("raw", "loans"), ("lookup", "regions,rates")))
LINE = 'feature ages raw=loans lookup="regions, rates"'


@pytest.mark.parametrize(
    "source",
    [
        f"%%nb2svc {LINE}\nx = 1",
        f"%%{LINE}\nx = 1",
        f"\n\n%%{LINE}\nx = 1",
        f"# why\n%%{LINE}\nx = 1",
        f"# nb2svc: {LINE}\nx = 1",
        f"#nb2svc:{LINE}\nx = 1",
        f"#| nb2svc: {LINE}\nx = 1",
        f"# | nb2svc: {LINE}\nx = 1",
        f"\n# Ages\n\n# nb2svc: {LINE}  # a remark\nx = 1",
        f"%%time\n# nb2svc: {LINE}\nx = 1",
        f"%%{LINE}\n%%time\nx = 1",
        "# nb2svc: feature ages raw='loans' lookup=regions,rates",
    ],
)
def test_spellings_in_the_source_are_equal(source):
    cell, findings = cell_of(source)
    assert findings == ()
    assert meaning(cell.directive) == AGES


@pytest.mark.parametrize("lookup", ["regions, rates", ["regions", "rates"]])
def test_metadata_is_equal(lookup):
    cell, findings = cell_of(tags=["nb2svc:feature"], settings={"name": "ages", "options": {"raw": "loans", "lookup": lookup}})
    assert findings == ()
    assert meaning(cell.directive) == AGES
    assert cell.directive.spelling == "metadata"


def test_every_option_is_known():
    assert {role: tuple(options) for role, options in OPTIONS.items()} == {
        "feature": ("raw", "request", "lookup", "optional"),
        "model": ("output", "estimator", "target", "answer_outside_domain", "metrics", "margin", "lower", "higher"),
        "check": ("serve", "metrics", "margin", "lower", "higher"),
        "keep": (),
        "drop": (),
    }
    for line in (
        'feature raw=a request=b,c lookup=d optional="home town, age"',
        'model risk output=decision estimator=clf target="the rate" answer_outside_domain=true metrics=auc,f1',
        "check auc serve=true",
        'check auc metrics=auc margin="auc: 0.01, my f1:0" higher=auc',
        'model metrics=mae margin=mae:1e-3,a:b:2 lower="mae,worst error"',
        "check serve=false",
        "keep",
        "drop  # it only looks",
    ):
        cell, findings = cell_of(f"# nb2svc: {line}")
        assert findings == ()
        assert cell.directive is not None


@pytest.mark.parametrize("tags", [["hide-input", "feature", "remove_cell"], ["nb2svc"], ["parameters"]])
def test_foreign_tags_are_never_an_error(tags):
    cell, findings = cell_of(tags=tags)
    assert findings == ()
    assert cell.directive is None


ONE_MARGIN = "Write `margin=METRIC:NUMBER`, like `margin=auc:0.01`, or several with commas."
ZERO_OR_MORE = "Write how much worse `auc` may be: 0 or more."
MISTAKES = [
    ("# nb2svc: featur ages", "NB101", "`featur` is no role", "Did you mean `feature`?"),
    ("%%nb2svc modle", "NB101", "`modle` is no role", "Did you mean `model`?"),
    ("# nb2svc: xyz", "NB101", "`xyz` is no role", "Use one of `feature`, `model`, `check`, `keep`, `drop`."),
    ("%%featur ages\nx = 1", "NB101", "`%%featur ages` is no directive", "Did you mean `%%feature ages`?"),
    ("%%nb2scv feature ages\nx = 1", "NB101", "`%%nb2scv feature ages` is no directive", "Did you mean `%%nb2svc feature ages`?"),
    (
        "# nbsvc: feature ages\nx = 1",
        "NB101",
        "`# nbsvc: feature ages` is no directive",
        "Did you mean `# nb2svc: feature ages`?",
    ),
    (
        "# nb2svc feature ages\nx = 1",
        "NB101",
        "`# nb2svc feature ages` is no directive",
        "Did you mean `# nb2svc: feature ages`?",
    ),
    ("# nb2svc: check margin=auc=0.01", "NB105", "`margin=auc=0.01` is no margin", ONE_MARGIN),
    ("# nb2svc: check margin=0.01", "NB105", "`margin=0.01` is no margin", ONE_MARGIN),
    ("# nb2svc: check margin=auc:", "NB105", "`margin=auc:` is no margin", ONE_MARGIN),
    (
        "# nb2svc: check margin=auc:much",
        "NB105",
        "`margin=auc:much`: `much` is no number",
        "Write how much worse `auc` may be, like `auc:0.01`.",
    ),
    ("# nb2svc: check margin=auc:-1", "NB105", "`margin=auc:-1`: `-1` can't be a margin", ZERO_OR_MORE),
    ("# nb2svc: check margin=auc:nan", "NB105", "`margin=auc:nan`: `nan` can't be a margin", ZERO_OR_MORE),
    ("# nb2svc: check margin=auc:1,auc:2", "NB105", "`margin=auc:1,auc:2`: `auc` stands there twice", "Keep one of the two."),
    (
        "# nb2svc: check lower=a,,b",
        "NB105",
        "`lower=a,,b` names no metric",
        "Write `lower=METRIC` with the name of a metric, or several with commas between.",
    ),
    ("# nb2svc: check margn=auc:1", "NB102", "`check` has no option `margn`", "Did you mean `margin`?"),
    ("# nb2svc: feature ages rwa=loans", "NB102", "`feature` has no option `rwa`", "Did you mean `raw`?"),
    (
        "# nb2svc: feature ages colour=red",
        "NB102",
        "`feature` has no option `colour`",
        "`feature` knows `raw`, `request`, `lookup`, `optional`.",
    ),
    (
        "# nb2svc: model raw=loans",
        "NB102",
        "`model` has no option `raw`",
        "`raw` belongs to `feature`; `model` knows `output`, `estimator`, `target`, `answer_outside_domain`, `metrics`, `margin`, `lower`, `higher`.",
    ),
    ("# nb2svc: feature name=ages", "NB102", "`feature` has no option `name`", "Write the name without a key: `feature ages`."),
    ("# nb2svc: feature raw=a raw=b", "NB103", "the option `raw` is given twice", "Keep one of the two."),
    ("# nb2svc: drop ages", "NB104", "`drop` takes no name, and `ages` is one", "Write `drop` alone."),
    ("# nb2svc: keep raw=loans", "NB102", "`keep` has no option `raw`", "`raw` belongs to `feature`; `keep` knows none."),
    (
        "# nb2svc: feature optional=,",
        "NB105",
        "`optional=,` names no column",
        "Write `optional=COLUMN` with the name of a column, or several with commas between.",
    ),
    ("# nb2svc:", "NB104", "the directive says no role", "Write a role: `feature`, `model`, `check`, `keep`, `drop`."),
    ("# nb2svc: feature raw='a", "NB104", "a quote in `raw='a` is not closed", "Close the quote."),
    ("# nb2svc: feature raw=", "NB104", "`raw=` has no value", "Write `raw=VALUE`, without spaces around `=`."),
    ("# nb2svc: feature ages =loans", "NB104", "`=loans` has no key before it", "Write `key=value` without spaces around `=`."),
    (
        "# nb2svc: feature monthly income",
        "NB104",
        "`income` is neither a name (that comes right after the role) nor `key=value`",
        "Write `role name key=value …`; put a value with spaces in quotes.",
    ),
    (
        "# nb2svc: feature Monthly-income",
        "NB105",
        "`Monthly-income` can't be the name of a function",
        "Call it `monthly_income`.",
    ),
    ("# nb2svc: feature class", "NB105", "`class` can't be the name of a function", "Call it `step_class`."),
    ("# nb2svc: check serve=yes", "NB105", "`serve=yes` is neither true nor false", "Write `serve=true` or `serve=false`."),
    (
        "# nb2svc: feature raw=a.b",
        "NB105",
        "`raw=a.b`: `a.b` is no variable name",
        "Write `raw=NAME` with the name of a variable of the notebook.",
    ),
    (
        "# nb2svc: feature request=a,,b",
        "NB105",
        "`request=a,,b`: `` is no variable name",
        "Write `request=NAME` with the name of a variable of the notebook, or several with commas between.",
    ),
    (
        "# nb2svc: feature ages\n# nb2svc: model\nx = 1",
        "NB107",
        "the cell has a second directive",
        "Keep one directive a cell; split the cell where it has two roles.",
    ),
    (
        "x = 1\n# nb2svc: feature ages",
        "NB107",
        "the directive `# nb2svc: feature ages` stands below code, where it doesn't count",
        "Move it to the top of the cell, or split the cell there.",
    ),
]


@pytest.mark.parametrize(("source", "code", "message", "remedy"), MISTAKES)
def test_mistakes_in_the_source(source, code, message, remedy):
    _, findings = cell_of(source)
    assert [(finding.code, finding.severity, finding.message, finding.remedy) for finding in findings] == [
        (code, "refusal", message, remedy)
    ]
    assert findings[0].span.cell == 1


def test_a_mistake_is_underlined_where_it_stands():
    source = "import a\n# nb2svc: feature ages"
    _, (finding,) = cell_of("\n# nb2svc: feature ages rwa=loans")
    assert finding.span == Span(1, 2, 23, 2, 32)
    assert "\n# nb2svc: feature ages rwa=loans".split("\n")[1][23:32] == "rwa=loans"
    _, (finding,) = cell_of(source)
    assert finding.span == Span(1, 2, 0, 2, len("# nb2svc: feature ages"))


@pytest.mark.parametrize(
    "source",
    [
        "s = '''\n# nb2svc: feature ages\n'''",
        "# nb2svc feature engineering happens below\nx = 1",
        "# the service: feature ages\nx = 1",
        "# model accuracy\nx = 1",
        "x = '# nb2svc: drop'",
        "x = 1  # nb2svc is a compiler",
        "%%features_of_another_extension\nx",
    ],
)
def test_what_is_no_directive(source):
    cell, findings = cell_of(source)
    assert findings == ()
    assert cell.directive is None


METADATA_MISTAKES = [
    (["nb2svc:featur"], None, "NB101", "the tag `nb2svc:featur`: `featur` is no role"),
    (["nb2svc:feature", "nb2svc:model"], None, "NB108", "the cell is tagged `nb2svc:feature` and `nb2svc:model`"),
    (["nb2svc:feature"], [], "NB108", "`metadata.nb2svc` is no object"),
    (["nb2svc:feature"], {"name": 5}, "NB108", "`metadata.nb2svc.name` is no text"),
    (["nb2svc:feature"], {"options": "raw=a"}, "NB108", "`metadata.nb2svc.options` is no object"),
    (["nb2svc:feature"], {"raw": "loans"}, "NB108", "`metadata.nb2svc.raw` is not read"),
    (["nb2svc:feature"], {"option": {}}, "NB108", "`metadata.nb2svc.option` is not read"),
    (["nb2svc:feature"], {"options": {"rwa": "a"}}, "NB102", "`feature` has no option `rwa`"),
    (["nb2svc:check"], {"options": {"serve": 1}}, "NB105", "`serve=1` is neither true nor false"),
]


@pytest.mark.parametrize(("tags", "settings", "code", "message"), METADATA_MISTAKES)
def test_mistakes_in_the_metadata(tags, settings, code, message):
    cell, findings = cell_of(tags=tags, settings=settings)
    assert [(finding.code, finding.severity, finding.message) for finding in findings] == [(code, "refusal", message)]
    assert cell.directive is None


def test_json_true_is_true():
    cell, findings = cell_of(tags=["nb2svc:check"], settings={"options": {"serve": True}})
    assert findings == ()
    assert cell.directive.option("serve") == "true"


def test_the_source_wins_over_metadata_and_says_so():
    cell, findings = cell_of("# nb2svc: feature ages\nx = 1", tags=["nb2svc:model"], settings={"name": "risk"})
    assert meaning(cell.directive) == ("feature", "ages", ())
    (finding,) = findings
    assert (finding.code, finding.severity) == ("NB106", "warning")
    assert finding.message == "the source says `feature ages`, the cell's metadata `model risk`; the source counts"


@pytest.mark.parametrize("settings", [None, {"name": "ages", "options": {"raw": "loans"}}])
def test_where_both_agree_there_is_no_finding(settings):
    cell, findings = cell_of("# nb2svc: feature ages raw=loans\nx = 1", tags=["nb2svc:feature"], settings=settings)
    assert findings == ()
    assert cell.directive.spelling == "comment"


def test_a_broken_directive_is_not_replaced_by_the_metadata():
    cell, findings = cell_of("# nb2svc: featur ages\nx = 1", tags=["nb2svc:feature"])
    assert cell.directive is None
    assert [finding.code for finding in findings] == ["NB101"]


def test_a_tag_on_a_markdown_cell_is_said():
    cells = [
        {"cell_type": "code", "metadata": {}, "source": "x = 1"},
        {"cell_type": "markdown", "metadata": {"tags": ["nb2svc:feature"]}, "source": "# Ages"},
    ]
    _, (finding,) = parse_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode(), path="a.ipynb")
    assert (finding.code, finding.severity) == ("NB110", "warning")
    assert finding.message == "the tag `nb2svc:feature` is on a markdown cell below code cell 1, where it means nothing"


def test_two_steps_of_one_name():
    cells = [{"cell_type": "code", "metadata": {}, "source": "# nb2svc: feature ages\nx = 1"}] * 2
    _, (finding,) = parse_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode(), path="a.ipynb")
    assert (finding.code, finding.severity, finding.span.cell) == ("NB109", "refusal", 2)
    assert finding.message == "the feature `ages` is already cell 1"


def test_quotes_and_escapes():
    directive, findings = parse_directive(
        r'feature "ages" lookup="a , b"', Place(cell=1, line=1), spelling="comment", span=Span(1, 1, 0, 1, 1)
    )
    assert findings == ()
    assert meaning(directive) == ("feature", "ages", (("lookup", "a,b"),))


def test_a_help_request_is_no_directive():
    assert marker_in("%%feature?") is None
    assert marker_in("%%features a") is None


def test_runnable_keeps_every_line():
    assert runnable(["%%feature a", "x = 1"]) == ["# %%feature a", "x = 1"]
    assert runnable(["", "%%feature a", "", "%%time", "x = 1"]) == ["%%time", "", "# %%feature a", "", "x = 1"]
    assert runnable(["%%time", "x = 1"]) == ["%%time", "x = 1"]
    assert runnable(["x = 1", "s = '''", "%%feature a", "'''"]) == ["x = 1", "s = '''", "%%feature a", "'''"]


def test_what_only_the_metadata_says_counts_beside_the_source():
    settings = {"options": {"lookup": "rates", "optional": ["home town", "age"]}}
    cell, findings = cell_of("# nb2svc: feature ages raw=loans\nx = 1", settings=settings)
    assert findings == ()
    assert cell.directive.options == (("raw", "loans"), ("lookup", "rates"), ("optional", "home town,age"))
    assert cell.directive.spelling == "comment"


def test_where_both_say_an_option_the_source_counts():
    cell, findings = cell_of("# nb2svc: feature ages raw=loans\nx = 1", settings={"options": {"raw": "homes", "lookup": "b"}})
    assert cell.directive.options == (("raw", "loans"),)
    (finding,) = findings
    assert finding.code == "NB106"
    assert "`feature ages raw=loans`, the cell's metadata `feature raw=homes lookup=b`" in finding.message


def test_options_of_a_cell_without_a_role_are_told():
    cell, findings = cell_of("x = 1", settings={"options": {"raw": "homes"}})
    assert cell.directive is None
    assert [(finding.code, finding.severity) for finding in findings] == [("NB108", "warning")]


def test_an_option_of_metadata_is_checked_with_the_role_of_the_source():
    _, findings = cell_of("# nb2svc: model\nx = 1", settings={"options": {"raw": "homes"}})
    assert [(finding.code, finding.severity) for finding in findings] == [("NB102", "refusal")]


def test_a_directive_is_spelt_as_it_is_read():
    cell, _ = cell_of('# nb2svc: feature optional="home town,it\'s # 1"\nx = 1')
    again, findings = cell_of(f"# nb2svc: {spell(cell.directive)}\nx = 1")
    assert (meaning(again.directive), findings) == (meaning(cell.directive), ())


def test_a_margin_written_as_on_the_command_line_has_its_fix():
    _, (finding,) = cell_of("# nb2svc: check margin=auc=0.01,f1:2")
    (fix,) = finding.fixes
    assert [edit.text for edit in fix.edits] == ["margin=auc:0.01,f1:2"]


def test_how_a_metric_is_judged_in_the_metadata():
    options = {"metrics": ["auc", "f1"], "margin": {"auc": 0.01, "f1": 0}, "lower": ["f1"]}
    cell, findings = cell_of(tags=["nb2svc:check"], settings={"options": options})
    assert findings == ()
    assert cell.directive.options == (("metrics", "auc,f1"), ("margin", "auc:0.01,f1:0"), ("lower", "f1"))
    _, (finding,) = cell_of(tags=["nb2svc:check"], settings={"options": {"margin": {"auc": "x"}}})
    assert (finding.code, finding.message) == ("NB105", "`margin=auc:x`: `x` is no number")
