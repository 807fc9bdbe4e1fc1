"""A long notebook that looks like a person's: one load, a chain of features with looks in between, a model, a check."""

import json

LOAD = """import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

patients = load_diabetes(as_frame=True, scaled=False).frame"""
START = """# nb2svc: feature measurements
visits = patients.drop(columns="target")"""
MODEL = """# nb2svc: model output=progression
X_train, X_test, y_train, y_test = train_test_split(visits, patients["target"], random_state=0)
model = Ridge(alpha=1.0)
model.fit(X_train, np.log(y_train))
progression = np.exp(model.predict(X_test))"""
CHECK = """# nb2svc: check mae
mae = mean_absolute_error(y_test, progression)
assert mae < 500"""
COLUMNS = ("age", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def notebook(cells: int) -> bytes:
    """A notebook of `cells` code cells, of which about one in four leads to the model and the others only look."""
    middle = [_middle(number) for number in range(cells - 4)]
    return _document([LOAD, START, *middle, MODEL, CHECK])


def _middle(number: int) -> str:
    column, other = COLUMNS[number % 9], COLUMNS[(number * 4 + 1) % 9]
    match number % 8:
        case 0:
            return f'# ratio {number}\nvisits["f{number}"] = (visits["{column}"] / (visits["{other}"] + 1)).round(4)'
        case 4:
            low = f"low_{number} = 0.{number % 90 + 10}"
            return f'{low}\nvisits["f{number}"] = visits["{column}"].clip(lower=low_{number}) * {number % 7 + 1}'
        case 1 | 5:
            return f'visits[["{column}", "{other}"]].describe()'
        case 2:
            return f'grouped_{number} = visits.groupby("sex")["{column}"].mean()\nprint(grouped_{number})'
        case 3:
            return (
                f'def spread_{number}(values):\n    return values.max() - values.min()\n\n\nspread_{number}(visits["{column}"])'
            )
        case 6:
            return f'for quantile in (0.1, 0.5, 0.9):\n    print(quantile, visits["{other}"].quantile(quantile))'
        case _:
            return f'look_{number} = visits.copy()\nlook_{number}["z"] = look_{number}["{column}"] * 2\nlook_{number}.head()'


def _document(sources: list[str]) -> bytes:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for number, source in enumerate(sources)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}).encode()
