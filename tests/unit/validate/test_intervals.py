"""Intervals are the ones that `scipy.stats` gives, and scipy is not imported for them."""

import subprocess
import sys

import pytest
from scipy.stats import binomtest, t

from nb2svc.validate.intervals import mean_interval, share_interval


@pytest.mark.parametrize(("count", "total"), [(0, 10), (3, 10), (10, 10), (1, 1), (40, 640)])
def test_a_share(count: int, total: int):
    found = binomtest(count, total).proportion_ci(confidence_level=0.95, method="exact")
    share = share_interval(count, total)
    assert (share.low, share.high) == pytest.approx((found.low, found.high), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("values", [(1.0, 2.0), (0.3, 0.1, 0.35, 0.2), tuple(range(40))])
def test_a_mean(values: tuple[float, ...]):
    mean = sum(values) / len(values)
    error = (sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)) ** 0.5
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx(t.interval(0.95, len(values) - 1, loc=mean, scale=error), rel=1e-9)


def test_nobody_waits_for_scipy():
    source = "import sys; from nb2svc.validate.intervals import mean_interval, share_interval; mean_interval([1, 2]); share_interval(1, 2)"
    done = subprocess.run(
        [sys.executable, "-c", f"{source}; print('scipy' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
