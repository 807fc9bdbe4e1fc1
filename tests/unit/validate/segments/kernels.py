"""The kernel's side without a kernel: a namespace that a notebook's statements ran in, and the segments evaluated there."""

import json
import types
from typing import Any

from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.validate import kernel_side as watching
from nb2svc.validate.segments import kernel_rows, kernel_side, kernel_turn
from nb2svc.validate.segments.plan import Planned, plan_segments
from nb2svc.validate.watched import watched
from unit.capture.made import made

LOANS = """import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
rng = np.random.default_rng(1)
raw = pd.DataFrame({"age": rng.integers(15, 80, 400), "region": rng.choice(["east", "north", "west"], 400)})
raw["bad"] = (rng.random(400) < np.where(raw["region"] == "north", 0.5, raw["age"] / 100)).astype(int)
raw.loc[raw.index % 40 == 7, "region"] = None
"""
FEATURES = """# nb2svc: feature rows
loans = raw[raw["age"] >= 18]
X = pd.get_dummies(loans[["age", "region"]], columns=["region"])
"""
MODEL = """# nb2svc: model
X_train, X_test, y_train, y_test = train_test_split(X, loans["bad"], random_state=3)
model = LogisticRegression(max_iter=500).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
"""
CHECK = """# nb2svc: check good metrics=auc
auc = roc_auc_score(y_test, risk)
assert auc > 0.5, "too weak"
"""


class Shell:
    """As much of IPython's shell as the kernel's side asks for."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {"__name__": "__main__"}
        self.ast_transformers: list[Any] = []
        self.events = types.SimpleNamespace(register=lambda *_: None)


class Ran:
    """A notebook of which each statement ran, in order."""

    def __init__(self, *sources: str) -> None:
        self.notebook, self.dataflow = made(*sources)
        self.shell = Shell()
        self.recorder = types.SimpleNamespace(
            rows=kernel_rows,
            turn=kernel_turn,
            assertions=watching.Assertions(self.shell),
            measure=lambda names: watching.measure(self.shell, names),
        )
        self.failed: list[AssertionError] = []
        for statement in self.dataflow.statements:
            try:
                exec(statement.source, self.shell.user_ns)
            except AssertionError as error:
                self.failed.append(error)

    def evaluate(self, *columns: str) -> dict[str, Any]:
        """What the kernel says of segments."""
        found = planned(self.notebook, self.dataflow)
        if found.asked:
            kinds = json.loads(kernel_side.kinds(self.shell, self.recorder, found.asked))
            found = plan_segments(self.notebook, self.dataflow, watched(self.notebook, self.dataflow), kinds)
        assert found.plan is not None, found.refused
        plan = json.dumps({**to_json(found.plan), "columns": list(columns)})
        seen: dict[str, Any] = json.loads(kernel_side.evaluate(self.shell, self.recorder, plan))
        return seen


def planned(notebook: Notebook, dataflow: Dataflow) -> Planned:
    """What is planned before anything ran."""
    return plan_segments(notebook, dataflow, watched(notebook, dataflow), {})


def refused(*sources: str) -> list[tuple[str, str]]:
    """Why a notebook can't be divided: what, and where."""
    notebook, _ = made(*sources)
    found = planned(notebook, build_dataflow(notebook))
    assert found.plan is None
    return [(one.what, str(one.span)) for one in found.refused]
