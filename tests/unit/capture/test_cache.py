import os
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.capture import cache
from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.capture import Capture

EMPTY = Capture(
    folder="", digest="", notebook_digest="n", parameters=(("a", "1"),), interpreter="python", python="3.11.7", versions=(), modules=(),
    kept=(), inputs=(), metrics=(("auc", 0.5),), seconds=1.0,
)  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "loans.ipynb"
    path.write_bytes(b"{}")
    return path


def keep(notebook: Path, name: str, text: str = "x") -> Capture:
    with cache.run_folder(notebook) as folder:
        (folder / "value").write_text(text)
        capture = replace(EMPTY, folder=str(folder.with_name(name)), digest=name)
        cache.commit(folder, capture)
    return capture


def home(notebook: Path) -> list[str]:
    return sorted(entry.name for entry in (notebook.parent / ".nb2svc" / "loans").iterdir())


def test_a_capture_is_read_as_it_was_kept(notebook: Path) -> None:
    capture = keep(notebook, "abc")
    assert cache.load_capture(Path(capture.folder)) == capture
    assert home(notebook) == ["abc"]


def test_it_is_private_and_git_ignores_it(notebook: Path) -> None:
    capture = keep(notebook, "abc")
    assert (notebook.parent / ".nb2svc" / ".gitignore").read_text() == "*\n"
    for folder in (notebook.parent / ".nb2svc", Path(capture.folder)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((Path(capture.folder) / "manifest.json").stat().st_mode) == 0o600


def test_a_run_that_fails_leaves_nothing_to_read(notebook: Path) -> None:
    with pytest.raises(KeyboardInterrupt), cache.run_folder(notebook):
        raise KeyboardInterrupt
    assert home(notebook) == []


def test_a_killed_run_is_cleaned_the_next_time_and_a_living_one_is_not(notebook: Path) -> None:
    with cache.run_folder(notebook) as living:
        dead = living.with_name(".run-dead")
        dead.mkdir()
        keep(notebook, "abc")
        assert living.is_dir()
        assert not dead.exists()


def test_an_equal_capture_takes_the_place_of_the_older(notebook: Path) -> None:
    keep(notebook, "abc", "old")
    capture = keep(notebook, "abc", "new")
    assert (Path(capture.folder) / "value").read_text() == "new"
    assert home(notebook) == ["abc"]


def test_the_newest_few_stay(notebook: Path) -> None:
    for number in range(7):
        folder = Path(keep(notebook, f"c{number}").folder)
        os.utime(folder, (number, number))
    assert home(notebook) == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_a_failed_run_stays_without_its_values_until_one_succeeds(notebook: Path) -> None:
    for text in ("first", "second"):
        with cache.run_folder(notebook) as folder:
            (folder / "kept").mkdir()
            (folder / "executed.ipynb").write_text(text)
            place = cache.set_aside(folder)
    assert home(notebook) == ["failed"]
    assert [entry.name for entry in place.iterdir()] == ["executed.ipynb"]
    assert (place / "executed.ipynb").read_text() == "second"
    keep(notebook, "abc")
    assert home(notebook) == ["abc"]


def test_a_read_only_folder_has_a_remedy(notebook: Path) -> None:
    # A file where the folder should be fails for root, too, who may write anywhere.
    (notebook.parent / ".nb2svc").write_text("")
    with (
        pytest.raises(EnvironmentProblem, match=r"can't keep the values of loans\.ipynb beside it") as caught,
        cache.run_folder(notebook),
    ):
        pytest.fail("there is no such folder")
    assert caught.value.exit_code == 5
    assert caught.value.fix.startswith(f"make {notebook.parent} writable, or copy the notebook")


@pytest.mark.parametrize("content", [None, "{", "{}", '{"folder": 3}'])
def test_a_damaged_manifest_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(EnvironmentProblem, match="the capture can't be read") as caught:
        cache.load_capture(tmp_path)
    assert caught.value.fix == "build again: the notebook runs anew"


def test_two_builds_of_a_notebook_do_not_meet(notebook: Path) -> None:
    told: list[str] = []
    with cache.exclusive(notebook):
        keep(notebook, "abc")
        with (
            pytest.raises(EnvironmentProblem, match=r"loans\.ipynb is being built by another process"),
            cache.exclusive(notebook, progress=told.append, wait=0.1),
        ):
            pytest.fail("both build it")
    assert told == [f"waiting for the build of loans.ipynb that process {os.getpid()} runs"]
    with cache.exclusive(notebook):
        pass
    assert home(notebook) == ["abc"]


def test_the_second_build_waits_for_the_first_and_goes_on(notebook: Path) -> None:
    first, order = threading.Event(), []

    def build() -> None:
        with cache.exclusive(notebook):
            first.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=build)
    thread.start()
    first.wait(10)
    with cache.exclusive(notebook, wait=10):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
