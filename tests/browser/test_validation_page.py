"""The page of a validation in a real Chromium, light and dark: it loads nothing, and everyone can use it."""

from dataclasses import replace

import pytest

from browser.accessible import accessible
from nb2svc.ir.judgement import Criteria
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
    return folder / "page.html"


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
