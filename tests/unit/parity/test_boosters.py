"""The proof sees the rows that a booster is asked about, and can give it others."""

import numpy as np
import pandas as pd
import xgboost as xgb

from nb2svc.parity.harness.boosters import remember_rows, rows_in, with_rows
from nb2svc.parity.harness.service import Recorder, Watched

X = pd.DataFrame({"age": np.arange(40.0), "rooms": np.arange(40) % 3})
BOOSTER = xgb.train({"max_depth": 2}, xgb.DMatrix(X, label=X["age"] * 2), num_boost_round=4)


def test_the_rows_of_a_data_set_are_recorded_and_replaced():
    remember_rows()
    remember_rows()  # a second project in the same process
    recorder = Recorder()
    model = Watched(BOOSTER, recorder)
    data = xgb.DMatrix(X.head(5), label=None, nthread=1)

    assert rows_in(data).equals(X.head(5))
    assert model.predict(data).tolist() == BOOSTER.predict(xgb.DMatrix(X.head(5))).tolist()
    assert recorder.calls[0].equals(X.head(5))

    recorder.substitute = lambda rows: X.tail(len(rows))
    assert model.predict(data).tolist() == BOOSTER.predict(xgb.DMatrix(X.tail(5))).tolist()
    assert recorder.calls[1].equals(X.tail(5))


def test_other_models_are_given_their_rows():
    assert rows_in(X) is X
    assert with_rows(X, X.head(2)).equals(X.head(2))
