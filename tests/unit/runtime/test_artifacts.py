"""Artifacts: the same bytes each time, read only where nothing was changed, and never as pickle."""

import hashlib
import json
import pickle
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, StandardScaler

from nb2svc_runtime import artifacts, columns
from nb2svc_runtime.artifacts import ArtifactError
from nb2svc_runtime.constants import set_constants
from nb2svc_runtime.state import Keyed, State

X = np.arange(40.0).reshape(20, 2) % 7
Y = np.arange(20) % 2


def forbidden():
    raise AssertionError("the expression was run again")


def saved(folder, *, model=None, entries=None, lookups=None):
    model = LogisticRegression().fit(X, Y) if model is None else model
    return artifacts.save(folder, model, State(entries or {}), lookups, package="loans")


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        HistGradientBoostingClassifier(max_iter=5, random_state=0),
        RandomForestClassifier(5, random_state=0),
        make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()),
        RandomizedSearchCV(LogisticRegression(), {"C": [0.5, 1, 2]}, n_iter=2, cv=3, random_state=0),
    ],
    ids=["pipeline", "boosting", "forest", "ufunc", "search"],
)
def test_estimators_come_back_and_two_dumps_are_the_same_bytes(tmp_path, model):
    model.fit(X, Y)
    assert saved(tmp_path / "a", model=model) == saved(tmp_path / "b", model=pickle.loads(pickle.dumps(model)))
    back = artifacts.load(tmp_path / "a").model
    np.testing.assert_array_equal(back.predict_proba(X), model.predict_proba(X))


def test_several_fitted_values_come_back_by_name_each_from_a_file_of_its_own(tmp_path):
    forest, folds = RandomForestClassifier(3, random_state=0).fit(X, Y), [LogisticRegression(C=c).fit(X, Y) for c in (1, 2)]
    models = artifacts.Models(forest=forest, folds=folds, limit=0.25)
    digests = saved(tmp_path, model=models)
    back = artifacts.load(tmp_path).model
    assert set(digests) == {"manifest.json", "state.json", "model_forest.skops", "model_folds.skops"}
    assert isinstance(back, artifacts.Models)
    assert list(back) == ["forest", "folds", "limit"], "the answer takes them in this order"
    assert artifacts.given(back)[2] == 0.25
    for one, other in zip([forest, *folds], [back["forest"], *back["folds"]], strict=True):
        np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert artifacts.given(forest) == [forest]
    (tmp_path / "model_folds.skops").write_bytes(b"")
    with pytest.raises(ArtifactError, match="model_folds"):
        artifacts.load(tmp_path)


def test_state_and_lookups_come_back(tmp_path):
    table = pd.DataFrame({"region": ["east", "west"], "rate": [1.5, np.nan]})
    encoders = Keyed({"job": LabelEncoder().fit(["a", "b"]), "city": LabelEncoder().fit(["x"])})
    entries = {
        "mean": np.float64(2.5),
        "categories": ["a"],
        "le": encoders,
        "scaler": StandardScaler().fit(X),
        "home town_categories": ["b"],
    }
    saved(tmp_path, entries=entries, lookups={"regions": table, "threshold": 0.4})
    loaded = artifacts.load(tmp_path)
    assert loaded.state.mean(forbidden) == 2.5
    assert type(loaded.state.mean(forbidden)) is np.float64
    assert loaded.state.le(forbidden, "job").classes_.tolist() == ["a", "b"]
    np.testing.assert_array_equal(loaded.state.scaler(forbidden).mean_, X.mean(axis=0))
    pd.testing.assert_frame_equal(loaded.lookups["regions"], table)
    assert loaded.lookups["threshold"] == 0.4


def test_state_json_is_for_people(tmp_path):
    saved(tmp_path, entries={"region_categories": ["east", "north"], "n": 3, "median": Keyed(age=41.0)})
    assert (tmp_path / "state.json").read_text() == (
        '{\n  "median": {"$keyed": [["age", 41.0]]},\n  "n": 3,\n  "region_categories": ["east", "north"]\n}\n'
    )


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(
            {
                "key": [f"k{n}" for n in range(6000)],
                "value": np.arange(6000) / 7,
                "seen": pd.Timestamp("2025-01-01"),
                "none": None,
            }
        ),
        pd.Series(np.arange(12000.0), index=[f"k{n}" for n in range(12000)], name="rate"),
        np.arange(20000).reshape(100, 200),
    ],
    ids=["frame", "series", "array"],
)
def test_large_tables_are_npz_and_come_back(tmp_path, table):
    first = saved(tmp_path / "a", lookups={"table": table})
    assert "lookup_table.npz" in first
    assert first == saved(tmp_path / "b", lookups={"table": table.copy()})
    back = artifacts.load(tmp_path / "a").lookups["table"]
    assert columns.dump(back) == columns.dump(table)
    assert type(back) is type(table)


def test_a_pandas_table_inside_an_estimator_is_taken_out_and_put_back(tmp_path):
    model = LogisticRegression().fit(X, Y)
    model.table_ = pd.Series([1.0], index=["east"])
    model.nested_ = {"deep": [pd.DataFrame({"a": [1]})]}
    saved(tmp_path, model=model)
    back = artifacts.load(tmp_path).model
    pd.testing.assert_series_equal(back.table_, model.table_)
    pd.testing.assert_frame_equal(back.nested_["deep"][0], model.nested_["deep"][0])
    assert model.table_.tolist() == [1.0]


def test_a_pandas_table_inside_a_tuple_is_put_back_into_one(tmp_path):
    model = LogisticRegression().fit(X, Y)
    model.pair_ = (pd.Series([1.0]), 2)
    saved(tmp_path, model=model)
    back = artifacts.load(tmp_path).model
    pd.testing.assert_series_equal(back.pair_[0], model.pair_[0])
    assert back.pair_[1:] == (2,)


def test_a_lambda_is_refused_with_its_place(tmp_path):
    with pytest.raises(ArtifactError, match=r"the learned value clean .*lambda"):
        saved(tmp_path, entries={"clean": FunctionTransformer(lambda table: table).fit(X)})


def test_every_changed_byte_is_found_before_anything_is_read(tmp_path):
    scaler = StandardScaler().fit(X)
    digests = saved(tmp_path / "good", entries={"scaler": scaler, "mean": 1.0}, lookups={"regions": pd.DataFrame({"a": [1]})})
    assert set(digests) == {"manifest.json", "state.json", "model.skops", "state_scaler.skops", "lookup_regions.json"}
    for name in set(digests) - {"manifest.json"}:
        shutil.copytree(tmp_path / "good", tmp_path / name)
        content = bytearray((tmp_path / name / name).read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / name / name).write_bytes(bytes(content))
        with pytest.raises(ArtifactError, match="was changed after the build"):
            artifacts.load(tmp_path / name)


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def test_an_evil_pickle_is_never_run(tmp_path):
    saved(tmp_path)
    content = pickle.dumps(Evil())
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(ArtifactError, match="was changed after the build"):
        artifacts.load(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["files"]["model.skops"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises((ArtifactError, zipfile.BadZipFile)):
        artifacts.load(tmp_path)


def test_a_forged_manifest_can_not_trust_foreign_types(tmp_path):
    saved(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["types"] = ["os.system"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"trusts types outside the project's package: os\.system"):
        artifacts.load(tmp_path)


def test_a_type_nobody_reviewed_is_refused_at_the_build(tmp_path):
    with pytest.raises(ArtifactError, match="which nobody reviewed"):
        saved(tmp_path, entries={"odd": FunctionTransformer(shutil.rmtree).fit(X)})


@pytest.mark.parametrize("name", ["manifest.json", "state.json", "model.skops"])
def test_a_missing_file_is_named(tmp_path, name):
    saved(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        artifacts.load(tmp_path)


def test_pack_refuses_a_changed_capture(loans, tmp_path):
    from nb2svc_runtime.pack import PackError, pack

    request = json.loads((loans.capture_folder / "pack_request.json").read_text())
    request["estimators"][0]["sha256"] = "0" * 64
    with pytest.raises(PackError, match="not what the run captured"):
        pack(loans.capture_folder, request, package="loans", folder=tmp_path)


def test_pack_twice_gives_the_same_bytes(loans, tmp_path):
    from nb2svc_runtime.pack import pack

    request = json.loads((loans.capture_folder / "pack_request.json").read_text())
    first = pack(loans.capture_folder, request, package="loans", folder=tmp_path / "a")
    assert first == pack(loans.capture_folder, request, package="loans", folder=tmp_path / "b")
    built = loans.project_dir / "loans" / "artifacts"
    assert first == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(built.iterdir())}


def test_what_training_was_given_is_kept_and_set_where_the_service_has_it(tmp_path, monkeypatch):
    model = LogisticRegression().fit(X, Y)
    artifacts.save(tmp_path / "a", model, State({}), package="loans", parameters={"per": 50, "names": ["a"], "top": None})
    assert artifacts.load(tmp_path / "a").parameters == {"per": 50, "names": ["a"], "top": None}
    # Nothing is written where nothing was given: a build's manifest stays as it was.
    saved(tmp_path / "b")
    assert "parameters" not in json.loads((tmp_path / "b" / "manifest.json").read_text())

    package = tmp_path / "nb2svc_constants_case"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "features.py").write_text("per = 100\ndef share(x):\n    return x / per\n")
    (package / "model.py").write_text("from .features import per, share\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    script = {"per": 100, "other": 1}
    set_constants(package.name, {"per": 50, "top": None}, script)
    from nb2svc_constants_case import features, model  # made above

    assert (features.share(100), model.per, script) == (2.0, 50, {"per": 50, "other": 1})
    assert not hasattr(features, "top")
