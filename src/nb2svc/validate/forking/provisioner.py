"""How papermill's client comes to a forked kernel: a manager whose provisioner asks the host first, and else does as ever."""

import queue
import uuid
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.paths import jupyter_path
from traitlets import default

from nb2svc.capture.libraries import kernel_language
from nb2svc.system import clock
from nb2svc.validate.forking.host import ForkTroubleError
from nb2svc.validate.forking.way import Way

# jupyter_client's, when a kernel starts.
_REPLY, _SHOWN = 1.0, 0.2
# How often it is looked whether a kernel has ended: a forked one takes a fraction of jupyter_client's tenth of a second.
_LOOK = 0.01


class _KernelClient(AsyncKernelClient):
    """Waits for a kernel as long as it must: jupyter_client hears for another fifth of a second whether anything else comes.

    What comes is not lost then: it belongs to no cell, and is passed over when the first is read.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - jupyter_client's signature
        """Wait until a kernel answers, and is heard by what it shows.

        Raises:
            RuntimeError: it does not, or has ended.
        """
        begin = clock.seconds()
        while not await self._is_ready():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if timeout is not None and clock.seconds() - begin > timeout:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    async def _is_ready(self) -> bool:
        self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=_REPLY)
            if reply["msg_type"] == "kernel_info_reply":
                await self.iopub_channel.get_msg(timeout=_SHOWN)
                self._handle_kernel_info_reply(reply)
                return True
        except queue.Empty:
            pass
        return False


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel by the way that is given to it."""

    way: Way

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; where none can be forked, as a process of its own."""
        try:
            self.process: Any = self.way.fork(cmd, **kwargs)
        except ForkTroubleError as trouble:
            self.way.plain(str(trouble))
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.process.pid
        # It begins a session of its own; that it has done so by now is not sure.
        self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


def manager_by(way: Way) -> type[AsyncKernelManager]:
    """The class of a kernel manager that goes this way."""

    class Manager(AsyncKernelManager):
        @default("client_factory")
        def _client_factory_default(self) -> type[AsyncKernelClient]:
            return _KernelClient

        @default("kernel_spec_manager")
        def _kernel_spec_manager_default(self) -> KernelSpecManager:
            # Beyond Jupyter's folders lies IPython's own, and all of IPython is imported to know where.
            known = kernel_language(self.kernel_name) is not None
            return KernelSpecManager(data_dir=self.data_dir, **({"kernel_dirs": jupyter_path("kernels")} if known else {}))

        async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
            specification: Any = self.kernel_spec
            if self.provisioner is None and not specification.metadata.get("kernel_provisioner"):
                self.kernel_id = self.kernel_id or str(uuid.uuid4())
                provisioner = ForkProvisioner(kernel_id=self.kernel_id, kernel_spec=specification, parent=self)
                provisioner.way = way
                self.provisioner = provisioner
            elif self.provisioner is None:
                way.plain("its kernel has a provisioner of its own")
            return await super()._async_pre_start_kernel(**kwargs)

        async def _async_finish_shutdown(
            self,
            waittime: float | None = None,
            pollinterval: float = _LOOK,
            restart: bool = False,  # noqa: FBT001, FBT002 - its base's signature
        ) -> None:
            await super()._async_finish_shutdown(waittime, pollinterval, restart)

    return Manager
