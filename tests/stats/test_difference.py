import itertools
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from bakeoff.spec.values import Verdict
from bakeoff.stats import TwoModels, compare_summaries, compare_two, summarize_scores
from bakeoff.stats.summary import summarize_differences

# Case C8 of the project's statistics notes.
A = np.array([[1, 1, 0, 1, 1, 1, 0, 1], [0, 1, 0, 1, 1, 1, 1, 1], [1, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1, 1, 1]])
B = np.array([[1, 0, 1, 1, 0, 1, 0, 0], [1, 1, 0, 1, 0, 1, 1, 1], [1, 1, 0, 1, 0, 1, 1, 1], [1, 1, 0, 1, 1, 1, 1, 1]])
MIRROR = {"a better": "b better", "b better": "a better", "equivalent": "equivalent", "undecided": "undecided"}


def _pair(seed: int, runs: tuple[int, int] = (5, 4), images: int = 300, gap: float = 0.3) -> tuple:
    rng = np.random.default_rng(seed)
    logits = rng.normal(1.5, 1, images)
    chance_a, chance_b = 1 / (1 + np.exp(-logits - gap)), 1 / (1 + np.exp(-logits + gap))
    return rng.random((runs[0], images)) < chance_a, rng.random((runs[1], images)) < chance_b


def test_crossed_difference_of_the_toy_case() -> None:
    """Case C8: difference, variance, degrees of freedom, t, p and interval, known from two independent routes."""
    result = compare_two(A, B)
    difference = result.difference
    assert difference.value == 0.0625
    assert difference.standard_error**2 == pytest.approx(0.0123698, abs=5e-8)
    assert difference.degrees_of_freedom == pytest.approx(6)
    assert result.t == pytest.approx(0.56195, abs=5e-6)
    assert result.p == pytest.approx(0.594503, abs=5e-7)
    assert (difference.low, difference.high) == pytest.approx((-0.2096445, 0.3346445), abs=5e-8)
    assert (difference.runs, difference.images, result.verdict) == (8, 8, "undecided")
    assert difference.method == "crossed seeds and images, t"


def test_parts_of_the_toy_case() -> None:
    """Case C8: the seed part and the residual part of the variance."""
    a, b = summarize_scores(A), summarize_scores(B)
    assert a.seed_part + b.seed_part == pytest.approx(0.0123698, abs=5e-8)
    assert a.residual_part + b.residual_part == pytest.approx(0.0086496, abs=5e-8)


def test_variance_is_the_two_sample_u_statistic() -> None:
    """Where no part is cut, V is the squared difference less its unbiased estimate from distinct runs and images."""
    rng = np.random.default_rng(11)
    shift = rng.normal(0, 1, 12)
    a = (rng.random((3, 12)) < 1 / (1 + np.exp(-shift))).astype(float)
    b = (rng.random((4, 12)) < 1 / (1 + np.exp(shift))).astype(float)
    distinct = [(i, j) for i in range(12) for j in range(12) if i != j]
    squared = [a[s, i] * a[t, j] for s, t in itertools.permutations(range(3), 2) for i, j in distinct]
    squared_b = [b[s, i] * b[t, j] for s, t in itertools.permutations(range(4), 2) for i, j in distinct]
    product = [a[s, i] * b[t, j] for s in range(3) for t in range(4) for i, j in distinct]
    gap = a.mean() - b.mean()
    unbiased = gap**2 - (np.mean(squared) + np.mean(squared_b) - 2 * np.mean(product))
    assert compare_two(a, b).difference.standard_error ** 2 == pytest.approx(unbiased, abs=1e-14)


def _parts(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float, float]:
    """Seed, item and residual part and the squares of the seed parts, from the full two-way tables."""
    means_a, means_b = a.mean(axis=1), b.mean(axis=1)
    seed_a, seed_b = means_a.var(ddof=1) / len(a), means_b.var(ddof=1) / len(b)
    item = (a.mean(axis=0) - b.mean(axis=0)).var(ddof=1) / a.shape[1]
    residual = 0.0
    for scores in (a, b):
        rest = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
        residual += (rest**2).sum() / (len(scores) - 1) / (a.shape[1] - 1) / scores.size
    return seed_a + seed_b, item, residual, seed_a**2 / (len(a) - 1) + seed_b**2 / (len(b) - 1)


def test_variance_is_never_below_the_seed_part_or_the_item_part() -> None:
    """V is the unbiased sum or, where that is smaller, the larger of seed and item part; its freedom follows V."""
    largest = set()
    rng = np.random.default_rng(12)
    for seed_sd, images in itertools.product((0, 0.3, 1), (20, 60)):
        for _ in range(5):
            logits = rng.normal(1, 1, images)
            shifts = seed_sd * rng.normal(size=(7, 1))
            scores = rng.random((7, images)) < 1 / (1 + np.exp(-logits - shifts))
            seed, item, residual, squares = _parts(scores[:3], scores[3:])
            candidates = (seed + item - residual, seed, item)
            difference = compare_two(scores[:3], scores[3:]).difference
            assert difference.standard_error**2 == pytest.approx(max(candidates))
            assert difference.degrees_of_freedom == pytest.approx(max(candidates) ** 2 / squares)
            largest.add(int(np.argmax(candidates)))
    assert largest == {0, 1, 2}


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_interval_stays_between_minus_1_and_1(target: str) -> None:
    """Two runs each, far apart: the wide interval of 1 or 2 degrees of freedom ends where differences end."""
    a = np.array([np.arange(20) < 18, np.arange(20) < 8])
    difference = compare_two(a, ~a, target=target).difference
    assert (difference.low, difference.high) == (-1, 1)


def test_this_test_set_is_welchs_test_on_run_means() -> None:
    """With the images given, the test is Welch's on the run means (here by SciPy)."""
    a, b = _pair(1)
    result = compare_two(a, b, target="this_test_set")
    welch = stats.ttest_ind(a.mean(axis=1), b.mean(axis=1), equal_var=False)
    assert (result.t, result.p) == pytest.approx((welch.statistic, welch.pvalue))
    interval = result.difference.low, result.difference.high
    assert interval == pytest.approx(tuple(welch.confidence_interval(0.95)))


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
@pytest.mark.parametrize("seed", range(4))
def test_swapping_the_models_swaps_the_answer(target: str, seed: int) -> None:
    """Swapped models: opposite difference, t, interval and verdict, same p."""
    a, b = _pair(seed, gap=0.1 * seed)
    one, other = (compare_two(*pair, target=target, margin=0.02) for pair in ((a, b), (b, a)))
    assert other.verdict == MIRROR[one.verdict]
    assert (other.t, other.p) == pytest.approx((-one.t, one.p))
    assert (-other.difference.high, -other.difference.low) == pytest.approx((one.difference.low, one.difference.high))
    assert 1 - other.probability_a_better.value == pytest.approx(one.probability_a_better.value)
    assert 1 - other.probability_a_better.low == pytest.approx(one.probability_a_better.high)


def test_order_of_runs_and_images_does_not_matter() -> None:
    """Shuffled runs of each model and images of both give the same answer."""
    rng = np.random.default_rng(2)
    a, b = _pair(2)
    images = rng.permutation(a.shape[1])
    shuffled = compare_two(rng.permutation(a)[:, images], rng.permutation(b)[:, images])
    result = compare_two(a, b)
    assert shuffled.difference.low == pytest.approx(result.difference.low, abs=1e-12)
    assert shuffled.p == pytest.approx(result.p)
    assert shuffled.probability_a_better == result.probability_a_better


def test_pairing_by_image_is_used() -> None:
    """The same two models scored in different image orders lose the pairing: the interval widens."""
    a, b = _pair(3)
    unpaired = np.random.default_rng(3).permutation(b, axis=1)
    assert compare_two(a, unpaired).difference.standard_error > compare_two(a, b).difference.standard_error


def test_summaries_give_the_same_answer() -> None:
    """Comparing summaries is comparing the scores."""
    a, b = _pair(4)
    options = {"target": "new_images", "margin": 0.01, "level": 0.9}
    assert compare_summaries(summarize_scores(a), summarize_scores(b), **options) == compare_two(a, b, **options)


def _judged(a: np.ndarray, b: np.ndarray, margin: float, **options: object) -> tuple[TwoModels, Verdict]:
    """The comparison, and the verdict that the documented rule draws from its interval."""
    result = compare_two(a, b, margin=margin, **options)
    difference = result.difference
    half = stats.t.ppf(0.95, difference.degrees_of_freedom) * difference.standard_error
    if difference.low > 0:
        return result, "a better"
    if difference.high < 0:
        return result, "b better"
    inside = -margin < difference.value - half and difference.value + half < margin
    return result, "equivalent" if inside else "undecided"


def test_verdict_follows_the_rule_in_every_case() -> None:
    """All four verdicts occur, and each is the one that the interval and the margin require."""
    seen = set()
    for seed, gap, margin in itertools.product(range(3), (-0.4, -0.05, 0, 0.4), (0.0, 0.03, 0.05, 0.2)):
        result, verdict = _judged(*_pair(seed, gap=gap), margin)
        assert result.verdict == verdict
        seen.add(verdict)
    assert seen == set(get_args(Verdict))


def test_significant_but_small_is_called_better() -> None:
    """An interval above 0 and inside the margin is "a better": a difference was shown, however small."""
    result = compare_two(*_pair(5, gap=0.4), margin=0.9)
    assert 0 < result.difference.low < result.difference.high < 0.9
    assert result.verdict == "a better"


def test_nothing_is_equivalent_without_a_margin() -> None:
    """With margin 0 even equal models are undecided."""
    assert compare_two(A, A).verdict == "undecided"


def test_equivalence_uses_the_interval_of_twice_alpha() -> None:
    """Two one-sided tests at 5 % each: the 90 % interval decides, not the 95 % one."""
    a, b = _pair(6, gap=0)
    difference = compare_two(a, b).difference
    reach = [stats.t.ppf(q, difference.degrees_of_freedom) * difference.standard_error for q in (0.95, 0.975)]
    between = abs(difference.value) + np.mean(reach)
    assert compare_two(a, b, margin=between).verdict == "equivalent"
    assert compare_two(a, b, margin=abs(difference.value) + 0.99 * reach[0]).verdict == "undecided"


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
@pytest.mark.parametrize("runs", [(1, 5), (5, 1), (1, 1)])
def test_one_run_decides_nothing(target: str, runs: tuple[int, int]) -> None:
    """A model with one run: the difference is given, interval and p are not, and the verdict is undecided."""
    result = compare_two(*_pair(7, runs=runs, gap=2), target=target, margin=0.9)
    difference, chance = result.difference, result.probability_a_better
    assert difference.value > 0.3
    assert np.isnan([difference.low, difference.high, difference.standard_error, result.t, result.p]).all()
    assert np.isnan([chance.low, chance.high]).all()
    assert result.verdict == "undecided"
    assert difference.method == "one run: seed noise unknown; only these two networks could be compared"


def test_identical_models_are_not_different() -> None:
    """The same varying runs twice: difference 0, p 1."""
    result = compare_two(A, A)
    assert (result.difference.value, result.t, result.p, result.verdict) == (0, 0, 1, "undecided")


IDENTICAL = "identical runs: nothing is known about other seeds"


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
@pytest.mark.parametrize("paired_seeds", [False, True])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.ones((3, 1000)), np.ones((3, 1000))),
        (np.ones((3, 20)), np.zeros((3, 20))),
        (np.tile(A[0], (4, 1)), np.tile(B[0], (4, 1))),
        (np.tile(A[0], (4, 1)), B),
        (A, np.tile(B[0], (4, 1))),
    ],
)
def test_identical_runs_decide_nothing(a: np.ndarray, b: np.ndarray, paired_seeds: bool, target: str) -> None:
    """Runs that got the very same images right, of one model or both: the difference, no interval, no p, no verdict."""
    result = compare_two(a, b, margin=0.9, paired_seeds=paired_seeds, target=target)
    difference = result.difference
    assert difference.value == pytest.approx(a.mean() - b.mean())
    assert np.isnan([difference.low, difference.high, difference.standard_error]).all()
    assert np.isnan([result.t, result.p, result.p_equivalent]).all()
    assert (result.verdict, difference.method) == ("undecided", IDENTICAL)


def test_equal_accuracies_of_different_runs_are_not_taken_for_certainty() -> None:
    """On this test set, runs that err equally often on different images: the residual variance steps in."""
    a, b = np.ones((2, 10)), np.ones((3, 10))
    a[0, 0] = a[1, 1] = b[0, 2] = b[1, 3] = b[2, 4] = 0
    result = compare_two(a, b, target="this_test_set")
    # a: two images with variance 1/2 each, MSE = 1/9, over 2 * 10; b: three with 1/3 each, MSE = 1/9, over 3 * 10
    assert result.difference.standard_error == pytest.approx(np.sqrt(1 / 180 + 1 / 270))
    assert result.difference.degrees_of_freedom == 1
    assert result.difference.method == "seeds on this test set, t; equal run means: residual variance"


def test_without_variance_of_runs_and_images_the_residual_variance_remains() -> None:
    """Runs that swap their errors: equal run means, equal image means, and still no certainty on new images."""
    a = np.ones((2, 10))
    a[0, 0] = a[1, 1] = 0
    result = compare_two(a, np.roll(a, 1, axis=0), margin=0.05)
    # each model: two images with variance 1/2 each, MSE = 1/9, over 2 * 10
    assert result.difference.standard_error == pytest.approx(np.sqrt(1 / 90))
    assert (result.difference.degrees_of_freedom, result.p, result.verdict) == (1, 1, "undecided")
    assert result.difference.method == "seeds and images, t; equal run means: residual variance"


def test_equal_run_means_are_tested_by_their_images() -> None:
    """Every run errs equally often, the images differ: Student's t over the image means (here by SciPy)."""
    a, b = np.ones((2, 30)), np.ones((2, 30))
    a[0, 0] = a[1, 1] = 0
    b[:, 5:9] = b[0, 9] = b[1, 10] = 0
    result = compare_two(a, b)
    by_scipy = stats.ttest_rel(a.mean(axis=0), b.mean(axis=0))
    assert (result.t, result.p) == pytest.approx((by_scipy.statistic, by_scipy.pvalue))
    assert result.difference.method == "images, t; equal run means: no seed variance"


def test_shares_are_compared_like_hits() -> None:
    """Real scores (averaged folds): halving all scores halves difference and standard error, and leaves p."""
    a, b = _pair(9)
    whole, half = compare_two(a, b), compare_two(a / 2, b / 2)
    assert half.difference.standard_error == pytest.approx(whole.difference.standard_error / 2)
    assert half.p == pytest.approx(whole.p)


def test_more_runs_cannot_beat_the_image_floor() -> None:
    """With very many runs the standard error approaches that of the per-image differences, not 0."""
    a, b = _pair(10, runs=(400, 400))
    floor = (a.mean(axis=0) - b.mean(axis=0)).std(ddof=1) / np.sqrt(a.shape[1])
    assert compare_two(a, b).difference.standard_error == pytest.approx(floor, rel=0.05)


def test_different_numbers_of_images_are_refused() -> None:
    """Images must be the same for both models."""
    with pytest.raises(ValueError, match=r"same images, received 8 images for a and 7 for b"):
        compare_summaries(summarize_scores(A), summarize_scores(B[:, :7]))


@pytest.mark.parametrize("margin", [-0.001, np.nan, np.inf])
def test_impossible_margin_is_refused(margin: float) -> None:
    """A margin is a finite number of at least 0."""
    with pytest.raises(ValueError, match=r"margin must be a number of at least 0, such as 0.001, received"):
        compare_two(A, B, margin=margin)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_impossible_level_is_refused(level: float) -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1"):
        compare_two(A, B, level=level)


@pytest.mark.usefixtures("unchecked_shapes")
def test_unknown_target_is_refused() -> None:
    """The message names the two questions that can be asked."""
    with pytest.raises(ValueError, match=r"target must be 'new_images' or 'this_test_set', received 'images'"):
        compare_two(A, B, target="images")


@pytest.mark.usefixtures("unchecked_shapes")
def test_one_axis_is_refused() -> None:
    """A vector of accuracies is not a matrix of scores."""
    with pytest.raises(ValueError, match=r"two axes \(seeds, examples\), received shape \(8,\)"):
        compare_two(A[0], B)


@pytest.mark.parametrize("margin", [0.01, 0.05, 0.2, 0.4])
@pytest.mark.parametrize("seed", range(6))
def test_equivalence_p_agrees_with_the_interval(seed, margin):
    """p_equivalent is below alpha exactly where the interval of level 1 - 2 alpha lies inside the margin."""
    rng = np.random.default_rng(seed)
    a, b = rng.random((5, 200)) < 0.9, rng.random((4, 200)) < 0.9
    result = compare_two(a, b, margin=margin, level=0.95)
    inner = compare_two(a, b, level=0.90).difference
    assert (result.p_equivalent < 0.05) == (-margin < inner.low and inner.high < margin)


def test_no_equivalence_from_one_run():
    """One run has no test, of equivalence neither."""
    assert np.isnan(compare_two(np.ones((1, 50)), np.ones((3, 50)), margin=0.5).p_equivalent)


PAIRED = {"target": "this_test_set", "paired_seeds": True}


def _paired(seed: int, runs: int = 5, images: int = 40, shared: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Two models whose runs of the same number share a shift."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0.5, 1, images) + shared * rng.normal(size=(runs, 1))
    return tuple(rng.random((runs, images)) < 1 / (1 + np.exp(-logits - gap)) for gap in (0.2, -0.2))


def test_two_routes_to_the_unbiased_variance_of_the_toy_case() -> None:
    """Case C8: mean squares and the brute-force U-statistic give .0120908; the seed part is larger and stands in."""
    a, b = summarize_scores(A), summarize_scores(B)
    item = (A.mean(axis=0) - B.mean(axis=0)).var(ddof=1) / 8
    by_mean_squares = a.seed_part + b.seed_part + item - a.residual_part - b.residual_part
    by_products = (A.mean() - B.mean()) ** 2 - _distinct(A, A) - _distinct(B, B) + 2 * _distinct(A, B)
    assert item == pytest.approx(0.0083705, abs=5e-8)
    assert by_mean_squares == pytest.approx(0.0120908, abs=5e-8)
    assert by_products == pytest.approx(by_mean_squares, abs=1e-15)


def _distinct(one: np.ndarray, other: np.ndarray) -> float:
    """Mean product of scores on distinct images, and of distinct runs where the model is the same."""
    images = [(i, j) for i in range(8) for j in range(8) if i != j]
    runs = [(s, t) for s in range(4) for t in range(4) if one is not other or s != t]
    return float(np.mean([one[s, i] * other[t, j] for s, t in runs for i, j in images]))


def test_paired_seeds_on_this_test_set_are_the_paired_t_test() -> None:
    """With the images given and the seeds paired, the test is Student's on the pairs of run means (here by SciPy)."""
    a, b = _paired(1)
    result = compare_two(a, b, **PAIRED)
    paired = stats.ttest_rel(a.mean(axis=1), b.mean(axis=1))
    assert (result.t, result.p) == pytest.approx((paired.statistic, paired.pvalue))
    interval = result.difference.low, result.difference.high
    assert interval == pytest.approx(tuple(paired.confidence_interval(0.95)))
    assert (result.difference.degrees_of_freedom, result.difference.method) == (4, "paired seeds on this test set, t")


def test_paired_seeds_on_new_images_have_the_mean_squares_of_the_differences() -> None:
    """V is the unbiased variance from products of distinct pairs of runs and images; R-1 degrees of freedom at base."""
    a, b = _paired(1, runs=4, images=12)
    gaps = a.astype(float) - b
    products = [
        gaps[s, i] * gaps[t, j]
        for s, t in itertools.permutations(range(4), 2)
        for i, j in itertools.permutations(range(12), 2)
    ]
    unbiased = gaps.mean() ** 2 - np.mean(products)
    seed, item = gaps.mean(axis=1).var(ddof=1) / 4, gaps.mean(axis=0).var(ddof=1) / 12
    difference = compare_two(a, b, paired_seeds=True).difference
    assert unbiased > max(seed, item)
    assert difference.standard_error**2 == pytest.approx(unbiased)
    assert difference.degrees_of_freedom == pytest.approx(3 * (unbiased / seed) ** 2)
    assert (difference.runs, difference.method) == (8, "crossed paired seeds and images, t")


def test_pairing_pays_where_seeds_are_shared() -> None:
    """Runs that share a large shift: the paired standard error is smaller than the unpaired one."""
    a, b = _paired(3, runs=8, images=400)
    paired, nested = (compare_two(a, b, target="this_test_set", paired_seeds=pairing) for pairing in (True, False))
    assert paired.difference.standard_error < nested.difference.standard_error / 2
    assert paired.difference.value == nested.difference.value


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_equal_gaps_in_all_pairs_decide_nothing(target: str) -> None:
    """B is A less the same two images in every run: the pairs are identical, though the runs are not."""
    a = np.random.default_rng(4).random((4, 50)) < 0.7
    a[:, :2] = True
    b = a.copy()
    b[:, :2] = False
    result = compare_two(a, b, paired_seeds=True, target=target)
    assert np.isnan([result.p, result.difference.low]).all()
    assert (result.verdict, result.difference.method) == ("undecided", IDENTICAL)
    assert compare_two(a, b, target=target).p > 0


def test_one_pair_of_runs_decides_nothing() -> None:
    """A single pair says nothing about other seeds."""
    result = compare_two(A[:1], B[:1], paired_seeds=True)
    assert np.isnan([result.difference.low, result.p]).all()
    assert result.verdict == "undecided"


@pytest.mark.usefixtures("unchecked_shapes")
def test_paired_seeds_need_equal_numbers_of_runs() -> None:
    """A run without a partner is refused, not dropped."""
    with pytest.raises(
        ValueError, match=r"as many runs of a as of b.*received 4 runs x 8 images for a and 3 x 8 for b"
    ):
        compare_two(A, B[:3], paired_seeds=True)


def test_differences_of_other_models_are_refused() -> None:
    """Differences that do not belong to the two summaries are named."""
    a, b, other = summarize_scores(A), summarize_scores(B), summarize_differences(B, A)
    for differences in (other, summarize_differences(A[:3], B[:3])):
        with pytest.raises(ValueError, match=r"differences must be summarize_differences of the scores of a and b"):
            compare_summaries(a, b, differences=differences)
    with pytest.raises(ValueError, match=r"received \(runs, images\) \(3, 8\) with mean 0 for a \(4, 8\)"):
        compare_summaries(a, a, differences=summarize_differences(A[:3], A[:3]))


@pytest.mark.parametrize("paired_seeds", [False, True])
@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_clusters_of_equal_size_are_their_mean_scores(target: str, paired_seeds: bool) -> None:
    """Ten clusters of four images: the comparison is that of the ten mean scores per cluster, in any order."""
    rng = np.random.default_rng(5)
    a, b = _paired(5)
    means_a, means_b = (scores.reshape(5, 10, 4).mean(axis=2) for scores in (a, b))
    expected = compare_two(means_a, means_b, target=target, paired_seeds=paired_seeds)
    order = rng.permutation(40)
    clusters = np.repeat(rng.permutation(100)[:10], 4)[order]
    result = compare_two(a[:, order], b[:, order], target=target, paired_seeds=paired_seeds, clusters=clusters)
    assert result.difference.low == pytest.approx(expected.difference.low)
    assert (result.t, result.p, result.difference.images) == (pytest.approx(expected.t), pytest.approx(expected.p), 10)
    if target == "new_images":
        seeds = "paired seeds" if paired_seeds else "seeds"
        assert result.difference.method == f"crossed {seeds} and clusters of images, t"


def test_every_image_its_own_cluster_changes_nothing() -> None:
    """As many clusters as images, in any numbering, are no clusters."""
    clusters = np.random.default_rng(6).permutation(8)
    assert compare_two(A, B, clusters=clusters) == compare_two(A, B)


def test_models_with_and_without_clusters_are_refused() -> None:
    """One model by image and the other by cluster cannot be paired."""
    a = summarize_scores(A, clusters=np.arange(8) // 2)
    with pytest.raises(ValueError, match=r"same clusters, received clusters of images and images"):
        compare_summaries(a, summarize_scores(B[:, :4]))


@pytest.mark.slow
def test_equal_models_on_clustered_images_are_rarely_told_apart() -> None:
    """Scenario S13, groups of ten alike images: 5 % with the clusters given; without them, as a control, above 10 %."""
    rng = np.random.default_rng(20240607)
    repetitions, clusters = 400, np.repeat(np.arange(50), 10)
    given = without = paired = 0
    for _ in range(repetitions):
        writers = 1 + rng.normal(size=(2, 1, 50)).repeat(10, axis=2) * 1.2
        logits = writers + rng.normal(0, 0.2, (2, 5, 1))
        a, b = rng.random((2, 5, 500)) < 1 / (1 + np.exp(-logits))
        given += compare_two(a, b, clusters=clusters).verdict != "undecided"
        paired += compare_two(a, b, clusters=clusters, paired_seeds=True).verdict != "undecided"
        without += compare_two(a, b).verdict != "undecided"
    assert stats.binomtest(given, repetitions, 0.06, alternative="greater").pvalue > 0.001
    assert stats.binomtest(paired, repetitions, 0.06, alternative="greater").pvalue > 0.001
    assert stats.binomtest(without, repetitions, 0.1, alternative="greater").pvalue < 0.001
