"""The workflows: valid by their schemas, clean in an audit, pinned, and broken ones are seen."""

import re
from dataclasses import replace

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from nb2svc.ci.actions import ACTIONS
from nb2svc.ci.environment import Environment
from nb2svc.ci.render import literal, render_workflow, scalar
from nb2svc.ci.workflow import Job, Workflow
from unit.ci.conftest import tool

JOB = Job(
    id="loans",
    notebook="risk models/it's 1: $HOME # loans.ipynb",
    package="loans",
    project="risk models/loans",
    bento="loans",
    captures="risk models/.nb2svc",
    environment=Environment(kind="requirements", path="requirements.txt"),
    committed=False,
    runs=("--grid", "seed=1..3"),
)
WORKFLOW = Workflow(jobs=(JOB,), branch="main", python="3.11", install="nb2svc[bento]==0.1.0", lfs=False, cache_captures=False)
PROJECT = replace(JOB, id="loans_2", notebook="b/loans.ipynb", environment=Environment(kind="project", path="."))
SHAPES = {
    "one": WORKFLOW,
    "two": replace(
        WORKFLOW, jobs=(JOB, replace(JOB, id="loans_2", notebook="b/loans.ipynb", runs=None)), branch="trunk/1.x", python="3.13"
    ),
    "nothing to validate": replace(WORKFLOW, jobs=(replace(JOB, runs=None),)),
    "everything": replace(
        WORKFLOW,
        jobs=(replace(PROJECT, committed=True, runs=("--repeat", "2"), baseline="b/it's $HOME.validation.json"),),
        lfs=True,
        cache_captures=True,
        install="nb2svc[bento] @ git+https://example.org/y@v1#egg",
    ),
}
GITHUB = ("--builtin-schema", "vendor.github-workflows")
GITLAB = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")


def github(workflow):
    return render_workflow(workflow, template="github.yml.j2", place=".github/workflows/nb2svc.yml")


def gitlab(workflow):
    return render_workflow(workflow, template="gitlab.yml.j2", place=".gitlab/nb2svc.yml")


@pytest.fixture
def valid(tmp_path):
    """Whether a text is valid by a schema, and what is wrong with it."""

    def check(text, schema):
        (tmp_path / "file.yml").write_text(text)
        done = CliRunner().invoke(check_jsonschema, [*schema, str(tmp_path / "file.yml")])
        return done.exit_code == 0, done.output

    return check


@pytest.mark.parametrize("shape", SHAPES)
def test_workflows_are_valid_by_their_schemas(shape, valid):
    for text, schema in ((github(SHAPES[shape]), GITHUB), (gitlab(SHAPES[shape]), GITLAB)):
        good, said = valid(text, schema)
        assert good, said


def test_a_workflow_of_every_job_has_a_time_limit(valid):
    good, said = valid(github(SHAPES["everything"]), ("--builtin-schema", "custom.github-workflows-require-timeout"))
    assert good, said


@pytest.mark.parametrize(
    ("template", "schema", "old", "new"),
    [
        (github, GITHUB, "runs-on: ubuntu-24.04", "runs-at: ubuntu-24.04"),
        (github, GITHUB, "security-events: write", "security-events: everything"),
        (github, GITHUB, "  cancel-in-progress:", "  cancel:"),
        (github, GITHUB, "steps:", "stages:"),
        (gitlab, GITLAB, "when: always", "when: ever"),
        (gitlab, GITLAB, "  script:", "  scripts:"),
    ],
)
def test_a_broken_workflow_is_seen(template, schema, old, new, valid):
    text = template(WORKFLOW)
    assert old in text
    assert not valid(text.replace(old, new), schema)[0]


def audit(text, folder):
    path = folder / ".github" / "workflows" / "nb2svc.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return tool("zizmor", "--offline", "--no-progress", "--persona=auditor", str(path), cwd=folder)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_auditor_finds_nothing(shape, tmp_path):
    done = audit(github(SHAPES[shape]), tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("old", "new", "audited"),
    [
        (str(ACTIONS["checkout"]), "actions/checkout@v7", "unpinned-uses"),
        (
            "          persist-credentials: false # the notebook's code runs below: it gets no token\n",
            "          fetch-depth: 1\n",
            "artipacked",
        ),
        ('"$NOTEBOOK" --package', "${{ github.head_ref }} --package", "template-injection"),
        ("permissions:\n  contents: read", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_an_auditor_sees_what_is_careless(old, new, audited, tmp_path):
    text = github(WORKFLOW)
    assert old in text
    done = audit(text.replace(old, new), tmp_path)
    assert done.returncode != 0
    assert audited in done.stdout


def test_actions_are_pinned_by_commit_and_say_their_version():
    commits = [action.commit for action in ACTIONS.values()]
    assert len(set(commits)) == len(commits)
    for action in ACTIONS.values():
        assert re.fullmatch(r"[0-9a-f]{40}", action.commit)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", action.version)
        assert re.fullmatch(r"[\w.-]+/[\w.-]+(/[\w.-]+)*", action.path)
    used = re.findall(r"uses: (.+)", github(SHAPES["everything"]))
    assert set(used) == {str(action) for action in ACTIONS.values()}


def test_least_permissions():
    values = yaml.safe_load(github(WORKFLOW))
    assert values["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in values["jobs"].items()}
    assert rights == {
        "analyze": {"actions": "read", "contents": "read", "security-events": "write"},
        "service": None,
        "validate": None,
    }
    # The job that may write runs nothing of the notebook's.
    assert "build" not in " ".join(step.get("run", "") for step in values["jobs"]["analyze"]["steps"])


def test_paths_reach_commands_as_variables_only():
    for job in yaml.safe_load(github(SHAPES["everything"]))["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


def test_names_survive():
    for name in ("plain.ipynb", "3.11", "a: b # c.ipynb", 'it\'s "so".ipynb', "yes", "größe.ipynb", "{x}", "- a"):
        assert yaml.safe_load(f"key: {scalar(name)} # why\n") == {"key": name}
    assert yaml.safe_load(literal("$HOME/a.ipynb")) == "$$HOME/a.ipynb"
    values = yaml.safe_load(github(WORKFLOW))
    assert values["jobs"]["service"]["strategy"]["matrix"]["include"][0]["notebook"] == JOB.notebook


def test_analysis_needs_no_server():
    assert WORKFLOW.light == "nb2svc==0.1.0"
    assert SHAPES["everything"].light == "nb2svc @ git+https://example.org/y@v1#egg"
    assert replace(WORKFLOW, install="./dist/nb2svc-0.1.0-py3-none-any.whl").light == "./dist/nb2svc-0.1.0-py3-none-any.whl"


def test_captured_rows_are_cached_on_request_only():
    assert "actions/cache" not in github(WORKFLOW)
    assert ".nb2svc" not in str(yaml.safe_load(gitlab(WORKFLOW))["nb2svc-service"]["cache"])
    cache = next(
        step
        for step in yaml.safe_load(github(SHAPES["everything"]))["jobs"]["service"]["steps"]
        if "actions/cache" in step.get("uses", "")
    )
    assert cache["with"]["path"] == "${{ matrix.captures }}"
    assert "$CAPTURES" in str(yaml.safe_load(gitlab(SHAPES["everything"]))["nb2svc-service"]["cache"])


def commands(script):
    """The words of a script that start a tool of ours."""
    return re.findall(r"(?m)(?:^|- )\s*((?:nb2svc|bentoml) \w+)", script)


def test_both_providers_build_and_export_by_the_same_lines():
    github_runs = [step.get("run", "") for step in yaml.safe_load(github(WORKFLOW))["jobs"]["service"]["steps"]]
    gitlab_lines = yaml.safe_load(gitlab(WORKFLOW))["nb2svc-service"]["script"]
    for tool_of_ours in ("nb2svc build", "bentoml export"):
        ours = [line for line in github_runs if line.startswith(tool_of_ours)]
        assert len(ours) == 1
        assert [line for line in gitlab_lines if line.startswith(tool_of_ours)] == ours


def test_both_providers_do_the_same():
    there = yaml.safe_load(github(WORKFLOW))["jobs"]
    here = yaml.safe_load(gitlab(WORKFLOW))
    for name in ("analyze", "service", "validate"):
        ours = commands("\n".join(step.get("run", "") for step in there[name]["steps"]))
        assert ours
        assert list(dict.fromkeys(commands("\n".join(here[f"nb2svc-{name}"]["script"])))) == list(dict.fromkeys(ours))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_job_validates_where_there_is_something_to_validate(shape):
    workflow = SHAPES[shape]
    there, here = yaml.safe_load(github(workflow))["jobs"], yaml.safe_load(gitlab(workflow))
    if not workflow.validated:
        assert "validate" not in there
        assert "nb2svc-validate" not in here
        return
    (one,) = there["validate"]["strategy"]["matrix"]["include"]
    (two,) = here["nb2svc-validate"]["parallel"]["matrix"]
    job = workflow.validated[0]
    assert (one["option"], one["values"]) == (two["OPTION"], two["VALUES"]) == job.runs
    assert one.get("baseline", "") == two.get("BASELINE", "").replace("$$", "$") == job.baseline


def test_what_a_validation_is_compared_with_is_the_base_branch_s():
    job = yaml.safe_load(github(SHAPES["everything"]))["jobs"]["validate"]
    assert job["steps"][0]["with"]["fetch-depth"] == 2
    assert 'base="HEAD^1"' in job["steps"][3]["run"]
    assert "--baseline" not in github(WORKFLOW)
    assert "--baseline" not in gitlab(WORKFLOW)
    assert "CI_MERGE_REQUEST_DIFF_BASE_SHA" in "".join(yaml.safe_load(gitlab(SHAPES["everything"]))["nb2svc-validate"]["script"])


def test_executed_notebooks_stay_out_of_what_is_uploaded():
    for workflow in SHAPES.values():
        for name, job in yaml.safe_load(github(workflow))["jobs"].items():
            paths = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
            assert [path.split() for path in paths if name == "validate"] in (
                [],
                [["reports/validation.html", "validation/validation.json"]],
            )
        if workflow.validated:
            paths = yaml.safe_load(gitlab(workflow))["nb2svc-validate"]["artifacts"]["paths"]
            assert paths == ["reports/validation-$ID.html", "validation-$ID/validation.json"]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_runs_said_reaches_the_build_and_the_gate(shape):
    """A build in a job of its own has no `.nb2svc`: it is given the validation, or the checklist knows of none."""
    workflow = SHAPES[shape]
    there, here = yaml.safe_load(github(workflow))["jobs"], yaml.safe_load(gitlab(workflow))
    service, lines = there["service"], here["nb2svc-service"]["script"]
    takers = [step["run"] for step in service["steps"] if re.search(r"nb2svc (build|ready)", step.get("run", ""))]
    asked = [line for run in (*takers, *lines) for line in run.splitlines() if re.search(r"nb2svc (build|ready)", line)]
    assert len(asked) == 7
    assert {'--validation "$VALIDATION"' in line for line in asked} == {bool(workflow.validated)}
    if not workflow.validated:
        assert (service["needs"], here["nb2svc-service"]["needs"]) == ("analyze", ["nb2svc-analyze"])
        return
    assert service["needs"] == ["analyze", "validate"]
    assert here["nb2svc-service"]["needs"] == ["nb2svc-analyze", "nb2svc-validate"]
    (upload,) = (step for step in there["validate"]["steps"] if "upload-artifact" in step.get("uses", ""))
    (download,) = (step for step in service["steps"] if "download-artifact" in step.get("uses", ""))
    assert (upload["with"]["name"], download["with"]["name"]) == ("${{ matrix.id }}-validation", "${{ matrix.artifact }}")
    for job, one, two in zip(
        workflow.jobs, service["strategy"]["matrix"]["include"], here["nb2svc-service"]["parallel"]["matrix"], strict=True
    ):
        # What is uploaded as reports/… and validation/… lies so below the folder that it is downloaded to.
        assert one["artifact"] == (f"{job.id}-validation" if job.runs else "")
        assert one["validation"] == (f"{download['with']['path']}/validation" if job.runs else "")
        assert two["VALIDATION"] == (f"validation-{job.id}" if job.runs else "")
