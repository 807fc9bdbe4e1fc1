"""Plan → service.py and the project's own files. Serialised or filled from templates; no decision is taken there."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from nb2svc.ir.plan import Plan
from nb2svc.ir.project import ProjectFile

if TYPE_CHECKING:
    from jinja2 import Environment

# What every service needs beside the notebook's own libraries, and the versions that are known to work.
_RUNTIME = {"bentoml": ">=1.4.39,<1.5", "skops": ">=0.11"}
_IGNORED = ("__pycache__/", "*.pyc", ".nb2svc/", ".pytest_cache/")


def service_class(plan: Plan) -> str:
    """The service class's name, as planned; never one that service.py imports."""
    return f"{plan.service}Service" if plan.service in ("NotebookService", "PredictRequest", "PredictResponse") else plan.service


def service_target(package: str, name: str) -> str:
    """What `bentoml serve` is given: loans.service:Loans."""
    return f"{package}.service:{name}"


def service_module(plan: Plan) -> str:
    """The text of service.py."""
    return render(
        "service.py.j2", notebook=_plain(plan.notebook_name), service=json.dumps(plan.package), name=service_class(plan)
    )


def project_files(plan: Plan, *, versions: Mapping[str, str] | None = None) -> tuple[ProjectFile, ...]:
    """service.py and what stands at the project's root, paths relative to it.

    `versions` are those of BentoML and skops to pin; by default the installed ones.
    """
    files = {
        f"{plan.package}/service.py": service_module(plan),
        "pyproject.toml": _pyproject(plan),
        "requirements.txt": _requirements(plan, _pins() if versions is None else versions),
        "README.md": _readme(plan),
        ".gitignore": "\n".join(_IGNORED) + "\n",
    }
    return tuple(ProjectFile(path=path, content=text.encode()) for path, text in sorted(files.items()))


def _pins() -> dict[str, str]:
    found = {}
    for name in _RUNTIME:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _requirements(plan: Plan, versions: Mapping[str, str]) -> str:
    pinned = {name: f"=={number}" for name, number in plan.requirements}
    needed = {name: f"=={versions[name]}" if name in versions else bounds for name, bounds in _RUNTIME.items()}
    return "".join(f"{name}{bounds}\n" for name, bounds in sorted({**needed, **pinned}.items()))


def _pyproject(plan: Plan) -> str:
    text = json.dumps  # a JSON string is a TOML basic string
    minor = ".".join(plan.python.split(".")[:2])
    modules, folders = _own(plan)
    packages = [f"{name}*" for name in (plan.package, *folders)]
    shipped = [*(f"{name}/**" for name in (plan.package, *folders)), *(f"{name}.py" for name in modules)]
    lines = [
        "[project]",
        f"name = {text(plan.package.replace('_', '-'))}",
        'version = "0.1.0"',
        f"description = {text(f'The service of {plan.notebook_name}')}",
        *([f"requires-python = {text(f'>={minor}')}"] if minor else []),
        'dynamic = ["dependencies"]',
        "",
        "[build-system]",
        'requires = ["setuptools>=69"]',
        'build-backend = "setuptools.build_meta"',
        "",
        "[tool.setuptools.dynamic]",
        'dependencies = { file = ["requirements.txt"] }',
        "",
        *(["[tool.setuptools]", f"py-modules = {text(modules)}", ""] if modules else []),
        "[tool.setuptools.packages.find]",
        f"include = {text(packages)}",
        "",
        "[tool.setuptools.package-data]",
        f'{text(f"{plan.package}")} = ["artifacts/*", "_nb2svc/*.json"]',
        "",
        "[tool.bentoml.build]",
        f"service = {text(service_target(plan.package, service_class(plan)))}",
        f"include = {text([*shipped, 'pyproject.toml', 'requirements.txt', 'README.md', 'example.json'])}",
        'exclude = ["tests/", "**/__pycache__/"]',
        'description = "file: ./README.md"',
        "",
        "[tool.bentoml.build.python]",
        "lock_packages = false",
        'requirements_txt = "requirements.txt"',
        *([] if not minor else ["", "[tool.bentoml.build.docker]", f"python_version = {text(minor)}"]),
    ]
    return "\n".join(lines) + "\n"


def _own(plan: Plan) -> tuple[list[str], list[str]]:
    """The author's modules at the project's root, and the folders of the others."""
    tops = sorted({path.split("/")[0] for path in plan.modules})
    return [top.removesuffix(".py") for top in tops if top.endswith(".py")], [top for top in tops if not top.endswith(".py")]


def _readme(plan: Plan) -> str:
    files = [
        ("features.py", "the notebook's feature cells, for training and for serving") if plan.steps else None,
        ("model.py", "from raw tables to the answer"),
        ("training.py", "trains the model again"),
        ("schema.py", "what a request carries, and what training saw"),
        ("service.py", "the HTTP service"),
        ("_nb2svc/", "the run-time code of nb2svc, copied here so that nothing else is needed"),
        ("artifacts/", "the model and what it learned, with digests"),
    ]
    rows = [(f"{plan.package}/{entry[0]}", entry[1]) for entry in files if entry is not None]
    return render("README.md.j2", service=plan.package, notebook=_plain(plan.notebook_name), package=plan.package, files=rows)


def _plain(text: str) -> str:
    """A name for a docstring or a page: no quotes or escapes that could end it."""
    return text.replace("\\", "/").replace('"', "'").replace("`", "'")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(  # noqa: S701 - these are Python and Markdown files, not HTML
        loader=PackageLoader("nb2svc.bento"), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )


def render(template: str, **words: object) -> str:
    """One of our templates, filled in."""
    return _environment().get_template(template).render(**words)
