import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import correlate_ranks


def test_it_is_spearman_s_with_the_exact_p_value():
    """Value and p-value are SciPy's, for every way of ordering five things, ties among them."""
    a = np.array([1.0, 2.0, 2.0, 4.0, 7.0])
    for seed in range(5):
        b = np.random.default_rng(seed).integers(0, 4, size=5)
        found = correlate_ranks(a, b)
        scipy = stats.spearmanr(a, b)
        test = _try_orders(a, b)
        assert found.exact
        assert found.value == pytest.approx(scipy.statistic)
        assert found.p == pytest.approx(test)


def test_drawn_orders_come_near_the_exact_p_value():
    """With ten things the p-value agrees with SciPy's, from orders that it drew itself."""
    a, b = np.arange(10), np.array([3, 1, 0, 2, 6, 4, 9, 5, 8, 7])
    found = correlate_ranks(a, b)
    assert found.value == pytest.approx(1 - 6 * float(((a - b) ** 2).sum()) / 990)
    assert not found.exact
    assert found.p == pytest.approx(_try_orders(a, b, orders=2_000), abs=0.01)


def _try_orders(a, b, orders=np.inf):
    """P-value of the absolute correlation, by SciPy's permutation test."""
    return stats.permutation_test(
        (b,),
        lambda order: abs(stats.spearmanr(a, order).statistic),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=orders,
        rng=np.random.default_rng(5),
    ).pvalue


def test_the_seed_decides_and_nothing_else():
    """Same seed, same p-value; another seed, another one."""
    rng = np.random.default_rng(1)
    a, b = rng.random(20), rng.random(20)
    assert correlate_ranks(a, b, seed=3) == correlate_ranks(a, b, seed=3)
    assert correlate_ranks(a, b, seed=3).p != correlate_ranks(a, b, seed=4).p


def test_error_rate():
    """Of unrelated quantities at most 5 % come out below 0.05, up to what 400 repetitions can tell."""
    rng = np.random.default_rng(2)
    below = sum(correlate_ranks(np.arange(10), rng.random(10)).p <= 0.05 for _ in range(400))
    assert below <= stats.binom.ppf(0.999, 400, 0.05)


@pytest.mark.parametrize(("a", "b"), [([1, 2], [1, 2]), ([5, 5, 5], [1, 2, 3]), ([1, 2, 3], [0.5, 0.5, 0.5])])
def test_nothing_to_correlate(a, b):
    """Two things, or equal values, have no rank correlation."""
    assert correlate_ranks(np.array(a), np.array(b)) is None


def test_wrong_arguments():
    """What is no number is refused."""
    with pytest.raises(ValueError, match="a and b must hold one finite number for each thing, received shapes"):
        correlate_ranks(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, np.nan]))
