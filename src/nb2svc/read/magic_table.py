"""What each piece of IPython syntax does to the notebook's values: knowledge as data, one row a magic.

transparent   the notebook's values are the same without it (`%matplotlib`); what it runs is run (`%time`, `%prun`)
dropped       it shows something, or installs a package; no value depends on it
definitional  it binds names that Python can't see (`x = !ls`, `%%capture out`)
refused       everything else, known or not: it may do anything
"""

import re

from nb2svc.ir.notebook import Treatment

LINE_MAGICS: dict[str, Treatment] = {
    **dict.fromkeys(
        (
            *(
                "matplotlib",
                "time",
                "prun",
                "load_ext",
                "reload_ext",
                "unload_ext",
                "autoreload",
                "config",
                "precision",
                "pprint",
            ),
            *("xmode", "pdb", "colors", "autosave", "automagic", "autocall", "logstop", "doctest_mode", "autoawait"),
        ),
        "transparent",
    ),
    **dict.fromkeys(
        (
            *("timeit", "memit", "who", "whos", "who_ls", "psearch", "pinfo", "pinfo2", "pdoc", "pdef", "psource", "pfile"),
            *("lsmagic", "magic", "quickref", "history", "hist", "pwd", "ls", "ll", "dhist", "watermark", "pycat", "page"),
            *("pip", "conda", "mamba", "micromamba", "uv", "man", "more", "less", "cat", "alias", "rehashx", "connect_info"),
            "nb2svc",  # our own: it shows what a command says
        ),
        "dropped",
    ),
    "aimport": "definitional",
}

# A cell magic that is `transparent` lets the rest of its cell run as Python; of all others the whole cell is masked.
CELL_MAGICS: dict[str, Treatment] = {
    **dict.fromkeys(("time", "capture", "prun"), "transparent"),
    **dict.fromkeys(("timeit", "memit", "html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"), "dropped"),
}

# Cells in other languages and of magics that run their text elsewhere; `refused`, as all that is not in the tables above.
FOREIGN_CELLS = frozenset(
    (
        *("bash", "sh", "script", "system", "sx", "cmd", "perl", "ruby", "python2", "python3", "pypy", "R", "julia"),
        *("sql", "bigquery", "writefile", "file", "px", "pyspark", "spark", "debug"),
    )
)

_SHOWS = frozenset(
    [
        "ls",
        "ll",
        "dir",
        "pwd",
        "cat",
        "head",
        "tail",
        "wc",
        "grep",
        "sort",
        "file",
        "echo",
        "date",
        "whoami",
        "uname",
        "which",
        "du",
        "df",
        "free",
        "tree",
        "nvidia-smi",
        "lscpu",
        "top",
        "ps",
        "man",
    ]
)
_INSTALLS = re.compile(
    r"""(?:sudo\s+)?
        (?:(?:\{sys\.executable\}|"\{sys\.executable\}"|python[\d.]*|py)\s+-m\s+)?
        (?:pip[\d.]*|(?:conda|mamba|micromamba|uv)\s+(?!run\b)|apt|apt-get|brew|jupyter\s+\w+extension)\b""",
    re.VERBOSE,
)
_HARMLESS = re.compile(r"2>&1|[12&]?>\s*/dev/null|\"[^\"]*\"|'[^']*'")


def shell_treatment(command: str) -> Treatment:
    """The treatment of a shell command whose output goes to the screen.

    `ls -l` only shows, `pip install x` only installs; `wget …`, `cat a > b` and anything else may change what the
    notebook reads.
    """
    plain = _HARMLESS.sub("", command)
    parts = [part.strip() for part in re.split(r"&&|;|\|", plain)]
    harmless = ">" not in plain and all(not part or part.startswith("#") or _only_shows(part) for part in parts)
    return "dropped" if harmless else "refused"


def _only_shows(command: str) -> bool:
    return bool(_INSTALLS.match(command)) or command.split(maxsplit=1)[0] in _SHOWS
