"""Models of XGBoost and LightGBM: kept as data, the same bytes each time, and alive after the service has noted a call."""

import gc

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from nb2svc_runtime import objects
from nb2svc_runtime.predictor import _Watch
from nb2svc_runtime.reviewed import REVIEWED

RNG = np.random.default_rng(2)
X = pd.DataFrame({"age": RNG.normal(size=80), "town": pd.Categorical(RNG.choice(["a", "b", "c"], 80))})
Y = (X["age"] + (X["town"] == "a") > 0.3).astype(int)


def xgb_classifier():
    return xgb.XGBClassifier(n_estimators=8, enable_categorical=True, early_stopping_rounds=3).fit(
        X, Y, eval_set=[(X, Y)], verbose=False
    )


def lgb_classifier():
    return lgb.LGBMClassifier(n_estimators=8, min_child_samples=5, verbose=-1).fit(X, Y, eval_set=[(X, Y)])


def xgb_booster():
    return xgb.train({"max_depth": 2}, xgb.DMatrix(X, label=Y, enable_categorical=True), num_boost_round=8)


def lgb_booster():
    return lgb.train({"min_data_in_leaf": 5, "verbose": -1}, lgb.Dataset(X, Y), num_boost_round=8)


def asked(model):
    given = xgb.DMatrix(X, enable_categorical=True) if isinstance(model, xgb.Booster) else X
    return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(given).tolist()


MAKERS = [xgb_classifier, lgb_classifier, xgb_booster, lgb_booster]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_booster_comes_back_and_two_dumps_are_the_same_bytes(make):
    model = make()
    data, tables, types = objects.dump(model, "the model")

    assert set(types) <= set(REVIEWED)
    assert objects.dump(model, "the model")[0] == data
    assert asked(objects.restore(data, tables, types)) == asked(model)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_booster_outlives_what_stood_in_for_it(make):
    model = make()
    before = asked(model)
    for _ in range(2):
        with _Watch().watching(model) as (stand_in, calls):
            given = xgb.DMatrix(X, enable_categorical=True) if isinstance(model, xgb.Booster) else X
            assert stand_in.predict(given) is calls[0][1]
        del stand_in
        gc.collect()

    assert asked(model) == before
