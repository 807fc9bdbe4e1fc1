"""A capture is taken from an earlier run where a run would give it again, and only there. Nothing here starts a kernel."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nb2svc.capture import cache, facts, libraries
from nb2svc.capture.reuse import Earlier
from nb2svc.errors import RunError
from unit.capture.reusable import CELLS, changed, dependence_of, keep_run, look

VALUES = {"risk": [0.25, 0.5], "share": 0.375}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "loans.csv").write_text("income,bad\n1,0\n")
    # Whatever kernels this machine has: one that is our own Python.
    monkeypatch.setattr(libraries, "kernel_specification", lambda _: {"argv": [sys.executable], "env": {}})
    return tmp_path


def reason(cells: dict[str, str], folder: Path, **settings: Any) -> str:
    found = look(cells, folder, **settings)
    assert isinstance(found, str), "nothing was run"
    return found


def reused(cells: dict[str, str], folder: Path, **settings: Any) -> Earlier:
    found = look(cells, folder, **settings)
    assert isinstance(found, Earlier), found
    return found


def test_nothing_ran_yet(folder: Path) -> None:
    assert reason(dict(CELLS), folder) == ""


def test_the_same_notebook_is_not_run_again(folder: Path) -> None:
    kept = keep_run(CELLS, folder, values=VALUES)
    assert reused(dict(CELLS), folder).capture == kept


@pytest.mark.parametrize(
    "cells",
    [
        changed(look='loans["income"].hist(bins=50)'),
        changed(look="print(loans.describe())"),
        changed(share="# how many are bad?\nshare = risk.mean() * 2"),
        changed(
            features='# nb2svc: feature applicant\n# in thousands\nloans["income_k"] = loans["income"]/1000\nX = loans[["income_k"]]'
        ),
        changed(model=CELLS["model"].replace("risk = model.predict(X)", "risk = (\n    model.predict(X)\n)")),
    ],
    ids=["a plot", "a display", "a value nobody needs", "a comment", "layout"],
)
def test_what_the_model_does_not_depend_on_runs_nothing(folder: Path, cells: dict[str, str]) -> None:
    kept = keep_run(CELLS, folder, values=VALUES)
    assert reused(cells, folder).capture.digest == kept.digest


def test_text_runs_nothing_and_the_capture_says_which_notebook_it_is_used_for(folder: Path) -> None:
    kept = keep_run(CELLS, folder, values=VALUES)
    found = reused(dict(CELLS), folder, markdown="# All loans").capture
    assert found == replace(kept, notebook_digest=found.notebook_digest)
    assert found.notebook_digest != kept.notebook_digest


def test_a_plot_that_is_put_in_moves_the_points_and_runs_nothing(folder: Path) -> None:
    kept = keep_run(CELLS, folder, values=VALUES)
    found = reused(changed(plot="X.hist()\nprint(len(X))"), folder)
    assert [point.statement for point in found.capture.points] != [point.statement for point in kept.points]
    assert [each.sha256 for each in found.capture.kept] == [each.sha256 for each in kept.kept]
    assert found.capture.digest != kept.digest
    assert cache.load_capture(Path(found.capture.folder)).digest == found.capture.digest, "the project's tests look for it there"
    same = Path(kept.folder) / kept.kept[0].file
    assert same.samefile(Path(found.capture.folder) / found.capture.kept[0].file), "nothing is kept twice"
    assert not found.rechecked
    # And from there, too.
    assert reused(changed(plot="X.hist()\nprint(len(X), 2)"), folder).capture.digest == found.capture.digest


@pytest.mark.parametrize(
    "look",
    [
        'loans["income"].add(1, out=loans["income"].values)',
        'getattr(pd, "set_option")("mode.copy_on_write", True)',
        'vars()["loans"] = loans.head()',
        "pd.__dict__.update(read_csv=None)",
        "options = pd.options\nmode = options.mode\nmode.copy_on_write = True",
    ],
)
def test_a_statement_that_acts_by_no_name_is_depended_on(folder: Path, look: str) -> None:
    without = dependence_of(changed(look="pass"), folder)
    assert [text.code for text in dependence_of(changed(look=look), folder).texts] != [text.code for text in without.texts]


@pytest.mark.parametrize(
    ("line", "noticed"), [("%load_ext foo", True), ("%load_ext autoreload", False), ("%load_ext nb2svc", False)]
)
def test_an_extension_that_may_do_anything_is_depended_on(folder: Path, line: str, noticed: bool) -> None:
    without, there = (dependence_of(changed(look=look), folder) for look in ("pass", f"{line}\npass"))
    assert ([text.code for text in there.texts] != [text.code for text in without.texts]) is noticed


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (changed(data='loans = pd.read_csv("loans.csv", nrows=5)'), "cell 2, line 1 is new or changed"),
        (changed(features=CELLS["features"].replace("1000", "1001")), "cell 4, line 2 is new or changed"),
        (changed(model=CELLS["model"].replace("0.5", "0.6")), "cell 5, line 2 is new or changed"),
        (changed(setting='pd.set_option("mode.copy_on_write", True)'), "cell 5, line 1 is new or changed"),
        (changed(look="loans = loans.dropna()"), "cell 3, line 1 is new or changed"),
        (changed(look='os.environ["OMP_NUM_THREADS"] = "1"'), "cell 1, line 1 is new or changed"),
        (changed(look="import helper\nhelper.prepare()"), "cell 3, line 1 is new or changed"),
        (changed(look='loans.to_csv("loans.csv")'), "cell 3, line 1 is new or changed"),
        (changed(check="# nb2svc: check\nimport shap\nassert max(risk) <= 1"), "the notebook imports shap, which it did not"),
        (changed(check="# nb2svc: check\nassert len(loans) > 0"), "a check reads loans, which the run did not keep"),
        (changed(data='loans = pd.read_csv("https://example.org/loans.csv")'), "cell 2, line 1 is new or changed"),
    ],
)
def test_what_the_model_depends_on_runs_the_notebook_again(folder: Path, cells: dict[str, str], why: str) -> None:
    keep_run(CELLS, folder, values=VALUES)
    assert reason(cells, folder) == why


def test_a_check_is_read_with_the_values_that_were_kept(folder: Path) -> None:
    kept = keep_run(CELLS, folder, values=VALUES)
    found = reused(changed(check="# nb2svc: check\nlowest = min(risk)\nassert lowest >= 0.2"), folder)
    assert found.rechecked
    files = {(each.kind, each.label): each.file for each in found.capture.kept}
    assert files == {(each.kind, each.label): each.file for each in kept.kept}, "each point has its own value again"
    assert found.capture.metrics == (("lowest", 0.25),), "the old check's number is gone"
    assert cache.load_capture(Path(found.capture.folder)).metrics == found.capture.metrics
    assert not reused(changed(check="# nb2svc: check\nlowest = min(risk)\nassert lowest >= 0.2"), folder).rechecked, "once"


def test_a_check_finds_modules_beside_the_notebook_where_its_kernel_would(folder: Path) -> None:
    # A kernel has loaded these of Python's own before it looks there.
    for name in ("hashlib", "json", "pickle", "random"):
        (folder / f"{name}.py").write_text("drawn = 1.0")
    (folder / "bounds.py").write_text("lowest = 0.2")
    imports = f"{CELLS['imports']}\nimport bounds, random"
    keep_run(changed(imports=imports), folder, values=VALUES)
    check = "# nb2svc: check\nlowest = min(risk)\ndrawn = random.Random(7).random()\nassert lowest >= bounds.lowest"
    found = reused(changed(imports=imports, check=check), folder)
    assert found.rechecked
    assert found.capture.metrics == (("drawn", Random(7).random()), ("lowest", 0.25))


def test_a_check_that_fails_stops_as_it_would_in_a_run(folder: Path) -> None:
    keep_run(CELLS, folder, values=VALUES)
    with pytest.raises(RunError, match="AssertionError: too high") as caught:
        look(changed(check='# nb2svc: check\ntop = max(risk)\nassert top < 0.5, "too high"'), folder)
    assert caught.value.exit_code == 4
    assert caught.value.where == "loans.ipynb, cell 7, line 3"
    assert "→ 3 │ assert top < 0.5" in caught.value.details


def test_a_check_without_its_cell_has_no_numbers(folder: Path) -> None:
    keep_run(CELLS, folder, values=VALUES)
    assert reused({name: source for name, source in CELLS.items() if name != "check"}, folder).capture.metrics == ()


def test_data_are_compared_byte_for_byte(folder: Path) -> None:
    keep_run(CELLS, folder, values=VALUES)
    data = folder / "loans.csv"
    seen = data.stat()
    data.write_text("income,bad\n2,0\n")
    os.utime(data, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert reason(dict(CELLS), folder) == "loans.csv has changed"
    data.unlink()
    assert reason(dict(CELLS), folder) == "loans.csv is gone"


def test_another_setting_runs_it_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_run(CELLS, folder, values=VALUES)
    other = folder / "other"
    other.mkdir()
    assert reason(dict(CELLS), folder, cwd=str(other)) == f"it ran in {folder}"
    assert reason(dict(CELLS), folder, kernel="another") == "the kernel another is started in another way"
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert reason(dict(CELLS), folder) == "the variable OMP_NUM_THREADS is another"


# What each part of the facts is for: spoiled in the record, it must be noticed.
SPOILED: dict[str, tuple[Any, str]] = {
    "compiler": ("another", "nb2svc is another version"),
    "kernel": ({"name": "python3"}, "the kernel python3 is started in another way"),
    "interpreter": ([sys.executable, ["2.7"]], f"{sys.executable} is another Python"),
    "cwd": ("/elsewhere", "it ran in /elsewhere"),
    "parameters": ({"months": 12}, "the parameter months is another"),
    "texts": ([], "cell 1, line 2 is new or changed"),
    "imports": ([], "the notebook imports os, which it did not"),
    "unknowable": (["the run asked example.org"], "the run asked example.org"),
    "libraries": ({"pandas": "another"}, "another version of pandas is installed"),
    "found": ([{}, ["x"]], "the kernel finds its libraries in another place"),
    "files": ([["/nowhere", "old.csv", "0", []]], "old.csv is gone"),
    "sources": ({"/nowhere/own.py": "0"}, "/nowhere/own.py has changed"),
    "absent": (["/"], "/ was not there"),
    "listed": ({"/": "0"}, "other files lie in /"),
    "places": ({"/": "file"}, "/ is gone"),
    "environment": ({"HOME": "0"}, "the variable HOME is another"),
}
# What is no part of the comparison: how it is known again, and where the libraries were.
_OTHERS = {"points", "checks", "metadata", "path"}


@pytest.mark.parametrize("name", SPOILED)
def test_each_fact_counts(folder: Path, name: str) -> None:
    capture = keep_run(CELLS, folder, values=VALUES)
    loaded = cache.load_facts(Path(capture.folder))
    assert loaded is not None
    spoiled, why = SPOILED[name]
    noted = {**loaded[0], name: spoiled, **({"metadata": {"pandas": "/nowhere"}} if name == "libraries" else {})}
    with cache.run_folder(folder / "loans.ipynb") as place:
        cache.link_values(Path(capture.folder), place)
        cache.commit(place, capture, facts=noted)
    assert reason(dict(CELLS), folder) == why


def test_no_fact_is_forgotten_by_these_tests(folder: Path) -> None:
    loaded = cache.load_facts(Path(keep_run(CELLS, folder, values=VALUES).folder))
    assert loaded is not None
    assert set(loaded[0]) == set(SPOILED) | _OTHERS


def test_a_key_that_forgets_a_part_would_be_caught(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: without the comparison of files, changed data would go unnoticed."""
    keep_run(CELLS, folder, values=VALUES)
    (folder / "loans.csv").write_text("other")
    monkeypatch.setattr(facts, "_files", lambda _: iter(()))
    assert isinstance(look(dict(CELLS), folder), Earlier)


@pytest.mark.parametrize("name", ["manifest.json", "run_facts.json", "kept/000.pkl"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "empty"])
def test_a_damaged_capture_is_told_and_not_used(folder: Path, name: str, damage: str) -> None:
    path = Path(keep_run(CELLS, folder, values=VALUES).folder) / name
    content = path.read_bytes()
    match damage:
        case "gone":
            path.unlink()
        case "changed":
            path.write_bytes(content + b"0")
        case _:
            path.write_bytes(content[: len(content) // 2 if damage == "cut" else 0])
    told: list[str] = []
    found = look(dict(CELLS), folder, say=told.append)
    assert isinstance(found, str)
    # Without its manifest or its facts a folder is no capture that could be used: there is nothing to tell.
    assert bool(told) == (damage != "gone" or name == "kept/000.pkl")


def test_an_older_whole_capture_is_used_where_the_newest_is_damaged(folder: Path) -> None:
    older = keep_run(CELLS, folder, values=VALUES)
    newer = keep_run(changed(plot="print(1)"), folder, values=VALUES)
    (Path(newer.folder) / newer.kept[0].file).unlink()
    found = reused(changed(plot="print(1)"), folder)
    assert [each.sha256 for each in found.capture.kept] == [each.sha256 for each in older.kept]


def test_the_reserve_for_large_files_reads_what_moved_or_was_touched_lately(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "_LARGE", 1)
    monkeypatch.setattr(facts, "_REST", -60.0)
    data = folder / "loans.csv"
    seen = data.stat()
    stats = {str(data): [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev]}
    keep_run(CELLS, folder, values=VALUES, seen={"stats": stats})
    read: list[Path] = []
    monkeypatch.setattr(facts, "file_digest", lambda path: read.append(path) or "")
    reused(dict(CELLS), folder)
    assert read == [], "as it was before it was read"
    data.write_bytes(data.read_bytes())
    assert reason(dict(CELLS), folder) == "loans.csv has changed"
    assert read == [data]


def test_facts_are_json(folder: Path) -> None:
    loaded = cache.load_facts(Path(keep_run(CELLS, folder, values=VALUES).folder))
    assert loaded is not None
    assert json.loads(json.dumps(loaded[0])) == loaded[0]
