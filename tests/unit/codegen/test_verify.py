"""Generated text that uses a name it never defines is caught before anything is written."""

from nb2svc.codegen.verify import undefined_names


def test_a_name_that_nothing_binds_is_found() -> None:
    assert undefined_names("def f(x):\n    return x + threshold\n") == {"threshold"}


def test_names_bound_in_any_way_are_known() -> None:
    text = """
import os.path as p
from a import b
LIMIT = 1
def f(x, *more, key=None):
    with open(p) as file:
        pass
    try:
        pass
    except ValueError as error:
        print(error)
    return [y for y in b if (z := y) > LIMIT] + [z, file, x, more, key]
"""
    assert undefined_names(text) == set()
