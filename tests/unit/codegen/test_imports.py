"""Imports of a generated module: only what it uses, grouped and sorted."""

from nb2svc.codegen.imports import Imported, import_lines, imported_names


def test_what_an_import_binds() -> None:
    assert [each.bound for each in imported_names("import os.path, numpy as np\nfrom a import b as c, d")] == [
        "os",
        "np",
        "c",
        "d",
    ]


def test_lines_are_grouped_and_merged() -> None:
    source = "import pandas as pd\nfrom sklearn.base import clone\nfrom sklearn.base import BaseEstimator\nimport os.path\nfrom __future__ import annotations"
    lines = import_lines(imported_names(source), {"._nb2svc": ["State"], ".": ["features"]})
    assert lines == [
        "from __future__ import annotations",
        "",
        "import os.path",
        "",
        "import pandas as pd",
        "from sklearn.base import BaseEstimator, clone",
        "",
        "from . import features",
        "from ._nb2svc import State",
    ]


def test_an_alias_of_a_submodule_survives() -> None:
    assert import_lines([Imported(module="a.b", name="", bound="c")], {}) == ["import a.b as c"]
