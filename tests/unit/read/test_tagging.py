"""Tags written into a file's bytes: found again when it is read, and nothing else touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2svc.errors import NotebookError, UsageError
from nb2svc.ir.notebook import Directive, Notebook
from nb2svc.ir.span import Span
from nb2svc.read.notebook import parse_notebook
from nb2svc.read.tagging import with_tags

FEATURE = Directive(role="feature", name="loan", spelling="comment", span=Span(1, 1, 0, 1, 0))
MODEL = Directive(role="model", options=(("output", "risk"),), spelling="comment", span=Span(1, 1, 0, 1, 0))


def ipynb(*sources: object, indent: int | None = 1, metadata: dict[str, object] | None = None, ascii_only: bool = True) -> bytes:
    cells = [
        {"cell_type": "code", "execution_count": 3, "id": f"c{n}", "metadata": metadata or {}, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(document, indent=indent, ensure_ascii=ascii_only) + "\n").encode()


def read(content: bytes, name: str = "x.ipynb") -> Notebook:
    return parse_notebook(content, path=name)[0]


def tagged(content: bytes, *tags: tuple[int, Directive], spelling: str = "comment", name: str = "x.ipynb") -> bytes:
    return with_tags(content, read(content, name), tags, spelling=spelling)  # type: ignore[arg-type]


def added(before: bytes, after: bytes) -> list[str]:
    """The lines that came; all others must be there, in order."""
    old, new = before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True)
    came = []
    for line in new:
        if old and line == old[0]:
            old.pop(0)
        else:
            came.append(line)
    assert old == []
    return came


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("sources", [["x = 1\n", "y = 2"], ["x = 1"], "x = 1\ny = 2"], ids=["list", "one line", "text"])
def test_a_comment_becomes_the_first_line_of_the_cell(indent: int | None, sources: object) -> None:
    content = ipynb("import pandas as pd", sources, indent=indent)
    done = tagged(content, (2, FEATURE))
    document = json.loads(done)
    text = document["cells"][1]["source"]
    assert "".join(text).splitlines()[0] == "# nb2svc: feature loan"
    assert type(text) is type(sources)
    document["cells"][1]["source"] = sources
    assert document == json.loads(content)


def test_a_file_as_jupyter_writes_it_gains_one_line_a_tag() -> None:
    content = ipynb(["import pandas as pd\n", "x = 1"], ["model.fit(x)\n", "risk = 1"])
    done = tagged(content, (1, FEATURE), (2, MODEL))
    assert added(content, done) == ['    "# nb2svc: feature loan\\n",\n', '    "# nb2svc: model output=risk\\n",\n']


def test_escapes_surrogates_and_a_byte_order_mark_stay_as_they_are() -> None:
    content = b"\xef\xbb\xbf" + ipynb('a = "\u20ac \U0001f600 \\" \\\\"', "b = 1").replace(b'"b = 1"', b'"b = \\u0031"')
    done = tagged(content, (1, FEATURE), (2, MODEL))
    assert done.startswith(b"\xef\xbb\xbf")
    assert b"\\u20ac \\ud83d\\ude00" in done
    assert b'risk\\nb = \\u0031"' in done
    assert len(done) == len(content) + len(r"# nb2svc: feature loan\n") + len(r"# nb2svc: model output=risk\n")


@pytest.mark.parametrize(
    "sources", [["%%time\n", "x = 1"], "%%time\nx = 1", ["%%time\nx = 1"]], ids=["list", "text", "one element"]
)
def test_a_cell_magic_stays_in_the_first_line(sources: object) -> None:
    done = tagged(ipynb(sources), (1, FEATURE))
    assert "".join(json.loads(done)["cells"][0]["source"]) == "%%time\n# nb2svc: feature loan\nx = 1"


def test_below_a_magic_a_character_that_is_written_as_a_pair_counts_once() -> None:
    content = ipynb(["%%time \U0001f600\nx = 1"])
    assert b"\\ud83d\\ude00\\n# nb2svc: feature loan\\nx = 1" in tagged(content, (1, FEATURE))


def test_line_ends_of_windows_are_kept() -> None:
    done = tagged(ipynb("x = 1\r\ny = 2").replace(b"\n", b"\r\n"), (1, FEATURE))
    assert json.loads(done)["cells"][0]["source"] == "# nb2svc: feature loan\r\nx = 1\r\ny = 2"
    assert done.count(b"\n") == done.count(b"\r\n")


def test_a_cell_tag_leaves_the_source_alone() -> None:
    content = ipynb("x = 1", "y = 2")
    done = tagged(content, (1, FEATURE), (2, MODEL), spelling="tag")
    cells = json.loads(done)["cells"]
    assert cells[0]["metadata"] == {"tags": ["nb2svc:feature"], "nb2svc": {"name": "loan"}}
    assert cells[1]["metadata"] == {"tags": ["nb2svc:model"], "nb2svc": {"options": {"output": "risk"}}}
    assert [cell["source"] for cell in cells] == ["x = 1", "y = 2"]


@pytest.mark.parametrize("indent", [None, 1])
def test_foreign_tags_and_metadata_stay(indent: int | None) -> None:
    content = ipynb("x = 1", metadata={"tags": ["parameters", "slow"], "collapsed": True}, indent=indent)
    done = tagged(content, (1, FEATURE), spelling="tag")
    metadata = json.loads(done)["cells"][0]["metadata"]
    assert metadata == {"tags": ["parameters", "slow", "nb2svc:feature"], "collapsed": True, "nb2svc": {"name": "loan"}}
    assert list(metadata) == ["tags", "collapsed", "nb2svc"]


def test_tags_at_the_end_of_the_metadata_grow_and_what_is_new_follows() -> None:
    content = ipynb("x = 1", metadata={"collapsed": True, "tags": ["slow"]})
    done = tagged(content, (1, FEATURE), spelling="tag")
    assert json.loads(done)["cells"][0]["metadata"] == {
        "collapsed": True, "tags": ["slow", "nb2svc:feature"], "nb2svc": {"name": "loan"},
    }  # fmt: skip


def test_an_empty_list_of_tags_is_filled() -> None:
    done = tagged(ipynb("x = 1", metadata={"tags": []}), (1, FEATURE), spelling="tag")
    assert json.loads(done)["cells"][0]["metadata"]["tags"] == ["nb2svc:feature"]


def test_a_script_gains_a_line_below_its_marker() -> None:
    script = b'"""Loans."""\n# %% Load\nimport pandas\n\n# %% [markdown]\n# Text\n# %% Model\n# %%time\nmodel = 1'
    done = tagged(script, (2, FEATURE), (3, MODEL), name="x.py")
    assert added(script, done) == ["# nb2svc: feature loan\n", "# nb2svc: model output=risk\n"]
    assert done.endswith(b"# %%time\n# nb2svc: model output=risk\nmodel = 1")


def test_a_script_with_windows_lines() -> None:
    script = b"# %%\r\nx = 1\r\n"
    assert tagged(script, (1, FEATURE), name="x.py") == b"# %%\r\n# nb2svc: feature loan\r\nx = 1\r\n"


def test_what_must_stay_on_top_of_a_script_stays_there() -> None:
    script = b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nx = 1\n"
    done = tagged(script, (1, FEATURE), name="x.py")
    assert done == b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# nb2svc: feature loan\nx = 1\n"


def test_the_header_of_jupytext_stays_on_top() -> None:
    header = b"# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n"
    done = tagged(header + b"# %%\nx = 1\n", (1, FEATURE), name="x.py")
    assert done == header + b"# %%\n# nb2svc: feature loan\nx = 1\n"


def test_a_script_has_no_cell_tags() -> None:
    with pytest.raises(UsageError, match="no cell tags"):
        tagged(b"# %%\nx = 1\n", (1, FEATURE), spelling="tag", name="x.py")


def test_an_old_format_is_not_edited() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": []}]}
    content = json.dumps({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}).encode()
    with pytest.raises(NotebookError, match="old format") as error:
        tagged(content, (1, FEATURE))
    assert "open it in Jupyter and save it" in error.value.fix


def test_a_tag_that_would_not_be_found_again_is_not_written() -> None:
    content = ipynb("# nb2svc: check other\nassert 1")
    with pytest.raises(NotebookError, match="can't be written"):
        tagged(content, (1, FEATURE))


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)


@given(
    lines=st.lists(TEXT.map(lambda text: f"x = {text!r}"), min_size=1, max_size=4),
    indent=st.sampled_from([None, 1, 2]),
    ascii_only=st.booleans(),
    as_list=st.booleans(),
)
def test_whatever_the_source_only_the_comment_comes(
    lines: list[str], indent: int | None, *, ascii_only: bool, as_list: bool
) -> None:
    source: object = [line + "\n" for line in lines[:-1]] + lines[-1:] if as_list else "\n".join(lines)
    content = ipynb("a = 1", source, indent=indent, ascii_only=ascii_only)
    done = tagged(content, (2, MODEL))
    before, after = json.loads(content), json.loads(done)
    assert "".join(after["cells"][1]["source"]) == "# nb2svc: model output=risk\n" + "\n".join(lines)
    after["cells"][1]["source"] = source
    assert before == after
    assert len(done) - len(content) < 60
