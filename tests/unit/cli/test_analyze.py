"""What `nb2svc analyze` prints."""

import json
import re
from pathlib import Path

from nb2svc.cli.overview import is_untagged, render_overview
from nb2svc.ir.codec import from_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Notebook
from nb2svc.ir.outline import Outline
from nb2svc.ir.span import Span
from nb2svc.pipeline import analyze

EXAMPLES = Path(__file__).parents[3] / "example_notebooks"

EXPECTED = """\
loans.ipynb: 4 code cells (1 feature, 1 model, 1 check), 8 statements

cells
  1  -                  import pandas as pd …
  2  feature applicant  %matplotlib inline …
  3  model              model = Model().fit(loans, y) …
  4  check auc          assert auc(risk) > 0.6

raw values: what one request carries
  loans  as it stands after cell 1, line 2

serving slice: raw value → risk
  cell 1, line 1  import pandas as pd
  cell 2, line 3  loans["z"] = loans["age"] / 30  changes loans
  cell 3, line 3  risk = model.predict(loans)     makes risk

training slice: data → model
  cell 1, line 2  loans = pd.read_csv("loans.csv")  loads loans
  cell 3, line 2  model = Model().fit(loans, y)
                  and 2 of the serving slice

check auc, in cell 4
  reads  risk  what the service answers                            cell 3, line 3
  needs        1 of the serving slice and 1 of the training slice
  build    evaluated, with what the service answers for the notebook's rows in place of the notebook's own answer
  request  not asked for; with serve=true it could be

left out of the service
  cell 1, line 2  loans = pd.read_csv("loans.csv")  loads what a request brings: training only
  cell 1, line 3  loans.head()                      only displays
  cell 2, line 4  spare = 1                         `spare`: never used by `risk`
  cell 3, line 2  model = Model().fit(loans, y)     fits `model`: training only
  cell 4, line 2  assert auc(risk) > 0.6            is check auc

imports
  cell 1, line 1  import pandas as pd

effects
  cell 1, line 2  file read  loans.csv

masked IPython syntax
  cell 2, line 2  %matplotlib inline  transparent

findings: no findings"""


def test_the_whole_overview(source):
    assert render_overview(source) == EXPECTED


def test_a_messy_notebook_is_told_in_few_lines():
    text = render_overview(analyze(EXAMPLES / "messy_car_price.ipynb"))
    left_out = [re.split(r" {2,}", line.strip())[0] for line in text.partition("left out of the service")[2].splitlines()]
    assert {"cell 1, lines 3-5", "cell 20, lines 1-7", "cell 26, lines 1-6", "cell 33, lines 1-8"} <= {*left_out}
    assert re.search(r"cell 34, line 2 +with open\('car_price_model.pkl', 'wb'\) as file: … +only writes a file\n", text)
    assert text.count("df.drop_duplicates(inplace=True)") == 1


def test_without_an_outline_the_rest_is_still_shown(source):
    source.outline = None
    source.findings = (Finding(code="NB300", severity="refusal", message="no model", remedy="Tag it.", span=Span(1, 1, 0, 1, 6)),)
    text = render_overview(source)
    assert "serving slice" not in text
    assert "effects" in text
    assert "findings: 1 refusal" in text
    assert "do this: Tag it." in text


def test_the_command_prints_it(run, pipeline, source):
    pipeline(analyze=lambda path: source)
    result = run("analyze", "loans.ipynb")
    assert result.exit_code == 0
    assert result.stdout == EXPECTED + "\n"


def test_a_refusal_exits_3_after_the_overview(run, pipeline, source):
    source.findings = (Finding(code="NB300", severity="refusal", message="no model", remedy="Tag it."),)
    pipeline(analyze=lambda path: source)
    result = run("analyze", "loans.ipynb")
    assert result.exit_code == 3
    assert "NB300" in result.stdout


def test_json_holds_the_nouns(run, pipeline, source):
    pipeline(analyze=lambda path: source)
    document = json.loads(run("analyze", "loans.ipynb", "--format", "json").stdout)
    assert (document["version"], document["findings"], document["error"]) == (1, [], None)
    assert from_json(Notebook, document["notebook"]) == source.notebook
    assert from_json(Dataflow, document["dataflow"]) == source.dataflow
    assert from_json(Outline, document["outline"]) == source.outline
    assert [reason["statement"] for reason in document["left_out"]] == [1, 2, 4, 5, 7]
    (check,) = document["checks"]
    assert check["reads"] == [{"name": "risk", "kind": "answer", "statement": 6, "request": True}]
    assert (check["name"], check["evaluated"], check["request"], check["asked"]) == ("auc", True, True, False)


def test_the_report_can_go_to_a_file(run, pipeline, source, tmp_path):
    pipeline(analyze=lambda path: source)
    result = run("analyze", "loans.ipynb", "-o", "report.txt")
    assert result.stdout == ""
    assert (tmp_path / "report.txt").read_text() == EXPECTED + "\n"


def test_a_directive_that_cannot_be_read_is_an_attempt_to_tag(source):
    from nb2svc.read.notebook import parse_notebook
    from unit.cli.conftest import notebook_bytes

    assert not is_untagged(source.notebook, ())
    assert is_untagged(*parse_notebook(notebook_bytes("x = 1"), path="a.ipynb"))
    assert not is_untagged(*parse_notebook(notebook_bytes("# nb2svc: featur\nx = 1"), path="a.ipynb"))
    assert is_untagged(*parse_notebook(notebook_bytes("x = 1", "print 'a'"), path="a.ipynb"))
