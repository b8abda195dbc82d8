import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from bakeoff.stats.power import image_floor, minimum_detectable_difference, noether_runs


@pytest.mark.parametrize(("runs", "expected"), [(3, 3.07), (5, 2.02), (10, 1.32), (20, 0.91), (30, 0.74)])
def test_detectable_difference_of_the_notes(runs: int, expected: float) -> None:
    """Section 1.2 of the statistics notes, in run standard deviations; it scales with them."""
    assert minimum_detectable_difference(1.0, runs=runs) == pytest.approx(expected, abs=0.006)
    assert minimum_detectable_difference(0.0015, runs=runs) == pytest.approx(0.0015 * expected, rel=0.007)


@pytest.mark.parametrize(("runs", "alpha", "power"), [(3, 0.05, 0.8), (8, 0.01, 0.95), (30, 0.05 / 136, 0.9)])
def test_detectable_difference_is_that_of_statsmodels(runs: int, alpha: float, power: float) -> None:
    """The power of the two-sample t test, computed by another library."""
    found = minimum_detectable_difference(1.0, runs=runs, alpha=alpha, power=power)
    assert TTestIndPower().power(found, runs, alpha) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize(("runs", "alpha"), [(2, 0.05 / 136), (3, 0.05 / 136), (3, 0.05)])
def test_detectable_difference_at_few_runs_and_strict_levels(runs: int, alpha: float) -> None:
    """The definition as an average over the spread that the runs happen to show, where the library's t gives NaN."""
    freedom = 2 * runs - 2
    shift = minimum_detectable_difference(1.0, runs=runs, alpha=alpha) * math.sqrt(runs / 2)
    shares = (np.arange(200_000) + 0.5) / 200_000
    bounds = stats.t.isf(alpha / 2, freedom) * np.sqrt(stats.chi2.ppf(shares, freedom) / freedom)
    found = (stats.norm.cdf(shift - bounds) + stats.norm.cdf(-shift - bounds)).mean()
    assert found == pytest.approx(0.8, abs=1e-5)


def test_no_spread_hides_no_difference() -> None:
    """Runs without spread show everything."""
    assert minimum_detectable_difference(0.0, runs=3) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"run_sd": -1.0, "runs": 3}, "run_sd must be a number of at least 0, such as 0.0015, received -1.0"),
        ({"run_sd": float("nan"), "runs": 3}, "run_sd must be a number of at least 0, such as 0.0015, received nan"),
        ({"run_sd": 1.0, "runs": 1}, "runs must be at least 2, received 1: one run shows no spread"),
        ({"run_sd": 1.0, "runs": 3, "alpha": 0.0}, "0 < alpha < power < 1, received 0.0 and 0.8"),
        ({"run_sd": 1.0, "runs": 3, "power": 0.01}, "0 < alpha < power < 1, received 0.05 and 0.01"),
    ],
)
def test_what_shows_no_difference_is_refused(arguments: dict, words: str) -> None:
    """A spread, two runs, and rates in order."""
    with pytest.raises(ValueError, match=words):
        minimum_detectable_difference(**arguments)


def test_image_floor_of_the_notes() -> None:
    """Disagreement on 1 % of 10,000 images: 0.20 points; on none, none."""
    assert image_floor(0.01, images=10_000) == pytest.approx(0.0020, abs=5e-5)
    assert image_floor(0.01, images=10_000) == pytest.approx(1.959964 * 0.001)
    assert image_floor(0.0, images=10_000) == 0


@pytest.mark.parametrize(
    ("disagreement", "images", "alpha", "words"),
    [
        (1.5, 10, 0.05, r"disagreement must be a share of images in \[0, 1\], received 1.5"),
        (0.5, 0, 0.05, "images must be at least 1, received 0"),
        (0.5, 10, 1.0, "alpha must lie strictly between 0 and 1, such as 0.05, received 1.0"),
    ],
)
def test_what_has_no_floor_is_refused(disagreement: float, images: int, alpha: float, words: str) -> None:
    """A share of at least one image, and a rate."""
    with pytest.raises(ValueError, match=words):
        image_floor(disagreement, images=images, alpha=alpha)


@pytest.mark.parametrize(
    ("probability", "power", "runs"), [(0.75, 0.95, 29), (0.75, 0.8, 17), (0.9, 0.95, 12), (0.65, 0.95, 81)]
)
def test_noether_runs_of_the_notes(probability: float, power: float, runs: int) -> None:
    """Section 1.2 of the statistics notes; the mirrored probability needs as many."""
    assert noether_runs(probability, power=power) == runs
    assert noether_runs(1 - probability, power=power) == runs


@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_noether_needs_a_probability(probability: float) -> None:
    """One half can never be told from one half."""
    with pytest.raises(ValueError, match=r"probability must lie in \(0, 1\) and not be one half, such as 0.75"):
        noether_runs(probability)
    with pytest.raises(ValueError, match=r"0 < alpha < power < 1, received 0.9 and 0.5"):
        noether_runs(0.7, alpha=0.9, power=0.5)
