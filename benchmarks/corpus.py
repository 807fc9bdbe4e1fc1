"""Public notebooks, built again.

    python benchmarks/corpus.py DIR [--only NAME] [--json FILE]

`corpus.toml` says which notebooks: where each was published, what its bytes were, which of its cells we tagged, in which
environment it runs and what is expected of its build. None of them is in this repository. DIR holds a checkout of each,
as `owner+name`; the environments, the kernels and the tagged copies are made beside them.

A notebook is copied with the files around it, its bytes are compared with the recorded digest, and our tags are put into the
metadata of its cells; no source is touched. Then `nb2svc build` runs. One line a notebook says what came of it, and the exit
code is 1 where that is not what was expected.
"""

import argparse
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus_entries import Corpus, Entry, Environment, Problem, parse_corpus, tagged, verify
from corpus_outcomes import Outcome, differs, judge, markdown
from nb2svc.system.processes import run

HERE = Path(__file__).resolve().parent
# What a kernel needs so that its notebook's model can be packed and served.
SERVING = ("ipykernel", "skops>=0.11", "bentoml>=1.4.39,<2", "pytest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One notebook with what came of it, and how long that took."""

    entry: Entry
    outcome: Outcome
    seconds: float


def main() -> int:
    """Replay, print the table, and say by the exit code whether all was as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the checkouts are")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only these notebooks")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what came of each as JSON, too")
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus.toml", metavar="FILE", help="another list of notebooks")
    options = parser.parse_args()

    corpus = parse_corpus(options.corpus.read_text(encoding="utf-8"))
    chosen = [entry for entry in corpus.entries if not options.only or entry.name in options.only]
    folder = options.folder.resolve()
    replayed = []
    for entry in chosen:
        done = replay(entry, corpus, folder)
        print(f"{entry.name}: {done.outcome.text} ({done.seconds:.0f} s)", file=sys.stderr)
        replayed.append(done)

    print(markdown([(done.entry, done.outcome) for done in replayed]))
    if options.json:
        rows = [{**asdict(done.outcome), "name": done.entry.name, "seconds": round(done.seconds)} for done in replayed]
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return int(any(differs(done.entry, done.outcome) for done in replayed))


def replay(entry: Entry, corpus: Corpus, folder: Path) -> Replayed:
    """Copy, verify, tag and build one notebook."""
    since = time.monotonic()
    try:
        notebook = prepare(entry, folder)
        environment(corpus.environments[entry.environment], folder)
        outcome = build(entry, notebook, folder)
    except Problem as problem:
        outcome = Outcome(kind="could not run", text=str(problem))
    return Replayed(entry=entry, outcome=outcome, seconds=time.monotonic() - since)


def prepare(entry: Entry, folder: Path) -> Path:
    """A copy of the notebook's surroundings with our tags in it.

    Raises:
        Problem: it is not there, or is not what was recorded.
    """
    source = folder / entry.checkout / entry.root
    target = folder / "replay" / entry.name
    shutil.rmtree(target, ignore_errors=True)
    if not (source / entry.inner).is_file():
        raise Problem(f"no checkout of {entry.repository} at {entry.commit[:8]} in {entry.checkout}")
    # The author's own outputs of a build, and git's files, are not what the notebook reads.
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".git", ".nb2svc"))
    notebook = target / entry.inner
    content = notebook.read_bytes()
    verify(entry, content)
    notebook.write_bytes(tagged(entry, content))
    return notebook


def environment(wanted: Environment, folder: Path) -> None:
    """The interpreter with the pinned libraries, and its kernel's name.

    Raises:
        Problem: it can't be made.
    """
    home = folder / "environments" / wanted.name
    python, made = home / "bin" / "python", home / f"made-{wanted.digest}"
    if made.exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    _uv(["venv", "--python", wanted.python, str(home)], home)
    _uv(["pip", "install", "--python", str(python), *wanted.requirements, *SERVING], home)
    spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": wanted.name}
    kernel = folder / "environments" / "jupyter" / "kernels" / kernel_name(wanted.name)
    kernel.mkdir(parents=True, exist_ok=True)
    (kernel / "kernel.json").write_text(json.dumps({**spec, "language": "python"}), encoding="utf-8")
    made.touch()


def kernel_name(environment_name: str) -> str:
    """Names of ours must not be taken for the user's own kernels."""
    return f"corpus-{environment_name}"


def _uv(arguments: list[str], home: Path) -> None:
    log = home.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    done = run([str(Path(sys.executable).with_name("uv")), *arguments], cwd=home.parent, log=log, timeout=1800)
    if done.code:
        raise Problem(f"the environment {home.name} can't be made: {done.tail(3)}")


def build(entry: Entry, notebook: Path, folder: Path) -> Outcome:
    """`nb2svc build` in a process of its own, with a limit of time."""
    command = [str(Path(sys.executable).with_name("nb2svc")), "build", str(notebook), "--no-bento", "--format", "json"]
    command += ["--kernel", kernel_name(entry.environment)]
    command += ["--cwd", str(folder / "replay" / entry.name / entry.cwd)] if entry.cwd else []
    command += [word for pair in entry.parameters for word in ("-p", pair)]
    log = folder / "replay" / f"{entry.name}.json"
    log.unlink(missing_ok=True)
    # One thread: sums that several threads share out differ from run to run.
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    jupyter = {"JUPYTER_PATH": str(folder / "environments" / "jupyter"), "BENTOML_DO_NOT_TRACK": "True"}
    done = run(command, cwd=notebook.parent, log=log, timeout=entry.minutes * 60, env={**os.environ, **single, **jupyter})
    if done.timed_out:
        return Outcome(kind="could not run", text=f"not done after {entry.minutes} minutes")
    return judge(done.code, log.read_text(encoding="utf-8", errors="replace"))


if __name__ == "__main__":
    sys.exit(main())
