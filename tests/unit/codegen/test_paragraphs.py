"""A cell is a paragraph of the function it goes to, and a blank line that its author left stays one blank line."""

from tests.unit.plan.homes import case
from tests.unit.plan.loans import CAPTURE

from nb2svc.codegen.context import Context
from nb2svc.codegen.modules import author_modules
from nb2svc.plan.planner import make_plan

CELLS = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\ndf = pd.read_csv('homes.csv')\n",
    "# nb2svc: feature homes\ndf['rooms'] = df['rooms'] / 2\ndf['rooms'] = df['rooms'].abs()\n",
    "# what the model reads\nX = df[['rooms']]\n",
    "# nb2svc: model\nmodel = LinearRegression()\n\n# rooms only\nmodel.fit(X, df['price'])\nanswer = model.predict(X)\n",
)
FEATURES = """\
    df['rooms'] = df['rooms'] / 2
    df['rooms'] = df['rooms'].abs()

    # what the model reads
    X = df[['rooms']]
    return df, X
"""
TRAINING = """\
    df, X = features.homes(df, state)

    # homes.ipynb, cell 4 (model = LinearRegression())
    model = LinearRegression()

    # rooms only
    model.fit(X, df['price'])
    return model
"""


def test_cells_and_blank_lines_part_paragraphs_once() -> None:
    made = case(list(CELLS), selections={})
    plan = make_plan(made.notebook, made.dataflow, made.outline, CAPTURE, made.observation)
    modules = {
        module.name: module.text for module in author_modules(Context(plan=plan, notebook=made.notebook, dataflow=made.dataflow))
    }
    assert modules["features"].endswith(f"-> tuple:\n{FEATURES}")
    assert f"\n{TRAINING}" in modules["training"]
