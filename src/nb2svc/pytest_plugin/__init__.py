"""`pytest --nb2svc loans.ipynb`: the check cells of a notebook as tests of pytest.

pytest imports this module in every session of an environment that has nb2svc: it stays next to nothing, and does nothing, until
somebody names a notebook.
"""

import pytest

_OPTIONS = {
    "--nb2svc": ("NOTEBOOK", "a notebook, or a glob of some; may be given several times"),
    "--nb2svc-p": ("NAME=VALUE", "set a value of the cell tagged `parameters`; may be given several times"),
    "--nb2svc-grid": (
        "NAME=A..B|NAME=[…]",
        "many values of a parameter: the checks once for each; several make every combination",
    ),
}
_SINGLE = {
    "--nb2svc-matrix": ("FILE", "sets of parameters in a YAML file: the checks once for each set, or for each named case"),
    "--nb2svc-timeout": ("TIME", "stop a notebook's run then: 90s, 1h30m (10m without it)"),
    "--nb2svc-kernel": ("NAME", "run notebooks in this kernel, not in the one that they name"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and the notebooks of the configuration."""
    group = parser.getgroup("nb2svc", "check cells of notebooks as tests (nb2svc)")
    for option, (value, told) in _OPTIONS.items():
        group.addoption(option, action="append", default=[], metavar=value, help=told)
    for option, (value, told) in _SINGLE.items():
        group.addoption(option, metavar=value, help=told)
    parser.addini(
        "nb2svc_notebooks", "notebooks whose check cells are tests, one name or glob a line", type="linelist", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take part where a notebook is named.

    Raises:
        pytest.UsageError: an option is wrong, or there is no such notebook.
    """
    config.addinivalue_line("markers", "nb2svc: a check cell of a notebook, or the notebook's run itself")
    if config.getoption("--nb2svc") or config.getini("nb2svc_notebooks"):
        from nb2svc.pytest_plugin.session import take_part

        take_part(config)
        return
    given = [option for option in (*_OPTIONS, *_SINGLE) if config.getoption(option)]
    if given:
        raise pytest.UsageError(f"{given[0]} says how to run a notebook, and none is named: add --nb2svc NOTEBOOK")
