"""The repository's own promises: its layout, its map, its dependencies with their reasons, and nothing that names a machine."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from architecture.source_tree import EXTENSION, ROOT, committed, python_files, short

TOP_LEVEL = frozenset(
    {
        ".ci", ".gitignore", ".pre-commit-hooks.yaml", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
        "benchmarks", "docs", "example_notebooks", "jupyter_ext", "labextension", "pyproject.toml", "src", "tests",
    }
)  # fmt: skip
# Addresses that a reader may meet: this machine, a licence, a schema's name, an example, a planted secret's. Nothing is fetched from any of them.
ADDRESSES = frozenset(
    {
        "example.com",
        "hooks.slack",
        "example.org",
        "127.0.0.1",
        "localhost",
        "[::1]",
        "www.apache.org",
        "www.w3.org",
        "json-schema.org",
        "json.schemastore.org",
    }
)
# Where JupyterLab looks for a panel.
PANEL = "share/jupyter/labextensions/nb2svc-labextension/"
ADDRESS = re.compile(r"https?://[^\s\"'`<>)\]}\\,|]+")
# Folders of one machine, written in pieces so that this file does not hold one.
MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:" + "work|root|home|Users|opt" + r")/\w+")
# Invented people, in documentation of what a path in a notebook may look like.
INVENTED = frozenset({"/home/ana", "/home/ada", "/home/ann", "/Users/ana", "/Users/ada"})


def map_entries(text: str) -> set[str]:
    """The paths in ARCHITECTURE.md's map: the first word of each line, below the folder that it is indented under."""
    block = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert block, "ARCHITECTURE.md has no ```text block"
    entries: set[str] = set()
    parents: list[tuple[int, str]] = []
    for line in block[1].splitlines():
        indent, name = len(line) - len(line.lstrip()), line.split()[0] if line.strip() else ""
        if not name:
            continue
        parents = [(width, parent) for width, parent in parents if width < indent]
        path = "".join(parent for _, parent in parents) + name
        parents.append((indent, name if name.endswith("/") else f"{name}/"))
        entries.add(path.rstrip("/"))
    return entries


def tree_entries() -> set[str]:
    """What the map must show: every package, the compiler's own modules, and the folders of tests and of the root."""
    packages = {short(path.parent) for path in python_files(ROOT / "src", EXTENSION)}
    modules = {short(path) for path in committed() if path.parent == ROOT / "src" / "nb2svc" and path.stem[0] != "_"}
    tests = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in committed() if is_in_tests(path)}
    folders = {path.relative_to(ROOT).parts[0] for path in committed() if len(path.relative_to(ROOT).parts) > 1}
    return packages | {name for name in modules if name.endswith(".py")} | tests | (folders - {"src", "jupyter_ext", ".ci"})


def is_in_tests(path: Path) -> bool:
    return path.is_relative_to(ROOT / "tests") and len(path.relative_to(ROOT / "tests").parts) > 1


def foreign_addresses(text: str) -> list[str]:
    hosts = (urlsplit(address).netloc.rpartition("@")[2].rsplit(":", 1)[0] for address in ADDRESS.findall(text))
    return [host for host in hosts if "." in host and host not in ADDRESSES and not host.startswith(("127.0.0.1", "{", "$"))]


def without_funding(path: Path, text: str) -> str:
    """npm's lock file names where its packages' authors can be paid; nothing is fetched from there."""
    if path.name != "package-lock.json":
        return text
    packages = json.loads(text)["packages"].values()
    return json.dumps([{key: value for key, value in package.items() if key != "funding"} for package in packages])


def without_reason(text: str) -> list[str]:
    """The lines of pyproject.toml that name a dependency or silence a check, and do not say why."""
    listed = [line.strip() for line in text.splitlines() if re.match(r'\s+"[^"]+",?\s*(#.*)?$', line)]
    own = (
        '"nb2svc',
        '"Development',
        '"Environment',
        '"Framework',
        '"Intended',
        '"Operating',
        '"Programming',
        '"Topic',
        '"Typing',
    )
    return [line for line in listed if "#" not in line and not line.startswith(own)]


def test_the_top_level_is_the_agreed_one() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in committed()} <= TOP_LEVEL


def test_the_map_shows_the_tree() -> None:
    shown = map_entries((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert sorted(tree_entries() - shown) == [], "in the tree, not on the map"
    assert sorted(path for path in shown if not (ROOT / path).exists()) == [], "on the map, not in the tree"


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in committed():
        text = without_funding(path, path.read_bytes().decode("utf-8", errors="replace"))
        found += [f"{short(path)}: {match}" for match in MACHINE_PATH.findall(text) if match not in INVENTED]
        found += [f"{short(path)}: {host}" for host in foreign_addresses(text)]
    assert found == []


def test_every_dependency_and_every_exception_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^(?=\[)", text)
    lists = "".join(part for part in sections if part.startswith(("[project]", "[project.optional", "[tool.ruff.lint")))
    assert without_reason(lists) == []


def test_the_base_is_light() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=\[; ]", dependency)[0] for dependency in project["dependencies"]}
    assert names.isdisjoint({"bentoml", "jupyterlab", "notebook", "pandas", "scikit-learn", "xgboost", "matplotlib"})
    assert set(project["optional-dependencies"]) >= {"bento", "jupyter", "xgb", "all"}


def test_the_wheel_holds_all_three_packages_and_their_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info" not in name}
    sources = (ROOT / "src", ROOT / "jupyter_ext")
    expected = {path.relative_to(root).as_posix() for root in sources for path in committed() if path.is_relative_to(root)}
    shared = {name.partition(".data/data/")[2] for name in packed if ".data/data/" in name}
    assert {name for name in packed if ".data/data/" not in name} == expected - {"server-config/nb2svc_jupyter.json"}
    assert {name.split("/")[0] for name in expected} == {"nb2svc", "nb2svc_runtime", "nb2svc_jupyter", "server-config"}
    panel = {name.removeprefix(PANEL) for name in shared if name.startswith(PANEL)}
    assert panel >= {"install.json", "package.json", "static/style.js", "schemas/nb2svc-labextension/plugin.json"}
    assert any(name.startswith("static/remoteEntry.") for name in panel)
    assert shared - {f"{PANEL}{name}" for name in panel} == {"etc/jupyter/jupyter_server_config.d/nb2svc_jupyter.json"}


def test_the_panel_and_the_package_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert json.loads((ROOT / "labextension" / "package.json").read_text(encoding="utf-8"))["version"] == project["version"]


def test_the_lock_file_records_no_registry() -> None:
    packages = json.loads((ROOT / "labextension" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("curl http://127.0.0.1:3000/predict", []),
        ("see https:/" + "/mirror.net/x", ["mirror.net"]),
        ("f'http://{host}:{port}/'", []),
    ],
)
def test_a_foreign_address_is_seen(text: str, found: list[str]) -> None:
    assert foreign_addresses(text) == found


def test_a_machine_path_is_seen() -> None:
    assert MACHINE_PATH.findall("in /" + "home/eve/x") == ["/" + "home/eve"]
    assert MACHINE_PATH.findall("src/work/x and ~/work/y") == []


def test_a_missing_reason_is_seen() -> None:
    assert without_reason('dependencies = [\n  "click>=8.1",  # the command line\n  "rich",\n]') == ['"rich",']


def test_the_map_is_read_as_paths() -> None:
    text = "```text\nsrc/nb2svc/  the compiler\n  read/       notebooks\n  errors.py   errors\ntests/\n```"
    assert map_entries(text) == {"src/nb2svc", "src/nb2svc/read", "src/nb2svc/errors.py", "tests"}
