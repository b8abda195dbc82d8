import itertools

import numpy as np
import pytest
from mlxtend.evaluate import cochrans_q as mlxtend_q
from scipy import optimize, stats
from statsmodels.stats import contingency_tables

from bakeoff.stats.networks import cochran_q, compare_networks

# Case C1 of the project's statistics notes: rows A right / wrong, columns B right / wrong.
NOTEBOOK = ((9945, 25), (15, 15))
MLXTEND = ((101, 121), (59, 33))
STALE = ((9959, 11), (1, 29))


def _networks(table: tuple[tuple[int, int], tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    (both, only_a), (only_b, neither) = table
    counts = [both, only_a, only_b, neither]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(
    ("table", "p"),
    [(NOTEBOOK, 0.1538599442), (MLXTEND, 4.434449e-6), (STALE, 0.00634765625)],
)
def test_exact_p_of_the_reference_tables(table: tuple, p: float) -> None:
    """Case C1: p as statsmodels gives it; for the last table not the .005859375 of an old notebook, a term short."""
    result = compare_networks(*_networks(table))
    assert result.p == pytest.approx(p, rel=1e-6)
    assert result.p == pytest.approx(contingency_tables.mcnemar(table, exact=True).pvalue)
    assert (result.only_a, result.only_b) == (table[0][1], table[1][0])
    assert result.verdict == ("undecided" if p > 0.05 else "a better")


def test_exact_p_by_hand() -> None:
    """Eleven images for A and one for B: twice (1 + 12) of 2^12 equally likely outcomes."""
    assert compare_networks(*_networks(STALE)).p == pytest.approx(2 * 13 / 4096, rel=1e-15)


@pytest.mark.parametrize("table", [NOTEBOOK, MLXTEND, ((40, 7), (0, 3))])
def test_swapping_the_networks_swaps_the_answer(table: tuple) -> None:
    """Opposite difference and interval, mirrored verdict, same p."""
    a, b = _networks(table)
    one, other = compare_networks(a, b), compare_networks(b, a)
    assert (other.p, other.difference.value) == (one.p, -one.difference.value)
    assert (-other.difference.high, -other.difference.low) == pytest.approx((one.difference.low, one.difference.high))
    assert other.verdict == {"a better": "b better", "undecided": "undecided"}[one.verdict]


def _score(difference: float, table: tuple) -> float:
    """Score statistic at a difference, the likeliest shares found by numerical search."""
    only_a, only_b, images = table[0][1], table[1][0], sum(map(sum, table))

    def unlikelihood(b: float) -> float:
        shares = np.array([b + difference, b, 1 - 2 * b - difference])
        counts = np.array([only_a, only_b, images - only_a - only_b])
        return -float(counts @ np.log(np.maximum(shares, 1e-300)))

    bounds = max(0, -difference), (1 - difference) / 2
    b = optimize.minimize_scalar(unlikelihood, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    variance = (2 * b + difference - difference**2) / images
    return ((only_a - only_b) / images - difference) / np.sqrt(variance)


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("table", [((90, 12), (5, 8)), MLXTEND, ((60, 9), (2, 4))])
def test_interval_ends_where_the_score_test_rejects(table: tuple, level: float) -> None:
    """At both ends the score statistic, from a numerically maximised likelihood, is the normal quantile."""
    difference = compare_networks(*_networks(table), level=level).difference
    quantile = stats.norm.ppf((1 + level) / 2)
    assert _score(difference.low, table) == pytest.approx(quantile, abs=1e-4)
    assert _score(difference.high, table) == pytest.approx(-quantile, abs=1e-4)
    assert (difference.level, difference.runs, difference.images) == (level, 2, sum(map(sum, table)))


def test_interval_and_uncorrected_mcnemar_agree() -> None:
    """The interval leaves 0 out exactly where the score test without correction rejects."""
    for only_a, only_b in itertools.product(range(12), repeat=2):
        difference = compare_networks(*_networks(((30, only_a), (only_b, 5)))).difference
        rejected = (only_a - only_b) ** 2 > stats.chi2.ppf(0.95, 1) * (only_a + only_b)
        assert (difference.low > 0 or difference.high < 0) == rejected


def test_no_disagreement_is_not_certainty() -> None:
    """Equal hits on all images: p 1, undecided, and Wilson's bound for 0 in N to either side."""
    hits = np.arange(100) < 90
    result = compare_networks(hits, hits)
    bound = stats.norm.ppf(0.975) ** 2 / (100 + stats.norm.ppf(0.975) ** 2)
    assert (result.difference.low, result.difference.high) == pytest.approx((-bound, bound))
    assert (result.p, result.verdict, result.difference.value) == (1, "undecided", 0)
    assert np.isnan(result.difference.standard_error)


def test_complete_disagreement_has_neither_zero_width_nor_zero_p() -> None:
    """One network always right, the other always wrong: Wilson's bound, and p above 0 however many images."""
    result = compare_networks(np.ones(20, dtype=bool), np.zeros(20, dtype=bool))
    squared = stats.norm.ppf(0.975) ** 2
    assert (result.difference.low, result.difference.high) == pytest.approx(((20 - squared) / (20 + squared), 1))
    assert result.p == pytest.approx(2 * 0.5**20)
    assert compare_networks(np.ones(5000, dtype=bool), np.zeros(5000, dtype=bool)).p > 0


def test_standard_error_is_that_of_the_paired_differences() -> None:
    """Variance over the images of the per-image differences, by SciPy; the method names the two networks."""
    a, b = _networks(MLXTEND)
    difference = compare_networks(a, b).difference
    assert difference.standard_error == pytest.approx(stats.sem(a.astype(float) - b))
    assert difference.value == pytest.approx((121 - 59) / 314)
    assert difference.method == "images, Tango's score interval; these two networks only"
    assert np.isnan(difference.degrees_of_freedom)


@pytest.mark.slow
@pytest.mark.parametrize(("share_a", "share_b"), [(0.02, 0.02), (0.01, 0.002), (0.1, 0.05)])
def test_interval_covers_the_true_difference(share_a: float, share_b: float) -> None:
    """Simulated networks on 300 images: the 95 % interval covers, and equal networks are told apart in 5 % at most."""
    rng = np.random.default_rng(20240607)
    repetitions = 1000
    misses = winners = 0
    for only_a, only_b, both in rng.multinomial(300, [share_a, share_b, 1 - share_a - share_b], repetitions):
        result = compare_networks(*_networks(((both, only_a), (only_b, 0))))
        misses += not result.difference.low <= share_a - share_b <= result.difference.high
        winners += result.verdict != "undecided"
    assert stats.binomtest(misses, repetitions, 0.065, alternative="greater").pvalue > 0.001
    if share_a == share_b:
        assert stats.binomtest(winners, repetitions, 0.05, alternative="greater").pvalue > 0.001


def _from_patterns(counts: dict[str, int]) -> np.ndarray:
    """Hits of the models (models, examples) from how often each pattern of hits occurs."""
    return np.array([[hit == "1" for hit in pattern] for pattern, count in counts.items() for _ in range(count)]).T


MLXTEND_Q = _from_patterns({"000": 3, "001": 3, "010": 1, "011": 9, "100": 2, "110": 2, "111": 80})


def test_cochran_q_of_three_networks() -> None:
    """Case C2: Q, p and degrees of freedom as printed in mlxtend's documentation, and as mlxtend computes them."""
    assert MLXTEND_Q.mean(axis=1).tolist() == [0.84, 0.92, 0.92]
    result = cochran_q(MLXTEND_Q)
    assert (result.q, result.p, result.degrees_of_freedom) == pytest.approx((7.529411764706, 0.0231744272, 2))
    q, p = mlxtend_q(np.ones(100, dtype=int), *MLXTEND_Q.astype(int))
    assert (result.q, result.p) == pytest.approx((q, p))


def test_cochran_q_of_four_networks() -> None:
    """Case C2: the table of statsmodels' own test, Q 4.2 on 3 degrees of freedom."""
    table = ["1011", "0111", "1110", "0100", "0100", "1010", "0100", "1111", "0100"]
    result = cochran_q(np.array([[hit == "1" for hit in row] for row in table]).T)
    assert (result.q, result.degrees_of_freedom) == (pytest.approx(4.2), 3)
    assert result.p == pytest.approx(stats.chi2.sf(4.2, 3))


@pytest.mark.parametrize(
    ("hits", "q", "p", "digits"),
    [(MLXTEND_Q[:2], 5.333, 0.021, 5e-4), (np.array(_networks(MLXTEND)), 21.355555556, 3.8151359e-6, 1e-9)],
)
def test_cochran_q_of_two_networks_is_mcnemar_without_correction(
    hits: np.ndarray, q: float, p: float, digits: float
) -> None:
    """Cases C1 and C2: for two networks, (b - c)^2 / (b + c)."""
    result = cochran_q(hits)
    assert (result.q, result.p) == pytest.approx((q, p), abs=digits)


def test_cochran_q_without_disagreement() -> None:
    """Networks that err on the same images: nothing to tell apart, p 1, no warning."""
    result = cochran_q(np.tile(np.arange(10) < 8, (3, 1)))
    assert (result.q, result.p, result.degrees_of_freedom) == (0, 1, 2)


def test_cochran_p_is_never_0() -> None:
    """Always right against always wrong on many images: p is tiny, not 0."""
    assert cochran_q(np.repeat([[True], [False]], 5000, axis=1)).p > 0


HITS = np.ones(5, dtype=bool)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (HITS, HITS[:4], r"same images, received 5 images for a and 4 for b"),
        (HITS.astype(float), HITS, r"correct_a must be booleans.*received float64 \(5,\)"),
        (HITS, HITS[np.newaxis], r"correct_b must be booleans, one per image.*received bool \(1, 5\)"),
        (HITS[:1], HITS[:1], r"at least 2 images, received bool \(1,\)"),
    ],
)
def test_what_are_no_two_networks_is_refused(a: np.ndarray, b: np.ndarray, words: str) -> None:
    """Different images, scores in place of hits, and wrong shapes are named in the message."""
    with pytest.raises(ValueError, match=words):
        compare_networks(a, b)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("correct", [HITS, HITS[np.newaxis], np.ones((3, 0), dtype=bool), np.ones((3, 5))])
def test_what_is_no_table_of_hits_is_refused(correct: np.ndarray) -> None:
    """Cochran's test needs two networks at least, an image, and booleans."""
    with pytest.raises(ValueError, match=r"booleans \(models, examples\) of at least 2 networks and 1 image, received"):
        cochran_q(correct)


def test_impossible_level_is_refused() -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1"):
        compare_networks(HITS, HITS, level=95.0)
