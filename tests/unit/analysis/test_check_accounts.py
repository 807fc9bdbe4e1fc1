"""What is said of each check cell: where its names come from, what it needs alone, and who can evaluate it."""

from nb2svc.analysis.check_accounts import check_accounts
from nb2svc.analysis.dataflow import build_dataflow
from nb2svc.analysis.outline import build_outline
from nb2svc.ir.checks import CheckAccount
from unit.analysis.made_notebook import make_notebook

CELLS = (
    """import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
loans = pd.read_csv("loans.csv")""",
    """# nb2svc: feature loans
X = loans[["age", "score"]]
y = loans["rate"]""",
    """# nb2svc: model
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = Ridge().fit(X_train, y_train)
rate = model.predict(X_test)""",
    """def tidy(values):
    return values.round(2)
r2 = r2_score(y_test, rate)
shares = pd.Series(tidy(rate))
held = pd.read_csv("held.csv")""",
)


def account(text: str) -> CheckAccount:
    notebook = make_notebook(*CELLS, f"# nb2svc: check told{text}")
    dataflow = build_dataflow(notebook)
    outline, findings = build_outline(notebook, dataflow)
    assert outline is not None, findings
    (one,) = check_accounts(notebook, dataflow, outline)
    return one


def kinds(one: CheckAccount) -> dict[str, str]:
    return {read.name: read.kind for read in one.reads}


def test_names_come_from_the_answer_or_from_the_notebooks_run() -> None:
    one = account(
        "\nassert len(rate) == len(y_test) == len(X_test) <= len(loans)\nassert r2_score(y_test, rate) <= r2 + model.alpha"
    )
    assert kinds(one) == {
        "rate": "answer", "y_test": "target", "X_test": "feature", "loans": "raw", "r2_score": "definition",
        "r2": "made_of_answer", "model": "model",
    }  # fmt: skip


def test_what_only_the_check_needs_has_its_reason_and_the_rest_is_counted() -> None:
    one = account("\nassert (shares < 99).all()")
    assert [reason.text for reason in one.own] == ["defines `tidy`, which line 4 calls", "makes `shares`, which check told reads"]
    assert one.shared == (("serving", 7), ("training", 2))


def test_a_metric_is_no_part_of_a_check() -> None:
    one = account(" serve=true\nimport nb2svc\nnb2svc.metric('r2', r2_score(y_test, rate))\nassert (shares < 99).all()")
    assert kinds(one) == {"shares": "made_of_answer"}
    assert (one.evaluated, one.request) == (True, True)
    idle = account("\nfrom nb2svc import metric as tell\ntell('r2', r2_score(y_test, rate))")
    assert (idle.evaluated, idle.why) == (False, "it asserts nothing, so it can't fail")


def test_a_check_of_the_answer_can_be_evaluated_by_both() -> None:
    one = account(" serve=true\nassert (shares < 99).all()")
    assert (one.asked, one.evaluated, one.request, one.why, one.request_why) == (True, True, True, "", "")


def test_what_a_request_has_not_is_named_with_the_reason_and_the_remedy() -> None:
    for text, why in (
        ("assert (rate == y_test).mean() >= 0", "no request has `y_test`: it is the target"),
        ("assert (rate == y).mean() >= 0", "no request has `y`: it is the target"),
        ("assert r2 > 0", "no request has `r2`: it is made with the target"),
        ("assert len(y_train) > len(held)", "no request has `y_train` (nor `held`): it is the target"),
        ("assert len(rate) > len(held)", "no request has `held`: it is made of the notebook's other rows"),
    ):
        one = account(f" serve=true\n{text}")
        assert (one.evaluated, one.request, one.request_why) == (True, False, why)
        assert one.request_remedy.startswith("Leave out serve=true")
        assert account(f"\n{text}").request_remedy == "", "nobody asked for it"


def test_a_name_that_nothing_makes_can_not_be_evaluated_at_all() -> None:
    one = account("\nassert gone > 3")
    assert (one.evaluated, one.request, one.why) == (False, False, "`gone` is made nowhere above")
    assert one.remedy == "Make `gone` in this cell or in one above it."


def test_an_empty_check_is_none() -> None:
    one = account("\n# to do")
    assert (one.evaluated, one.why) == (False, "the cell has no statement")


def test_a_line_of_ipython_can_not_be_evaluated() -> None:
    one = account("\nfiles = !ls\nassert len(rate) > len(files)")
    assert (one.evaluated, one.why) == (False, "`files` comes from `files = !ls`, which only IPython can run")


def test_a_file_that_the_check_loads_is_in_no_service() -> None:
    one = account(' serve=true\nlimits = pd.read_csv("limits.csv")\nassert len(rate) > len(limits)')
    assert (one.evaluated, one.request_why) == (True, "it loads `limits.csv`, which a service does not have")
