import numpy as np
import pytest

from bakeoff.stats import ScoreSummary, summarize_scores
from bakeoff.stats.summary import sample_variance, summarize_differences


def test_mean_squares_are_those_of_the_two_way_table() -> None:
    """Run variance and residual equal the textbook mean squares of runs and of the interaction."""
    scores = np.random.default_rng(1).random((4, 9))
    rows, columns, grand = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    residuals = scores - rows[:, np.newaxis] - columns + grand
    summary = summarize_scores(scores)
    assert summary.run_variance == pytest.approx(rows.var(ddof=1))
    assert summary.residual_variance == pytest.approx((residuals**2).sum() / (3 * 8))


def test_seed_variance_is_jordans() -> None:
    """The variance of true accuracy equals Jordan's equation 3, and the ANOVA estimate (MS_A - MS_E)/N."""
    scores = np.random.default_rng(2).random((6, 40)) < 0.8
    images = 40
    per_image = scores.var(axis=0, ddof=1)
    jordan = images / (images - 1) * (scores.mean(axis=1).var(ddof=1) - per_image.sum() / images**2)
    summary = summarize_scores(scores)
    assert summary.seed_variance == pytest.approx(jordan, abs=1e-15)
    assert (images * summary.run_variance - summary.residual_variance) / images == pytest.approx(jordan, abs=1e-15)


def test_margins() -> None:
    """Means over runs and over images, their numbers, and whether the scores are hits and errors."""
    summary = summarize_scores(np.array([[1.0, 0.5], [0.0, 0.5], [0.5, 0.5]]))
    assert isinstance(summary, ScoreSummary)
    assert summary.run_means.tolist() == [0.75, 0.25, 0.5]
    assert summary.image_means.tolist() == [0.5, 0.5]
    assert (summary.runs, summary.images, summary.mean, summary.is_binary) == (3, 2, 0.5, False)
    assert summarize_scores(np.eye(2, dtype=bool)).is_binary


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7])
def test_equal_runs_have_no_variance_at_all(value: float) -> None:
    """Rounding in the means of equal numbers is not taken for variance."""
    summary = summarize_scores(np.full((7, 13), value))
    assert (summary.run_variance, summary.residual_variance) == (0, 0)
    assert sample_variance(summary.image_means) == 0


def test_rounding_is_no_variance() -> None:
    """Runs that differ in the last digit (0.1 + 0.2 against 0.3) are equal runs."""
    summary = summarize_scores(np.array([[0.1 + 0.2, 0.3, 0.7], [0.3, 0.3, 0.7]]))
    assert (summary.run_variance, summary.residual_variance) == (0, 0)
    assert sample_variance(np.array([0.1 + 0.2, 0.3])) == 0


def test_identical_runs_are_several_runs_with_the_same_hits() -> None:
    """One run is not identical, nor are runs with equal accuracies on different images; copies are."""
    different = np.array([[1, 0, 1], [0, 1, 1]])
    assert not summarize_scores(different).identical
    assert not summarize_scores(different[:1]).identical
    assert summarize_scores(different[[0, 0]]).identical


def test_one_run_has_no_variance_between_runs() -> None:
    """With a single run the variances between runs are unknown, not zero."""
    summary = summarize_scores(np.array([[1, 0, 1]]))
    assert np.isnan([summary.run_variance, summary.residual_variance, summary.seed_variance]).all()


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (np.ones(5), r"two axes \(seeds, examples\), received shape \(5,\).*scores\[np.newaxis, :\]"),
        (np.ones((0, 5)), r"at least 1 run and 2 images, received 0 x 5"),
        (np.ones((3, 1)), r"at least 1 run and 2 images, received 3 x 1"),
        (np.array([[1.0, np.nan], [1.0, 0.0]]), r"received NaN in 1 of 2 runs; leave failed runs out"),
        (np.array([[0.0, 98.5]]), r"lie in \[0, 1\], received values from 0 to 98.5"),
        (np.array([[-1, 1]]), r"lie in \[0, 1\], received values from -1 to 1"),
    ],
)
def test_what_is_no_matrix_of_scores_is_refused(scores: np.ndarray, words: str) -> None:
    """Wrong shapes, NaN, and percentages are named in the message."""
    with pytest.raises(ValueError, match=words):
        summarize_scores(scores)


def test_clusters_of_uneven_size_are_ratios_to_their_size() -> None:
    """Clusters of 3 and 1 images, mean 5/8: what goes beyond the mean, summed and times 2/4, by hand."""
    scores = np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]])
    summary = summarize_scores(scores, clusters=np.array([4, 4, 4, -1]))
    # cluster -1: 1 - 5/8 in both runs; cluster 4: 2 - 15/8 and 1 - 15/8; halved, and 5/8 added
    assert summary.image_means == pytest.approx([5 / 8 + 3 / 16, 5 / 8 - 3 / 16])
    assert summary.run_means.tolist() == [0.75, 0.5]
    assert (summary.mean, summary.images, summary.units) == (pytest.approx(5 / 8), 2, "clusters of images")


def test_scores_of_a_large_cluster_may_leave_0_to_1() -> None:
    """A cluster of nine hits among ten images counts for more than one image: that is no mistake of the scores."""
    summary = summarize_scores(np.tile(np.arange(10) < 9, (2, 1)), clusters=np.repeat([0, 1], [9, 1]))
    assert summary.image_means.max() > 1
    assert summary.mean == pytest.approx(0.9)


def test_variance_of_uneven_clusters_is_that_of_a_ratio() -> None:
    """One run: variance of the mean is sum (y - p n)^2 C/(C-1) / N^2, the textbook variance of a ratio of sums."""
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(12), rng.integers(1, 8, 12))
    hits = rng.random(clusters.size) < 0.7
    sums, sizes = np.bincount(clusters, hits), np.bincount(clusters)
    residuals = sums - hits.mean() * sizes
    expected = (residuals**2).sum() * 12 / 11 / clusters.size**2
    assert summarize_scores(hits[np.newaxis], clusters=clusters).item_part == pytest.approx(expected)


def test_differences_are_one_layout() -> None:
    """Paired runs: run means and mean squares of the matrix A - B."""
    rng = np.random.default_rng(4)
    a, b = rng.random((2, 4, 9))
    summary = summarize_differences(a, b)
    gaps = a - b
    rest = gaps - gaps.mean(axis=1, keepdims=True) - gaps.mean(axis=0) + gaps.mean()
    assert summary.run_means == pytest.approx(gaps.mean(axis=1))
    assert summary.run_variance == pytest.approx(gaps.mean(axis=1).var(ddof=1))
    assert summary.residual_variance == pytest.approx((rest**2).sum() / (3 * 8))


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("clusters", "words"),
    [
        (np.arange(3), r"one number per image, 4 in all, received shape \(3,\)"),
        (np.zeros((2, 4), dtype=int), r"one number per image, 4 in all, received shape \(2, 4\)"),
        (np.full(4, 7), r"at least 2, received one cluster that holds all 4 images"),
    ],
)
def test_what_is_no_clustering_is_refused(clusters: np.ndarray, words: str) -> None:
    """Every image has a cluster, and one cluster alone shows no variance."""
    with pytest.raises(ValueError, match=words):
        summarize_scores(np.ones((2, 4)), clusters=clusters)


def test_seed_variance_of_jordans_networks() -> None:
    """Case C14: a spread of .149 % between runs, .145 % of it by independent errors, leaves .034 % of true spread."""
    summary = ScoreSummary(
        run_means=np.full(60_000, 0.9442),
        image_means=np.full(10_000, 0.9442),
        run_variance=0.00149**2,
        residual_variance=10_000 * 0.00145**2,
        is_binary=True,
    )
    assert np.sqrt(summary.seed_variance) == pytest.approx(0.00034, abs=5e-6)
