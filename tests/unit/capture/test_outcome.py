"""The decision on a run, from what a kernel could report; with real kernels it is tested by tests/functional."""

from pathlib import Path
from typing import Any

import pytest

from nb2svc.capture.copy import copy_notebook, document
from nb2svc.capture.failure import Ran, no_such_kernel, not_started
from nb2svc.capture.outcome import Outcome, execution_counts, failure_of
from nb2svc.errors import EnvironmentProblem, InternalError, RunError
from unit.capture.made import made, point

RECORD = {"failures": [], "kept": {}}


def ran_of(*sources: str, tags: dict[int, list[str]] | None = None, before: int | None = None) -> tuple[Ran, dict[str, Any]]:
    """What is known of a run, and the document it executed: every cell once, in order."""
    notebook, dataflow = made(*sources, tags=tags)
    points = [] if before is None else [point("before", before, "x")]
    copy = copy_notebook(notebook, dataflow, points)
    executed = document(copy, notebook, kernel="python3")
    for count, cell in enumerate(executed["cells"], start=1):
        cell["execution_count"] = count
    ran = Ran(
        notebook=notebook, copy=copy, counts=execution_counts(executed), cwd=Path("/w"), interpreter="/bin/python",
        executed=Path("/c/failed/executed.ipynb"),
    )  # fmt: skip
    return ran, executed


def failure(name: str = "ValueError", value: str = "no", *, count: int | None = 1, **more: Any) -> dict[str, Any]:
    frames = [{"count": count, "magic": False, "line": line} for line in more.pop("lines", [1])]
    base = {
        "count": count,
        "name": name,
        "kinds": [name],
        "value": value,
        "frames": frames,
        "syntax_line": None,
        "module": None,
        "file": None,
    }
    return base | more


def decide(ran: Ran, outcome: Outcome, *failures: dict[str, Any]) -> Any:
    return failure_of(outcome, {**RECORD, "failures": list(failures)}, ran=ran, limit=60.0, log="the log")


def test_all_cells_ended_and_a_record_was_written() -> None:
    ran, executed = ran_of("x = 1", "", "y = 2")
    assert decide(ran, Outcome(document=executed, ended=["cell-1", "cell-3"])) is None


def test_a_cell_that_never_ran_is_a_failure_though_nothing_raised() -> None:
    ran, executed = ran_of("x = 1", "y = 2")
    error = decide(ran, Outcome(document=executed, ended=["cell-1"]))
    assert isinstance(error, RunError)
    assert (error.what, error.why) == ("the run ended early", "cell 2 (y = 2) never ran")


def test_no_record_is_a_mistake_of_ours() -> None:
    ran, executed = ran_of("x = 1")
    outcome = Outcome(document=executed, ended=["cell-1"], unrecorded="OSError: No space left on device")
    error = failure_of(outcome, {}, ran=ran, limit=None, log="")
    assert isinstance(error, InternalError)
    assert error.why == "OSError: No space left on device"


def test_the_time_limit_explains_the_interrupt_that_it_caused() -> None:
    ran, executed = ran_of("x = 1")
    outcome = Outcome(document=executed, over_time=True, running="cell-1")
    assert decide(ran, outcome, failure("KeyboardInterrupt")).what == "the notebook ran longer than 1 min 0 s"


def test_a_failure_explains_the_death_that_followed() -> None:
    ran, executed = ran_of("x = 1")
    outcome = Outcome(document=executed, died=True, running="cell-1")
    assert decide(ran, outcome, failure()).what == "cell 1 (x = 1) failed: ValueError: no"
    assert decide(ran, outcome).what == "the kernel died while cell 1 (x = 1) ran"
    assert decide(ran, outcome).details == "the log\n\nwhat ran until then: /c/failed/executed.ipynb"


def test_a_tagged_cell_may_fail_and_another_may_not() -> None:
    ran, executed = ran_of("x = 1", "y = 2", tags={1: ["raises-exception"]})
    outcome = Outcome(document=executed, ended=["cell-1", "cell-2"])
    assert decide(ran, outcome, failure(count=1)) is None
    assert decide(ran, outcome, failure(count=2)).where == "loans.ipynb, cell 2, line 1"


def test_a_check_that_fails_has_failed_also_where_its_cell_may() -> None:
    ran, executed = ran_of("# nb2svc: check\nassert x", tags={1: ["raises-exception"]})
    assert decide(ran, Outcome(document=executed, ended=["cell-1"]), failure(count=1)).where.startswith("loans.ipynb, cell 1")


def test_an_error_that_the_recorder_did_not_see() -> None:
    ran, executed = ran_of("x = 1")
    executed["cells"][0]["outputs"] = [{"output_type": "error", "ename": "KernelError", "evalue": "odd", "traceback": []}]
    error = decide(ran, Outcome(document=executed))
    assert (error.what, error.where) == ("cell 1 (x = 1) failed: KernelError: odd", "loans.ipynb, cell 1")


def test_lines_lead_past_the_calls_that_were_put_in() -> None:
    ran, executed = ran_of("# one\nfor x in y:\n    z\nq", before=0)
    assert executed["cells"][0]["source"].split("\n")[1].startswith("__nb2svc__")
    error = decide(ran, Outcome(document=executed), failure(lines=[4]))
    assert error.where == "loans.ipynb, cell 1, line 3"
    assert "→ 3 │     z" in error.details


def test_a_line_below_a_magic_that_stands_below_a_directive() -> None:
    ran, executed = ran_of("%%check low\n%%time\n# about\ny = 2\nassert y < 2")
    assert executed["cells"][0]["source"].split("\n")[0] == "%%time"
    frames = [{"count": 1, "magic": False, "line": 1}, {"count": None, "magic": True, "line": 3}]
    assert decide(ran, Outcome(document=executed), failure(frames=frames)).where == "loans.ipynb, cell 1, line 5"


def test_the_deepest_line_in_another_cell_is_told_too() -> None:
    ran, executed = ran_of("def f():\n    1 / 0", "f()")
    seen = failure(count=2, frames=[
        {"count": None, "magic": False, "line": 3000}, {"count": 2, "magic": False, "line": 1},
        {"count": 1, "magic": False, "line": 2}, {"count": None, "magic": False, "line": 99},
    ])  # fmt: skip
    error = decide(ran, Outcome(document=executed), seen)
    assert error.where == "loans.ipynb, cell 2, line 1"
    assert error.why == "raised in cell 1 (def f():), line 2"


def test_a_syntax_error_has_its_own_line() -> None:
    ran, executed = ran_of("x = 1\ny = 2")
    assert decide(ran, Outcome(document=executed), failure("SyntaxError", syntax_line=2)).where == "loans.ipynb, cell 1, line 2"


def test_a_failure_in_the_injected_cell_is_the_parameters_fault() -> None:
    ran, executed = ran_of("x = 1")
    error = decide(ran, Outcome(document=executed), failure(count=7))
    assert error.what == "the parameters can't be set: ValueError: no"


@pytest.mark.parametrize(
    ("module", "fix"),
    [
        ("sklearn.svm", "/bin/python -m pip install scikit-learn"), ("cv2", "/bin/python -m pip install opencv-python"),
        ("folium", "/bin/python -m pip install folium"), ("skleran", "did you mean sklearn?"), ("pnadas", "did you mean pandas?"),
    ],
)  # fmt: skip
def test_a_missing_module_is_installed_by_its_distributions_name(module: str, fix: str) -> None:
    ran, executed = ran_of("import x")
    error = decide(ran, Outcome(document=executed), failure("ModuleNotFoundError", module=module))
    assert (error.fix, error.why) == (fix, "its interpreter is /bin/python")


def test_an_absolute_path_that_is_missing() -> None:
    ran, executed = ran_of("x = 1")
    error = decide(ran, Outcome(document=executed), failure("FileNotFoundError", file="/no/such/file.csv"))
    assert error.why == "nothing lies at /no/such/file.csv"
    assert "--cwd" in error.fix


def test_memory() -> None:
    ran, executed = ran_of("x = 1")
    assert decide(ran, Outcome(document=executed), failure("MemoryError", "3 GiB")).what == "cell 1 (x = 1) ran out of memory"


def test_kernels_that_are_not_there() -> None:
    error = no_such_kernel("sience", ["python3", "science"])
    assert (error.fix, error.why) == ("use --kernel science", "installed kernels: python3, science")
    assert no_such_kernel("x", []).fix.endswith("-m ipykernel install --user")
    assert isinstance(not_started("x", reason="r", log="", cwd=Path("nowhere")), EnvironmentProblem)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("AttributeError: module 'enum' has no attribute 'global_enum'", "enum.py"),
        ("ImportError: cannot import name 'x' from 'y' ({cwd}/types/__init__.py)", "types"),
        ("OSError: no space left on device", ""),
    ],
)
def test_what_hides_a_module_of_pythons_own_is_told_where_the_kernel_says_so(tmp_path: Path, log: str, told: str) -> None:
    (tmp_path / "types").mkdir()
    for name in ("enum.py", "types/__init__.py", "random.py", "loans.py"):
        (tmp_path / name).touch()
    error = not_started("x", reason="r", log=log.format(cwd=tmp_path), cwd=tmp_path)
    assert isinstance(error, EnvironmentProblem)
    hides = f"{told} in the folder of the run keeps the kernel x from starting"
    assert error.what == (hides if told else "the kernel x does not start")
    if told:
        assert error.fix == f"rename {told}, and what imports it"
