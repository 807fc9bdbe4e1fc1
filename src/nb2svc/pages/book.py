"""All pages in one: the text of `docs/findings.md`, and the list that a person looks through."""

from collections.abc import Iterable, Mapping

from nb2svc.pages.page import Page

STAGES: Mapping[str, str] = {
    "read": "While the notebook is read",
    "analyze": "Before anything runs",
    "run": "Once the notebook ran",
    "pack": "In the project",
}
"""The stages of `Page.stage`, in their order, as headings."""

_HEAD = """\
# Findings

What nb2svc finds in a notebook has a code. `nb2svc explain NB229` shows its page on the terminal; this file holds all of them,
made by `nb2svc explain --format markdown -o docs/findings.md`.

A *refusal* stops the build: the notebook can't be served as it is. A *warning* does not, and an *info* is good to know. Each says
where it stands, why, and what to do. Where a page has a *quick fix*, that edit can be made for you: by `nb2svc analyze --fix`, or
in JupyterLab beside the line.

Each example is run in a test: it gives the finding, and mended it does not. What an example leaves out is this notebook:

```python
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

loans = pd.read_csv("loans.csv")
# %%
# nb2svc: feature loans
X, y = loans[["age", "score"]], loans["rate"]
# %%
# nb2svc: model
model = Ridge().fit(X, y)
rate = model.predict(X)
```
"""


def render_book(pages: Iterable[Page]) -> str:
    """All pages as one Markdown document: a table of them by stage, then each under its code."""
    given = list(pages)
    parts = [_HEAD]
    for stage, heading in STAGES.items():
        rows = [
            f"| [{page.code}](#{page.code.lower()}) | {page.severity} | {page.title} |" for page in given if page.stage == stage
        ]
        parts.append("\n".join([f"**{heading}**\n", "| code | severity | what it is |", "|---|---|---|", *rows]) + "\n")
    linked = {page.code: f"[{page.code}](#{page.code.lower()})" for page in given}
    # A heading's own anchor holds its title, and would break where that is mended.
    parts += [f'<a id="{page.code.lower()}"></a>\n\n{_with_links(page, linked)}\n' for page in given]
    return "\n".join(parts).rstrip()


def render_list(pages: Iterable[Page]) -> str:
    """The codes by stage, a line each."""
    return "\n\n".join(_section(list(pages), stage, heading) for stage, heading in STAGES.items())


def _section(pages: Iterable[Page], stage: str, heading: str) -> str:
    return "\n".join([heading, *(f"  {page.code}  {page.severity:<18}  {page.title}" for page in pages if page.stage == stage)])


def _with_links(page: Page, linked: Mapping[str, str]) -> str:
    lines = page.markdown.split("\n")
    return "\n".join(_linked_line(line, linked) for line in lines)


def _linked_line(line: str, linked: Mapping[str, str]) -> str:
    """The codes behind "Related." lead to their pages; elsewhere they stand in running text and stay."""
    if not line.startswith("**Related.**"):
        return line
    return "**Related.** " + ", ".join(linked.get(code, code) for code in line.removeprefix("**Related.** ").split(", "))
