"""The page of a validation in a real Chromium, light and dark: it loads nothing, and everyone can use it."""

from dataclasses import replace

import pytest

from browser.accessible import accessible
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import Parameter, RunResult
from nb2svc.reports.validation_page import validation_page
from nb2svc.validate.verdict import judge
from unit.capture.made import made
from unit.reports.test_validation_page import GRID

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    notebook, _ = made("seed = 1", "# nb2svc: check good\nassert auc > 0.7", path=str(folder / "a.ipynb"))
    judged = replace(GRID, judgement=judge(GRID, criteria=Criteria(margins=(("auc", 0.1),)), baseline=GRID, source="last"))
    (folder / "page.html").write_text(validation_page(judged, notebook), encoding="utf-8")
    one = replace(GRID, runs=GRID.runs[:1], notes=("worker <1> was refused",))
    (folder / "one.html").write_text(validation_page(one, notebook), encoding="utf-8")
    (folder / "long.html").write_text(
        validation_page(replace(GRID, runs=tuple(map(_long, GRID.runs))), notebook), encoding="utf-8"
    )
    return folder / "page.html"


def _long(run: RunResult) -> RunResult:
    """The same run with names as long as people give them."""
    model, seed = run.spec.parameters
    rounds = Parameter(name="number_of_boosting_rounds_before_early_stopping_is_looked_at", value=seed.value)
    spec = replace(run.spec, parameters=(replace(model, value=model.value * 12), rounds))
    return replace(
        run, spec=spec, metrics=tuple(replace(one, name="mean_absolute_percentage_error_of_" * 3) for one in run.metrics)
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_loads_nothing_fits_a_telephone_and_can_be_used_by_everyone(browser, written, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(written.as_uri())
    assert (asked, said) == ([page.url], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.get_by_role("img", name="auc by model").is_visible()
    page.set_viewport_size({"width": 1200, "height": 900})
    accessible(page, "body")
    # A run alone has no picture, and its tables have heads all the same.
    page.goto(written.with_name("one.html").as_uri())
    assert page.get_by_role("img").count() == 0
    accessible(page, "body")
    page.close()


@pytest.mark.parametrize("width", [320, 400, 768, 1100, 1600])
@pytest.mark.parametrize("name", ["page.html", "long.html"])
def test_no_name_is_too_long_for_a_page_of_any_width(browser, written, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(written.with_name(name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # All that stands in a picture is in it, and beside none of the small tables there is something to scroll to.
    cut = """() => [...document.querySelectorAll('.picture text')].filter(text => {
      const [own, all] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
      return own.left < all.left - 1 || own.right > all.right + 1;
    }).map(text => text.textContent)"""
    assert page.evaluate(cut) == []
    beside = "() => [...document.querySelectorAll('figure .wide')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert width < 400 or page.evaluate(beside) == 0
    # Pictures that stand side by side begin at one height, however many lines the names above them take.
    tops = (
        page.locator(".multiples")
        .first.locator(".picture")
        .evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    )
    assert len(tops) == 2
    assert width < 768 or tops[0] == pytest.approx(tops[1], abs=1)
    page.close()


def test_a_table_that_is_wider_than_the_page_is_scrolled_with_the_keyboard(browser, written) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800}, reduced_motion="reduce")
    page.goto(written.with_name("long.html").as_uri())
    runs = page.get_by_role("group", name="all runs and what each check said")
    runs.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("one => one.scrollLeft > 0", arg=runs.element_handle())
    page.close()


def test_on_paper_all_rows_are_there(browser, written) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 800})
    page.goto(written.as_uri())
    page.emulate_media(media="print")
    hidden = "() => [...document.querySelectorAll('.tall, .low, .wide')].filter(one => getComputedStyle(one).overflowY !== 'visible').length"
    assert page.evaluate(hidden) == 0
    page.close()
