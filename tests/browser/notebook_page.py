"""A notebook that is open in JupyterLab with the panel beside it: what it holds, and what a person does there."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOAD = "import pandas as pd\nfrom sklearn.linear_model import Ridge\nloans = pd.read_csv('loans.csv')"
FEATURE = "X = loans[['age']] / 100"
MODEL = "model = Ridge().fit(X, loans['paid'])\npaid = model.predict(X)"
CHECK = "assert (paid >= 0).all()"


@contextmanager
def watched_page(browser: Any, *, width: int = 1400, height: int = 900) -> Iterator[Any]:
    """A page of a browser; what it complains of fails the test."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def document(*cells: str, tags: dict[int, list[str]]) -> dict:
    made = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {"tags": tags[number]} if number in tags else {}, "source": source,
         "outputs": [], "execution_count": None}
        for number, source in enumerate(cells, start=1)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


# A kernel that has just started says its language, which makes a notebook dirty that is being saved.
_SAVE = """async () => {
  const { context } = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);
  for (let count = 0; count < 50; count += 1) {
    await window.jupyterapp.commands.execute('docmanager:save');
    if (!context.model.dirty) { return; }
    await new Promise(again => setTimeout(again, 100));
  }
  throw new Error('the notebook stays unsaved');
}"""


def save(page) -> None:
    """Write the notebook to its file, whatever its kernel says meanwhile."""
    page.evaluate(_SAVE)


def saved(page) -> list[dict]:
    """The cells of the file after a save."""
    save(page)
    return json.loads(page.file.read_text())["cells"]


def activate(page, index: int) -> None:
    page.evaluate(
        "index => { const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);"
        " panel.content.deselectAll(); panel.content.activeCellIndex = index; panel.content.activate(); }",
        index,
    )


def role(page, number: int):
    return page.get_by_label(f"Role of cell {number}", exact=True)


def status(page, text: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    expect(page.locator(".nb2svc-Panel-status")).to_have_text(text)
