import pytest

from nb2svc.errors import UsageError
from nb2svc.ir.notebook import Notebook
from nb2svc.validate.keys import run_specs
from nb2svc.validate.sets import Asked, default_parameters, parameter_sets, secrets_of
from unit.capture.made import made

DEFAULTS = """
seed: int = 0
model = "lr"
rate = 0.5
shops = [1, 2]
fast = False
token = None
a = b = 1
c = a + 1
"""


def notebook(*more: str) -> Notebook:
    return made("import x", DEFAULTS, *more, tags={2: ["parameters"]})[0]


def said(**asked: object) -> list[str]:
    sets = parameter_sets(notebook(), Asked(**asked))
    return [" ".join([*([one.case] if one.case else []), *(f"{p.name}={p.shown}" for p in one.parameters)]) for one in sets]


def refused(**asked: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        said(**asked)
    assert caught.value.fix
    return caught.value


def test_a_grid_is_every_pair_and_its_last_name_moves_fastest():
    grid = (("seed", "1..2"), ("model", '["lr", "gb"]'))
    assert said(parameters=(("rate", "1"),), grid=grid) == [
        "rate=1.0 seed=1 model='lr'", "rate=1.0 seed=1 model='gb'", "rate=1.0 seed=2 model='lr'", "rate=1.0 seed=2 model='gb'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values"), [("-1..1", ["-1", "0", "1"]), ("[3]", ["3"]), ("3..3", ["3"]), (" [1, 2] ", ["1", "2"])]
)
def test_a_grid_of_whole_numbers(text: str, values: list[str]):
    assert said(grid=(("seed", text),)) == [f"seed={value}" for value in values]


def test_values_take_the_kind_of_the_default():
    assert said(grid=(("rate", "[1, 0.25, NaN]"),)) == ["rate=1.0", "rate=0.25", "rate=float('nan')"]
    assert said(grid=(("shops", "[[3], []]"),)) == ["shops=[3]", "shops=[]"]
    assert said(grid=(("model", "['it\\'s']"),)) == ['model="it\'s"']


@pytest.mark.parametrize(
    ("grid", "what", "fix"),
    [
        (("sed", "1..2"), "the notebook has no parameter sed", "did you mean --grid seed=…?"),
        (("seed", "2..1"), "--grid seed=2..1: the range runs backwards", "write --grid seed=1..2"),
        (("seed", "1,2"), "--grid seed=1,2 is no grid", "write --grid seed=1..10, or --grid 'seed=[1, 2]'"),
        (("model", "[lr,gb]"), "--grid model=[lr,gb] is no grid", "write --grid seed=1..10, or --grid 'model=[\"lr\", \"gb\"]'"),
        (("rate", "0.1..0.3"), "--grid rate=0.1..0.3 is no grid", "write each value, in the steps that you mean: --grid 'rate=[0.1, 0.15, 0.2, 0.25, 0.3]'"),
        (("rate", "-1..1e1"), "--grid rate=-1..1e1 is no grid", "write each value, in the steps that you mean: --grid 'rate=[-1.0, 1.75, 4.5, 7.25, 10.0]'"),
        (("seed", "1..x"), "--grid seed=1..x is no grid", "write two whole numbers, as in --grid seed=1..10, or each value: --grid 'seed=[1, 2, 5]'"),
        (("seed", ""), "--grid seed= is no grid", "write two whole numbers, as in --grid seed=1..10, or each value"),
        (("seed", "[]"), "--grid seed=[] has no values", "put at least one between the brackets"),
        (("seed", "[1, 2, 1]"), "--grid seed: 1 stands there twice", "leave one out; the same run several times is --repeat"),
        (("seed", "[1.5]"), "--grid seed=1.5: seed is a whole number in the notebook", "give a whole number, e.g. --grid 'seed=[0]'"),
        (("seed", "[true]"), "--grid seed=True: seed is a whole number in the notebook", "give a whole number, e.g. --grid 'seed=[0]'"),
        (("model", "[1]"), "--grid model=1: model is text in the notebook", "give text, e.g. --grid 'model=[\"lr\"]'"),
        (("fast", "[0]"), "--grid fast=0: fast is true or false in the notebook", "give true or false, e.g. --grid 'fast=[false]'"),
        (("token", "[(1, 2)]"), "the value of --grid token=(1, 2) can't be given to a notebook as it is", "use None, true/false"),
        (("a", "1..2"), "a can't be given with --grid: the parameters cell computes with it", "move that line to the next cell"),
        (("seed", "1..1000000000"), "that would be 1,000,000,000 runs", "ask for fewer values, or for a list of cases (--matrix)"),
    ],
)  # fmt: skip
def test_a_grid_that_can_t_be_meant_is_refused(grid: tuple[str, str], what: str, fix: str):
    error = refused(grid=(grid,))
    assert error.what.startswith(what)
    assert error.fix.startswith(fix.replace("seed=1..10", f"{grid[0]}=1..10"))


def test_too_many_runs_are_refused_before_any_starts():
    error = refused(grid=(("seed", "1..1000"), ("rate", "[0.1, 0.2, 0.3]")), repeat=5)
    assert error.what == "that would be 15,000 runs"


def test_a_name_given_twice_is_refused():
    error = refused(parameters=(("seed", "1"),), grid=(("seed", "1..2"),))
    assert error.what == "seed is given by -p and by --grid"
    error = refused(grid=(("seed", "1..2"),), matrix=b"- {seed: 1}", matrix_file="m.yaml")
    assert error.what == "seed is given by --grid and by --matrix (set 1)"


def test_a_matrix_holds_sets_or_named_cases():
    assert said(matrix=b"- {seed: 1, model: gb}\n- {rate: 2}\n- {}", matrix_file="m.yaml") == [
        "seed=1 model='gb'",
        "rate=2.0",
        "",
    ]
    named = b"small: {shops: [1]}\nstress:\n  rate: .inf\n"
    assert said(matrix=named, matrix_file="m.yaml", grid=(("seed", "1..2"),)) == [
        "small shops=[1] seed=1", "small shops=[1] seed=2", "stress rate=float('inf') seed=1", "stress rate=float('inf') seed=2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "m.yaml holds no cases"), (b"5", "m.yaml holds no cases"), (b"[]", "m.yaml holds no cases"),
        (b"- {seed: 1", "m.yaml is no YAML"), (b"- {seed: 1, seed: 2}", "m.yaml is no YAML"), (b"!!python/name:os.system", "m.yaml holds more than plain values"),
        (b"- 5", "set 1 of m.yaml is no set of parameters"), (b"a: [1]", "case a of m.yaml is no set of parameters"),
        (b"- {1: 2}", "set 1 of m.yaml: 1 is no parameter's name"),
        (b"stress: {sed: 1}", "the notebook has no parameter sed"),
        (b"- {token: 2026-01-01}", "the value of --matrix, set 1: token="),
        (b"- {model: no}", "--matrix, set 1: model=False: model is text in the notebook"),
    ],
)  # fmt: skip
def test_a_matrix_that_can_t_be_meant_is_refused(content: bytes, what: str):
    assert refused(matrix=content, matrix_file="m.yaml").what.startswith(what)


@pytest.mark.parametrize(
    ("content", "why", "fix"),
    [
        (b"seed: 1", "it is a number, not parameters with values", "put what belongs together into one set, as a list of sets (- {seed: 1}) or"),
        (b"seed: [1, 2]", "it is a list, not parameters with values", "many values of one parameter are a grid: --grid 'seed=[1, 2]'"),
        (b"!!python/name:os.system", "the tag !!python/name:os.system makes an object", "write a list of sets"),
        (b"\xff\xfe\x00", "byte 2 of it belongs to no text", "write a list of sets"),
        (b"5", "at its top it has a number", "write a list of sets"),
    ],
)  # fmt: skip
def test_why_a_matrix_is_refused_and_what_was_meant(content: bytes, why: str, fix: str):
    error = refused(matrix=content, matrix_file="m.yaml")
    assert error.why.startswith(why)
    assert error.fix.startswith(fix)


def test_what_is_wrong_in_a_matrix_is_mended_there():
    wrong, unknown = (refused(matrix=content, matrix_file="m.yaml") for content in (b"big: {seed: x}", b"- {sed: 1}"))
    assert wrong.fix == "give a whole number, e.g. seed: 0 in --matrix, case big"
    assert unknown.fix == "did you mean seed in --matrix, set 1?"


def test_without_a_parameters_cell_nothing_can_be_given():
    plain, _ = made("x = 1")
    assert len(parameter_sets(plain, Asked(repeat=3))) == 3
    with pytest.raises(UsageError, match="has no parameters cell"):
        parameter_sets(plain, Asked(grid=(("seed", "1..2"),)))


def test_a_secret_is_known_by_its_variable_only():
    sets = parameter_sets(notebook(), Asked(parameters=(("token", "env:API_TOKEN"),), grid=(("model", '["env:NAME", "lr"]'),)))
    assert [p.value for p in sets[0].parameters] == ["", ""]
    assert secrets_of(sets) == ("API_TOKEN", "NAME")
    assert (
        refused(parameters=(("seed", "env:SEED"),)).what == "-p seed=env:SEED: a secret is text, and seed is none in the notebook"
    )
    assert refused(parameters=(("tokn", "env:SEED"),)).fix == "did you mean -p token=…?"


def test_the_defaults_are_told_as_they_stand():
    assert [(p.name, p.value) for p in default_parameters(notebook())][:3] == [("seed", "0"), ("model", "'lr'"), ("rate", "0.5")]


def specs(book: Notebook, **asked: object) -> list[str]:
    found = run_specs(book, parameter_sets(book, Asked(**asked)), defaults=default_parameters(book), kernel="python3")
    return [spec.key for spec in found]


def test_a_key_follows_code_and_parameters_and_nothing_else():
    keys = specs(notebook("y = 1"), grid=(("seed", "1..2"),), repeat=2)
    assert len(set(keys)) == 4
    assert specs(notebook("y  =  1  # the same"), grid=(("seed", "1..2"),), repeat=2) == keys
    assert not set(specs(notebook("y = 2"), grid=(("seed", "1..2"),), repeat=2)) & set(keys)
    assert not set(specs(notebook("# nb2svc: check y\ny = 1"), grid=(("seed", "1..2"),), repeat=2)) & set(keys)


def test_the_seed_is_told_from_the_default_where_no_run_gives_it():
    found = run_specs(notebook(), parameter_sets(notebook(), Asked()), defaults=default_parameters(notebook()), kernel="x")
    assert found[0].seed == "0"
    sets = parameter_sets(notebook(), Asked(grid=(("seed", "7..7"),)))
    assert run_specs(notebook(), sets, defaults=default_parameters(notebook()), kernel="x")[0].seed == "7"


def test_equal_sets_are_one_run():
    assert len(specs(notebook(), matrix=b"- {seed: 1}\n- {seed: 1}", matrix_file="m.yaml")) == 1
