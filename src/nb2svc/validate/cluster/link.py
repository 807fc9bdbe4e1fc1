"""The only place that talks to Dask: connect, look at the workers, have a function of ours called on one, by its name.

`eval` is what Dask is given, since scheduler and worker know it whatever version of Python they run: a function of ours would
have to be found by the scheduler, too, which needs neither us nor the notebook's libraries.
"""

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nb2svc.errors import EnvironmentProblem, UsageError

_SCHEME = "dask://"
_CONNECTING = 10.0
_ANSWERING = 15.0
_EXTRA = "pip install 'nb2svc[dask]'"


class GoneError(Exception):
    """The scheduler does not answer any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker as the scheduler sees it: how many runs it can make at once, and whether it takes any now."""

    address: str
    name: str
    threads: int
    ready: bool

    @property
    def shown(self) -> str:
        """How a person finds it: by its address, and its name where it has one of its own."""
        return self.address if self.name == self.address else f"{self.address} ({self.name})"


def scheduler_address(executor: str) -> str:
    """`dask://host:8786` → `tcp://host:8786`.

    Raises:
        UsageError: it is no such address.
    """
    place = executor.removeprefix(_SCHEME)
    host, _, port = place.rpartition(":")
    if not executor.startswith(_SCHEME) or not host or not port.isdecimal() or "/" in place:
        raise UsageError(
            f"{executor} is no executor", where="--executor", fix="write local, or dask://HOST:PORT of a Dask scheduler"
        )
    return f"tcp://{place}"


class Link:
    """A connection to a scheduler; whatever does not answer in time counts as gone."""

    def __init__(self, executor: str) -> None:
        """Connect.

        Raises:
            UsageError: it is no address of a scheduler.
            EnvironmentProblem: Dask is not installed here, or no scheduler answers there.
        """
        self.executor = executor
        address = scheduler_address(executor)
        try:
            from distributed import Client
        except ImportError as error:
            raise EnvironmentProblem("Dask is not installed", where=executor, why=str(error), fix=_EXTRA) from error
        # What it says of lost workers and of other versions, we say in our own words.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                connect: Any = Client
                self._client = connect(address, timeout=_CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            why = f"nothing answered in {_CONNECTING:.0f} s" if isinstance(error, OSError) else str(error)
            fix = "start one (dask scheduler), and workers for it (dask worker), or check the address"
            raise EnvironmentProblem("no Dask scheduler answers", where=executor, why=why, fix=fix) from error

    def workers(self) -> dict[str, Worker]:
        """The workers by address.

        Raises:
            GoneError: the scheduler is gone.
        """
        try:
            identity = self._client.sync(self._client.scheduler.identity, n_workers=-1, callback_timeout=_ANSWERING)
        except TypeError:
            # Before 2025 it takes no number and tells of all.
            identity = self._asked(self._client.scheduler.identity)
        except Exception as error:
            raise GoneError(str(error)) from error
        self.check()
        return {
            address: Worker(
                address=address,
                name=str(told.get("name") or address),
                threads=int(told["nthreads"]),
                ready=told.get("status", "running") == "running",
            )
            for address, told in identity["workers"].items()
        }

    def check(self) -> None:
        """Fail where the connection was lost.

        Raises:
            GoneError: it was.
        """
        if self._client.status != "running":
            raise GoneError(f"the connection is {self._client.status}")

    def ask(self, workers: Iterable[str], call: str, **named: object) -> Mapping[str, Any]:
        """What each worker answers to a call at once, beside its tasks; an exception where it can't, and nothing of who is late.

        Raises:
            GoneError: the scheduler is gone.
        """
        chosen = list(workers)
        if not chosen:
            return {}
        try:
            answers: Mapping[str, Any] = self._client.sync(
                self._client._run,  # noqa: SLF001 - `run` can't be given a time limit
                eval,
                call,
                dict(named),
                workers=chosen,
                on_error="return",
                callback_timeout=_ANSWERING,
            )
        except TimeoutError:
            # One machine that is gone keeps all waiting.
            self.check()
            return {}
        except Exception as error:
            raise GoneError(str(error)) from error
        return answers

    def send(self, worker: str, content: bytes, *, call: str, key: str, done: Callable[[Any], None]) -> Any:
        """Have a worker make something: Dask's future, whose `done` is called from another thread."""
        future = self._client.submit(
            eval, call, {"content": content}, key=key, pure=False, workers=[worker], allow_other_workers=False, retries=0
        )
        future.add_done_callback(done)
        return future

    def hear(self, topic: str, tell: Callable[[Mapping[str, Any]], None]) -> None:
        """Hear what workers say under a topic."""
        self._client.subscribe_topic(topic, lambda event: tell(event[1]))

    def close(self) -> None:
        """Let go, whatever state it is in."""
        with suppress(Exception):
            self._client.close(timeout=5)

    def _asked(self, function: Any) -> Any:
        try:
            return self._client.sync(function, callback_timeout=_ANSWERING)
        except Exception as error:
            raise GoneError(str(error)) from error
