"""Which packages a line installs."""

import pytest

from nb2svc.read.installs import packages
from nb2svc.read.notebook import parse_notebook


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("!pip install -q xgboost==2.1 'rich>=13,<14'", (("xgboost", "==2.1"), ("rich", ">=13,<14"))),
        ("%pip install pandas", (("pandas", ""),)),
        ("!{sys.executable} -m pip install --upgrade scikit_learn[tests]", (("scikit_learn", ""),)),
        ("!python3 -m pip install a \\\n   b==1", (("a", ""), ("b", "==1"))),
        ("! pip3 install a  # as b needs it", (("a", ""),)),
        ("!pip install a > /dev/null 2>&1", (("a", ""),)),
        ("!apt-get update && pip install a; pip install b", (("a", ""), ("b", ""))),
        ("!pip install -r requirements.txt -i https://example.org a", (("a", ""),)),
        ("!pip install git+https://example.org/a.git ./local dist/a-1.whl", ()),
        ("%conda install -y -c conda-forge pyarrow=15 fastparquet==2024.2", (("pyarrow", "==15.*"), ("fastparquet", "==2024.2"))),
        ("!uv pip install a", (("a", ""),)),
        ("!echo pip install a", ()),
        ("!pip uninstall a", ()),
        ("!pip install 'a", ()),
        ("x = 1", ()),
    ],
)
def test_packages(line, expected):
    assert packages(line) == expected


def test_a_notebook_says_what_it_installs_and_where():
    script = (
        b"# %%\n# !pip install Scikit_Learn==1.5\n# %%\nimport sys\nif sys.version_info > (3, 9):\n    !pip install xgboost\n"
    )
    notebook, findings = parse_notebook(script, path="a.py")
    assert findings == ()
    assert [(each.name, each.version, str(each.span)) for each in notebook.installs] == [
        ("scikit-learn", "==1.5", "cell 1, line 1"),
        ("xgboost", "", "cell 2, line 3"),
    ]
    assert notebook.cells[1].code.endswith("\n    pass  # !pip install xgboost")
