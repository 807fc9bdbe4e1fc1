"""Laws of percent scripts: what jupytext writes is read back as it was, and a cell's line is that line of the file."""

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from nb2svc.read.lines import split_lines
from nb2svc.read.percent import read_script
from nb2svc.read.script_header import read_header

HEADER = "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: percent\n# ---\n\n"
PYTHON = [
    "x = 1",
    "",
    "    y = 2",
    "# a comment",
    "s = '''\n# %% no marker\n%no magic\n'''",
    'd = """one"""',
    "t = '#' # '''",
    "@dec",
]
MAGICS = [
    "%matplotlib inline",
    "%time y = f(x)",
    "    !pip install a",
    "files = !ls",
    "%%time",
    "x?",
    "?x",
    "cd data",
    "# %foo",
    "%unknown",
]
WORDS = st.text(alphabet="abc é#'", min_size=1, max_size=12).map(str.strip).filter(bool)
MARKERS = ["# %%", "#%% a", "# %% [markdown]", '# %% tags=["a"]', '# %% language="bash"', "# ---", "# In[1]:", "# %% {"]
ODD = ["# %time x = 1", "# !ls", "# !rm a", "'''", '"""', "#", "# # a", "\\", '# %% tags=["a"', "\f", "# %%time"]
LINES = st.sampled_from([*PYTHON, *MAGICS, *MARKERS, *ODD])
SCRIPTS = st.lists(LINES, max_size=14).map("\n".join) | st.text(alphabet=" \n\r#%'\"\\!=ab[]{}-+\f\u2028", max_size=60)


@st.composite
def cells(draw):
    """A cell as its lines, each with whether only IPython can run it, its kind and what its marker says."""
    kind = draw(st.sampled_from(["code", "code", "markdown"]))
    piece = st.tuples(st.sampled_from(PYTHON), st.just(False)) | st.tuples(st.sampled_from(MAGICS), st.just(True))
    lines = draw(st.lists(piece if kind == "code" else st.tuples(WORDS, st.just(False)), max_size=6))
    while lines and not lines[-1][0].strip():
        lines.pop()
    title = draw(st.sampled_from(["", "Load", "What f(x)=3 means"])) if kind == "code" else ""
    metadata = draw(st.dictionaries(st.sampled_from(["tags", "nb2svc", "other"]), st.lists(WORDS, max_size=2), max_size=2))
    return kind, lines, title, metadata


def write(kind, lines, title, metadata) -> str:
    """A cell as jupytext writes it."""
    facts = [
        title,
        "[markdown]" if kind == "markdown" else "",
        *(f"{key}={json.dumps(value)}" for key, value in metadata.items()),
    ]
    text = [" ".join(["# %%", *filter(None, facts)])]
    for line, magic in lines:
        text.append(re.sub(r"^(\s*)", r"\1# ", line, count=1) if magic or kind == "markdown" else line)
    return "\n".join(text)


@given(st.lists(cells(), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_what_jupytext_writes_is_read_back(given_cells, end):
    script = HEADER + "\n\n".join(write(*cell) for cell in given_cells) + "\n"
    read = read_script(script.replace("\n", end).encode(), "a.py").cells
    assert [(cell.kind, cell.source, cell.title, cell.settings) for cell in read] == [
        (kind, "\n".join(line for line, _ in lines), title, metadata.get("nb2svc"))
        for kind, lines, title, metadata in given_cells
    ]
    assert [cell.tags for cell in read] == [tuple(metadata.get("tags", ())) for *_, metadata in given_cells]


@given(SCRIPTS)
@example("# %%\n# ---\n# ---\nx = 1")
def test_a_line_of_a_cell_is_that_line_of_the_file(script):
    file_lines, _ = split_lines(script)
    last = 0
    for cell in read_script(script.encode(), "a.py").cells:
        assert cell.first_line > last
        if cell.kind != "code":
            continue
        for number, line in enumerate(cell.source.split("\n") if cell.source else [], start=cell.first_line):
            last = number
            written = file_lines[number - 1]
            assert line in (written, re.sub(r"^(\s*)# ?", r"\1", written)) or written.startswith("# %% language=")


@given(SCRIPTS)
def test_nothing_but_markers_the_header_and_blank_lines_is_left_out(script):
    file_lines, _ = split_lines(script)
    read = read_script(script.encode(), "a.py").cells
    held = {number for cell in read for number in range(cell.first_line, cell.first_line + len(cell.source.split("\n")))}
    below = read_header(file_lines).length
    for number, line in enumerate(file_lines[below:], start=below + 1):
        assert number in held or not line.strip() or re.match(r"#\s*(%%|In)", line)
