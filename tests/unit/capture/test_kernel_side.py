"""The recorder by itself, with a stand-in for the kernel's shell; in a kernel it is tested by tests/functional."""

import ast
import hashlib
import json
import os
import pickle
import random
import stat
import sys
import types
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from nb2svc.capture import kernel_side
from nb2svc.capture.kernel_installed import Installed


class Shell:
    def __init__(self, **names: Any) -> None:
        self.user_ns = names
        self.compile = SimpleNamespace(_filename_map={})
        self.events = SimpleNamespace(register=self.register)

    def register(self, event: str, callback: Any) -> None:
        self.callback = callback


def ended(error: BaseException | None = None, *, count: int = 1, nested: bool = False) -> SimpleNamespace:
    info = SimpleNamespace(store_history=not nested)
    return SimpleNamespace(error_before_exec=None, error_in_exec=error, execution_count=count, info=info)


def recorder(folder: Path, points: list[tuple[str, str]], **names: Any) -> kernel_side.Recorder:
    config = {
        "folder": str(folder), "modules": [], "measures": [],
        "points": [{"kind": kind, "label": expression, "expression": expression} for kind, expression in points],
    }  # fmt: skip
    return kernel_side.Recorder(Shell(**names), config, Installed)


@pytest.fixture(autouse=True)
def _no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit hook can't be taken out of this process again."""
    monkeypatch.setattr(kernel_side.sys, "addaudithook", lambda _: None)


def test_it_runs_on_python_3_9() -> None:
    ast.parse(Path(kernel_side.__file__).read_text(), feature_version=(3, 9))


def test_a_value_is_kept_as_it_is_at_that_moment(tmp_path: Path) -> None:
    values = [1, 2]
    side = recorder(tmp_path, [("raw", "values")], values=values)
    side.keep(0)
    values.append(3)
    record = side._kept[0]
    content = (tmp_path / record["file"]).read_bytes()
    assert pickle.loads(content) == [1, 2]
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    assert (record["type"], record["problem"]) == ("builtins.list", "")
    assert stat.S_IMODE((tmp_path / record["file"]).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700


def test_a_large_value_is_hashed_as_it_streams(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("raw", "big")], big=[os.urandom(1 << 20) for _ in range(3)])
    side.keep(0)
    assert side._kept[0]["sha256"] == hashlib.sha256((tmp_path / side._kept[0]["file"]).read_bytes()).hexdigest()


def test_an_expression_that_fails_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("fit_input", "X.drop(1)"), ("given", "nowhere")], X=3)
    side.keep(0, 1)
    assert side._kept[0]["problem"] == "X.drop(1) has no value there: AttributeError: 'int' object has no attribute 'drop'"
    assert side._kept[1]["problem"] == "nowhere has no value there: NameError: name 'nowhere' is not defined"
    assert side._kept[1]["file"] == ""


def test_an_expression_over_several_lines_with_a_comment(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("fit_input", "X[\n 0]  # first")], X=[7])
    side.keep(0)
    assert pickle.loads((tmp_path / side._kept[0]["file"]).read_bytes()) == 7


def test_what_can_not_be_pickled_is_a_problem_and_leaves_no_file(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("given", "numbers")], numbers=(number for number in range(3)))
    side.keep(0)
    assert "can't be pickled: TypeError" in side._kept[0]["problem"]
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_closure_goes_by_cloudpickle_or_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factor = 2
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    side = recorder(tmp_path / "a", [("given", "double")], double=lambda value: factor * value)
    side.keep(0)
    assert "can't be pickled" in side._kept[0]["problem"]
    monkeypatch.undo()
    monkeypatch.setattr(kernel_side.sys, "addaudithook", lambda _: None)
    pytest.importorskip("cloudpickle")
    side = recorder(tmp_path / "b", [("given", "double")], double=lambda value: factor * value)
    side.keep(0)
    assert pickle.loads((tmp_path / "b" / side._kept[0]["file"]).read_bytes())(4) == 8


def test_a_lambda_goes_by_its_code_and_reads_the_names_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    notebook = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    exec("def plain(value):\n    return value\nboth = [lambda value, by=3: FACTOR * by * value, plain]", notebook.__dict__)
    side = recorder(tmp_path, [("estimator", "both")], both=notebook.both)
    side.keep(0)
    notebook.FACTOR = 5
    back = pickle.loads((tmp_path / side._kept[0]["file"]).read_bytes())
    assert back[0](2) == 30
    assert back[1] is notebook.plain


def test_a_full_disk_is_noted_with_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kernel_side.HashingFile, "write", full)
    side = recorder(tmp_path, [("raw", "x")], x=1)
    side.keep(0)
    assert side._kept[0]["errno"] == 28
    assert "can't be written" in side._kept[0]["problem"]
    assert list((tmp_path / "kept").iterdir()) == []


def test_keeping_draws_no_random_numbers(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    side = recorder(tmp_path, [("fit_input", "draw()")], draw=lambda: (random.random(), float(numpy.random.rand())))
    random.seed(1)
    numpy.random.seed(1)
    side.keep(0)
    drawn = pickle.loads((tmp_path / side._kept[0]["file"]).read_bytes())
    assert drawn == (random.random(), float(numpy.random.rand())), "the author's own draw is the one that was kept"


def test_numbers_that_checks_read_are_metrics(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    values = {"auc": numpy.float32(0.5), "n": 3, "ok": True, "lost": float("nan"), "text": "0.5", "rows": numpy.array([1.0])}
    side = recorder(tmp_path, [("check_value", name) for name in values], **values)
    side.keep(*range(len(values)))
    assert side._metrics == {"auc": 0.5, "n": 3.0}
    side = recorder(tmp_path / "other", [("raw", "auc")], auc=0.5)
    side.keep(0)
    assert side._metrics == {}


def test_what_comes_later_is_kept_when_the_cell_ended_well(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("estimator", "model"), ("given", "x")], model=1, x=2)
    side.keep_later(0)
    assert side._kept == {}
    side._after_cell(ended())
    assert list(side._kept) == [0]
    side.keep_later(1)
    side._after_cell(ended(ValueError("no")))
    side._after_cell(ended())
    assert list(side._kept) == [0], "a cell that failed has no last value"


def test_a_failure_inside_a_magic_belongs_to_the_cell_around_it(tmp_path: Path) -> None:
    side = recorder(tmp_path, [])
    side._after_cell(ended(KeyError("age"), count=8, nested=True))
    side._after_cell(ended(count=7))
    [failure] = side._failures
    assert (failure["count"], failure["name"], failure["value"]) == (7, "KeyError", "'age'")
    assert "LookupError" in failure["kinds"]


def test_missing_modules_and_files_are_named(tmp_path: Path) -> None:
    side = recorder(tmp_path, [])
    side._after_cell(ended(ModuleNotFoundError("No module", name="yaml")))
    side._after_cell(ended(FileNotFoundError(2, "No such file", "a.csv")))
    assert [(each["module"], each["file"]) for each in side._failures] == [("yaml", None), (None, "a.csv")]


def test_the_record_is_json(tmp_path: Path) -> None:
    side = recorder(tmp_path, [("raw", "x")], x=1)
    side.keep(0)
    side.finish()
    record = json.loads((tmp_path / "run.json").read_text())
    assert set(record) == {
        "kept",
        "failures",
        "metrics",
        "inputs",
        "written",
        "interpreter",
        "python",
        "versions",
        "modules",
        "cwd",
    }
    assert list(record["kept"]) == ["0"]
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600


class TestOpenedFiles:
    @pytest.fixture
    def opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> kernel_side.OpenedFiles:
        work = tmp_path / "work"
        work.mkdir()
        monkeypatch.chdir(work)
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "private").mkdir()
        return kernel_side.OpenedFiles(str(tmp_path / "private"))

    def test_a_file_that_is_read_is_an_input(self, opened: kernel_side.OpenedFiles) -> None:
        Path("a.csv").write_text("age\n31\n")
        opened._hook("open", ("a.csv", "r", 0))
        [seen] = opened.inputs.values()
        assert seen == {"path": "a.csv", "sha256": hashlib.sha256(b"age\n31\n").hexdigest(), "size": 7}

    def test_the_first_reading_counts(self, opened: kernel_side.OpenedFiles) -> None:
        Path("a.csv").write_text("old")
        opened._hook("open", ("a.csv", "rb", 0))
        Path("a.csv").write_text("newer")
        opened._hook("open", ("a.csv", "w", 0))
        opened._hook("open", ("a.csv", "rb", 0))
        assert [seen["size"] for seen in opened.inputs.values()] == [3]

    @pytest.mark.parametrize(
        "event", [("open", ("a.csv", "w", 0)), ("open", ("a.csv", None, os.O_WRONLY)), ("os.rename", ("b", "a.csv", -1, -1))]
    )
    def test_what_the_run_wrote_is_no_input(self, opened: kernel_side.OpenedFiles, event: tuple[str, tuple[object, ...]]) -> None:
        Path("a.csv").write_text("x")
        opened._hook(*event)
        opened._hook("open", ("a.csv", "r", 0))
        assert opened.inputs == {}

    @pytest.mark.parametrize(
        "path", ["own.py", "cell.ipynb", ".hidden/x.csv", "../.cache/x.csv", "../private/x.pkl", "no_such_file.csv", "."]
    )
    def test_code_caches_and_our_own_files_are_no_input(self, opened: kernel_side.OpenedFiles, path: str) -> None:
        place = Path(path)
        if "no_such" not in path and path != ".":
            place.parent.mkdir(exist_ok=True)
            place.write_text("x")
        opened._hook("open", (path, "r", 0))
        assert opened.inputs == {}

    def test_libraries_and_the_system_are_no_input(self, opened: kernel_side.OpenedFiles) -> None:
        for path in ("/etc/hostname", "/proc/self/status", str(Path(pytest.__file__).with_name("py.typed"))):
            opened._hook("open", (path, "r", 0))
        assert opened.inputs == {}

    def test_a_data_folder_elsewhere_is_an_input(self, opened: kernel_side.OpenedFiles, tmp_path: Path) -> None:
        data = tmp_path.parent / f"{tmp_path.name}-data.csv"
        data.write_text("x")
        opened._hook("open", (os.fsencode(data), "rb", 0))
        assert [seen["path"] for seen in opened.inputs.values()] == [str(data)]

    def test_bytecode_is_no_input_but_what_a_link_leads_to_is(self, opened: kernel_side.OpenedFiles) -> None:
        Path("a.pyc").write_text("x")
        Path("data.csv").write_text("x")
        Path("b.pyc").symlink_to("data.csv")
        for name in ("a.pyc", "b.pyc"):
            opened._hook("open", (name, "rb", 0))
        opened._hook("open", ("c.pyc", "wb", 0))
        assert [seen["path"] for seen in opened.inputs.values()] == ["b.pyc"]
        assert opened.written == {str(Path.cwd() / "c.pyc")}

    def test_databases_are_inputs(self, opened: kernel_side.OpenedFiles) -> None:
        Path("a.db").write_text("x")
        opened._hook("sqlite3.connect", ("a.db",))
        assert [seen["path"] for seen in opened.inputs.values()] == ["a.db"]

    def test_nothing_that_a_hook_sees_makes_it_raise(self, opened: kernel_side.OpenedFiles) -> None:
        for arguments in ((3, "r", 0), (), ("a\0b", "r", 0), (object(), "r", 0), ("a", object(), "x"), ("a", "r", 0, 1)):
            opened._hook("open", arguments)
        opened.watching = False
        Path("a.csv").write_text("x")
        opened._hook("open", ("a.csv", "r", 0))
        assert opened.inputs == {}


def test_versions_name_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "own_module", ModuleType("own_module"))
    versions, modules = kernel_side._versions(["pytest", "json", "own_module", "imported_in_vain"], Installed())
    assert versions["pytest"] == pytest.__version__
    assert modules == {"pytest": "pytest", "own_module": ""}
