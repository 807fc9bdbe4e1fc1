"""The checklist in a notebook: with filters where ipywidgets is installed, and always as a table.

They are two outputs. A frontend that is asked for a widget whose kernel has gone shows an error in its place and nothing else of
that output: a saved notebook would have lost its table. So each hides the other by a style of its own: the live view hides the
table, and the table hides what stands before it unless a live view is in it.
"""

import os
import secrets
import threading
from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nb2svc.errors import Nb2svcError, UsageError
from nb2svc.ir.readiness import Checklist, ItemResult
from nb2svc.readiness.catalogue.item import STEPS
from nb2svc.readiness.gate import counts
from nb2svc.readiness.render.html import render_fragment
from nb2svc.readiness.render.json import from_document
from nb2svc.readiness.render.words import badge
from nb2svc.system.processes import MARK
from nb2svc_jupyter.lines.checklist import checklist_told, links_in
from nb2svc_jupyter.lines.magic import NotDone

_ALL = ""


def view_of(project: str | None) -> "ReadinessView | None":
    """The view of a project's checklist; None in the run of a build, which would else need what it is about to make.

    Raises:
        NotDone: there is no such project, or no notebook is known from which one could have been built.
    """
    if os.environ.get(MARK):
        return None
    try:
        return ReadinessView(_folder(project))
    except Nb2svcError as error:
        raise NotDone(error) from None


class ReadinessView:
    """One project's checklist as it stands when it is shown, and again after `refresh()`."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self._mark = secrets.token_hex(4)
        self._document = _read(project)
        self._table: Any = None
        self._live: Any = None

    def refresh(self) -> None:
        """Compare the digests again, and show what came out wherever this view is shown."""
        self._document = _read(self.project)
        if self._live is not None:
            self._live.show()
        if self._table is not None:
            self._table.update(self._as_table(), raw=True)

    @property
    def document(self) -> Mapping[str, Any]:
        """What `nb2svc ready --format json` says."""
        return self._document

    def html(self, *, step: int | None = None, status: str | None = None) -> tuple[str, int]:
        """The checklist with the items of a step and a status only, and how many those are."""
        checklist = self.checklist
        asked = [item.id for item in checklist.items if _is_asked(item, step, status)]
        only = None if step is None and status is None else asked
        links = links_in(checklist, {int(number): name for number, name in self._document["cells"].items()})
        return render_fragment(checklist, links, notes=self._document["notes"], only=only), len(asked)

    @property
    def checklist(self) -> Checklist:
        """The checklist as it stood when it was last read."""
        return from_document(self._document["readiness"])

    def __repr__(self) -> str:
        return checklist_told(self._document).text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if find_spec("ipywidgets"):
            self._live = _Live(self, self._mark)
            display(self._live.widget)  # type: ignore[no-untyped-call]
        self._table = display(self._as_table(), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def _as_table(self) -> dict[str, str]:
        before = f".jp-OutputArea-child:has(+ .jp-OutputArea-child .nb2svc-table-{self._mark}):not(:has(.nb2svc-live))"
        style = f"<style>{before} {{ display: none; }}</style>"
        html = f'<div class="nb2svc-table-{self._mark}">{style}{self.html()[0]}</div>'
        return {"text/html": html, "text/plain": repr(self)}


class _Live:
    """The widgets: two filters, a button, and the items that pass."""

    def __init__(self, view: ReadinessView, mark: str) -> None:
        import ipywidgets

        self._view = view
        # JupyterLab has each widget's messages answered in a thread of its own: the last to come has to see what all have set.
        self._turn = threading.RLock()
        self._hides = f"<style>.nb2svc-table-{mark} {{ display: none; }}</style>"
        steps = [("all", None), *((f"{step.number}. {step.name}", step.number) for step in STEPS)]
        self._step = ipywidgets.Dropdown(description="Step", options=steps)
        self._status = ipywidgets.Dropdown(description="Status", options=self._statuses())
        self._again = ipywidgets.Button(description="Refresh", icon="refresh", tooltip="Compare the digests again")
        self._said = ipywidgets.HTML()
        self._items = ipywidgets.HTML()
        self._step.observe(self._filtered, names="value")
        self._status.observe(self._filtered, names="value")
        self._again.on_click(self._refreshed)
        wrapping = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        bar = ipywidgets.Box([self._step, self._status, self._again, self._said], layout=wrapping)
        self.widget = ipywidgets.VBox([bar, self._items])
        self.widget.add_class("nb2svc-live")
        self.show()

    def show(self) -> None:
        """Show the checklist as the view has it, through the filters as they are."""
        with self._turn:
            self._show()

    def _show(self) -> None:
        statuses, chosen = self._statuses(), self._status.value
        if tuple(statuses) != tuple(self._status.options):
            self._status.options = statuses
            self._status.value = chosen if chosen in {value for _, value in statuses} else _ALL
        html, number = self._view.html(step=self._step.value, status=self._status.value or None)
        self._said.value = f'<span role="status">{number} of {len(self._view.checklist.items)} items</span>'
        self._items.value = self._hides + html

    def _filtered(self, _change: object) -> None:
        self.show()

    def _refreshed(self, _button: object) -> None:
        try:
            self._view.refresh()
        except Nb2svcError as error:
            self._said.value = f'<span role="alert">{escape(error.what)}. {escape(error.fix)}</span>'

    def _statuses(self) -> list[tuple[str, str]]:
        return [("all", _ALL), *((f"{badge(status)} ({number})", status) for status, number in counts(self._view.checklist))]


def _is_asked(item: ItemResult, step: int | None, status: str | None) -> bool:
    return step in (None, item.step) and status in (None, item.status)


def _folder(project: str | None) -> Path:
    from nb2svc_jupyter.lines.request import project_here

    if project is not None:
        # Where the notebook's code goes later is of no matter.
        return Path(project).absolute()
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise UsageError("no notebook is known here", fix='name the project: readiness("loans")')
    return project_here(shell)


def _read(project: Path) -> dict[str, Any]:
    from nb2svc.cli.checklist import checklist_document
    from nb2svc.cli.project import project_folder
    from nb2svc.read.notebook import written_digest
    from nb2svc.readiness.recheck import recheck
    from nb2svc.system.projects import package_of

    folder = project_folder(project)
    return checklist_document(recheck(folder, package_of(folder), digest_of=written_digest), folder)
