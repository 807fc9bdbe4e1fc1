"""Which workers may make runs: each is asked when it comes, and refused by name where its results would be others."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nb2svc.errors import EnvironmentProblem
from nb2svc.validate.cluster.link import Link, Worker
from nb2svc.validate.cluster.roll import Asked, describe, objections, question

_DESCRIBE = "__import__('nb2svc.validate.cluster.roll', fromlist=['roll']).described(asked)"
# How long there may be no worker that takes runs: one that died is started again by its nanny.
_NONE_LEFT = 60.0
_NONE_YET = 15.0


@dataclass(slots=True, kw_only=True)
class Roster:
    """The workers of a cluster. `note` hears of each that is refused."""

    link: Link
    asked: Asked
    note: Callable[[str], None]
    workers: dict[str, Worker] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _seen: float = 0.0
    _here: Mapping[str, Any] = field(default_factory=dict)

    def gather(self) -> None:
        """Find the workers to begin with, which may still be on their way.

        Raises:
            EnvironmentProblem: there is none, or each was refused.
            GoneError: the scheduler is gone.
        """
        deadline = time.monotonic() + _NONE_YET
        self._here = describe(replace(self.asked, secrets=()))
        while not self.workers:
            self._take_in(self.link.workers())
            if self._refused and not self.workers:
                raise self._all_refused()
            if time.monotonic() > deadline:
                why, fix = f"none came in {_NONE_YET:.0f} s", "start some: dask worker HOST:PORT"
                raise EnvironmentProblem("the Dask cluster has no workers", why=why, fix=fix)
            if not self.workers:
                time.sleep(0.3)
        self._seen = time.monotonic()

    def look(self) -> None:
        """See who came and who is gone.

        Raises:
            EnvironmentProblem: nobody is left for too long.
            GoneError: the scheduler is gone.
        """
        self._take_in(self.link.workers())
        now = time.monotonic()
        if self.workers:
            self._seen = now
        elif now - self._seen > _NONE_LEFT:
            if self._refused:
                raise self._all_refused()
            why = f"for {_NONE_LEFT:.0f} s there was none; a worker without a nanny is not started again when it dies"
            fix = "start workers, and give the same command again: finished runs are kept"
            raise EnvironmentProblem("the Dask cluster has no workers left", why=why, fix=fix)

    def _take_in(self, found: Mapping[str, Worker]) -> None:
        new = [address for address in found if address not in self.workers and address not in self._refused]
        accepted = [address for address in self.workers if address in found]
        for address, answer in self.link.ask(new, _DESCRIBE, asked=question(self.asked)).items():
            # Who is just dying or does not answer is asked again, if it is still there.
            if isinstance(answer, OSError):
                continue
            against = self._against(answer)
            if against:
                self._refused[address] = f"{found[address].shown}: {against}"
                self.note(f"the worker {found[address].shown} is refused: {against}")
            else:
                accepted.append(address)
        self._refused = {address: why for address, why in self._refused.items() if address in found}
        self.workers = {address: found[address] for address in accepted}

    def _against(self, answer: object) -> str:
        if isinstance(answer, str):
            return "; ".join(objections(json.loads(answer), self._here, kernel=self.asked.kernel))
        if isinstance(answer, ImportError):
            return f"nb2svc can't be imported there ({answer})"
        return f"it can't say what it is made of ({type(answer).__name__}: {answer})"

    def _all_refused(self) -> EnvironmentProblem:
        return EnvironmentProblem(
            "no worker of the Dask cluster can make these runs",
            why="\n".join(self._refused.values()),
            fix="install the same versions there as here, or give the command in the workers' environment",
        )
