"""The texts of the hand-written example: the notebook's cells and the project's modules.

`@3:5|` before a line of a module says that it holds the notebook's cell 3, line 5.
"""

CELLS = (
    """\
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

applicants = pd.read_csv("applicants.csv")
transactions = pd.read_csv("transactions.csv", parse_dates=["when"])
visits = pd.read_csv("visits.csv", parse_dates=["when"])
regions = pd.read_csv("regions.csv")
""",
    """\
# nb2svc: feature history
snapshot = transactions["when"].max()
history = transactions.groupby("applicant_id").agg(n=("amount", "size"), total=("amount", "sum"), last=("when", "max")).round({"total": 2})
history["days_since"] = (snapshot - history["last"]).dt.days  # recency, not the date itself
large = transactions[transactions["amount"] > 60].groupby("applicant_id").agg(n_large=("amount", "size"))
contacts = visits.groupby("applicant_id").agg(n_visits=("amount", "size"), longest=("amount", "max"))
history.describe()
""",
    """\
# nb2svc: feature applicant
loans = applicants[applicants["age"] >= 18]  # adults only
loans = loans.merge(history.drop(columns="last"), on="applicant_id", how="left")
loans = loans.merge(large, on="applicant_id", how="left")
loans = loans.merge(contacts, on="applicant_id", how="left")
loans = loans.merge(regions, on="region", how="left")
loans["n"] = loans["n"].fillna(0)
loans["n_large"] = loans["n_large"].fillna(0)
loans["n_visits"] = loans["n_visits"].fillna(-1)
loans["stale"] = (loans["days_since"] > 30).astype(int)
loans["income"] = loans["income"].fillna(loans["income"].mean())
loans["burden"] = (loans["debt"] / loans["income"]).round(6)
loans["owner"] = (loans["home"] == "owner").astype(int)
loans["band"] = np.where(loans["age"] < 30, 0, 1) + np.where(loans["age"] < 55, 0, 1)
X = pd.get_dummies(loans.drop(columns=["applicant_id", "defaulted", "home"]), columns=["region"])
""",
    """\
# nb2svc: model output=decision
X_train, X_test, y_train, y_test = train_test_split(X, loans["defaulted"], random_state=0)
model = HistGradientBoostingClassifier(random_state=0).fit(X_train, y_train)
risk = model.predict_proba(X_test)[:, 1]
decision = pd.Series(risk > 0.4).map({True: "High risk", False: "Low risk"})
""",
)

FEATURES = """\
import numpy as np
import pandas as pd

from ._nb2svc import State


# loans.ipynb, cell 2 "history"
def history(transactions: pd.DataFrame, visits: pd.DataFrame, state: State) -> tuple:
@2:2|    snapshot = state.snapshot(lambda: transactions["when"].max())
@2:3|    history = transactions.groupby("applicant_id").agg(n=("amount", "size"), total=("amount", "sum"), last=("when", "max")).round({"total": 2})
@2:4|    history["days_since"] = (snapshot - history["last"]).dt.days  # recency, not the date itself
@2:5|    large = transactions[transactions["amount"] > 60].groupby("applicant_id").agg(n_large=("amount", "size"))
@2:6|    contacts = visits.groupby("applicant_id").agg(n_visits=("amount", "size"), longest=("amount", "max"))
    return history, large, contacts


# loans.ipynb, cell 3 "applicant"
def applicant(applicants: pd.DataFrame, history: pd.DataFrame, large: pd.DataFrame, contacts: pd.DataFrame, regions: pd.DataFrame, state: State) -> tuple:
@3:2|    loans = applicants[applicants["age"] >= 18] if state.learning else applicants  # adults only
@3:3|    loans = loans.merge(history.drop(columns="last"), on="applicant_id", how="left")
@3:4|    loans = loans.merge(large, on="applicant_id", how="left")
@3:5|    loans = loans.merge(contacts, on="applicant_id", how="left")
@3:6|    loans = loans.merge(regions, on="region", how="left")
@3:7|    loans["n"] = loans["n"].fillna(0)
@3:8|    loans["n_large"] = loans["n_large"].fillna(0)
@3:9|    loans["n_visits"] = loans["n_visits"].fillna(-1)
@3:10|    loans["stale"] = (loans["days_since"] > 30).astype(int)
@3:11|    loans["income"] = loans["income"].fillna(state.income_mean(lambda: loans["income"].mean()))
@3:12|    loans["burden"] = (loans["debt"] / loans["income"]).round(6)
@3:13|    loans["owner"] = (loans["home"] == "owner").astype(int)
@3:14|    loans["band"] = np.where(loans["age"] < 30, 0, 1) + np.where(loans["age"] < 55, 0, 1)
@3:15|    X = pd.get_dummies(state.categories(loans.drop(columns=["applicant_id", "defaulted", "home"]), ["region"]), columns=["region"])
    return loans, X
"""

MODEL = """\
import pandas as pd

from ._nb2svc import State
from .features import applicant, history


# loans.ipynb, cell 4
def answer(applicants: pd.DataFrame, transactions: pd.DataFrame, visits: pd.DataFrame, regions: pd.DataFrame, model, state: State) -> tuple:
    history_, large, contacts = history(transactions, visits, state)
    _, X = applicant(applicants, history_, large, contacts, regions, state)
@4:4|    risk = model.predict_proba(X)[:, 1]
@4:5|    decision = pd.Series(risk > 0.4).map({True: "High risk", False: "Low risk"})
    return risk, decision
"""

TRAINING = """\
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split

from . import features
from ._nb2svc import State
from ._nb2svc.training import main


def train(state: State):
    applicants = pd.read_csv("applicants.csv")
    transactions = pd.read_csv("transactions.csv", parse_dates=["when"])
    visits = pd.read_csv("visits.csv", parse_dates=["when"])
    regions = pd.read_csv("regions.csv")

    history, large, contacts = features.history(transactions, visits, state)
    loans, X = features.applicant(applicants, history, large, contacts, regions, state)

@4:2|    X_train, X_test, y_train, y_test = train_test_split(X, loans["defaulted"], random_state=0)
@4:3|    model = HistGradientBoostingClassifier(random_state=0).fit(X_train, y_train)
    return model


if __name__ == "__main__":
    main(train)
"""

SCHEMA = """\
from datetime import datetime
from typing import List, Optional

from ._nb2svc.schema import Answer, Guard, Row, Schema, Table, seen


class Transaction(Row):
    when: datetime = seen()
    amount: float = seen()


class Visit(Row):
    when: datetime = seen()
    amount: float = seen()


class Applicant(Row):
    age: int = seen()
    income: Optional[float] = seen()
    debt: float = seen()
    home: str = seen("owner", "parents", "rent")
    region: str = seen("east", "north", "south")
    transactions: List[Transaction] = []
    visits: List[Visit] = []


SCHEMA = Schema(
    [
        Table(
            "applicants",
            Applicant,
            columns={APPLICANTS},
            fixed={"defaulted": 0},
            keys=["applicant_id"],
            main_key="applicant_id",
        ),
        Table("transactions", Transaction, columns={TRANSACTIONS}, key="applicant_id", main_key="applicant_id"),
        Table("visits", Visit, columns={VISITS}, key="applicant_id", main_key="applicant_id"),
    ],
    name="loans",
    notebook="loans.ipynb",
    answer=Answer("label"),
    guards=[Guard("age", ">=", 18, text='applicants["age"] >= 18', where="cell 3")],
)
"""
