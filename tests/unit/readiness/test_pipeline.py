"""OPS-04: only a run of CI, of the commit that lies here, in which every part did its work; and what a validation adds to OPS-02."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nb2svc.ir.validation import MetricValue
from nb2svc.ir.verdict import Verdict
from nb2svc.readiness.assess import assess
from nb2svc.readiness.checks.outcome import Outcome
from nb2svc.readiness.checks.tested_pipeline import CiFacts, Pipeline, judge_pipeline
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence.pipeline import ci_facts
from unit.readiness.worlds import CI, GOOD

PIPELINE = Pipeline(ci=CI, modes=GOOD.modes)
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_RUN_ID": "123",
    "GITHUB_SHA": "c" * 40,
    "GITHUB_SERVER_URL": "https://forge",
    "GITHUB_REPOSITORY": "a/b",
}


def assessed(inputs, identifier: str, **changes: object):
    only = tuple(replace(each, **changes) for each in EVALUATORS if each.id == identifier)
    return next(item for item in assess(inputs, only).items if item.id == identifier)


def but(**changes: object) -> Pipeline:
    return replace(PIPELINE, ci=replace(CI, **changes))


def test_a_run_of_this_commit_that_did_everything_passes() -> None:
    outcome = judge_pipeline(PIPELINE)
    assert outcome.status == "pass"
    assert outcome.sentence.startswith(
        "GitHub run 123 built it from commit cccccccccccc: trained again, served and asked over HTTP"
    )
    assert ("run", "https://forge/a/b/actions/runs/123") in outcome.details


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        (but(files=(), building=()), "no file of a CI that is known"),
        (but(building=()), "runs no `nb2svc build`"),
        (but(run=None), "this build is no run of CI, and of others no word is here"),
        (but(head="d" * 40), "is of commit cccccccccccc, and dddddddddddd is checked out"),
        (but(head=""), "nothing is checked out"),
        (but(changed=True), "the notebook was changed since the commit"),
        (replace(PIPELINE, modes=tuple(mode for mode in GOOD.modes if mode.name != "http")), "left out serving and predicting"),
        (replace(PIPELINE, modes=()), "left out training again and serving"),
    ],
)
def test_what_is_no_green_run_of_this_commit_is_never_green(pipeline: Pipeline, said: str) -> None:
    outcome = judge_pipeline(pipeline)
    assert outcome.status == "not_evaluated"
    assert said in outcome.sentence
    assert outcome.next_action


def test_a_pipeline_that_stopped_fails(world) -> None:
    bad = tuple(replace(mode, status="fail") if mode.name == "http" else mode for mode in GOOD.modes)
    item = assessed(world.but(verdict=Verdict(modes=bad)), "OPS-04")
    assert (item.status, item.sentence) == ("fail", "The pipeline stopped in GitHub run 123: http.")


def test_on_a_desk_it_is_not_evaluated_and_in_ci_its_controls_fire(world) -> None:
    assert assessed(world.but(ci=replace(CI, run=None)), "OPS-04").status == "not_evaluated"
    assert assessed(world.but(ci=None), "OPS-04").status == "not_evaluated"
    control = assessed(world.inputs, "OPS-04").evidence.control
    assert control.fired
    assert control.description.split("; ")[1:] == [
        "nothing served",
        "a workflow without its build",
        "a run of another commit",
        "no run",
    ]
    broken = assessed(world.inputs, "OPS-04", judge=lambda _: Outcome(status="pass", sentence="All is well."))
    assert broken.status == "broken"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "loans.ipynb").write_text("{}")
    workflow = tmp_path / ".github" / "workflows" / "nb2svc.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text('jobs:\n  service:\n    steps:\n      - run: nb2svc build "$NOTEBOOK"\n')
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    return tmp_path


def test_ci_is_seen_from_the_repository_and_its_environment(repository: Path) -> None:
    notebook, head = repository / "models" / "loans.ipynb", git(repository, "rev-parse", "HEAD")
    seen = ci_facts(notebook, {**GITHUB, "GITHUB_SHA": head})
    assert seen.building == seen.files == (".github/workflows/nb2svc.yml",)
    assert (seen.head, seen.changed) == (head, False)
    assert seen.run
    assert (seen.run.provider, seen.run.run, seen.run.commit) == ("GitHub", "123", head)
    assert seen.run.page == "https://forge/a/b/actions/runs/123"
    assert judge_pipeline(Pipeline(ci=seen, modes=GOOD.modes)).status == "pass"
    notebook.write_text("{ }")
    assert ci_facts(notebook, GITHUB).changed
    gitlab = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "7", "CI_COMMIT_SHA": head}
    run = ci_facts(notebook, gitlab).run
    assert run
    assert (run.provider, run.run, run.page) == ("GitLab", "7", "")


@pytest.mark.parametrize(
    ("variables", "name", "page"),
    [
        (
            {
                "TF_BUILD": "True",
                "BUILD_BUILDID": "7",
                "BUILD_SOURCEVERSION": "c" * 40,
                "SYSTEM_COLLECTIONURI": "https://dev/a/",
                "SYSTEM_TEAMPROJECT": "b",
            },
            "Azure Pipelines",
            "https://dev/a/b/_build/results?buildId=7",
        ),
        (
            {"BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_COMMIT": "c" * 40, "BITBUCKET_GIT_HTTP_ORIGIN": "https://forge/a/b"},
            "Bitbucket",
            "https://forge/a/b/pipelines/results/7",
        ),
        (
            {"JENKINS_URL": "https://ci/", "BUILD_NUMBER": "7", "GIT_COMMIT": "c" * 40, "BUILD_URL": "https://ci/job/a/7/"},
            "Jenkins",
            "https://ci/job/a/7/",
        ),
    ],
)
def test_other_providers_tell_their_run_too(repository: Path, variables: dict[str, str], name: str, page: str) -> None:
    run = ci_facts(repository / "loans.ipynb", variables).run
    assert run is not None
    assert (run.provider, run.run, run.commit, run.page) == (name, "7", "c" * 40, page)
    for missing in variables:
        if missing not in ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BITBUCKET_GIT_HTTP_ORIGIN", "BUILD_URL"):
            assert ci_facts(repository / "loans.ipynb", {**variables, missing: ""}).run is None


def test_a_comment_builds_nothing_and_a_variable_of_ci_alone_is_no_run(repository: Path, tmp_path_factory) -> None:
    notebook = repository / "models" / "loans.ipynb"
    (repository / ".github/workflows/nb2svc.yml").write_text("# nb2svc build loans.ipynb\nsteps: []\n")
    assert ci_facts(notebook, {}).building == ()
    assert ci_facts(notebook, {"CI": "true"}).run is None
    assert ci_facts(notebook, {"GITHUB_ACTIONS": "true"}).run is None
    alone = tmp_path_factory.mktemp("alone") / "loans.ipynb"
    alone.write_text("{}")
    assert ci_facts(alone, {}) == CiFacts()


# --- OPS-02 with a validation


def with_runs(world, values: tuple[float, ...], *, same: bool):
    made = world.inputs.validation
    runs = []
    for number, (run, value) in enumerate(zip(made.runs, values, strict=True), start=1):
        spec = replace(run.spec, repeat=number, parameters=() if same else run.spec.parameters)
        runs.append(replace(run, spec=spec, metrics=(MetricValue(name="auc", value=value),)))
    return world.but(validation=replace(made, runs=tuple(runs)))


def test_runs_of_a_validation_are_told_beside_the_second_training(world) -> None:
    item = assessed(with_runs(world, (0.8,) * 5, same=True), "OPS-02")
    assert item.status == "pass"
    assert item.sentence.endswith(
        "5 of 5 runs of the last validation came from the top to their end, too, and 1 repeated set gave equal numbers."
    )
    assert dict(item.evidence.details)["validation"].startswith(
        "5 of 5 runs came from the top to their end in clean kernels; 1 set"
    )
    old = replace(world.inputs.validation, notebook_digest="another")
    assert "validation" not in assessed(world.but(validation=old), "OPS-02").sentence


def test_repeated_runs_that_differ_are_told_and_other_seeds_may(world) -> None:
    values = (0.8, 0.8, 0.81, 0.8, 0.8)
    item = assessed(with_runs(world, values, same=True), "OPS-02")
    assert item.status == "warn"
    assert (
        "runs of the same parameters differ in the last validation: auc 0.8 to 0.81 with the notebook's own values"
        in item.sentence
    )
    assert "--repeat" in item.next_action
    assert assessed(with_runs(world, values, same=False), "OPS-02").status == "pass"
