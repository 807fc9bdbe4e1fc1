import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nb2svc.ir.judgement import Criteria, Interval
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, Parameter, RunResult, RunSpec, Validation
from nb2svc.reports.pictures import Column, Point, picture, scale, span_of
from nb2svc.reports.validation_page import MOST_RUNS, validation_page
from nb2svc.validate.verdict import judge
from unit.capture.made import made

_VOID = frozenset({"meta", "wbr"})


class Elements(HTMLParser):
    """All elements with their attributes; each that is opened is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def count(self, tag: str, kind: str = "") -> int:
        return sum(name == tag and kind in (attributes.get("class") or "") for name, attributes in self.found)


def rows(page: str) -> list[list[str]]:
    """The texts of each row's cells, of all tables."""
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


def made_run(model: str, seed: int, value: float | None, special: str = "") -> RunResult:
    spec = RunSpec(
        key=f"{model}{seed}",
        parameters=(Parameter(name="model", value=model), Parameter(name="seed", value=str(seed))),
        seed=str(seed),
    )
    bad = value is not None and value < 0.7
    values = (("auc", str(value)),)
    checks = (CheckOutcome(name="good", cell=2, outcome="fail" if bad else "pass", message="<too> weak", line=2, values=values),)
    metrics = (MetricValue(name="auc", value=value, special=special),)
    return RunResult(
        key=spec.key,
        spec=spec,
        status="failed" if bad else "ok",
        seconds=1.5 + (model == "'b'") * 0.01,
        memory=1 << 28,
        checks=checks,
        metrics=metrics,
    )


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return made("seed = 1", "# nb2svc: check good\nassert auc > 0.7", path=str(tmp_path / "a.ipynb"))[0]


def of(*runs: RunResult) -> Validation:
    return Validation(notebook="a<b>.ipynb", notebook_digest="ab" * 32, runs=runs, began="2026-11-26T23:00:00")


GRID = of(*(made_run(model, seed, 0.6 + 0.1 * seed + (model == "'b'") * 0.05) for model in ("'a'", "'b'") for seed in (0, 1, 2)))


def test_the_page_has_a_picture_and_a_table_for_each_parameter_and_loads_nothing(notebook: Notebook):
    judged = replace(GRID, judgement=judge(GRID, criteria=Criteria(margins=(("auc", 0.1),)), baseline=GRID, source="last"))
    page = validation_page(judged, notebook)
    elements = Elements(page)
    pictures = [attributes for tag, attributes in elements.found if tag == "svg" and "role" in attributes]
    # The metric and the time, by model and by seed.
    assert [(each["role"], each["aria-label"].partition(";")[0]) for each in pictures] == [
        ("img", "auc by seed"), ("img", "auc by model"), ("img", "seconds by model"), ("img", "seconds by seed"),
    ]  # fmt: skip
    assert elements.count("figure") == elements.count("figcaption") == 4
    # Comparison, four of pictures, what is not well, the runs.
    assert elements.count("table") == 7
    assert all(attributes.get("scope") for tag, attributes in elements.found if tag == "th")
    loaded = {"src", "href", "xlink:href", "style", "onload"}
    assert not [
        (tag, attributes) for tag, attributes in elements.found if loaded & attributes.keys() or tag in ("script", "link")
    ]
    assert "url(" not in page
    assert "@import" not in page


def test_what_went_badly_is_a_word_and_a_shape(notebook: Notebook):
    page = validation_page(GRID, notebook)
    elements = Elements(page)
    # 2 runs of 6, each in two pictures of the metric and two of the time.
    assert (elements.count("path", "bad run"), elements.count("circle", "run")) == (2 * 4, 4 * 4)
    assert (elements.text.count("✗ failed a check"), elements.text.count("✗ failed")) == (2, 4)
    assert "✗ fail\n" in elements.text
    assert "<too> weak" in elements.text
    assert ["model='a' seed=0", "0.6"] in rows(page)
    assert "a<b>.ipynb" in elements.text


def test_a_mean_lies_on_its_interval_and_the_baseline_is_a_line(notebook: Notebook):
    without = Elements(validation_page(GRID, notebook))
    assert (without.count("path", "mean"), without.count("path", "interval"), without.count("line", "baseline")) == (10, 10, 0)
    compared = replace(GRID, judgement=judge(GRID, baseline=GRID, source="last"))
    assert Elements(validation_page(compared, notebook)).count("line", "baseline") == 2


def test_what_many_runs_say_alike_is_told_once_with_their_values(notebook: Notebook):
    page = validation_page(of(*(made_run("'a'", seed, 0.5 + seed / 1000) for seed in range(30))), notebook)
    text = Elements(page).text
    assert text.count("<too> weak") == 1
    assert 'cell 2 "good", line 2: in 30 runs' in text
    # What was compared heads a column, and is not said again for each run.
    assert [row for row in rows(page) if row[:1] in (["run"], ["seed=0"], ["seed=7"], ["seed=8"])][:3] == [
        ["run", "auc"], ["seed=0", "0.5"], ["seed=7", "0.507"],
    ]  # fmt: skip
    assert ["seed=8", "0.508"] not in rows(page)
    assert "and 22 more" in text


def test_words_that_differ_in_their_numbers_only_are_one_thing(notebook: Notebook):
    def run(seed: int, message: str) -> RunResult:
        made_one = made_run("'a'", seed, 0.5)
        return replace(made_one, checks=(replace(made_one.checks[0], message=message, values=()),))

    page = validation_page(of(run(1, "only 66% of 310"), run(2, "only 7.5% of 310"), run(3, "nobody")), notebook)
    assert re.findall(r"<h4>(.*?)</h4>", page) == [
        "cell 2 &#34;good&#34;, line 2: in 2 runs",
        "cell 2 &#34;good&#34;, line 2: in 1 run",
    ]
    assert [row for row in rows(page) if row[0] in ("seed=1", "seed=2")][:2] == [
        ["seed=1", "only 66% of 310"], ["seed=2", "only 7.5% of 310"],
    ]  # fmt: skip


def test_what_moves_a_number_most_comes_first(notebook: Notebook):
    values = {("'a'", 0): 0.8, ("'a'", 1): 0.9, ("'b'", 0): 0.801, ("'b'", 1): 0.901}
    page = validation_page(of(*(made_run(model, seed, value) for (model, seed), value in values.items())), notebook)
    assert re.findall(r"by&nbsp;<b>(\w+)</b></span> <span class=\"share\">(.*?)</span>", page)[:2] == [
        ("seed", "100 % of its variance"), ("model", "0 % of its variance"),
    ]  # fmt: skip


def test_no_mean_hides_a_run_and_no_axis_says_less_than_nothing():
    interval = Interval(low=-3.0, high=9.0)
    runs = tuple(Point(value=value, well=False, label="a") for value in (1.0, 1.0, 1.0))
    one = Column(label="1", points=runs[:1], mean=1.0, interval=None)
    svg = picture([one], title="t", axis="a", span=(0.0, 2.0))
    assert ('class="mean"' in svg, 'class="bad run"' in svg) == (False, True)
    svg = picture([Column(label="1", points=runs, mean=1.0, interval=interval)], title="t", axis="a", span=(0.0, 2.0))
    (mean,) = re.findall(r'class="mean" d="M([\d.]+)', svg)
    # A diamond is 5 to each side, a cross 4: it begins at its left.
    assert all(float(cross) + 8 < float(mean) - 5 for cross in re.findall(r'bad run" d="M([\d.]+)', svg))
    assert span_of([1.0, 2.0], about=[-3.0, 2.5]) == pytest.approx((0.5, 2.5))
    assert span_of([1.0, 9.0], about=[-3.0]) == (0.0, 9.0)
    assert span_of([-1.0, 9.0], about=[-3.0]) == (-3.0, 9.0)


def test_a_check_that_no_run_came_to_is_told_once(notebook: Notebook):
    checks = (CheckOutcome(name="good", cell=2, outcome="not_reached"),)
    page = Elements(validation_page(of(*(replace(run, checks=checks) for run in GRID.runs)), notebook)).text
    assert "no run came to it\n" in page
    assert "fails in no run" not in page


def test_notes_and_what_an_earlier_command_made_are_told(notebook: Notebook):
    bare = Elements(validation_page(GRID, notebook)).text
    assert ("Notes" in bare, "earlier command" in bare) == (False, False)
    runs = (replace(GRID.runs[0], reused=True), *GRID.runs[1:])
    told = Elements(validation_page(replace(GRID, runs=runs, notes=("worker <1> was refused",)), notebook)).text
    assert "worker <1> was refused" in told
    assert "1 of the 6 runs was made by an earlier command" in told


def test_intervals_of_few_runs_leave_the_runs_in_sight():
    """Of two runs an interval is ten times as wide as they are apart."""
    assert span_of([0.7, 0.9], about=[-1.0, 2.0]) == pytest.approx((0.6, 1.0))
    assert span_of([0.7, 0.9], about=[0.75, 0.85]) == (0.7, 0.9)
    assert span_of([], about=[1.0]) == (0.0, 1.0)
    interval = Interval(low=-1.0, high=0.85)
    points = (Point(value=0.7, well=True, label="a"), Point(value=0.9, well=True, label="b"))
    svg = picture([Column(label="x", points=points, mean=0.8, interval=interval)], title="t", axis="a", span=(0.6, 1.0))
    (bar,) = re.findall(r'class="interval" d="([^"]+)"', svg)
    # A bar at the high end only.
    assert bar.count("h8") == 1
    many = [Column(label=str(at), points=points, mean=0.8, interval=interval) for at in range(25)]
    assert 'class="interval"' not in picture(many, title="t", axis="a", span=(0.6, 1.0))


@pytest.mark.parametrize(
    "runs",
    [
        (RunResult(key="a", spec=RunSpec(key="a"), status="not_run"),),
        (RunResult(key="a", spec=RunSpec(key="a"), status="died", failure=Failure(what="the kernel died")),),
        (made_run("'a'", 1, None, "nan"), made_run("'a'", 2, None, "inf")),
        (made_run("'a'", 1, 0.5), made_run("'a'", 2, 0.5)),
        (made_run("'a'", 1, 1e300), made_run("'a'", 2, -1e300)),
        (made_run("'a'", 1, 1.7e308), made_run("'a'", 2, -1.7e308), made_run("'a'", 3, 1.7e308)),
        (made_run("'a'", 1, 0.0),),
        tuple(made_run("'" + "long" * 20 + "'", seed, float(seed)) for seed in range(60)),
    ],
)
def test_odd_validations_have_a_page_too(notebook: Notebook, runs: tuple[RunResult, ...]):
    page = validation_page(of(*runs), notebook)
    Elements(page)
    places = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|d)="([^"]*)"', page)
    assert not [place for place in places if re.search("nan|inf", place)]


def test_many_runs_are_cut_and_that_is_said(notebook: Notebook):
    page = validation_page(of(*(made_run("'a'", seed, 0.8) for seed in range(MOST_RUNS + 3))), notebook)
    assert "3 more are in validation.json" in page


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.863, 0.929, (0.86, 0.88, 0.9, 0.92, 0.94)), (0, 100, (0, 25, 50, 75, 100)), (0.5, 0.5, (0.46, 0.48, 0.5, 0.52, 0.54)),
        (-3, 2, (-4, -2, 0, 2)), (0, 0, (-0.5, -0.25, 0, 0.25, 0.5)),
    ],
)  # fmt: skip
def test_an_axis_has_round_numbers(low: float, high: float, ticks: tuple[float, ...]):
    first, last, found = scale(low, high)
    assert (first, last) == (found[0], found[-1])
    assert first <= low
    assert last >= high
    assert found == pytest.approx(ticks)
