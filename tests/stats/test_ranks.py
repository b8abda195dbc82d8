import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import ranks
from bakeoff.stats.ranks import compare_ranks

FAILED = -np.inf


def _by_enumeration(a: np.ndarray, b: np.ndarray) -> float:
    """Every way of dealing the runs to the models, pairs counted with ties as halves."""
    pooled = [*a, *b]

    def wins(chosen: tuple[int, ...]) -> float:
        rest = [i for i in range(len(pooled)) if i not in chosen]
        return sum(0.5 if pooled[i] == pooled[j] else float(pooled[i] > pooled[j]) for i in chosen for j in rest)

    every = np.array([wins(chosen) for chosen in itertools.combinations(range(len(pooled)), len(a))])
    observed = wins(tuple(range(len(a))))
    return min(1.0, 2 * min((every >= observed).mean(), (every <= observed).mean()))


@pytest.mark.parametrize("seed", range(8))
def test_p_counts_every_permutation(seed: int) -> None:
    """Ties and failed runs included: the count over all ways of dealing the runs."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(5, 9, 4) / 10, rng.integers(4, 8, 5) / 10
    a[rng.random(4) < 0.3], b[rng.random(5) < 0.3] = FAILED, FAILED
    assert compare_ranks(a, b, images=100).p == pytest.approx(_by_enumeration(a, b))


@pytest.mark.parametrize("runs", [(3, 3), (10, 7), (30, 30), (60, 60)])
def test_without_ties_p_is_mann_and_whitneys(runs: tuple[int, int]) -> None:
    """SciPy's exact test, for few and for many runs."""
    rng = np.random.default_rng(4)
    a, b = rng.random(runs[0]), rng.random(runs[1]) * 0.9
    assert compare_ranks(a, b, images=100).p == pytest.approx(stats.mannwhitneyu(a, b, method="exact").pvalue)


def test_very_many_runs_use_the_normal_approximation() -> None:
    """Beyond what is counted: SciPy's asymptotic test, with ties; all runs tied show nothing."""
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 50, 100) / 50, rng.integers(0, 45, 90) / 50
    p = stats.mannwhitneyu(a, b, method="asymptotic").pvalue
    assert compare_ranks(a, b, images=100).p == pytest.approx(p)
    assert compare_ranks(b, a, images=100).p == pytest.approx(p)
    assert compare_ranks(np.ones(100), np.ones(90), images=100).p == 1


@pytest.mark.parametrize(("runs", "smallest"), [((3, 3), 0.1), ((4, 4), 0.0286), ((5, 3), 2 / 56), ((1, 1), 1.0)])
def test_smallest_p_is_reached_by_separation(runs: tuple[int, int], smallest: float) -> None:
    """Pitfall 6 of the statistics notes: what complete separation gives, and no order can give less."""
    result = compare_ranks(0.9 + np.arange(runs[0]) / 100, 0.5 + np.arange(runs[1]) / 100, images=100)
    assert result.smallest_p == pytest.approx(smallest, abs=5e-5)
    assert result.p == pytest.approx(result.smallest_p)
    assert result.a_ahead


def test_failed_runs_lose_and_tie_among_themselves() -> None:
    """Two of A's three runs failed, one of B's two: 1 win, 1 half (A finished), and 2 halves (failed) of 6, by hand."""
    result = compare_ranks(np.array([0.9, FAILED, FAILED]), np.array([0.8, FAILED]), images=50)
    assert result.probability_a_better.value == pytest.approx((2 + 0.5 + 0.5) / 6)
    assert not result.a_ahead
    assert (result.probability_a_better.runs, result.probability_a_better.images) == (5, 50)


def test_all_failed_is_a_tie() -> None:
    """Nothing finished: p is 1 and nobody is ahead."""
    result = compare_ranks(np.full(3, FAILED), np.full(4, FAILED), images=50)
    assert (result.p, result.probability_a_better.value, result.a_ahead) == (1, 0.5, False)


def test_rounding_breaks_no_tie() -> None:
    """0.1 + 0.2 and 0.3 are the same accuracy."""
    assert compare_ranks(np.full(4, 0.1 + 0.2), np.full(4, 0.3), images=10).p == 1


def test_exchanging_the_models_mirrors_the_result() -> None:
    """The same p, the complementary probability, the other model ahead; with image error too."""
    a, b = np.array([0.9, 0.95, 0.93, FAILED, 0.94]), np.array([0.85, 0.86, FAILED, 0.87])
    for error in (0.0, 0.005, 0.1):
        forth = compare_ranks(a, b, image_error=error, images=50)
        back = compare_ranks(b, a, image_error=error, images=50)
        assert forth.p == pytest.approx(back.p)
        assert forth.probability_a_better.value == pytest.approx(1 - back.probability_a_better.value)
        assert (forth.a_ahead, back.a_ahead) == (True, False)


@pytest.mark.parametrize("seed", range(4))
def test_no_shift_in_the_range_has_a_larger_p(seed: int) -> None:
    """Berger and Boos: p is at least that of every shift within the range, plus what lies outside of it."""
    rng = np.random.default_rng(seed)
    a = np.round(0.5 + rng.normal(0.02, 0.02, 6), 2)
    b = np.round(0.5 + rng.normal(0, 0.02, 7), 2)
    a[0], b[:2] = FAILED, FAILED
    error = 0.004
    worst = max(_by_enumeration(np.round(a + shift, 6), b) for shift in np.linspace(-3.8906, 3.8906, 41) * error)
    assert compare_ranks(a, b, image_error=error, images=100).p >= min(1, worst + 1e-4) - 1e-12


def test_image_error_by_hand() -> None:
    """Complete separation beyond the range costs 1e-4; within the range, nothing is left."""
    a, b = np.array([0.90, 0.91, 0.92, 0.93]), np.array([0.80, 0.81, 0.82, 0.83])
    gap = 0.07
    safe, unsafe = gap / stats.norm.isf(5e-5) * 0.99, 0.13 / 2 / stats.norm.isf(5e-5) * 2
    assert compare_ranks(a, b, image_error=safe, images=9).p == pytest.approx(2 / math.comb(8, 4) + 1e-4)
    assert compare_ranks(a, b, image_error=unsafe, images=9).p == 1


def test_p_is_never_zero() -> None:
    """Sixty runs that are all ahead are still no certainty."""
    assert 0 < compare_ranks(np.full(60, 0.9), np.full(60, 0.8), images=9).p < 1e-30


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (np.array([0.9, np.nan]), r"b must hold accuracies in \[0, 1\], or -inf for a failed run, received nan"),
        (np.array([98.0, 0.9]), r"b must hold accuracies in \[0, 1\], or -inf for a failed run, received 98"),
        (np.array([]), r"b must hold one score per run, for at least one run, received shape \(0,\)"),
        (np.ones((2, 2)), r"b must hold one score per run, for at least one run, received shape \(2, 2\)"),
    ],
)
def test_what_is_no_accuracy_is_refused(scores: np.ndarray, words: str) -> None:
    """Fractions or minus infinity, one per run."""
    with pytest.raises(ValueError, match=words):
        compare_ranks(np.array([0.9, 0.8]), scores, images=10)


@pytest.mark.parametrize("error", [-0.1, float("inf"), float("nan")])
def test_impossible_image_error_is_refused(error: float) -> None:
    """A standard error is a number of at least 0."""
    with pytest.raises(ValueError, match=r"image_error must be a number of at least 0, such as 0.001, received"):
        compare_ranks(np.ones(2), np.ones(2), image_error=error, images=10)


def test_impossible_level_is_refused() -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1"):
        compare_ranks(np.ones(2), np.ones(2), images=10, level=2.0)


REPETITIONS = 400


def _proves_more_than(rejected: int, rate: float) -> bool:
    """Whether the exact one-sided 99.9 % bound lies above the rate."""
    return bool(rejected and stats.beta.ppf(0.001, rejected, REPETITIONS - rejected + 1) > rate)


def _runs(rng: np.random.Generator, runs: int, failing: float, images: int = 1000) -> np.ndarray:
    accuracies = rng.binomial(images, 0.95, runs) / images
    return np.where(rng.random(runs) < failing, FAILED, accuracies)


@pytest.mark.slow
@pytest.mark.parametrize("failing", [0.1, 0.3])
@pytest.mark.parametrize("runs", [5, 10])
def test_equal_models_that_fail_are_rarely_called_different(runs: int, failing: float) -> None:
    """Scenario S11: the same failure rate and accuracy, at most 5 % rejections."""
    rng = np.random.default_rng(runs)
    rejected = sum(
        compare_ranks(_runs(rng, runs, failing), _runs(rng, runs, failing), images=1000).p < 0.05
        for _ in range(REPETITIONS)
    )
    assert not _proves_more_than(rejected, 0.05)


@pytest.mark.slow
def test_image_noise_is_not_mistaken_for_a_difference() -> None:
    """Thirty runs on a test set that favours one model by chance: at most 5 %, and far more if it is left out."""
    rng = np.random.default_rng(6)
    careful = careless = 0
    for _ in range(REPETITIONS):
        a, b = _runs(rng, 30, 0.1), _runs(rng, 30, 0.1)
        a = np.clip(a + rng.normal(0, 0.005) * np.isfinite(a), FAILED, 1)
        careful += compare_ranks(a, b, image_error=0.005, images=1000).p < 0.05
        careless += compare_ranks(a, b, images=1000).p < 0.05
    assert not _proves_more_than(careful, 0.05)
    assert _proves_more_than(careless, 0.05)


def test_the_number_of_ways_is_the_binomial_coefficient() -> None:
    """Three of five numbers: 10 ways in all, the sums counted by hand."""
    ways = ranks._ways(np.array([2, 4, 6, 8, 10]), 3)
    assert ways.sum() == 10
    assert np.flatnonzero(ways).tolist() == [12, 14, 16, 18, 20, 22, 24]
    assert ways[[12, 14, 16, 18, 20, 22, 24]].tolist() == [1, 1, 2, 2, 2, 1, 1]
