"""What the recorder says of installed distributions is what Python's own library says, however their metadata look."""

import importlib.metadata
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from nb2svc.capture import kernel_installed
from nb2svc.capture.kernel_installed import Installed

WHEEL = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: of many\n lines\n\nName: not-this\n"


def distribution(site: Path, name: str, version: str = "1.0", *, folder: str = "", **files: str) -> Path:
    """The metadata of one, in a folder of its own."""
    place = site / (folder or f"{name}-{version}.dist-info")
    place.mkdir(parents=True)
    (place / "METADATA").write_text(WHEEL.format(name=name, version=version))
    for file, text in files.items():
        (place / file.replace("_txt", ".txt")).write_text(text)
    return place


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search path of two folders and nothing else; its second one shadows nothing."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(first), str(second)])
    return first


def theirs() -> dict[str, list[tuple[str, str]]]:
    """{module: [(distribution, version)]} by the plain way: all of all metadata is read."""
    found: dict[str, set[tuple[str, str]]] = {}
    seen: set[str] = set()
    for each in importlib.metadata.distributions():
        name = each.metadata["Name"]
        if name not in seen:
            seen.add(name)
            for module in _modules(each):
                found.setdefault(module, set()).add((name, each.version))
    return {module: sorted(pairs) for module, pairs in found.items() if "." not in module}


def _modules(each: importlib.metadata.Distribution) -> set[str]:
    declared = each.read_text("top_level.txt")
    if declared:
        return set(declared.split())
    files = [file for file in each.files or () if file.suffix in (".py", ".so", ".pyd")]
    return {file.parts[0] if len(file.parts) > 1 else file.name.partition(".")[0] for file in files}


def test_it_is_what_python_says_of_what_is_installed_here():
    expected = theirs()
    assert len(expected) > 100
    assert Installed().providers({*expected, "no_such_module"}) == expected
    assert Installed().providers({"pytest", "numpy"}) == {name: expected[name] for name in ("pytest", "numpy")}


def test_however_their_metadata_look(site: Path):
    for name in ("a_file.py", "pkg", "quo"):
        (site / name).mkdir() if "." not in name else (site / name).write_text("")
    for path in ("pkg/__init__.py", "quo/a,b.py", "dotted.py", "ext.cpython-311-x86_64-linux-gnu.so"):
        (site / path).write_text("")
    record = "../../../bin/tool.py,,\n{}\n"
    distribution(site, "declares", top_level_txt="one two\n", RECORD=record.format("other.py,,"))
    distribution(site, "records", RECORD=record.format("pkg/__init__.py,sha256=x,3\npkg/data.csv,,\na_file.py,sha256=y,1"))
    distribution(site, "extends", RECORD=record.format("ext.cpython-311-x86_64-linux-gnu.so,,\nonly_data/x.json,,\nscript,,"))
    distribution(site, "quotes", RECORD=record.format('"quo/a,b.py",sha256=z,1'))
    distribution(site, "dots", RECORD="./dotted.py,,\n")
    distribution(site.with_name("second"), "records", "2.0", RECORD=record.format("pkg/__init__.py,,"))
    distribution(site.with_name("second"), "Same_Name", "3.0", RECORD=record.format("pkg/__init__.py,,"))
    (site / "pkg" / "data.csv").write_text("")
    (site / "a_file.py").write_text("")
    (site.with_name("second") / "pkg").mkdir()
    (site.with_name("second") / "pkg" / "__init__.py").write_text("")
    expected = theirs()
    assert expected["pkg"] == [("Same_Name", "3.0"), ("records", "1.0")]
    assert {"one", "two", "pkg", "a_file", "ext", "quo", "dotted"} <= set(expected)
    assert Installed().providers({*expected, "only_data", "script"}) == expected


@pytest.mark.parametrize(
    "metadata",
    [
        "Metadata-Version: 2.1\nname: lower\nVERSION: 2\n\n",
        "Name: folded\n more\nVersion: 1\n\n",
        "Name: tr\u00e9s\nVersion: 1\n\n",
        "Name: first\nName: second\nVersion: 1\nVersion: 2\n\n",
        "Version: 9\nSummary: x\nName: late\n\nbody",
        "Name: short\nVersion: 1",
        "Name: spaced \nVersion: 1\n\n",
    ],
)
def test_a_head_is_read_as_python_reads_it(site: Path, metadata: str):
    place = distribution(site, "x", top_level_txt="x\n")
    (place / "METADATA").write_text(metadata, encoding="utf-8")
    (found,) = Installed().all()
    (python,) = importlib.metadata.distributions()
    assert (found.name, found.version, str(found.place)) == (python.metadata["Name"], python.version, str(place))


def test_a_broken_folder_is_passed_over(site: Path):
    (site / "~left.dist-info").mkdir()
    distribution(site, "whole", top_level_txt="whole\n")
    assert Installed().providers({"whole", "~left"}) == {"whole": [("whole", "1.0")]}


def test_a_finder_that_raises_at_a_broken_folder_is_passed_over(site: Path, monkeypatch: pytest.MonkeyPatch):
    class Broken(importlib.metadata.PathDistribution):
        """As `importlib_metadata` has them, which puts its own finder in place of Python's."""

        @property
        def metadata(self) -> importlib.metadata.PackageMetadata:
            raise FileNotFoundError("No package metadata was found.")

    distribution(site, "whole", top_level_txt="whole\n")
    whole = list(importlib.metadata.distributions())
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [Broken(site / "~left.dist-info"), *whole])
    assert Installed().providers({"whole", "~left"}) == {"whole": [("whole", "1.0")]}


def test_places_go_by_normalized_names(site: Path):
    first = distribution(site, "Some.Name", top_level_txt="some\n")
    distribution(site.with_name("second"), "some_name", "2.0", top_level_txt="some\n")
    assert Installed().places({"some"}) == {"some-name": str(first)}
    assert Installed().places({"other"}) == {}


def test_files_are_where_they_really_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "a.py").write_text("")
    (tmp_path / "real" / "b.py").symlink_to(tmp_path / "real" / "a.py")
    monkeypatch.chdir(tmp_path)
    folders: dict[str, str] = {}
    for named in (
        "linked/a.py",
        "linked/b.py",
        str(tmp_path / "linked" / "a.py"),
        "real/../linked/b.py",
        "none.py",
        "",
        "real/..",
    ):
        assert kernel_installed._real(named, folders) == os.path.realpath(named)


def test_what_was_loaded_before_is_not_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    modules = {name: ModuleType(name) for name in ("json", "pytest", "own", "own.part", "late", "pytest.late")}
    for name, module in modules.items():
        module.__file__ = str(tmp_path / f"{name}.py")
    modules["pytest"].__file__ = pytest.__file__
    monkeypatch.setattr(sys, "modules", {name: modules[name] for name in ("json", "pytest", "own")})
    known, fresh = Installed(), Installed()
    known.settle()
    assert known.loaded() == fresh.loaded() == {"json", "pytest", "own"}
    # The library's file is known to be one.
    assert known.module_files() == {str(tmp_path / f"{name}.py"): str(tmp_path / f"{name}.py") for name in ("json", "own")}
    sys.modules.update({name: modules[name] for name in ("own.part", "late", "pytest.late")})
    assert known.loaded() == fresh.loaded() == {"json", "pytest", "own", "late"}
    assert {pytest.__file__: os.path.realpath(pytest.__file__), **known.module_files()} == fresh.module_files()
    assert (
        known.providers({"pytest", "late"}) == known.providers({"pytest", "late"}) == {"pytest": [("pytest", pytest.__version__)]}
    )
    # One that has gone is no longer loaded, and then all are looked at.
    del sys.modules["json"]
    assert known.loaded() == {"pytest", "own", "late"}
    assert known.module_files().keys() >= {pytest.__file__}
