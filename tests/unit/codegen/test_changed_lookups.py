"""A lookup table that a step changes in place is shipped as it was loaded, by training as by the capture."""

from tests.unit.plan.homes import case
from tests.unit.plan.loans import CAPTURE

from nb2svc.codegen.context import Context
from nb2svc.codegen.modules import author_modules
from nb2svc.codegen.verify import verify
from nb2svc.plan.planner import make_plan

START = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
    "df = pd.read_csv('homes.csv')\ntests = pd.read_csv('tests.csv')\n"
)
END = "# nb2svc: model\nmodel = LinearRegression()\nmodel.fit(X, df['price'])\nanswer = model.predict(X)\n"


def _training(features: str) -> str:
    made = case([START, f"# nb2svc: feature homes\n{features}", END], selections={}, lookups=["tests"])
    plan = make_plan(made.notebook, made.dataflow, made.outline, CAPTURE, made.observation)
    modules = author_modules(Context(plan=plan, notebook=made.notebook, dataflow=made.dataflow))
    verify(Context(plan=plan, notebook=made.notebook, dataflow=made.dataflow), modules)
    return next(module.text for module in modules if module.name == "training")


def test_training_puts_the_table_aside_before_the_step_changes_it() -> None:
    text = _training("for c in ['rooms']:\n    df[c] = df[c] / 2\n    tests[c] = tests[c] / 2\nX = df[['rooms']]\n")
    aside = text.index("    tests_as_loaded = tests.copy()\n")
    assert text.index("tests = pd.read_csv('tests.csv')") < aside < text.index("features.homes(")
    assert text.rstrip().split("\n\n\n")[1].endswith('return model, {"tests": tests_as_loaded}')


def test_a_table_that_is_only_read_is_returned_as_it_is() -> None:
    text = _training("df['rooms'] = df['rooms'] + tests['rooms'].mean()\nX = df[['rooms']]\n")
    assert "_as_loaded" not in text
    assert 'return model, {"tests": tests}' in text
