import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import estimate_run_mean


def test_t_interval_against_scipy():
    """The interval is Student's, as SciPy computes it."""
    values = np.array([0.31, 0.28, 0.35, 0.30])
    estimate = estimate_run_mean(values, images=500, level=0.9)
    low, high = stats.t.interval(0.9, 3, loc=values.mean(), scale=stats.sem(values))
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((values.mean(), low, high))
    assert (estimate.runs, estimate.images, estimate.degrees_of_freedom) == (4, 500, 3)


def test_one_run_has_no_interval():
    """One run says nothing about other seeds."""
    estimate = estimate_run_mean(np.array([0.3]), images=500)
    assert estimate.value == 0.3
    assert np.isnan([estimate.low, estimate.high]).all()
    assert estimate.method == "one run: nothing is known about other seeds"


def test_equal_values_have_no_interval():
    """Runs without spread tell nothing of other seeds: NaN, not a width of 0."""
    estimate = estimate_run_mean(np.full(3, 0.3), images=500)
    assert estimate.value == pytest.approx(0.3)
    assert np.isnan([estimate.low, estimate.high, estimate.standard_error]).all()
    assert estimate.method == "identical runs: nothing is known about other seeds"


@pytest.mark.parametrize("values", [np.array([]), np.ones((2, 2))])
def test_wrong_shape(values, unchecked_shapes):
    """Anything but one number per run is refused."""
    with pytest.raises(ValueError, match="values must be one finite number per run, for at least one run, received"):
        estimate_run_mean(values, images=5)


@pytest.mark.parametrize("values", [[0.1, np.nan], [0.1, np.inf]])
def test_what_is_no_number_per_run_is_refused(values):
    """NaN is not averaged, nor taken for equal runs."""
    with pytest.raises(ValueError, match=r"^values must be one finite number per run, for at least one run, received"):
        estimate_run_mean(np.array(values), images=10)
