"""Nothing in the compiler knows the hero: other names, other cells and other data, and it is proved again."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Every table, key, column and variable of credit_risk.ipynb.
NAMES = {
    "applicants": "people",
    "transactions": "moves",
    "regions": "areas",
    "applicant_id": "person",
    "defaulted": "lost",
    "income": "wage",
    "age": "years",
    "employment": "work",
    "region": "area",
    "loan_amount": "sum_asked",
    "months_at_address": "stay",
    "when": "day",
    "amount": "paid",
    "kind": "sort",
    "history": "past",
    "movements": "flow",
    "snapshot": "newest",
    "payments": "count_paid",
    "spent": "total_paid",
    "cash": "notes",
    "late_fees": "fines",
    "late": "tardy",
    "last": "latest",
    "cash_share": "notes_share",
    "days_since": "days_gone",
    "loans": "cases",
    "means": "averages",
    "loan_to_income": "burden",
    "X_train": "seen",
    "X_test": "held",
    "y_train": "truth",
    "y_test": "held_truth",
    "X": "table",
    "model": "booster",
    "risk": "chance",
    "decision": "verdict",
    "threshold": "cut",
}


def renamed(text: str) -> str:
    """The text with every whole word of NAMES replaced, but not what follows a dot: that is a library's name."""
    words = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
    return re.sub(rf"(?<![\w.])({words})(?!\w)|(?<=\")({words})(?=\.csv)", lambda found: NAMES[found[0]], text)


def test_the_hero_under_other_names_is_proved_again(tmp_path: Path, ledger: Path) -> None:
    import pandas as pd
    from tests.conftest import EXAMPLES, nb2svc

    subprocess.run(
        [sys.executable, str(EXAMPLES / "make_ledger.py"), "--out", str(tmp_path), "--applicants", "4000", "--seed", "5"],
        check=True,
    )
    for old, new in (("applicants", "people"), ("transactions", "moves")):
        table = pd.read_csv(tmp_path / f"{old}.csv")
        table.rename(columns=NAMES).to_csv(tmp_path / f"{new}.csv", index=False)
        (tmp_path / f"{old}.csv").unlink()
    pd.read_csv(EXAMPLES / "regions.csv").rename(columns=NAMES).to_csv(tmp_path / "areas.csv", index=False)
    notebook = tmp_path / "cases.ipynb"
    notebook.write_text(json.dumps(rearranged(json.loads((EXAMPLES / "credit_risk.ipynb").read_text(encoding="utf-8")))))

    done = nb2svc("build", notebook.name, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    features = (tmp_path / "cases" / "cases" / "features.py").read_text(encoding="utf-8")
    assert not re.search(r"\b(applicants|transactions|defaulted|income|history)\b", features)
    assert 'state.newest(lambda: moves["day"].max())' in features


def rearranged(document: dict) -> dict:
    """The notebook with other names; the history's statements are split over two cells, the model's over three."""
    cells = []
    for cell in document["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            cells.append({**cell, "source": "Text."})
            continue
        head, directive, rest = source.partition("# nb2svc: feature history\n")
        if directive:
            first, rest = _split(rest, "history = movements")
            source, later = f"{head}# nb2svc: feature flow\n{first}", f"# nb2svc: feature past\n{rest}"
            cells += [_cell(cell, renamed(source), "a"), _cell(cell, renamed(later), "b")]
        elif "# nb2svc: model" in source:
            body = source.split("\n", 1)[1]
            split, rest = _split(body, "model = ")
            fit, rest = _split(rest, "risk = ")
            cells += [_cell(cell, renamed(split), "a"), _cell(cell, renamed(fit), "b")]
            cells.append(_cell(cell, "# nb2svc: model output=verdict\n" + renamed(rest), "c"))
        else:
            cells.append(_cell(cell, re.sub(r"(?m)^(# nb2svc: \w+) .*", r"\1", renamed(source)), "x"))
    # The checks do not hold for other data: what is proved here is the compiler, not the model.
    cells = [cell for cell in cells if "# nb2svc: check" not in cell["source"]]
    return {**document, "cells": cells}


def _split(text: str, start: str) -> tuple[str, str]:
    place = text.index(start)
    return text[:place], text[place:]


def _cell(cell: dict, source: str, suffix: str) -> dict:
    return {**cell, "source": source, "id": f"{cell['id'][:20]}-{suffix}"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('loans["income"].fillna(0)', 'cases["wage"].fillna(0)'),
        ("model.predict_proba(X_test)[:, 1]", "booster.predict_proba(held)[:, 1]"),
        ('payments=("amount", "size")', 'count_paid=("paid", "size")'),
        ('pd.read_csv("transactions.csv", parse_dates=["when"])', 'pd.read_csv("moves.csv", parse_dates=["day"])'),
        ("sklearn.model_selection", "sklearn.model_selection"),
    ],
)
def test_only_the_notebooks_own_names_are_replaced(before: str, after: str) -> None:
    assert renamed(before) == after
