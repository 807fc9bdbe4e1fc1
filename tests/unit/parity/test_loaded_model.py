"""A model that was loaded can't be trained again, which the proof says instead of loading it twice."""

from dataclasses import replace

from nb2svc.analysis.dataflow import parse_statements
from nb2svc.ir.capture import Capture, KeepPoint
from nb2svc.parity.prove import _only_loads

SOURCE = """
import joblib
scaler = joblib.load("scaler.pkl")
model = joblib.load("model.pkl")
other = make()
"""


def _capture(capture: Capture, *names: str) -> Capture:
    at = {"scaler": 1, "model": 2, "other": 3}
    points = [KeepPoint(kind="estimator", label=name, expression=name, statement=at[name], when="after") for name in names]
    return replace(capture, points=(*points, KeepPoint(kind="raw", label="x", expression="x", statement=0, when="after")))


def test_a_model_out_of_a_file_is_only_loaded() -> None:
    statements = parse_statements(SOURCE)
    empty = Capture(
        folder="", digest="", notebook_digest="", parameters=(), interpreter="", python="", versions=(), modules=(), kept=(),
        inputs=(), metrics=(), seconds=0.0, cwd="", points=(),
    )  # fmt: skip

    assert _only_loads(_capture(empty, "model"), statements)
    assert not _only_loads(_capture(empty, "model", "other"), statements)
    assert not _only_loads(empty, statements)
    assert not _only_loads(_capture(empty, "model"), ())
