"""The quantiles that intervals are made of are scipy's."""

import pytest
from scipy.special import betainc, betaincinv, stdtrit

from nb2svc.validate.quantiles import beta_quantile, beta_share, t_quantile

FREEDOMS = (1, 2, 3, 4.5, 9, 31, 100.25, 5_000, 1e6)
COUNTS = ((1, 1), (1, 10), (10, 1), (4, 2), (3, 30), (17, 16), (900, 101), (1, 100_000), (50_000, 50_000))


@pytest.mark.parametrize("freedom", FREEDOMS)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.975, 0.9995, 0.05, 0.025])
def test_student(share: float, freedom: float):
    assert t_quantile(share, freedom) == pytest.approx(float(stdtrit(freedom, share)), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("share", [0.001, 0.025, 0.05, 0.5, 0.95, 0.975, 0.999])
def test_beta(share: float, counts: tuple[float, float]):
    found = beta_quantile(share, *counts)
    assert found == pytest.approx(float(betaincinv(*counts, share)), rel=1e-8)
    assert beta_share(found, *counts) == pytest.approx(float(betainc(*counts, found)), rel=1e-8)


def test_nothing_lies_outside():
    assert [beta_share(place, 2, 3) for place in (-1.0, 0.0, 1.0, 2.0)] == [0, 0, 1, 1]
