"""Which validation runs `nb2svc ci init` asks for, and what they are compared with."""

import json

import pytest
import yaml

from nb2svc.ir.codec import to_json
from nb2svc.ir.validation import Validation
from unit.ci.conftest import git, notebook_bytes

WORKFLOW = ".github/workflows/nb2svc.yml"
TAGGED = ("import json\nimport yaml\nx = 1", "# nb2svc: feature a\ny = x", "# nb2svc: model\nm = y")
CHECK = "# nb2svc: check fine\nassert m"


@pytest.mark.parametrize(
    ("parameters", "more", "runs"),
    [
        ("seed = 7\nrate = 0.5", CHECK, ["--grid", "seed=1..3"]),
        ("rate = 0.5\nRANDOM_STATE = 7", "# nb2svc: check fine metrics=m\nassert m", ["--grid", "RANDOM_STATE=1..3"]),
        ("seed = None", CHECK, ["--repeat", "2"]),
        ("seed = 7\ntwice = seed * 2", CHECK, ["--repeat", "2"]),
        (None, CHECK, ["--repeat", "2"]),
        (None, "import nb2svc\nnb2svc.metric('m', m)", ["--repeat", "2"]),
        ("seed = 7", "plain = m", None),
    ],
)
def test_what_is_validated_follows_from_the_notebook(repository, run, parameters, more, runs):
    notebook = json.loads(notebook_bytes(*([parameters] if parameters else []), *TAGGED, more))
    if parameters:
        notebook["cells"][0]["metadata"]["tags"] = ["parameters"]
    (repository / "loans.ipynb").write_text(json.dumps(notebook))
    done = run("ci", "init", "github", "--notebook", "loans.ipynb", "--requirements", "requirements.txt")
    assert done.exit_code == 0, done.output
    jobs = yaml.safe_load((repository / WORKFLOW).read_text())["jobs"]
    if runs is None:
        assert "validate" not in jobs
        assert "validates" not in done.output
        return
    (found,) = jobs["validate"]["strategy"]["matrix"]["include"]
    assert [found["option"], found["values"]] == runs
    assert f"validates  loans.ipynb with {' '.join(runs)}" in done.output


def test_a_validation_that_is_in_git_is_what_a_pull_request_is_compared_with(repository, run):
    def keep(place, notebook):
        (repository / place).parent.mkdir(exist_ok=True)
        kept = Validation(notebook=notebook, notebook_digest="", runs=())
        (repository / place).write_text(json.dumps(to_json(kept)))

    keep("zz.validation.json", "progression of 2024.ipynb")
    keep("risk models/old/validation.json", "risk models/progression of 2024.ipynb")
    keep("risk models/champion.validation.json", "progression of 2024.ipynb")
    keep("risk models/a.validation.json", "other.ipynb")
    (repository / "risk models" / "b.validation.json").write_text("{")
    git("add", ".", cwd=repository)
    done = run("ci", "init", "github")
    (job,) = yaml.safe_load((repository / WORKFLOW).read_text())["jobs"]["validate"]["strategy"]["matrix"]["include"]
    assert job["baseline"] == "risk models/champion.validation.json"
    assert "compared with risk models/champion.validation.json" in done.output
