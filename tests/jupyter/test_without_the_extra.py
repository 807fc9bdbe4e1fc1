"""The base package beside a JupyterLab that somebody else installed: the server loads our extension, and has nothing to say about it."""

import subprocess
import sys

# What the extra brings besides JupyterLab itself is not there.
START = """
import logging, sys
sys.modules["ipywidgets"] = sys.modules["bentoml"] = None
logging.basicConfig(level=logging.WARNING)
from jupyter_server.serverapp import ServerApp
from jupyter_server.extension.manager import ExtensionManager
server = ServerApp(log_level="WARN")
manager = ExtensionManager(log=server.log, serverapp=server)
manager.from_jpserver_extensions({"nb2svc_jupyter": True})
assert manager.extensions["nb2svc_jupyter"].validate()
assert "nb2svc.pipeline" not in sys.modules, "the compiler is for questions, not for the server's start"
print(*manager.extension_apps)
"""


def test_the_server_extension_loads_without_a_word(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", START], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "nb2svc_jupyter\n", "")
