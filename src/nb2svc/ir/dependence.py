"""What a run of the notebook depends on as far as its source tells: nothing more, so that other edits do not run it again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunText:
    """One piece of the notebook that the run depends on: `text` to read, `code` to compare, `place` for a message.

    `code` has neither comments nor layout, which a run does not notice.
    """

    text: str
    code: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """What a capture can be taken from an earlier run by.

    `texts` are the statements, in order, that lead to what is served and trained, and those that may change it by another way
    than through names (an option of a library, a file). `points` gives for each keep point, in their order, the names that it is
    known again by: places are counted in `texts`, since numbers of statements change with every cell that is put in. `checks` are
    the check cells' statements and the functions that they use, and `definitions` the numbers of those statements that only
    import or define, and that a check or a kept value may need. `imports` are the top-level modules that the notebook imports.
    `unknowable` says what no look at the source or the disk can find unchanged.
    """

    texts: tuple[RunText, ...]
    points: tuple[tuple[str, ...], ...]
    checks: tuple[str, ...]
    definitions: tuple[int, ...]
    imports: tuple[str, ...]
    unknowable: tuple[str, ...]
