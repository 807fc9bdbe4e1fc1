import ast
from pathlib import Path

import pytest

from nb2svc.capture.copy import RECORDER, copy_notebook, document
from unit.capture.made import made, point

CASES = sorted((Path(__file__).resolve().parents[2] / "cases" / "capture").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_cases(case: Path) -> None:
    points_text, source, expected, lines = case.read_text(encoding="utf-8").rstrip("\n").split("\n# ---\n")
    points = []
    for line in points_text.split("\n"):
        when, statement, expression = line.split(" ")
        points.append(point(when, int(statement), expression))
    notebook, dataflow = made(source)
    copy = copy_notebook(notebook, dataflow, points)
    assert copy.cells[0].source == expected
    assert copy.cells[0].lines == tuple(map(int, lines.split()))


def test_there_are_cases() -> None:
    assert len(CASES) > 10


SOURCES = [
    "x = 1; y = 2  # c\nif x:\n    y = 3\nelse: y = 4\n\n@d\ndef f(a): return a\nclass A: pass\nf(x);",
    "for i in a:\n  b\nwhile c: break\ntry:\n    d\nfinally: e\nmatch g:\n    case 1: h\nwith i: j\nasync def k(): await l",
    'a = """\n; b = 1\n"""\nb = (\n  1\n); c = [\n 2]; del c\nassert b, \\\n  "x"\nraise E',
    "# only\nlambda x: x\n\n\n",
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_without_its_calls_the_copy_is_the_original(source: str, when: str) -> None:
    """Calls stand between the top level's statements, each where its statement is; nothing else changes."""
    notebook, dataflow = made(source)
    points = [point(when, statement.number, f"v{statement.number}") for statement in dataflow.statements]
    copy = copy_notebook(notebook, dataflow, points).cells[0]
    body = ast.parse(copy.source).body
    calls = [place for place, node in enumerate(body) if ast.unparse(node).startswith(RECORDER)]
    assert len(calls) == len(points)
    rest = [node for place, node in enumerate(body) if place not in calls]
    assert [ast.dump(node) for node in rest] == [ast.dump(node) for node in ast.parse(source).body]
    # Led back through `lines`, every statement stands where its author put it.
    assert [copy.lines[node.lineno - 1] for node in rest] == [node.lineno for node in ast.parse(source).body]


def test_lines_end_in_many_ways() -> None:
    notebook, dataflow = made("x = 1\r\ny = 2\rz = 3\n")
    copy = copy_notebook(notebook, dataflow, [point("after", 1, "y")]).cells[0]
    assert copy.source == "x = 1\ny = 2; __nb2svc__.keep(0)\nz = 3\n"


def test_points_go_to_their_own_cells() -> None:
    notebook, dataflow = made("x = 1", "", "y = 2")
    copy = copy_notebook(notebook, dataflow, [point("after", 1, "y"), point("after", 0, "x")])
    assert [cell.source for cell in copy.cells] == ["x = 1; __nb2svc__.keep(1)", "", "y = 2; __nb2svc__.keep(0)"]


def test_a_command_of_ours_is_left_out_of_the_run() -> None:
    """A notebook that builds itself would never end; and its kernel may not have the magic."""
    notebook, dataflow = made("%load_ext nb2svc\nx = 1\nif x:\n    %nb2svc build \\\n      --no-bento\ny = 2\n%nb2svc ready")
    copy = copy_notebook(notebook, dataflow, [point("after", 2, "y")]).cells[0]
    assert "\n".join(line for line in copy.source.splitlines() if "%" in line) == (
        "# %load_ext nb2svc\n    pass  # %nb2svc build \\\n# %nb2svc ready"
    )
    assert [ast.unparse(node) for node in ast.parse(copy.source).body] == [
        "x = 1",
        "if x:\n    pass",
        "y = 2",
        "__nb2svc__.keep(0)",
    ]


def test_the_document_is_valid_and_carries_what_the_run_needs() -> None:
    import nbformat

    notebook, dataflow = made(
        "a = 1", "1 / 0", "skip()", tags={1: ["parameters", "mine"], 2: ["raises-exception"], 3: ["skip-execution"]}
    )
    written = document(copy_notebook(notebook, dataflow, []), notebook, kernel="science")
    nbformat.validate(nbformat.from_dict(written))
    assert [cell["metadata"]["tags"] for cell in written["cells"]] == [["parameters"], ["raises-exception"], ["skip-execution"]]
    assert written["metadata"]["kernelspec"]["name"] == "science"
    assert written["metadata"]["language_info"] == {"name": "python"}
