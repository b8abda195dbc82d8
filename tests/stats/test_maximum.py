import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import expected_maximum


@pytest.mark.parametrize("count", [1, 2, 3, 7, 40, 1000])
def test_maximum_is_the_last_order_statistic(count: int) -> None:
    """Mean and standard deviation are those of SciPy's order statistics of a normal sample."""
    last = stats.order_statistic(stats.Normal(), r=count, n=count)
    assert expected_maximum(count) == pytest.approx((last.mean(), last.standard_deviation()), abs=1e-8)


@pytest.mark.parametrize(
    ("count", "mean", "square"),
    [
        (1, 0.0, 1.0),
        (2, 1 / math.sqrt(math.pi), 1.0),
        (3, 1.5 / math.sqrt(math.pi), 1 + math.sqrt(3) / (2 * math.pi)),
    ],
)
def test_maximum_of_a_few_has_a_closed_form(count: int, mean: float, square: float) -> None:
    """One normal variable is no luckier than itself; of two and three the moments are known exactly."""
    assert expected_maximum(count) == pytest.approx((mean, math.sqrt(square - mean**2)), abs=1e-12)


def test_maximum_as_it_is_drawn() -> None:
    """The highest of 12 draws, 100,000 times over: within five standard errors of mean and standard deviation."""
    highest = np.random.default_rng(1).standard_normal((100_000, 12)).max(axis=1)
    mean, deviation = expected_maximum(12)
    error = highest.std() / math.sqrt(highest.size)
    assert abs(highest.mean() - mean) < 5 * error
    assert abs(highest.std() - deviation) < 5 * error


def test_very_many_stay_within_reach() -> None:
    """A million: the mean lies between the median and the upper quartile, and the spread is still shrinking."""
    mean, deviation = expected_maximum(1_000_000)
    median, upper = (stats.norm.isf(-math.expm1(math.log(share) / 1e6)) for share in (0.5, 0.75))
    assert median < mean < upper
    assert 0 < deviation < expected_maximum(1000)[1]


def test_nothing_has_no_maximum() -> None:
    """At least one variable is needed."""
    with pytest.raises(ValueError, match="count must be at least 1, received 0"):
        expected_maximum(0)
