"""One papermill run of a document. The only module that imports papermill, and itself imported only for a run.

What happened is told by our own hooks and by exceptions: papermill calls a notebook completed that ended in `sys.exit`, and
cells completed in which the kernel died.
"""

import json
import logging
import os
import secrets
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from papermill import PapermillExecutionError, execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from nb2svc.capture.listening import kernel_address
from nb2svc.capture.outcome import Outcome
from nb2svc.capture.settings import FACTS, Run
from nb2svc.errors import EnvironmentProblem, InternalError
from nb2svc.system.processes import MARK, end_marked

_ENGINE = "nb2svc"
# How long an interrupted cell may take to stop before its kernel is told to end, and how long that may take.
_GRACE = ((signal.SIGINT, 8.0), (signal.SIGTERM, 2.0))
# So much of one output is told while it runs; the whole is in the executed copy.
_SHOWN = 10_000
_SIDES = ("installed", "side", "facts", "leaving")
SIDES = {f"nb2svc_kernel_{name}": Path(__file__).with_name(f"kernel_{name}.py") for name in _SIDES}
"""What runs in the kernel, by the names that its modules have there."""
_BOOT = """
def __nb2svc_boot__():
    import builtins, json, sys, types
    if sys.flags.optimize:
        raise type("AssertionsLeftOutError", (Exception,), {{}})
    modules = []
    for name, text in {sides!r}.items():
        modules.append(types.ModuleType(name))
        exec(compile(text, name + ".py", "exec"), modules[-1].__dict__)
    installed, side, facts, leaving = modules
    side.start(get_ipython(), json.loads({config!r}), installed.Installed)
    facts.start(builtins.__nb2svc__)
    leaving.start()
__nb2svc_boot__(); del __nb2svc_boot__
"""
_FINISH = "__nb2svc__.finish(); __nb2svc__.surroundings.finish({file!r})"


class _OverTimeError(Exception):
    """The time limit passed between two cells."""


def execute(run: Run, *, client: "Callable[..., Client] | None" = None, sweeps: bool = True) -> Outcome:
    """Run the document once. The kernel and all that it started are gone afterwards, whatever happened.

    `client` makes the client that runs the cells, from the arguments of `Client`. Without `sweeps` the caller ends what is left.
    """
    # papermill's remarks on parameters would land on the terminal between our lines.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    mark = secrets.token_hex(16)
    outcome = Outcome(document=None)
    papermill_engines.register(_ENGINE, _Engine)
    watchdog = _Watchdog(run.timeout, outcome)
    try:
        with run.log.open("ab") as log:
            execute_notebook(
                nbformat.from_dict(run.document),  # type: ignore[no-untyped-call]
                None,
                parameters=dict(run.parameters),
                engine_name=_ENGINE,
                kernel_name=run.kernel,
                progress_bar=False,
                request_save_on_cell_execute=False,
                session=Session(
                    run=run, outcome=outcome, watchdog=watchdog, log=log.fileno(), mark=mark, client=client or Client
                ),
            )
    except (PapermillExecutionError, _OverTimeError):
        pass  # the hooks know more
    except DeadKernelError:
        outcome.died = True
    except Exception as error:
        if outcome.started:
            raise
        outcome.start_failed = str(error)
    finally:
        watchdog.stop()
        if sweeps:
            end_marked(mark)
    return outcome


@dataclass(slots=True, kw_only=True)
class Session:
    """One run as it goes: `log` is the descriptor that takes the kernel's output, `mark` what its processes are known by."""

    run: Run
    outcome: Outcome
    watchdog: "_Watchdog"
    log: int
    mark: str
    client: "Callable[..., Client]"


class _Engine(NBClientEngine):  # type: ignore[misc]  # papermill ships no types
    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        session: Session = options["session"]
        session.outcome.document = nb_man.nb
        # A kernel that leaves out assertions has checks that can't fail.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONOPTIMIZE"}
        environment[MARK] = session.mark
        with kernel_address() as address:
            traits = {"kernel_name": kernel_name, "startup_timeout": 60, "ipython_hist_file": ":memory:"}
            client = session.client(nb_man, session, config=Config(KernelManager=address), **traits)
            return client.execute(cwd=str(session.run.cwd), env=environment, stdout=session.log, stderr=session.log)


class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
    """Runs the cells between the recorder's start and its end; `run_cells` may be another's."""

    def __init__(self, nb_man: Any, session: Session, **traits: Any) -> None:
        super().__init__(nb_man, on_cell_start=self._started, on_cell_executed=self._ended, **traits)
        self.session = session

    def papermill_execute_cells(self) -> None:
        """Start the recorder, run the cells, let the recorder write what it saw."""
        session = self.session
        session.outcome.started = True
        session.watchdog.start(self.km)
        self.start_recorder()
        self.run_cells()
        session.watchdog.stop()
        reply = self.finish()
        if reply["status"] != "ok":
            session.outcome.unrecorded = f"{reply.get('ename')}: {reply.get('evalue')}"

    def finish(self, **more: Any) -> Any:
        """Have the recorder write what it saw: the kernel's reply."""
        return self.silently(_FINISH.format(file=str(Path(str(self.session.run.config["folder"])) / FACTS)), **more)

    def start_recorder(self) -> None:
        """Have the kernel note what the notebook does."""
        sides = {name: file.read_text(encoding="utf-8") for name, file in SIDES.items()}
        reply = self.silently(_BOOT.format(sides=sides, config=json.dumps(self.session.run.config)))
        if reply.get("ename") == "AssertionsLeftOutError":
            raise EnvironmentProblem(
                f"the kernel {self.session.run.kernel} leaves out assertions",
                where=f"kernel {self.session.run.kernel}",
                why="its kernelspec starts Python with -O or sets PYTHONOPTIMIZE: a check could not fail",
                fix="take that out of its kernel.json (jupyter kernelspec list), or name another with --kernel",
            )
        if reply["status"] != "ok":
            raise InternalError("the recorder can't start in the kernel", details=json.dumps(reply, indent=1)[:4000])

    def run_cells(self) -> None:
        """Run the cells in order, down to the first that fails."""
        super().papermill_execute_cells()

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Tell what a cell prints, and let papermill do with it what it does."""
        tell = self.session.run.on_output
        text = _printed(msg) if tell else ""
        if tell and text:
            tell(cell["id"], text)
        return super().process_message(msg, cell, cell_index)

    def silently(self, source: str, **more: Any) -> Any:
        """The kernel's reply to source that leaves no trace in the notebook."""
        message = self.kc.execute(source, silent=True, store_history=False, stop_on_error=False, **more)
        return self.wait_for_reply(message)["content"]

    def _started(self, cell: Any, **_: Any) -> None:
        if self.session.outcome.over_time:
            raise _OverTimeError
        self.session.outcome.running = cell["id"]
        self.session.run.on_cell(cell["id"], "started")

    def _ended(self, cell: Any, execute_reply: Any, **_: Any) -> None:
        if execute_reply["content"]["status"] == "ok" or "raises-exception" in cell["metadata"]["tags"]:
            self.session.outcome.ended.append(cell["id"])
            self.session.outcome.running = None
        self.session.run.on_cell(cell["id"], "ended")
        if _ends_the_kernel(execute_reply):
            # It does so a moment later: what comes next might run or not.
            raise DeadKernelError("a cell ended the kernel")


def _ends_the_kernel(reply: Any) -> bool:
    """Whether a cell called IPython's `exit()` or `quit()`."""
    return any(part.get("source") == "ask_exit" and not part.get("keepkernel") for part in reply["content"].get("payload", ()))


def _printed(message: Any) -> str:
    """What a message of the kernel shows as text; an error is told as the run's."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            text = content["text"]
        case "execute_result" | "display_data":
            text = f"{content['data'].get('text/plain', '')}\n".lstrip("\n")
        case _:
            text = ""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…\n"


class _Watchdog:
    """Interrupts the kernel when the whole run's time is over, and kills it if that does not help."""

    def __init__(self, timeout: float | None, outcome: Outcome) -> None:
        self._timeout = timeout
        self._outcome = outcome
        self._stopped = threading.Event()
        self._kernel: Any = None

    def start(self, kernel: Any) -> None:
        self._kernel = kernel
        if self._timeout is not None:
            threading.Thread(target=self._watch, args=(self._timeout,), name="nb2svc-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self, timeout: float) -> None:
        if self._stopped.wait(timeout):
            return
        self._outcome.over_time = True
        for number, patience in _GRACE:
            self._signal(number)
            if self._stopped.wait(patience):
                return
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        group = getattr(self._kernel.provisioner, "pgid", None)
        if group:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
