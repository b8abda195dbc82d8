"""When a measured value shows that a promise is broken.

A simulated rate scatters. A target is called missed only if the exact one-sided 99.9 % bound of Clopper and Pearson
shows the rate to be worse than the target by more than the slack, so that a promise that is kept fails about once in a
thousand calibrations or more rarely. Negative controls show that the rule still sees what is wrong.
"""

from __future__ import annotations

import math

from scipy import special

from bakeoff.calibration.values import Measure, Row, Tally

CERTAINTY = 0.999


def judge(cell: str, measure: Measure, tally: Tally) -> Row:
    """One row of the report.

    Args:
        cell: The setting's label.
        measure: What was measured.
        tally: Over the repetitions.

    Returns:
        Value, standard error, and whether it passes. Without any repetition it does not.
    """
    return Row(
        cell=cell,
        measure=measure,
        repetitions=tally.count,
        value=tally.value,
        standard_error=tally.standard_error,
        passed=tally.count > 0 and is_worse(measure, tally) == measure.control,
    )


def is_worse(measure: Measure, tally: Tally) -> bool:
    """Whether the value is surely beyond a limit by more than the slack."""
    low, high = _sure_bounds(measure, tally)
    too_high = measure.at_most is not None and low > measure.at_most + measure.slack
    too_low = measure.at_least is not None and high < measure.at_least - measure.slack
    return too_high or too_low


def rate_bounds(events: float, repetitions: int) -> tuple[float, float]:
    """Exact lower and upper bounds of a rate, each one-sided at 99.9 %.

    >>> [round(bound, 4) for bound in rate_bounds(20, 400)]
    [0.0227, 0.093]

    Reference: Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26.
    """
    misses = repetitions - events
    low = float(special.betaincinv(events, misses + 1, 1 - CERTAINTY)) if events else 0.0
    high = float(special.betaincinv(events + 1, misses, CERTAINTY)) if misses else 1.0
    return low, high


def _sure_bounds(measure: Measure, tally: Tally) -> tuple[float, float]:
    if measure.kind == "rate":
        return rate_bounds(tally.x, tally.count)
    if math.isnan(tally.value):
        return math.nan, math.nan
    half = float(special.ndtri(CERTAINTY)) * (0.0 if math.isnan(tally.standard_error) else tally.standard_error)
    return tally.value - half, tally.value + half
