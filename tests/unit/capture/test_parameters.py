import pytest

from nb2svc.capture.parameters import as_source, resolve_parameters, with_values
from nb2svc.errors import UsageError
from unit.capture.made import made

DEFAULTS = """
rate = 0.5
top: int = 10
month = "01"
fast = False
shops = [1, 2]
names = {"a": 1}
limit = None
start = date(2025, 1, 1)
unset: int
"""


def resolve(*given: tuple[str, str]) -> dict[str, object]:
    notebook, _ = made("import x", DEFAULTS, tags={2: ["parameters"]})
    return resolve_parameters(notebook, given)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rate", "1", 1.0), ("rate", "0.25", 0.25), ("rate", "1e-3", 0.001), ("rate", "inf", float("inf")), ("rate", "-2", -2.0),
        ("top", "3", 3), ("month", "02", "02"), ("month", "True", "True"), ("month", "", ""),
        ("fast", "true", True), ("fast", "False", False), ("shops", "[3]", [3]), ("names", "{'b': [1, None]}", {"b": [1, None]}),
        ("limit", "5", 5), ("limit", "None", None), ("limit", "north", "north"), ("limit", "2025-01-01", "2025-01-01"),
        ("start", "x y", "x y"),
    ],
)  # fmt: skip
def test_a_text_becomes_the_value_that_is_meant(name: str, text: str, value: object) -> None:
    resolved = resolve((name, text))[name]
    assert resolved == value
    assert type(resolved) is type(value)


def test_not_a_number_is_a_float_too() -> None:
    assert str(resolve(("rate", "nan"))) == "{'rate': nan}"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("top", "2.5", "a whole number"), ("top", "ten", "a whole number"), ("top", "True", "a whole number"),
        ("rate", "fast", "a number"), ("rate", "False", "a number"), ("fast", "1", "true or false"), ("fast", "yes", "true or false"),
    ],
)  # fmt: skip
def test_another_kind_of_value_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve((name, text))
    assert caught.value.what == f"-p {name}={text}: {name} is {words} in the notebook"
    assert caught.value.why.startswith("its default is ")
    assert f"-p {name}=" in caught.value.fix


@pytest.mark.parametrize("text", ["(1, 2)", "{1, 2}", "{1: 2}", "[(1,)]", "b'x'", "1j", "{'a': {None: 1}}"])
def test_what_would_arrive_changed_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="can't be given to a notebook as it is") as caught:
        resolve(("limit", text))
    assert caught.value.exit_code == 2
    assert "lists" in caught.value.fix


def test_an_unknown_name_gets_the_near_one() -> None:
    with pytest.raises(UsageError) as caught:
        resolve(("mnoth", "02"))
    assert caught.value.what == "the notebook has no parameter mnoth"
    assert caught.value.fix == "did you mean -p month=…?"
    assert "rate, top, month" in caught.value.why


def test_an_unknown_name_far_from_all() -> None:
    with pytest.raises(UsageError) as caught:
        resolve(("zzz", "02"))
    assert "use one of these names" in caught.value.fix


def test_a_name_without_a_value_is_no_parameter() -> None:
    with pytest.raises(UsageError, match="no parameter unset"):
        resolve(("unset", "1"))


def test_without_a_parameters_cell() -> None:
    notebook, _ = made("x = 1")
    assert resolve_parameters(notebook, ()) == {}
    with pytest.raises(UsageError, match="has no parameters cell") as caught:
        resolve_parameters(notebook, [("x", "2")])
    assert "tag the cell" in caught.value.fix


def test_a_parameter_that_its_cell_computes_with_is_refused() -> None:
    notebook, _ = made("top = 3\n# twice\nboth = 2 * top\nother = 1", tags={1: ["parameters"]})
    assert resolve_parameters(notebook, [("other", "2")]) == {"other": 2}
    with pytest.raises(UsageError, match="top can't be given with -p: the parameters cell computes with it") as caught:
        resolve_parameters(notebook, [("top", "4")])
    assert caught.value.where == "cell 1 (top = 3), line 3"
    assert "`both = 2 * top`" in caught.value.why
    assert caught.value.fix == "move that line to the next cell"


@pytest.mark.parametrize("value", [None, True, 3, -0.5, "it's", [1, [2.5]], {"a b": ["x", None]}, float("inf"), [float("-inf")]])
def test_a_value_as_source_is_that_value(value: object) -> None:
    assert eval(as_source(value)) == value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rate = 0.5", "rate = 0.1"), ("rate: float = 0.5", "rate = 0.1"), ("a = rate = f(\n 1)", "a, rate = (f(\n 1)), 0.1"),
        ("other = 3", "other = 3"), ("import rate", "import rate"), ("rate: float", "rate: float"), ("x.rate = 1", "x.rate = 1"),
    ],
)  # fmt: skip
def test_a_statement_with_the_values_that_were_given(source: str, expected: str) -> None:
    assert with_values(source, {"rate": "0.1"}) == expected


def test_what_the_parameters_cell_offers_is_known_without_running_it() -> None:
    from nb2svc.capture.parameters import offered_parameters

    source = "seed: int = 1\nrate = 0.5\nname = 'a'\nfast = True\nshops = [1, 2]\nrows = 10\nhalf = rows / 2\nprint(seed)"
    notebook, _ = made("import os", source, tags={2: ["parameters"]})
    offered = offered_parameters(notebook)
    assert [(each.name, each.default, each.kind) for each in offered] == [
        ("seed", "1", "int"),
        ("rate", "0.5", "float"),
        ("name", "'a'", "text"),
        ("fast", "True", "bool"),
        ("shops", "[1, 2]", "other"),
        ("rows", "10", "int"),
        ("half", "rows / 2", "other"),
    ]
    assert [(each.name, each.line) for each in offered if each.computed] == [("seed", 1), ("rows", 6)]
    assert {each.cell for each in offered} == {2}
    assert offered_parameters(made("x = 1")[0]) == ()
    assert offered_parameters(made("x = (", tags={1: ["parameters"]})[0]) == ()
