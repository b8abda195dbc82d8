import baycomp
import numpy as np
import pytest
from scipy import stats

from bakeoff.stats.folds import compare_folds

HAND = np.array([0.02, 0.01, 0.03, 0.02, 0.02])


def test_five_folds_by_hand() -> None:
    """Mean 0.02, variance 2e-4/4, times 1/5 + 1/4: t = 0.02 / sqrt(5e-5 * 0.45) on 4 degrees of freedom."""
    result = compare_folds(HAND, test_to_train=1 / 4)
    error = np.sqrt(5e-5 * 0.45)
    difference = result.difference
    assert result.t == pytest.approx(0.02 / error)
    assert result.p == pytest.approx(2 * stats.t.sf(0.02 / error, 4))
    assert (difference.low, difference.high) == pytest.approx((0.02 - 2.7764451 * error, 0.02 + 2.7764451 * error))
    assert (difference.value, difference.degrees_of_freedom, difference.runs) == (pytest.approx(0.02), 4, 5)
    assert difference.method == "approximate: corrected resampled t over 5 folds"


@pytest.mark.parametrize("repeats", [1, 2, 4])
@pytest.mark.parametrize("rope", [0.005, 0.02])
def test_posterior_is_baycomps(repeats: int, rope: float) -> None:
    """The three posterior probabilities equal those of baycomp's correlated t-test."""
    rng = np.random.default_rng(repeats)
    a, b = rng.normal(0.82, 0.03, 10 * repeats), rng.normal(0.80, 0.03, 10 * repeats)
    result = compare_folds(a - b, test_to_train=1 / 9, repeats=repeats, rope=rope)
    expected = baycomp.two_on_single(b, a, rope, runs=repeats)  # baycomp takes the second less the first
    assert (result.p_left, result.p_rope, result.p_right) == pytest.approx(expected, abs=1e-12)


def test_without_a_rope_the_posterior_is_the_one_sided_p() -> None:
    """Flat prior, no rope: baycomp's two probabilities, half the two-sided p on the losing side, nothing between."""
    a, b = np.random.default_rng(5).random((2, 10))
    result = compare_folds(a - b, test_to_train=1 / 9)
    assert (result.p_left, result.p_right) == pytest.approx(baycomp.two_on_single(b, a))
    assert min(result.p_left, result.p_right) == pytest.approx(result.p / 2)
    assert result.p_rope == pytest.approx(0, abs=1e-15)


def test_swapping_the_models_swaps_the_answer() -> None:
    """Opposite differences: opposite t and interval, same p, probabilities exchanged."""
    one, other = (compare_folds(sign * HAND, test_to_train=1 / 4, rope=0.01) for sign in (1, -1))
    assert (other.t, other.p) == pytest.approx((-one.t, one.p))
    assert (other.p_left, other.p_rope, other.p_right) == pytest.approx((one.p_right, one.p_rope, one.p_left))
    assert (other.difference.low, other.difference.high) == (-one.difference.high, -one.difference.low)


def test_repeats_are_named_and_do_not_buy_certainty() -> None:
    """However often the folds are repeated, the standard error stays above s sqrt(test/train)."""
    often = np.tile(HAND, 50)
    difference = compare_folds(often, test_to_train=1 / 4, repeats=50).difference
    assert difference.standard_error > often.std(ddof=1) * np.sqrt(1 / 4)
    assert difference.method == "approximate: corrected resampled t over 5 folds, 50 repeats"


@pytest.mark.parametrize("value", [0.0, 0.1 + 0.2])
def test_equal_differences_are_no_test(value: float) -> None:
    """Without variance there is neither t nor p, and no posterior; the difference is given."""
    result = compare_folds(np.full(10, value), test_to_train=1 / 9, rope=0.01)
    difference = result.difference
    nothing = [result.t, result.p, result.p_left, result.p_rope, result.p_right, difference.low, difference.high]
    assert np.isnan([*nothing, difference.standard_error, difference.degrees_of_freedom]).all()
    assert difference.value == pytest.approx(value)
    assert difference.method == "approximate: 10 folds; equal differences: no variance, no test"


def test_p_is_never_0() -> None:
    """Differences that hardly vary over many folds: p is tiny, not 0."""
    assert compare_folds(1 + 1e-9 * np.arange(2000.0), test_to_train=1e-3).p > 0


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("differences", "options", "words"),
    [
        (HAND[:1], {}, r"one number per fold and repeat, at least 2, received shape \(1,\)"),
        (HAND[np.newaxis], {}, r"one number per fold and repeat, at least 2, received shape \(1, 5\)"),
        (np.array([0.1, np.nan, np.inf]), {}, r"finite, received 2 of 3 that are not; a fold that failed"),
        (HAND, {"repeats": 2}, r"same number of folds in each repeat, received 5 for 2 repeats"),
        (HAND, {"repeats": 0}, r"repeats must be a whole number of at least 1, received 0"),
        (HAND, {"rope": -0.1}, r"rope must be a number of at least 0, such as 0.01, received -0.1"),
        (HAND, {"rope": np.nan}, r"rope must be a number of at least 0, such as 0.01, received nan"),
        (
            HAND,
            {"test_to_train": 0.0},
            r"test_to_train must be a number above 0, such as 1/9 for ten folds, received 0",
        ),
        (HAND, {"test_to_train": np.nan}, r"test_to_train must be a number above 0.*received nan"),
        (HAND, {"level": 1.0}, r"level must lie strictly between 0 and 1"),
    ],
)
def test_what_is_no_cross_validation_is_refused(differences: np.ndarray, options: dict, words: str) -> None:
    """Too few or missing differences, uneven repeats, and impossible options are named in the message."""
    with pytest.raises(ValueError, match=words):
        compare_folds(differences, **({"test_to_train": 1 / 4} | options))


def _centroid_hits(train: np.ndarray, labels: np.ndarray, test: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Hits of the nearest-centroid classifier with two classes."""
    one, zero = train[labels].mean(axis=0), train[~labels].mean(axis=0)
    return ((test - (one + zero) / 2) @ (one - zero) > 0) == truth


def _fold_differences(rng: np.random.Generator, images: int = 200, folds: int = 10, repeats: int = 4) -> np.ndarray:
    """Two equally good learners, each seeing one of two exchangeable blocks of features; repeated cross-validation."""
    truth = rng.random(images) < 0.5
    blocks = rng.normal(size=(2, images, 5)) + 0.4 * truth[:, np.newaxis]
    differences = []
    for _ in range(repeats):
        for test in np.array_split(rng.permutation(images), folds):
            train = np.ones(images, dtype=bool)
            train[test] = False
            a, b = (_centroid_hits(block[train], truth[train], block[test], truth[test]) for block in blocks)
            differences.append(a.mean() - b.mean())
    return np.array(differences)


@pytest.mark.slow
def test_equal_learners_are_rarely_told_apart() -> None:
    """Scenario S7, 4 x 10 folds: the corrected test keeps 5 %; the plain t-test, as a control, exceeds 20 %."""
    rng = np.random.default_rng(20240607)
    repetitions = 300
    corrected = plain = 0
    for _ in range(repetitions):
        differences = _fold_differences(rng)
        corrected += compare_folds(differences, test_to_train=1 / 9, repeats=4).p < 0.05
        plain += stats.ttest_1samp(differences, 0).pvalue < 0.05
    assert stats.binomtest(corrected, repetitions, 0.06, alternative="greater").pvalue > 0.001
    assert stats.binomtest(plain, repetitions, 0.2, alternative="greater").pvalue < 0.001
