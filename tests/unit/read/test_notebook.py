"""Files that are notebooks and files that are none."""

import json

import pytest

from nb2svc.errors import NotebookError
from nb2svc.read.notebook import parse_notebook


def document(*sources, **extra):
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None} for source in sources
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **extra}


def parse(value, path="folder/loans.ipynb"):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return parse_notebook(content, path=path)


def refused(value) -> NotebookError:
    with pytest.raises(NotebookError) as caught:
        parse(value)
    assert caught.value.exit_code == 3
    assert caught.value.where.startswith("loans.ipynb")
    assert caught.value.why
    assert caught.value.fix
    return caught.value


def test_a_notebook():
    notebook, findings = parse(document("x = 1", "y = x", metadata={"kernelspec": {"name": "py311", "language": "python"}}))
    assert findings == ()
    assert (notebook.name, notebook.path, notebook.kernel) == ("loans.ipynb", "folder/loans.ipynb", "py311")
    assert [(cell.number, cell.code) for cell in notebook.cells] == [(1, "x = 1"), (2, "y = x")]
    assert len(notebook.digest) == 64


@pytest.mark.parametrize(
    ("content", "what", "why"),
    [
        (b"", "The notebook file is empty", "it has no content"),
        (b" \n", "The notebook file is empty", "it has no content"),
        (b"\x89PNG\xff", "The file is not a notebook", "byte 0 is not UTF-8 text"),
        (b"[1, 2]", "The file is not a notebook", "it is JSON, but a list"),
        (b'{"a": 1}', "The file is not a notebook", "it is JSON, but has no cells"),
        (b"[" * 100_000, "The file is not a notebook", "its JSON holds values that no notebook has"),
        (b'{"cells": ' + b"1" * 5000 + b"}", "The file is not a notebook", "its JSON holds values that no notebook has"),
        (document(), "The notebook has no code", "no code cell holds any text"),
        (document(" \n"), "The notebook has no code", "no code cell holds any text"),
        ({**document("x"), "cells": {}}, "The notebook is malformed", "a list of cells is needed there"),
        ({**document("x"), "cells": [1]}, "The notebook is malformed", "an object is needed there"),
        (document(5), "The notebook is malformed", "a text or a list of lines is needed there"),
        (document(["a", 5]), "The notebook is malformed", "a text or a list of lines is needed there"),
        ({"nbformat": 3, "worksheets": []}, "The notebook has no code", "no code cell holds any text"),
        (
            {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": 5}]}]},
            "The notebook is malformed",
            "a text or a list of lines is needed there",
        ),
        (
            {"nbformat": 3, "worksheets": [{"cells": [{}]}]},
            "The notebook has format 3",
            "The notebook is invalid and is missing an expected key: cell_type",
        ),
        ({"nbformat": 2, "metadata": {}}, "The notebook has no code", "no code cell holds any text"),
        ({**document("x"), "nbformat": 9}, "The notebook has format 9", "nb2svc reads the formats 1 to 4"),
        ({**document("x"), "nbformat": "4"}, "The notebook has format 4", "nb2svc reads the formats 1 to 4"),
        (document("x", metadata={"language_info": {"name": "R"}}), "The notebook is written in R", "its kernel is unnamed"),
        (
            document("x", metadata={"kernelspec": {"language": "julia", "display_name": "Julia 1.10"}}),
            "The notebook is written in julia",
            "its kernel is Julia 1.10",
        ),
    ],
)
def test_no_notebook(content, what, why):
    error = refused(content)
    assert (error.what, error.why) == (what, why)


def test_broken_json_says_line_and_column():
    error = refused(b'{"cells": [\n  {"a": }\n]}')
    assert error.what == "The notebook is not valid JSON"
    assert error.where == "loans.ipynb, line 2, column 9"
    assert "cut off" in error.why


def test_a_merge_conflict_is_recognised():
    assert "merge conflict" in refused(b'{"cells": [\n<<<<<<< HEAD\n1,\n=======\n2\n>>>>>>> main\n]}').why


def test_a_malformed_cell_says_where():
    assert refused(document("x", 5)).where == "loans.ipynb, cells[1].source"


def test_format_3_is_upgraded():
    code = {"cell_type": "code", "input": ["# nb2svc: model\n", "x = 1"], "language": "python", "prompt_number": 3}
    cells = [{"cell_type": "heading", "level": 2, "source": ["Model"]}, code, {"cell_type": "markdown", "source": "# End"}]
    pages = [{"cells": cells}, {"cells": [{"cell_type": "code", "input": "print x", "outputs": [{"output_type": "pyout"}]}]}]
    value = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "old"}, "worksheets": pages}
    notebook, findings = parse(value)
    assert [(cell.title, cell.role, cell.execution_count) for cell in notebook.cells] == [
        ('cell 1 "Model"', "model", 3),
        ('cell 2 "End"', None, None),
    ]
    assert [(finding.code, str(finding.span)) for finding in findings] == [("NB120", "cell 2, line 1")]
    assert "Python 2" in findings[0].remedy
    assert notebook == parse(value)[0]


def test_a_notebook_that_python_2_ran_last_has_a_warning():
    _, (finding,) = parse(document("x = 1 / 2", metadata={"language_info": {"name": "python", "version": "2.7.18"}}))
    assert (finding.code, finding.severity, str(finding.span)) == ("NB113", "warning", "cell 1, line 1")
    assert "Python 2.7.18" in finding.message
    assert "Run it in Python 3" in finding.remedy
    assert parse(document("x = 1", metadata={"language_info": {"version": "3.12.1"}}))[1] == ()


def test_a_cell_of_an_unknown_type_is_said_to_be_skipped():
    value = document("x = 1")
    value["cells"] += [{"cell_type": "sql", "source": "select 1"}, {"cell_type": "raw", "source": "text"}]
    notebook, (finding,) = parse(value)
    assert len(notebook.cells) == 1
    assert (finding.code, finding.severity) == ("NB112", "warning")
    assert "below code cell 1 is of the type `sql`" in finding.message


def test_what_other_tools_leave_in_a_notebook_is_not_in_the_way():
    value = document("x = 1", "y = 2", "z = 3")
    del value["cells"][0]["metadata"], value["cells"][0]["outputs"]
    value["metadata"] = {"colab": {"provenance": []}, "kaggle": {}, "kernelspec": None, "language_info": {"name": "python"}}
    value["nbformat_minor"] = 0
    value["cells"][1] |= {"metadata": {"id": "Xy", "pycharm": {"name": "#%%\n"}, "tags": "none"}, "is_executing": True}
    value["cells"][2] |= {"metadata": None, "attachments": {"a.png": {"image/png": "AAAA"}}, "source": ["z = 3\r\n", "!ls"]}
    value["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}]
    notebook, findings = parse(value)
    assert findings == ()
    assert [cell.code for cell in notebook.cells] == ["x = 1", "y = 2", "z = 3\r\n# !ls"]


def test_a_source_may_be_a_list_of_lines():
    notebook, _ = parse(document(["x = 1\n", "y = 2"]))
    assert notebook.cells[0].source == "x = 1\ny = 2"


def test_a_byte_order_mark_is_no_content():
    notebook, _ = parse(b"\xef\xbb\xbf" + json.dumps(document("x = 1")).encode())
    assert notebook.cells[0].code == "x = 1"


def test_ids_are_kept_and_missing_ones_are_made_the_same_each_time():
    value = document("x = 1", "x = 1", "y")
    value["cells"][2]["id"] = "abc"
    first, second = parse(value)[0], parse(value)[0]
    ids = [cell.id for cell in first.cells]
    assert ids == [cell.id for cell in second.cells]
    assert len(set(ids)) == 3
    assert ids[2] == "abc"


def test_the_same_id_twice_becomes_two():
    value = document("x", "y")
    value["cells"][0]["id"] = value["cells"][1]["id"] = "abc"
    assert [cell.id for cell in parse(value)[0].cells] == ["abc", "abc-1"]


def test_labels_titles_and_counts():
    value = document("# nb2svc: feature ages\nx = 1", "\ny = 2")
    value["cells"][1]["execution_count"] = 7
    value["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": "# Top\ntext\n## **Model** [a](b) ##"})
    value["cells"].append({"cell_type": "code", "metadata": {}, "source": "z = 1"})
    cells = parse(value)[0].cells
    assert [cell.label for cell in cells] == ["ages", "Model a", ""]
    assert [cell.title for cell in cells] == ['cell 1 "ages"', 'cell 2 "Model a"', "cell 3 (z = 1)"]
    assert cells[1].execution_count == 7


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("from sklearn.model_selection import KFold\nfolds = KFold(5)", "cell 1 (folds = KFold(5))"),
        ("import pandas as pd\nfrom numpy import mean", "cell 1 (import pandas as pd)"),
        ("prices = " + "1 + " * 20 + "1", "cell 1 (prices = 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1…)"),
        ("# nb2svc: feature", "cell 1"),
    ],
)
def test_a_cell_without_label_is_named_by_its_first_telling_line(source, title):
    assert parse(document(source))[0].cells[0].title == title


def test_a_comment_in_fenced_code_is_no_heading():
    value = document("x")
    value["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "# Data\n```\n# not this\n```"})
    assert parse(value)[0].cells[0].label == "Data"


def test_papermills_parameters_tag():
    value = document("n = 1", "x = n")
    value["cells"][0]["metadata"]["tags"] = ["parameters", "slideshow", 5]
    cells = parse(value)[0].cells
    assert [cell.parameters for cell in cells] == [True, False]
    assert cells[0].tags == ("parameters", "slideshow")


def test_an_indented_cell_reads_as_ipython_runs_it():
    cell = parse(document("\n  x = 1\n  %time y = 2"))[0].cells[0]
    assert cell.source == "\nx = 1\n%time y = 2"
    assert cell.code == "\nx = 1\npass; y = 2"


def test_pasted_prompts_read_as_ipython_runs_them():
    assert parse(document(">>> x = 1\n>>> for i in r:\n...     f(i)"))[0].cells[0].code == "x = 1\nfor i in r:\n    f(i)"


def test_a_cell_that_is_no_python_says_cell_and_line_and_the_others_are_still_read():
    notebook, findings = parse(document("x = 1", "y = 2\nprint 'a'", "if:"))
    assert [(finding.code, str(finding.span)) for finding in findings] == [
        ("NB120", "cell 2, line 2"),
        ("NB120", "cell 3, line 1"),
    ]
    assert "Python 2" in findings[0].remedy
    assert "`print 'a'`" in findings[0].message
    assert notebook.cells[0].code == "x = 1"
