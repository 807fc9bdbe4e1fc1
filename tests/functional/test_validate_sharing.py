"""Cells that runs share: what a process must not have done to be forked after them, and what becomes of runs where it goes wrong."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from executed import read
from nb2svc.validate import pace
from nb2svc.validate.forking.host import ForkTroubleError, Host, Wanted
from nb2svc.validate.forking.warm import Share, SharedCell, Told
from shared_runs import runs

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Wanted]]:
    """One fork server that all cases share, and the kernel that would be asked of it."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "data.txt").write_text("1\n2\n")
    host = Host()
    command = (sys.executable, "-m", "ipykernel_launcher", "-f", "none")
    yield host, Wanted(command=command, environment=dict(os.environ), cwd=str(folder), imports=())
    host.end()


def warmed(server: tuple[Host, Wanted], *sources: str, seeded: tuple[str, ...] = ()) -> tuple[Told, str]:
    """Run cells in a process below the server, as a validation would; they end with it. And why not all of them are shared."""
    host, wanted = server
    cells = tuple(SharedCell(id=str(place), title=f"cell {place}", source=text) for place, text in enumerate(sources, start=1))
    share = Share(words="cells", cells=cells, seeded=seeded, modules=(), patience=60.0, origin="")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return share.warm(host, wanted, scratch), share.ended
        finally:
            share.refuse("the case is over")


def test_what_cells_show_is_told_as_a_kernel_would_tell_it(server: tuple[Host, Wanted]):
    told, _ = warmed(server, "x = 2\nprint('a')\nprint('b')\nx", "import sys\nprint('c', file=sys.stderr)\ndisplay(x + 1)", "x;")
    assert told.counts == {"1": 1, "2": 2, "3": 3}
    first = [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "2"}, "metadata": {}},
    ]
    second = [
        {"output_type": "stream", "name": "stderr", "text": "c\n"},
        {"output_type": "display_data", "data": {"text/plain": "3"}, "metadata": {}},
    ]
    assert told.outputs == {"1": first, "2": second, "3": []}
    assert "x" in told.contents


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "they leave a thread"),
        ("import _thread, time\n_thread.start_new_thread(time.sleep, (60,))\ntime.sleep(0.1)", "a thread that does not bear a fork"),
        ("import subprocess\nprocess = subprocess.Popen(['sleep', '60'])", "they leave a process behind"),
        (
            "import subprocess\nsubprocess.run(['sh', '-c', 'setsid sleep 60 &'], close_fds=True)",
            "they leave a process behind",
        ),
        ("file = open('data.txt')\nfile.readline()", "they keep a file or a connection open"),
        ("import socket\npair = socket.socketpair()", "they keep a file or a connection open"),
        ("open('made.txt', 'w').write('x')", "they write"),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)", "they handle a signal"),
        ("import os\nos.chdir('/')", "they change the folder"),
        ("import sys\nsys.path.append('/x')", "they change the folder or the path of imports"),
        ("import os\nos.write(1, b'x')", "they print past Python"),
        ("import ipywidgets\nslider = ipywidgets.IntSlider(3)", "they make a widget"),
        ("import sys, io\nsys.stdout = io.StringIO()", "they put something in place of a stream"),
        ("from IPython.display import clear_output\nclear_output()", "they clear an output"),
        ("display(1, display_id='a')\nfrom IPython.display import update_display\nupdate_display(2, display_id='a')", "change an output"),
        ("import os\nos._exit(3)", "the process that ran them is gone"),
    ],
)  # fmt: skip
def test_what_keeps_cells_from_being_shared(server: tuple[Host, Wanted], source: str, why: str):
    with pytest.raises(ForkTroubleError) as caught:
        warmed(server, "x = 1", source)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / 0", "cell 2 fails, and each run tells that itself"),
        ("import numpy\nnumpy.random.rand()", "cell 2 draws at random without a seed (numpy.random)"),
        ("import random\nrandom.random()", "cell 2 draws at random without a seed (random)"),
        # As libraries do it for their caller.
        ("getattr(numpy.random, 'default_' + 'rng')()", "cell 2 draws at random without a seed (numpy.random.default_rng)"),
    ],
)
def test_cells_are_shared_down_to_the_first_that_fails_or_draws(server: tuple[Host, Wanted], source: str, why: str):
    first = "import numpy\nfrom numpy.random import default_rng\nx = default_rng(1).random()"
    told, ended = warmed(server, first, source, "y = 1")
    assert ([*told.counts], ended) == (["1"], why)


def test_where_the_first_cell_can_not_be_shared_none_is(server: tuple[Host, Wanted]):
    with pytest.raises(ForkTroubleError, match="cell 1 fails, and each run tells that itself"):
        warmed(server, "1 / 0", "x = 1")


def test_a_generator_that_cells_seed_may_move(server: tuple[Host, Wanted]):
    source = "import random, numpy\nrandom.seed(1)\nnumpy.random.seed(1)\n[random.random(), float(numpy.random.rand())]"
    assert warmed(server, source, seeded=("numpy.random", "random"))[0].counts == {"1": 1}


def test_what_all_runs_set_alike_is_set_among_the_shared_cells(tmp_path: Path):
    (tmp_path / "none.csv").write_text("")
    shared = "rows = list(range(size))\nwith open('none.csv') as file:\n    file.read()\nprint(rows)"
    first, second = runs(tmp_path, shared, "rows.append(seed)\nprint(rows, In[2])", seeds=2)
    # What the shared cells read is an input of each run: a change of it makes them all anew.
    assert [[each.path for each in run.inputs] for run in (first, second)] == [["none.csv"]] * 2
    assert (first.path, first.status) == ("fork", "ok")
    assert first.path_note.startswith("cells 1 to 2 were run once for the others, in ")
    assert (second.path, second.path_note) == ("reuse", "")
    document = read(tmp_path / second.key[:8] / "executed.ipynb")
    shown = [(cell["execution_count"], "".join(out["text"] for out in cell["outputs"])) for cell in document["cells"]]
    assert shown == [(1, ""), (2, ""), (3, "[0, 1, 2]\n"), (4, "[0, 1, 2, 2] # Parameters\nsize = 3\nseed = 2\n")]
    assert ["nb2svc" in cell["metadata"] for cell in document["cells"]] == [True, True, True, False]
    assert document["cells"][2]["metadata"]["nb2svc"]["reused_from"] == f"runs/{first.key[:16]}"


def test_what_holds_on_to_a_stream_or_is_pickled_otherwise_each_time_is_shared(tmp_path: Path):
    holds = "import sys\n\nclass Log:\n    def __init__(self, stream):\n        self.say = stream.write\n\nlog = Log(sys.stderr)"
    draws = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.gca()"
    first, second = runs(
        tmp_path, holds, "print('a', size)\nlog.say('b\\n');", draws, "print('c')\nlog.say(f'{seed}\\n');", seeds=2
    )
    assert first.path_note.startswith("cells 1 to 4 were run once for the others, in ")
    assert second.path == "reuse"
    cells = read(tmp_path / second.key[:8] / "executed.ipynb")["cells"]
    told = [[(out["name"], out["text"]) for out in cells[at]["outputs"]] for at in (3, 5)]
    assert told == [[("stdout", "a 3\n"), ("stderr", "b\n")], [("stdout", "c\n"), ("stderr", "2\n")]]


def test_what_tells_the_runs_apart_is_found_by_no_shared_cell(tmp_path: Path):
    # With the first seed each reads the same as with the parameters cell's own.
    hidden = ("import pandas as pd\nrows = pd.DataFrame({'a': [0, 3]})", "wanted = 'a > @seed'\nfound = len(rows.query(wanted))")
    *_, last = runs(tmp_path, *hidden, "print(found, list(globals())[-5:])", seeds=3)
    assert (last.path, last.path_note) == ("reuse", "")
    cells = read(tmp_path / last.key[:8] / "executed.ipynb")["cells"]
    assert ["nb2svc" in cell["metadata"] for cell in cells] == [True, True, True, False, False]
    assert cells[4]["outputs"][0]["text"].startswith("0 [")


def test_cells_that_take_too_little_of_a_run_are_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pace, "_LITTLE", 0.0)
    runs_twice = "from pathlib import Path\nn = len(list(Path('.').glob('begun*')))\nPath(f'begun{n}-{seed}').touch()"
    first, second = runs(tmp_path, "rows = [1]", runs_twice, "import time\ntime.sleep(0.5)", seeds=2, by=2)
    assert [(run.path, run.status, run.path_note) for run in (first, second)] == [("fork", "ok", first.path_note)] * 2
    assert re.fullmatch(
        r"cells 1 to 2 are not shared: they take \d\.\d s of \d+\.\d s, so 2 runs would lose more by comparing than they save",
        first.path_note,
    )
    # Nothing was made twice.
    assert sorted(path.name for path in tmp_path.glob("begun*")) == ["begun0-1", "begun1-2"]


@pytest.mark.parametrize("plain", [False, True])
def test_where_sharing_tells_all_runs_are_plain(tmp_path: Path, plain: bool):
    # The first notebook sees which process it was forked from, the second whether one has looked up what is installed.
    sees = ("rows = [1]", "import os\nprint(seed, os.getppid())")
    sees_more = ("rows = [1]", "print(seed, [name for name in __builtins__.__dict__ if name.startswith('__nb2svc_k')])")
    first, second = runs(tmp_path, *(sees_more if plain else sees), seeds=2, plain=plain)
    why = "a run that shared cells 1 to 2 said otherwise than one that made them (the outputs of code cell 4)"
    assert [(run.path, run.path_note) for run in (first, second)] == [("plain", why)] * 2
    assert list(tmp_path.glob("*/.*")) == []


@pytest.mark.parametrize("plain", [False, True])
def test_what_two_runs_with_all_cells_do_not_say_alike_is_no_difference(tmp_path: Path, plain: bool):
    first, second = runs(tmp_path, "rows = [1]", "import numpy as np\nprint(seed, np.random.rand())", seeds=2, plain=plain)
    assert (first.path, second.path) == ("plain" if plain else "fork", "reuse")


def test_a_run_that_dies_after_them_is_made_again_by_each_slower_way(tmp_path: Path):
    first, second, third = runs(tmp_path, "rows = [1]", "import os\nif seed == 2:\n    os._exit(3)", seeds=3)
    assert (first.path, first.status) == ("fork", "ok")
    assert (second.path, second.status, second.attempts) == ("plain", "died", 1)
    assert (third.path, third.status) == ("fork", "ok")
    assert third.path_note == "cells 1 to 2 are not shared: after them the forked kernel died"


# Who is killed, as its kernel sees it: itself, the process in which the shared cells have run, the fork server above that.
KILLED = {
    "the kernel": "os.getpid()",
    "the process that ran the cells": "os.getppid()",
    "the fork server": "int(Path(f'/proc/{os.getppid()}/stat').read_text().rpartition(')')[2].split()[1])",
}


@pytest.mark.parametrize("who", KILLED)
def test_what_is_killed_while_runs_are_compared_is_equal_to_nothing(tmp_path: Path, who: str):
    # The second kernel of the first run is the one that is compared.
    kills = f"if seed == 1 and Path('begun').exists():\n    os.kill({KILLED[who]}, 9)\n    time.sleep(60)\nPath('begun').touch()"
    first, second = runs(tmp_path, "rows = [1]", f"import os, time\nfrom pathlib import Path\n{kills}\nprint(seed)", seeds=2)
    assert [(run.path, run.status) for run in (first, second)] == [("fork", "ok")] * 2
    why = "cells 1 to 2 are not shared: after them the forked kernel died"
    assert [run.path_note for run in (first, second)] == [why] * 2
    assert [out["text"] for out in read(tmp_path / first.key[:8] / "executed.ipynb")["cells"][-1]["outputs"]] == ["1\n"]
    assert list(tmp_path.glob("*/.*")) == []


@pytest.mark.parametrize("ends", ["os.kill(os.getpid(), 9)", "raise ValueError", "time.sleep(600)"])
def test_a_run_that_ends_elsewhere_excuses_no_difference(tmp_path: Path, ends: str):
    # What the second and the third run show differs, and the third, which is to tell whether it always does, breaks off.
    begins = "n = len(list(Path('.').glob('begun*')))\nPath(f'begun{n}').touch()"
    source = f"import os, time\nfrom pathlib import Path\n{begins}\nif seed == 1 and n == 2:\n    {ends}\nprint(os.getppid())"
    first, second = runs(tmp_path, "rows = [1]", source, seeds=2, timeout=8.0)
    why = "a run that shared cells 1 to 2 said otherwise than one that made them (the outputs of code cell 4)"
    assert [(run.path, run.status, run.path_note) for run in (first, second)] == [("plain", "ok", why)] * 2
