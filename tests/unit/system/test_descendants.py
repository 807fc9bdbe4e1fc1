"""What is below a process, and what of it nobody expects there. In a process of its own: this one may have children."""

import json
import subprocess
import sys

import pytest

from nb2svc.system import descendants as module

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

# A child that has one itself, and one whose parent ends at once: it comes to the process that asks.
BELOW = """
import json, os, subprocess, sys, time
from nb2svc.system import descendants as module

module.prctl(module.PR_SET_CHILD_SUBREAPER, 1)
if sys.argv[1] == "untold":
    module._children = lambda: None
pair = subprocess.Popen(["sh", "-c", "sleep 300 & echo $!; wait"], stdout=subprocess.PIPE, text=True)
below = int(pair.stdout.readline())
told = {"pair": sorted(module.descendants(os.getpid())) == sorted([pair.pid, below]), "kept": sorted(module.strays([pair.pid]))}
told["pair"] = told["pair"] and module.strays([]) == {pair.pid, below}
left = subprocess.run(["sh", "-c", "sleep 300 >/dev/null & echo $!"], stdout=subprocess.PIPE, text=True)
stray = int(left.stdout)
told["stray"] = module.strays([pair.pid]) == {stray}
told["all"] = module.strays([]) == {pair.pid, below, stray}
for each in (stray, below):
    os.kill(each, 9)
while not module.has_ended(stray):
    time.sleep(0.01)
looks, names = [], module._names
module._names = lambda folder: looks.append(folder) or names(folder)
told["ended"] = module.strays([pair.pid]) == {stray}
module._names = names
told["looks"] = looks.count("/proc")
os.waitpid(stray, 0)
pair.wait()
told["reaped"] = sorted(module.strays([]))
print(json.dumps(told))
"""


@pytest.mark.parametrize("children", ["told", "untold"])
def test_strays_are_what_is_below_and_not_kept(children: str):
    done = subprocess.run([sys.executable, "-c", BELOW, children], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == {
        "pair": True,
        "kept": [],
        "stray": True,
        "all": True,
        "ended": True,
        "looks": 1,
        "reaped": [],
    }


def test_the_system_tells_a_process_its_children():
    with subprocess.Popen(["sleep", "300"]) as child:
        told = module._children()
        child.kill()
    assert told is not None
    assert child.pid in told
    assert module.has_ended(child.pid)
