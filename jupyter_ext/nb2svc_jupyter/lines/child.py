"""A command of nb2svc that ends with the kernel that started it, also where that was killed.

Standard input is a pipe that the kernel holds open and never writes to: its end means that the kernel is gone.
"""

import os
import signal
import threading

from nb2svc.cli.main import main


def _end_with_parent() -> None:
    # Not by sys.stdin: its lock, held here, would be missed when Python ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(prog_name="nb2svc")
