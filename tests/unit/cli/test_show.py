"""What `nb2svc show` prints and writes, and how it fails."""

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

ROOT = Path(__file__).parents[3]
CELLS = (
    'import pandas as pd\nfrom sklearn.linear_model import Ridge\ndf = pd.read_csv("homes.csv")',
    '# nb2svc: feature home\ndf["a"] = df["a"].fillna(df["a"].mean())  # the usual\nX = df[["a"]]',
    '# nb2svc: model\nmodel = Ridge().fit(X, df["y"])\npred = model.predict(X)',
    "# nb2svc: check sane serve=true\nassert pred.min() > 0",
)
LEARNED = 'df["a"] = df["a"].fillna(state.a_mean(lambda: df["a"].mean()))  # the usual'


@pytest.fixture
def homes(write) -> Path:
    return write("homes.ipynb", *CELLS)


def test_three_modules_by_default_and_what_they_come_from_on_the_other_stream(run, homes) -> None:
    result = run("show", "homes.ipynb")
    assert result.exit_code == 0
    headings = [line for line in result.stdout.split("\n") if line.startswith("# ----")]
    assert headings == [f"# ---- homes/{name}.py ----" for name in ("features", "model", "training")]
    assert f"    # not yet observed: whether this value depends on other rows\n    {LEARNED}\n" in result.stdout
    assert result.stderr == "a draft: from the source alone, nothing was run; what only a run can tell is marked\n"
    assert "\x1b" not in result.stdout


def test_one_module_is_its_text_and_nothing_else(run, homes) -> None:
    result = run("show", "homes.ipynb", "features.py")
    assert result.stdout.startswith("# A draft from the source of homes.ipynb alone")
    compile(result.stdout, "features.py", "exec")


def test_other_modules_can_be_named(run, homes) -> None:
    result = run("show", "homes.ipynb", "checks", "service", "tests", "schema")
    headings = [line.split()[2] for line in result.stdout.split("\n") if line.startswith("# ----")]
    tests = [f"tests/{name}.py" for name in ("conftest", "test_checks", "test_features", "test_parity", "test_service")]
    assert headings == ["homes/checks.py", "homes/service.py", *tests, "homes/schema.py"]
    assert "# not yet observed: the columns of each table, their types, ranges and categories\nclass DfRow(Row):" in result.stdout


def test_json_says_where_lines_and_marks_are(run, homes) -> None:
    document = json.loads(run("show", "homes.ipynb", "features", "schema", "--format", "json").stdout)
    assert (document["notebook"], document["package"], document["basis"]["kind"]) == ("homes.ipynb", "homes", "draft")
    features = document["modules"][0]
    lines = features["text"].split("\n")
    [line] = [each for each in features["lines"] if each["cell_line"] == 2]
    assert lines[line["line"] - 1].strip() == LEARNED
    [mark] = [each for each in features["marks"] if each["kind"] == "state"]
    assert lines[mark["line"] - 1].strip() == f"# not yet observed: {mark['text']}"
    assert (mark["first"], mark["last"], mark["cell"], mark["cell_line"]) == (line["line"], line["line"], 2, 2)


def test_the_documentation_names_every_kind_of_mark() -> None:
    from nb2svc.ir.draft import UNSEEN

    page = (ROOT / "docs" / "showing.md").read_text()
    assert all(f"| `{kind}` |" in page for kind in UNSEEN)


def test_modules_go_to_a_file_or_to_a_folder(run, homes, tmp_path) -> None:
    assert run("show", "homes.ipynb", "-o", "all.py").stderr.endswith("wrote all.py\n")
    assert (tmp_path / "all.py").read_text() == run("show", "homes.ipynb").stdout
    (tmp_path / "there").mkdir()
    for folder in ("there", "new/er/"):
        result = run("show", "homes.ipynb", "features", "tests", "-o", folder)
        assert result.exit_code == 0, result.stderr
        assert (tmp_path / folder / "features.py").read_text() == run("show", "homes.ipynb", "features").stdout
        assert (tmp_path / folder / "tests" / "test_parity.py").is_file()


def test_a_built_project_is_not_written_into(run, homes, tmp_path) -> None:
    (tmp_path / "homes" / "homes" / "_nb2svc").mkdir(parents=True)
    for folder in ("homes", "homes/homes/"):
        result = run("show", "homes.ipynb", "-o", folder)
        assert (result.exit_code, "is a built project" in result.stderr) == (2, True)
    assert [path.name for path in (tmp_path / "homes").iterdir()] == ["homes"]


def test_on_a_terminal_it_has_colours_and_whole_lines(homes, monkeypatch, capsys) -> None:
    from nb2svc.cli import show
    from nb2svc.pipeline import analyze
    from nb2svc.showing import pick
    from nb2svc.showing import show as shown

    monkeypatch.setattr("rich.console.Console", lambda: Console(force_terminal=True, width=40, color_system="standard"))
    show._print(pick(shown(analyze(homes)), ("features", "model")))
    text = capsys.readouterr().out
    assert "\x1b[33;49m# not yet observed: whether this value depends on other rows" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert f"    {LEARNED}\n" in plain
    assert plain.startswith("homes/features.py\n")


def test_an_unknown_module_names_those_that_there_are(run, homes) -> None:
    result = run("show", "homes.ipynb", "featurs")
    assert result.exit_code == 2
    assert "there is no module featurs" in result.stderr
    assert "there are: features, model, training, schema, checks, service, tests" in result.stderr


def test_a_module_that_this_notebook_does_not_need_is_said_to_be_so(run, write) -> None:
    write("plain.ipynb", *CELLS[:1], "# nb2svc: model\nmodel = Ridge().fit(df[['a']], df['y'])\npred = model.predict(df[['a']])")
    result = run("show", "plain.ipynb", "features")
    assert (result.exit_code, "plain.ipynb needs none" in result.stderr) == (2, True)
    assert run("show", "plain.ipynb").exit_code == 0


def test_a_refused_notebook_shows_its_findings_only(run, write) -> None:
    write("bad.ipynb", CELLS[0], "# nb2svc: feature home raw=nothing\nX = df[['a']]", CELLS[2])
    result = run("show", "bad.ipynb")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "refusal NB208" in result.stderr
    document = json.loads(run("show", "bad.ipynb", "--format", "json").stdout)
    assert (document["error"]["exit_code"], document["findings"][0]["code"]) == (3, "NB208")


def test_an_untagged_notebook_gets_the_proposal_of_analyze(run, write) -> None:
    write("untagged.ipynb", CELLS[0], 'X = df[["a"]]', "model = Ridge().fit(X, df['y'])\npred = model.predict(X)")
    shown, analyzed = run("show", "untagged.ipynb"), run("analyze", "untagged.ipynb")
    assert (shown.exit_code, shown.stderr) == (analyzed.exit_code, analyzed.stderr)


@pytest.mark.parametrize(
    ("content", "code"), [(None, 2), (b"{", 3), (b"\x00\xff", 3), (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', 3)]
)  # fmt: skip
def test_what_is_no_notebook_is_told_in_one_error(run, tmp_path, content, code) -> None:
    if content is not None:
        (tmp_path / "x.ipynb").write_bytes(content)
    result = run("show", "x.ipynb")
    assert (result.exit_code, result.stdout) == (code, "")
    assert "error: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_can_not_be_written_is_a_fault_of_the_environment(run, homes, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    result = run("show", "homes.ipynb", "-o", "file/below/")
    assert result.exit_code == 5
    assert "Traceback" not in result.stderr


def test_what_a_capture_was_is_said_in_one_line() -> None:
    from nb2svc.ir.shown import Basis
    from nb2svc.showing import said

    basis = Basis(
        kind="capture", capture="1f0c2a94b7", captured="2026-11-26T18:39:02Z", parameters=(("months", "12"),), changed=(3, 5)
    )
    told = "from the last capture, 1f0c2a94 of 2026-11-26T18:39:02Z, run with -p months=12; cells 3, 5 changed since, which makes no difference here"
    assert said(basis) == told
    assert said(Basis(kind="draft", note="why")).endswith("is marked\nwhy")


def test_warnings_are_counted_with_the_way_to_them(run, write) -> None:
    write("my homes.ipynb", CELLS[0] + '\nimport os\nos.system("true")', *CELLS[1:3], "# nb2svc: check late\nassert True")
    from nb2svc.pipeline import analyze

    warnings = [each for each in analyze(Path("my homes.ipynb")).findings if each.severity == "warning"]
    told = [line for line in run("show", "my homes.ipynb").stderr.split("\n") if "nb2svc analyze" in line]
    expected = f"{len(warnings)} warning{'' if len(warnings) == 1 else 's'}: nb2svc analyze 'my homes.ipynb'"
    assert told == ([expected] if warnings else [])
    assert warnings
