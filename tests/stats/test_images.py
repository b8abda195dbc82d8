import math

import numpy as np
import pytest

from bakeoff.stats import estimate_image_error, summarize_scores

NOISY = summarize_scores(np.array([[1, 1, 0, 0], [1, 0, 1, 0]]))  # residuals of 1/2 on two images: MSE 1/3, part 1/24
NOISY_ONCE = summarize_scores(np.array([[1, 1, 0, 0]]))
STEADY = summarize_scores(np.array([[0, 0, 0, 1], [0, 0, 0, 1]]))
STEADY_ONCE = summarize_scores(np.array([[0, 0, 0, 1]]))


@pytest.mark.parametrize("steady", [STEADY, STEADY_ONCE])
def test_noise_of_the_seeds_is_taken_out(steady) -> None:
    """Differences 1, 1/2, 1/2, -1: variance 3/4, over four images 3/16; less 1/24 that more seeds would remove."""
    assert estimate_image_error(NOISY, steady) == pytest.approx(math.sqrt(3 / 16 - 1 / 24))
    assert estimate_image_error(steady, NOISY) == estimate_image_error(NOISY, steady)


@pytest.mark.parametrize("steady", [STEADY, STEADY_ONCE])
def test_a_single_run_keeps_its_noise(steady) -> None:
    """Differences 1, 1, 0, -1: variance 11/12, over four images, and nothing is known that could be taken out."""
    assert estimate_image_error(NOISY_ONCE, steady) == pytest.approx(math.sqrt(11 / 48))


def test_both_models_bring_noise() -> None:
    """Each has residuals of 1/2 on two images: 1/24 is taken out for the one and 1/24 for the other."""
    other = summarize_scores(np.array([[1, 0, 0, 1], [0, 1, 0, 1]]))
    # differences 1/2, 0, 1/2, -1: squares about the mean 0 sum to 3/2, variance 1/2, over four images 1/8
    assert estimate_image_error(NOISY, other) == pytest.approx(math.sqrt(1 / 8 - 2 / 24))


def test_noise_alone_leaves_no_image_error() -> None:
    """Where the seeds explain more than all that is seen, the error is 0 and no root of a negative number."""
    steady = summarize_scores(np.array([[1, 0, 0, 0], [1, 0, 0, 0]]))  # differences 0, 1/2, 1/2, 0: 1/48 less 1/24
    assert estimate_image_error(NOISY, steady) == 0
    assert estimate_image_error(NOISY, NOISY) == 0


def test_it_is_the_error_that_very_many_seeds_leave() -> None:
    """Two models with a chance of a hit for every image: what is estimated from 4 seeds is the spread of these chances.

    The squares of the estimates are averaged, since these are unbiased; 400 studies of 300 images each.
    """
    rng = np.random.default_rng(5)
    squares, true = [], []
    for _ in range(400):
        chances = rng.uniform(0.1, 0.9, (2, 300))
        a, b = (summarize_scores(rng.random((4, 300)) < own) for own in chances)
        squares.append(estimate_image_error(a, b) ** 2)
        true.append(np.subtract(*chances).var(ddof=1) / 300)
    assert np.mean(squares) == pytest.approx(np.mean(true), abs=5 * np.std(squares) / math.sqrt(len(squares)))
    assert np.std(squares) / math.sqrt(len(squares)) < 0.01 * np.mean(true)
