"""The process that makes runs, one after the other: tasks come as lines of JSON, events and results go back the same way.

→ {"spec": …, "content": …}
← {"event": "cell", "cell": 3, "state": "started"}
← {"result": …}    or {"problem": {"what": …, "exit_code": 5}}
"""

import gc
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from nb2svc.errors import InternalError, Nb2svcError
from nb2svc.system.descendants import PR_SET_CHILD_SUBREAPER, prctl

if TYPE_CHECKING:
    from nb2svc.validate.forking.host import Host


def main() -> int:
    """Serve until the driver closes the pipe."""
    # What libraries print must not come between the lines.
    talk = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _say(talk, {"event": "ready"})
    # What loses its parent comes to this process, which knows when the run is over that it belongs to.
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    host = _host()
    try:
        for line in sys.stdin:
            _say(talk, _answer(talk, json.loads(line), host))
    finally:
        host.end()
    return 0


def _host() -> "Host":
    """What kernels are asked of, when all that makes a run is imported.

    Meanwhile no garbage is looked for, nor ever among what was imported: a tenth of the time went into that.
    """
    gc.disable()
    from nb2svc.validate.forking.host import Host
    from nb2svc.validate.lean import import_engine

    import_engine()
    import nb2svc.validate.ways  # noqa: F401

    gc.freeze()
    gc.enable()
    return Host(lone=True)


def _answer(talk: TextIO, message: dict[str, Any], host: "Host") -> dict[str, Any]:
    def tell(cell: int, state: str) -> None:
        _say(talk, {"event": "cell", "cell": cell, "state": state})

    def say(text: str) -> None:
        _say(talk, {"event": "service", "text": text})

    from nb2svc.ir.codec import to_json
    from nb2svc.validate.task import from_message
    from nb2svc.validate.ways import run_once

    task = from_message(message)
    os.environ.update(dict(task.secrets))
    try:
        return {"result": to_json(run_once(task, tell, host, say=say))}
    except Exception as raised:  # noqa: BLE001 - the driver tells it, and ends
        error = raised if isinstance(raised, Nb2svcError) else _ours(raised)
        parts = {"what": error.what, "where": error.where, "why": error.why, "fix": error.fix, "details": error.details}
        return {"problem": {**parts, "exit_code": error.exit_code}}
    finally:
        for name, _ in task.secrets:
            os.environ.pop(name, None)


def _ours(error: Exception) -> Nb2svcError:
    # Its message may hold anything, a secret too: the places are enough.
    places = "".join(traceback.format_tb(error.__traceback__))
    return InternalError(f"a run could not be made: {type(error).__name__}", details=places)


def _say(talk: TextIO, message: dict[str, Any]) -> None:
    talk.write(json.dumps(message) + "\n")
    talk.flush()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Nothing of it is open any more: to take an interpreter apart costs as much as to start two.
    os._exit(code)
