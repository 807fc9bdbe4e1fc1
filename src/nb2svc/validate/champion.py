"""The champion that `--gate champion=FILE` names, and all that can be refused before anything is run."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from nb2svc.errors import UsageError
from nb2svc.ir.judgement import Criteria
from nb2svc.ir.validation import Validation
from nb2svc.system.digests import file_digest
from nb2svc.validate.baseline import LAST, check_names, read_baseline
from nb2svc.validate.comparing import direction
from nb2svc.validate.gate import CHAMPION, STATED, Champion, data_of
from nb2svc.validate.output import Output

OPTION = "--gate champion="


def read_champion(
    asked: Sequence[tuple[str, str]], criteria: Criteria, *, output: Output, cwd: Path, other: bool
) -> Champion | None:
    """The champion of the gate, or None where no gate is asked for; `other` says that it may have read other files.

    Raises:
        UsageError: it can't be read or has no runs, nothing is declared to decide by, a margin is for a metric that it has not or
            whose direction is unknown, or it was validated on a file that is another one now.
        EnvironmentProblem: git can't be started.
    """
    source = champion_source(asked, criteria, other=other)
    if not source:
        return None
    found = read_baseline(source, output=output, option=OPTION)
    check_champion(found, criteria)
    champion = Champion(validation=found, source=source, other_data=other)
    if not other:
        _check_data(champion, cwd)
    return champion


def champion_source(asked: Sequence[tuple[str, str]], criteria: Criteria, *, other: bool) -> str:
    """Where the champion of the gate is to be read; "" where no gate is asked for.

    Raises:
        UsageError: the gate has another name, or nothing is declared to decide by.
    """
    if not asked:
        if other:
            raise UsageError("there is no gate", where=STATED, why="it lets a gate compare", fix=f"add {OPTION}FILE")
        return ""
    source = _source(asked)
    if not criteria.margins:
        raise UsageError(
            "nothing is declared that the gate could decide by",
            where=f"{OPTION}{source}",
            why="how much worse than the champion a metric may be is for a person to say",
            fix="add a margin for each metric that counts, like --margin auc=0.01; 0 for no worse at all",
        )
    return source


def check_champion(found: Validation, criteria: Criteria) -> None:
    """Refuse a margin that a champion can't be held to.

    Raises:
        UsageError: it is for a metric that the champion has not, or whose direction is unknown.
    """
    check_names(criteria, found, of="the champion")
    for name, _ in criteria.margins:
        if direction(name, criteria) == "unknown":
            why = "its name does not say which direction is better"
            fix = f"add --higher-is-better {name} or --lower-is-better {name}"
            raise UsageError(f"the gate can't judge {name}", where=criteria.place(name), why=why, fix=fix)


def _source(asked: Sequence[tuple[str, str]]) -> str:
    for name, _ in asked:
        if name != CHAMPION:
            close = get_close_matches(name, [CHAMPION], n=1)
            what = f"there is no gate {name}" + (f"; did you mean {CHAMPION}?" if close else "")
            raise UsageError(what, where=f"--gate {name}=…", why="a gate compares with the champion", fix=f"write {OPTION}FILE")
    source = asked[0][1]
    if source in ("", LAST):
        why = "the last validation is whatever ran last, not what is in service" if source else ""
        fix = f"keep the validation.json of each release, and write {OPTION}FILE or {OPTION}REVISION:FILE"
        raise UsageError("that is no champion", where=f"{OPTION}{source}", why=why, fix=fix)
    return source


def _check_data(champion: Champion, cwd: Path) -> None:
    """A file that is here and another one: the runs would be made in vain."""
    for path, digest in data_of(champion.validation).items():
        here = cwd / path
        if here.is_file() and file_digest(here) != digest:
            raise UsageError(
                f"the champion was validated on another {path}",
                where=f"{OPTION}{champion.source}",
                why="numbers on other rows say nothing of which model is better",
                fix=f"validate the champion's notebook on these files, or say {STATED} where that is meant",
            )
