"""What `nb2svc suggest` shows and writes, and what analyze and build show of it."""

import json
from pathlib import Path

import pytest

from nb2svc.errors import EnvironmentProblem, RefusalError, UsageError
from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span
from nb2svc.system.files import rewrite

LOANS = (
    'import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nloans = pd.read_csv("loans.csv")',
    "loans.head()",
    'loans["ratio"] = loans["amount"] / loans["income"]\nX = loans.drop(columns="defaulted")',
    'model = LogisticRegression()\nmodel.fit(X, loans["defaulted"])',
    "risk = model.predict_proba(X)[:, 1]",
)

SHOWN = """\
loans.ipynb: 5 code cells, none tagged; 2 tags would do

  cell 3  # nb2svc: feature loan      likely (0.81)
    loans["ratio"] = loans["amount"] / loans["income"] …
    the first that changes `loans` (cell 1 loads it from loans.csv) on its way to `model`

  cell 5  # nb2svc: model      sure (0.90)
    risk = model.predict_proba(X)[:, 1]
    predicts as `risk` with `model`, which is fitted in cell 4

a build would then serve
  request   a row of `loans`, as it stands after cell 1, line 3
  features  2 statements of cell 3
  model     `model`, fitted at cell 4, line 2
  answer    `risk`, by model.predict_proba (cell 5, line 1)

accept    nb2svc suggest loans.ipynb --accept
"""


def test_the_whole_proposal(run, write):
    write("loans.ipynb", *LOANS)
    result = run("suggest", "loans.ipynb")
    assert result.exit_code == 0
    assert result.stdout == SHOWN


def test_nothing_is_written_without_accept(run, write):
    path = write("loans.ipynb", *LOANS)
    before = path.read_bytes()
    run("suggest", "loans.ipynb", "--spelling", "tag")
    assert path.read_bytes() == before


@pytest.mark.parametrize("spelling", ["comment", "tag"])
def test_accepted_tags_are_what_analyze_reads_and_a_second_time_changes_nothing(run, write, spelling):
    path = write("loans.ipynb", *LOANS)
    path.chmod(0o640)
    result = run("suggest", "loans.ipynb", "--accept", "--spelling", spelling)
    assert result.exit_code == 0
    assert result.stdout.startswith("tagged loans.ipynb: 2 tags added, and no other byte changed\n")
    assert "next      nb2svc analyze loans.ipynb\n          nb2svc build loans.ipynb" in result.stdout
    assert path.stat().st_mode & 0o777 == 0o640
    tagged = path.read_bytes()
    analyzed = run("analyze", "loans.ipynb")
    assert analyzed.exit_code == 0
    assert "loans.ipynb: 5 code cells (1 feature, 1 model)" in analyzed.stdout
    again = run("suggest", "loans.ipynb", "--accept")
    assert again.stdout.startswith("loans.ipynb is tagged (cell 3 feature, cell 5 model); nothing is missing\n")
    assert path.read_bytes() == tagged


def test_only_what_is_missing_is_added(run, write):
    path = write("loans.ipynb", *LOANS[:4], f"# nb2svc: model output=risk\n{LOANS[4]}")
    result = run("suggest", "loans.ipynb", "--accept")
    assert result.stdout.startswith("tagged loans.ipynb: 1 tag added")
    sources = [cell["source"] for cell in json.loads(path.read_bytes())["cells"]]
    assert sources[2].startswith("# nb2svc: feature loan\n")
    assert sources[4] == f"# nb2svc: model output=risk\n{LOANS[4]}"


def test_as_json(run, write):
    write("loans.ipynb", *LOANS)
    document = json.loads(run("suggest", "loans.ipynb", "--format", "json").stdout)
    feature, model = document["proposal"]["cells"]
    assert (feature["cell"], feature["id"], feature["directive"], feature["words"]) == (3, "c2", "feature loan", "likely")
    assert (model["role"], model["confidence"], model["options"]) == ("model", 0.9, {})
    assert document["accepted"] is False
    assert document["serves"]["answer"] == "`risk`, by model.predict_proba (cell 5, line 1)"
    assert (document["refusals"], document["error"]) == ([], None)


def test_the_report_goes_to_a_file(run, write, tmp_path):
    write("loans.ipynb", *LOANS)
    assert run("suggest", "loans.ipynb", "-o", "report.txt").stdout == ""
    assert (tmp_path / "report.txt").read_text() == SHOWN


def test_a_notebook_without_a_model_says_so(run, write):
    write("x.ipynb", 'import pandas as pd\nrows = pd.read_csv("rows.csv")', "rows.head()")
    result = run("suggest", "x.ipynb", "--accept")
    assert result.exit_code == 3
    assert "error: nothing in x.ipynb can be served" in result.stderr
    assert "it loads data, and no cell fits a model" in result.stderr
    document = json.loads(run("suggest", "x.ipynb", "--format", "json").stdout)
    assert document["error"]["exit_code"] == 3
    assert document["proposal"]["cells"] == []


def test_what_a_build_would_still_refuse_is_told(run, write):
    write("loans.ipynb", *LOANS[:3], 'X["before"] = X["amount"] / unknown', *LOANS[3:])
    result = run("suggest", "loans.ipynb")
    assert result.exit_code == 0
    assert "a build would still stop for 1 refusal:\n\nrefusal NB210  cell 4 " in result.stdout


def test_a_misspelt_tag_is_put_right_first(run, write):
    path = write("x.ipynb", "# nb2svc: featur a\nx = 1", *LOANS)
    before = path.read_bytes()
    result = run("suggest", "x.ipynb", "--accept")
    assert result.exit_code == 3
    assert "refusal NB101" in result.stderr
    assert path.read_bytes() == before


def test_a_read_only_notebook_stays(run, write):
    path = write("loans.ipynb", *LOANS)
    before = path.read_bytes()
    path.chmod(0o444)
    result = run("suggest", "loans.ipynb", "--accept")
    assert result.exit_code == 5
    assert "error: loans.ipynb is read-only" in result.stderr
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["loans.ipynb"]


def test_a_notebook_that_is_changed_meanwhile_stays(run, write, monkeypatch):
    path = write("loans.ipynb", *LOANS)
    from nb2svc.read import tagging

    real = tagging.with_tags

    def slow(*arguments, **options):
        path.write_bytes(path.read_bytes() + b"\n")
        return real(*arguments, **options)

    monkeypatch.setattr(tagging, "with_tags", slow)
    result = run("suggest", "loans.ipynb", "--accept")
    assert result.exit_code == 2
    assert "error: loans.ipynb was changed meanwhile" in result.stderr
    assert b"nb2svc" not in path.read_bytes()


def test_a_link_to_a_notebook_stays_a_link(run, write, tmp_path):
    path = write("loans.ipynb", *LOANS)
    (tmp_path / "link.ipynb").symlink_to(path)
    assert run("suggest", "link.ipynb", "--accept").exit_code == 0
    assert (tmp_path / "link.ipynb").is_symlink()
    assert b"# nb2svc: model" in path.read_bytes()


def test_rewriting_says_what_is_wrong(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"new")
    with pytest.raises(UsageError, match="changed meanwhile"):
        rewrite(path, b"mine", was=b"old")
    path.chmod(0o400)
    with pytest.raises(EnvironmentProblem, match="read-only"):
        rewrite(path, b"mine", was=b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(("name", "content", "code"), [
    ("gone.ipynb", None, 2), ("x.ipynb", b"{", 3), ("x.ipynb", b"", 3), ("x.ipynb", b'{"nbformat": 2}', 3),
])  # fmt: skip
def test_bad_input_has_its_code(run, tmp_path, name, content, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert run("suggest", name, "--accept").exit_code == code


def test_a_script_is_tagged_by_a_comment_only(run, tmp_path):
    path = tmp_path / "loans.py"
    path.write_text("\n\n# %%\n".join(LOANS) + "\n")
    assert run("suggest", "loans.py", "--accept", "--spelling", "tag").exit_code == 2
    assert run("suggest", "loans.py", "--accept").exit_code == 0
    assert "# %%\n# nb2svc: model\nrisk = model" in path.read_text()


REFUSED = (Finding(code="NB201", severity="refusal", message="none", remedy="tag", span=Span(1, 1, 0, 1, 5)),)


def test_analyze_and_build_of_an_untagged_notebook_show_the_proposal(run, write, monkeypatch):
    write("loans.ipynb", *LOANS)

    def refuse(*_, **__):
        raise RefusalError(REFUSED)

    monkeypatch.setattr("nb2svc.pipeline.build", refuse)
    for command in ("analyze", "build"):
        result = run(command, "loans.ipynb")
        assert result.exit_code == 3
        assert "error: no cell is tagged" in result.stderr
        assert "accept it: nb2svc suggest loans.ipynb --accept" in result.stderr
        assert SHOWN.strip() in result.stderr
        document = json.loads(run(command, "loans.ipynb", "--format", "json").stdout)
        assert [one["directive"] for one in document["proposal"]["cells"]] == ["feature loan", "model"]
        assert document["error"]["exit_code"] == 3


def test_analyze_of_a_notebook_without_a_model_says_why(run, write):
    write("x.ipynb", "x = 1")
    result = run("analyze", "x.ipynb")
    assert result.exit_code == 3
    assert "nothing in x.ipynb can be served" in result.stderr


def test_the_command_to_type_is_quoted(run, tmp_path, write):
    (tmp_path / "my loans").mkdir()
    path = write("my loans/loans (1).ipynb", *LOANS)
    assert path.is_file()
    assert "nb2svc suggest 'my loans/loans (1).ipynb' --accept" in run("suggest", "my loans/loans (1).ipynb").stdout


def test_the_folder_is_not_needed_to_read(run, tmp_path):
    assert "is a folder" in run("suggest", str(Path(tmp_path))).stderr
