"""`nb2svc analyze --fix`: it mends what needs no choice, says what, and changes no other byte."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from nb2svc.cli.main import main

CELLS = (
    'import pandas as pd\nfrom sklearn.linear_model import Ridge\n\nloans = pd.read_csv("loans.csv")',
    '# nb2svc: featuer loans\nloans["income"].fillna(0, inplace=True)\nX, y = loans[["age", "income"]], loans["rate"]',
    "# nb2svc: model\nmodel = Ridge().fit(X, y)\nrate = model.predict(X)",
    '# nb2svc: feature ages\nages = loans["age"].clip(18, 90)',
)
MENDED = (
    CELLS[0],
    '# nb2svc: feature loans\nloans["income"] = loans["income"].fillna(0)\nX, y = loans[["age", "income"]], loans["rate"]',
    *CELLS[2:],
)
SCHEMA = Path(__file__).parents[2] / "fixtures" / "schemas" / "sarif-2.1.0-rtm.5.json"


def written(folder: Path, cells: tuple[str, ...] = CELLS) -> Path:
    path = folder / "loans.ipynb"
    code = [
        {
            "cell_type": "code",
            "id": f"c{at}",
            "metadata": {},
            "outputs": [{"text": ["€"]}],
            "source": cell.splitlines(keepends=True),
        }
        for at, cell in enumerate(cells)
    ]
    document = {"cells": code, "metadata": {"x": [1.0, 1e3]}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["analyze", *map(str, arguments)])
    return done.exit_code, done.stdout


def test_what_needs_no_choice_is_mended_and_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    code, told = run(path, "--fix")
    assert code == 0
    assert told.startswith("mended loans.ipynb: 2 fixes, and no other byte changed\n  NB101  cell 2")
    assert told.split("\n")[2].startswith("  NB229  cell 2")
    assert ', line 2: Assign the result to `loans["income"]`\n' in told
    assert "warning NB221" in told
    (tmp_path / "wanted").mkdir()
    assert path.read_bytes() == written(tmp_path / "wanted", MENDED).read_bytes()


def test_a_difference_is_shown_and_nothing_written(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    code, told = run(path, "--fix", "--diff")
    assert (code, path.read_bytes()) == (0, before)
    assert '-# nb2svc: featuer loans\n-loans["income"].fillna(0, inplace=True)\n+# nb2svc: feature loans\n' in told
    assert told.rstrip().split("\n")[-3] == "loans.ipynb: 2 fixes at hand, nothing is written"


def test_a_choice_is_made_where_its_code_is_asked_for_only(tmp_path: Path) -> None:
    path = written(tmp_path, MENDED)
    code, told = run(path, "--fix")
    assert (code, told.split("\n")[0]) == (0, "loans.ipynb: nothing to fix that needs no choice")
    _, told = run(path, "--fix", "--only", "221", "--format", "json")
    document = json.loads(told)
    assert document["mended"] == [{"code": "NB221", "cell": 4, "title": "Remove the tag of cell 4"}]
    assert (document["written"], document["findings"]) == (True, [])


def test_of_several_ways_none_is_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, (*MENDED[:3], MENDED[2].replace("model =", "other =").replace("model.", "other.")))
    before = path.read_bytes()
    code, told = run(path, "--fix", "--only", "NB203")
    assert (code, path.read_bytes()) == (3, before)
    assert "quick fix: Remove the tag of cell 4, or: Remove the tag of cell 3" in told


def test_the_text_names_the_fix_and_what_makes_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    _, told = run(path)
    assert "  quick fix: Write `feature`\n" in told
    assert f"nb2svc analyze {path} --fix makes 2 quick fixes; --diff shows it first." in told


@pytest.mark.parametrize("arguments", [["--only", "NB221"], ["--fix", "--only", "NB999"]])
def test_what_can_not_be_asked_changes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    done = CliRunner().invoke(main, ["analyze", str(path), *arguments])
    assert done.exit_code == 2
    assert path.read_bytes() == before


def test_sarif_has_the_edits_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    _, told = run(path, "--format", "sarif")
    document = json.loads(told)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    (fix,) = document["runs"][0]["results"][0]["fixes"]
    (change,) = fix["artifactChanges"][0]["replacements"]
    region, lines = change["deletedRegion"], path.read_text(encoding="utf-8").split("\n")
    line = lines[region["startLine"] - 1]
    mended = line[: region["startColumn"] - 1] + change["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    assert (fix["description"]["text"], mended.strip()) == ("Write `feature`", '"# nb2svc: feature loans\\n",')
