import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import ScoreSummary, compare_summaries, summarize_scores
from bakeoff.stats.price import price_of_certainty, price_of_contrast, price_of_runs, seeds_to_decide

IMAGES = 10_000


def _model(
    mean: float, *, run_variance: float, runs: int = 4, item: float = 0.0, residual: float = 0.0, images: int = IMAGES
) -> ScoreSummary:
    """A summary whose parts are chosen: the image means alternate so that their variance is `item * images`."""
    swing = math.sqrt(item * (images - 1))
    return ScoreSummary(
        run_means=np.full(runs, mean),
        image_means=mean + swing * np.where(np.arange(images) % 2, 1.0, -1.0),
        run_variance=run_variance,
        residual_variance=residual * runs * images,
        is_binary=False,
    )


def _by_search(difference: float, variance: float, alpha: float, power: float, start: int) -> int:
    """Without image noise and with equal run variances: the smallest R of the formula, one by one."""
    for runs in range(start, 1001):
        freedom = 2 * runs - 2
        quantiles = stats.t.ppf(1 - alpha / 2, freedom) + stats.t.ppf(power, freedom)
        if difference >= quantiles * math.sqrt(2 * variance / runs):
            return runs
    raise AssertionError


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 136])
@pytest.mark.parametrize("difference", [0.01, 0.004, 0.001])
def test_seeds_by_trying_every_number(difference: float, alpha: float) -> None:
    """Run sd 0.003, no image noise: the first number of runs at which the formula holds."""
    price = price_of_certainty(
        _model(0.9 + difference, run_variance=9e-6), _model(0.9, run_variance=9e-6), alpha=alpha, power=0.8
    )
    expected = _by_search(difference, 9e-6, alpha, 0.8, start=4)
    assert price.seeds == expected
    assert price.images == IMAGES
    assert price.reason == ("the present seeds would decide" if expected == 4 else "more seeds would decide")


def test_seeds_with_an_image_floor_by_hand() -> None:
    """d 0.02, S2A 4e-4 and 1e-4, floor 1.6e-5: at the answer, the formula holds; with one run fewer it does not."""
    a, b = _model(0.92, run_variance=4e-4, item=1.6e-5), _model(0.9, run_variance=1e-4)
    price = price_of_certainty(a, b)
    assert price.reason == "more seeds would decide"
    assert price.seeds is not None

    def needed(runs: int) -> float:
        variance = 5e-4 / runs + 1.6e-5
        freedom = variance**2 / ((4e-4 / runs) ** 2 + (1e-4 / runs) ** 2) * (runs - 1)
        return (stats.t.ppf(0.975, freedom) + stats.t.ppf(0.8, freedom)) * math.sqrt(variance)

    assert needed(price.seeds) <= 0.02 < needed(price.seeds - 1)


def test_below_the_image_floor_only_images_help() -> None:
    """d 0.01, image variance 4e-5: 2.8016 se are 0.0177, so 10,000 images must become 31,396, by hand."""
    a, b = _model(0.91, run_variance=1e-5, item=4e-5), _model(0.9, run_variance=1e-5)
    price = price_of_certainty(a, b)
    assert (price.seeds, price.reason) == (None, "more seeds cannot decide: more test images would")
    assert price.images == math.ceil(IMAGES * 4e-5 * (1.959963985 + 0.841621234) ** 2 / 1e-4)
    assert price_of_certainty(b, a) == price


def test_residual_noise_is_no_floor() -> None:
    """The floor is the item part less the residual parts; what is left of them shrinks with more seeds."""
    a, b = _model(0.91, run_variance=0.0, item=4e-5, residual=3e-5), _model(0.9, run_variance=0.0, residual=1e-5)
    price = price_of_certainty(a, b)
    # floor 0, residual 4 x 4e-5 / R, N - 1 degrees of freedom: R = 1.6e-4 x 2.802^2 / 1e-4 = 12.56
    assert (price.seeds, price.images, price.reason) == (13, IMAGES, "more seeds would decide")


def test_equivalence_may_be_what_is_decided() -> None:
    """No difference, margin 0.005: sd 0.003, R = 8: 14 df, (1.7613 + 1.3450) x 0.0015 = .00466; R = 7: .00506."""
    a, b = _model(0.9, run_variance=9e-6), _model(0.9, run_variance=9e-6)
    assert price_of_certainty(a, b, margin=0.005).seeds == 8
    assert price_of_certainty(a, b).seeds is None


def test_equivalence_below_the_image_floor() -> None:
    """No difference, margin 0.005, image variance 4e-5: (1.6449 + 1.2816)^2 x 4e-5 / 2.5e-5 times as many images."""
    a, b = _model(0.9, run_variance=9e-6, item=4e-5), _model(0.9, run_variance=9e-6)
    price = price_of_certainty(a, b, margin=0.005)
    assert (price.seeds, price.reason) == (None, "more seeds cannot decide: more test images would")
    assert price.images == math.ceil(IMAGES * 4e-5 * (1.644853627 + 1.281551566) ** 2 / 2.5e-5)


def test_nothing_decides_between_equals_without_a_margin() -> None:
    """Difference 0, margin 0: no verdict can ever come."""
    price = price_of_certainty(_model(0.9, run_variance=1e-5), _model(0.9, run_variance=1e-5))
    assert (price.seeds, price.images) == (None, None)
    assert price.reason == "the difference is 0: neither seeds nor images can decide"


def test_one_run_has_no_price() -> None:
    """The spread of a single run is unknown."""
    one = summarize_scores(np.array([[1, 0, 1, 1]]))
    price = price_of_certainty(one, summarize_scores(np.array([[1, 0, 1, 1], [1, 1, 1, 1]])))
    assert (price.seeds, price.images, price.reason) == (None, None, "one run: nothing is known about the spread")


def test_a_thousand_seeds_are_the_limit() -> None:
    """A difference of a twentieth of the run sd needs 6,280 runs: said so, without a number."""
    price = price_of_certainty(_model(0.90005, run_variance=1e-6), _model(0.9, run_variance=1e-6))
    assert (price.seeds, price.images, price.reason) == (None, IMAGES, "more than 1000 seeds would be needed")


def test_seeds_are_at_least_those_of_both_models() -> None:
    """A surely decided pair of 3 and 7 runs: 7 each, which is more seeds for the first."""
    price = price_of_certainty(_model(0.95, run_variance=1e-8, runs=3), _model(0.9, run_variance=1e-8, runs=7))
    assert (price.seeds, price.reason) == (7, "more seeds would decide")


@pytest.mark.parametrize("other", [0, 1])
def test_identical_runs_have_no_price(other: int) -> None:
    """Runs that got the very same images right: other seeds are unknown, so neither number can be named."""
    varying = np.random.default_rng(1).random((3, 50)) < 0.7
    price = seeds_to_decide(np.ones((3, 50)), [np.zeros((3, 50)), varying][other], margin=0.01)
    assert (price.seeds, price.images) == (None, None)
    assert price.reason == "identical runs: nothing is known about other seeds"


def test_equal_run_means_of_different_runs_leave_the_residual_noise() -> None:
    """Neither runs nor images vary: R runs leave MSE/(R N), summed; the first R at which 2.8 of its roots fit in d."""
    a, b = _model(0.91, run_variance=0.0, residual=2e-5), _model(0.9, run_variance=0.0, residual=2e-5)
    # 4 x 4e-5 / R <= (0.01 / 2.802)^2 = 1.274e-5, so R = 12.56
    assert price_of_certainty(a, b).seeds == 13


def test_price_agrees_with_the_test() -> None:
    """Where the present seeds would decide, with the power to spare, the comparison has decided already."""
    rng = np.random.default_rng(3)
    decided = 0
    for _ in range(60):
        logits, shift = rng.normal(2, 1, 400), rng.normal(0, 0.7)
        a = summarize_scores(rng.random((4, 400)) < 1 / (1 + np.exp(-logits - shift)))
        b = summarize_scores(rng.random((4, 400)) < 1 / (1 + np.exp(-logits)))
        price = price_of_certainty(a, b, margin=0.02)
        if price.reason == "the present seeds would decide":
            decided += 1
            assert compare_summaries(a, b, margin=0.02).verdict != "undecided"
    assert 5 < decided < 55


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"alpha": 0.0}, "alpha and power must satisfy 0 < alpha < power < 1, received 0.0 and 0.8"),
        ({"power": 1.0}, "alpha and power must satisfy 0 < alpha < power < 1, received 0.05 and 1.0"),
        ({"margin": -0.1}, "margin must be a number of at least 0, such as 0.001, received -0.1"),
    ],
)
def test_impossible_wishes_are_refused(arguments: dict, words: str) -> None:
    """Rates in order, and a margin of at least 0."""
    model = _model(0.9, run_variance=1e-5)
    with pytest.raises(ValueError, match=words):
        price_of_certainty(model, model, **arguments)


def test_models_share_their_images() -> None:
    """Another test set is another question."""
    a = _model(0.9, run_variance=1e-5)
    b = dataclasses.replace(a, image_means=a.image_means[:10])
    with pytest.raises(ValueError, match="both models must be scored on the same images, received 10000 and 10 images"):
        price_of_certainty(a, b)


def test_a_contrast_is_priced_by_its_weights() -> None:
    """Error of a less 0.5 times error of b: 0.1 - 0.5 x 0.12 = 0.04, variance (1e-3 + 0.25 x 4e-4)/R: by trying."""
    a, b = _model(0.9, run_variance=1e-3), _model(0.88, run_variance=4e-4)
    price = price_of_contrast([a, b], [-1.0, 0.5], offset=0.5, alpha=0.1)

    def needed(runs: int) -> float:
        parts = 1e-3 / runs, 1e-4 / runs
        freedom = sum(parts) ** 2 / sum(part**2 / (runs - 1) for part in parts)
        return (stats.t.ppf(0.95, freedom) + stats.t.ppf(0.8, freedom)) * math.sqrt(sum(parts))

    assert price.seeds is not None
    assert needed(price.seeds) <= 0.04 < needed(price.seeds - 1)
    assert (
        price_of_contrast([a, b], [-1.0, 0.5], offset=0.46).reason
        == "the difference is 0: neither seeds nor images can decide"
    )


def test_a_contrast_must_be_one() -> None:
    """Weights are checked as those of an estimate are."""
    with pytest.raises(ValueError, match="a contrast needs one weight per model, received 1 weights for 2 models"):
        price_of_contrast([_model(0.9, run_variance=1e-3)] * 2, [1.0])


def test_what_is_measured_once_per_run_needs_no_images() -> None:
    """Seconds 10, 12, 14 against 13, 14, 15: difference 2, variances 4 and 1: the first number of runs that decides."""
    first, second = np.array([10.0, 12.0, 14.0]), np.array([13.0, 14.0, 15.0])
    price = price_of_runs([first, second], [1.0, -1.0])

    def needed(runs: int) -> float:
        freedom = (5 / runs) ** 2 / ((4 / runs) ** 2 + (1 / runs) ** 2) * (runs - 1)
        return (stats.t.ppf(0.975, freedom) + stats.t.ppf(0.8, freedom)) * math.sqrt(5 / runs)

    assert (price.images, price.reason) == (None, "more seeds would decide")
    assert price.seeds is not None
    assert needed(price.seeds) <= 2 < needed(price.seeds - 1)


def test_runs_without_spread_have_no_price() -> None:
    """One run, or runs that are all alike, tell nothing about others."""
    alike = np.array([3.0, 3.0])
    assert price_of_runs([alike, alike], [1.0, -1.0]).reason == "identical runs: nothing is known about other seeds"
    assert price_of_runs([alike, alike[:1]], [1.0, -1.0]).reason == "one run: nothing is known about the spread"
