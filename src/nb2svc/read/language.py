"""Which notebooks are Python's."""

from nb2svc.errors import NotebookError


def check_language(language: str, *, kernel: str, name: str) -> None:
    """Accept Python, and a file that names no language.

    Raises:
        NotebookError: it names another.
    """
    if language and language.lower() not in ("python", "ipython", "python3"):
        why = f"its kernel is {kernel or 'unnamed'}"
        raise NotebookError(
            f"The notebook is written in {language}", where=name, why=why, fix="nb2svc compiles Python notebooks."
        )
