"""The tables that compile cases read: small, made once a run, the same on each machine.

`loans.csv` has whole and broken numbers, categories (one rare), missing values, dates, text and two targets; `payments.csv`
are rows of some loans, `regions.csv` is a table that many loans share.
"""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 360
REGIONS = ("east", "north", "south", "west", "isles")
JOBS = ("clerk", "nurse", "driver", "teacher")
WORDS = ("car", "kitchen", "roof", "school", "holiday", "debt", "boat", "wedding")


def write_tables(folder: Path) -> None:
    """Write the CSV files."""
    rng = np.random.default_rng(11)
    region = rng.choice(REGIONS, ROWS, p=(0.3, 0.3, 0.2, 0.18, 0.02))
    income = (rng.normal(3000, 800, ROWS) + 300 * (region == "north")).clip(300, 9000).round(1)
    days = rng.integers(0, 900, ROWS)
    loans = pd.DataFrame(
        {
            "loan_id": np.arange(5001, 5001 + ROWS),
            "age": rng.integers(16, 80, ROWS),
            "income": income,
            "amount": (income * rng.uniform(0.2, 6, ROWS)).round(0),
            "months": rng.choice([12, 24, 36, 60], ROWS),
            "region": region,
            "job": rng.choice(JOBS, ROWS),
            "plan": rng.choice(["basic", "plus"], ROWS, p=(0.7, 0.3)),
            "opened": (pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d"),
            "purpose": [" ".join(rng.choice(WORDS, 3, replace=False)) for _ in range(ROWS)],
            "flags": ["|".join(sorted(rng.choice(["a", "b", "c"], rng.integers(1, 4), replace=False))) for _ in range(ROWS)],
            "score": rng.normal(0, 1, ROWS).round(3),
        }
    )
    risk = loans["amount"] / 9000 - income / 4000 + 0.6 * (loans["job"] == "driver") + rng.normal(0, 0.6, ROWS)
    loans.loc[rng.random(ROWS) < 0.08, "income"] = np.nan
    loans.loc[rng.random(ROWS) < 0.06, "job"] = np.nan
    loans["rate"] = (4 + 2 * risk - loans["score"]).round(2)
    loans["defaulted"] = (risk > risk.quantile(0.7)).astype(int)
    loans.to_csv(folder / "loans.csv", index=False)
    _payments(rng, loans["loan_id"].to_numpy()).to_csv(folder / "payments.csv", index=False)
    rates = pd.DataFrame({"region": REGIONS, "unemployment": [7.1, 4.2, 5.9, 6.3, 9.8]})
    rates.to_csv(folder / "regions.csv", index=False)


def _payments(rng: np.random.Generator, loans: np.ndarray) -> pd.DataFrame:
    """None to five payments of each loan, in no order."""
    owners = rng.permutation(np.repeat(loans, rng.integers(0, 6, len(loans))))
    days = rng.integers(0, 400, len(owners))
    return pd.DataFrame(
        {
            "loan_id": owners,
            "kind": rng.choice(["card", "cash", "fee"], len(owners), p=(0.6, 0.3, 0.1)),
            "paid": rng.gamma(2.0, 60.0, len(owners)).round(2),
            "when": (pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d"),
        }
    )
