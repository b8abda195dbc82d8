import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats import compare_two
from bakeoff.stats.reproduction import judge_order, reproduce_figure, reproduce_order

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


def test_figure_has_the_prediction_interval_of_one_more_run() -> None:
    """By hand: three runs .97 .98 .99, t(2) = 4.302653; half width 4.302653 * .01 * sqrt(1/2 + 1/3) + .0005."""
    figure = reproduce_figure(0.984, np.array([0.97, 0.98, 0.99]), margin=0.05, rounding=0.0005, runs_averaged=2)
    half = 4.302653 * 0.01 * math.sqrt(5 / 6) + 0.0005
    assert (figure.gap.low, figure.gap.high) == pytest.approx((0.004 - half, 0.004 + half), abs=1e-8)
    assert figure.gap.value == pytest.approx(0.004)
    assert (figure.gap.degrees_of_freedom, figure.gap.runs) == (2, 3)
    assert (figure.verdict, figure.consistent) == ("reproduced", True)


@pytest.mark.parametrize(
    ("published", "verdict", "consistent"),
    [
        (0.98, "reproduced", True),
        (1.02, "undetermined", True),
        (1.05, "undetermined", False),
        (1.2, "not reproduced", False),
        (0.8, "not reproduced", False),
    ],
)
def test_figure_is_judged_against_the_margin(published: float, verdict: str, consistent: bool) -> None:
    """Half width .0497 around the gap, margin .06: inside, across, wholly outside on either side."""
    figure = reproduce_figure(published, np.array([0.97, 0.98, 0.99]), margin=0.06)
    assert (figure.verdict, figure.consistent) == (verdict, consistent)


def test_other_test_images_widen_the_interval() -> None:
    """The variance of the images is added to that of the runs under the root."""
    figure = reproduce_figure(0.98, np.array([0.97, 0.98, 0.99]), margin=0.05, image_variance=0.0003)
    assert figure.gap.high == pytest.approx(4.302653 * math.sqrt(0.0001 * 4 / 3 + 0.0003), abs=1e-8)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [([0.98], "one run: nothing is known about other seeds"), ([0.98, 0.98], "identical runs: no spread to judge by")],
)
def test_figure_without_spread_is_undetermined(scores: list, reason: str) -> None:
    """One run or identical runs: no interval, no verdict, no consistency, and the reason."""
    figure = reproduce_figure(0.5, np.array(scores), margin=0.01)
    assert (figure.verdict, figure.consistent, figure.reason) == ("undetermined", None, reason)
    assert figure.gap.value == pytest.approx(-0.48)
    assert math.isnan(figure.gap.low)
    assert {outcome.verdict for outcome in figure.best_of} == {"undetermined"}


def test_luck_is_taken_off_a_figure() -> None:
    """The best of more runs must be higher to count as much; the three outcomes are those of asking for each."""
    scores = np.array([0.97, 0.98, 0.99, 0.98])
    outcomes = reproduce_figure(1.0, scores, margin=0.03).best_of
    assert [outcome.best_of for outcome in outcomes] == [1, 3, 10]
    assert np.all(np.diff([outcome.gap.value for outcome in outcomes]) < 0)
    for outcome in outcomes:
        figure = reproduce_figure(1.0, scores, margin=0.03, best_of=outcome.best_of)
        assert (figure.verdict, figure.gap) == (outcome.verdict, outcome.gap)


@pytest.mark.slow
@pytest.mark.parametrize("runs", [2, 3, 10])
@pytest.mark.parametrize("best_of", [3, 10])
def test_interval_of_a_lucky_figure_covers(runs: int, best_of: int) -> None:
    """The quantiles are those of the simulated distribution: 2.5 % of lucky figures beyond each end, half above."""
    rng = np.random.default_rng(5)
    pivot = reproduce_figure(0.0, np.array([-1.0, 1.0] if runs == 2 else _standard(runs)), margin=1, best_of=best_of)
    spread = math.sqrt(2) if runs == 2 else 1.0
    ours = rng.standard_normal((40000, runs))
    published = rng.standard_normal((40000, best_of)).max(axis=1)
    gaps = (published - ours.mean(axis=1)) / ours.std(axis=1, ddof=1)
    low, middle, high = (end / spread for end in (pivot.gap.low, pivot.gap.value, pivot.gap.high))
    assert (gaps + low > 0).mean() == pytest.approx(0.025, abs=0.004)
    assert (gaps + high < 0).mean() == pytest.approx(0.025, abs=0.004)
    assert (gaps + middle > 0).mean() == pytest.approx(0.5, abs=0.012)


def _standard(runs: int) -> np.ndarray:
    """Numbers with mean 0 and standard deviation 1."""
    return stats.zscore(np.arange(runs, dtype=float), ddof=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runs", "gap", "reproduced", "contrary"),
    [
        (3, 0, 0.49, 0),
        (5, 0, 0.85, 0),
        (10, 0, 0.98, 0),
        (5, 5, 0.025, 0.025),
        (3, 10, None, 0.62),
        (5, 10, None, 0.92),
    ],
)
def test_error_rates_of_a_figure(runs: int, gap: float, reproduced: float | None, contrary: float) -> None:
    """The rates of the project's statistics notes (1.5, margin of five run sds), within four standard errors."""
    rng = np.random.default_rng(20240607)
    verdicts = [
        reproduce_figure(rng.normal(gap), rng.standard_normal(runs), margin=5).best_of[0].verdict for _ in range(400)
    ]
    for verdict, rate in (("reproduced", reproduced), ("not reproduced", contrary)):
        if rate is not None:
            assert verdicts.count(verdict) / 400 == pytest.approx(
                rate, abs=4 * math.sqrt(max(rate * (1 - rate), 0.002) / 400)
            )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"published": math.nan}, "published must be a number, received nan"),
        ({"scores_per_run": np.array([0.9, math.nan])}, r"scores_per_run must be one number per run.*\[0.9, nan\]"),
        ({"scores_per_run": np.array([])}, "for at least one run, received"),
        ({"margin": 0.0}, "margin must be a number above 0, received 0.0"),
        ({"runs_averaged": 0}, "must be at least 1, received 0 and 1"),
        ({"best_of": 0}, "must be at least 1, received 1 and 0"),
        ({"rounding": -0.1}, "rounding and image_variance must be numbers of at least 0, received -0.1 and 0"),
        ({"image_variance": math.inf}, "rounding and image_variance must be numbers .* inf"),
        ({"level": 0.0}, "level must lie strictly between 0 and 1"),
    ],
)
def test_wrong_figures_are_refused(arguments: dict, words: str) -> None:
    """Each wrong argument is named with what was received."""
    good = {"published": 0.9, "scores_per_run": np.array([0.9, 0.91]), "margin": 0.01}
    with pytest.raises(ValueError, match=words):
        reproduce_figure(**(good | arguments))


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
