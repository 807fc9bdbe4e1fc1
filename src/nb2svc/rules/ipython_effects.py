"""NB231 (refusal or warning): a line that only IPython runs, and that may change what the answer is made of.

What it finds: above the last line that the answer needs, a shell command, a magic or a cell in another language that may
write files, set variables or change the folder. Where a line that the answer needs surely depends on it (a relative path
below `%cd`, a file that `%%writefile` wrote, a variable of `%env`) it is a refusal, else a warning.

Why it matters: the build's run of the notebook does it, but `training.py` and the service are plain Python and do not.

Example:

    %cd data
    loans = pd.read_csv("loans.csv")

Fix: write it in Python, or do it once beforehand and take the line out.

    loans = pd.read_csv("loans.csv")

Related: NB212
"""

import re
from collections.abc import Iterator

from nb2svc.ir.dataflow import Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.notebook import Masked
from nb2svc.rules.context import Context

CODE = "NB231"
_CHANGES_FOLDER = re.compile(r"%cd\s+(?P<folder>[^-\s]\S*)")
_SETS_VARIABLE = re.compile(r"%(?:set_)?env\s+(?P<name>\w+)[=\s]")
_WRITES = re.compile(r"%%(?:writefile|file)\s+(?:-a\s+)?(?P<file>\S+)")
_ABSOLUTE = re.compile(r"/|~|[A-Za-z]:|\\\\|\w+://")
_HARMLESS = re.compile(r"%(cd|store\b(?!\s+-r)|notebook|save)\b|%%debug\b")


def check(context: Context) -> Iterator[Finding]:
    """One finding for each such line."""
    statements = sorted(context.statements(), key=lambda one: one.span)
    for cell in context.index.notebook.cells:
        for piece in cell.masked:
            below = [one for one in statements if one.span > piece.span]
            # What a statement holds has its own refusal.
            inside = any(one.span.contains(piece.span) for one in statements)
            if piece.treatment == "refused" and below and not inside:
                yield from _found(piece, below)


def _found(piece: Masked, below: list[Statement]) -> Iterator[Finding]:
    text = piece.text.split("\n", 1)[0]
    reads = [effect.detail for one in below for effect in one.effects if effect.kind == "file_read"]
    folder = _CHANGES_FOLDER.match(text)
    relative = next((path for path in reads if path and not _ABSOLUTE.match(path)), "")
    if folder and relative:
        yield _finding(
            piece,
            f'"{relative}" is read below `{text}`, so training.py would look for it in another folder.',
            f'Read "{folder["folder"].rstrip("/")}/{relative}" and take the line out, or build with `--cwd {folder["folder"]}` '
            "and take the line out.",
        )
        return
    written = _WRITES.match(text)
    if written:
        if any(path.rsplit("/", 1)[-1] == written["file"].rsplit("/", 1)[-1] for path in reads):
            message = (
                f'"{written["file"]}" is read below, and only IPython writes it: training.py would find none, or an old one.'
            )
            yield _finding(piece, message, f"Keep {written['file']} as a file beside the notebook, and take the cell out.")
        return
    variable = _SETS_VARIABLE.match(text)
    if variable and any(re.search(rf"environ.*{variable['name']}|getenv.*{variable['name']}", one.source) for one in below):
        message = f"The answer needs the environment variable {variable['name']}, which `{text}` sets in the notebook only."
        yield _finding(piece, message, f'Write `os.environ["{variable["name"]}"] = …` in a cell that the answer needs.')
        return
    if not variable and not _HARMLESS.match(text):
        message = f"`{text}` may change files or values that lines below need; training.py and the service don't run it."
        remedy = "Write it in Python, or do it once beforehand and take it out of the notebook."
        yield Finding(code=CODE, severity="warning", message=message, remedy=remedy, span=piece.span)


def _finding(piece: Masked, message: str, remedy: str) -> Finding:
    return Finding(code=CODE, severity="refusal", message=message, remedy=remedy, span=piece.span)
