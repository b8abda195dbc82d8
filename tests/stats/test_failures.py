import numpy as np
import pytest
from scipy import stats

from bakeoff.stats.failure_pairs import compare_failures
from bakeoff.stats.failures import failure_rate


@pytest.mark.parametrize(("runs", "high"), [(3, 0.63), (5, 0.45), (10, 0.26), (30, 0.095)])
def test_no_failure_proves_little(runs: int, high: float) -> None:
    """Section 1.9 of the statistics notes: the one-sided 95 % bound, `1 - 0.05^(1/R)`."""
    estimate = failure_rate(0, runs, level=0.9)
    assert (estimate.value, estimate.low) == (0, 0)
    assert estimate.high == pytest.approx(high, abs=0.005)
    assert estimate.high == pytest.approx(1 - 0.05 ** (1 / runs))


@pytest.mark.parametrize(("failed", "runs"), [(0, 4), (1, 4), (4, 4), (3, 30)])
def test_interval_is_that_of_clopper_and_pearson(failed: int, runs: int) -> None:
    """SciPy's exact interval, ends included."""
    estimate = failure_rate(failed, runs)
    interval = stats.binomtest(failed, runs).proportion_ci(0.95, method="exact")
    assert (estimate.low, estimate.high) == pytest.approx((interval.low, interval.high))
    assert (estimate.value, estimate.runs, estimate.images) == (failed / runs, runs, 0)


def _boschloo_by_grid(failed_a: int, runs_a: int, failed_b: int, runs_b: int) -> float:
    """The definition: Fisher's p as the statistic, its distribution at the least favourable common rate of a grid."""
    x, y = np.meshgrid(np.arange(runs_a + 1), np.arange(runs_b + 1), indexing="ij")
    rates = np.linspace(0, 1, 2001)
    largest = []
    for fisher in (
        stats.hypergeom.cdf(x, runs_a + runs_b, x + y, runs_a),
        stats.hypergeom.sf(x - 1, runs_a + runs_b, x + y, runs_a),
    ):
        extreme = fisher <= fisher[failed_a, failed_b] * (1 + 1e-12)
        chance = stats.binom.pmf(x[extreme][:, None], runs_a, rates) * stats.binom.pmf(
            y[extreme][:, None], runs_b, rates
        )
        largest.append(chance.sum(axis=0).max())
    return min(1.0, 2 * min(largest))


@pytest.mark.parametrize("counts", [(0, 3, 3, 3), (0, 10, 5, 10), (1, 5, 4, 10), (2, 30, 9, 30), (0, 30, 1, 5)])
def test_p_is_boschloos(counts: tuple[int, int, int, int]) -> None:
    """The definition on a grid of common failure rates; the order of the models does not matter."""
    p = compare_failures(*counts)
    assert p == pytest.approx(_boschloo_by_grid(*counts), rel=1e-4)
    assert compare_failures(*counts[2:], *counts[:2]) == p


@pytest.mark.parametrize(
    "counts", [(0, 5, 0, 5), (5, 5, 5, 5), (2, 5, 2, 5), (0, 3, 0, 30), (3, 6, 3, 6), (1, 5, 2, 10)]
)
def test_equal_shares_show_nothing(counts: tuple[int, int, int, int]) -> None:
    """As often failed as the other: p is 1."""
    assert compare_failures(*counts) == 1.0


def test_p_is_never_zero() -> None:
    """A thousand failures against none is still a probability."""
    assert 0 < compare_failures(0, 150, 150, 150) < 1e-30


@pytest.mark.parametrize(("failed", "runs"), [(-1, 3), (4, 3), (0, 0)])
def test_impossible_counts_are_refused(failed: int, runs: int) -> None:
    """Between none and all of at least one run."""
    words = rf"between 0 and runs, of at least 1, received {failed} failed of {runs} runs"
    with pytest.raises(ValueError, match=words):
        failure_rate(failed, runs)
    with pytest.raises(ValueError, match=words):
        compare_failures(failed, runs, 0, 3)
    with pytest.raises(ValueError, match=words):
        compare_failures(0, 3, failed, runs)


def test_impossible_level_is_refused() -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1"):
        failure_rate(0, 3, level=95.0)
