"""What the panel asks the server, and when: who types much, and who has many notebooks open, does not make others wait."""

import json
import re

import pytest

from browser.jupyter_lab import TOKEN, run
from browser.notebook_page import FEATURE, LOAD, MODEL, document, status

pytestmark = pytest.mark.browser

BUILDABLE = "This notebook can be built."
CELLS = (LOAD, f"# nb2svc: feature\n{FEATURE}", f"# nb2svc: model\n{MODEL}")
# Waits until JupyterLab has kept the layout and an entry for each notebook, then keeps all under a name that no page saves to.
# (`wait_for_function` would not wait: to it a promise is true.)
KEEP = """async names => {
  const { workspaces } = window.jupyterapp.serviceManager;
  for (let count = 0; count < 300; count += 1) {
    const data = (await workspaces.fetch('default').catch(() => null))?.data ?? {};
    const layout = JSON.stringify(data['layout-restorer:data'] ?? {});
    if (names.every(name => layout.includes(`notebook:${name}`) && data[`notebook:${name}`])) {
      await workspaces.save('restored', { data, metadata: { id: 'restored' } });
      return;
    }
    await new Promise(again => setTimeout(again, 100));
  }
  throw new Error('JupyterLab did not keep its layout');
}"""
BESIDE = """async name => {
  await window.jupyterapp.commands.execute(
    'docmanager:open', { path: name, factory: 'Notebook', options: { activate: false } });
}"""

EDITED = (
    "() => window.jupyterapp.shell.currentWidget.model.cells.get(2).sharedModel.setSource('# nb2svc: model\\n# nothing else')"
)
AS_BEFORE = """() => {
  const cell = window.jupyterapp.shell.currentWidget.model.cells.get(2);
  cell.setMetadata('folded', true);
  cell.deleteMetadata('folded');
}"""


def questions(page) -> list[dict]:
    """Each analysis that the page asks for, as it comes."""
    asked: list[dict] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if "nb2svc/analyze" in request.url else None)
    return asked


def answer_to(text: str):
    """Whether a response is the answer to a question about a notebook with that text in it."""
    return lambda response: "nb2svc/analyze" in response.url and text in (response.request.post_data or "")


def edit(page, text: str) -> None:
    page.locator(".jp-Notebook:visible .jp-Cell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def test_a_restored_notebook_is_analysed_when_it_is_looked_at(notebook, lab) -> None:
    from playwright.sync_api import expect

    page = notebook(*CELLS)
    first = page.file.name
    asked = questions(page)
    for name in ("second.ipynb", "third.ipynb"):
        (lab.root / name).write_text(json.dumps(document(*CELLS, tags={})))
        page.evaluate(BESIDE, name)
    status(page, BUILDABLE)
    page.evaluate(KEEP, [first, "second.ipynb", "third.ipynb"])
    asked.clear()
    page.goto(f"{lab.url}/lab/workspaces/restored?token={TOKEN}")
    page.wait_for_function("window.jupyterapp !== undefined")
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    expect(page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab")).to_have_count(3)
    run(page, "nb2svc:open-panel")
    status(page, BUILDABLE)
    with page.expect_response(answer_to("y = 1")):
        edit(page, "\ny = 1")
    status(page, BUILDABLE)
    assert {each["path"] for each in asked} == {first}
    page.locator(".lm-DockPanel-tabBar").get_by_role("tab", name="third.ipynb").click()
    status(page, BUILDABLE)
    assert {each["path"] for each in asked} == {first, "third.ipynb"}
    clients = {each["path"]: {other["client"] for other in asked if other["path"] == each["path"]} for each in asked}
    assert all(len(names) == 1 for names in clients.values())
    assert len({name for names in clients.values() for name in names}) == 2


def test_a_notebook_that_stays_as_it_is_is_asked_about_once(notebook) -> None:
    page = notebook(*CELLS)
    status(page, BUILDABLE)
    asked, held, released = questions(page), [], []
    page.route("**/nb2svc/analyze*", lambda route: route.continue_() if released else held.append(route))
    with page.expect_request("**/nb2svc/analyze*"):
        page.evaluate(EDITED)
    # As happens again and again while a notebook is opened.
    page.evaluate(AS_BEFORE)
    page.wait_for_timeout(400)  # the panel asks after a shorter pause
    released.append(True)
    for route in held:
        route.continue_()
    page.wait_for_function("!document.querySelector('.nb2svc-Panel-status').textContent.includes('Analysing')")
    # Its kernel may have said its language meanwhile, which makes it another one.
    texts = [json.dumps(each["content"]) for each in asked]
    assert len(texts) == len(set(texts))


def test_a_question_that_was_dropped_for_a_later_one_is_no_trouble(notebook) -> None:
    page = notebook(*CELLS)
    status(page, BUILDABLE)
    dropped = {"status": 409, "content_type": "application/json", "body": '{"message": "a later question came"}'}
    # All of them: the kernel may say its language meanwhile, and the panel asks again.
    page.route("**/nb2svc/analyze*", lambda route: route.fulfill(**dropped))
    with page.expect_response(lambda response: "nb2svc/analyze" in response.url and response.status == 409):
        edit(page, "\ny = 1")
    page.wait_for_timeout(200)
    status(page, re.compile("^Analysing"))
    assert page.locator("#nb2svc-panel [role=alert]").count() == 0
    page.unroute("**/nb2svc/analyze*")
    page.keyboard.type("0")
    status(page, BUILDABLE)


def test_files_of_real_time_collaboration_are_those_of_the_server(notebook, lab) -> None:
    page = notebook(*CELLS)
    status(page, BUILDABLE)
    asked = questions(page)
    page.evaluate(
        """name => {
          const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.content?.model?.cells);
          Object.defineProperty(panel.context, 'path', { value: `RTC:${name}` });
        }""",
        page.file.name,
    )
    with page.expect_response(answer_to("y = 1")):
        edit(page, "\ny = 1")
    status(page, BUILDABLE)
    assert {each["path"] for each in asked} == {page.file.name}
