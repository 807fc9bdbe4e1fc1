"""What only one host has: Colab's mounts and uploads are masked, where nobody guards them."""

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.capture.copy import copy_notebook
from nb2svc.read.notebook import parse_notebook

SCRIPT = b"""# %%
from google.colab import drive, files
import pandas as pd
drive.mount(
    "/content/drive"
)
# %%
uploaded = files.upload()
x = 1; files.download("a.csv")
drive = pd.read_csv
drive.mount()
# %%
try:
    from google.colab import output
except ImportError:
    output = None
"""


def test_unguarded_statements_are_masked_and_the_run_leaves_them_out():
    notebook, findings = parse_notebook(SCRIPT, path="a.py")
    assert findings == ()
    first, second, third = notebook.cells
    assert first.code.split("\n") == [
        "# from google.colab import drive, files",
        "import pandas as pd",
        "# drive.mount(",
        '    # "/content/drive"',
        "# )",
    ]
    assert second.code.split("\n") == [
        "# uploaded = files.upload()",
        'x = 1; files.download("a.csv")',
        "drive = pd.read_csv",
        "drive.mount()",
    ]
    assert third.code == third.source
    assert [(piece.text, piece.treatment, piece.defines, piece.runs) for piece in second.masked] == [
        ("uploaded = files.upload()", "definitional", ("uploaded",), False)
    ]
    copy = copy_notebook(notebook, build_dataflow(notebook), ())
    assert [cell.source for cell in copy.cells] == [cell.code for cell in notebook.cells]


def test_other_notebooks_stay_as_they_are():
    notebook, _ = parse_notebook(b"# %%\nimport drive\ndrive.mount(1)\nfiles.upload()\n", path="a.py")
    assert notebook.cells[0].code == notebook.cells[0].source
    assert notebook.cells[0].masked == ()
