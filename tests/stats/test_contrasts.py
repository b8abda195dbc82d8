import math

import numpy as np
import pytest

from bakeoff.stats import compare_summaries, summarize_scores
from bakeoff.stats.contrasts import estimate_contrast


def _scores(seed: int, runs: int, images: int = 60, chance: float = 0.8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.random((runs, images)) < np.clip(rng.normal(chance, 0.2, images), 0, 1)


FLAT = np.tile(np.arange(12) % 4 > 0, (3, 1))
ROLLED = np.array([np.roll(FLAT[0], shift) for shift in range(3)])
SHUFFLED = np.array([np.roll(FLAT[0], shift) for shift in range(4)])
CASES = {
    "crossed": (_scores(1, 5), _scores(2, 3)),
    "equal run means": (ROLLED, ROLLED[::-1, ::-1]),
    "equal run means and image means": (SHUFFLED, SHUFFLED[::-1, ::-1]),
    "identical runs": (FLAT, FLAT[:, ::-1]),
    "same difference everywhere": (np.ones((3, 12)), np.zeros((2, 12))),
    "nothing anywhere": (np.ones((3, 12)), np.ones((2, 12))),
    "one run": (_scores(1, 1), _scores(2, 3)),
}


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
@pytest.mark.parametrize("case", CASES)
def test_one_against_the_other_is_the_comparison_of_two(case: str, target: str) -> None:
    """With weights 1 and -1: estimate, t and p of `compare_summaries`, to the last digit, in every fallback too."""
    a, b = map(summarize_scores, CASES[case])
    contrast = estimate_contrast([a, b], [1, -1], target=target, level=0.9)
    expected = compare_summaries(a, b, target=target, level=0.9)
    if case == "one run":
        assert math.isnan(contrast.p)
        assert math.isnan(contrast.p_one_sided)
        assert math.isnan(contrast.estimate.low)
        assert contrast.estimate.value == expected.difference.value
        return
    np.testing.assert_equal(
        [*vars(contrast.estimate).values(), contrast.t, contrast.p],
        [*vars(expected.difference).values(), expected.t, expected.p],
    )


def test_variance_of_three_models_is_that_of_the_formula() -> None:
    """Value, variance and freedom of a weighted sum, from mean squares worked out on the full tables."""
    tables, weights = [_scores(seed, seed + 2).astype(float) for seed in (1, 2, 3)], np.array([1.0, 0.5, -1.5])
    seeds, residuals = [], []
    for scores, weight in zip(tables, weights, strict=True):
        rest = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
        seeds.append(weight**2 * scores.mean(axis=1).var(ddof=1) / len(scores))
        residuals.append(weight**2 * (rest**2).sum() / (len(scores) - 1) / (scores.shape[1] - 1) / scores.size)
    item = (weights @ [scores.mean(axis=0) for scores in tables]).var(ddof=1) / 60
    variance = max(sum(seeds) + item - sum(residuals), sum(seeds), item)
    freedom = variance**2 / sum(part**2 / (len(scores) - 1) for part, scores in zip(seeds, tables, strict=True))
    estimate = estimate_contrast([summarize_scores(scores) for scores in tables], weights.tolist()).estimate
    assert estimate.value == pytest.approx(weights @ [scores.mean() for scores in tables])
    assert (estimate.standard_error**2, estimate.degrees_of_freedom) == pytest.approx((variance, freedom))


def test_error_rates_are_contrasted_through_the_offset() -> None:
    """error(a) - 0.55 error(b) from accuracies is the plain contrast of the tables of errors."""
    a, b = _scores(1, 4), _scores(2, 5, chance=0.6)
    shifted = estimate_contrast([summarize_scores(a), summarize_scores(b)], [-1, 0.55], offset=0.45)
    plain = estimate_contrast([summarize_scores(~a), summarize_scores(~b)], [1, -0.55])
    assert shifted.estimate.value == pytest.approx((~a).mean() - 0.55 * (~b).mean())
    assert (shifted.t, shifted.p, shifted.estimate.low) == pytest.approx((plain.t, plain.p, plain.estimate.low))


def test_one_sided_p_is_small_for_a_surely_positive_contrast() -> None:
    """Half the two-sided p in the direction of the contrast, the rest of 1 in the other; never 0."""
    a, b = summarize_scores(_scores(1, 4)), summarize_scores(_scores(2, 4, chance=0.3))
    up, down = estimate_contrast([a, b], [1, -1]), estimate_contrast([b, a], [1, -1])
    assert up.p_one_sided == pytest.approx(up.p / 2)
    assert up.p_one_sided + down.p_one_sided == pytest.approx(1)
    right = np.ones((2, 5000))
    right[0, 0] = right[1, 1] = False  # so that the runs differ, with equal means
    sure = estimate_contrast([summarize_scores(right), summarize_scores(1 - right)], [1, -1])
    assert 0 < sure.p_one_sided < 1e-300
    assert 0 < sure.p < 1e-300


def test_identical_runs_of_one_model_leave_no_test() -> None:
    """An error ratio against a model whose runs are all alike: the value, and NaN for everything else."""
    perfect, varying = summarize_scores(np.ones((2, 60))), summarize_scores(_scores(1, 4))
    contrast = estimate_contrast([perfect, varying], [-1, 0.55], offset=0.45)
    assert contrast.estimate.value == pytest.approx(-0.55 * (1 - varying.mean))
    assert np.isnan([contrast.estimate.low, contrast.t, contrast.p, contrast.p_one_sided]).all()
    assert contrast.estimate.method == "identical runs: nothing is known about other seeds"


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weights": [1]}, "one weight per model, received 1 weights for 2 models"),
        ({"weights": [1, 0]}, r"weights must be numbers other than 0 .* received \[1, 0\]"),
        ({"offset": math.nan}, "offset a number, received .* and nan"),
        ({"level": 1}, "level must lie strictly between 0 and 1"),
        ({"target": "all"}, "target must be 'new_images' or 'this_test_set', received 'all'"),
        ({"summaries": []}, "received 2 weights for 0 models"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, words: str) -> None:
    """Each wrong argument is named with what was received."""
    two = [summarize_scores(_scores(1, 2)), summarize_scores(_scores(2, 2))]
    good = {"summaries": two, "weights": [1, -1]}
    with pytest.raises(ValueError, match=words):
        estimate_contrast(**(good | arguments))


def test_clusters_are_those_of_the_comparison_of_two() -> None:
    """Images that come in clusters: variance and method of `compare_summaries`."""
    clusters = np.repeat(np.arange(20), 3)
    a, b = (summarize_scores(_scores(seed, 4), clusters=clusters) for seed in (1, 2))
    assert estimate_contrast([a, b], [1, -1]).estimate == compare_summaries(a, b).difference


def test_other_images_are_refused() -> None:
    """Models scored on other images, or clustered otherwise, have no contrast."""
    mixed = [summarize_scores(_scores(1, 2)), summarize_scores(_scores(1, 2, images=120), clusters=np.arange(120) // 2)]
    with pytest.raises(ValueError, match=r"summarised with the same clusters, received .*clusters of images"):
        estimate_contrast(mixed, [1, -1])
    two = [summarize_scores(_scores(1, 2)), summarize_scores(_scores(2, 2, images=50))]
    with pytest.raises(ValueError, match=r"same images, received \[50, 60\] images"):
        estimate_contrast(two, [1, -1])
