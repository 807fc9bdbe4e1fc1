"""Makes the ledger that credit_risk.ipynb reads: applicants.csv and transactions.csv, the same bytes for the same seed.

    python example_notebooks/make_ledger.py [--out DIR] [--applicants 8000] [--seed 11]

The people are invented. What makes the data worth modelling is real enough: a missing transaction history is common and
tells something, late fees and cash withdrawals go with defaults, and a region's unemployment shifts everybody in it.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

REGIONS = pd.read_csv(Path(__file__).with_name("regions.csv"))
REGION_SHARES = (0.24, 0.19, 0.17, 0.16, 0.14, 0.10)
EMPLOYMENT = ("salaried", "self-employed", "student", "retired", "unemployed")
# Added to the log-odds of default, in the order of EMPLOYMENT.
EMPLOYMENT_RISK = np.array([-0.35, 0.15, 0.10, -0.25, 0.95])
KINDS = ("card", "transfer", "direct debit", "cash", "late fee")
FIRST_DAY = pd.Timestamp("2024-07-01")
DAYS = 365


def main() -> None:
    """Write both files and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="the folder to write to")
    parser.add_argument("--applicants", type=int, default=8000, help="how many people")
    parser.add_argument("--seed", type=int, default=11, help="another seed, another ledger")
    options = parser.parse_args()

    random = np.random.default_rng(options.seed)
    applicants, stress = make_applicants(random, options.applicants)
    transactions = make_transactions(random, applicants, stress)
    options.out.mkdir(parents=True, exist_ok=True)
    applicants.to_csv(options.out / "applicants.csv", index=False)
    transactions.to_csv(options.out / "transactions.csv", index=False)
    print(f"{len(applicants):,} applicants and {len(transactions):,} transactions in {options.out}")


def make_applicants(random: np.random.Generator, count: int) -> tuple[pd.DataFrame, np.ndarray]:
    """One row per applicant, and how short of money each one is (about standard normal; nobody can observe it directly)."""
    stress = random.normal(size=count)
    age = np.clip(random.gamma(2.6, 10.5, size=count) + 15, 16, 84).astype(int)  # some are minors: they may not borrow
    employment = random.choice(len(EMPLOYMENT), p=(0.58, 0.14, 0.10, 0.12, 0.06), size=count)
    region = random.choice(len(REGIONS), p=REGION_SHARES, size=count)

    income = np.exp(7.75 + 0.38 * random.normal(size=count) - 0.12 * stress - 0.30 * (employment >= 2))
    loan_amount = np.maximum(500, np.round(np.exp(8.6 + 0.7 * random.normal(size=count)) / 100) * 100).astype(int)
    months_at_address = np.floor(random.gamma(1.4, 40.0, size=count))
    unemployment = REGIONS["unemployment"].to_numpy()[region]

    odds = (
        -2.75
        + 1.30 * stress
        + EMPLOYMENT_RISK[employment]
        + 0.55 * np.log(loan_amount / income)
        + 0.10 * (unemployment - unemployment.mean())
        - 0.004 * np.minimum(months_at_address, 120)
        - 0.012 * (age - 40)
    )
    applicants = pd.DataFrame(
        {
            "applicant_id": 100_000 + random.permutation(count),
            "age": age,
            "income": np.where(random.random(count) < 0.07, np.nan, income.round(2)),
            "employment": np.array(EMPLOYMENT)[employment],
            "region": REGIONS["region"].to_numpy()[region],
            "loan_amount": loan_amount,
            "months_at_address": np.where(random.random(count) < 0.04, np.nan, months_at_address),
            "defaulted": (random.random(count) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )
    return applicants, stress


def make_transactions(random: np.random.Generator, applicants: pd.DataFrame, stress: np.ndarray) -> pd.DataFrame:
    """A year of account movements. About one applicant in four has none, most often the young and those in trouble."""
    absent = 1 / (1 + np.exp(1.15 - 0.75 * stress + 0.02 * (applicants["age"].to_numpy() - 40)))
    has_history = random.random(len(applicants)) >= absent
    counts = np.where(has_history, 1 + random.poisson(7, size=len(applicants)), 0)
    owner = np.repeat(np.arange(len(applicants)), counts)
    strain = stress[owner]

    # Who is short of money draws more cash and pays more late fees, and stopped using the account earlier.
    weights = np.stack(
        [
            np.full(len(owner), 6.0),
            np.full(len(owner), 2.0),
            np.full(len(owner), 2.0),
            np.exp(0.6 * strain),
            0.5 * np.exp(0.9 * strain),
        ]
    )
    edges = (weights / weights.sum(axis=0)).cumsum(axis=0)
    kind = np.minimum((random.random(len(owner)) > edges).sum(axis=0), len(KINDS) - 1)
    amount = np.where(kind == KINDS.index("late fee"), 25.0, np.exp(3.4 + 0.8 * random.normal(size=len(owner)) - 0.1 * strain))
    day = DAYS - 1 - np.minimum(random.gamma(1.3, 70 * np.exp(0.45 * strain)), DAYS - 1).astype(int)
    transactions = pd.DataFrame(
        {
            "applicant_id": applicants["applicant_id"].to_numpy()[owner],
            "when": FIRST_DAY + pd.to_timedelta(day, unit="D"),
            "amount": amount.round(2),
            "kind": np.array(KINDS)[kind],
        }
    )
    return transactions.sort_values(["when", "applicant_id"], kind="stable", ignore_index=True)


if __name__ == "__main__":
    main()
