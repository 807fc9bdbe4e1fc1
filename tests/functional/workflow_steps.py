"""Runs what a workflow says, as a runner would: its commands are read from the generated YAML, never repeated here.

Commands run for real, in order, in a clone. What GitHub's actions do is emulated as far as later steps and a reviewer rely
on it: a file that is uploaded has to exist, a key of a cache has to have its file.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


@dataclass(kw_only=True)
class Runner:
    """A clone, the variables that a runner gives, and what the steps did. `facts` are values of GitHub's expressions.

    `artifacts` are what jobs uploaded, by name: what one of them left another can have.
    """

    clone: Path
    variables: Mapping[str, str]
    facts: Mapping[str, bool] = field(default_factory=dict)
    ran: list[tuple[str, subprocess.CompletedProcess[str]]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    uploaded: list[Path] = field(default_factory=list)
    artifacts: dict[str, list[Path]] = field(default_factory=dict)

    def github(self, workflow: Path, job: str, *, only: str = "") -> "Runner":
        """Run one instance of a job, up to the first step that fails; later ones run where they say `!cancelled()`."""
        document = yaml.safe_load((self.clone / workflow).read_text())
        steps = document["jobs"][job]
        matrix = steps["strategy"]["matrix"]["include"][0]
        given = {**document.get("env", {}), **steps.get("env", {})}
        env = {**self.variables, **{name: self._expand(value, matrix) for name, value in given.items()}}
        failed = False
        for step in steps["steps"]:
            condition = str(step.get("if", ""))
            if only not in ("", step.get("name")) or (failed and "cancelled()" not in condition) or not self._holds(condition):
                continue
            if "run" in step:
                done = self._run(step["name"], step["run"], env)
                failed = failed or done.returncode != 0
            else:
                self._use(step["uses"], {name: self._expand(value, matrix) for name, value in step.get("with", {}).items()})
        return self

    def gitlab(self, workflow: Path, job: str, *, done: str) -> "Runner":
        """Run the script of one instance of a job, line by line, up to the first that fails; a line with `done` is done."""
        document = yaml.safe_load((self.clone / workflow).read_text())
        own = document[job]
        given = {**document[own["extends"]]["variables"], **own["variables"], **own["parallel"]["matrix"][0]}
        env = {**self.variables, "CI_PROJECT_DIR": str(self.clone)}
        env |= {name: value.replace("$$", "$").replace("$CI_PROJECT_DIR", str(self.clone)) for name, value in given.items()}
        for line in own["script"]:
            if done not in line and self._run(line, line, env).returncode != 0:
                return self
        artifacts = own["artifacts"]
        for pattern in (*artifacts.get("paths", ()), artifacts["reports"]["junit"]):
            self._upload(re.sub(r"\$(\w+)", lambda name: env[name[1]], pattern))
        return self

    def told(self) -> str:
        """What each command said and how long it took, for a message."""
        return "\n".join(
            f"--- {name}: code {done.returncode}, {seconds:.1f} s\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
            for (name, done), seconds in zip(self.ran, self.seconds, strict=True)
        )

    def _run(self, name: str, script: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        started = time.monotonic()
        done = subprocess.run(
            [*_BASH, script], cwd=self.clone, env=dict(env), capture_output=True, text=True, timeout=600, check=False
        )
        self.ran.append((name, done))
        self.seconds.append(time.monotonic() - started)
        return done

    def _use(self, action: str, words: Mapping[str, str]) -> None:
        match action.partition("@")[0]:
            case "actions/checkout":
                assert words["persist-credentials"] == "False"
            case "actions/setup-python":
                assert (self.clone / words.get("cache-dependency-path", ".")).exists()
            case "github/codeql-action/upload-sarif":
                document = json.loads((self.clone / words["sarif_file"]).read_text())
                assert document["version"] == "2.1.0"
                self._upload(words["sarif_file"])
            case "actions/upload-artifact":
                before = len(self.uploaded)
                for pattern in words["path"].splitlines():
                    self._upload(pattern)
                self.artifacts[words["name"]] = self.uploaded[before:]
            case "actions/download-artifact":
                for path in self.artifacts[words["name"]]:
                    place = self.clone / words["path"] / path.relative_to(self.clone)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, place)
            case other:
                raise AssertionError(f"nothing is known of {other}")

    def _upload(self, pattern: str) -> None:
        found = list(self.clone.glob(pattern.rstrip("/")))
        assert found, f"nothing lies at {pattern}"
        self.uploaded += [file for path in found for file in ([path] if path.is_file() else path.rglob("*"))]

    def _holds(self, condition: str) -> bool:
        inner = _EXPRESSION.sub(r"\1", condition)
        return not inner or inner in ("!cancelled()", "matrix.artifact != ''") or self.facts[inner]

    def _expand(self, value: Any, matrix: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda found: matrix[found[1].removeprefix("matrix.")], str(value))
