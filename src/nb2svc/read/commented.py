"""Magics that a script holds as comments or as calls, so that it stays plain Python.

# %time y = f(x)                          %time y = f(x)
if new:                              →    if new:
    # !pip install b                          !pip install b
# # %foo                                  # %foo
get_ipython().system('ls -l')             !ls -l
"""

import ast
import re
from collections.abc import Sequence

from nb2svc.read.directives import OWN_MAGICS
from nb2svc.read.lines import lines_in_strings
from nb2svc.read.magic_table import CELL_MAGICS, FOREIGN_CELLS, LINE_MAGICS, shell_treatment

_COMMENT = r"(?:[#]\ ?)+"
_NAME = r"[A-Za-z_]\w*\s*=\s*"
# What jupytext comments, read backwards: a magic, help or a shell line, help below a name; and only where nothing is indented
# one of them assigned, or a command without its sign.
_WRITTEN = re.compile(
    rf"""\s*{_COMMENT}(?: %{{1,3}}[A-Za-z] | \s*[?!]\s*[A-Za-z.~$\\/{{}}] | \S*\?\s*$ )
    | {_COMMENT}\s*{_NAME}(?:%{{1,3}}|!)[A-Za-z]
    | {_COMMENT}(?:cat|cd|cp|mv|rm|rmdir|mkdir|copy|ddir|echo|ls|ldir|ren)(?:\s*$|\s[^=,])
    """,
    re.VERBOSE,
)
_BY_HAND = re.compile(rf"\s*#\s*(?P<assigned>{_NAME})?(?:%%?(?P<magic>\w+)|!\s*(?P<command>.+))")
# What `jupyter nbconvert --to script` makes of a magic: `get_ipython().run_line_magic('time', 'y = f(x)')`.
_CALL = re.compile(
    r"""(?P<lead>\s*(?:[A-Za-z_]\w*\s*=\s*)?)get_ipython\(\)\.(?P<method>run_line_magic|magic|system|getoutput)(?P<texts>\(.*\))\s*$"""
)
_CONTINUES = re.compile(r".*\\\s*$")


def uncomment_magics(lines: Sequence[str], *, written: bool) -> list[str]:
    """A cell's lines with its commented magics as magics; `written` says that jupytext wrote each of them so.

    Elsewhere a comment is taken for a magic only where IPython knows one of that name, or where it installs or shows
    something: `# !rm -r data` may be a line that its author switched off.
    """
    in_string = lines_in_strings(lines)
    done = list(lines)
    continued = False
    for number, line in enumerate(lines):
        if in_string[number]:
            continue
        if continued or (_WRITTEN.match(line) if written else _is_meant(line)):
            done[number] = uncomment(line)
            continued = bool(_CONTINUES.match(line))
        elif "get_ipython" in line:
            done[number] = _called(line)
    return done


def uncomment(line: str) -> str:
    """`  # %foo` → `  %foo`; a line without a comment stays."""
    return re.sub(r"^(\s*)# ?", r"\1", line, count=1)


def _called(line: str) -> str:
    """A magic's call as the magic; any other line stays."""
    match = _CALL.match(line)
    if match is None:
        return line
    try:
        value = ast.literal_eval(match["texts"])
    except (ValueError, SyntaxError):
        return line
    texts = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(text, str) and "\n" not in text for text in texts):
        return line
    sign = "%" if match["method"] in ("run_line_magic", "magic") else "!"
    return f"{match['lead']}{sign}{' '.join(texts)}".rstrip()


def _is_meant(line: str) -> bool:
    match = _BY_HAND.match(line)
    if match is None:
        return False
    if match["magic"]:
        known = match["magic"] in LINE_MAGICS or match["magic"] in CELL_MAGICS or match["magic"] in FOREIGN_CELLS
        return known or match["magic"] in OWN_MAGICS
    return not match["assigned"] and shell_treatment(match["command"]) == "dropped"
