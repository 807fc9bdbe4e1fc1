"""A real JupyterLab with our panel, in folders of its own, and a page of it that says when it is ready."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2svc.bento.serve import free_port

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "jupyter_ext" / "nb2svc_jupyter" / "labextension"
TOKEN = "a-token-for-tests"
# A cell is on the screen before the file has been read: what counts is what the application says. A notebook's undo is emptied
# after that, when its checkpoints were asked for; the next that it does is to begin a session.
READY = """async () => {
  const late = new Promise((_, no) => setTimeout(() => no(new Error('the notebook was not ready in a minute')), 60000));
  const until = async what => {
    for (;;) {
      const found = what();
      if (found) { return found; }
      await new Promise(again => setTimeout(again, 50));
    }
  };
  const ready = (async () => {
    const app = window.jupyterapp;
    await app.restored;
    const panel = await until(() => [...app.shell.widgets('main')].find(each => each.content?.model?.cells));
    await panel.context.ready;
    await panel.revealed;
    await until(() => panel.sessionContext.session);
  })();
  await Promise.race([ready, late]);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A running JupyterLab: where it answers, and the folder that it shows."""

    url: str
    root: Path

    def open(self, page: Any, name: str) -> None:
        """Show a notebook of the folder, with our panel beside it."""
        page.goto(f"{self.url}/lab/tree/{name}?reset&token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
        page.evaluate(READY)
        run(page, "nb2svc:open-panel")
        page.locator("#nb2svc-panel").wait_for()


def run(page: Any, command: str) -> None:
    """Run a command of JupyterLab."""
    page.evaluate("command => window.jupyterapp.commands.execute(command)", command)


@contextmanager
def running_lab(folder: Path, *, python: str | None = None) -> Iterator[Lab]:
    """Start JupyterLab in a folder; it is gone afterwards.

    `python` is that of an environment in which nb2svc is installed with its panel; None is ours, which gets the panel as it was
    built here.
    """
    for name in ("root", "config/jupyter_server_config.d", "config/labconfig", "data/labextensions"):
        (folder / name).mkdir(parents=True)
    config = folder / "config"
    if python is None:
        _link(folder / "data", config)
    (config / "labconfig" / "page_config.json").write_text('{"buildCheck": false, "buildAvailable": false}')
    news = folder / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    port = free_port()
    homes = {
        "JUPYTER_PATH": folder / "data",
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
    }
    options = [
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        "--JupyterNotebookApp.expose_app_in_browser=True",
        *("--expose-app-in-browser", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
    ]
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [python or sys.executable, "-m", "jupyterlab", *options],
            cwd=folder / "root",
            env={**os.environ, **{name: str(place) for name, place in homes.items()}, "JUPYTER_TOKEN": TOKEN},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    lab = Lab(url=f"http://127.0.0.1:{port}", root=folder / "root")
    try:
        _wait(lab, server, folder / "lab.log")
        yield lab
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):  # it waits for its kernels, on a busy machine for long
            server.wait(timeout=30)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=30)


def _link(data: Path, config: Path) -> None:
    """What an installed wheel would have put into the environment."""
    assert (BUNDLE / "package.json").is_file(), "the panel is not built: make panel"
    (data / "labextensions" / "nb2svc-labextension").symlink_to(BUNDLE)
    enabled = '{"ServerApp": {"jpserver_extensions": {"nb2svc_jupyter": true}}}'
    (config / "jupyter_server_config.d" / "nb2svc.json").write_text(enabled)


def _wait(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    request = urllib.request.Request(f"{lab.url}/api/status", headers={"Authorization": f"token {TOKEN}"})
    for _ in range(600):
        assert server.poll() is None, f"JupyterLab ended:\n{log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                assert "started" in json.load(answer)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"JupyterLab did not start in a minute:\n{log.read_text()[-2000:]}")
