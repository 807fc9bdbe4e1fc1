"""What the generated tests replay: the notebook's own predictions, where it made any of rows that a request stands for."""

from unittest import SkipTest, mock

import pytest

from nb2svc_runtime.replay import Capture


def predictions(rows, answers):
    capture = object.__new__(Capture)
    with mock.patch.object(Capture, "_rows", return_value=rows), mock.patch.object(Capture, "value", return_value=answers):
        return capture.predictions()


def test_predicted_rows_of_another_table_are_not_tested():
    with pytest.raises(SkipTest, match="no row of the table"):
        predictions([-1, -1], ["a", "b"])


def test_only_the_main_tables_rows_are_compared():
    rows, answers = predictions([4, -1], ["a", "b"])
    assert rows == [4]
    assert list(answers) == ["a"]


def test_a_notebook_that_only_fits_has_no_predictions_to_compare():
    capture = object.__new__(Capture)
    capture.manifest = {"kept": [{"kind": "fit_input", "label": "fit_input", "problem": ""}]}
    with pytest.raises(SkipTest, match="predicted no row with the model"):
        capture.predictions()
