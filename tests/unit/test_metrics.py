import math

import numpy as np
import pandas as pd
import pytest

import nb2svc
from nb2svc.metrics import metric


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (3, "3"), (True, "1"), (np.float32(0.25), "0.25"), (math.nan, "nan"), (np.array(2), "2")]
)
def test_outside_a_notebook_it_is_printed(value: object, text: str, capsys: pytest.CaptureFixture[str]):
    nb2svc.metric("auc", value)
    assert capsys.readouterr().out == f"auc = {text}\n"


@pytest.mark.parametrize("value", ["0.5", b"1", None, [1.0], np.array([0.5]), pd.Series([1.0]), 1j])
def test_what_is_no_single_number_is_refused(value: object):
    with pytest.raises(TypeError, match="the metric 'auc' needs a single number"):
        metric("auc", value)


@pytest.mark.parametrize("name", ["", " ", 5, None])
def test_it_needs_a_name(name: object):
    with pytest.raises(TypeError, match="a metric needs a name"):
        metric(name, 0.5)
