"""A run on a disk that fills up says so, and leaves no capture that a later build would read."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.capture_runs import notebook_file, run_plain
from nb2svc.errors import EnvironmentProblem
from nb2svc.ir.capture import KeepPoint

pytestmark = pytest.mark.kernel


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 512 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "cell",
    [
        "big = bytes(2_000_000)",
        "big = 1\nprint('x' * 2_000_000)",
        "big = 1\nopen('fill', 'wb').write(bytes(380_000))\nprint('x' * 200_000)",
    ],
    ids=["a kept value", "an output", "the notebook's own file"],
)
def test_a_full_disk_is_told_and_no_capture_stays(small_disk: Path, cell: str) -> None:
    path = notebook_file(small_disk, [cell])
    before = path.read_bytes()
    point = KeepPoint(kind="raw", label="big", expression="big", statement=0, when="after")
    with pytest.raises(EnvironmentProblem) as caught:
        run_plain(path, point)
    assert caught.value.exit_code == 5
    assert "the disk is full" in caught.value.why
    assert "free some space" in caught.value.fix
    assert path.read_bytes() == before
    assert list((small_disk / ".nb2svc" / "loans").iterdir()) == []
    (small_disk / "fill").unlink(missing_ok=True)
    notebook_file(small_disk, ["big = 1"])
    assert run_plain(path, point).kept[0].problem == ""
