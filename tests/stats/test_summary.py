import numpy as np
import pytest

from bakeoff.stats import ScoreSummary, summarize_scores
from bakeoff.stats.summary import sample_variance


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
