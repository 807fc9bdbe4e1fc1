import shutil

import pytest

from conftest import EXAMPLES
from nb2svc.capture.makers import how_to_run, likely_makers


def test_the_heros_ledger_is_made_by_its_script(tmp_path):
    for name in ("credit_risk.ipynb", "make_ledger.py", "demo.py"):
        shutil.copy(EXAMPLES / name, tmp_path)
    for file in ("applicants.csv", "transactions.csv"):
        assert likely_makers(file, tmp_path / "credit_risk.ipynb")[0] == "make_ledger.py"
    assert how_to_run("make_ledger.py") == "python make_ledger.py"


@pytest.mark.parametrize(
    ("name", "text", "makes"),
    [
        ("make.py", "frame.to_csv('data/loans.csv')", True),
        ("make.py", "with open('loans.csv', 'w') as file: print(1, file=file)", True),
        ("get.sh", "curl -o loans.csv https://example.org/x", True),
        ("Makefile", "loans.csv:\n\tgunzip -c x.gz > loans.csv", True),
        ("prepare.ipynb", '{"source": ["rows.to_parquet(\\"loans.csv\\")"]}', True),
        ("reading.py", "loans = pd.read_csv('loans.csv')", False),
        ("make.py", "frame.to_csv('old_loans.csv')", False),
        ("make.py", "frame.to_csv('loans.csv-2')", False),
        ("notes.md", "frame.to_csv('loans.csv')", False),
        ("loans.ipynb", "frame.to_csv('loans.csv')", False),
    ],
)
def test_a_script_that_names_the_file_and_writes(tmp_path, name, text, makes):
    (tmp_path / "loans.ipynb").write_text("{}")
    (tmp_path / name).write_text(text)
    assert likely_makers("data/loans.csv", tmp_path / "loans.ipynb") == ((name,) if makes else ())


def test_the_one_that_names_the_folder_too_comes_first(tmp_path):
    (tmp_path / "a.py").write_text("x.to_csv('loans.csv')")
    (tmp_path / "b.py").write_text("x.to_csv('data/loans.csv')")
    (tmp_path / "c.py").mkdir()
    assert likely_makers("data/loans.csv", tmp_path / "loans.ipynb") == ("b.py", "a.py")
    assert likely_makers("data/loans.csv", tmp_path / "nowhere" / "loans.ipynb") == ()
