"""Where kernels listen: no two at the same address, nobody else's to enter, and nothing left."""

import sys
import tempfile
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from nb2svc.capture.listening import kernel_address


def sockets(address: dict[str, str], folder: Path) -> list[str]:
    """Where a kernel of that address would listen, as its manager tells it."""
    kernel = KernelManager(config=Config(KernelManager=address), connection_file=str(folder / "kernel.json"))
    kernel.write_connection_file()
    told = kernel.get_connection_info()
    kernel.cleanup_connection_file()
    return [f"{told['transport']}:{told['ip']}-{told[f'{name}_port']}" for name in ("shell", "iopub", "stdin", "control", "hb")]


def test_two_kernels_never_listen_at_the_same_address(tmp_path: Path):
    with kernel_address() as one, kernel_address() as other:
        found = [*sockets(one, tmp_path), *sockets(other, tmp_path)]
        assert len(set(found)) == 10
        assert all(address.startswith("ipc:") for address in found)
        folder = Path(one["ip"]).parent
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_an_address_fits_into_a_socket_wherever_temporary_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deep = tmp_path / ("d" * 60) / ("e" * 40)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with kernel_address() as address:
        assert address["ip"].startswith("/tmp/")
        assert all(len(each.removeprefix("ipc:")) < 104 for each in sockets(address, tmp_path))


def test_without_such_sockets_it_takes_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as other:
        other.setattr(sys, "platform", "win32")
        with kernel_address() as address:
            assert address == {}

    def refused(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refused)
    with kernel_address() as address:
        assert sockets(address, tmp_path)[0].startswith("tcp:127.0.0.1-")
