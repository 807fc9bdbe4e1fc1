"""A whole notebook's modules: only what was frozen is wrapped, the rest are the author's lines."""

import json

import pytest
from tests.unit.plan import loans

from nb2svc.codegen.context import Context
from nb2svc.codegen.generate import example_request
from nb2svc.codegen.modules import author_modules
from nb2svc.codegen.tests import checks_module
from nb2svc.codegen.verify import verify
from nb2svc.errors import InternalError
from nb2svc.plan.planner import make_plan

FEATURES = '''"""Features of loans.ipynb: applicants and their transactions become the columns that the model reads."""

import pandas as pd

from ._nb2svc import State


# loans.ipynb, cell 2 "History"
def history(transactions: pd.DataFrame, state: State) -> pd.DataFrame:
    snapshot = state.snapshot(lambda: transactions["when"].max())
    history = transactions.groupby("applicant_id").agg(n=("amount", "size"), total=("amount", "sum"), last=("when", "max"))
    history["days_since"] = (snapshot - history["last"]).dt.days  # recency, not the date itself
    return history


# loans.ipynb, cell 3 "Applicant"
def applicant(applicants: pd.DataFrame, regions: pd.DataFrame, history: pd.DataFrame, state: State) -> tuple:
    loans = applicants[applicants["age"] >= 18] if state.learning else applicants  # adults only
    loans = loans.merge(history.drop(columns="last"), on="applicant_id", how="left")
    loans = loans.merge(regions, on="region", how="left")
    loans["n"] = loans["n"].fillna(0)
    loans["income"] = loans["income"].fillna(state.income_mean(lambda: loans["income"].mean()))
    X = pd.get_dummies(state.categories(loans.drop(columns=["applicant_id", "defaulted"]), ["region"]), columns=["region"])
    return loans, X
'''
MODEL = '''"""The model of loans.ipynb: applicants and their transactions in, risk and decision out."""

import pandas as pd

from . import features
from ._nb2svc import State


# loans.ipynb, cell 4 "Model"
def answer(applicants: pd.DataFrame, transactions: pd.DataFrame, regions: pd.DataFrame, model, state: State) -> tuple:
    applicants = applicants.copy()
    transactions = transactions.copy()
    history = features.history(transactions, state)
    _, X = features.applicant(applicants, regions, history, state)
    risk = model.predict_proba(X)[:, 1]
    decision = pd.Series(risk > 0.4).map({True: "High risk", False: "Low risk"})
    return risk, decision
'''
TRAINING = '''"""Trains the model of loans.ipynb again:  python -m loans.training --data DIR --out DIR"""

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from . import features
from ._nb2svc import State
from .schema import SCHEMA


def train(state: State):
    # loans.ipynb, cell 1 "Data"
    applicants = pd.read_csv("applicants.csv")
    transactions = pd.read_csv("transactions.csv", parse_dates=["when"])
    regions = pd.read_csv("regions.csv")

    SCHEMA.require(applicants=applicants, transactions=transactions)
    history = features.history(transactions, state)
    loans, X = features.applicant(applicants, regions, history, state)

    # loans.ipynb, cell 4 "Model"
    X_train, X_test, y_train, y_test = train_test_split(X, loans["defaulted"], random_state=0)
    model = HistGradientBoostingClassifier(random_state=0).fit(X_train, y_train)
    return model, {"regions": regions}


if __name__ == "__main__":
    from ._nb2svc.training import main

    main(train)
'''
CHECKS = '''"""The checks of loans.ipynb, on the served model and the rows that the notebook held out."""

from sklearn.metrics import roc_auc_score


# loans.ipynb, cell 5 "AUC"
def test_auc(capture):
    y_test = capture.value("check_value", "y_test")
    risk, _ = capture.served()
    assert roc_auc_score(y_test, risk) > 0.6
'''


@pytest.fixture(scope="module")
def context() -> Context:
    plan = make_plan(loans.NOTEBOOK, loans.DATAFLOW, loans.OUTLINE, loans.CAPTURE, loans.OBSERVATION)
    return Context(plan=plan, notebook=loans.NOTEBOOK, dataflow=loans.DATAFLOW)


@pytest.mark.parametrize(("name", "expected"), [("features", FEATURES), ("model", MODEL), ("training", TRAINING)])
def test_the_modules_are_what_a_colleague_would_write(context: Context, name: str, expected: str) -> None:
    texts = {module.name: module.text for module in author_modules(context)}
    assert texts[name] == expected


def test_a_check_cell_becomes_a_test_of_the_served_model(context: Context) -> None:
    assert checks_module(context) == CHECKS


def test_a_check_that_asserts_nothing_runs_and_is_not_counted(context: Context) -> None:
    from dataclasses import replace

    idle = tuple(replace(check, idle=True) for check in context.plan.checks)
    text = checks_module(replace(context, plan=replace(context.plan, checks=idle)))
    assert "import pytest\n" in text
    assert text.endswith('> 0.6\n    pytest.skip("it asserts nothing: it ran, and could not fail")\n')


def test_the_modules_are_the_authors_code_with_edits_undone(context: Context) -> None:
    verify(context, author_modules(context))


def test_a_statement_that_changed_on_its_way_is_caught(context: Context) -> None:
    from dataclasses import replace

    modules = tuple(replace(module, text=module.text.replace("fillna(0)", "fillna(1)")) for module in author_modules(context))
    with pytest.raises(InternalError, match="changed its meaning"):
        verify(context, modules)


def test_every_line_of_the_authors_leads_back_to_its_cell(context: Context) -> None:
    features = next(module for module in author_modules(context) if module.name == "features")
    lines = features.text.split("\n")
    for origin in features.lines:
        source = loans.NOTEBOOK.cell(origin.cell).code.split("\n")[origin.cell_line - 1]
        assert lines[origin.line - 1].strip().split("(")[0].split(" = ")[0] == source.split("(")[0].split(" = ")[0]
    assert len(features.lines) == 9


def test_the_requirements_are_those_of_the_slice(context: Context) -> None:
    assert context.plan.requirements == (("numpy", "2.4.6"), ("pandas", "3.1.1"), ("scikit-learn", "1.9.1"))


def test_the_filter_becomes_a_guard_in_the_authors_words(context: Context) -> None:
    (guard,) = context.plan.guards
    assert (guard.condition.column, guard.condition.operator, guard.condition.value) == ("age", ">=", 18)
    assert (guard.cell, guard.line, guard.text) == (3, 2, "adults only")


def test_the_example_is_a_request_with_children(context: Context) -> None:
    rows = json.loads(example_request(context.plan))["rows"]
    assert len(rows) == 2
    assert {"age", "income", "region", "transactions"} == set(rows[0])
