"""How papermill's client comes to a forked kernel: a manager whose provisioner asks the host first, and else does as ever."""

import uuid
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.paths import jupyter_path
from traitlets import default

from nb2svc.capture.libraries import kernel_language
from nb2svc.validate.forking.host import ForkTroubleError
from nb2svc.validate.forking.way import Way


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

    return Manager
