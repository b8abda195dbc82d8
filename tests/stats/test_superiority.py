import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import estimate_superiority


def test_value_counts_pairs_with_ties_as_halves() -> None:
    """Three runs against two: five pairs won and one tied make 5.5 of 6."""
    estimate = estimate_superiority(np.array([0.9, 0.8, 0.9]), np.array([0.8, 0.7]), images=100)
    assert estimate.value == pytest.approx(5.5 / 6)
    assert (estimate.runs, estimate.images) == (5, 100)


@pytest.mark.parametrize("seed", range(5))
def test_test_is_that_of_brunner_and_munzel(seed: int) -> None:
    """Value less one half in standard errors is SciPy's Brunner-Munzel statistic, with its p-value, ties included."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 12, 7) / 12, rng.integers(2, 14, 5) / 14
    estimate = estimate_superiority(a, b, images=100)
    t = (estimate.value - 0.5) / estimate.standard_error
    by_scipy = stats.brunnermunzel(b, a)
    assert t == pytest.approx(by_scipy.statistic)
    assert 2 * stats.t.sf(abs(t), estimate.degrees_of_freedom) == pytest.approx(by_scipy.pvalue)
    half = stats.t.ppf(0.975, estimate.degrees_of_freedom) * estimate.standard_error
    assert estimate.low == pytest.approx(max(0, estimate.value - half))
    assert estimate.high == pytest.approx(min(1, estimate.value + half))


@pytest.mark.parametrize(("runs", "low"), [(3, 0.025 ** (1 / 3)), (5, 0.025 ** (1 / 5)), (30, 0.025 ** (1 / 30))])
def test_always_ahead_is_not_certainty(runs: int, low: float) -> None:
    """Complete separation: Clopper-Pearson's bound for as many independent pairs as the smaller number of runs."""
    a, b = np.linspace(0.8, 0.9, runs), np.linspace(0.5, 0.6, runs + 2)
    ahead, behind = estimate_superiority(a, b, images=10), estimate_superiority(b, a, images=10)
    assert (ahead.value, ahead.high, behind.value, behind.low) == (1, 1, 0, 0)
    assert ahead.low == pytest.approx(low)
    assert ahead.low == pytest.approx(stats.binomtest(runs, runs).proportion_ci(0.95).low)
    assert behind.high == pytest.approx(1 - low)


def test_all_tied_is_one_half_and_wide() -> None:
    """Equal accuracies in all runs: one half, with an interval around it and no warning."""
    estimate = estimate_superiority(np.full(3, 0.1 + 0.2), np.full(3, 0.3), images=10)
    certain = 0.025 ** (1 / 3)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.5, certain / 2, 1 - certain / 2))


def test_one_run_has_no_interval() -> None:
    """A single run on either side leaves the interval open."""
    estimate = estimate_superiority(np.array([0.9]), np.array([0.8, 0.7]), images=10)
    assert estimate.value == 1
    assert np.isnan([estimate.low, estimate.high]).all()


def test_impossible_level_is_refused() -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1"):
        estimate_superiority(np.ones(2), np.ones(2), images=10, level=2.0)


@pytest.mark.parametrize("a", [[], [np.nan, 0.5]])
def test_runs_without_a_score_are_refused(a):
    """NaN never becomes a win or a loss."""
    with pytest.raises(ValueError, match=r"^a must be one finite number per run"):
        estimate_superiority(np.array(a, dtype=float), np.array([0.5, 0.6]), images=10)
