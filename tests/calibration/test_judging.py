import numpy as np
import pytest
from scipy import stats

from bakeoff.calibration.judging import is_worse, judge, rate_bounds
from bakeoff.calibration.values import Measure, Tally


def _tally(events, repetitions):
    return sum((Tally.of(number < events) for number in range(repetitions)), Tally())


@pytest.mark.parametrize(("events", "repetitions"), [(1, 20), (20, 400), (399, 400)])
def test_bounds_are_those_of_the_binomial_test(events, repetitions):
    """At the lower bound, as many events or more have the probability 0.001; at the upper bound, as many or fewer."""
    low, high = rate_bounds(events, repetitions)
    assert stats.binom.sf(events - 1, repetitions, low) == pytest.approx(0.001)
    assert stats.binom.cdf(events, repetitions, high) == pytest.approx(0.001)


def test_bounds_at_the_ends():
    """Never and always leave the end itself possible."""
    assert rate_bounds(0, 10)[0] == 0
    assert rate_bounds(10, 10)[1] == 1


def test_a_rate_fails_only_when_it_is_surely_worse():
    """With 400 repetitions and a target of .05, .10 is still possible by chance and .13 is not."""
    measure = Measure("named", at_most=0.05)
    assert judge("cell", measure, _tally(40, 400)).passed
    assert not judge("cell", measure, _tally(52, 400)).passed


def test_a_coverage_fails_when_it_is_surely_too_low():
    """Limits from below are judged by the upper bound."""
    measure = Measure("covered", at_least=0.95)
    assert judge("cell", measure, _tally(365, 400)).passed
    assert not judge("cell", measure, _tally(350, 400)).passed


def test_a_band_fails_on_both_sides():
    """A measure may have a limit on either side."""
    measure = Measure("covered", at_least=0.93, at_most=0.985)
    assert [is_worse(measure, _tally(events, 4000)) for events in (3600, 3800, 4000)] == [True, False, True]


def test_never_means_never():
    """Without slack, a target of 0 is missed by what happens in 1 of 20."""
    measure = Measure("crashed", at_most=0.0, slack=0.0)
    assert judge("cell", measure, _tally(0, 20)).passed
    assert not judge("cell", measure, _tally(1, 20)).passed


def test_a_negative_control_passes_only_if_it_is_flagged():
    """What is known to be wrong must be seen to be wrong."""
    control = Measure("named", at_most=0.05, control=True)
    assert judge("cell", control, _tally(150, 400)).passed
    assert not judge("cell", control, _tally(20, 400)).passed
    assert control.target == "must be flagged: not at most 0.05"


def test_nothing_measured_is_no_success():
    """A measure that applied to no repetition does not pass."""
    assert not judge("cell", Measure("named", at_most=0.05), Tally.of(None)).passed


def test_means_and_ratios_carry_their_standard_errors():
    """The mean has the usual standard error, the ratio of means that of the delta method, and sums can be split."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(2, 1, 500), rng.normal(4, 1, 500)
    mean = sum((Tally.of(float(value)) for value in x), Tally())
    assert (mean.value, mean.standard_error) == pytest.approx((x.mean(), x.std(ddof=1) / np.sqrt(500)))
    halves = [
        sum((Tally.of((float(a), float(b))) for a, b in zip(*part, strict=True)), Tally())
        for part in ((x[:200], y[:200]), (x[200:], y[200:]))
    ]
    ratio = halves[0] + halves[1]
    resampled = [x[rows].mean() / y[rows].mean() for rows in rng.integers(500, size=(2000, 500))]
    assert ratio.value == pytest.approx(x.mean() / y.mean())
    assert ratio.standard_error == pytest.approx(np.std(resampled), rel=0.1)
    assert is_worse(Measure("ratio", at_least=0.6, kind="ratio"), ratio)
    assert not is_worse(Measure("ratio", at_least=0.52, kind="ratio"), ratio)
