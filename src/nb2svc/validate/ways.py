"""Which way a run is made: after cells that were run once for many, in a forked kernel, or plainly, each the fall-back of one.

A run after shared cells needs a kernel only where its other cells do something that a plain process could not.
Runs that share cells are believed only where the first of them said what one says that makes them all: in a forked kernel, which
is held to a plain one by tests of every kind of notebook and not in each validation, or in a kernel of its own where a person
wants that. A run that does not come to its end by one way is made once more by the next slower one, and counts once.
"""

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from nb2svc.ir.codec import to_json
from nb2svc.ir.validation import RunResult
from nb2svc.system.digests import digest_of
from nb2svc.system.files import disk_errors
from nb2svc.validate.forking.host import Host
from nb2svc.validate.forking.warm import Share
from nb2svc.validate.forking.way import Way
from nb2svc.validate.once import Reading, Say, Tell, read_task, run_by, withdraw
from nb2svc.validate.pace import Pace
from nb2svc.validate.sharing import adoption, difference, shared_by
from nb2svc.validate.task import RunTask

_UNCOMPARED = ("died", "timeout")


def run_once(task: RunTask, tell: Tell, host: Host, *, say: Say = lambda _: None) -> RunResult:
    """Run the notebook with the task's parameters; the executed copy, the log and the facts go to the task's folder.

    `tell` hears of each cell by its number, `say` what is done with the built service afterwards; kernels are forked by `host`.

    Raises:
        EnvironmentProblem: the disk is full or not writable.
    """
    read = read_task(task, tell, say)
    share = _share(read, host)
    if share is None:
        return _forked(read, host, note=task.unshared)
    if share.unequal:
        return run_by(Way(host=host, note=share.unequal), read)[0]
    if share.refused:
        return _forked(read, host, note=_unshared(share))
    if not share.compared:
        return _compared(read, share, host)
    return _after_cells(read, share, host) or _forked(read, host, note=_unshared(share))


def _after_cells(read: Reading, share: Share, host: Host) -> RunResult | None:
    """A run that goes on after the shared cells; None where it could not."""
    note = ""
    while not share.refused:
        way = _shared(read, share, host, note=note)
        result, trouble = run_by(way, read)
        if not trouble:
            return result
        _learn(share, way, trouble)
        note = f"without a kernel {trouble}; it was made again"
    return None


def _learn(share: Share, way: Way, trouble: str) -> None:
    """A run after the cells did not come to its end: with a kernel it might, or nothing is shared any more."""
    unlike = way.adoption.unlike if way.adoption is not None else ""
    if unlike:
        share.refuse(f"what they leave in {unlike} is not the same in a forked process")
    elif way.unfit:
        share.needs_kernel = way.unfit
    else:
        share.refuse(f"after them {trouble}")


def _share(read: Reading, host: Host) -> Share | None:
    """What this worker's runs of the notebook share."""
    key = digest_of({"content": hashlib.sha256(read.task.content).hexdigest(), "prefix": to_json(read.task.prefix)})
    if key not in host.shares:
        host.shares[key] = shared_by(read.task, read.source)
    found: Share | None = host.shares[key]
    return found


def _unshared(share: Share) -> str:
    return f"{share.words} are not shared: {share.refused}"


def _forked(read: Reading, host: Host, *, note: str = "") -> RunResult:
    task = read.task
    imports = None if task.plain else read.source.imports
    result, trouble = run_by(Way(host=host, imports=imports, note=task.plain or note), read)
    if trouble:
        result, _ = run_by(Way(host=host, note=f"{trouble}; it was made again"), read)
    return result


def _shared(read: Reading, share: Share, host: Host, *, compares: bool = False, note: str = "") -> Way:
    told = adoption(read.task, share, compares=compares)
    return Way(host=host, imports=read.source.imports, share=share, adoption=told, bare=not share.needs_kernel, note=note)


def _compared(read: Reading, share: Share, host: Host) -> RunResult:
    """A run that makes all cells, with a note of what came of one with the same parameters that shares them."""
    pace = Pace(read.tell)
    timed = replace(read, tell=pace.tell)
    if read.task.compares_plain:
        result = run_by(Way(host=host), timed)[0]
        share.needs_kernel = share.needs_kernel or "it is compared with that of a plain one"
    else:
        result = _forked(timed, host)
    if result.status in _UNCOMPARED:
        return replace(result, path_note="nothing can be compared with a run that did not come to its end")
    if loss := pace.loss(read.task):
        share.refuse(loss)
        return replace(result, path_note="; ".join(filter(None, [result.path_note, _unshared(share)])))
    with disk_errors("run the notebook", where=Path(read.task.folder)):
        note = _compare(result, read, share, host)
        made_again = bool(share.unequal) and result.path != "plain"
        if made_again:
            withdraw(Path(read.task.folder))
    if made_again:
        # A notebook that sees how its kernel came to be is believed by no fast way.
        return run_by(Way(host=host, note=note), read)[0]
    return replace(result, path_note="; ".join(filter(None, [result.path_note, note])))


def _compare(whole: RunResult, read: Reading, share: Share, host: Host) -> str:
    with ExitStack() as stack:
        folders = {"whole": Path(read.task.folder)}

        def beside(name: str, way: Way) -> tuple[RunResult, str]:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix=".compared-", dir=read.task.folder))
            folders[name] = Path(made)
            return run_by(way, replace(read, task=replace(read.task, folder=made), tell=lambda _cell, _state: None))

        while not share.compared:
            way = _shared(read, share, host, compares=True)
            other, trouble = beside("shared", way)
            if trouble:
                _learn(share, way, trouble)
            if share.refused or (way.told is None and not way.bare):
                return _unshared(share)
            if trouble:
                continue
            unequal = difference(whole, other, None, folders)
            if unequal:
                # What two such runs say differently, too, is the notebook's own doing.
                imports = None if whole.path == "plain" else read.source.imports
                again, trouble = beside("again", Way(host=host, imports=imports))
                # One that ended elsewhere says otherwise of all that it did not come to.
                if not trouble and again.status == whole.status:
                    unequal = difference(whole, other, again, folders)
            if unequal and way.bare:
                share.needs_kernel = f"without one it said otherwise ({unequal})"
            else:
                share.compared = True
    if not unequal:
        return _equal(share)
    share.unequal = f"a run that shared {share.words} said otherwise than one that made them ({unequal})"
    share.refuse(share.unequal)
    return share.unequal


def _equal(share: Share) -> str:
    seconds = share.told.seconds if share.told is not None else 0.0
    were = "were" if share.words.startswith("cells") else "was"
    once = f"{share.words} {were} run once for the others, in {seconds:.1f} s, and compared with it"
    kernel = f"each run needs a kernel ({share.needs_kernel})" if share.needs_kernel else "no run needs a kernel"
    return "; ".join(filter(None, [once, share.ended, f"after them {kernel}"]))
