"""What OPS-04 looks at: the repository's files of CI, the run that this build is part of, and how its parts ended."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nb2svc.errors import Nb2svcError
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.tested_pipeline import CiFacts, CiRun, Pipeline
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.system.git import git

_BUILDS = re.compile(r"\bnb2svc\s+build\b")
_FILES = (
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    """How a CI tells a job which run it is: names of environment variables, and a template of the page over them."""

    name: str
    sign: str
    run: str
    commit: str
    page: str


_PROVIDERS = (
    _Provider(
        name="GitHub",
        sign="GITHUB_ACTIONS",
        run="GITHUB_RUN_ID",
        commit="GITHUB_SHA",
        page="{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    ),
    _Provider(name="GitLab", sign="GITLAB_CI", run="CI_PIPELINE_ID", commit="CI_COMMIT_SHA", page="{CI_PIPELINE_URL}"),
    _Provider(
        name="Azure Pipelines",
        sign="TF_BUILD",
        run="BUILD_BUILDID",
        commit="BUILD_SOURCEVERSION",
        page="{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    ),
    _Provider(
        name="Bitbucket",
        sign="BITBUCKET_BUILD_NUMBER",
        run="BITBUCKET_BUILD_NUMBER",
        commit="BITBUCKET_COMMIT",
        page="{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
    ),
    _Provider(name="Jenkins", sign="JENKINS_URL", run="BUILD_NUMBER", commit="GIT_COMMIT", page="{BUILD_URL}"),
    _Provider(name="CircleCI", sign="CIRCLECI", run="CIRCLE_WORKFLOW_ID", commit="CIRCLE_SHA1", page="{CIRCLE_BUILD_URL}"),
)


def ci_facts(notebook: Path, environment: Mapping[str, str]) -> CiFacts:
    """What can be seen of CI from here; nothing outside a repository."""
    try:
        top = Path(git(["rev-parse", "--show-toplevel"], top=notebook.parent).strip())
        files = tuple(sorted(path for pattern in _FILES for path in top.glob(pattern)))
        head = git(["rev-parse", "HEAD"], top=top).strip() if files else ""
        changed = bool(git(["status", "--porcelain", "--", str(notebook)], top=notebook.parent).strip()) if files else False
    except Nb2svcError:
        return CiFacts(run=_run(environment))
    return CiFacts(
        files=tuple(path.relative_to(top).as_posix() for path in files),
        building=tuple(path.relative_to(top).as_posix() for path in files if _builds(path)),
        run=_run(environment),
        head=head,
        changed=changed,
    )


def observe_pipeline(inputs: AssessInputs) -> Pipeline:
    """CI, and the proof of this build."""
    return Pipeline(ci=inputs.ci or CiFacts(), modes=inputs.verdict.modes if inputs.verdict else ())


def spoil_pipeline(_inputs: AssessInputs, good: Pipeline) -> Iterator[Trial[Pipeline]]:
    """A service that did not answer, a workflow whose build is commented out, a run of another commit, no run at all."""
    stopped = tuple(replace(mode, status="fail") if mode.name == "http" else mode for mode in good.modes)
    yield Trial(description="a service that does not answer", evidence=replace(good, modes=stopped))
    unbuilt = tuple(mode for mode in good.modes if mode.name != "http")
    other = replace(good.ci.run, commit="0" * 40) if good.ci.run else None
    for description, evidence in (
        ("nothing served", replace(good, modes=unbuilt)),
        ("a workflow without its build", replace(good, ci=replace(good.ci, building=()))),
        ("a run of another commit", replace(good, ci=replace(good.ci, run=other))),
        ("no run", replace(good, ci=replace(good.ci, run=None))),
    ):
        yield Trial(description=description, evidence=evidence, opens=True)


def _builds(path: Path) -> bool:
    """Whether a line that is no comment runs a build."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(_BUILDS.search(line) for line in lines if not line.lstrip().startswith(("#", "//")))


def _run(environment: Mapping[str, str]) -> CiRun | None:
    for each in _PROVIDERS:
        run, commit = environment.get(each.run, ""), environment.get(each.commit, "")
        if environment.get(each.sign) and run and commit:
            named = re.findall(r"{(\w+)}", each.page)
            told = all(environment.get(name) for name in named)
            page = each.page.format(**{name: environment[name] for name in named}) if told else ""
            return CiRun(provider=each.name, run=run, commit=commit, page=page)
    return None
