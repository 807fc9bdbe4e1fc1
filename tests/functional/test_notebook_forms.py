"""A percent script full of IPython's syntax, run in a kernel: what it computes becomes plain Python, at the script's lines."""

from pathlib import Path

from nb2svc import pipeline
from nb2svc.config import BuildOptions

SCRIPT = '''# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""Diabetes, with everything that only IPython can run."""

# %%
# %matplotlib inline
# %load_ext autoreload
# %autoreload 2
from google.colab import drive
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

drive.mount("/content/drive")
if pd.__version__ < "1":
    # !{sys.executable} -m pip install pandas==1.5.3 scipy
# files = !ls

# %% Load
# %%capture out
# %time data = load_diabetes(as_frame=True).frame
data.head();
# data?

# %% language="html"
# <b>some words</b>

# %% language="bash"
# echo some words

# %%
def halved(column):
    # !echo halving
    # %time column.sum()
    return column / 2


# %timeit -n1 -r1 halved(data["age"])

# %% tags=["nb2svc:feature"]
# %prun -q X = data[["age", "bmi"]].copy()
X["age"] = halved(X["age"])
get_ipython().run_line_magic("time", "X['fat'] = (X['bmi'] > data['bmi'].mean()).astype(int)")

# %% tags=["nb2svc:model"]
# %%time
model = Ridge().fit(X, data["target"])
prediction = model.predict(X)
display(prediction[:3])
'''

FEATURES = '''"""Features of forms.py: data becomes the columns that the model reads."""

from ._nb2svc import State


def halved(column):
    pass  # !echo halving
    pass; column.sum()
    return column / 2


# forms.py, cell 7 (%prun -q X = data[["age", "bmi"]].copy())
def features(data, state: State):
    X = data[["age", "bmi"]].copy()
    X["age"] = halved(X["age"])
    X['fat'] = (X['bmi'] > state.bmi_mean(lambda: data['bmi'].mean())).astype(int)
    return X
'''


def test_what_ipython_runs_becomes_plain_python(tmp_path: Path) -> None:
    path = tmp_path / "forms.py"
    path.write_text(SCRIPT, encoding="utf-8")
    source = pipeline.analyze(path)
    capture, observation = pipeline.observe(source, BuildOptions(notebook=path), progress=lambda _: None)
    compiled, project = pipeline.compile_project(source, capture, observation)
    texts = {file.path: file.content.decode() for file in project.files if file.path.startswith("forms/")}
    assert texts["forms/features.py"] == FEATURES
    assert "prediction = model.predict(X)" in texts["forms/model.py"]
    assert ("scipy", dict(capture.versions)["scipy"]) in compiled.plan.requirements
    # A cell of bash may have done anything, and the run had a newer pandas than the line asks for; both are only said.
    assert [(finding.code, finding.severity) for finding in (*source.findings, *observation.findings)] == [
        ("NB231", "warning"),
        ("NB232", "warning"),
    ]
