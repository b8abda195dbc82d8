import math

import numpy as np
import pytest

from bakeoff.stats import compare_two
from bakeoff.stats.order_claims import judge_order, reproduce_order

PAIRS = [(0, 1), (0, 2), (1, 2)]


def _runs(rng: np.random.Generator, shifts: tuple[float, ...], runs: int = 5) -> list[np.ndarray]:
    """Models whose run means are normal with standard deviation .001, on images that are all alike."""
    return [np.repeat(rng.normal(0.5 + 0.001 * shift, 0.001, (runs, 1)), 2, axis=1) for shift in shifts]


@pytest.mark.parametrize(
    ("claimed", "opposite", "equal", "verdict"),
    [
        ([0.04, 0.9, 0.04], [0.96, 0.1, 0.96], None, "reproduced"),
        ([0.04, 0.01, 0.06], [0.96, 0.99, 0.94], None, "undetermined"),
        ([0.99, 0.5, 0.5], [0.016, 0.5, 0.5], None, "not reproduced"),
        ([0.99, 0.5, 0.5], [0.018, 0.5, 0.5], None, "undetermined"),
        ([0.5, 0.99, 0.5], [0.5, 0.016, 0.5], None, "not reproduced"),
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.016, 0.9, 0.9], "not reproduced"),
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.018, 0.9, 0.9], "undetermined"),
        ([0.01, 0.01, 0.01], [0.99, 0.99, 0.99], [0.001, 0.001, 0.001], "reproduced"),
        ([0.01, math.nan, math.nan], [0.99, math.nan, math.nan], None, "undetermined"),
        ([0.99, math.nan, math.nan], [0.04, math.nan, math.nan], None, "not reproduced"),
    ],
)
def test_order_is_judged_by_its_pairs(claimed: list, opposite: list, equal: list | None, verdict: str) -> None:
    """Adjacent pairs uncorrected for, Holm over all three pairs (.05/3 = .0167) against; NaN proves neither."""
    assert judge_order(claimed, opposite, pairs=PAIRS, p_equivalent=equal).verdict == verdict


def test_reason_names_the_pairs_that_speak_against_the_order() -> None:
    """Reversed and equivalent pairs by place, counted from 1; else how many adjacent pairs were proved."""
    half = [0.5, 0.5, 0.5]
    reason = judge_order(half, [0.5, 0.001, 0.5], pairs=PAIRS).reason
    assert reason == "the other way round: the models at places 1 and 3"
    reason = judge_order(half, half, pairs=PAIRS, p_equivalent=[0.5, 0.5, 0.001]).reason
    assert reason == "equivalent within the margin: the models at places 2 and 3"
    nothing = [0.01, 0.5, math.nan]
    reason = judge_order(nothing, nothing, pairs=PAIRS, alpha=0.001).reason
    assert reason.startswith("0 of 2 adjacent pairs are significant in the claimed direction; a pair with a single run")


@pytest.mark.parametrize("target", ["new_images", "this_test_set"])
def test_pairs_are_those_of_the_comparison(target: str) -> None:
    """Every pair, with the difference of `compare_two` and its p-value halved towards the observed side."""
    rng = np.random.default_rng(3)
    models = [rng.random((runs, 200)) < chance for runs, chance in ((3, 0.9), (4, 0.6), (5, 0.7))]
    order = reproduce_order(models, target=target)
    assert [(pair.high_index, pair.low_index) for pair in order.pairs] == PAIRS
    for pair in order.pairs:
        expected = compare_two(models[pair.high_index], models[pair.low_index], target=target)
        assert pair.difference == expected.difference
        assert min(pair.p_claimed, pair.p_reversed) == expected.p / 2
        assert pair.p_claimed + pair.p_reversed == pytest.approx(1)
        assert (pair.p_claimed < 0.5) == (pair.difference.value > 0)
    assert order.verdict == "not reproduced"
    assert order.reason == "the other way round: the models at places 2 and 3"


def test_equivalent_models_are_no_order() -> None:
    """A claim of a difference larger than the margin is refuted by models that are equal within it."""
    models = _runs(np.random.default_rng(1), (0, 0))
    order = reproduce_order(models, target="this_test_set", margin=0.01)
    assert (order.verdict, order.pairs[0].equivalent) == ("not reproduced", True)
    assert reproduce_order(models, target="this_test_set").verdict == "undetermined"


def test_order_with_a_single_run_is_undetermined() -> None:
    """One model with one run: its pairs have no p-value, whatever the difference."""
    order = reproduce_order([np.ones((1, 50)), np.zeros((4, 50))])
    assert order.verdict == "undetermined"
    assert math.isnan(order.pairs[0].p_claimed)
    assert math.isnan(order.pairs[0].p_reversed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shifts", "reproduced", "contrary"),
    [((0, 0, 0), 0.0, 0.045), ((8, 0, 0), 0.049, None), ((4, 2, 0), 0.761, 0.0), ((0, 4, 8), 0.0, 1.0)],
)
def test_error_rates_of_an_order(shifts: tuple, reproduced: float, contrary: float | None) -> None:
    """The rates of the project's statistics notes (1.5, five runs), within four standard errors of 600 repetitions."""
    rng = np.random.default_rng(20240607)
    verdicts = [reproduce_order(_runs(rng, shifts), target="this_test_set").verdict for _ in range(600)]
    for verdict, rate in (("reproduced", reproduced), ("not reproduced", contrary)):
        if rate is not None:
            slack = 4 * math.sqrt(max(rate * (1 - rate), 0.002) / 600)
            assert verdicts.count(verdict) / 600 == pytest.approx(rate, abs=slack)


def test_wrong_orders_are_refused() -> None:
    """Too few models, an impossible alpha, p-values that do not fit the pairs, a pair that is missing."""
    with pytest.raises(ValueError, match="an order needs at least 2 models, received 1"):
        reproduce_order([np.ones((2, 4))])
    with pytest.raises(ValueError, match=r"alpha must lie strictly between 0 and 0.5, such as 0.05, received 0.5"):
        reproduce_order([np.ones((2, 4)), np.ones((2, 4))], alpha=0.5)
    with pytest.raises(ValueError, match=r"one p-value per pair, received \[1, 2, 2\] for 2"):
        judge_order([0.5], [0.5, 0.5], pairs=[(0, 1), (1, 2)])
    with pytest.raises(ValueError, match=r"every adjacent pair of the order, received none for places \[\(1, 2\)\]"):
        judge_order([0.5, 0.5], [0.5, 0.5], pairs=[(0, 1), (0, 2)])
    with pytest.raises(ValueError, match=r"every adjacent pair of the order, received none for places \[\(0, 1\)\]"):
        judge_order([], [], pairs=[])
