import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.stats.figure_claims import reproduce_figure


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


def test_a_wider_published_spread_widens_the_interval():
    """For one published run and R of ours the half width is t S sqrt(r^2 + 1/R), by SciPy's quantile."""
    scores = np.array([0.95, 0.96, 0.955, 0.97])
    figure = reproduce_figure(0.9, scores, margin=0.01, spread_ratio=2.0)
    half = stats.t.ppf(0.975, 3) * scores.std(ddof=1) * np.sqrt(4 + 1 / 4)
    assert (figure.gap.high - figure.gap.low) / 2 == pytest.approx(half)
    with pytest.raises(ValueError, match="spread_ratio must be a number above 0, such as 1, received 0"):
        reproduce_figure(0.9, scores, margin=0.01, spread_ratio=0)


@pytest.mark.parametrize("published", [0.9805, 0.984, 0.9875])
def test_what_would_settle_a_figure_by_trying_every_number(published: float) -> None:
    """Runs of mean .98 and sd .003, margin .01: the first number of runs whose interval crosses no edge."""
    scores = np.array([0.977, 0.98, 0.983])
    figure = reproduce_figure(published, scores, margin=0.01)

    def is_settled(runs: int) -> bool:
        half = stats.t.ppf(0.975, runs - 1) * 0.003 * math.sqrt(1 + 1 / runs)
        return abs(published - 0.98) + half < 0.01

    assert figure.verdict == "undetermined"
    assert figure.seeds == next((runs for runs in range(3, 1001) if is_settled(runs)), None)


def test_a_settled_figure_needs_nothing() -> None:
    """Seeds are asked for only where the verdict is open, and where their spread is known."""
    assert reproduce_figure(0.98, np.array([0.979, 0.98, 0.981]), margin=0.02).seeds is None
    assert reproduce_figure(0.98, np.array([0.979]), margin=0.02).seeds is None
