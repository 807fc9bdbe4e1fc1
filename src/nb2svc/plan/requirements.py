"""What the service must have installed: the slice's own imports, at the versions of the run."""

import ast
import sys
from collections.abc import Iterable

from nb2svc.ir.capture import Capture
from nb2svc.ir.dataflow import Dataflow

# Where the estimator and the tables come from; needed to load them even where the notebook imports them by other names.
_ALWAYS = ("scikit-learn", "pandas", "numpy")


def requirements(dataflow: Dataflow, prelude: Iterable[int], capture: Capture) -> tuple[tuple[str, str], ...]:
    """(distribution, version) pairs in alphabetical order."""
    versions = dict(capture.versions)
    distributions = dict(capture.modules)
    found = {name for name in _ALWAYS if name in versions}
    for number in prelude:
        for module in _imported(dataflow.statements[number].source):
            if module not in sys.stdlib_module_names and module in distributions:
                found.add(distributions[module])
    return tuple(sorted((name, versions[name]) for name in found if name in versions))


def _imported(source: str) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules
