"""The executed notebook as one page that loads nothing and runs nothing: what a person opens to see that it ran.

Code and prose are the author's: the capture's calls are not in it, and tags look as they were written. There is no date in it.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nb2svc.capture.copy import RECORDER, ExecutedCell, ExecutedCopy
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.source import split_lines

_TEMPLATE = Path(__file__).with_name("page.html.j2")
_STYLES = Path(__file__).with_name("page.css")
_COLOUR = r"(?:\x1b\[[0-9;]*m)*"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# `__nb2svc__.keep(3); `, coloured or not.
_CALL = re.compile(
    _COLOUR.join((re.escape(RECORDER), r"\.", "keep(?:_later)?", r"\(", r"\d+", r"\)", "")) + rf"(?:{_COLOUR};{_COLOUR} ?)?"
)
_FRAME = re.compile(r"\s*(?:Cell|Input) In ?\[(?P<count>\d+)\]")
_ARROW = re.compile(r"(?m)^-+> *(?P<line>\d+)")
_AROUND = 3
# Of one output the first of these that it has is shown; what needs a script to be seen is not among them.
_SHOWN = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/latex", "text/plain")
_LIVE = re.compile(r"<(?:script|iframe|object|embed)\b|sk-top-container", re.IGNORECASE)
_BLOCKS = re.compile(r"(?is)<(script|style|template)\b.*?(?:</\1\s*>|\Z)")

_TAGS = frozenset(
    "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5"
    " h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul"
    " var".split()
)
_ATTRIBUTES = frozenset("align alt class colspan dir height id lang rowspan scope style title valign width".split())


def executed_page(executed: Mapping[str, Any], notebook: Notebook, copy: ExecutedCopy) -> str:
    """The page's text; `executed` is the document that was run, with its outputs, `copy` what it was made from."""
    import nbformat

    cells = {cell.id: cell for cell in copy.cells}
    counts = {cell["execution_count"]: cell["id"] for cell in executed["cells"] if cell.get("execution_count")}
    shown = list(_cells(executed, notebook, cells=cells, counts=counts))
    stopped = next((cell["id"] for cell in shown if any(each["output_type"] == "error" for each in cell.get("outputs", ()))), "")
    document = {"cells": shown, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    page: str = _template().render(
        name=notebook.name,
        digest=notebook.digest,
        kernel=executed["metadata"].get("kernelspec", {}).get("name", ""),
        ended=all(cell["id"] in counts.values() or not cell["source"].strip() for cell in _code(executed)) and not stopped,
        stopped=stopped,
        styles=_styles(),
        body=_body(nbformat.from_dict(document)),  # type: ignore[no-untyped-call]
    )
    return page


def _code(executed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # papermill marks a failed notebook with Markdown cells of its own.
    return [cell for cell in executed["cells"] if cell["cell_type"] == "code"]


def _cells(
    executed: Mapping[str, Any], notebook: Notebook, *, cells: Mapping[str, ExecutedCell], counts: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    prose = list(notebook.prose)
    for run in _code(executed):
        own = cells.get(run["id"])
        while own and prose and prose[0].after < own.number:
            yield _markdown(prose.pop(0).text, len(prose))
        tags = [tag for tag in run["metadata"].get("tags", ()) if tag == "injected-parameters"]
        yield {
            "cell_type": "code",
            "id": run["id"],
            "execution_count": run["execution_count"],
            "metadata": {"tags": tags},
            "source": notebook.cell(own.number).source if own else run["source"],
            "outputs": [_output(output, notebook, cells=cells, counts=counts) for output in run["outputs"] if _is_shown(output)],
        }
    for left, piece in enumerate(prose):
        yield _markdown(piece.text, -left - 1)


def _markdown(text: str, number: int) -> dict[str, Any]:
    return {
        "cell_type": "markdown",
        "id": f"prose-{number}",
        "metadata": {},
        "source": _without_attachments(_BLOCKS.sub("", text)),
    }


def _without_attachments(text: str) -> str:
    """Pictures that lie in the notebook's file are not part of what was read; their words stay."""
    return text.replace("attachment:", "attached-")


def _is_shown(output: Mapping[str, Any]) -> bool:
    return "data" not in output or any(kind in output["data"] for kind in _SHOWN)


def _output(
    output: Mapping[str, Any], notebook: Notebook, *, cells: Mapping[str, ExecutedCell], counts: Mapping[int, str]
) -> dict[str, Any]:
    kept: dict[str, Any] = dict(output)
    if kept["output_type"] == "error":
        entries = [_frame(entry, notebook, executed=cells.get(_counted(entry, counts))) for entry in kept["traceback"]]
        return {**kept, "traceback": entries}
    if "data" in kept:
        data = {kind: kept["data"][kind] for kind in _SHOWN if kind in kept["data"]}
        if "text/html" in data:
            told = [kind for kind, value in data.items() if kind != "text/html" and not str(value).startswith("<IPython.")]
            if _LIVE.search(data["text/html"]) and told:
                # A script draws it: a picture or its text is what can be kept.
                del data["text/html"]
            else:
                data["text/html"] = _BLOCKS.sub("", data["text/html"])
        kept |= {"data": data, "metadata": {}}
    return kept


def _counted(entry: str, counts: Mapping[int, str]) -> str:
    found = _FRAME.match(_COLOURS.sub("", entry))
    return counts.get(int(found["count"]), "") if found else ""


def _frame(entry: str, notebook: Notebook, *, executed: ExecutedCell | None) -> str:
    """A traceback's entry with the author's lines and their numbers.

    Cell In[7], line 10 ↵ 9 __nb2svc__.keep(6); pred = … ↵ ---> 10 1/0
    → cell 6 (model = LinearRegression()), line 6 ↵ 5 pred = … ↵ ---> 6 1/0
    """
    found = _ARROW.search(_COLOURS.sub("", entry))
    if executed is None or found is None or not 0 < int(found["line"]) <= len(executed.lines):
        return _CALL.sub("", entry)
    cell = notebook.cell(executed.number)
    line = executed.lines[int(found["line"]) - 1]
    lines = [f"{cell.title}, line {line}"]
    for number, text in enumerate(split_lines(cell.source), start=1):
        if abs(number - line) <= _AROUND:
            lines.append(f"{'---->' if number == line else '     '} {number:>3} {text}")
    return "\n".join(lines) + "\n"


def _body(document: Any) -> str:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    settings = {"exclude_input_prompt": True, "exclude_output_prompt": True, "exclude_anchor_links": True}
    config = Config({"HTMLExporter": settings, "NbConvertBase": {"display_data_priority": list(_SHOWN)}})
    exporter = HTMLExporter(template_name="basic", sanitize_html=True, config=config)  # type: ignore[no-untyped-call]
    exporter.register_filter("clean_html", _clean)  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of outputs and libraries, which nobody can do anything about
        body: str = exporter.from_notebook_node(document)[0]
    return body


def _clean(html: object) -> str:
    """HTML that holds no script, loads nothing and leads nowhere by itself; what is not known is dropped, not shown as text."""
    return str(_cleaner().clean(_BLOCKS.sub("", html.decode() if isinstance(html, bytes) else str(html))))


@cache
def _cleaner() -> Any:
    from bleach.css_sanitizer import CSSSanitizer
    from bleach.sanitizer import Cleaner

    def allowed(tag: str, name: str, value: str) -> bool:
        if name == "src":
            return tag == "img" and value.startswith("data:image/")
        return name in _ATTRIBUTES or (tag == "a" and name == "href" and not value.startswith("data:"))

    protocols = ["http", "https", "mailto", "data"]
    return Cleaner(tags=_TAGS, attributes=allowed, protocols=protocols, strip=True, css_sanitizer=CSSSanitizer())


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined).from_string(_TEMPLATE.read_text(encoding="utf-8"))


@cache
def _styles() -> str:
    """The page's style sheet with the colours of code, for a light and a dark page."""
    from pygments.formatters import HtmlFormatter

    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("friendly", "github-dark"))
    return f"{_STYLES.read_text(encoding='utf-8')}\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
