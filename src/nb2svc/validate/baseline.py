"""What a validation is compared with: the last one in its folder, a file, or a file as a revision of git has it."""

import json
from pathlib import Path

from nb2svc.errors import EnvironmentProblem, UsageError
from nb2svc.ir.codec import DecodeError, from_json
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import Validation
from nb2svc.system.git import git
from nb2svc.validate.compared import unknown_metric
from nb2svc.validate.folder import VALIDATION
from nb2svc.validate.judge import ended_runs, metric_summaries
from nb2svc.validate.output import Output
from nb2svc.validate.url import is_url, read_url, shown_url

LAST = "last"


def read_baseline(text: str, *, output: Output, option: str = "--baseline ", at: Path | None = None) -> Validation:
    """The validation that a text names; `output` is where this one's runs lie, `option` what the text was given to.

    `at` is the file or folder that somebody found it to mean.

    Raises:
        UsageError: there is none, it can't be read, or it has no runs.
        EnvironmentProblem: git can't be started.
    """
    content = _content(text, output, option=option, at=at)
    try:
        found = from_json(Validation, json.loads(content))
    except (ValueError, DecodeError) as error:
        raise UsageError(f"{text} is no validation", where=f"{option}{text}", why=str(error), fix=_forms(option)) from error
    if not ended_runs(found):
        raise UsageError(f"{text} has no runs to compare with", where=f"{option}{text}", fix=_forms(option))
    return found


def check_criteria(criteria: Criteria, baseline: Validation | None, *, gated: bool = False) -> None:
    """Refuse what can't be held to before anything is run; `gated` says that a champion was asked the same.

    Raises:
        UsageError: a margin without a baseline, or of a metric that it has not; a metric that is to be both lower and higher.
    """
    both = sorted(set(criteria.lower) & set(criteria.higher))
    if both:
        where, why = f"--lower-is-better {both[0]}", "--higher-is-better names it, too"
        raise UsageError(f"{both[0]} can't be better both ways", where=where, why=why, fix="leave one out")
    if baseline is not None:
        check_names(criteria, baseline)
    elif criteria.margins and not gated:
        first = f"--margin {criteria.margins[0][0]}=…"
        why = "a margin says how much worse than the baseline a metric may be"
        raise UsageError("there is nothing to compare with", where=first, why=why, fix="add --baseline last, or --baseline FILE")


def check_names(criteria: Criteria, compared: Validation, *, of: str = "the baseline") -> None:
    """Refuse a margin for a metric that the validation compared with has not.

    Raises:
        UsageError: there is one.
    """
    names = {summary.name for summary in metric_summaries(compared)}
    for name, _ in criteria.margins:
        if name not in names:
            fix = "name a metric that it has" if names else "validate it again with metrics in its tags, like metrics=auc"
            raise UsageError(unknown_metric(name, names, of=of), where=criteria.place(name), fix=fix)


def _content(text: str, output: Output, *, option: str, at: Path | None) -> bytes:
    if text == LAST:
        return _last(output)
    if is_url(text):
        return _at_url(text, option=option)
    path = at or Path(text)
    path = path / VALIDATION if path.is_dir() else path
    revision, colon, inside = text.partition(":")
    if colon and not path.exists():
        return _in_revision(revision, inside, where=f"{option}{text}")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path.name}", where=f"{option}{text}", fix=_forms(option)) from error
    except OSError as error:
        raise EnvironmentProblem(f"{path.name} can't be read", where=str(path), why=str(error), fix=_forms(option)) from error


def _forms(option: str) -> str:
    """What may be named; the last validation is no champion."""
    forms = f"name a {VALIDATION}, its folder or URL, or REVISION:FILE"
    return forms if option.startswith("--gate") else f"{forms}; or last"


def _last(output: Output) -> bytes:
    content = output.read(VALIDATION)
    if content is None:
        where, why = f"{output.shown}/{VALIDATION}", "none was made there"
        raise UsageError("there is no last validation", where=where, why=why, fix="validate once without --baseline")
    return content


def _at_url(url: str, *, option: str) -> bytes:
    """The file at a URL, or the validation in the folder that it is."""
    shown = shown_url(url)
    content = read_url(url if url.endswith(".json") else f"{url.rstrip('/')}/{VALIDATION}")
    if content is None:
        raise UsageError(f"nothing lies at {shown}", where=f"{option}{shown}", fix=_forms(option))
    return content


def _in_revision(revision: str, inside: str, *, where: str) -> bytes:
    text = f"{revision}:{inside}"
    if not revision or not inside or revision.startswith("-"):
        raise UsageError(f"{text} is no revision and file", where=where, fix="write REVISION:FILE, like main:baseline.json")
    try:
        return git(["show", f"{revision}:{inside}"]).encode()
    except UsageError as error:
        fix = "check both: git ls-tree -r --name-only " + revision + "; a path begins at the top of the repository, or with ./"
        raise UsageError(f"git has no {text}", where=where, why=error.why, fix=fix) from error
