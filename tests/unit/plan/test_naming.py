"""Names of packages, steps and state."""

import pytest

from nb2svc.ir.observation import Categories, Learn, Rewrite
from nb2svc.ir.span import Span
from nb2svc.plan.naming import STATE_MEMBERS, class_name, package_name, state_names, step_names
from nb2svc_runtime.state import RESERVED

HERE = Span(1, 1, 0, 1, 1)


@pytest.mark.parametrize(
    ("notebook", "expected"),
    [
        ("loans.ipynb", "loans"),
        ("1-model (2).ipynb", "model"),
        ("Credit Risk v2.ipynb", "credit_risk_v2"),
        ("json.ipynb", "json_service"),
        ("class.ipynb", "notebook"),
        ("2024.ipynb", "notebook"),
        ("ümlaut.ipynb", "umlaut"),
        ("tests.ipynb", "tests_service"),
    ],
)
def test_package_names(notebook: str, expected: str) -> None:
    assert package_name(notebook) == expected


def test_an_installed_modules_name_is_never_shadowed() -> None:
    assert package_name("pandas.ipynb", installed=["pandas"]) == "pandas_service"


def test_class_name() -> None:
    assert class_name("credit_risk") == "CreditRisk"


def test_step_names_are_unique_and_shadow_nothing() -> None:
    names = step_names([(2, "Ages"), (3, "ages"), (4, "max"), (5, "clean")], taken={"clean"})
    assert names == {2: "ages", 3: "ages_2", 4: "max_features", 5: "clean_2"}


def test_state_names_are_unique_and_never_a_member_of_state() -> None:
    def learned(slot: str, hint: str) -> Rewrite:
        return Rewrite(statement=1, span=HERE, rule="state", parts=(Learn(slot=slot, hint=hint, how="1"),))

    names = state_names([learned("a", "income_mean"), learned("b", "income_mean"), learned("c", "learning")])
    assert names == {"a": "income_mean", "b": "income_mean_2", "c": "learning_2"}


def test_every_member_of_state_is_reserved() -> None:
    assert STATE_MEMBERS >= RESERVED


def test_the_same_columns_categories_twice_get_a_suffix() -> None:
    def dummies(slot: str) -> Rewrite:
        return Rewrite(statement=1, span=HERE, rule="R1", parts=(Categories(slots=(slot,), columns=("region",), frame="df"),))

    assert state_names([dummies("a"), dummies("b")]) == {"a": "region_categories", "b": "region_categories_2"}
