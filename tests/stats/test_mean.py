import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import Estimate, estimate_mean

# Case C8 of the project's statistics notes, model A.
A = np.array([[1, 1, 0, 1, 1, 1, 0, 1], [0, 1, 0, 1, 1, 1, 1, 1], [1, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1, 1, 1]])


def _interval(estimate: Estimate) -> tuple[float, float]:
    return estimate.low, estimate.high


def _network(rng: np.random.Generator, runs: int = 5, images: int = 400, hit: float = 0.8) -> np.ndarray:
    difficulty = rng.normal(np.log(hit / (1 - hit)), 1, images)
    return rng.random((runs, images)) < 1 / (1 + np.exp(-difficulty))


def test_this_test_set_is_the_t_interval_over_runs() -> None:
    """With the images given, the interval is Student's over the run means (here by SciPy)."""
    scores = _network(np.random.default_rng(3))
    estimate = estimate_mean(scores, target="this_test_set")
    by_scipy = stats.ttest_1samp(scores.mean(axis=1), 0).confidence_interval(0.95)
    assert _interval(estimate) == pytest.approx(tuple(by_scipy))
    assert (estimate.degrees_of_freedom, estimate.runs, estimate.images) == (4, 5, 400)


def test_crossed_interval_by_hand() -> None:
    """Eight images, four runs: all steps of the crossed interval, worked out as fractions."""
    # run means 6/8 6/8 5/8 1: variance 19/768 (deviations -1/32 -1/32 -5/32 7/32, squares 76/1024, over 3)
    # hits per image 3 4 1 4 3 4 2 4 of 4; sum of p(1-p) = 3/16 + 3/16 + 3/16 + 4/16 = 13/16, times 4/3 = 13/12
    run_variance = 76 / 1024 / 3
    residual = (13 / 12 - 8 * run_variance) / 7
    image_variance = ((3 + 4 + 1 + 4 + 3 + 4 + 2 + 4) / 4, (9 + 16 + 1 + 16 + 9 + 16 + 4 + 16) / 16)
    item = (image_variance[1] - image_variance[0] ** 2 / 8) / 7 / 8
    seed = run_variance / 4
    variance = max(seed + item - residual / 32, seed, item)
    estimate = estimate_mean(A)
    assert estimate.value == 25 / 32
    assert estimate.standard_error == pytest.approx(np.sqrt(variance))
    assert estimate.degrees_of_freedom == pytest.approx(3 * (variance / seed) ** 2)


def test_plain_t_interval_where_there_are_errors_enough() -> None:
    """Away from 0 and 1 the interval is mean plus and minus t times the crossed standard error."""
    scores = _network(np.random.default_rng(4))
    estimate = estimate_mean(scores, level=0.9)
    half = stats.t.ppf(0.95, estimate.degrees_of_freedom) * estimate.standard_error
    assert _interval(estimate) == pytest.approx((scores.mean() - half, scores.mean() + half))
    assert (estimate.level, estimate.method) == (0.9, "crossed seeds and images, t")


def test_variance_is_the_unbiased_one_where_no_part_is_cut() -> None:
    """Inside the max, V is the U-statistic: the mean product over distinct runs and distinct images, taken away."""
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 1, 30) + rng.normal(0, 1, (4, 1))
    scores = (rng.random((4, 30)) < 1 / (1 + np.exp(-logits))).astype(float)
    products = [
        scores[s, i] * scores[t, j]
        for s in range(4)
        for t in range(4)
        for i in range(30)
        for j in range(30)
        if s != t and i != j
    ]
    estimate = estimate_mean(scores)
    assert estimate.standard_error**2 == pytest.approx(scores.mean() ** 2 - np.mean(products))


def test_one_run_of_hits_is_wilsons_interval() -> None:
    """9,854 hits of 10,000: Wilson's interval as statsmodels gives it (case C13)."""
    estimate = estimate_mean((np.arange(10_000) < 9_854)[np.newaxis, :])
    assert _interval(estimate) == pytest.approx((0.982856, 0.987571), abs=5e-7)
    assert estimate.method == "Wilson; one run: nothing is known about other seeds"


def test_one_run_says_nothing_about_other_seeds() -> None:
    """On the same images with new seeds, a single run has no interval."""
    estimate = estimate_mean(A[:1], target="this_test_set")
    assert np.isnan([estimate.low, estimate.high, estimate.standard_error]).all()
    assert estimate.value == 0.75
    assert estimate.method == "one run: nothing is known about other seeds"


def test_one_run_of_shares_is_the_t_interval_over_images() -> None:
    """A single run of averaged folds has an interval over images (here by SciPy), labelled as one run."""
    scores = np.random.default_rng(6).integers(0, 6, (1, 200)) / 5
    estimate = estimate_mean(scores)
    assert _interval(estimate) == pytest.approx(tuple(stats.ttest_1samp(scores[0], 0).confidence_interval(0.95)))
    assert estimate.method == "images, t; one run: nothing is known about other seeds"


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("runs", [1, 2, 30])
def test_no_error_at_all_still_leaves_doubt(value: int, runs: int) -> None:
    """All right (or all wrong) in every run: Wilson's interval for N images, 3.84/(N + 3.84) wide."""
    estimate = estimate_mean(np.full((runs, 1000), value))
    width = stats.norm.ppf(0.975) ** 2 / (1000 + stats.norm.ppf(0.975) ** 2)
    assert _interval(estimate) == pytest.approx((1 - width, 1) if value else (0, width))
    assert np.isnan(estimate.standard_error)
    runs_were = "one run" if runs == 1 else "identical runs"
    assert estimate.method == f"Wilson; {runs_were}: nothing is known about other seeds"


def test_few_errors_are_wilsons_with_an_effective_number() -> None:
    """Near 100 % the interval is Wilson's for p(1-p)/V observations and the t quantile."""
    scores = np.ones((5, 4000))
    scores[:, :7] = scores[0, 7] = scores[1:3, 8] = 0
    estimate = estimate_mean(scores)
    _assert_effective_wilson(estimate)
    half = stats.t.ppf(0.975, estimate.degrees_of_freedom) * estimate.standard_error
    assert estimate.value + half < 1  # it is the few errors that call for Wilson's interval, not the bound


def test_few_errors_count_no_image_twice() -> None:
    """Errors that differ from run to run make many observations, but never more than there are images."""
    scores = np.ones((10, 1000))
    scores[np.arange(8), np.arange(8)] = 0
    estimate = estimate_mean(scores)
    _assert_effective_wilson(estimate)
    assert estimate.value * (1 - estimate.value) / estimate.standard_error**2 > 5000


def test_interval_that_would_leave_0_to_1_is_wilsons() -> None:
    """Two runs far apart have few degrees of freedom: the interval is Wilson's, though errors abound."""
    scores = np.array([np.arange(200) < 170, np.arange(200) < 150])
    estimate = estimate_mean(scores)
    _assert_effective_wilson(estimate)
    assert (1 - estimate.value) ** 2 / estimate.standard_error**2 > 10


def _assert_effective_wilson(estimate: Estimate) -> None:
    """The ends solve |x - p| = quantile * sqrt(x(1-x)/n), here as the roots of the quadratic."""
    p, squared = estimate.value, stats.t.ppf(0.975, estimate.degrees_of_freedom) ** 2
    n = min(p * (1 - p) / estimate.standard_error**2, estimate.images)
    roots = np.roots([1 + squared / n, -2 * p - squared / n, p**2])
    assert _interval(estimate) == pytest.approx((roots.min(), roots.max()))
    assert estimate.method == "crossed seeds and images, Wilson for few errors"


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
@pytest.mark.parametrize("runs", [2, 3, 30])
@pytest.mark.parametrize("hit", [0.02, 0.5, 0.98, 0.999])
def test_interval_stays_between_0_and_1(target: str, runs: int, hit: float) -> None:
    """No interval of an accuracy leaves [0, 1], and it holds its own value."""
    for seed in range(5):
        estimate = estimate_mean(_network(np.random.default_rng(seed), runs, 60, hit), target=target)
        assert np.isnan(estimate.low) or 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_identical_runs_use_the_images_only() -> None:
    """Runs all alike are one network: the interval is that of one run, hits and errors or shares, and says so."""
    for run in (np.arange(500) < 400, np.arange(500) % 6 / 5):
        one, many = (estimate_mean(np.tile(run, (runs, 1))) for runs in (1, 4))
        assert _interval(many) == pytest.approx(_interval(one))
        doubt = "one run: nothing is known about other seeds"
        assert one.method.endswith(doubt)
        assert many.method == one.method.replace("one run", "identical runs")


def test_identical_runs_give_no_interval_on_this_test_set() -> None:
    """Where the runs are alike there is no seed variance to estimate: NaN, not a width of 0."""
    estimate = estimate_mean(np.tile(A[0], (4, 1)), target="this_test_set")
    assert np.isnan(_interval(estimate)).all()
    assert estimate.method == "identical runs: nothing is known about other seeds"


def test_equal_accuracies_of_different_runs_are_not_taken_for_certainty() -> None:
    """Runs that err on different images but equally often: seed x image variance, p(1-p) R/(R-1) / (R N), steps in."""
    scores = np.ones((2, 10))
    scores[0, 0] = scores[1, 1] = 0
    estimate = estimate_mean(scores, target="this_test_set")
    # two images with variance 1/2 each; MSE = (1/2 + 1/2 - 0) / 9; variance MSE / 20
    assert estimate.standard_error == pytest.approx(np.sqrt(1 / 180))
    assert estimate.method == "seeds on this test set, t; equal run means: residual variance"


def test_without_variance_of_runs_and_images_the_residual_variance_remains() -> None:
    """Two runs that are right on complementary halves: all means are one half, and the residual part steps in."""
    scores = np.array([np.arange(40) % 2, 1 - np.arange(40) % 2])
    estimate = estimate_mean(scores)
    # 40 images with variance 1/2 each; MSE = 20/39, over 2 * 40
    assert estimate.standard_error == pytest.approx(np.sqrt(20 / 39 / 80))
    assert estimate.degrees_of_freedom == 1
    assert "equal run means: residual variance" in estimate.method


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_order_of_runs_and_images_does_not_matter(target: str) -> None:
    """Shuffled runs and images give the same interval."""
    rng = np.random.default_rng(7)
    scores = _network(rng)
    shuffled = rng.permutation(rng.permutation(scores, axis=0), axis=1)
    first, second = estimate_mean(scores, target=target), estimate_mean(shuffled, target=target)
    assert _interval(first) == pytest.approx(_interval(second), abs=1e-12)


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_hits_and_errors_are_mirror_images(target: str) -> None:
    """The interval of the error rate is one minus that of the accuracy."""
    scores = _network(np.random.default_rng(8), hit=0.97)
    hits, errors = estimate_mean(scores, target=target), estimate_mean(~scores, target=target)
    assert (1 - errors.high, 1 - errors.low) == pytest.approx(_interval(hits))


def test_new_images_are_never_surer_than_one_source_of_variance() -> None:
    """The crossed standard error is at least that of seeds alone and that of images alone."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        shares = rng.uniform(0.3, 0.9, (3, 1)) if seed % 2 else rng.uniform(0.3, 0.9, 50)  # seeds or images vary
        scores = rng.random((3, 50)) < shares
        error = estimate_mean(scores).standard_error
        assert error >= scores.mean(axis=1).std(ddof=1) / np.sqrt(3) - 1e-12
        assert error >= scores.mean(axis=0).std(ddof=1) / np.sqrt(50) - 1e-12


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95.0, np.nan])
def test_impossible_level_is_refused(level: float) -> None:
    """A level is a fraction."""
    with pytest.raises(ValueError, match=r"level must lie strictly between 0 and 1, such as 0.95, received"):
        estimate_mean(A, level=level)


@pytest.mark.usefixtures("unchecked_shapes")
def test_unknown_target_is_refused() -> None:
    """The message names the two questions that can be asked."""
    with pytest.raises(ValueError, match=r"'new_images' or 'this_test_set', received 'these_networks'"):
        estimate_mean(A, target="these_networks")


def test_clusters_take_the_place_of_images() -> None:
    """Clusters of four images: the estimate is that of the mean scores per cluster, and is labelled so."""
    scores = _network(np.random.default_rng(9))
    estimate = estimate_mean(scores, clusters=np.repeat(np.arange(100), 4))
    expected = estimate_mean(scores.reshape(5, 100, 4).mean(axis=2))
    assert _interval(estimate) == pytest.approx(_interval(expected))
    assert (estimate.images, estimate.method) == (100, "crossed seeds and clusters of images, t")
    assert estimate.value == pytest.approx(scores.mean())


def test_one_run_on_clustered_images_is_no_wilson_of_images() -> None:
    """Twenty clusters of images that are right or wrong together: as unsure as twenty images, by t."""
    clusters = np.repeat(np.arange(20), 10)
    estimate = estimate_mean((clusters < 15)[np.newaxis], clusters=clusters)
    by_scipy = stats.ttest_1samp((np.arange(20) < 15).astype(float), 0).confidence_interval(0.95)
    assert estimate.standard_error == pytest.approx(np.sqrt(0.75 * 0.25 / 19))
    assert _interval(estimate) != pytest.approx(_interval(estimate_mean((clusters < 15)[np.newaxis])), abs=0.05)
    assert estimate.high - estimate.low == pytest.approx(by_scipy.high - by_scipy.low, rel=0.1)


@pytest.mark.parametrize("runs", [1, 3])
def test_no_error_in_uneven_clusters_leaves_the_doubt_of_their_number(runs: int) -> None:
    """All right on clusters of different sizes: sizes are no variance; Wilson's interval for the number of clusters."""
    estimate = estimate_mean(np.ones((runs, 55)), clusters=np.repeat(np.arange(10), np.arange(1, 11)))
    width = stats.norm.ppf(0.975) ** 2 / (10 + stats.norm.ppf(0.975) ** 2)
    assert _interval(estimate) == pytest.approx((1 - width, 1))
    assert (estimate.value, estimate.images) == (1, 10)
    assert estimate.method.startswith("Wilson; ")
