"""What is drawn stays as it is: axes change, the values that they are given do not."""

import pytest

from nb2svc.analysis.dataflow import build_dataflow
from unit.capture.made import made

LOADED = "import matplotlib.pyplot as plt\nimport pandas as pd\nimport seaborn as sns\nhomes = pd.read_csv('homes.csv')\ny = homes['price']"


def changes(source: str) -> set[str]:
    """What the statements of a cell change, other than what they draw on."""
    notebook, _ = made(LOADED, source)
    return {name for one in build_dataflow(notebook).statements for name in one.mutates} & {"homes", "y"}


@pytest.mark.parametrize(
    "source",
    [
        "fig, ax = plt.subplots()\nax.scatter(y, y)",
        "fig, axes = plt.subplots(1, 2)\naxes[0].hist(y)\naxes[1].scatter(y, y, alpha=0.5)",
        "fig, grid = plt.subplots(2, 2)\ngrid[0, 1].fill_between(y, y)\nfor ax in grid.flat:\n    ax.step(y, y)",
        "fig, (left, right) = plt.subplots(1, 2)\nleft.errorbar(y, y)\nright.step(y, y)",
        "ax = plt.figure().add_subplot(111)\nax.step(y, y)",
        "def show(ax, values):\n    ax.scatter(values, values)\nfig, ax = plt.subplots()\nshow(ax, y)",
        "for ax, values in zip(plt.subplots(1, 2)[1], [y, y]):\n    ax.step(values, values)",
        "ax = sns.histplot(y)\nax.set(xlabel='price').twinx().step(y, y)",
    ],
)
def test_axes_leave_alone_what_they_draw(source: str) -> None:
    assert changes(source) == set()


@pytest.mark.parametrize(
    "source",
    [
        # Of these it is not known that they draw.
        "import elsewhere\nfig, ax = elsewhere.subplots()\nax.scatter(y, y)",
        "penguins = sns.load_dataset('penguins')\npenguins[0].fit_with(y)",
        # A callback is called.
        "def shout(event):\n    y.sort_values(inplace=True)\nfig, ax = plt.subplots()\nfig.canvas.mpl_connect('close_event', shout)",
    ],
)
def test_what_may_change_them_still_does(source: str) -> None:
    assert "y" in changes(source)
