"""A value that can't be kept is refused where the notebook makes it."""

from nb2svc.capture.pack import unpackable
from nb2svc.ir.span import Span

AGE, MEAN = Span(2, 1, 0, 1, 9), Span(2, 4, 0, 4, 9)
PLACES = {"the learned value age": AGE, "the learned value age_mean": MEAN}


def test_the_place_is_that_of_the_value_that_is_named() -> None:
    assert unpackable("the learned value age holds m.f", PLACES).span == AGE
    assert unpackable("the learned value age_mean.rule_ can't be kept\n", PLACES).span == MEAN
    assert unpackable("the table prices is no table", PLACES).span is None


def test_it_says_what_and_what_to_do() -> None:
    finding = unpackable("the model holds m.<lambda> in .rule_\n", PLACES)

    assert (finding.code, finding.severity) == ("NB401", "refusal")
    assert finding.message == "The model can't be kept as data: the model holds m.<lambda> in .rule_"
    assert "top level of a cell" in finding.remedy
