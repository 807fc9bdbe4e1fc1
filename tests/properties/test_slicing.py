"""Laws of slicing: a slice is closed, and running it alone gives the value that the whole program gives."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from nb2svc.analysis.dataflow import link, parse_statements
from nb2svc.analysis.slicing import backward
from nb2svc.ir.dataflow import Dataflow

PRELUDE = """
import copy
a = [1, 2]
b = [3]
c = [5, 4]
d = {"k": [7], "m": [0]}
e = {"k": [8], "m": a}
m = 1
n = 2
it = iter(c)
def push(q, v=3):
    q.append(v + n)
def give(q, r):
    r.extend(q[:2])
    return q
def touch():
    a.append(m)
def count(q):
    global n
    n = n + len(q)
    return n
def fresh(q):
    return [v + m for v in q]
def remember(v, seen=[]):
    seen.append(v)
    return list(seen)
def pair(q, r):
    return q, [r]
def inside(x):
    x["k"].append(1)
def put(x, q):
    x["k"] = q
def counter(q):
    total = [0]
    def add():
        total.append(len(q))
        return len(total)
    return add
class Box:
    size = 1
    def __init__(self, held):
        self.held = held
    def put(self, v):
        self.held.append(v + m)
        return self.held
box = Box(b)
tick = counter(a)
pick = lambda q: q[:m]
gen = (v * m for v in a)
"""
# {l} {r} lists, {x} {y} dictionaries of lists, {i} {j} numbers.
TEMPLATES = """
{l} = [{i}, {j}]
{l} = {r}
{l} = {r} + [{i}]
{l} += [{i}]
{l}.append({i})
{l}.insert(0, {i})
{l}.sort()
{l}.reverse()
{l}.extend({r}[:3])
{l}[:1] = [{i}]
{l}[0:0] = {r}[:1]
del {l}[2:]
{l} = {r}[:2]
{l} = list({r})
{l} = sorted({r})
{l} = [v + {i} for v in {r}]
{l} = [w for v in {x}.values() for w in v[:2]]
{l} = {r} if {i} > 2 else {l}
{l} = {r} or [{i}]
{l}, {r} = {r}, {l}
{i}, *{l} = [{j}] + {r}
{l} = {x}["k"]
{l} = {x}.get("m", {r})
{l} = {x}.setdefault("z", {r})
{l} = copy.copy({r})
{l} = copy.deepcopy({x})["k"]
{l} = next(iter({x}.values()))
{l} = max([{l}, {r}], key=len)
{x} = {{"k": {l}, "m": {r}}}
{x} = {y}
{x} = dict({y})
{x} = {y}.copy()
{x} = {{**{y}, "m": {l}}}
{x} = {{key: value for key, value in {y}.items()}}
{x} = dict(zip(["k", "m"], [{l}, {r}]))
{x}["k"] = {l}
{x}["m"] = [{i}]
{x}["k"].append({i})
{x}.update({y})
{x}.get("k").append({i})
{i} = len({l})
{i} = sum({l}) % 7
{i} = {j} + 1
{i} += 1
{i} = len({x}["k"])
{i} = next(it, 0)
it = iter({l})
if (w := len({l})) > 2: {i} = w
if {i} > 2: {l} = {r}
if {i} % 2: {l}.append({j})
if {i} % 2: {i} = {j}; {l} = [{i}]
for z in [{l}, {r}]: z.append({i})
for z in ({l}, {r}): z[:1] = [{i}]
for z in {x}.values(): z.append({i})
for key, z in {x}.items(): z.append(len(key))
for p, q in zip([{l}], [{r}]): p.append(len(q))
for k, z in enumerate([{l}, {r}]): z.append(k)
for v in range({i} % 3): {l} = {l} + [v]
for v in list({l}): {i} = v
while len({l}) < 3: {l}.append({i})
push({l})
push({l}, {i})
{l} = give({r}, {l})
give({l}, {r})
touch()
{i} = count({l})
{l} = fresh({r})
{l} = remember({i})
{l}, {r} = pair({l}, {i})
inside({x})
put({x}, {l})
tick = counter({l})
{i} = tick()
tick()
box = Box({l})
{l} = box.put({i})
box.put({i})
box.held = {l}
{l} = box.held
{l} = pick({r})
pick = lambda q: q[: {i}]
pick = push and fresh
gen = (v + {i} for v in {l})
{l} = list(gen)
{l} = list(map(fresh, [{r}]))[0]
{l} = list(map(pick, [{r}, {l}]))[1]
[push(v) for v in [{l}, {r}]]
{i} = sum(1 for v in {l} if v > {j})
Box.size = {i}
{i} = box.size
""".strip().splitlines()
BLOCKS = [
    "try:\n    {i} = {l}[{j}]\nexcept IndexError:\n    {l}.append({j})",
    "def push(q, v=1):\n    q.append(v * {i})",
    "def touch():\n    {l}.append({i})",
    "def inside(x):\n    for z in x.values():\n        push(z)",
    "def fresh(q):\n    {l}.append(len(q))\n    return {l}",
    "if {i} > 3:\n    {l} = []\nelse:\n    {l}.append({i})\n    {r} = {l}",
    "match {l}:\n    case [first, *rest]:\n        {r} = rest\n        {i} = first\n    case _:\n        {r} = [0]",
    "for v in {l}[:3]:\n    if v > {i}:\n        {r} = [v]\n        break\nelse:\n    {r}.append({i})",
    "x = {y}\nx['k'] = {l}",
    "del {i}\n{i} = len({l})",
]
NAMES = ["a", "b", "c", "d", "e", "m", "n"]


def _line() -> st.SearchStrategy[str]:
    lists, tables, numbers = st.sampled_from("abc"), st.sampled_from("de"), st.sampled_from("mn")
    return st.builds(
        lambda text, left, right, x, y, i, j: text.format(l=left, r=right, x=x, y=y, i=i, j=j),
        st.sampled_from(TEMPLATES + BLOCKS),
        lists,
        lists,
        tables,
        tables,
        numbers,
        numbers,
    )


programs = st.lists(_line(), min_size=1, max_size=14).map(lambda lines: PRELUDE + "\n".join(lines) + "\n")


def _run(source: str) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(compile(source, "<program>", "exec"), space)
    return {name: copy.deepcopy(space[name]) for name in NAMES if name in space}


def _sliced(dataflow: Dataflow, name: str) -> str:
    last = len(dataflow.statements) - 1
    return "\n".join(dataflow.statements[number].source for number in backward(dataflow, [(last, name)]))


@given(programs)
def test_running_a_slice_gives_the_value_of_the_whole_program(program: str) -> None:
    """For every variable: the statements that its slice keeps make it what all statements make it."""
    dataflow = link(parse_statements(program))
    whole = _run(program)

    for name in NAMES:
        source = _sliced(dataflow, name)
        assert _run(source)[name] == whole[name], f"{name} of:\n{source}"


@given(programs)
def test_slices_are_closed_under_edges(program: str) -> None:
    """Whatever a statement of a slice uses is in the slice, and nothing follows its target."""
    dataflow = link(parse_statements(program))
    last = len(dataflow.statements) - 1

    for name in NAMES:
        kept = set(backward(dataflow, [(last, name)]))
        assert {edge.source for edge in dataflow.edges if edge.target in kept} <= kept


@given(programs, st.integers(0, 10))
def test_stops_are_not_entered(program: str, stop: int) -> None:
    """With a stop, a slice is part of the slice without it, and the stop is not in it."""
    dataflow = link(parse_statements(program))
    seeds = [(len(dataflow.statements) - 1, "a")]
    kept = set(backward(dataflow, seeds, stops=[stop]))

    assert stop not in kept
    assert kept <= set(backward(dataflow, seeds))


@given(programs)
def test_edges_point_forward_and_to_what_is_made(program: str) -> None:
    """An edge leads from a statement that makes or changes its name to a later one."""
    dataflow = link(parse_statements(program))

    for edge in dataflow.edges:
        source = dataflow.statements[edge.source]
        assert edge.source < edge.target
        assert edge.name in (*source.defines, *source.mutates) or "." in edge.name
